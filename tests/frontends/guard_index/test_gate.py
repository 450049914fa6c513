"""Who gets past the gate of the guard index, asked over a real socket."""

from __future__ import annotations

import base64
import http.client
import netrc
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from trustguard.frontends.guard_index.entrance import Credential, listen
from trustguard.frontends.guard_index.gate import Gate, Proxied
from trustguard.frontends.guard_index.journal import Journal

USER, PASSWORD = "trustguard", "a password of this run"


class Running:
    """A gate with an application behind it that says "inside"."""

    def __init__(self, proxied: Proxied | None = None, name: str | None = None) -> None:
        self.journal = Journal()
        self.socket = listen(4711)
        self.port: int = self.socket.getsockname()[1]
        gate = Gate(PlainTextResponse("inside"), self.port, RIGHT.encode(), self.journal, proxied, name)
        config = uvicorn.Config(gate, log_config=None, access_log=False, lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()

    def ask(self, path: str = "/simple/", *, method: str = "GET", **headers: str) -> tuple[int, str]:
        """Send one request; returns status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def stop(self) -> None:
        """Serve no more."""
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


RIGHT = basic(USER, PASSWORD)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    gate = Running()
    yield gate
    gate.stop()


def test_the_runs_own_installer_gets_in(running: Running) -> None:
    assert running.ask(Authorization=RIGHT) == (200, "inside")
    assert running.ask(method="HEAD", Authorization=RIGHT)[0] == 200


@pytest.mark.parametrize(
    "authorization",
    [basic(USER, "another"), basic("another", PASSWORD), basic(USER, ""), "Basic", "Bearer x", RIGHT.lower()],
)
def test_without_the_runs_credential_nobody_gets_in(running: Running, authorization: str) -> None:
    assert running.ask()[0] == 401
    status, body = running.ask(Authorization=authorization)
    assert (status, "inside" in body) == (401, False)


@pytest.mark.parametrize("host", ["localhost", "evil.example", "127.0.0.1", "127.0.0.1:1", ""])
def test_another_host_is_refused_whatever_the_credential(running: Running, host: str) -> None:
    status, body = running.ask(Host=host, Authorization=RIGHT)
    assert (status, "inside" in body) == (403, False)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_get_and_head(running: Running, method: str) -> None:
    assert running.ask(method=method, Authorization=RIGHT)[0] == 405


def test_what_comes_through_the_proxy_variables_is_refused_and_named(running: Running) -> None:
    assert running.ask("http://elsewhere.example/x.whl", Host="elsewhere.example")[0] == 403
    with socket.create_connection(("127.0.0.1", running.port), timeout=10) as connection:
        connection.sendall(b"CONNECT tunnel.example:443 HTTP/1.1\r\nHost: tunnel.example:443\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 403")
    told = "\n".join(running.journal.problems)
    assert "http://elsewhere.example/x.whl" in told
    assert "tunnel.example:443" in told
    assert running.journal.failed


@pytest.mark.skipif(os.name != "posix", reason="permissions are others there")
def test_the_credential_is_in_a_file_that_only_its_user_can_read(tmp_path: Path) -> None:
    """Whatever the umask; and it is another one in each run."""
    before = os.umask(0)
    try:
        made = [Credential.fresh() for _ in range(2)]
        for number, credential in enumerate(made):
            credential.write_netrc(tmp_path / str(number))
    finally:
        os.umask(before)
    assert [oct(path.stat().st_mode & 0o777) for path in sorted(tmp_path.iterdir())] == ["0o600", "0o600"]
    told = netrc.netrc(str(tmp_path / "0")).authenticators("127.0.0.1")
    assert told is not None
    assert (told[0], told[2]) == (made[0].user, made[0].password)
    assert made[0].password != made[1].password


@pytest.fixture(scope="module")
def proxying() -> Iterator[Running]:
    """A gate that is a proxy besides."""

    async def answered(request: Request, url: str) -> Response:
        del request
        return PlainTextResponse(f"for {url}")

    gate = Running(answered, "127.0.0.2")
    yield gate
    gate.stop()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
def test_the_index_is_asked_through_the_proxy_with_the_proxys_credential(
    proxying: Running, host: str
) -> None:
    """So that the credential need not stand in the address, which pip writes into command lines."""
    url = f"http://{host}:{proxying.port}/simple/"
    assert proxying.ask(url, **{"Proxy-Authorization": RIGHT}) == (200, "inside")
    for wrong in ({}, {"Proxy-Authorization": basic(USER, "another")}):
        status, body = proxying.ask(url, **wrong)
        assert (status, "inside" in body) == (401, False)
    assert proxying.ask(url, method="POST", **{"Proxy-Authorization": RIGHT})[0] == 405


def test_the_proxys_credential_is_none_where_the_index_is_asked_directly(proxying: Running) -> None:
    assert proxying.ask(**{"Proxy-Authorization": RIGHT})[0] == 401
    host = f"127.0.0.2:{proxying.port}"
    assert proxying.ask(Host=host, Authorization=RIGHT)[0] == 403


def test_what_only_looks_like_the_index_is_somebody_elses(proxying: Running) -> None:
    url = f"http://127.0.0.2:{proxying.port}0/simple/"
    assert proxying.ask(url, **{"Proxy-Authorization": RIGHT}) == (200, f"for {url}")
