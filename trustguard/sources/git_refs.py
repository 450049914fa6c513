"""A Git server's list of references, versions 0 and 1 of the protocol (gitprotocol-http, -pack, -common)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

MOST = 200_000
"""References of a repository."""
_LONGEST = 65_520
"""Bytes of a pkt-line, its length included."""
_LENGTH = 4
_SIZE = re.compile(rb"[0-9a-f]{4}")
_SERVICE = b"# service=git-upload-pack"
_REFERENCE = re.compile(
    rb"(?P<id>[0-9a-f]{40}|[0-9a-f]{64}) "
    rb"(?P<name>HEAD|refs/[^\x00-\x20\x7f~^:?*\[\\]+(?<!/))(?P<peeled>\^\{\})?"
)
_NO_REFERENCES = re.compile(rb"(?:0{40}|0{64}) capabilities\^\{\}")
_SHALLOW = re.compile(rb"shallow (?:[0-9a-f]{40}|[0-9a-f]{64})")
_TAGS = b"refs/tags/"
_SHOWN = 80


def read_tags(content: bytes) -> frozenset[str]:
    """The names of the tags in a list of references, without ``refs/tags/``.

    Raises:
        ValueError: it does not keep to the protocol, or is longer than we read.
    """
    lines = _body(_packets(content))
    first = next(lines, b"")
    if first == b"version 1":
        first = next(lines, b"")
    reference, nul, _ = first.partition(b"\0")
    if not nul:
        raise ValueError("its first reference says nothing of capabilities")
    if _NO_REFERENCES.fullmatch(reference):
        return _collected(lines)
    return _collected(chain([reference], lines))


def _collected(lines: Iterator[bytes]) -> frozenset[str]:
    tags, before = set[str](), b""
    for number, line in enumerate(lines):
        match = _REFERENCE.fullmatch(line)
        if match is None:
            _all_shallow(chain([line], lines))
            break
        name = match["name"]
        if match["peeled"] and name != before:
            raise ValueError(f"what {_shown(name)} leads to does not stand behind it")
        if number == MOST:
            raise ValueError(f"it has more than {MOST:,} references")
        if name.startswith(_TAGS):
            tags.add(name[len(_TAGS) :].decode("utf-8", "backslashreplace"))
        before = b"" if match["peeled"] else name
    return frozenset(tags)


def _all_shallow(lines: Iterator[bytes]) -> None:
    for line in lines:
        if not _SHALLOW.fullmatch(line):
            raise ValueError(f"{_shown(line)} is not a reference")


def _body(packets: Iterator[bytes | None]) -> Iterator[bytes]:
    """The lines between the announcement of the service and the end."""
    if next(packets, None) != _SERVICE or next(packets, b"") is not None:
        raise ValueError("it does not begin as a list of references does")
    for packet in packets:
        if packet is None:
            break
        yield packet
    else:
        raise ValueError("it is not complete")
    for _ in packets:
        raise ValueError("something stands behind its end")


def _packets(content: bytes) -> Iterator[bytes | None]:
    """The payloads of pkt-lines, without their line ends; None for a flush-pkt."""
    place = 0
    while place < len(content):
        size = content[place : place + _LENGTH]
        if not _SIZE.fullmatch(size):
            raise ValueError(f"{_shown(size)} is not the length of a pkt-line")
        length = int(size, 16)
        if length == 0:
            yield None
            place += _LENGTH
            continue
        if not _LENGTH < length <= _LONGEST:
            raise ValueError(f"a pkt-line says that it has {length} bytes")
        packet = content[place + _LENGTH : place + length]
        if len(packet) != length - _LENGTH:
            raise ValueError("it is not complete")
        if packet.startswith(b"ERR "):
            raise ValueError(f"the server says {_shown(packet[4:].rstrip())}")
        yield packet.removesuffix(b"\n")
        place += length


def _shown(data: bytes) -> str:
    return ascii(data[:_SHOWN].decode("utf-8", "backslashreplace"))
