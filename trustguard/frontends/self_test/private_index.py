"""A package index on loopback, of nothing but the standard library: PEP 691 pages, and files."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from trustguard.frontends.self_test.packages import VERSION, Artifact

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_AGE = timedelta(days=200)
"""No file is so young that it would be left out for that."""
_PAGE = "application/vnd.pypi.simple.v1+json"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pages: dict[str, bytes]
    files: dict[str, bytes]
    fetched: set[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        body = self.server.pages.get(path) or self.server.files.get(path)
        if path in self.server.files:
            self.server.fetched.add(path.rpartition("/")[2])
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", _PAGE if path in self.server.pages else "application/octet-stream")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Keep quiet."""


class PrivateIndex:
    """An index that serves what it is given, while it is entered.

    Args:
        artifacts: the files.
    """

    def __init__(self, artifacts: Iterable[Artifact]) -> None:
        uploaded = (datetime.now(timezone.utc) - _AGE).strftime("%Y-%m-%dT%H:%M:%SZ")
        served = list(artifacts)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.files = {f"/files/{one.filename}": one.content for one in served}
        self._server.pages = {f"/simple/{one.project}/": _page(one, uploaded) for one in served}
        self._server.fetched = set()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The index, as ``--index-url`` takes it."""
        return f"http://127.0.0.1:{self._server.server_port}/simple/"

    @property
    def fetched(self) -> frozenset[str]:
        """The files whose bytes somebody has asked for."""
        return frozenset(self._server.fetched)


def _page(artifact: Artifact, uploaded: str) -> bytes:
    entry = {
        "filename": artifact.filename,
        "url": f"../../files/{artifact.filename}",
        "hashes": {"sha256": artifact.sha256},
        "size": len(artifact.content),
        "upload-time": uploaded,
        "provenance": None,
    }
    page = {"meta": {"api-version": "1.3"}, "name": artifact.project, "versions": [VERSION], "files": [entry]}
    return json.dumps(page).encode()
