"""A file that comes in pieces, and goes on where it was when the connection breaks.

A second answer may be another content. Where the server can continue (RFC 9110, 14) it is asked to, on the
condition that the file is still the same (``If-Range`` with a strong ETag). Otherwise the file is read again
from its beginning, and what was already handed on must come again, byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from trustguard.sources.http_attempts import Operation, Transient
from trustguard.sources.http_types import NOT_MODIFIED, PARTIAL, Answer, Download, announced_length


class Transfer:
    """The state of one file's transfer.

    Args:
        operation: its time and attempts.
        request: makes the request with more headers; gives an answer of status 200, 206 or 304.
        limit: bytes.
    """

    def __init__(
        self,
        operation: Operation,
        request: Callable[[Mapping[str, str]], Awaitable[Answer]],
        limit: int,
    ) -> None:
        self._operation = operation
        self._request = request
        self._limit = limit
        self._answer: Answer | None = None
        self._chunks: AsyncGenerator[bytes, None] | None = None
        self._received = 0
        self._seen = hashlib.sha256()

    async def start(self, headers: Mapping[str, str]) -> Download:
        """Make the request.

        Raises:
            SourceRefused: the file is larger than the limit, or the answer is against the rules.
            SourceUnreachable: there was none, or not in time.
        """
        answer = self._answer = await self._operation.persist(lambda: self._request(headers))
        length = announced_length(answer) if answer.status != NOT_MODIFIED else None
        if length is not None and length > self._limit:
            raise self._too_large()
        self._chunks = self._received_from(answer, length)
        return Download(answer.url, answer.status, answer.headers, length, self._chunks)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._chunks is not None:
            await self._chunks.aclose()
        await self._let_go()

    async def _let_go(self) -> None:
        if self._answer is not None:
            await self._answer.close()

    async def _received_from(self, first: Answer, length: int | None) -> AsyncGenerator[bytes, None]:
        answer = first
        while True:
            try:
                chunk = await self._operation.within(answer.read())
                if not chunk and length is not None and self._received < length:
                    raise Transient(f"it broke off after {self._received:,} of {length:,} bytes")  # noqa: TRY301
            except Transient as failure:
                answer, chunk = await self._resumed(first, failure)
            if not chunk:
                return
            self._received += len(chunk)
            if self._received > self._limit:
                raise self._too_large()
            self._seen.update(chunk)
            yield chunk

    async def _resumed(self, first: Answer, failure: Transient) -> tuple[Answer, bytes]:
        """Another answer, and its first piece that has not been handed on."""
        while True:
            await self._let_go()
            await self._operation.pause(failure)
            try:
                answer = self._answer = await self._operation.within(self._request(self._condition(first)))
                if answer.status == PARTIAL:
                    return answer, await self._operation.within(self._continued(answer))
                return answer, await self._operation.within(self._repeated(answer))
            except Transient as again:
                failure = again

    def _condition(self, first: Answer) -> dict[str, str]:
        etag = first.headers.get("etag", "")
        if not etag.startswith('"') or not self._received:
            return {}
        return {"Range": f"bytes={self._received}-", "If-Range": etag}

    async def _continued(self, answer: Answer) -> bytes:
        if not answer.headers.get("content-range", "").startswith(f"bytes {self._received}-"):
            raise self._operation.refused("it goes on at another place than it was asked to")
        return await answer.read()

    async def _repeated(self, answer: Answer) -> bytes:
        """Read what is known already, see that it is the same, and give what comes after it."""
        again, left, chunk = hashlib.sha256(), self._received, b""
        while left:
            chunk = await answer.read()
            if not chunk:
                raise Transient(f"it broke off before byte {self._received:,}")
            again.update(chunk[:left])
            known = min(left, len(chunk))
            left, chunk = left - known, chunk[known:]
        if again.digest() != self._seen.digest():
            raise self._operation.refused("it changed while it was being fetched")
        return chunk or await answer.read()

    def _too_large(self) -> Exception:
        return self._operation.refused(f"it is larger than {self._limit:,} bytes")
