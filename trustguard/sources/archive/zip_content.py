"""What is in a zip file, entry by entry, compared on the way with the size and the CRC that it states."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from trustguard.sources.archive.entry import Entry, Kind, Unsound, shown
from trustguard.sources.archive.limits import Limits
from trustguard.sources.archive.paths import decoded
from trustguard.sources.archive.tar_header import could_be_header
from trustguard.sources.archive.tree import check_tree, with_links
from trustguard.sources.archive.zip_central import STORED, Member, read_members
from trustguard.sources.archive.zip_end import find_directory
from trustguard.sources.archive.zip_local import content_offsets

__all__ = ["ZipContent"]

_STEP = 1 << 18


class ZipContent:
    """A zip file whose structure is sound. What its entries hold is examined as they are read.

    Args:
        file: the zip file; it can be read at any place.
        limits: of everything.
        links: whether it is a source tree, which may have symbolic links.

    Raises:
        Unsound: it could be read in more than one way, or is beyond the limits.
    """

    def __init__(self, file: BinaryIO, limits: Limits, *, links: bool) -> None:
        self._file, self._limits = file, limits
        length = file.seek(0, 2)
        directory = find_directory(file, length, limits)
        file.seek(0)
        if could_be_header(file.read(512)):
            raise Unsound("it is a tar archive as well as a zip file")
        file.seek(directory.offset)
        members = read_members(file.read(directory.size), directory.count, limits, links=links)
        self._begins = content_offsets(file, members, directory.offset)
        self._members = {member.path: member for member in members}
        if sum(member.size for member in members) > limits.may_unpack_to(length):
            raise Unsound(f"it unpacks to more than {limits.ratio} times its size")
        entries = tuple(map(self._entry, members))
        check_tree(entries)
        self.entries = with_links(entries, limits) if links else entries

    def _entry(self, member: Member) -> Entry:
        if member.kind is Kind.SYMLINK:
            return Entry(
                member.path, member.kind, 0, member.packed, executable=False, target=self._target(member)
            )
        # As pip decides: only where the mode says that it is a file.
        executable = stat.S_ISREG(member.mode) and member.mode & 0o111 != 0
        return Entry(member.path, member.kind, member.size, member.packed, executable)

    def _target(self, link: Member) -> str:
        if link.size > self._limits.path_bytes:
            raise Unsound(f"the symbolic link {shown(link.path)} leads to a path that is too long")
        return decoded(b"".join(self._unpacked(link)))

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The content of a file, compared with its size and its CRC.

        Raises:
            Unsound: it is not what the directory says, or does not fill its place.
        """
        return self._unpacked(self._members[entry.path])

    def walk(self, wanted: frozenset[str] | None) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Files with their content, in the order of the directory.

        Args:
            wanted: paths; None is for all files.
        """
        for entry in self.entries:
            if entry.kind is Kind.FILE and (wanted is None or entry.path in wanted):
                yield entry, self.pieces(entry)

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        raw = _stored if member.method == STORED else _inflated
        label = shown(member.path)
        crc = size = 0
        for piece in raw(self._file, self._begins[member.path], member.packed, label):
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            if size > member.size:
                raise Unsound(f"{label} unpacks to more than the {member.size:,} bytes that it states")
            yield piece
        if size != member.size:
            raise Unsound(f"{label} unpacks to {size:,} bytes instead of the {member.size:,} that it states")
        if crc != member.crc:
            raise Unsound(f"the content of {label} does not have the CRC that it states")


def _stored(file: BinaryIO, at: int, left: int, label: str) -> Iterator[bytes]:
    while left:
        file.seek(at)  # another file may have been read in between
        piece = file.read(min(_STEP, left))
        if not piece:
            raise Unsound(f"{label} is truncated")
        at, left = at + len(piece), left - len(piece)
        yield piece


def _inflated(file: BinaryIO, at: int, left: int, label: str) -> Iterator[bytes]:
    """Inflate, in pieces, what must be one deflate stream and nothing else."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    source = _stored(file, at, left, label)
    while not decoder.eof:
        packed = decoder.unconsumed_tail or next(source, b"")
        try:
            piece = decoder.decompress(packed, _STEP)
        except zlib.error as error:
            raise Unsound(f"{label} cannot be unpacked") from error
        if piece:
            yield piece
        elif not packed:
            raise Unsound(f"{label} is truncated")
    if decoder.unused_data or next(source, b""):
        raise Unsound(f"there is something behind the end of {label}, within its place")
