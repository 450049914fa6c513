"""A stream that is read forwards, in exact amounts, and not without end."""

from __future__ import annotations

from collections.abc import Iterator

from trustguard.sources.archive.entry import Unsound

__all__ = ["Stream"]


class Stream:
    """What an archive unpacks to.

    Args:
        pieces: the content.
        most: bytes that it may have; one more is refused.

    Attributes:
        position: bytes that have been read or passed over.
    """

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces = pieces
        self._most = most
        self._received = 0
        self._buffer = b""
        self._at = 0
        self.position = 0

    def take(self, size: int) -> bytes:
        """Exactly so many bytes.

        Raises:
            Unsound: it ends before.
        """
        if len(self._buffer) - self._at >= size:
            self._at += size
            self.position += size
            return self._buffer[self._at - size : self._at]
        return b"".join(self.pieces(size))

    def pieces(self, size: int) -> Iterator[bytes]:
        """So many bytes, in pieces.

        Raises:
            Unsound: it ends before.
        """
        while size > 0:
            if self.at_end():
                raise Unsound("it is truncated")
            piece = (
                self._buffer[self._at : self._at + size]
                if self._at or size < len(self._buffer)
                else self._buffer
            )
            self._at += len(piece)
            self.position += len(piece)
            size -= len(piece)
            yield piece

    def pass_over(self, size: int) -> None:
        """Leave so many bytes out.

        Raises:
            Unsound: it ends before.
        """
        while size > 0:
            if self.at_end():
                raise Unsound("it is truncated")
            step = min(size, len(self._buffer) - self._at)
            self._at += step
            self.position += step
            size -= step

    def at_end(self) -> bool:
        """Whether there is nothing more."""
        while self._at == len(self._buffer):
            piece = next(self._pieces, None)
            if piece is None:
                return True
            self._received += len(piece)
            if self._received > self._most:
                raise Unsound(f"it unpacks to more than {self._most:,} bytes, which is too much")
            self._buffer, self._at = piece, 0
        return False

    def rest(self) -> Iterator[bytes]:
        """All that there still is, in pieces."""
        while not self.at_end():
            yield self.take(len(self._buffer) - self._at)
