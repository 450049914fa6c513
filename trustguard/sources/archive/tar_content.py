"""What is in a packed tar archive, which can only be read from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from trustguard.sources.archive.entry import Entry, Kind, Unsound
from trustguard.sources.archive.limits import Limits
from trustguard.sources.archive.packing import unpacked
from trustguard.sources.archive.stream import Stream
from trustguard.sources.archive.tar_header import could_be_header
from trustguard.sources.archive.tar_members import Members
from trustguard.sources.archive.tree import check_tree, with_links
from trustguard.sources.archive.zip_end import is_end_of_zip

__all__ = ["TarContent"]


class TarContent:
    """A packed tar archive, read once to its end and found sound.

    Args:
        file: the packed file; it can be read at any place.
        filename: says what it is packed with.
        limits: of everything.
        keep: which files are wanted later; those up to ``metadata_bytes`` are held, so that to read them no
            second pass is needed.

    Raises:
        Unsound: it could be read in more than one way, or is beyond the limits.
    """

    def __init__(self, file: BinaryIO, filename: str, limits: Limits, keep: Callable[[str], bool]) -> None:
        self._file, self._filename = file, filename
        length = file.seek(0, 2)
        self._most = min(limits.stream_bytes, limits.may_unpack_to(length))
        file.seek(0)
        if could_be_header(file.read(512)):
            raise Unsound("it is a tar archive without packing as well as with it")
        if is_end_of_zip(file, length):
            raise Unsound("it is a zip file as well as a tar archive")
        self._offsets: dict[str, int] = {}
        self._kept: dict[str, bytes] = {}
        entries = tuple(self._examined(limits, keep))
        check_tree(entries)
        self.entries = with_links(entries, limits)

    def _examined(self, limits: Limits, keep: Callable[[str], bool]) -> Iterator[Entry]:
        stream = self._stream()
        budget = limits.record_bytes
        for number, entry in enumerate(Members(stream, limits), 1):
            if number > limits.entries:
                raise Unsound(f"it has more than {limits.entries:,} files")
            if entry.kind is Kind.FILE:
                self._offsets[entry.path] = stream.position
                if entry.size <= min(limits.metadata_bytes, budget) and keep(entry.path):
                    budget -= entry.size
                    self._kept[entry.path] = stream.take(entry.size)
            yield entry
        if any(stream.rest()):
            raise Unsound("there is something behind its end")

    def _stream(self) -> Stream:
        return Stream(unpacked(self._file, self._filename), self._most)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The content of a file, from what is held, or by a pass through the archive up to it."""
        if entry.path in self._kept:
            yield self._kept[entry.path]
            return
        for _, pieces in self.walk(frozenset({entry.path})):
            yield from pieces

    def walk(self, wanted: frozenset[str] | None) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Files with their content, in the order of the archive, and in one pass.

        Args:
            wanted: paths; None is for all files.
        """
        stream = self._stream()
        left = len(self._offsets if wanted is None else wanted & self._offsets.keys())
        for entry in self.entries:
            if not left:
                return
            if entry.path in self._offsets and (wanted is None or entry.path in wanted):
                left -= 1
                stream.pass_over(self._offsets[entry.path] - stream.position)
                yield entry, stream.pieces(entry.size)
