"""A project's page in the HTML form of the simple API: PEP 503, with 592, 629, 658, 708, 714, 740 and 792."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from trustguard.model.project import ProjectStatus
from trustguard.sources.simple_page import (
    FILES_LIMIT,
    PAGE_LIMIT,
    RawPage,
    check_version,
    project_status,
    refused,
)

_ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".egg", ".exe", ".tar", ".tbz", ".txz")
"""Endings of what a link to a distribution looks like; other links of a page are no concern of ours."""


def read_html(content: bytes, page_url: str) -> RawPage:
    """Take a page apart.

    Args:
        content: the document; what is not UTF-8 in it is replaced.
        page_url: its final URL, for messages and for relative addresses.

    Raises:
        SourceRefused: it is too large, or a page of another version than 1.
    """
    if len(content) > PAGE_LIMIT:
        raise refused(page_url, f"it is larger than {PAGE_LIMIT:,} bytes")
    parser = _PageParser()
    try:
        parser.feed(content.decode("utf-8", "replace"))
        base = urljoin(page_url, parser.base.strip()) if parser.base else page_url
        urlsplit(base)
    except (ValueError, AssertionError, _TooMany) as error:  # AssertionError: html.parser before 3.13
        raise refused(page_url, str(error) if isinstance(error, _TooMany) else "it is not HTML") from error
    check_version(page_url, parser.first("pypi:repository-version") or "1.0")
    status, remarks = _status(parser)
    return RawPage(
        base=base,
        entries=parser.entries,
        status=status,
        tracks=tuple(parser.metas.get("pypi:tracks", ())),
        alternate_locations=tuple(parser.metas.get("pypi:alternate-locations", ())),
        remarks=remarks,
    )


class _TooMany(Exception):
    """More links than a page may have."""


class _PageParser(HTMLParser):
    """Collects ``base``, the ``meta`` of an index, and links to distributions as entries of PEP 691."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base = ""
        self.entries: list[dict[str, Any]] = []
        self.metas: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser for every opening tag."""
        if tag not in {"a", "meta", "base"}:
            return
        # The first of several attributes of one name counts (HTML, 13.2.5.33).
        attributes = dict(reversed(attrs))
        if tag == "a":
            self._link(attributes)
        elif tag == "base":
            self.base = self.base or attributes.get("href") or ""
        elif (name := attributes.get("name") or "").startswith("pypi:"):
            self.metas.setdefault(name, []).append(attributes.get("content") or "")

    def first(self, name: str) -> str | None:
        """The first value of a ``meta``."""
        return next(iter(self.metas.get(name, ())), None)

    def _link(self, attributes: Mapping[str, str | None]) -> None:
        href = attributes.get("href") or ""
        filename = filename_of(href)
        if not filename.lower().endswith(_ARCHIVES):
            return
        if len(self.entries) >= FILES_LIMIT:
            raise _TooMany(f"it lists more than {FILES_LIMIT:,} files")
        self.entries.append(_entry(href, filename, attributes))


def filename_of(url: str) -> str:
    """The last part of a URL's path, decoded: the name of the file in PEP 503."""
    path = url.partition("#")[0].partition("?")[0].rstrip()
    return unquote(path.rpartition("/")[2])


def _entry(href: str, filename: str, attributes: Mapping[str, str | None]) -> dict[str, Any]:
    entry: dict[str, Any] = {"filename": filename, "url": href}
    if requires_python := attributes.get("data-requires-python"):
        entry["requires-python"] = requires_python
    if "data-yanked" in attributes:
        entry["yanked"] = attributes["data-yanked"] or True
    for name in ("core-metadata", "dist-info-metadata"):
        if f"data-{name}" in attributes:
            entry[name] = _metadata(attributes[f"data-{name}"] or "")
    if provenance := attributes.get("data-provenance"):
        entry["provenance"] = provenance
    return entry


def _metadata(value: str) -> object:
    """PEP 658: ``true``, or ``<hashname>=<hashvalue>``; anything else is left to be refused."""
    if value.lower() in {"true", "false"}:
        return value.lower() == "true"
    name, sign, digest = value.partition("=")
    return {name: digest} if sign else value


def _status(parser: _PageParser) -> tuple[ProjectStatus | None, tuple[str, ...]]:
    marker = parser.first("pypi:project-status")
    if marker is None:
        return None, ()
    return project_status(marker, parser.first("pypi:project-status-reason") or "")
