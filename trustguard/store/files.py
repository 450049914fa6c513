"""How our own files are written: in private directories, whole or not at all, with errors of one line."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from trustguard.model.errors import StoreError

PRIVATE_FILE = 0o600
_PRIVATE_DIRECTORY = 0o700
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
OTHER_FOLDERS = "" if os.name == "nt" else "XDG_CACHE_HOME and XDG_DATA_HOME say where it may be instead"
"""What is to be done where the folders of the user's cannot be written to, as in a read-only home."""


def private_directory(path: Path) -> Path:
    """Make a directory, and those above it that are missing, for this user only.

    Raises:
        OSError: it cannot be made.
    """
    missing = [] if path.is_dir() else [*reversed(path.parents), path]
    for directory in missing:
        try:
            directory.mkdir(_PRIVATE_DIRECTORY, exist_ok=True)  # others may be making it at this moment
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory)) from error
    return path


def write_whole(path: Path, data: bytes, *, mode: int = PRIVATE_FILE, durable: bool = False) -> None:
    """Write a file so that every reader, at any time, finds either the old content or all of the new one.

    Args:
        path: the file; its directory exists.
        data: the whole content.
        mode: the file's permissions.
        durable: whether it must have reached the disk on return; needed where no digest guards the content.

    Raises:
        OSError: it cannot be written. The old content stays, and nothing else is left behind.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".trustguard-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        discard(Path(name))
        raise


def read_kept(path: Path, size: int) -> bytes | None:
    """One of our own files; None where there is none.

    Args:
        path: the file.
        size: bytes that are read at most; whoever may find more must treat so many as damage.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(size)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise store_error(error, "read", path) from error


def discard(path: Path) -> None:
    """Remove a file that nobody needs, as far as that is possible."""
    with contextlib.suppress(OSError):
        path.unlink()


def damaged_name(path: Path) -> Path:
    """Where a damaged file is set aside, for somebody to look at."""
    return path.with_name(f"{path.name}.damaged")


def is_full(error: OSError) -> bool:
    """Whether the disk, the quota or the size limit of this process is exhausted."""
    return error.errno in _FULL


def store_error(error: OSError, doing: str, path: Path, hint: str = "") -> StoreError:
    """What is told of a failed operation on one of our files.

    Args:
        error: what the operating system says.
        doing: what was tried, such as ``write``.
        path: on which file.
        hint: what to do about it, unless there is no room left.
    """
    if is_full(error):
        return StoreError(f"no room left to {doing} {path}", hint="free some space on that disk")
    return StoreError(f"cannot {doing} {path}: {error.strerror or error}", hint=hint)
