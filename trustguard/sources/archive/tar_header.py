"""The blocks of a tar archive, and the extended headers of pax and GNU, as all readers understand them.

POSIX.1-2024, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar, "Basic Tar Format".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from trustguard.model.record import record
from trustguard.sources.archive.entry import Unsound, shown
from trustguard.sources.archive.paths import decoded

__all__ = ["BLOCK", "Block", "Extended", "could_be_header", "is_header", "read_block", "read_records"]

BLOCK = 512
_NUMBER = re.compile(rb" *([0-7]*)[ \x00]*")
_USTAR, _GNU, _V7 = b"ustar\x0000", b"ustar  \x00", bytes(8)
_UNUSED = ((108, 116), (116, 124), (136, 148), (329, 337), (337, 345))
"""Owner, group, time, and both numbers of a device."""
_LENGTH = re.compile(rb"([1-9][0-9]{0,9}) ([^=\n]+)=")
_SPARSE = ("GNU.sparse.", "SCHILY.realsize", "SCHILY.sparse", "SUN.holesdata")
_CHARSET = re.compile(rb"[0-9]+ hdrcharset=")
_UTF_8 = "ISO-IR 10646 2000 UTF-8"


class Block(NamedTuple):
    """A header: the name is raw, since an extended header may replace it.

    The short name is the field of that name alone, without the prefix of POSIX.
    """

    kind: bytes
    name: bytes
    short: bytes
    size: int
    mode: int
    link: bytes


@record
class Extended:
    """What the records of a pax header say that matters; None is for what they do not say.

    Args:
        path: of the entry.
        linkpath: target of a link.
        size: bytes.
    """

    path: str | None = None
    linkpath: str | None = None
    size: int | None = None


def is_header(block: bytes) -> bool:
    """Whether it is a tar header by its checksum, whatever else it is."""
    if len(block) < BLOCK:
        return False
    found = _NUMBER.fullmatch(block[148:156])
    return found is not None and found[1] != b"" and _checksum(block) == int(found[1], 8)


def could_be_header(block: bytes) -> bool:
    """Whether a lenient reader would take a block of another format for the beginning of a tar archive.

    Such readers sum signed bytes as well, and take nothing for a zero.
    """
    if len(block) < BLOCK:
        return False
    stated = _lenient(block[148:156])
    if stated is None or _lenient(block[124:136]) is None:
        return block[257:262] == b"ustar"
    plain = _checksum(block)
    negative = sum(byte >= 0x80 for byte in block[:148] + block[156:])  # noqa: PLR2004 - the sign
    return block[257:262] == b"ustar" or stated in {plain, plain - 256 * negative}


def _lenient(field: bytes) -> int | None:
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.partition(b"\x00")[0].strip() or b"0", 8)
    except ValueError:
        return None


def _checksum(block: bytes) -> int:
    """The sum of its bytes, with spaces where the sum itself stands."""
    return sum(block) - sum(block[148:156]) + 8 * 0x20


def read_block(block: bytes) -> Block:
    """Read a header.

    Raises:
        Unsound: it is damaged, in no known format, or has numbers that readers understand differently.
    """
    if not is_header(block):
        raise Unsound("it is not a tar archive, or damaged: a header has a wrong checksum")
    magic, short, prefix = block[257:265], _text(block[0:100]), _text(block[345:500])
    name = short
    if magic not in {_USTAR, _GNU, _V7}:
        raise Unsound(f"{_label(name)} has a header in a format that is not known")
    if magic == _USTAR:
        name = prefix + b"/" + name if prefix else name
    elif block[345:500].strip(b"\x00"):
        raise Unsound(
            f"{_label(name)} has a header that some read with a prefix to its name, and some without"
        )
    for start, end in _UNUSED:
        _check_number(block[start:end], name)
    return Block(
        kind=block[156:157],
        name=name,
        short=short,
        size=_number(block[124:136], name),
        mode=_number(block[100:108], name),
        link=_text(block[157:257]),
    )


def _text(field: bytes) -> bytes:
    return field.partition(b"\x00")[0]


def _number(field: bytes, name: bytes) -> int:
    """An octal number, or, where the first bit is set, one in base 256 (GNU)."""
    if field[0] == 0x80:  # noqa: PLR2004 - the mark of a number that is not negative
        return int.from_bytes(field[1:], "big")
    found = _NUMBER.fullmatch(field)
    if found is None:
        raise Unsound(f"{_label(name)} has a header with a number that is none")
    return int(found[1] or b"0", 8)


def _check_number(field: bytes, name: bytes) -> None:
    """Refuse a number that is of no use here, but at which some readers stop, as if the archive ended.

    Python's tarfile does (``TarFile.next``, ``nti``): of numbers in base 256 it knows two marks.
    """
    if field[0] not in {0x80, 0xFF} and (field[0] & 0x80 or _lenient(field) is None):
        raise Unsound(f"{_label(name)} has a header with a number that is none")


def _label(name: bytes) -> str:
    return shown(name.decode("utf-8", "replace"))


def read_records(content: bytes, *, everywhere: bool) -> Extended:
    """Read the records of a pax header.

    Args:
        content: ``length keyword=value``, each with a line feed at its end.
        everywhere: whether they are for all entries that follow.

    Raises:
        Unsound: they are malformed, contradict each other, describe a sparse file or another character set,
            or give all entries one path.
    """
    records: dict[str, str] = {}
    at = 0
    while at < len(content):
        found = _LENGTH.match(content, at)
        end = at + int(found[1]) if found else 0
        if found is None or end > len(content) or end <= found.end() or content[end - 1 : end] != b"\n":
            raise Unsound("a pax header is malformed")
        keyword = decoded(found[2])
        if keyword in records:
            raise Unsound(f"a pax header says {shown(keyword)} twice")
        # Only what is used has to be UTF-8: vendors keep attributes of files there.
        records[keyword] = content[found.end() : end - 1].decode("utf-8", "surrogateescape")
        at = end
    if "hdrcharset" not in records and _CHARSET.search(content):
        # Older versions of Python's tarfile look for it anywhere in the header.
        raise Unsound("a pax header is in another character set, or in none: a value speaks of it")
    return _extended(records, everywhere=everywhere)


def _extended(records: dict[str, str], *, everywhere: bool) -> Extended:
    if any(keyword.startswith(_SPARSE) for keyword in records):
        raise Unsound("a pax header describes a sparse file")
    if records.get("hdrcharset", _UTF_8) != _UTF_8:
        raise Unsound(f"a pax header is in the character set {shown(records['hdrcharset'])}")
    path, linkpath, size = (records.get(keyword) for keyword in ("path", "linkpath", "size"))
    if everywhere and not (path is linkpath is size is None):
        raise Unsound("a pax header gives all entries one path, one target or one size")
    for value in (path, linkpath):
        if value is not None:
            decoded(value.encode("utf-8", "surrogateescape"))
    if size is not None and not re.fullmatch(r"[0-9]{1,18}", size, re.ASCII):
        raise Unsound("a pax header has a size that is no number")
    return Extended(path, linkpath, None if size is None else int(size))
