"""What an HTTP client gives: a small document, a file on its way, and the raw answer under both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from trustguard.model.record import record

OK, PARTIAL, NOT_MODIFIED, UNAUTHORIZED, FORBIDDEN = 200, 206, 304, 401, 403
MISSING = frozenset({404, 410})


class Answer(Protocol):
    """An HTTP answer whose body has not been read. Failures that may pass are :class:`Transient`."""

    @property
    def url(self) -> str:
        """Where it came from in the end."""

    @property
    def status(self) -> int:
        """Its status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, with lower-case names."""

    async def read(self) -> bytes:
        """The next piece of the body as it was sent; empty at the end."""

    async def close(self) -> None:
        """Let go of the connection."""

    async def drop(self) -> None:
        """Let go of it after a look at whether it can be used again."""


def announced_length(answer: Answer) -> int | None:
    """The size of the body in bytes, as it is sent, where the server says so."""
    text = answer.headers.get("content-length", "")
    return int(text[:18]) if text.isascii() and text.isdecimal() else None


@record
class Download:
    """A file on its way.

    Args:
        url: where it comes from in the end, without credentials.
        status: 200, or 304 where the request had a condition; there are no chunks then.
        headers: with lower-case names.
        length: its size in bytes, where the server says so.
        chunks: the bytes, to be read once and inside of the context.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    length: int | None
    chunks: AsyncIterator[bytes]


@record
class Response:
    """A small document.

    Args:
        url: where it came from in the end, without credentials.
        status: 200; 404 or 410 where there is none; 304 where the request had a condition.
        content: the decoded body; empty unless the status is 200.
        content_type: the media type, in lower case and without parameters.
        headers: with lower-case names.
    """

    url: str
    status: int
    content: bytes
    content_type: str
    headers: Mapping[str, str]

    @property
    def missing(self) -> bool:
        """Whether the server says that there is no such document."""
        return self.status in MISSING
