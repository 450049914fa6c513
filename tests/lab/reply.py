"""One HTTP answer as a value, so that a fault is a function from the honest answer to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHUNK = 64 * 1024


class Ending(Enum):
    """What happens to the connection once the body has been sent as far as it goes."""

    KEEP_ALIVE = auto()
    CLOSE = auto()
    RESET = auto()
    HANG = auto()


@dataclass(frozen=True)
class Reply:
    """What to send.

    Attributes:
        status: the HTTP status.
        headers: those besides Content-Length.
        body: what is sent; an iterable is streamed, so that it need not fit in memory.
        length: the Content-Length that is announced; the body's own when None.
        announce: whether there is a Content-Length at all; without one the body ends with the connection.
        silent: nothing is sent, not even a status line.
        chunk: bytes sent at once.
        pause: seconds before each chunk.
        ending: what happens then.

    """

    status: int
    headers: Mapping[str, str]
    body: bytes | Iterable[bytes] = b""
    length: int | None = None
    announce: bool = True
    silent: bool = False
    chunk: int = CHUNK
    pause: float = 0.0
    ending: Ending = Ending.KEEP_ALIVE

    @property
    def content(self) -> bytes:
        """The body as bytes; for a body that is streamed, the whole of it."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.body)

    @property
    def complete(self) -> bool:
        """Whether a client that reads all of it holds a whole answer."""
        whole = self.length is None or not isinstance(self.body, bytes) or self.length == len(self.body)
        return whole and not self.silent and self.ending in {Ending.KEEP_ALIVE, Ending.CLOSE}

    def chunks(self) -> Iterable[bytes]:
        """Return the body in pieces."""
        if not isinstance(self.body, bytes):
            return self.body
        content = self.body
        return (content[start : start + self.chunk] for start in range(0, len(content), self.chunk))


def text(status: int, message: str) -> Reply:
    """Return a short plain-text answer."""
    return Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, f"{message}\n".encode())


def redirect(status: int, location: str) -> Reply:
    """Return an answer that sends the client elsewhere."""
    return Reply(status, {"Location": location, "Content-Type": "text/plain"}, b"")
