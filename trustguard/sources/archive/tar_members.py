"""The entries of a tar archive, in order, each from its header and from the extended ones before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trustguard.sources.archive.entry import Entry, Kind, Unsound, shown
from trustguard.sources.archive.limits import Limits
from trustguard.sources.archive.paths import check_path, decoded
from trustguard.sources.archive.stream import Stream
from trustguard.sources.archive.tar_header import BLOCK, Block, Extended, read_block, read_records

__all__ = ["Members"]

_ZEROS = bytes(BLOCK)
_KINDS = {
    b"\x00": Kind.FILE,
    b"0": Kind.FILE,
    b"1": Kind.HARDLINK,
    b"2": Kind.SYMLINK,
    b"5": Kind.DIRECTORY,
}
_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK = b"x", b"g", b"L", b"K"
_NAME_SIZE = 100


@dataclass(slots=True)
class _Ahead:
    """What extended headers have said of the entry that comes next; and whether there was one at all."""

    any: bool = False
    pax: Extended | None = None
    name: bytes | None = None
    link: bytes | None = None


class Members:
    """Walks through a tar archive.

    Args:
        stream: its content; after each entry it is where the content of the entry begins.
        limits: of paths, sizes and numbers.
    """

    def __init__(self, stream: Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._headers = 0

    def __iter__(self) -> Iterator[Entry]:
        """Every entry but the folder that is the archive itself.

        Raises:
            Unsound: it is no tar archive, or damaged; or an entry is of a kind, or has a name or a size, that
                is not read in one way.
        """
        ahead = _Ahead()
        while True:
            block = self._stream.take(BLOCK)
            if block == _ZEROS:
                break
            self._headers += 1
            if self._headers > 2 * self._limits.entries:
                raise Unsound(f"it has more than {self._limits.entries:,} entries")
            header = read_block(block)
            if header.kind in {_PAX, _PAX_FOR_ALL, _GNU_NAME, _GNU_LINK}:
                self._look_ahead(header, ahead)
                continue
            entry = self._entry(header, ahead)
            ahead = _Ahead()
            if entry is not None:
                yield from self._with_content(entry)
        if ahead != _Ahead():
            raise Unsound("it ends behind an extended header that is of no entry")
        self._check_end()

    def _with_content(self, entry: Entry) -> Iterator[Entry]:
        """Give the entry away, and go to its end, however much of it was read in between."""
        end = self._stream.position + -(-entry.size // BLOCK) * BLOCK
        yield entry
        self._stream.pass_over(end - self._stream.position)

    def _check_end(self) -> None:
        """Behind the first block of zeros some readers stop, and some go on: there may be nothing."""
        if self._stream.at_end():
            raise Unsound("it is truncated: its end has one block of zeros instead of two")
        if any(piece.strip(b"\x00") for piece in self._stream.rest()):
            raise Unsound("there is something behind its end")

    def _look_ahead(self, header: Block, ahead: _Ahead) -> None:
        if header.size > self._limits.header_bytes:
            raise Unsound(f"it has an extended header of more than {self._limits.header_bytes:,} bytes")
        padded = self._stream.take(-(-header.size // BLOCK) * BLOCK)
        content = padded[: header.size]
        if padded[header.size :].strip(b"\x00"):
            # Readers that take whole blocks find more records there, or a longer name.
            raise Unsound("there is something behind the end of an extended header, in its last block")
        ahead.any = True
        if header.kind == _PAX_FOR_ALL:
            read_records(content, everywhere=True)
        elif header.kind == _PAX and ahead.pax is None:
            ahead.pax = read_records(content, everywhere=False)
        elif header.kind == _GNU_NAME and ahead.name is None:
            ahead.name = _long(content)
        elif header.kind == _GNU_LINK and ahead.link is None:
            ahead.link = _long(content)
        else:
            raise Unsound("two extended headers of one kind are of the same entry")

    def _entry(self, header: Block, ahead: _Ahead) -> Entry | None:
        pax = ahead.pax or Extended()
        raw = _agreed(header.name, pax.path, ahead.name)
        kind = _KINDS.get(header.kind)
        if kind is None:
            raise Unsound(f"{shown(raw)} is a device, a sparse file, or of another kind that is not read")
        if _is_folder_by_name(raw, header, ahead):
            kind = Kind.DIRECTORY
        if pax.size not in {None, header.size}:
            raise Unsound(f"{shown(raw)} has two sizes, {header.size:,} and {pax.size:,} bytes")
        if header.size and kind is not Kind.FILE:
            raise Unsound(f"{shown(raw)} is a {kind.value}, and has content")
        if header.size > self._limits.entry_bytes:
            raise Unsound(f"{shown(raw)} has {header.size:,} bytes, more than {self._limits.entry_bytes:,}")
        target = ""
        if kind in {Kind.SYMLINK, Kind.HARDLINK}:
            target = _agreed(header.link, pax.linkpath, ahead.link)
            target = _below(target) if kind is Kind.HARDLINK else target
        elif ahead.link is not None or pax.linkpath is not None:
            raise Unsound(f"{shown(raw)} is no link, and an extended header gives it a target")
        executable = kind is Kind.FILE and header.mode & 0o111 != 0
        return self._named(raw, kind, header.size, executable=executable, target=target)

    def _named(self, raw: str, kind: Kind, size: int, *, executable: bool, target: str) -> Entry | None:
        path = _below(raw)
        if kind is Kind.DIRECTORY:
            path = path.removesuffix("/")
            if path in {"", "."} and raw in {".", "./"}:
                return None
        check_path(path, self._limits, source=True)
        return Entry(path, kind, size, 0, executable, target)


def _is_folder_by_name(raw: str, header: Block, ahead: _Ahead) -> bool:
    """Whether an entry without a kind is a folder, as before POSIX.1-1988, when a slash at the end said so.

    At the end of which name? GNU tar looks at the last one that is given. Python's tarfile looks at the field
    of the header, whatever renames it; its newer versions do not where an extended header comes before, but
    look at GNU's long name, also of what the header calls a folder. A folder has no content: to those who see
    one, what others take for the content of a file are more entries.
    """
    names = {raw.endswith("/"), header.short.endswith(b"/")}
    doubtful = header.kind == b"\x00" and names != {False} and (ahead.any or names != {True})
    if doubtful or (header.kind == b"5" and ahead.name is not None and not raw.endswith("/")):
        raise Unsound(f"{shown(raw)} is a folder by one of its headers, and a file by another")
    return header.kind == b"\x00" and names == {True}


def _below(path: str) -> str:
    """A path without the ``./`` with which ``tar -c .`` begins it."""
    while path.startswith("./") and path != "./":
        path = path[2:]
    return path


def _long(content: bytes) -> bytes:
    """A long name of GNU tar, which ends in a NUL."""
    name, _, rest = content.partition(b"\x00")
    if rest.strip(b"\x00"):
        raise Unsound("a long name has a NUL in it")
    return name


def _agreed(short: bytes, pax: str | None, long: bytes | None) -> str:
    """The path on which a header and the extended ones before it agree.

    What is too long for a header, or not ASCII, stands there shortened or in other characters; readers that
    do not know extended headers must not be led out of the tree by it.
    """
    if pax is not None and long is not None:
        raise Unsound(f"{shown(pax)} has a name in a pax header and one in a header of GNU's")
    if long is not None:
        if short != long[:_NAME_SIZE][: len(short)] or len(short) < min(_NAME_SIZE - 1, len(long)):
            raise Unsound(f"{shown(long.decode('utf-8', 'replace'))} has another name in its own header")
        return decoded(long)
    if pax is None:
        return decoded(short)
    fits = pax.isascii() and len(pax) <= _NAME_SIZE
    if (fits and pax.encode() != short) or short.startswith(b"/") or b".." in short.split(b"/"):
        raise Unsound(f"{shown(pax)} has another name in its own header")
    return pax
