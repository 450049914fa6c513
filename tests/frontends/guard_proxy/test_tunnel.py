"""CONNECT as it may come: in pieces, malformed, too long, with something behind it, from a stranger."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from trustguard.frontends.guard_index.gate import ORIGIN, basic
from trustguard.frontends.guard_proxy.authority import Authority
from trustguard.frontends.guard_proxy.tunnel import Tunnels, protocol_with
from trustguard.frontends.guard_proxy.way import Way
from trustguard.sources.http_settings import HttpSettings

CREDENTIAL = basic("user", "password")
SHOWN = b"Proxy-Authorization: " + CREDENTIAL + b"\r\n"
CONNECT = b"CONNECT index.example:443 HTTP/1.1\r\nHost: index.example:443\r\n" + SHOWN + b"\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class Proxy:
    """A running guard, without an index behind it."""

    port: int
    authority: Authority
    refused: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    let_through: set[str] = field(default_factory=set)

    def connect(self) -> socket.socket:
        """A new connection."""
        connection = socket.create_connection(("127.0.0.1", self.port), 10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def answer(self, *pieces: bytes) -> bytes:
        """All that comes back until the guard closes the connection."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return connection.makefile("rb").read()

    def client(self) -> ssl.SSLContext:
        """What a client believes."""
        return ssl.create_default_context(cadata=self.authority.pem.decode())


