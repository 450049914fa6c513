"""The central directory of a zip file (APPNOTE 4.3.12): what it says of each entry."""

from __future__ import annotations

import stat
import struct
from typing import NamedTuple

from trustguard.sources.archive.entry import Kind, Unsound, shown
from trustguard.sources.archive.limits import Limits
from trustguard.sources.archive.paths import check_path, decoded

__all__ = ["DEFLATED", "DESCRIPTOR", "LONG", "STORED", "ZIP64", "Member", "extra_fields", "read_members"]

STORED, DEFLATED = 0, 8
ENCRYPTED, DESCRIPTOR, UTF_8 = 0x1, 0x8, 0x800
_KNOWN_FLAGS = 0x2 | 0x4 | DESCRIPTOR | UTF_8
"""Bits 1 and 2 are how hard deflate has tried."""
_ENCRYPTING_FLAGS = ENCRYPTED | 0x40 | 0x2000
LONG = 0xFFFFFFFF
"""What stands where a value is in the zip64 field."""
ZIP64, _STRONG_ENCRYPTION, _AES, _UNICODE_PATH = 0x1, 0x17, 0x9901, 0x7075
_MEANINGFUL = {ZIP64, _UNICODE_PATH}

_HEADER = struct.Struct("<6xBxHH4x3L4H2x2L")
"""Without the signature, the writer's version, dates and internal attributes."""
_NEWEST = 63
"""6.3: there is no newer version of the format (APPNOTE 4.4.3)."""
_FIELD = struct.Struct("<HH")
_SIGNATURE = b"PK\x01\x02"
_DOS_FOLDER = 0x10
_KINDS = {0: None, stat.S_IFREG: Kind.FILE, stat.S_IFDIR: Kind.DIRECTORY}
"""Kinds of file by the mode that Unix systems keep; 0 where another system has written it."""


class Member(NamedTuple):
    """What the central directory says of an entry. Sizes and the offset are in bytes."""

    path: str
    kind: Kind
    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int


def read_members(content: bytes, count: int, limits: Limits, *, links: bool) -> list[Member]:
    """Read the central directory.

    Args:
        content: the directory.
        count: entries that the end record announces.
        limits: of paths and sizes.
        links: whether symbolic links may be there, and colons in names, as in source trees.

    Raises:
        Unsound: it has more or less in it, or an entry is of a kind that is not read in one way.
    """
    members = []
    at = total = 0
    for _ in range(count):
        member, at = _member(content, at, limits, links)
        total += member.size
        if total > limits.total_bytes:
            raise Unsound(f"it unpacks to more than {limits.total_bytes:,} bytes")
        members.append(member)
    if at != len(content):
        raise Unsound(f"its directory has more in it than the {count:,} entries of its end record")
    return members


def _member(content: bytes, at: int, limits: Limits, links: bool) -> tuple[Member, int]:
    if len(content) - at < _HEADER.size or content[at : at + 4] != _SIGNATURE:
        raise Unsound("its directory is truncated, or has fewer entries than its end record says")
    needed, flags, method, crc, packed, size, names, extras, comments, disk, attributes, offset = (
        _HEADER.unpack_from(content, at)
    )
    end = at + _HEADER.size + names + extras + comments
    if end > len(content):
        raise Unsound("its directory is truncated")
    at += _HEADER.size
    name = content[at : at + names]
    if disk:
        raise Unsound(f"{_label(name)} is on another disk")
    _check_packing(name, needed, flags, method)
    if extras:
        fields = extra_fields(content[at + names : at + names + extras], name)
        size, packed, offset = _wide(name, fields.get(ZIP64), (size, packed, offset))
    elif LONG in {size, packed, offset}:
        raise Unsound(f"{_label(name)} refers to a zip64 field, and has none")
    if comments:
        _check_comment(name, content[end - comments : end], limits)
    path, kind = _named(name, flags, attributes, limits, links)
    _check_sizes(name, kind, size, packed, limits)
    if method == STORED and size != packed:
        raise Unsound(f"{_label(name)} is stored as it is, and has two sizes, {packed:,} and {size:,} bytes")
    return Member(path, kind, name, flags, method, crc, packed, size, offset, attributes >> 16), end


def _label(name: bytes) -> str:
    return shown(name.decode("utf-8", "replace"))


