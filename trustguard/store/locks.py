"""One writer at a time, among all processes of a user."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.store.files import OTHER_FOLDERS, private_directory, store_error


@contextlib.contextmanager
def locked(path: Path, what: Path, seconds: float) -> Iterator[None]:
    """Hold a lock.

    Args:
        path: the lock's file; its directory is made where it does not exist.
        what: what it is that nobody else may write meanwhile.
        seconds: how long to wait for another process.

    Raises:
        StoreError: another process holds it all that time, or it cannot be had.
    """
    # filelock takes tens of milliseconds to import, and most commands do not write.
    from filelock import FileLock, Timeout  # noqa: PLC0415

    try:
        private_directory(path.parent)
        lock = FileLock(path, timeout=seconds)
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"{what} has been locked for {seconds:.0f} seconds by another trustguard",
            hint=f"wait for it to finish; the lock is {path}",
        ) from None
    except OSError as error:
        raise store_error(error, "lock", path, OTHER_FOLDERS) from error
    try:
        yield
    finally:
        lock.release()
