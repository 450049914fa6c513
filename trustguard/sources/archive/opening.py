"""Opens an archive by its name, and turns whatever is wrong with it into one line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from trustguard.model.errors import SourceRefused
from trustguard.model.project import SDIST_ENDINGS
from trustguard.sources.archive.entry import Content, Digest, Entry, Kind, Unsound, shown
from trustguard.sources.archive.limits import LIMITS, Limits
from trustguard.sources.archive.tar_content import TarContent
from trustguard.sources.archive.zip_content import ZipContent

__all__ = ["Archive", "open_archive"]

_WHEEL, _ZIP = ".whl", ".zip"


class Archive:
    """An archive that can be read in one way only. It is not for several threads at once.

    The structure is examined when it is opened. What the files of a wheel hold is compared with the sizes and
    checksums that the wheel states whenever it is read, so :meth:`digests` without arguments examines it all;
    a tar archive has been read to its end already.

    Attributes:
        filename: the name that it has on the index.
        entries: everything in it, in its own order.
    """

    def __init__(
        self, file: BinaryIO, filename: str, content: Content, limits: Limits, *, ours: bool
    ) -> None:
        self.filename = filename
        self.entries = content.entries
        self._file = file
        self._content = content
        self._limits = limits
        self._ours = ours

    def __enter__(self) -> Archive:  # noqa: PYI034 - nobody makes another kind of it
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file, where it was opened here."""
        if self._ours:
            self._file.close()

    def refused(self, why: str) -> SourceRefused:
        """The error for an archive that is not what it should be, for other reasons than its structure.

        Args:
            why: the end of a sentence that begins with the archive.
        """
        return _refused(self.filename, why)

    @cached_property
    def _by_path(self) -> dict[str, Entry]:
        return {entry.path: entry for entry in self.entries}

    def entry(self, path: str) -> Entry | None:
        """The entry of a path; None where there is none."""
        return self._by_path.get(path)

    def read(self, path: str, limit: int | None = None) -> bytes:
        """The whole content of a file.

        Args:
            path: of an entry; a link counts for what it leads to.
            limit: bytes; None is for the limit of metadata.

        Raises:
            SourceRefused: there is no such file, it is larger, or its content is not what it states.
        """
        with _told(self.filename):
            entry = self._file_at(path)
            limit = self._limits.metadata_bytes if limit is None else limit
            if entry.size > limit:
                raise Unsound(f"its {shown(path)} is larger than {limit:,} bytes")
            return b"".join(self._content.pieces(entry))

    def excerpt(self, path: str, size: int) -> bytes:
        """The beginning of a file; no more of it is examined than that.

        Args:
            path: of an entry; a link counts for what it leads to.
            size: bytes, at most.

        Raises:
            SourceRefused: there is no such file, or its content is not what it states.
        """
        found = bytearray()
        with _told(self.filename):
            for piece in self._content.pieces(self._file_at(path)):
                found += piece[: size - len(found)]
                if len(found) >= size:
                    break
        return bytes(found)

    def contents(self, wanted: Collection[str] | None = None) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Files and their content, piece by piece, in one pass and in little memory.

        Args:
            wanted: paths of files; None is for all. Links and folders have no content and are left out.

        Yields:
            The entry, and its content. What is left of it when the next one is asked for is read as well, so
            that nothing goes by unexamined.

        Raises:
            SourceRefused: the content of a file is not what the archive states.
        """
        with _told(self.filename):
            for entry, raw in self._content.walk(None if wanted is None else frozenset(wanted)):
                pieces = self._told_pieces(raw)
                yield entry, pieces
                for _ in pieces:
                    pass

    def digests(
        self, algorithms: Sequence[str] = (), wanted: Collection[str] | None = None
    ) -> Iterator[Digest]:
        """What the content of each file is, to be compared with a RECORD, in one pass and in little memory.

        Args:
            algorithms: of :mod:`hashlib`, beside sha256, which is always there.
            wanted: paths of files; None is for all.

        Raises:
            SourceRefused: the content of a file is not what the archive states.
        """
        names = dict.fromkeys(("sha256", *algorithms))
        for entry, pieces in self.contents(wanted):
            hashes = {name: hashlib.new(name, usedforsecurity=False) for name in names}
            for piece in pieces:
                for one in hashes.values():
                    one.update(piece)
            yield Digest(entry.path, entry.size, {name: one.hexdigest() for name, one in hashes.items()})

    def _told_pieces(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        with _told(self.filename):
            yield from pieces

    def _file_at(self, path: str) -> Entry:
        entry = self.entry(path)
        if entry is not None and entry.leads_to:
            entry = self.entry(entry.leads_to)
        if entry is None or entry.kind is not Kind.FILE:
            raise Unsound(f"it has no file {shown(path)}")
        return entry


def open_archive(
    file: BinaryIO | Path,
    filename: str,
    limits: Limits = LIMITS,
    *,
    keep: Callable[[str], bool] = lambda _: False,
) -> Archive:
    """Open a wheel or an sdist, and examine its structure.

    Args:
        file: the archive, which can be read at any place and stays the caller's to close; or its path.
        filename: its name on the index, whose ending says what it is.
        limits: of everything.
        keep: whether the file of a path will be read. It spares a packed tar archive the second pass; of
            others any file can be read at once.

    Raises:
        SourceRefused: it is not such an archive, is damaged, or could be read in more than one way; or it is
            beyond the limits.
    """
    if not filename.endswith((_WHEEL, *SDIST_ENDINGS)):
        raise SourceRefused(f"not the file name of a wheel or an sdist: {filename[:80]!a}")
    with _told(filename):
        opened = file.open("rb") if isinstance(file, Path) else file
        ours = opened is not file
        try:
            return Archive(opened, filename, _content(opened, filename, limits, keep), limits, ours=ours)
        except BaseException:
            if ours:
                opened.close()
            raise


def _content(file: BinaryIO, filename: str, limits: Limits, keep: Callable[[str], bool]) -> Content:
    if filename.endswith((_WHEEL, _ZIP)):
        return ZipContent(file, limits, links=filename.endswith(_ZIP))
    return TarContent(file, filename, limits, keep)


@contextmanager
def _told(filename: str) -> Iterator[None]:
    """Turn what is wrong with an archive, or with reading it, into a refusal that names it."""
    try:
        yield
    except Unsound as error:
        raise _refused(filename, str(error)) from error
    except OSError as error:
        raise SourceRefused(f"{filename[:120]!a} cannot be read: {error.strerror or error}") from error


def _refused(filename: str, why: str) -> SourceRefused:
    what = "wheel" if filename.endswith(_WHEEL) else "sdist"
    return SourceRefused(f"{filename[:120]!a} is not a sound {what}: {why}")