def _check_packing(name: bytes, needed: int, flags: int, method: int) -> None:
    if flags & _ENCRYPTING_FLAGS:
        raise Unsound(f"{_label(name)} is encrypted")
    if flags & ~_KNOWN_FLAGS:
        raise Unsound(f"{_label(name)} has flags {flags:#06x}, of which some have no meaning here")
    if method not in {STORED, DEFLATED}:
        raise Unsound(f"{_label(name)} is packed in an unusual way (method {method})")
    if needed > _NEWEST:
        raise Unsound(f"{_label(name)} needs version {needed / 10} of the format, which there is not")


def extra_fields(content: bytes, name: bytes) -> dict[int, bytes]:
    """The extra fields of an entry (APPNOTE 4.5), by their numbers.

    Raises:
        Unsound: they are not well-formed, encrypt, give another name, or one that counts is there twice.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(content):
        if len(content) - at < _FIELD.size:
            raise Unsound(f"the extra fields of {_label(name)} are malformed")
        number, length = _FIELD.unpack_from(content, at)
        at += _FIELD.size + length
        if at > len(content):
            raise Unsound(f"the extra fields of {_label(name)} are malformed")
        if number in found and number in _MEANINGFUL:
            raise Unsound(f"{_label(name)} has the extra field {number:#06x} twice")
        found[number] = content[at - length : at]
    if _STRONG_ENCRYPTION in found or _AES in found:
        raise Unsound(f"{_label(name)} is encrypted")
    if _UNICODE_PATH in found and found[_UNICODE_PATH][5:] != name:
        raise Unsound(f"an extra field gives {_label(name)} another name")
    return found


def _wide(name: bytes, field: bytes | None, values: tuple[int, int, int]) -> tuple[int, ...]:
    """Size, packed size and offset, of which those that are too large for the header are in a field."""
    marked = [place for place, value in enumerate(values) if value == LONG]
    if field is None and not marked:
        return values
    if field is None or not marked or len(field) != 8 * len(marked):
        raise Unsound(
            f"the zip64 field of {_label(name)} does not have the values that its header leaves to it"
        )
    real = list(values)
    for place, value in zip(marked, struct.unpack(f"<{len(marked)}Q", field), strict=True):
        real[place] = value
    return tuple(real)


def _check_comment(name: bytes, comment: bytes, limits: Limits) -> None:
    if len(comment) > limits.comment_bytes:
        raise Unsound(f"the comment of {_label(name)} has more than {limits.comment_bytes:,} bytes")
    if b"PK" in comment:
        raise Unsound(f"the comment of {_label(name)} holds what begins like a record")


def _named(name: bytes, flags: int, attributes: int, limits: Limits, links: bool) -> tuple[str, Kind]:
    if not flags & UTF_8 and not name.isascii():
        raise Unsound(f"the name {shown(name.decode('latin-1'))} is not marked as UTF-8")
    path = decoded(name)
    folder = path.endswith("/")
    path = path[:-1] if folder else path
    check_path(path, limits, source=links)
    kind = _kind(stat.S_IFMT(attributes >> 16), path, links)
    if kind is None:
        kind = Kind.DIRECTORY if folder else Kind.FILE
    if (kind is Kind.DIRECTORY) != folder or (attributes & _DOS_FOLDER and not folder):
        raise Unsound(f"{shown(path)} is a folder by its name, or by its attributes, and not by both")
    return path, kind


def _kind(mode: int, path: str, links: bool) -> Kind | None:
    if mode in _KINDS:
        return _KINDS[mode]
    if mode == stat.S_IFLNK and links:
        return Kind.SYMLINK
    what = "a link" if mode == stat.S_IFLNK else "a device, or another special file"
    raise Unsound(f"{shown(path)} is {what}")


def _check_sizes(name: bytes, kind: Kind, size: int, packed: int, limits: Limits) -> None:
    if kind is Kind.DIRECTORY and size:
        raise Unsound(f"{_label(name)} is a folder, and has content")
    if size > limits.entry_bytes:
        raise Unsound(f"{_label(name)} unpacks to {size:,} bytes, more than {limits.entry_bytes:,}")
    if size > limits.may_unpack_to(packed):
        raise Unsound(
            f"{_label(name)} unpacks to {size / max(packed, 1):,.0f} times its size, more than {limits.ratio}"
        )
