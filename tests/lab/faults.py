"""What can go wrong with an index, or be made to: one small value for each, switched on for a path.

Every fault may carry ``times``: it then spoils only so many requests, and those that follow are answered
as if it were not there. That is how a test tells a client that retries from one that does not.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

from .reply import CHUNK, Ending, Reply, redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, kw_only=True)
class Fault(ABC):
    """Something wrong with an answer.

    Attributes:
        times: how many requests it spoils; None for all.

    """

    times: int | None = None

    @abstractmethod
    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Return what is sent instead of the honest reply to the nth request (from 0) for this path."""


@dataclass(frozen=True)
class Slow(Fault):
    """The body trickles: so many seconds for each chunk, or in total."""

    seconds_per_chunk: float | None = None
    total: float | None = None
    chunk_size: int = 1024

    def __post_init__(self) -> None:
        """Refuse a fault that says both, or nothing."""
        if (self.seconds_per_chunk is None) == (self.total is None):
            raise ValueError("give either seconds_per_chunk or total")

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Spread the sending of the body over time."""
        del path, nth
        pause = self.seconds_per_chunk
        if pause is None:
            chunks = -(-len(reply.content) // self.chunk_size)
            pause = (self.total or 0.0) / max(1, chunks)
        return replace(reply, body=reply.content, chunk=self.chunk_size, pause=pause)


@dataclass(frozen=True)
class Hang(Fault):
    """The request is accepted and never answered; with `after`, it stops after so many bytes of the body."""

    after: int | None = None

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Keep the connection open and say no more."""
        del path, nth
        if self.after is None:
            return replace(reply, silent=True, ending=Ending.HANG)
        content = reply.content
        return replace(reply, body=content[: self.after], length=len(content), ending=Ending.HANG)


@dataclass(frozen=True)
class Until(Fault):
    """Nothing is said until something else has happened, however long that takes (20 seconds at most)."""

    happened: Callable[[], bool]

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Wait, then answer honestly."""
        del path, nth
        for _ in range(2000):
            if self.happened():
                break
            time.sleep(0.01)
        return reply


@dataclass(frozen=True)
class Truncate(Fault):
    """The connection closes after so many bytes, while Content-Length says more."""

    after: int

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Cut the body off."""
        del path, nth
        content = reply.content
        return replace(reply, body=content[: self.after], length=len(content), ending=Ending.CLOSE)


@dataclass(frozen=True)
class Corrupt(Fault):
    """One byte in the middle of the body is another: right length, wrong digest."""

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Flip the bits of the middle byte."""
        del path, nth
        content = bytearray(reply.content)
        if content:
            content[len(content) // 2] ^= 0xFF
        return replace(reply, body=bytes(content))


@dataclass(frozen=True)
class Status(Fault):
    """Another status, with its own headers and body; `Retry-After` and the like go into `headers`."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with the status."""
        del reply, path, nth
        return Reply(self.code, {"Content-Type": "text/plain", **self.headers}, self.body)


@dataclass(frozen=True)
class RedirectTo(Fault):
    """The client is sent to another URL."""

    url: str
    code: int = 302

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with the redirect."""
        del reply, path, nth
        return redirect(self.code, self.url)


@dataclass(frozen=True)
class RedirectLoop(Fault):
    """The client is sent to where it is, over and over; the query changes, so that no cache sees the loop."""

    code: int = 302

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with a redirect to the same path."""
        del reply
        return redirect(self.code, f"{path}?turn={nth + 1}")


@dataclass(frozen=True)
class Body(Fault):
    """Another body, with status 200: malformed JSON, a captive portal's page, a wrong type."""

    content: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with the body."""
        del reply, path, nth
        return Reply(200, {"Content-Type": self.content_type, **self.headers}, self.content)


def deep_json(depth: int) -> Body:
    """Return a well-formed listing with an array nested so deeply that a recursive parser gives up."""
    return Body(b'{"meta": {"api-version": "1.4"}, "files": ' + b"[" * depth + b"]" * depth + b"}")


@dataclass(frozen=True)
class HugeBody(Fault):
    """A body of any size, sent without ever being held: `prefix`, then as much `filler` as it takes.

    With ``announce=False`` there is no Content-Length, so only a client that counts notices.
    """

    size: int
    content_type: str = JSON_TYPE
    prefix: bytes = b'{"meta": {"api-version": "1.4"}, "files": ['
    filler: bytes = b" "
    announce: bool = True

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with the stream."""
        del reply, path, nth
        ending = Ending.KEEP_ALIVE if self.announce else Ending.CLOSE
        headers = {"Content-Type": self.content_type}
        return Reply(200, headers, self._stream(), length=self.size, announce=self.announce, ending=ending)

    def _stream(self) -> Iterable[bytes]:
        filler = (self.filler * CHUNK)[:CHUNK]
        left = self.size
        for chunk in chain([self.prefix], repeat(filler)):
            if left <= 0:
                return
            yield chunk[:left]
            left -= len(chunk)


@dataclass(frozen=True)
class Swap(Fault):
    """The first request gets one content, every later one another: what was vetted is not what comes."""

    first: bytes
    second: bytes

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Answer with the content whose turn it is."""
        del path
        return replace(reply, status=200, body=self.first if nth == 0 else self.second, length=None)


@dataclass(frozen=True)
class Reset(Fault):
    """The connection is reset at once, without an answer."""

    def spoil(self, reply: Reply, path: str, nth: int) -> Reply:
        """Say nothing and reset."""
        del path, nth
        return replace(reply, silent=True, ending=Ending.RESET)
