"""Zip files put together by hand (APPNOTE 6.3.10), so that each of their fields can be a lie."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

STORED, DEFLATED = 0, 8
DESCRIPTOR, UTF_8 = 0x8, 0x800
FILE, FOLDER, LINK = 0o100644 << 16, (0o40755 << 16) | 0x10, 0o120777 << 16

LOCAL = ("signature", "needed", "flags", "method", "time", "crc", "packed", "size")
CENTRAL = (*LOCAL[:1], "made", *LOCAL[1:])
_ENDS = ("disk", "first", "here", "count", "size", "offset")


@dataclass(frozen=True)
class Part:
    """One entry. What is not given is honest.

    Args:
        name: as it is written.
        content: what it unpacks to.
        method: how it is packed.
        flags: general purpose flags.
        attributes: external ones; the mode is in the upper half.
        raw: the packed bytes, instead of those that belong to the content.
        extra: extra fields of the directory.
        local_extra: extra fields of the local header.
        comment: of the entry.
        local: fields of the local header that say something else, by name; "name" too.
        central: fields of the directory that say something else; also "offset" and "disk".
        descriptor: what stands behind the content; None is for what the flags demand.
        before: bytes in front of the local header.
    """

    name: bytes
    content: bytes = b""
    method: int = DEFLATED
    flags: int = 0
    attributes: int = FILE
    raw: bytes | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    comment: bytes = b""
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    descriptor: bytes | None = None
    before: bytes = b""

    @property
    def packed(self) -> bytes:
        """The content as it stands in the file."""
        if self.raw is not None:
            return self.raw
        return deflated(self.content) if self.method == DEFLATED else self.content

    @property
    def fields(self) -> dict[str, Any]:
        """What is true of it."""
        return {
            "made": 0x0314,  # 2.0, on Unix
            "needed": 20,
            "flags": self.flags,
            "method": self.method,
            "time": 0x00210000,  # 1980-01-01
            "crc": zlib.crc32(self.content),
            "packed": len(self.packed),
            "size": len(self.content),
        }

    def local_entry(self) -> bytes:
        """Local header, content and data descriptor."""
        told = self.fields
        if self.flags & DESCRIPTOR:
            told |= {"crc": 0, "packed": 0, "size": 0}
        told |= {"signature": b"PK\x03\x04"} | self.local
        name: bytes = told.get("name", self.name)
        header = struct.pack("<4sHHHLLLL", *(told[name] for name in LOCAL))
        lengths = struct.pack("<HH", len(name), len(self.local_extra))
        behind = self.descriptor
        if behind is None:
            behind = described(self) if self.flags & DESCRIPTOR else b""
        return b"".join((self.before, header, lengths, name, self.local_extra, self.packed, behind))

    def central_entry(self, offset: int) -> bytes:
        """The entry of the directory."""
        told: dict[str, Any] = {
            "signature": b"PK\x01\x02",
            "name": self.name,
            "disk": 0,
            "offset": offset,
            "inside": 0,
        }
        told |= self.fields | self.central
        header = struct.pack("<4sHHHHLLLL", *(told[name] for name in CENTRAL))
        lengths = struct.pack("<HHH", len(told["name"]), len(self.extra), len(self.comment))
        rest = struct.pack("<HHLL", told["disk"], told["inside"], self.attributes, told["offset"])
        return b"".join((header, lengths, rest, told["name"], self.extra, self.comment))


def deflated(content: bytes) -> bytes:
    """A raw deflate stream."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def described(part: Part, *, signature: bytes = b"PK\x07\x08", form: str = "<LLL") -> bytes:
    """A data descriptor, in its short form with a signature unless something else is wanted."""
    return signature + struct.pack(form, zlib.crc32(part.content), len(part.packed), len(part.content))


def extra(number: int, content: bytes) -> bytes:
    """One extra field."""
    return struct.pack("<HH", number, len(content)) + content


@dataclass(frozen=True)
class End:
    """What is behind the entries. What is not given is honest.

    Args:
        comment: of the archive.
        fields: of the end record that say something else: disk, first, here, count, size, offset, length.
        wide: whether there is a zip64 record with its locator.
        record: fields of the zip64 record that say something else; also "rest" and "signature".
        locator: fields of the locator that say something else: disk, place, disks.
        between: bytes between the directory and the end record.
        before: bytes between the entries and the directory.
        inside: bytes behind the last entry of the directory that belong to it.
        behind: bytes behind everything.
    """

    comment: bytes = b""
    fields: dict[str, int] = field(default_factory=dict)
    wide: bool = False
    record: dict[str, Any] = field(default_factory=dict)
    locator: dict[str, int] = field(default_factory=dict)
    between: bytes = b""
    before: bytes = b""
    inside: bytes = b""
    behind: bytes = b""


def zipped(*parts: Part, end: End = End(), order: Sequence[int] | None = None) -> bytes:
    """A zip file.

    Args:
        parts: the entries, as they stand in the file.
        end: what is behind them.
        order: of the directory, as numbers of parts.
    """
    body, offsets = b"", []
    for part in parts:
        offsets.append(len(body) + len(part.before))
        body += part.local_entry()
    body += end.before
    listed = range(len(parts)) if order is None else order
    directory = b"".join(parts[number].central_entry(offsets[number]) for number in listed) + end.inside
    told = {"disk": 0, "first": 0, "here": len(listed), "count": len(listed)}
    told |= {"size": len(directory), "offset": len(body)}
    body += directory + end.between
    if end.wide:
        wide = {"signature": b"PK\x06\x06", "rest": 44} | told | end.record
        place = {"disk": 0, "place": len(body), "disks": 1} | end.locator
        body += struct.pack("<4sQ2H", wide["signature"], wide["rest"], 45, 45)
        body += struct.pack("<2L4Q", *(wide[key] for key in _ENDS))
        body += struct.pack("<4sLQL", b"PK\x06\x07", place["disk"], place["place"], place["disks"])
        told |= {"size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    told |= {"length": len(end.comment)} | end.fields
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", *(told[key] for key in (*_ENDS, "length")))
    return body + record + end.comment + end.behind


def named(*names: str) -> list[Part]:
    """Entries with these names and a little content; folders, where the name ends in a slash."""
    return [
        Part(name.encode(), attributes=FOLDER, method=STORED)
        if name.endswith("/")
        else Part(name.encode(), name.encode(), flags=0 if name.isascii() else UTF_8)
        for name in names
    ]
