"""A project's page, judged: which files it offers, and what was left out.

Both forms of a page (JSON, HTML) are first read into a :class:`RawPage` whose entries look like those of the
JSON form; the rules for an entry stand once, in :mod:`trustguard.sources.simple_file`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packaging.utils import NormalizedName

from trustguard.model.errors import SourceRefused
from trustguard.model.project import DistributionFile, IndexId, Listing, ProjectStatus, StatusMarker
from trustguard.model.record import record
from trustguard.sources.simple_file import (
    FILENAME,
    FileReader,
    NotOfProject,
    PlainRule,
    encodable,
    is_loopback_url,
)
from trustguard.sources.urls import redact

PAGE_LIMIT = 64 << 20
"""Bytes of a page."""
FILES_LIMIT = 100_000
"""Files on a page."""
_NAMED_LIMIT = 100
"""Entries left out that are named one by one."""
_MARKERS: Mapping[str, StatusMarker] = {
    "active": "active",
    "archived": "archived",
    "quarantined": "quarantined",
    "deprecated": "deprecated",
}


@record
class RawPage:
    """A page that has been taken apart, and not yet judged.

    Args:
        base: the URL that relative addresses start from.
        entries: what should be the files, in the form of PEP 691.
        status: PEP 792.
        tracks: PEP 708.
        alternate_locations: PEP 708.
        remarks: what was left out already, one line each.
    """

    base: str
    entries: Sequence[object]
    status: ProjectStatus | None = None
    tracks: tuple[str, ...] = ()
    alternate_locations: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def refused(page_url: str, why: str) -> SourceRefused:
    """The error for a page that is against the rules."""
    return SourceRefused(f"the page {redact(page_url)} is not a project's page: {why}")


def check_version(page_url: str, version: object) -> None:
    """Refuse what is not version 1 of the API; any minor version will do (PEP 629).

    Raises:
        SourceRefused: another major version, or none that could be understood.
    """
    match = re.fullmatch(r"(\d{1,9})\.(\d{1,9})", version, re.ASCII) if isinstance(version, str) else None
    if match is None:
        raise refused(page_url, f"its API version is {version!r:.40}")
    if int(match[1]) != 1:
        raise refused(page_url, f"it speaks version {match[1]} of the API, and only 1 is known")


def project_status(marker: str, reason: str) -> tuple[ProjectStatus | None, tuple[str, ...]]:
    """The state of a project (PEP 792), or None and a remark where the marker is not known."""
    known = _MARKERS.get(marker)
    if known is None:
        return None, (f"the project's status {marker!r:.40} is not one that is known",)
    return ProjectStatus(known, encodable(reason)), ()


def listing_of(
    page: RawPage,
    page_url: str,
    index: IndexId,
    project: NormalizedName,
    *,
    permits_plain: PlainRule | None = None,
) -> Listing:
    """Judge every entry of a page.

    Args:
        page: the page.
        page_url: its final URL, without credentials.
        index: where it is from.
        project: the project it was asked for.
        permits_plain: for which http URLs may be used; by default those of this machine.

    Raises:
        SourceRefused: it has more than 100,000 entries.
    """
    if len(page.entries) > FILES_LIMIT:
        raise refused(page_url, f"it lists more than {FILES_LIMIT:,} files")
    reader = FileReader(page_url, page.base, project, permits_plain or is_loopback_url)
    files: dict[str, DistributionFile] = {}
    skipped = list(page.remarks)
    for entry in page.entries:
        try:
            file = reader.read(entry)
        except NotOfProject:
            continue  # installers pass these by as well: eggs, versions from before PEP 440
        except ValueError as error:
            skipped.append(f"{_name(entry)}: {error}")
            continue
        first = files.setdefault(file.filename, file)
        if first is not file and first != file:
            skipped.append(f"{file.filename}: it is listed twice, differently; the first one counts")
    return Listing(
        project=project,
        index=index,
        files=tuple(files.values()),
        status=page.status,
        tracks=page.tracks,
        alternate_locations=page.alternate_locations,
        has_upload_times=any(file.upload_time is not None for file in files.values()),
        has_provenance=any(isinstance(entry, dict) and "provenance" in entry for entry in page.entries),
        skipped=_bounded([*skipped, *reader.remarks]),
    )


def _name(entry: object) -> str:
    """How an entry is called in a line about it."""
    value: Any = entry.get("filename") if isinstance(entry, dict) else entry
    return value if isinstance(value, str) and FILENAME.fullmatch(value) else ascii(value)[:80]


def _bounded(lines: Iterable[str]) -> tuple[str, ...]:
    every = list(lines)
    if len(every) <= _NAMED_LIMIT:
        return tuple(every)
    return (*every[:_NAMED_LIMIT], f"and {len(every) - _NAMED_LIMIT:,} more")
