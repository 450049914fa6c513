"""The local headers of a zip file (APPNOTE 4.3.7 and 4.3.9), and that nothing stands between the entries.

Some readers go by the central directory, as pip does, and some read from the front, as streaming installers
do. They see the same where every local header says what the directory says, and where entries and directory
fill the file from its first byte on, without gaps and without overlapping each other (D. Fifield, "A better
zip bomb", WOOT 2019).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from operator import attrgetter
from typing import BinaryIO

from trustguard.sources.archive.entry import Unsound, shown
from trustguard.sources.archive.zip_central import DESCRIPTOR, LONG, STORED, ZIP64, Member, extra_fields

__all__ = ["content_offsets"]

_HEADER = struct.Struct("<6xHH4x3L2H")
"""Without the signature, the version and dates."""
_SIGNATURE = b"PK\x03\x04"
_DESCRIBED = b"PK\x07\x08"


def content_offsets(file: BinaryIO, members: Sequence[Member], end: int) -> dict[str, int]:
    """Where the content of each entry begins, in bytes from the beginning of the file.

    Args:
        file: the zip file.
        members: what its directory says.
        end: where the entries end and the directory begins.

    Raises:
        Unsound: a local header says otherwise; or there is something before, between or behind the entries,
            or one lies in another.
    """
    ordered = sorted(members, key=attrgetter("offset"))
    ends = [*(member.offset for member in ordered), end][1:]
    begins: dict[str, int] = {}
    at = 0
    for member, until in zip(ordered, ends, strict=True):
        if member.offset != at:
            what = "before" if not begins else "between"
            raise Unsound(f"there is something {what} its entries, in front of {shown(member.path)}")
        begins[member.path], at = _checked(file, member, until)
    if at != end:
        raise Unsound("there is something between its entries and its directory")
    return begins


def _checked(file: BinaryIO, member: Member, until: int) -> tuple[int, int]:
    """Compare one entry with its local header; where its content begins, and where the next entry may."""
    length = _HEADER.size + len(member.name)
    file.seek(member.offset)
    head = file.read(length)
    if len(head) < length or head[:4] != _SIGNATURE:
        raise Unsound(f"there is no local header of {shown(member.path)} where its directory says")
    flags, method, crc, packed, size, names, extras = _HEADER.unpack_from(head)
    if names != len(member.name) or head[_HEADER.size :] != member.name:
        raise Unsound(f"{shown(member.path)} has another name in its local header")
    if (flags, method) != (member.flags, member.method):
        raise Unsound(f"{shown(member.path)} has other flags or another method in its local header")
    fields = extra_fields(file.read(extras), member.name) if extras else {}
    wide = _check_sizes(member, (crc, packed, size), fields.get(ZIP64))
    begin = member.offset + length + extras
    behind = begin + member.packed
    if behind > until:
        raise Unsound(f"{shown(member.path)} overlaps what comes behind it")
    if flags & DESCRIPTOR:
        _check_descriptor(file, member, behind, until, wide=wide)
        return begin, until
    return begin, behind


def _check_sizes(member: Member, header: tuple[int, int, int], field: bytes | None) -> bool:
    """Compare sizes and CRC; whether they are the wide ones of zip64."""
    crc, packed, size = header
    if field is not None:
        if len(field) != 16:  # noqa: PLR2004 - both sizes, always (APPNOTE 4.5.3)
            raise Unsound(f"the zip64 field of {shown(member.path)} does not have the two sizes")
        long_size, long_packed = struct.unpack("<QQ", field)
        if packed not in {LONG, long_packed} or size not in {LONG, long_size}:
            raise Unsound(f"{shown(member.path)} has other sizes in the zip64 field of its local header")
        packed, size = long_packed, long_size
    later = member.flags & DESCRIPTOR and (crc, packed, size) == (0, 0, 0)
    if not later and (crc, packed, size) != (member.crc, member.packed, member.size):
        raise Unsound(f"{shown(member.path)} has other sizes or another CRC in its local header")
    return field is not None


def _check_descriptor(file: BinaryIO, member: Member, at: int, until: int, *, wide: bool) -> None:
    """Compare the data descriptor, with its signature or without one."""
    if member.method == STORED and member.packed:
        raise Unsound(f"{shown(member.path)} is stored as it is, and how long it is stands only behind it")
    long = wide or max(member.packed, member.size) > LONG
    values = struct.pack("<LQQ" if long else "<LLL", member.crc, member.packed, member.size)
    file.seek(at)
    found = file.read(min(until - at, len(_DESCRIBED) + len(values) + 1))
    if found not in {_DESCRIBED + values, values} or (found == values and found.startswith(_DESCRIBED)):
        raise Unsound(f"the data descriptor of {shown(member.path)} is not one, or says something else")
