"""The guard index as an ASGI application: PEP 503 and 691 listings, 658 metadata, bodies; nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from packaging.utils import NormalizedName
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from trustguard.frontends.guard_index.addresses import file_path, of_any_run
from trustguard.frontends.guard_index.answers import JSON_PAGE, UNCACHED, Answers, entry
from trustguard.frontends.guard_index.bodies import is_worth_a_guess
from trustguard.frontends.guard_index.directs import Directs
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import Prefetch
from trustguard.frontends.guard_index.shelf import Shelf
from trustguard.model.policy import Action
from trustguard.model.project import FileKind, project_name
from trustguard.model.verdict import Decision
from trustguard.vetting import Candidate

NEVER_UPLOADED = "1970-01-01T00:00:00Z"
"""Before any time that somebody could name."""
Handler = Callable[[Request], Awaitable[Response]]


class GuardIndex:
    """The routes, and what stands behind them."""

    def __init__(self, shelf: Shelf, directs: Directs, prefetch: Prefetch, journal: Journal) -> None:
        self._shelf = shelf
        self._directs = directs
        self._prefetch = prefetch
        self._journal = journal
        self._answers = Answers(shelf, journal)
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
        async def answer(request: Request) -> Response:
            return await self._answers.told(handler(request))

        return answer

    async def _listing(self, request: Request) -> Response:
        try:
            project = project_name(request.path_params["project"])
        except ValueError:
            return PlainTextResponse("not a project name", 404)
        candidates = await self._prefetch.offer.of(project)
        if candidates is None:
            self._journal.missing(project)
            return PlainTextResponse("no such project", 404)
        self._journal.listed(project, candidates)
        offered = [c for c in candidates if c.verdict.decision is not Decision.WITHHOLD]
        for candidate in offered:
            self._offered[file_path(candidate.file)] = candidate
        self._prefetch.listed(project, offered)
        stating = await self._stating(project, offered)
        page = _page(project, offered, stating, self._run, locks=self._prefetch.locks)
        return JSONResponse(page, media_type=JSON_PAGE, headers=UNCACHED)

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
        return Response(content, media_type="application/octet-stream", headers=UNCACHED)

    async def _file(self, request: Request) -> Response:
        candidate = self._find(request)
        return await self._body(candidate)

    async def _direct(self, request: Request) -> Response:
        candidate = await self._directs.candidate(request.path_params["key"], request.path_params["filename"])
        return await self._body(candidate)

    async def _body(self, candidate: Candidate | None) -> Response:
        if candidate is None:
            return PlainTextResponse("no such file", 404)
        return await self._answers.body(candidate)

    def _find(self, request: Request) -> Candidate | None:
        path = f"/files/{request.path_params['key']}/{quote(request.path_params['filename'])}"
        return self._offered.get(of_any_run(path))


def _page(
    project: NormalizedName, candidates: list[Candidate], stating: Candidate | None, run: str, *, locks: bool
) -> dict[str, object]:
    return {
        "meta": {"api-version": "1.1"},
        "name": project,
        "files": [
            {**_entry(c, stated=c is stating, locks=locks), "url": _address(c, run)} for c in candidates
        ],
        "versions": sorted({str(candidate.file.name.version) for candidate in candidates}),
    }


def _entry(candidate: Candidate, *, stated: bool, locks: bool) -> dict[str, object]:
    """A file as pip is to see it.

    To a file of this disk no ``--uploaded-prior-to`` applies. And where digests are locked, pip must fetch
    what has none to learn it, which it does not where it has metadata.
    """
    told = entry(candidate.file, stated=stated)
    if candidate.file.url.startswith("file:"):
        told.setdefault("upload-time", NEVER_UPLOADED)
    if locks and not told["hashes"]:
        told.pop("core-metadata", None)
    return told


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
