"""Tar archives put together by hand (POSIX.1-2024, pax; GNU tar), each field at will."""

from __future__ import annotations

USTAR, GNU, V7 = b"ustar\x0000", b"ustar  \x00", bytes(8)
END = bytes(1024)


def header(  # noqa: PLR0913 - each is a field
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    link: bytes = b"",
    prefix: bytes = b"",
    magic: bytes = USTAR,
    mode: int = 0o644,
    size_field: bytes | None = None,
    uid: bytes = b"0000000\x00",
    devmajor: bytes = bytes(8),
    checksum: int | None = None,
) -> bytes:
    """One header block."""
    stated = size_field if size_field is not None else b"%011o\x00" % size
    block = b"".join((
        name.ljust(100, b"\x00"),
        b"%07o\x00" % mode,
        uid,
        b"0000000\x00",
        stated,
        b"00000000000\x00",
        b" " * 8,
        kind,
        link.ljust(100, b"\x00"),
        magic,
        bytes(64),
        devmajor,
        bytes(8),
        prefix.ljust(167, b"\x00"),
    ))  # fmt: skip
    assert len(block) == 512
    total = sum(block) if checksum is None else checksum
    return block[:148] + b"%06o\x00 " % total + block[156:]


def padded(content: bytes) -> bytes:
    """Content, filled up to a whole number of blocks."""
    return content + bytes(-len(content) % 512)


def member(name: bytes, content: bytes = b"", **fields: object) -> bytes:
    """A file."""
    return header(name, len(content), **fields) + padded(content)  # type: ignore[arg-type]


def records(**said: str | bytes) -> bytes:
    """The records of a pax header; a double underscore in a keyword is for a dot."""
    return b"".join(record(key.replace("__", ".").encode(), value) for key, value in said.items())


def record(keyword: bytes, value: str | bytes) -> bytes:
    """One record: its length, which counts itself, keyword and value."""
    raw = value.encode() if isinstance(value, str) else value
    rest = b" " + keyword + b"=" + raw + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def pax(content: bytes, kind: bytes = b"x", behind: bytes = b"") -> bytes:
    """A pax header; what is behind it fills its last block, which is of zeros otherwise."""
    return header(b"PaxHeaders/x", len(content), kind) + padded(content + behind)


def long_name(name: bytes, kind: bytes = b"L", behind: bytes = b"\x00") -> bytes:
    """A long name of GNU tar, which ends in a NUL; and likewise."""
    size = len(name) + behind.startswith(b"\x00")
    return header(b"././@LongLink", size, kind, magic=GNU) + padded(name + behind)
