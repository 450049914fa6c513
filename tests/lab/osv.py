"""An OSV export of our own making: advisories as the OSV schema (1.7) has them, zipped one record a file."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from .shipped.packer import pack_zip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ECOSYSTEM = "PyPI"
MODIFIED = datetime(2024, 1, 1, tzinfo=timezone.utc)


def osv_record(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    record_id: str,
    project: str,
    *,
    versions: Sequence[str] = (),
    ranges: Sequence[Sequence[Mapping[str, str]]] = (),
    summary: str = "",
    aliases: Sequence[str] = (),
    withdrawn: datetime | None = None,
    modified: datetime = MODIFIED,
    severity: str | None = None,
) -> dict[str, Any]:
    """Return one advisory about one project.

    Args:
        record_id: such as ``PYSEC-2024-1``; its prefix tells the kind.
        project: the project's name, written in its normal form.
        versions: the affected versions, listed.
        ranges: the affected ranges, each a list of events: ``[{"introduced": "0"}, {"fixed": "1.2"}]``.
        summary: one line.
        aliases: ids of the same thing elsewhere.
        withdrawn: since when it no longer holds (aware).
        modified: when it was last changed (aware), also taken as when it was published.
        severity: a CVSS vector, whose own prefix tells its version: ``CVSS:3.1/AV:N/…``.

    """
    name = canonicalize_name(project)
    record: dict[str, Any] = {
        "schema_version": "1.7.0",
        "id": record_id,
        "modified": _moment(modified),
        "published": _moment(modified),
        "summary": summary,
        "affected": [
            {
                "package": {"name": name, "ecosystem": ECOSYSTEM, "purl": f"pkg:pypi/{name}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [dict(e) for e in events]} for events in ranges],
                "versions": list(versions),
            }
        ],
    }
    if aliases:
        record["aliases"] = list(aliases)
    if withdrawn is not None:
        record["withdrawn"] = _moment(withdrawn)
    if severity is not None:
        kind = f"CVSS_V{severity.removeprefix('CVSS:')[0]}"
        record["severity"] = [{"type": kind, "score": severity}]
    return record


def malicious(project: str, *, versions: Sequence[str] = ()) -> dict[str, Any]:
    """Return a ``MAL-`` record: every version of a project is malware, or only those that are listed."""
    number = int.from_bytes(hashlib.sha256(canonicalize_name(project).encode()).digest()[:3], "big")
    return osv_record(
        f"MAL-2024-{number}",
        project,
        versions=versions,
        ranges=() if versions else ([{"introduced": "0"}],),
        summary=f"Malicious code in {canonicalize_name(project)}",
    )


def osv_export(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a zip with one JSON file a record, named after its id."""
    return pack_zip({f"{record['id']}.json": json.dumps(record).encode() for record in records})


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
