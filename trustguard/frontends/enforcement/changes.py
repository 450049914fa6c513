"""Changes of several files: each file whole or not at all, and all of them or none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.model.record import record
from trustguard.store.files import discard, store_error, write_whole

_READABLE = 0o644
"""New files hold no secret, and whoever runs pip must be able to read them."""


@record
class Change:
    """What becomes of a file."""

    path: Path
    before: bytes | None
    """None: there is none."""
    after: bytes | None
    folders: int = 0
    """How many folders above it come, or go if they are empty, with the file."""


def read(path: Path) -> bytes | None:
    """What stands in a file; None where there is none.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(error, "read", path) from error


def missing_folders(path: Path) -> int:
    """How many folders have to be made for a file."""
    return sum(not folder.exists() for folder in path.parents)


def apply(changes: Iterable[Change]) -> None:
    """Carry out every change, or none.

    Raises:
        StoreError: one of them cannot be carried out; what was done before has been undone.
    """
    begun: list[Change] = []
    try:
        for change in changes:
            if change.before == change.after:
                continue
            _expect(change)
            begun.append(change)
            _put(change, change.after)
    except BaseException as error:
        left = list(_undo(begun))
        if left:
            raise StoreError(f"{error}; and what was done cannot be undone: {', '.join(left)}") from error
        raise


def _expect(change: Change) -> None:
    if read(change.path) != change.before:
        raise StoreError(f"{change.path} was changed by somebody else at this moment")


def _undo(begun: list[Change]) -> Iterator[str]:
    """Put everything back, the last first; what cannot be is named."""
    for change in reversed(begun):
        try:
            if read(change.path) != change.before:
                _put(change, change.before)
            elif change.before is None:
                _remove_folders(change)
        except StoreError as error:
            yield str(error)


def _put(change: Change, content: bytes | None) -> None:
    path = change.path.resolve()  # a link stays a link
    try:
        if content is None:
            path.unlink()
            _remove_folders(change)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise store_error(error, "write", change.path) from error


def _replace(path: Path, content: bytes) -> None:
    """Give a file another content, with its permissions and its owner."""
    new = path.with_name(f".{path.name}.trustguard")
    try:
        old = path.stat() if path.exists() else None
        write_whole(new, content, mode=stat.S_IMODE(old.st_mode) if old else _READABLE, durable=True)
        if old and hasattr(os, "chown"):
            os.chown(new, old.st_uid, old.st_gid)
        new.replace(path)
    except BaseException:
        discard(new)
        raise


def _remove_folders(change: Change) -> None:
    for folder in list(change.path.parents)[: change.folders]:
        with suppress(OSError):  # somebody has put something there meanwhile
            folder.rmdir()
