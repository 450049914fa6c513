"""What programs ask of their own indexes, answered by the guard under the same addresses.

A project's page is recognised by what the program accepts (PEP 691), or by the index, where that is known; a
distribution file by the page that lists it, or else by its name. The page that is handed out has the index's
own addresses, so that a lock file that is made of it is the same as without a guard. What is neither may be a
text that lies beside an index, such as its list of projects; anything else is not handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.utils import NormalizedName
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from trustguard.frontends.guard_index.answers import JSON_PAGE, UNCACHED, Answers, entry
from trustguard.frontends.guard_index.directs import Directs
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import Prefetch
from trustguard.frontends.guard_index.shelf import Shelf
from trustguard.frontends.guard_proxy.documents import is_text
from trustguard.frontends.guard_proxy.indexes import AskedIndexes, with_slash
from trustguard.model.errors import SourceError, SourceRefused
from trustguard.model.policy import IndexPolicy, same_index
from trustguard.model.project import SDIST_ENDINGS, DistributionFile, FileName, project_name
from trustguard.model.request import Direct
from trustguard.model.verdict import Decision
from trustguard.sources.http import HttpClient
from trustguard.sources.urls import redact
from trustguard.vetting import Candidate

_SIMPLE = "application/vnd.pypi.simple."
_METADATA = ".metadata"
_ARCHIVES = (
    *(".whl", *SDIST_ENDINGS),
    *(".tar", ".egg", ".tbz", ".tbz2", ".txz", ".tlz", ".tar.lz", ".tar.lzma", ".tar.zst", ".tar.z"),
)
"""How the names of what programs unpack end; those that trustguard cannot look into are refused as such."""
_OTHER_LIMIT = 64 * 1024 * 1024
_FORBIDDEN, _NOT_FOUND, _NOT_ALLOWED = 403, 404, 405


class Proxied:
    """Answers for indexes.

    Args:
        indexes: what the indexes have.
        shelf: vets and hands out files.
        directs: finds out what files are that no listing has.
        prefetch: is told what is asked for.
        journal: is told what was handed out.
        client: reaches what is no file.
        passes: whether a host is left alone.
        pinned: the one index that a project comes from, if any.
    """

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        indexes: AskedIndexes,
        shelf: Shelf,
        directs: Directs,
        prefetch: Prefetch,
        journal: Journal,
        client: HttpClient,
        passes: Callable[[str], bool],
        pinned: Callable[[NormalizedName], IndexPolicy | None],
    ) -> None:
        self._indexes = indexes
        self._shelf = shelf
        self._directs = directs
        self._prefetch = prefetch
        self._answers = Answers(shelf, journal)
        self._journal = journal
        self._client = client
        self._passes = passes
        self._pinned = pinned
        self._files: dict[str, Candidate] = {}

    async def answer(self, request: Request, url: str) -> Response:
        """Answer one request.

        Args:
            request: as it came.
            url: the whole address that it is for.
        """
        return await self._answers.told(self._answer(request, url))

    async def _answer(self, request: Request, url: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            self._journal.problem(
                f"refused: {request.method} {redact(url)}: only what reads is let through{self._hint(url)}"
            )
            return PlainTextResponse("trustguard lets through only what reads", _NOT_ALLOWED)
        if authorization := request.headers.get("authorization"):
            # Who asks for a file alone, as lock files have it, has said nothing to its index.
            for place in (url, *self._indexes.beside(url)):
                self._client.credentials.add_header(place, authorization)
        plain = without_query(url)
        page = self._page_of(plain, request.headers.get("accept", ""))
        if page is not None:
            return await self._listing(*page)
        if url in self._files or is_distribution(plain):
            candidate = await self._candidate(url)
            return await self._answers.body(candidate, self._indexes.pages(candidate))
        about = plain.removesuffix(_METADATA)
        if about != plain and (about in self._files or is_distribution(about)):
            return await self._metadata(about)
        return await self._other(url)

    def _hint(self, url: str) -> str:
        """The way out for a host that is no index: there nobody would look."""
        host = urlsplit(url).hostname
        if host is None or self._indexes.is_origin(url):
            return ""
        return f"; `trustguard run --allow-host {host}` would let all of it through, unseen"

    def _page_of(self, url: str, accept: str) -> tuple[str, NormalizedName] | None:
        base, _, last = url.rstrip("/").rpartition("/")
        if not (self._indexes.is_index(base) or _SIMPLE in accept):
            return None
        try:
            return with_slash(base), project_name(unquote(last))
        except ValueError:
            return None

    async def _listing(self, index: str, project: NormalizedName) -> Response:
        candidates = await self._indexes.at(index, project)
        if candidates is None:
            self._journal.missing(project)
            return PlainTextResponse("no such project", _NOT_FOUND)
        self._journal.listed(project, candidates)
        for candidate in candidates:
            self._files[without_query(candidate.file.url)] = candidate
            self._files[candidate.file.url] = candidate
        offered = [c for c in candidates if c.verdict.decision is not Decision.WITHHOLD]
        page = {
            "meta": {"api-version": "1.1"},
            "name": project,
            "files": [_row(c.file) for c in offered],
            "versions": sorted({str(c.file.name.version) for c in offered}),
        }
        return JSONResponse(page, media_type=JSON_PAGE, headers=UNCACHED)

    async def _metadata(self, url: str) -> Response:
        candidate = self._files.get(url)
        if candidate is None:
            return PlainTextResponse("no such file", _NOT_FOUND)
        self._prefetch.wanted(candidate)
        content = await self._shelf.metadata(candidate)
        return Response(content, media_type="application/octet-stream", headers=UNCACHED)

    async def _candidate(self, url: str) -> Candidate:
        """The file at an address: as a listing has it, and else as something that was asked for by itself.

        A lock file names files without a word to any index; the indexes know them all the same.

        Raises:
            SourceError: it cannot be had, or its project comes from another index alone.
        """
        plain = without_query(url)
        known = self._files.get(url) or self._files.get(plain) or await self._listed(plain)
        candidate = known or await self._directs.identify(_direct(url))
        project = candidate.evidence.project
        pinned = self._pinned(project)
        if pinned is not None and not same_index(candidate.evidence.index.url, pinned.url):
            # A lock file from before, or of somebody else's making, does not move a name to another index.
            raise SourceRefused(f"{project} comes from {pinned.url} alone, which does not list {redact(url)}")
        self._files[url] = candidate
        return candidate

    async def _listed(self, url: str) -> Candidate | None:
        try:
            name = FileName.parse(unquote(url.rpartition("/")[2]))
        except ValueError:
            return None
        try:
            found = await self._indexes.first(name.project, lambda file: without_query(file.url) == url)
        except SourceError as error:
            self._journal.problem(str(error))
            return None
        for candidate in found or ():
            self._journal.listed(name.project, [candidate])
        return found[0] if found else None

    async def _other(self, url: str) -> Response:
        """What is no file and no page: an index's other documents, and nothing of anybody else's."""
        parts = urlsplit(url)
        if not (self._indexes.is_origin(url) or self._passes(parts.hostname or "")):
            self._journal.problem(
                f"refused: {redact(url)}, which is no index; "
                f"`trustguard run --allow-host {parts.hostname}` would let it through, unseen"
            )
            return PlainTextResponse("trustguard: not a configured index", _FORBIDDEN)
        found = await self._client.get_bytes(url, limit=_OTHER_LIMIT, what=redact(url))
        if not (is_text(found.content) or self._passes(parts.hostname or "")):
            self._journal.problem(f"refused: {redact(url)}: it is no text, and no listing says what it is")
            return PlainTextResponse("trustguard: not a document", _FORBIDDEN)
        return Response(found.content, found.status, UNCACHED, found.content_type)


def _row(file: DistributionFile) -> dict[str, object]:
    """A file as the page lists it; metadata is beside it where its address alone tells it from others."""
    row = {**entry(file), "url": file.url}
    if file.url != without_query(file.url):
        row.pop("core-metadata", None)
    return row


def without_query(url: str) -> str:
    """An address without query and fragment, which may be a signature or a digest."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def is_distribution(url: str) -> bool:
    """Whether an address ends as that of something does that programs unpack and install."""
    return url.lower().endswith(_ARCHIVES)


def _direct(url: str) -> Direct:
    filename = unquote(urlsplit(url).path.rpartition("/")[2])
    return Direct(sha256(url.encode()).hexdigest(), url, filename, "argument")
