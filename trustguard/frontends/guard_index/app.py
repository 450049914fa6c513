"""The guard index as an ASGI application: PEP 503 and 691 listings, 658 metadata, bodies; nothing else.

Only GET and HEAD, only with the run's credential, only under the exact host and port. Whatever else arrives
came through the proxy variables of the installer's environment: an address that was not lifted. It is refused
and said.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import BinaryIO
from urllib.parse import quote

from anyio import to_thread
from packaging.utils import NormalizedName
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from trustguard.frontends.guard_index.addresses import file_path, of_any_run
from trustguard.frontends.guard_index.bodies import is_worth_a_guess
from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.directs import Directs
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import Prefetch
from trustguard.frontends.guard_index.shelf import Refused, Shelf
from trustguard.model.errors import SourceError, TrustguardError
from trustguard.model.policy import Action
from trustguard.model.project import DistributionFile, FileKind, project_name
from trustguard.model.verdict import Decision
from trustguard.vetting import Candidate

_JSON = "application/vnd.pypi.simple.v1+json"
_UNCACHED = {"Cache-Control": "no-store"}
# pip tries again after 500, 502, 503, 520 and 527; what has been tried here already is final.
_FINAL_FAILURE = 504
_CHUNK = 1024 * 1024

Handler = Callable[[Request], Awaitable[Response]]


class GuardIndex:
    """The routes, and what stands behind them."""

    def __init__(
        self, catalogue: Catalogue, shelf: Shelf, directs: Directs, prefetch: Prefetch, journal: Journal
    ) -> None:
        self._catalogue = catalogue
        self._shelf = shelf
        self._directs = directs
        self._prefetch = prefetch
        self._journal = journal
        self._offered: dict[str, Candidate] = {}
        self._run = secrets.token_hex(8)

    def routes(self) -> list[Route]:
        """Every address that there is."""
        return [
            Route("/simple/{project}/", self._answer(self._listing)),
            Route("/files/{key}/{filename}.metadata", self._answer(self._metadata)),
            Route("/files/{key}/{filename}", self._answer(self._file)),
            Route("/direct/{key}/{filename}", self._answer(self._direct)),
        ]

    def _answer(self, handler: Handler) -> Handler:
        """What goes wrong becomes a status for the installer and a line for the user."""

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except Refused:
                return PlainTextResponse("refused by trustguard", 403)
            except TrustguardError as error:
                self._journal.problem(str(error), failed=isinstance(error, SourceError))
                return PlainTextResponse("could not be vetted", _FINAL_FAILURE)
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing is served, and it is said
                self._journal.problem(f"an error that nobody expected, please report it: {error!r}")
                return PlainTextResponse("could not be vetted", _FINAL_FAILURE)

        return answer

    async def _listing(self, request: Request) -> Response:
        try:
            project = project_name(request.path_params["project"])
        except ValueError:
            return PlainTextResponse("not a project name", 404)
        candidates = await self._catalogue.project(project)
        if candidates is None:
            self._journal.missing(project)
            return PlainTextResponse("no such project", 404)
        self._journal.listed(project, candidates)
        offered = [c for c in candidates if c.verdict.decision is not Decision.WITHHOLD]
        for candidate in offered:
            self._offered[file_path(candidate.file)] = candidate
        self._prefetch.listed(project, offered)
        stating = await self._stating(project, offered)
        return JSONResponse(_page(project, offered, stating, self._run), media_type=_JSON, headers=_UNCACHED)

    async def _stating(self, project: NormalizedName, offered: list[Candidate]) -> Candidate | None:
        """The sdist that the installer would take, where it need not be built to learn what it depends on.

        It would be asked for next in any case. Of others it is not known, and nothing is said.
        """
        best = self._prefetch.choice(project, offered)
        if best is None or best.file.name.kind is not FileKind.SDIST or not is_worth_a_guess(best.file):
            return None
        return best if await self._shelf.states_what_it_needs(best) else None

    async def _metadata(self, request: Request) -> Response:
        candidate = self._find(request)
        if candidate is None:
            return PlainTextResponse("no such file", 404)
        self._prefetch.wanted(candidate)
        content = await self._shelf.metadata(candidate)
        return Response(content, media_type="application/octet-stream", headers=_UNCACHED)

    async def _file(self, request: Request) -> Response:
        candidate = self._find(request)
        return PlainTextResponse("no such file", 404) if candidate is None else await self._body(candidate)

    async def _direct(self, request: Request) -> Response:
        candidate = await self._directs.candidate(request.path_params["key"], request.path_params["filename"])
        return PlainTextResponse("no such file", 404) if candidate is None else await self._body(candidate)

    def _find(self, request: Request) -> Candidate | None:
        path = f"/files/{request.path_params['key']}/{quote(request.path_params['filename'])}"
        return self._offered.get(of_any_run(path))

    async def _body(self, candidate: Candidate) -> Response:
        body, digest = await self._shelf.body(candidate)
        size = await to_thread.run_sync(_size, body)
        return StreamingResponse(
            _stream(body),
            media_type="application/octet-stream",
            headers={**_UNCACHED, "Content-Length": str(size), "ETag": f'"{digest}"'},
        )


def _size(body: BinaryIO) -> int:
    size = body.seek(0, 2)
    body.seek(0)
    return size


async def _stream(body: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await to_thread.run_sync(body.read, _CHUNK):
            yield chunk
    finally:
        body.close()


def _page(
    project: NormalizedName, candidates: list[Candidate], stating: Candidate | None, run: str
) -> dict[str, object]:
    return {
        "meta": {"api-version": "1.1"},
        "name": project,
        "files": [{**_entry(c.file, stated=c is stating), "url": _address(c, run)} for c in candidates],
        "versions": sorted({str(candidate.file.name.version) for candidate in candidates}),
    }


def _address(candidate: Candidate, run: str) -> str:
    """Where a file is to be had: an address of this run alone, where pip must not have a wheel built from it.

    pip keeps what it builds by the address of the sdist, and then asks for nothing. That is right only where
    the address stands for certain bytes, and there is nothing to refuse, to ask or to verify about them: an
    attestation that could not be had when they were built may show today that they are forged. A wheel is not
    built.
    """
    file = candidate.file
    lasting = file.sha256 is not None and file.provenance is None and candidate.verdict.action < Action.ASK
    return file_path(file, "" if lasting or file.name.kind is FileKind.WHEEL else run)


def _entry(file: DistributionFile, *, stated: bool) -> dict[str, object]:
    entry: dict[str, object] = {
        "filename": file.filename,
        "hashes": _hashes(file),
        "yanked": False if file.yanked is None else file.yanked or True,
    }
    if stated or file.name.kind is FileKind.WHEEL:
        entry["core-metadata"] = True
    if file.requires_python is not None:
        entry["requires-python"] = file.requires_python
    if file.size is not None:
        entry["size"] = file.size
    if file.upload_time is not None:
        entry["upload-time"] = file.upload_time.isoformat().replace("+00:00", "Z")
    return entry


def _hashes(file: DistributionFile) -> dict[str, str]:
    """The digests that pip can check again; one of our own making would say nothing."""
    return {name: value for name, value in file.hashes.items() if name in ("sha256", "sha384", "sha512")}


class Gate:
    """Lets through what comes from the run's own installer, and names what was headed elsewhere.

    Args:
        app: what stands behind the gate.
        port: where we listen.
        user: the credential's user.
        password: and its password.
        journal: is told of addresses that were not lifted.
    """

    def __init__(self, app: ASGIApp, port: int, user: str, password: str, journal: Journal) -> None:
        self._app = app
        self._host = f"127.0.0.1:{port}".encode()
        self._authorization = b"Basic " + base64.b64encode(f"{user}:{password}".encode())
        self._journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"")
        if scope["method"] == "CONNECT" or "://" in scope["path"] or host != self._host:
            self._journal.problem(
                f"refused: a connection to {_place(scope, host)}, which is no configured source"
            )
            return PlainTextResponse("refused by trustguard: not a configured source", 403)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("only GET and HEAD", 405)
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._authorization):
            return PlainTextResponse("the run's credential is missing", 401, {"WWW-Authenticate": "Basic"})
        return None


def _place(scope: Scope, host: bytes) -> str:
    path = scope["path"] if "://" in scope["path"] else ""
    return path or host.decode(errors="replace")
