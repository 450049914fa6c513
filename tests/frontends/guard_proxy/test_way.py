"""A host that is let through is reached as its user reaches it: straight, or through the configured proxy."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from trustguard.frontends.guard_proxy.way import Way
from trustguard.sources.http_settings import HttpSettings

WELL, REFUSED = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 403 Forbidden\r\n\r\n"
VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


@contextmanager
def proxy(answer: bytes, behind: bytes = b"behind it") -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that answers whoever comes and, once asked, says what is behind it; gives port and heads."""
    heads: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(1)
            heads.append(head)
            connection.sendall(answer)
            if answer:
                connection.recv(1024)
                connection.sendall(behind)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heads


def reach(host: str, port: int, settings: HttpSettings | None = None) -> bytes:
    """What comes from a host, up to the end."""

    async def read() -> bytes:
        reader, writer = await Way(settings or HttpSettings()).connect(host, port)
        writer.write_eof()
        try:
            return await reader.read()
        finally:
            writer.close()

    return asyncio.run(read())


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with proxy(WELL) as (port, heads):
        monkeypatch.setenv(variable, f"http://ana:p%40ss@127.0.0.1:{port}")
        assert reach("tool.example", 443) == b"behind it"
    # RFC 7617: the base64 of ana:p@ss
    lines = [b"CONNECT tool.example:443 HTTP/1.1", b"Host: tool.example:443"]
    assert heads == [b"\r\n".join((*lines, b"Proxy-Authorization: Basic YW5hOnBAc3M=", b"", b""))]


def test_so_is_that_of_pips_configuration() -> None:
    with proxy(WELL) as (port, heads):
        assert reach("tool.example", 8443, HttpSettings(proxy=f"127.0.0.1:{port}")) == b"behind it"
    assert heads[0].startswith(b"CONNECT tool.example:8443 ")


def test_a_host_that_is_to_be_reached_without_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer() -> None:
        connection, _ = theirs.accept()
        with connection:
            connection.sendall(b"here")

    with socket.create_server(("127.0.0.1", 0)) as theirs:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert reach("127.0.0.1", theirs.getsockname()[1]) == b"here"


@pytest.mark.parametrize(("answer", "said"), [(REFUSED, "403 Forbidden"), (b"", "does not answer as one")])
def test_a_proxy_that_makes_no_tunnel_is_a_failure(answer: bytes, said: str) -> None:
    with proxy(answer) as (port, _), pytest.raises(OSError, match=said):
        reach("tool.example", 443, HttpSettings(proxy=f"http://127.0.0.1:{port}"))


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:9", "http://127.0.0.1:port", "http://[::1"])
def test_a_proxy_of_another_kind_is_said(address: str) -> None:
    with pytest.raises(OSError, match="none that can be used"):
        reach("tool.example", 443, HttpSettings(proxy=address))
