"""What tar archives are packed with: one stream of gzip, bzip2 or xz that fills the file, and nothing else.

The standard library's file objects read one stream after the other, and skip some of what they do not know;
other unpackers stop after the first stream. A file is read here as all of them read it, or refused.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from trustguard.sources.archive.entry import Unsound

__all__ = ["unpacked"]

_STEP = 1 << 17
_XZ_MEMORY = 256 << 20
"""Bytes of memory for an xz decoder; ``xz -9`` needs 65 MiB."""
_GZIP = 16 + zlib.MAX_WBITS
_ERRORS = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, MemoryError)


def unpacked(file: BinaryIO, filename: str) -> Iterator[bytes]:
    """The content of a packed file, in pieces of at most 128 KiB.

    Args:
        file: it is read from its beginning.
        filename: whose ending says what it is packed with.

    Raises:
        Unsound: it is damaged or truncated, or something stands behind its end.
    """
    file.seek(0)
    pieces = _gunzipped(file) if filename.endswith(("gz", ".tgz")) else _decompressed(file, filename)
    try:
        yield from pieces
    except _ERRORS as error:
        raise Unsound(
            "it cannot be unpacked: it is damaged, or packed in another way than its name says"
        ) from error


def _gunzipped(file: BinaryIO) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP)
    while not decoder.eof:
        packed = decoder.unconsumed_tail or file.read(_STEP)
        piece = decoder.decompress(packed, _STEP)
        if not piece and not packed:
            raise Unsound("it is truncated")
        yield piece
    _check_end(decoder.unused_data, file)


def _decompressed(file: BinaryIO, filename: str) -> Iterator[bytes]:
    decoder: lzma.LZMADecompressor | bz2.BZ2Decompressor = bz2.BZ2Decompressor()
    if filename.endswith(".xz"):
        decoder = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    while not decoder.eof:
        packed = file.read(_STEP) if decoder.needs_input else b""
        if decoder.needs_input and not packed:
            raise Unsound("it is truncated")
        yield decoder.decompress(packed, _STEP)
    _check_end(decoder.unused_data, file)


def _check_end(rest: bytes, file: BinaryIO) -> None:
    if rest or file.read(1):
        raise Unsound("there is something behind the end of what it is packed in, perhaps a second archive")
