"""Packed archives as files that give no more than they may: :mod:`tarfile` trusts its input."""

from __future__ import annotations

import io
import lzma
from collections.abc import Iterator
from typing import IO, Protocol

TOTAL_LIMIT = 2 << 30
"""Bytes of an archive, unpacked, that are looked through."""
_STEP = 1 << 16
_READ_LIMIT = 8 << 20
"""Bytes of one header: tarfile reads a long name or a pax header in one piece, whatever size it claims."""
_XZ_MEMORY = 256 << 20

Pieces = Iterator[bytes]


class SupportsRead(Protocol):
    """What there is to read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""


class BoundedReader(io.RawIOBase):
    """A stream that can only be read forwards, and not without end.

    Args:
        pieces: the content.
        total: bytes.

    Raises:
        ValueError: from every method, once more is asked for than the limits allow, or a step back.
    """

    def __init__(self, pieces: Pieces, total: int = TOTAL_LIMIT) -> None:
        super().__init__()
        self._pieces = pieces
        self._total = total
        self._buffer = b""
        self._position = 0

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """Forwards it is; that is all that tarfile needs."""
        return True

    def tell(self) -> int:
        """The number of bytes that have been read or passed over."""
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes; fewer only at the end."""
        if size is None or not 0 <= size <= _READ_LIMIT:
            raise ValueError("a single header is too large")
        found = []
        while size > 0 and (piece := self._next(size)):
            found.append(piece)
            size -= len(piece)
        return b"".join(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Pass over what lies between here and there."""
        if whence != io.SEEK_SET or offset < self._position:
            raise ValueError("it can only be read forwards")
        while self._position < offset and self._next(offset - self._position):
            pass
        return self._position

    def _next(self, most: int) -> bytes:
        if not self._buffer:
            self._buffer = next(filter(None, self._pieces), b"")
        piece, self._buffer = self._buffer[:most], self._buffer[most:]
        self._position += len(piece)
        if self._position > self._total:
            raise ValueError("it unpacks to too much")
        return piece


def of_file(file: SupportsRead) -> Pieces:
    """The content of an open file, in pieces of 64 KiB."""
    while piece := file.read(_STEP):
        yield piece


def of_xz(raw: IO[bytes]) -> Pieces:
    """What an xz file unpacks to. The standard library's file object has no limit for its memory."""
    decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    while not decoder.eof:
        packed = raw.read(_STEP) if decoder.needs_input else b""
        if decoder.needs_input and not packed:
            raise EOFError("the xz stream is not complete")
        yield decoder.decompress(packed, _STEP)
