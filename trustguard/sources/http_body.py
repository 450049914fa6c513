"""What an answer says and holds: which statuses will do, and a body that is read in bounds."""

from __future__ import annotations

import zlib
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from trustguard.sources.http_attempts import Operation, Transient
from trustguard.sources.http_types import UNAUTHORIZED, Answer, announced_length

_GZIP = 16 + zlib.MAX_WBITS
_MAY_PASS = frozenset({429, 500, 502, 503, 520, 527})
_BROKEN = 500


class BoundedBody:
    """A document that never grows beyond its limit, compressed or not.

    httpx's own decoders unpack a whole chunk at once, and one encoding within another without bound; here at
    most ``limit`` bytes and one byte ever exist.

    Args:
        encoding: the ``Content-Encoding``; ``identity`` and ``gzip`` are what we ask for.
        limit: bytes, after decoding and before.

    Raises:
        ValueError: another encoding.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        named = encoding.strip().lower()
        if named not in {"", "identity", "gzip", "x-gzip"}:
            raise ValueError(f"it came in the encoding {named[:40]!r}, which was not asked for")
        self._gzip = zlib.decompressobj(_GZIP) if named.endswith("gzip") else None
        self._limit = limit
        self._received = 0
        self._pieces: list[bytes] = []
        self._left = limit

    def feed(self, chunk: bytes) -> None:
        """Take what has arrived.

        Raises:
            ValueError: too large, or not gzip.
        """
        self._received += len(chunk)
        if self._received > self._limit:
            raise self._too_large()
        piece = chunk if self._gzip is None else _unpacked(self._gzip, chunk, self._left + 1)
        if len(piece) > self._left:
            raise self._too_large()
        self._left -= len(piece)
        self._pieces.append(piece)

    def finish(self) -> bytes:
        """The whole document.

        Raises:
            ValueError: the compressed stream is not complete.
        """
        if self._gzip is not None and self._received and not self._gzip.eof:
            raise ValueError("its gzip stream is not complete")
        return b"".join(self._pieces)

    def _too_large(self) -> ValueError:
        return ValueError(f"it is larger than {self._limit:,} bytes")


def _unpacked(gzip: zlib._Decompress, chunk: bytes, room: int) -> bytes:
    try:
        piece = gzip.decompress(chunk, room)
    except zlib.error as error:
        raise ValueError("it is not the gzip stream that it claims to be") from error
    if gzip.unused_data:
        raise ValueError("there is something behind its gzip stream")
    return piece


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds to wait that a ``Retry-After`` header asks for (RFC 9110, 10.2.3).

    Args:
        value: the header: seconds, or a date.
        now: the present time, with its zone.

    Returns:
        None where there is no such header, or it says nothing that could be understood.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return max(0.0, (aware - now).total_seconds())


async def accepted(answer: Answer, statuses: set[int], operation: Operation) -> None:
    """See to it that an answer has one of these statuses.

    Raises:
        Transient: it has one that may pass: pip's list, and 429.
        SourceRefused: it says no.
        SourceUnreachable: the server is broken.
    """
    status = answer.status
    if status in statuses:
        return
    await answer.drop()
    if status in _MAY_PASS:
        now = datetime.now(timezone.utc)
        raise Transient(f"it was answered with {status}", retry_after(answer.headers.get("retry-after"), now))
    if status >= _BROKEN:
        raise operation.unreachable(f"it was answered with {status}")
    hint = "the address wants credentials" if status == UNAUTHORIZED else ""
    raise operation.refused(f"it was answered with {status}", hint)


async def whole(answer: Answer, limit: int, operation: Operation) -> bytes:
    """The decoded body of an answer.

    Raises:
        SourceRefused: it is larger than the limit in bytes, or not what its headers say.
        Transient: it broke off.
    """
    if (announced := announced_length(answer)) is not None and announced > limit:
        raise operation.refused(f"it is larger than {limit:,} bytes")
    try:
        body = BoundedBody(answer.headers.get("content-encoding", ""), limit)
        while chunk := await answer.read():
            body.feed(chunk)
        return body.finish()
    except ValueError as error:
        raise operation.refused(str(error)) from error
