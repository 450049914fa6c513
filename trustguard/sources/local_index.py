"""Places that list files without being an index server: ``file:`` indexes, and ``--find-links``."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.project import IndexId, Listing
from trustguard.model.record import record
from trustguard.sources.once import Once
from trustguard.sources.simple_file import PlainRule
from trustguard.sources.simple_html import filename_of, read_html
from trustguard.sources.simple_json import read_json
from trustguard.sources.simple_page import FILES_LIMIT, PAGE_LIMIT, RawPage, listing_of, refused
from trustguard.sources.urls import path_of_file_url, redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient

_ACCEPT = "text/html, application/vnd.pypi.simple.v1+json; q=0.5, application/vnd.pypi.simple.v1+html; q=0.5"
_FILES = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_ENTRIES_LIMIT = 1_000_000
"""Entries of a folder that are looked at."""


class FileIndex:
    """An index in a folder: ``<folder>/<project>/index.html``, as pip reads it.

    Args:
        index: what the index is called.
        base_url: the folder as a ``file:`` URL.
        permits_plain: which http URLs may be used; by default those of this machine.

    Raises:
        SourceRefused: the address does not name a folder on this machine.
    """

    def __init__(self, index: IndexId, base_url: str, *, permits_plain: PlainRule | None = None) -> None:
        self.index = index
        self._permits_plain = permits_plain
        self._folder = path_of_file_url(base_url)
        self._listings: Once[Listing | None] = Once()

    async def listing(self, project: NormalizedName) -> Listing | None:
        """The page of a project; None where there is no such file.

        Raises:
            SourceRefused: the page is against the rules.
            SourceUnreachable: it is there, and cannot be read.
        """
        return await self._listings.get(project, lambda: asyncio.to_thread(self._read, project))

    def _read(self, project: NormalizedName) -> Listing | None:
        path = self._folder.absolute() / project / "index.html"
        content = _read_file(path)
        if content is None:
            return None
        url = path.as_uri()
        page = read_html(content, url)
        return listing_of(page, url, self.index, project, permits_plain=self._permits_plain)


@record
class _Place:
    """A page, or what stands for one, and its address."""

    url: str
    page: RawPage


class FindLinks:
    """One ``--find-links`` location: a folder, an HTML page (a file, ``file:`` or http), or one archive.

    It is looked at once in a run. Names that are of no distribution, or of another project's, are nothing
    unusual here and are passed over.

    Args:
        client: the way to the network.
        index: what the location is called, without credentials.
        location: as it was given; may hold credentials.
        deadline: seconds for a page.
    """

    def __init__(self, client: HttpClient, index: IndexId, location: str, *, deadline: float = 60.0) -> None:
        self.index = index
        self._client = client
        self._path = _existing(location)
        self._location = location if self._path else client.credentials.add(location)
        self._deadline = deadline
        self._places: Once[list[_Place]] = Once()

    async def listing(self, project: NormalizedName) -> Listing | None:
        """The files of a project; None where there are none of it.

        Raises:
            SourceRefused: what is there is against the rules.
            SourceUnreachable: there is nothing there, or it cannot be read, or not in time.
        """
        places = await self._places.get("", self._look)
        listings = [self._of_project(place, project) for place in places]
        files = {file.filename: file for found in reversed(listings) for file in reversed(found.files)}
        skipped = tuple(line for found in listings for line in found.skipped)
        if not files and not skipped:
            return None
        return Listing(
            project=project,
            index=self.index,
            files=tuple(reversed(files.values())),
            has_upload_times=any(found.has_upload_times for found in listings),
            has_provenance=any(found.has_provenance for found in listings),
            skipped=skipped,
        )

    def _of_project(self, place: _Place, project: NormalizedName) -> Listing:
        entries = [entry for entry in place.page.entries if _may_be_of(entry, project)]
        page = replace(place.page, entries=entries)
        permits = self._client.settings.permits_plain
        return listing_of(page, place.url, self.index, project, permits_plain=permits)

    async def _look(self) -> list[_Place]:
        scheme = urlsplit(self._location).scheme.lower()
        if self._path is not None:
            return await asyncio.to_thread(_local_places, self._path)
        if scheme == "file":
            return await asyncio.to_thread(_local_places, path_of_file_url(self._location))
        if scheme not in {"http", "https"}:
            raise SourceUnreachable(
                f"--find-links {redact(self._location)}: there is no such file or folder",
                hint="a location is a path, or an address with file:, http: or https:",
            )
        if filename_of(self._location).lower().endswith(_FILES):
            return [_archive(self._location)]
        return [await self._remote_page()]

    async def _remote_page(self) -> _Place:
        what = "the page of --find-links"
        response = await self._client.get_bytes(
            self._location, limit=PAGE_LIMIT, accept=_ACCEPT, deadline=self._deadline, what=what
        )
        if response.missing:
            raise SourceUnreachable(f"{what} {redact(response.url)}: it was answered with {response.status}")
        if response.content_type.endswith("json"):
            return _Place(response.url, await asyncio.to_thread(read_json, response.content, response.url))
        if response.content_type.endswith("html"):
            return _Place(response.url, await asyncio.to_thread(read_html, response.content, response.url))
        raise refused(response.url, f"its type is {response.content_type!r:.80}")


def _may_be_of(entry: object, project: NormalizedName) -> bool:
    name = entry.get("filename") if isinstance(entry, dict) else None
    return isinstance(name, str) and canonicalize_name(name).startswith(project)


def _existing(location: str) -> Path | None:
    """A location that is a path, as pip sees it: there is something at it."""
    try:
        return Path(location).absolute() if Path(location).exists() else None
    except (OSError, ValueError):
        return None


def _local_places(path: Path) -> list[_Place]:
    try:
        if path.is_dir():
            return _in_folder(path)
        return [_page(path) if _is_html(path) else _archive(path.as_uri(), path)]
    except OSError as error:
        raise SourceUnreachable(f"--find-links {path} cannot be read: {error.strerror}") from error


def _in_folder(folder: Path) -> list[_Place]:
    found = sorted(islice(_regular_files(folder), FILES_LIMIT + 1))
    if len(found) > FILES_LIMIT:
        raise SourceRefused(f"--find-links {folder}: there are more than {FILES_LIMIT:,} files")
    archives = [_entry(file.as_uri(), file) for file in found if file.name.lower().endswith(_FILES)]
    url = folder.as_uri() + "/"
    return [_Place(url, RawPage(url, archives)), *(_page(file) for file in found if _is_html(file))]


def _regular_files(folder: Path) -> Iterator[Path]:
    """What may be an archive or a page, of a folder's first million entries."""
    with os.scandir(folder) as entries:
        for entry in islice(entries, _ENTRIES_LIMIT):
            path = Path(entry.path)
            if (entry.name.lower().endswith(_FILES) or _is_html(path)) and entry.is_file():
                yield path


def _page(path: Path) -> _Place:
    content = _read_file(path)
    if content is None:
        raise SourceUnreachable(f"--find-links {path}: there is no such file")
    return _Place(path.as_uri(), read_html(content, path.as_uri()))


def _archive(url: str, path: Path | None = None) -> _Place:
    return _Place(url, RawPage(url, [_entry(url, path)]))


def _entry(url: str, path: Path | None) -> dict[str, object]:
    entry: dict[str, object] = {"filename": filename_of(url), "url": url}
    if path is not None:
        entry["size"] = path.stat().st_size
    return entry


def _is_html(path: Path) -> bool:
    return mimetypes.guess_type(path.name, strict=False)[0] == "text/html"


def _read_file(path: Path) -> bytes | None:
    """The content of a page on this machine, or None where there is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as file:
            return file.read(PAGE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SourceUnreachable(f"{path} cannot be read: {error.strerror}") from error
