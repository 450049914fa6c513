"""How a file of rules gets another content: whole or not at all, and with the permissions that it has."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from trustguard.config import LayerName
from trustguard.store.files import PRIVATE_FILE, discard, private_directory, store_error, write_whole

_READABLE = 0o644
"""An organisation's or a project's file is there for others to read."""


def put(path: Path, content: bytes, layer: LayerName) -> None:
    """Write a file; where there is none, make it, and for user and organisation also the folders above it.

    Args:
        path: the file. A link stays a link, and what it leads to is written.
        content: all that is to be in it.
        layer: whose file it is: a new one of the user's is for nobody else to read.

    Raises:
        StoreError: it cannot be written; then it is as it was.
    """
    real = path.resolve()
    try:
        if real.exists():
            _replace(real, content)
        else:
            _make(real, content, layer)
    except OSError as error:
        raise store_error(error, "write", path) from error


def put_back(path: Path, before: bytes | None) -> None:
    """Undo :func:`put`.

    Args:
        path: the file.
        before: what it had; None: it was not there.

    Raises:
        StoreError: that cannot be done.
    """
    real = path.resolve()
    try:
        if before is None:
            real.unlink()
        else:
            _replace(real, before)
    except OSError as error:
        raise store_error(error, "put back what was in", path) from error


def _make(path: Path, content: bytes, layer: LayerName) -> None:
    if layer == "user":
        private_directory(path.parent)
    elif layer == "org":
        path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content, mode=PRIVATE_FILE if layer == "user" else _READABLE, durable=True)


def _replace(path: Path, content: bytes) -> None:
    """Give a file another content, and leave it its permissions and its owner."""
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    status = path.stat()
    new = path.with_name(f".{path.name}.trustguard")
    try:
        write_whole(new, content, mode=stat.S_IMODE(status.st_mode), durable=True)
        if hasattr(os, "chown"):
            os.chown(new, status.st_uid, status.st_gid)
        new.replace(path)
    except BaseException:
        discard(new)
        raise
