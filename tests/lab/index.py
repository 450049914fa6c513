"""A package index on loopback: what real pip talks to in the tests, and what can be made to fail.

Any number of indexes can run at once, each on a port of its own.
"""

from __future__ import annotations

import base64
import hmac
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote, urlsplit

from .catalogue import Catalogue
from .reply import Reply
from .server import LabServer, Request, Site

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from typing_extensions import Self

    from .faults import Fault


@dataclass
class _ActiveFault:
    """A fault that has been switched on, and how many requests it has spoiled."""

    glob: str
    fault: Fault
    spoiled: int = 0


class LabIndex(Catalogue, Site):
    """An index to fill, run and break. Use it as a context manager; what it serves may change meanwhile.

    Attributes:
        base: the URL of the server, without a slash at its end.
        representation: whether pages are PEP 691 JSON or PEP 503 HTML.
        credentials: the user and password without which everything is answered with 401.
        latency: seconds before every answer.

    """

    def __init__(
        self,
        *,
        representation: Literal["json", "html"] = "json",
        credentials: tuple[str, str] | None = None,
        latency: float = 0.0,
        certificate: Path | None = None,
    ) -> None:
        """Take a free port; requests are answered from ``__enter__`` on, over TLS with a certificate."""
        self._server = LabServer(self, certificate)
        scheme = "http" if certificate is None else "https"
        super().__init__(f"{scheme}://127.0.0.1:{self._server.server_port}", representation)
        self.credentials = credentials
        self.latency = latency
        self._lock = threading.Lock()
        self._faults: list[_ActiveFault] = []
        self._requests: list[Request] = []
        self._served: set[str] = set()

    def __enter__(self) -> Self:
        """Start to serve."""
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, however many requests hang."""
        self._server.stop()

    @property
    def url(self) -> str:
        """The URL of the index, as ``--index-url`` takes it; without the credentials."""
        return f"{self.base}/simple/"

    @property
    def url_with_credentials(self) -> str:
        """The URL of the index with the credentials that it asks for."""
        user, password = self.credentials or ("", "")
        return self.url.replace("://", f"://{quote(user, '')}:{quote(password, '')}@", 1)

    def fault(self, path_glob: str, fault: Fault) -> None:
        """Switch a fault on for the paths that match, such as ``/files/*.whl`` or ``/simple/flask/``.

        Of several faults that match, the one that was added first and is not used up takes effect.
        A fault counts the requests that it spoils over all the paths that it matches.
        """
        with self._lock:
            self._faults.append(_ActiveFault(path_glob, fault))

    def clear_faults(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._faults.clear()

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order in which they came."""
        with self._lock:
            return list(self._requests)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order, decoded and without their queries."""
        return [_path(request) for request in self.requests]

    def served_files(self) -> set[str]:
        """Return the names of the distribution files whose body was sent completely, whatever its bytes."""
        with self._lock:
            return set(self._served)

    def forget(self) -> None:
        """Forget what was asked for and served."""
        with self._lock:
            self._requests.clear()
            self._served.clear()

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request: logged, delayed, admitted, answered honestly, and then spoiled."""
        with self._lock:
            self._requests.append(request)
        self._server.stopping.wait(self.latency)
        if not self._admitted(request):
            challenge = {"WWW-Authenticate": 'Basic realm="lab"', "Content-Type": "text/plain"}
            return Reply(401, challenge, b"credentials, please\n")
        return self._spoiled(self.honest(_path(request), request.headers.get("if-none-match")), request)

    def sent(self, request: Request, reply: Reply, *, whole: bool) -> None:
        """Keep the record of distribution files that were sent completely."""
        folder, _, filename = _path(request).rpartition("/")
        if whole and reply.status == 200 and folder == "/files" and not filename.endswith(".metadata"):
            with self._lock:
                self._served.add(filename)

    def _admitted(self, request: Request) -> bool:
        if self.credentials is None:
            return True
        expected = "Basic " + base64.b64encode(":".join(self.credentials).encode()).decode()
        return hmac.compare_digest(request.headers.get("authorization", ""), expected)

    def _spoiled(self, reply: Reply, request: Request) -> Reply:
        found = self._active(_path(request))
        if found is None:
            return reply
        fault, nth = found
        return fault.spoil(reply, urlsplit(request.path).path, nth)

    def _active(self, path: str) -> tuple[Fault, int] | None:
        """The fault that takes effect on a path, and how many requests it has spoiled before this one."""
        with self._lock:
            for active in self._faults:
                used_up = active.fault.times is not None and active.spoiled >= active.fault.times
                if not used_up and fnmatchcase(path, active.glob):
                    active.spoiled += 1
                    return active.fault, active.spoiled - 1
        return None


def _path(request: Request) -> str:
    return unquote(urlsplit(request.path).path)
