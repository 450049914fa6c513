"""What keeps pip from opening things by itself asks nobody but the guard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from trustguard.installers.pip.closed import is_let_through


class Agreeing(BaseHTTPRequestHandler):
    """Says yes to everybody, whoever it is."""

    def do_HEAD(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Be quiet."""


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where that listens; the run's credential is for 127.0.0.1."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin run\npassword secret\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with HTTPServer(("127.0.0.1", 0), Agreeing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:{}/files/a/own-1.0.tar.gz", True),
        ("http://localhost:{}/files/a/own-1.0.tar.gz", False),
        ("git+http://localhost:{}/own.git", False),
        ("file:///own", False),
    ],
)
def test_nobody_but_the_guard_says_what_is_taken_from_the_cache(
    address: str, expected: bool, port: int
) -> None:
    assert is_let_through(address.format(port)) is expected
