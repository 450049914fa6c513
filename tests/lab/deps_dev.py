"""A service on loopback that counts dependents, with the form of deps.dev's API (v3alpha).

``/v3alpha/systems/<system>/packages/<name>`` names a package and its versions;
``…/versions/<version>:dependents`` counts what depends on one of them. The form of the answers is that of the
documentation, https://docs.deps.dev/api/v3alpha/.
"""

from __future__ import annotations

import json
import threading
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .reply import Reply, text
from .server import LabServer, Request, Site

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from .faults import Fault

_ROOT = "/v3alpha/systems/"
_COUNT = ":dependents"


class LabDepsDev(Site):
    """A service to fill, run and break. Use it as a context manager; what it serves may change meanwhile.

    Attributes:
        base: its URL, without a slash at its end.
        url: the URL of its API.

    """

    def __init__(self) -> None:
        """Take a free port; requests are answered from ``__enter__`` on."""
        self._server = LabServer(self)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.base}/v3alpha"
        self._lock = threading.Lock()
        self._documents: dict[str, Any] = {}
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

    def count(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        self,
        name: str,
        version: str = "1.0",
        *,
        direct: int = 0,
        indirect: int = 0,
        system: str = "PYPI",
        said: dict[str, Any] | None = None,
    ) -> None:
        """Have a package counted, whose default version is this one.

        Args:
            name: of the package.
            version: its default version; 0.1 is there as well, and is not.
            direct: how many depend on it directly.
            indirect: how many others do.
            system: the package management system that it is asked for in.
            said: parts of the ``packageKey`` that the service states otherwise.

        """
        key = {"system": system, "name": name, **(said or {})}
        versions = [
            {"versionKey": {**key, "version": one}, "isDefault": one == version} for one in ("0.1", version)
        ]
        package = f"{_ROOT}{system}/packages/{name}"
        self._documents[package.lower()] = {"packageKey": key, "versions": versions}
        self._documents[f"{package}/versions/{version}{_COUNT}".lower()] = {
            "dependentCount": direct + indirect,
            "directDependentCount": direct,
            "indirectDependentCount": indirect,
        }

    def fault(self, path_glob: str, fault: Fault) -> None:
        """Switch a fault on for the paths that match, such as ``*:dependents``; the first one counts."""
        with self._lock:
            self._faults.append((path_glob, fault, []))

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order in which they came."""
        with self._lock:
            return list(self._requests)

    def paths(self) -> list[str]:
        """Return the paths below the API that were asked for, in order, as they were sent."""
        return [urlsplit(request.path).path.removeprefix("/v3alpha") for request in self.requests]

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request: logged, answered honestly, and then spoiled."""
        path = unquote(urlsplit(request.path).path)
        reply = self._honest(path)
        with self._lock:
            self._requests.append(request)
            for glob, fault, spoiled in self._faults:
                used_up = fault.times is not None and len(spoiled) >= fault.times
                if not used_up and fnmatchcase(path, glob):
                    spoiled.append(request)
                    return fault.spoil(reply, urlsplit(request.path).path, len(spoiled) - 1)
        return reply

    def sent(self, request: Request, reply: Reply, *, whole: bool) -> None:
        """Keep no record of what was sent."""

    def _honest(self, path: str) -> Reply:
        document = self._documents.get(path.lower())
        if document is None:
            return text(404, "dependents not found" if path.endswith(_COUNT) else "package not found")
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(document).encode())
