"""CONNECT (RFC 9110, section 9.3.6): behind it, TLS ends here, and the requests inside are answered.

The server's protocol is uvicorn's; it learns one word. A connection that asks to be a tunnel becomes a
connection of TLS to the named host, whose requests go to the same application with the host's address before
their paths. A host that the user lets through is connected with as it is, and nobody looks inside.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from trustguard.frontends.guard_index.gate import ORIGIN
from trustguard.frontends.guard_proxy.authority import Authority
from trustguard.frontends.guard_proxy.way import Streams
from trustguard.model.record import record

_HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
_LAST_PORT = 65_535


@record
class Tunnels:
    """What a proxy needs for its tunnels.

    Args:
        authority: vouches for the guard.
        proxy_authorization: the header that a client must show.
        passes: whether a host is connected with as it is.
        refused: is told of a client that is not this run's.
        connect: makes a connection to a host that is let through.
        unreached: is told why there is none.
    """

    authority: Authority
    proxy_authorization: bytes
    passes: Callable[[str], bool]
    refused: Callable[[str], None]
    connect: Callable[[str, int], Awaitable[Streams]]
    unreached: Callable[[str], None]


class _Behind:
    """The application, for requests that came through a tunnel."""

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ORIGIN] = self._origin
        await self._app(scope, receive, send)


class _Inside(H11Protocol):
    """uvicorn's HTTP/1.1 in a tunnel.

    The first request may come together with the end of TLS's handshake, and then it is here before asyncio
    has told whoever waits for the handshake: it is kept until there is something to answer on.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._early = b""
        self._begun = self._gone = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, with what is there already."""
        self._begun = True
        if self._gone:
            transport.close()
            return
        super().connection_made(transport)
        early, self._early = self._early, b""
        if early:
            super().data_received(early)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived."""
        if self._begun:
            super().data_received(data)
        else:
            self._early += data

    def connection_lost(self, exc: Exception | None) -> None:
        """End; there may have been no beginning."""
        self._gone = True
        if self._begun:
            super().connection_lost(exc)


class TunnelProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, which knows CONNECT."""

    tunnels: Tunnels

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._head: bytearray | None = bytearray()
        self._work: asyncio.Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        """Look at the beginning of a connection, until it is clear what it is to be."""
        if self._head is None:
            super().data_received(data)
            return
        self._head += data
        if b"CONNECT "[: len(self._head)] != self._head[:8]:
            head, self._head = bytes(self._head), None
            super().data_received(head)
        elif b"\r\n\r\n" in self._head:
            head, _, early = bytes(self._head).partition(b"\r\n\r\n")
            self._connect(head, early)
        elif len(self._head) > _HEAD_LIMIT:
            self.transport.close()

    def _connect(self, head: bytes, early: bytes) -> None:
        line, *headers = head.split(b"\r\n")
        fields = dict(_field(header) for header in headers)
        host, port = _authority_form(line)
        if not host:
            self._end(b"400 Bad Request")
        elif not hmac.compare_digest(
            fields.get(b"proxy-authorization", b""), self.tunnels.proxy_authorization
        ):
            self.tunnels.refused(f"{host}:{port}")
            self._end(b'407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="trustguard"')
        else:
            self.transport.pause_reading()
            way = self._through(host, port, early) if self.tunnels.passes(host) else self._secured(host, port)
            # What a client says before it is told that it may is no TLS that could be begun anew.
            if early and not self.tunnels.passes(host):
                way.close()
                self._end(b"400 Bad Request")
                return
            self._work = self.loop.create_task(_quietly(way, self.transport))

    def _end(self, status: bytes) -> None:
        self.transport.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        self.transport.close()

    async def _secured(self, host: str, port: int) -> None:
        context = await asyncio.to_thread(self.tunnels.authority.context, host)
        inside = _Inside(self.config, self.server_state, self.app_state, self.loop)
        name = f"[{host}]" if ":" in host else host
        inside.app = _Behind(self.app, f"https://{name}" + (f":{port}" if port != 443 else ""))  # noqa: PLR2004
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connections.discard(self)
        secured = await self.loop.start_tls(self.transport, inside, context, server_side=True)
        if secured is not None:
            inside.connection_made(secured)

    async def _through(self, host: str, port: int, early: bytes) -> None:
        try:
            there, to_there = await self.tunnels.connect(host, port)
        except OSError as error:
            self.tunnels.unreached(f"{host}:{port} is let through, and cannot be reached: {error}")
            self._end(b"502 Bad Gateway")
            return
        self.connections.discard(self)
        here, to_here = self._streams()
        to_here.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        to_there.write(early)
        self.transport.resume_reading()
        try:
            await asyncio.gather(_pump(here, to_there), _pump(there, to_here))
        finally:
            to_there.close()
            to_here.close()

    def _streams(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The client's connection, from now on as a pair of streams."""
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)
        return reader, asyncio.StreamWriter(self.transport, protocol, reader, self.loop)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes, and that no more comes: the other direction may go on."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.write_eof()


def protocol_with(tunnels: Tunnels) -> type[TunnelProtocol]:
    """The protocol of one server."""
    return type("_Protocol", (TunnelProtocol,), {"tunnels": tunnels})


async def _quietly(way: Awaitable[None], transport: asyncio.Transport) -> None:
    """A client that goes away, or does not believe the certificate, tells that itself."""
    try:
        await way
    except (OSError, ValueError):
        transport.abort()


def _field(header: bytes) -> tuple[bytes, bytes]:
    name, _, value = header.partition(b":")
    return name.strip().lower(), value.strip()


def _authority_form(line: bytes) -> tuple[str, int]:
    """Host and port of a CONNECT; an empty host where it is none."""
    words = line.split(b" ")
    if len(words) != 3:  # noqa: PLR2004 - method, target, version
        return "", 0
    host, colon, port = words[1].decode("ascii", "replace").rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port[:6]) <= _LAST_PORT:
        return "", 0
    return host.strip("[]").lower(), int(port)
