"""Distribution files by their SHA-256, shared by all environments of a user.

``<root>/sha256/ab/<hex>`` holds the bytes with that digest. What a file is called proves nothing, so it is
read in full before it is used, and used through the very descriptor that was read. Files that another user
owns, or could write to, are not used: they could be changed in between.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, BinaryIO

from trustguard.model.project import Sha256, sha256
from trustguard.store.files import damaged_name, discard, is_full, private_directory, store_error

_CHUNK = 1 << 20
_PRUNE_EVERY = 24 * 60 * 60
_ABANDONED = 24 * 60 * 60
"""Seconds after which an unfinished file counts as left behind by a process that died."""


class ArtifactStore:
    """Files by their digest. Several processes and threads may use one root at once.

    Args:
        root: the directory; made where it does not exist.
        limit_bytes: how much :meth:`prune` leaves; None for no limit.

    Attributes:
        problems: what went wrong without stopping anything, one line each.
    """

    def __init__(self, root: Path, limit_bytes: int | None) -> None:
        self._root = root
        self._limit = limit_bytes
        self._unfinished: dict[Path, IO[bytes]] = {}
        self.problems: list[str] = []

    @contextlib.contextmanager
    def temporary(self) -> Iterator[IO[bytes]]:
        """A new file to write to, in the file system of the store; its path is its ``name``.

        It is removed at the end, unless :meth:`add` has taken it over.

        Raises:
            StoreError: it cannot be made; or the disk is full, also where a write inside the block says so.
        """
        try:
            directory = private_directory(self._root / "unfinished")
            file: IO[bytes] = tempfile.NamedTemporaryFile(dir=directory, delete=False)  # noqa: SIM115
        except OSError as error:
            raise store_error(error, "write to", self._root) from error
        path = Path(file.name)
        self._unfinished[path] = file
        try:
            yield file
        except OSError as error:
            if is_full(error):
                raise store_error(error, "write to", self._root) from error
            raise
        finally:
            if self._unfinished.pop(path, None) is not None:
                with contextlib.suppress(OSError):
                    file.close()
                discard(path)

    def add(self, temporary_path: Path, digest: Sha256) -> Path:
        """Take a file of :meth:`temporary` over. Nothing can be written to it any more.

        Args:
            temporary_path: its path.
            digest: of everything that was written to it. It is trusted here, and verified at every use.

        Raises:
            StoreError: it cannot be taken over, or what was still buffered does not fit on the disk.
        """
        target = self._path(digest)
        try:
            if temporary_path in self._unfinished:
                self._unfinished[temporary_path].close()
            private_directory(target.parent)
            temporary_path.replace(target)
        except OSError as error:
            raise store_error(error, "write", target) from error
        self._unfinished.pop(temporary_path, None)
        return target

    def contains(self, digest: Sha256) -> bool:
        """Whether there is a file of this name. Only :meth:`open_verified` tells whether it can be used."""
        return self._path(digest).is_file()

    def size(self, digest: Sha256) -> int | None:
        """How large the file of this name is, in bytes; None where there is none."""
        status = _status(self._path(digest))
        return None if status is None else status.st_size

    def open_verified(self, digest: Sha256) -> BinaryIO | None:
        """Open a file whose bytes have this digest, at its beginning.

        The content was read in full through the descriptor that is returned: whatever happens to the path
        afterwards, these bytes are what the caller reads.

        Returns:
            The file, to be closed by the caller. None where there is none, or none that can be relied upon;
            the latter is told in ``problems``, and a file with other bytes is set aside.
        """
        path = self._path(digest)
        try:
            file = open(path, "rb", opener=_open_no_link)  # noqa: SIM115 - the caller closes it
        except FileNotFoundError:
            return None
        except OSError as error:
            self._report(f"{store_error(error, 'read', path)}: not used")
            return None
        try:
            usable = self._is_ours(file, path) and self._has_digest(file, path, digest)
        except OSError as error:
            self._report(f"{store_error(error, 'read', path)}: not used")
            usable = False
        if not usable:
            file.close()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return file

    def is_due(self) -> bool:
        """Whether nobody has pruned for a day."""
        try:
            return time.time() - self._pruned.stat().st_mtime > _PRUNE_EVERY
        except OSError:
            return True

    @property
    def _pruned(self) -> Path:
        return self._root / "pruned"

    def prune(self, keep: Collection[Sha256] = ()) -> None:
        """Remove damaged files, then the least recently used ones, until the limit is met.

        Files that are open stay readable where the system allows it (POSIX). What cannot be removed is told
        in ``problems``; nothing is raised.

        Args:
            keep: digests that stay in any case.
        """
        try:
            private_directory(self._root)
            self._pruned.touch()
            self._remove_abandoned()
            if self._limit is not None:
                self._shrink(self._limit, frozenset(keep))
        except OSError as error:
            self._report(f"{store_error(error, 'tidy', self._root)}")

    def _path(self, digest: Sha256) -> Path:
        name = sha256(digest)
        return self._root / "sha256" / name[:2] / name

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _is_ours(self, file: BinaryIO, path: Path) -> bool:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            self._report(f"{path} is not a file: not used")
            return False
        # Whoever can write to the file could change it after it was verified.
        if os.name == "posix" and (
            status.st_uid not in {0, os.geteuid()} or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        ):
            self._report(f"{self._root} holds files that other users can write to: not used")
            return False
        return True

    def _has_digest(self, file: BinaryIO, path: Path, digest: Sha256) -> bool:
        if _digest(file) == sha256(digest):
            file.seek(0)
            return True
        try:
            path.replace(damaged_name(path))
        except OSError as error:
            self._report(f"{path} is damaged and not used; {store_error(error, 'set aside', path)}")
        else:
            self._report(f"{path} was damaged: set aside as {damaged_name(path).name}")
        return False

    def _remove_abandoned(self) -> None:
        oldest = time.time() - _ABANDONED
        for path in (self._root / "unfinished").glob("*"):
            status = _status(path)
            if status is not None and status.st_mtime < oldest:
                discard(path)

    def _shrink(self, limit: int, keep: frozenset[str]) -> None:
        found = [(path, _status(path)) for path in (self._root / "sha256").glob("*/*")]
        files = [(path, status) for path, status in found if status is not None]
        total = sum(status.st_size for _, status in files)
        files.sort(key=lambda item: (item[0].suffix != ".damaged", item[1].st_mtime_ns))
        for path, status in files:
            if total <= limit:
                return
            now = _status(path)
            # Used, or replaced, by another process since we looked.
            if path.name in keep or now is None or now.st_mtime_ns != status.st_mtime_ns:
                continue
            path.unlink(missing_ok=True)
            total -= status.st_size


def _open_no_link(path: str, flags: int) -> int:
    # Neither follow a link nor wait for the other end of a pipe.
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    buffer = memoryview(bytearray(_CHUNK))
    while count := file.readinto(buffer):  # type: ignore[attr-defined] # open(..., "rb") has it
        digest.update(buffer[:count])
    return digest.hexdigest()


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None