async def told_where(scope: Scope, receive: Receive, send: Send) -> None:
    """An application which says what it was asked."""
    del receive
    body = f"{scope.get(ORIGIN)} {scope['raw_path'].decode()}".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    sock = socket.create_server(("127.0.0.1", 0))
    made = Proxy(sock.getsockname()[1], Authority(tmp_path))
    tunnels = Tunnels(
        made.authority,
        CREDENTIAL,
        made.let_through.__contains__,
        made.refused.append,
        Way(HttpSettings()).connect,
        made.unreached.append,
    )
    config = uvicorn.Config(
        told_where, http=protocol_with(tunnels), log_config=None, lifespan="off", ws="none", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    yield made
    server.should_exit = server.force_exit = True
    thread.join(10)
    sock.close()


def established(proxy: Proxy, *pieces: bytes) -> socket.socket:
    """A connection that has become a tunnel."""
    connection = proxy.connect()
    for piece in pieces:
        connection.sendall(piece)
    assert connection.recv(len(ESTABLISHED), socket.MSG_WAITALL) == ESTABLISHED
    return connection


def get(wire: ssl.SSLSocket, path: str = "/simple/flask/") -> bytes:
    """The answer to a request inside a tunnel."""
    wire.sendall(f"GET {path} HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n".encode())
    return wire.makefile("rb").read().partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("size", [1, 7, len(CONNECT)])
def test_a_tunnel_may_be_asked_for_in_pieces_of_any_size(proxy: Proxy, size: int) -> None:
    pieces = [CONNECT[at : at + size] for at in range(0, len(CONNECT), size)]
    with established(proxy, *pieces) as connection:
        wire = proxy.client().wrap_socket(connection, server_hostname="index.example")
        assert get(wire) == b"https://index.example /simple/flask/"
        wire.close()


@pytest.mark.parametrize(
    ("target", "host", "origin"),
    [
        (b"index.example:8443", "index.example", b"https://index.example:8443"),
        (b"INDEX.example:443", "index.example", b"https://index.example"),
        (b"127.0.0.1:443", "127.0.0.1", b"https://127.0.0.1"),
        (b"[::1]:9", "::1", b"https://[::1]:9"),
    ],
)
def test_what_is_asked_inside_is_for_the_host_and_port_of_the_tunnel(
    proxy: Proxy, target: bytes, host: str, origin: bytes
) -> None:
    """Whatever the requests' own ``Host`` says."""
    with established(proxy, b"CONNECT " + target + b" HTTP/1.1\r\n" + SHOWN + b"\r\n") as connection:
        wire = proxy.client().wrap_socket(connection, server_hostname=host)
        assert get(wire).partition(b" ")[0] == origin
        wire.close()


def test_a_request_may_come_with_the_end_of_the_handshake(proxy: Proxy) -> None:
    """In one packet, so that it is there before anybody has been told that the handshake is over."""
    with established(proxy, CONNECT) as connection:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = proxy.client().wrap_bio(incoming, outgoing, server_hostname="index.example")
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        client.write(b"GET /first HTTP/1.1\r\nHost: index.example\r\nConnection: close\r\n\r\n")
        connection.sendall(outgoing.read())
        received = b""
        while b"/first" not in received:
            try:
                received += client.read(65536)
            except ssl.SSLWantReadError:
                incoming.write(connection.recv(65536))
    assert received.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "line",
    [
        *(b"CONNECT index.example HTTP/1.1", b"CONNECT :443 HTTP/1.1", b"CONNECT index.example: HTTP/1.1"),
        *(b"CONNECT index.example:http HTTP/1.1", b"CONNECT  HTTP/1.1", b"CONNECT index.example:443"),
        *(b"CONNECT index.example:0 HTTP/1.1", b"CONNECT index.example:65536 HTTP/1.1"),
        *(b"CONNECT index.example:" + b"9" * 5000 + b" HTTP/1.1", b"CONNECT a b:443 HTTP/1.1"),
        b"CONNECT index.example:\xc2\xb2 HTTP/1.1",
    ],
)
def test_what_names_no_host_and_port_is_a_bad_request(proxy: Proxy, line: bytes) -> None:
    proxy.let_through.update(("index.example", ""))
    assert proxy.answer(line + b"\r\n" + SHOWN + b"\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("shown", [b"", b"Proxy-Authorization: " + basic("user", "wrong") + b"\r\n"])
@pytest.mark.parametrize("let_through", [False, True])
def test_a_stranger_gets_nothing_and_is_told_of(proxy: Proxy, shown: bytes, *, let_through: bool) -> None:
    if let_through:
        proxy.let_through.add("index.example")
    answer = proxy.answer(b"CONNECT index.example:443 HTTP/1.1\r\n" + shown + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 407 ")
    assert proxy.refused == ["index.example:443"]


def test_what_is_said_before_the_answer_is_not_believed(proxy: Proxy) -> None:
    """It would be a request outside of TLS that passes for one inside."""
    assert proxy.answer(CONNECT + b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400 ")


def test_a_head_without_an_end_is_not_waited_for(proxy: Proxy) -> None:
    with proxy.connect() as connection:
        connection.sendall(b"CONNECT index.example:443 HTTP/1.1\r\n")
        try:
            for _ in range(1000):
                connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
            ended = connection.recv(1) == b""
        except ConnectionError:
            ended = True
    assert ended


def test_a_name_that_can_have_no_certificate_ends_the_connection(proxy: Proxy) -> None:
    """And the guard goes on."""
    assert proxy.answer(b"CONNECT \xff.example:443 HTTP/1.1\r\n" + SHOWN + b"\r\n") == b""
    established(proxy, CONNECT).close()


def test_a_host_that_is_let_through_is_connected_with(proxy: Proxy) -> None:
    """Byte for byte, in both directions, with what was said early."""
    proxy.let_through.add("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        target = f"127.0.0.1:{theirs.getsockname()[1]}".encode()
        with established(proxy, b"CONNECT " + target + b" HTTP/1.1\r\n" + SHOWN + b"\r\nearly") as here:
            there, _ = theirs.accept()
            with there:
                here.sendall(b" and late")
                here.shutdown(socket.SHUT_WR)
                assert there.makefile("rb").read() == b"early and late"
                there.sendall(b"\x00answer")
            assert here.makefile("rb").read() == b"\x00answer"


def test_a_host_that_does_not_answer_is_a_bad_gateway(proxy: Proxy) -> None:
    """RFC 9110, section 15.6.3; and whoever let it through is told."""
    proxy.let_through.add("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        target = f"127.0.0.1:{theirs.getsockname()[1]}".encode()
    answer = proxy.answer(b"CONNECT " + target + b" HTTP/1.1\r\n" + SHOWN + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert [line.partition(":")[0] for line in proxy.unreached] == ["127.0.0.1"]


def test_what_is_no_tunnel_is_answered_as_before(proxy: Proxy) -> None:
    """Also where it begins like one."""
    assert proxy.answer(b"C", b"ONTINUE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").endswith(
        b"None /x"
    )
