"""Where the central directory of a zip file is (APPNOTE 4.3.14 to 4.3.16), if everybody finds the same one.

Readers look for the end record from behind, or from the front, or believe the first signature that they see,
or correct its offsets by what stands in front of the archive. A file on which they agree has one end record,
which ends the file, and offsets that hold as they are.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from trustguard.model.record import record
from trustguard.sources.archive.entry import Unsound
from trustguard.sources.archive.limits import Limits

__all__ = ["Directory", "find_directory", "is_end_of_zip"]

_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_SIGNATURES = (_END, _END64, _LOCATOR, b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x05", b"PK\x07\x08")
_RECORD = struct.Struct("<4s4H2LH")
_RECORD64 = struct.Struct("<4sQ2H2L4Q")
_LOCATION = struct.Struct("<4sLQL")
_LONGEST = _RECORD.size + 0xFFFF
_SHORT, _LONG = 0xFFFF, 0xFFFFFFFF
"""What stands where the value is in the zip64 record."""


@record
class Directory:
    """Where the central directory is.

    Args:
        offset: bytes from the beginning of the file.
        size: bytes.
        count: entries.
    """

    offset: int
    size: int
    count: int


def find_directory(file: BinaryIO, length: int, limits: Limits) -> Directory:
    """Find the central directory of a zip file.

    Args:
        file: any place in it.
        length: bytes of the file.
        limits: of the directory and the comment.

    Raises:
        Unsound: there is no end record at the end of the file, or more than one that could be meant; it is of
            several disks, contradicts its zip64 record, or is not right behind the directory.
    """
    tail, start = _tail(file, length)
    at = tail.rfind(_END)
    if at < 0:
        raise Unsound("it is not a zip file: it has no end record, or is truncated")
    if len(tail) - at < _RECORD.size:
        raise Unsound("its end record is truncated")
    fields = _RECORD.unpack_from(tail, at)
    _check_comment(tail[at + _RECORD.size :], fields[7], tail, at, limits)
    directory, end = _directory(fields, tail[:at], start + at)
    if directory.offset + directory.size != end:
        raise Unsound(f"its directory does not end where its end record begins, at byte {end:,}")
    if directory.size > limits.directory_bytes:
        raise Unsound(f"its directory has {directory.size:,} bytes, more than {limits.directory_bytes:,}")
    if directory.count > limits.entries:
        raise Unsound(f"it has {directory.count:,} entries, more than {limits.entries:,} files")
    return directory


def is_end_of_zip(file: BinaryIO, length: int) -> bool:
    """Whether a file of another format would be read as a zip file as well, by its end."""
    tail, _ = _tail(file, length)
    at = tail.rfind(_END)
    while at >= 0:
        if len(tail) - at >= _RECORD.size:
            _, disk, first, here, count, _, _, _ = _RECORD.unpack_from(tail, at)
            if disk == first and here == count:
                return True
        at = tail.rfind(_END, 0, at)
    return False


def _tail(file: BinaryIO, length: int) -> tuple[bytes, int]:
    start = max(0, length - _LONGEST - _LOCATION.size - _RECORD64.size)
    file.seek(start)
    return file.read(length - start), start


def _check_comment(comment: bytes, stated: int, tail: bytes, at: int, limits: Limits) -> None:
    if len(comment) != stated:
        raise Unsound(
            f"{len(comment):,} bytes stand behind its end record, which has a comment of {stated:,}: "
            "it is truncated, or something is appended"
        )
    if stated > limits.comment_bytes:
        raise Unsound(f"its comment has {stated:,} bytes, more than {limits.comment_bytes:,}")
    behind = tail[at + len(_END) :]
    if any(signature in behind for signature in _SIGNATURES):
        raise Unsound("its end record or comment holds the signature of another record")


def _directory(fields: tuple[int, ...], before: bytes, end: int) -> tuple[Directory, int]:
    """The directory as the end record gives it, and where it must end."""
    _, disk, first, here, count, size, offset, _ = fields
    if before[-_LOCATION.size :].startswith(_LOCATOR) and len(before) >= _LOCATION.size:
        return _directory64(fields, before, end)
    if disk or first or here != count:
        raise Unsound("it is one of several disks")
    if _LONG in {size, offset}:
        raise Unsound("its end record refers to a zip64 record, and there is none")
    return Directory(offset, size, count), end


def _directory64(fields: tuple[int, ...], before: bytes, end: int) -> tuple[Directory, int]:
    locator = end - _LOCATION.size
    _, disk, place, disks = _LOCATION.unpack_from(before, len(before) - _LOCATION.size)
    if disk or disks != 1:
        raise Unsound("its zip64 locator says that it is one of several disks")
    record = len(before) - _LOCATION.size - _RECORD64.size
    if place != locator - _RECORD64.size or record < 0 or before[record : record + 4] != _END64:
        raise Unsound("its zip64 record is not right before its locator")
    _, rest, _, _, this, first, here, count, size, offset = _RECORD64.unpack_from(before, record)
    if rest != _RECORD64.size - 12:
        raise Unsound(f"its zip64 record has {rest:,} bytes instead of {_RECORD64.size - 12}")
    wide = (this, first, here, count, size, offset)
    marks = (_SHORT, _SHORT, _SHORT, _SHORT, _LONG, _LONG)
    if any(short not in {long, mark} for short, long, mark in zip(fields[1:7], wide, marks, strict=True)):
        raise Unsound("its end record and its zip64 record contradict each other")
    if this or first or here != count:
        raise Unsound("it is one of several disks")
    return Directory(offset, size, count), place
