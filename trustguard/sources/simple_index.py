"""Indexes that speak the simple repository API, and their pages (PEP 503, 691 and what was added to them).

:class:`SimpleIndex` is one over HTTP. Its relatives on this machine, and ``--find-links``, stand in
:mod:`trustguard.sources.local_index` and can be had from here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import NormalizedName

from trustguard.model.errors import SourceRefused
from trustguard.model.project import DistributionFile, IndexId, Listing
from trustguard.sources.http_types import FORBIDDEN
from trustguard.sources.local_index import FileIndex, FindLinks
from trustguard.sources.once import Once
from trustguard.sources.simple_file import PlainRule
from trustguard.sources.simple_html import read_html
from trustguard.sources.simple_json import read_json
from trustguard.sources.simple_page import PAGE_LIMIT, RawPage, listing_of, refused
from trustguard.sources.urls import redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient
    from trustguard.sources.http_types import Response

__all__ = [
    "ACCEPT",
    "FileIndex",
    "FindLinks",
    "SimpleIndex",
    "metadata_url",
    "parse_html",
    "parse_json",
    "read_page",
]

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
_JSON = "application/vnd.pypi.simple.v1+json"
_HTML = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})
_INLINE = 32_768
"""Bytes of a page that is small enough to be read without a thread of its own."""


def parse_json(
    content: bytes,
    page_url: str,
    index: IndexId,
    project: NormalizedName,
    *,
    permits_plain: PlainRule | None = None,
) -> Listing:
    """Read a project's page in its JSON form.

    Args:
        content: the document.
        page_url: its final URL, without credentials.
        index: where it is from.
        project: the project it was asked for.
        permits_plain: which http URLs may be used; by default those of this machine.

    Raises:
        SourceRefused: the page as a whole is against the rules.
    """
    page = read_json(content, page_url, project)
    return listing_of(page, page_url, index, project, permits_plain=permits_plain)


def parse_html(
    content: bytes,
    page_url: str,
    index: IndexId,
    project: NormalizedName,
    *,
    permits_plain: PlainRule | None = None,
) -> Listing:
    """Read a project's page in its HTML form; otherwise as :func:`parse_json`."""
    page = read_html(content, page_url)
    return listing_of(page, page_url, index, project, permits_plain=permits_plain)


def read_page(response: Response, project: NormalizedName | None) -> RawPage:
    """Take a page apart by its media type.

    Raises:
        SourceRefused: it is of another type, or malformed.
    """
    if response.content_type == _JSON:
        return read_json(response.content, response.url, project)
    if response.content_type in _HTML:
        return read_html(response.content, response.url)
    raise refused(response.url, f"its type is {response.content_type!r:.80}")


def metadata_url(file: DistributionFile) -> str:
    """Where a file's core metadata is (PEP 658): beside it, so on the same host."""
    return f"{file.url}.metadata"


class SimpleIndex:
    """An index over HTTP. A project's page is asked for once in a run, and its first answer stays.

    Args:
        client: the way to the network.
        index: what the index is called, without credentials.
        base_url: its address; may hold credentials.
        integrity: whether provenance documents are asked for where PEP 740 puts them, if the pages say
            nothing of any.
        forbids_missing: whether 403 says that it has no such project.
        deadline: seconds for one page.

    Raises:
        SourceRefused: the address is not one.
    """

    def __init__(  # noqa: PLR0913 - what there is to know of it
        self,
        client: HttpClient,
        index: IndexId,
        base_url: str,
        *,
        integrity: bool = False,
        forbids_missing: bool = False,
        deadline: float = 60.0,
    ) -> None:
        self.index = index
        self._integrity = integrity
        self._forbids_missing = forbids_missing
        self._client = client
        self._base = client.credentials.add(base_url).rstrip("/")
        self._deadline = deadline
        self._listings: Once[Listing | None] = Once()

    async def listing(self, project: NormalizedName) -> Listing | None:
        """The page of a project; None where the index says that it has none (404, 410, perhaps 403).

        Raises:
            SourceRefused: the answer is against the rules.
            SourceUnreachable: there is none, or not in time.
        """
        return await self._listings.get(project, lambda: self._fetched(project))

    async def _fetched(self, project: NormalizedName) -> Listing | None:
        response = await self._client.get_bytes(
            f"{self._base}/{project}/",
            limit=PAGE_LIMIT,
            accept=ACCEPT,
            deadline=self._deadline,
            what=f"the page of {project}",
            also=frozenset({FORBIDDEN}),
        )
        if response.missing or (response.status == FORBIDDEN and self._forbids_missing):
            return None
        if response.status == FORBIDDEN:
            raise SourceRefused(
                f"the page of {project} at {redact(response.url)}: it was answered with 403",
                hint="forbids-missing = true, in its [[index]], where that means that it has no such project",
            )
        if len(response.content) <= _INLINE:
            return self._read(response, project)
        return await asyncio.to_thread(self._read, response, project)

    def _read(self, response: Response, project: NormalizedName) -> Listing:
        page = read_page(response, project)
        permits = self._client.settings.permits_plain
        listing = listing_of(page, response.url, self.index, project, permits_plain=permits)
        if not self._integrity or listing.has_provenance:
            return listing
        files = (replace(file, provenance=_integrity_url(self._base, file)) for file in listing.files)
        return replace(listing, files=tuple(files))


def _integrity_url(base: str, file: DistributionFile) -> str:
    """Where the provenance of a file is in the integrity API (PEP 740), which stands beside ``/simple/``."""
    root, name = base.removesuffix("/simple"), file.name
    return f"{root}/integrity/{name.project}/{name.version}/{quote(file.filename)}/provenance"
