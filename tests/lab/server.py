"""The HTTP/1.1 server under the index: keeps connections alive, sends replies, and stops at once.

Stopping never waits for a handler that hangs on purpose: its waits end with an event, and connections that
a client keeps open are shut down.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from .reply import Ending, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_STOP_SECONDS = 5.0


class Request(NamedTuple):
    """One request as it came: the path with its query, and the headers with lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]


class Site(ABC):
    """What a server serves."""

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """Return the reply to a request. Called from many threads."""

    @abstractmethod
    def sent(self, request: Request, reply: Reply, *, whole: bool) -> None:
        """Note that the last piece of a body goes out now; `whole` if that is all that was announced."""


class LabServer(ThreadingHTTPServer):
    """A threaded server on a free loopback port, which knows its open connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, site: Site, certificate: Path | None = None) -> None:
        """Bind the port; nothing is answered before :meth:`start`.

        Args:
            site: what is served.
            certificate: of 127.0.0.1, with its key, in PEM: then it is served over TLS.

        """
        super().__init__(("127.0.0.1", 0), _Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake is for the connection's own thread: a client that says nothing holds up nobody.
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.site = site
        self.stopping = threading.Event()
        self.broken: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True, name="lab index")

    def start(self) -> None:
        """Serve, in a thread."""
        self._loop.start()

    def stop(self) -> None:
        """Stop: wake the handlers that wait, shut down every connection, and see them gone.

        Raises:
            RuntimeError: a handler did not end, or one failed: the fault is the lab's, not the test's.

        """
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                _shut(connection)
            gone = self._changed.wait_for(lambda: not self._open, _STOP_SECONDS)
        if not gone or self.broken:
            raise RuntimeError(f"lab index: handlers still running: {not gone}") from next(
                iter(self.broken), None
            )

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then hand it to a thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep a failure of a handler for :meth:`stop`; a client that goes away is none.

        Nor is one that does not believe the certificate, or speaks no TLS.
        """
        del request, client_address
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, (ConnectionError, ssl.SSLError)):
            self.broken.append(error)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection and sends the site's replies."""

    protocol_version = "HTTP/1.1"
    server_version = "Lab"
    sys_version = ""
    disable_nagle_algorithm = True
    server: LabServer

    def do_GET(self) -> None:
        """Answer a GET."""
        request = Request(
            self.command, self.path, {key.lower(): value for key, value in self.headers.items()}
        )
        reply = self.server.site.answer(request)
        if not reply.silent:
            self._send_head(reply)
            self._send_body(request, reply)
        self._end(reply)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def _send_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.announce:
            length = reply.length if reply.length is not None else len(reply.content)
            self.send_header("Content-Length", str(length))
        if reply.ending is not Ending.KEEP_ALIVE:
            self.send_header("Connection", "close")
        self.end_headers()

    def _send_body(self, request: Request, reply: Reply) -> None:
        if self.command == "HEAD":
            return
        pending: bytes | None = None
        for chunk in reply.chunks():
            if pending is not None:
                self.wfile.write(pending)
            self._wait(reply.pause)
            pending = chunk
        # Noted before the last piece goes: a client that holds all of it may ask at once what was served.
        self.server.site.sent(request, reply, whole=reply.complete)
        self.wfile.write(pending or b"")

    def _wait(self, seconds: float) -> None:
        if self.server.stopping.wait(seconds):
            raise ConnectionAbortedError

    def _end(self, reply: Reply) -> None:
        if reply.ending is Ending.HANG:
            self.server.stopping.wait()
        if reply.ending is Ending.RESET:
            # Lingering for zero seconds makes close() send RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        if reply.ending is not Ending.KEEP_ALIVE:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Keep quiet; the index keeps its own log."""


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # The client was quicker.
