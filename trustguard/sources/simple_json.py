"""A project's page in the JSON form of the simple API: PEP 691, with 700, 708, 714, 740 and 792."""

from __future__ import annotations

import json
from typing import Any

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.project import ProjectStatus
from trustguard.sources.simple_page import PAGE_LIMIT, RawPage, check_version, project_status, refused


def read_json(content: bytes, page_url: str, project: NormalizedName | None = None) -> RawPage:
    """Take a page apart.

    Args:
        content: the document.
        page_url: its final URL, for messages and for relative addresses.
        project: whose page it must be; None where it may list files of any (``--find-links``).

    Raises:
        SourceRefused: it is not a page of version 1, or it is another project's.
    """
    page = _document(content, page_url)
    meta = page.get("meta", {"api-version": "1.0"})
    if not isinstance(meta, dict):
        raise refused(page_url, "its meta is not an object")
    check_version(page_url, meta.get("api-version", "1.0"))
    name = page.get("name")
    if project is not None and name is not None and _normalized(name) != project:
        raise refused(page_url, f"it is that of {name!r:.80}, not of {project}")
    entries = page.get("files")
    if not isinstance(entries, list):
        raise refused(page_url, "its files are not a list")
    status, remarks = _status(page.get("project-status"), page_url)
    return RawPage(
        base=page_url,
        entries=entries,
        status=status,
        tracks=_urls(meta.get("tracks"), "tracks", page_url),
        alternate_locations=_urls(page.get("alternate-locations"), "alternate-locations", page_url),
        remarks=remarks,
    )


def _document(content: bytes, page_url: str) -> dict[str, Any]:
    if len(content) > PAGE_LIMIT:
        raise refused(page_url, f"it is larger than {PAGE_LIMIT:,} bytes")
    try:
        page = json.loads(content)
    except RecursionError as error:
        raise refused(page_url, "its JSON is nested too deeply") from error
    except ValueError as error:  # not JSON, not UTF-8, or a number without end
        raise refused(page_url, "it is not JSON") from error
    if not isinstance(page, dict):
        raise refused(page_url, "it is not a JSON object")
    return page


def _status(value: object, page_url: str) -> tuple[ProjectStatus | None, tuple[str, ...]]:
    if value is None:
        return None, ()
    marker = value.get("status", "active") if isinstance(value, dict) else None
    reason = value.get("reason") if isinstance(value, dict) else None
    if not isinstance(marker, str) or not isinstance(reason, str | None):
        raise refused(page_url, "its project-status is malformed")
    return project_status(marker, reason or "")


def _urls(value: object, key: str, page_url: str) -> tuple[str, ...]:
    """PEP 708: who else may have this project. A relation that cannot be read is no relation to trust."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(url, str) for url in value):
        raise refused(page_url, f"its {key} are not a list of addresses")
    return tuple(value)


def _normalized(name: object) -> str | None:
    return canonicalize_name(name) if isinstance(name, str) else None
