"""A Git forge on loopback: what ``git ls-remote`` reads, of repositories that consist of nothing else.

It speaks the smart HTTP protocol as far as the discovery of references goes, in version 0
(gitprotocol-http(5)). Any number of forges can run at once, each on a port of its own.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .reply import Reply, redirect, text
from .server import LabServer, Request, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from .faults import Fault

REFS_TYPE = "application/x-git-upload-pack-advertisement"
_CAPABILITIES = "multi_ack thin-pack side-band-64k ofs-delta shallow object-format=sha1 agent=git/lab"
_DISCOVERY = "/info/refs"
_QUERY = "service=git-upload-pack"


def object_id(what: str) -> str:
    """Return an object's id, made up from any text: 40 hexadecimal digits."""
    return hashlib.sha1(what.encode(), usedforsecurity=False).hexdigest()


def pkt_line(payload: bytes) -> bytes:
    """Return a pkt-line: four hexadecimal digits that count themselves too, then the payload."""
    return b"%04x%s" % (len(payload) + 4, payload)


@dataclass(frozen=True)
class LabRepository:
    """One repository of the forge.

    Attributes:
        head: the newest commit of its main branch; empty for a repository without a commit.
        tags: the names of its tags.
        annotated: whether each tag is an object of its own, which leads to its commit.

    """

    head: str
    tags: tuple[str, ...] = ()
    annotated: bool = False

    def references(self) -> Iterator[tuple[str, str]]:
        """Return id and name of each reference, in the order of the protocol. Equal histories are equal."""
        if self.head:
            yield self.head, "HEAD"
            yield self.head, "refs/heads/main"
        for tag in sorted(self.tags, key=str.encode):
            commit = object_id(f"{self.head} {tag}")
            yield object_id(f"tag {commit}") if self.annotated else commit, f"refs/tags/{tag}"
            if self.annotated:
                yield commit, f"refs/tags/{tag}^{{}}"

    def advertisement(self) -> bytes:
        """Return the list of its references as a smart server sends it."""
        references = list(self.references()) or [("0" * 40, "capabilities^{}")]
        points = " symref=HEAD:refs/heads/main" if self.head else ""
        first = f"{' '.join(references[0])}\0{_CAPABILITIES}{points}"
        lines = [first, *(" ".join(reference) for reference in references[1:])]
        sent = b"".join(pkt_line(f"{line}\n".encode()) for line in lines)
        return pkt_line(f"# {_QUERY}\n".encode()) + b"0000" + sent + b"0000"


class LabForge(Site):
    """A forge to fill, run and break. Use it as a context manager; what it serves may change meanwhile.

    Attributes:
        host: its ``HOST:PORT``.
        base: its URL, without a slash at its end.
        missing: the status for a repository that does not exist; a public forge asks for credentials.

    """

    def __init__(self, *, missing: int = 401) -> None:
        """Take a free port; requests are answered from ``__enter__`` on."""
        self._server = LabServer(self)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.base = f"http://{self.host}"
        self.missing = missing
        self._lock = threading.Lock()
        self._repositories: dict[str, LabRepository] = {}
        self._renamed: dict[str, str] = {}
        self._faults: list[tuple[str, Fault, list[Request]]] = []
        self._requests: list[Request] = []

    def __enter__(self) -> Self:
        """Start to serve."""
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, however many requests hang."""
        self._server.stop()

    def repository(
        self, path: str, *, head: str | None = None, tags: Iterable[str] = (), annotated: bool = False
    ) -> str:
        """Make a repository, or put another in its place.

        Args:
            path: such as ``psf/requests``.
            head: its newest commit; made up from the path where it is not given, and none where it is empty.
                Two repositories with the same one have the same history: a fork, or a mirror.
            tags: their names.
            annotated: whether each tag is an object of its own.

        Returns:
            Its URL.

        """
        newest = object_id(path) if head is None else head
        self._repositories[path.lower()] = LabRepository(newest, tuple(tags), annotated)
        return f"{self.base}/{path}"

    def rename(self, old: str, new: str) -> None:
        """Give a repository another path, and lead there from the old one."""
        self._repositories[new.lower()] = self._repositories.pop(old.lower())
        self._renamed[old.lower()] = new

    def fault(self, path_glob: str, fault: Fault) -> None:
        """Switch a fault on for the paths that match, such as ``/psf/*``; of several, the first counts."""
        with self._lock:
            self._faults.append((path_glob, fault, []))

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order in which they came."""
        with self._lock:
            return list(self._requests)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order, decoded and without their queries."""
        return [_path(request) for request in self.requests]

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request: logged, answered honestly, and then spoiled."""
        reply = self._honest(request)
        with self._lock:
            self._requests.append(request)
            for glob, fault, spoiled in self._faults:
                used_up = fault.times is not None and len(spoiled) >= fault.times
                if not used_up and fnmatchcase(_path(request), glob):
                    spoiled.append(request)
                    return fault.spoil(reply, urlsplit(request.path).path, len(spoiled) - 1)
        return reply

    def sent(self, request: Request, reply: Reply, *, whole: bool) -> None:
        """Keep no record of what was sent."""

    def _honest(self, request: Request) -> Reply:
        path = _path(request)
        if not path.endswith(_DISCOVERY) or urlsplit(request.path).query != _QUERY:
            return text(403, "only references are to be had here")
        name = path.removeprefix("/").removesuffix(_DISCOVERY).removesuffix(".git").lower()
        if name in self._renamed:
            return redirect(301, f"{self.base}/{self._renamed[name]}.git{_DISCOVERY}?{_QUERY}")
        if name not in self._repositories:
            challenge = {"WWW-Authenticate": 'Basic realm="lab"'} if self.missing == 401 else {}
            return Reply(
                self.missing, {"Content-Type": "text/plain", **challenge}, b"Repository not found.\n"
            )
        headers = {"Content-Type": REFS_TYPE, "Cache-Control": "no-cache"}
        return Reply(200, headers, self._repositories[name].advertisement())


def _path(request: Request) -> str:
    return unquote(urlsplit(request.path).path)
