"""What an OSV record says of versions (https://ossf.github.io/osv-schema/), put in order once.

- Names compare by PEP 503, versions by PEP 440. Ranges of type SEMVER are read as PEP 440 too, because that
  is what an index serves. GIT ranges name commits, not versions, and are left out, as the schema intends.
- A local label (``+cpu``) is ignored where the record's own version has none: PEP 440 says so of ``==`` and
  ``<=``, which is what ``versions`` and ``last_affected`` mean. A rebuild has the flaws of its source.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any, Literal, get_args

from packaging.utils import NormalizedName, canonicalize_version
from packaging.version import Version

from trustguard.model.evidence import Advisory
from trustguard.model.record import record

Kind = Literal["introduced", "fixed", "last_affected", "limit"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ECOSYSTEM = "PyPI"
ZERO = Version("0")


@record
class Event:
    """One change of status along the versions of a package."""

    kind: Kind
    version: Version | None
    """None: before every version, which only ``introduced`` can be (the schema's ``"0"``)."""

    def place(self) -> tuple[bool, Version, bool]:
        """Where the event takes effect; ``last_affected`` just after its version, the others at it."""
        return self.version is not None, self.version or ZERO, self.kind == "last_affected"


@record
class Range:
    """One range of affected versions: its events in order, its limits apart."""

    events: tuple[Event, ...]
    limits: tuple[Version, ...] = ()
    """Empty: without limit."""

    def covers(self, version: Version) -> bool:
        """Whether a version lies in the range (the schema's ``IncludedInRanges`` and ``BeforeLimits``)."""
        if self.limits and not any(version < limit for limit in self.limits):
            return False
        inside = False
        for event in self.events:
            if event.version is None:
                inside = True
            elif event.kind == "last_affected":
                inside = inside and not _after(version, event.version)
            elif version >= event.version:
                inside = event.kind == "introduced"
        return inside

    @property
    def public(self) -> bool:
        """Whether it names no local label, so that a version and its rebuilds fare alike."""
        named = [*self.limits, *(event.version for event in self.events if event.version is not None)]
        return all(version.local is None for version in named)


@record
class Affected:
    """Which versions of one project a record speaks of.

    Args:
        project: the project.
        versions: those listed and in no range, in the form of ``canonicalize_version``, in which two
            spellings of a version are one; text that is no PEP 440 version as it stands.
        ranges: the ranges.
        severity: the CVSS vector given for this project alone, or empty.
    """

    project: NormalizedName
    versions: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    severity: str = ""

    def covers(self, version: Version) -> bool:
        """Whether a version is affected: listed, or in any of the ranges."""
        if self.versions:
            listed = {canonicalize_version(version), canonicalize_version(_public(version))}
            if not listed.isdisjoint(self.versions):
                return True
        return any(span.covers(version) for span in self.ranges)


@record
class AdvisoryRecord:
    """The part of an OSV record that decides and explains."""

    id: str
    modified: datetime
    summary: str = ""
    """One line of at most 200 printable characters."""
    aliases: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    severity: str = ""
    """The CVSS vector, or empty."""
    affected: tuple[Affected, ...] = ()
    """What it says of projects on PyPI; empty where it concerns other ecosystems only."""

    @property
    def malicious(self) -> bool:
        """Whether it reports malware, by its own id or by an alias.

        ``MAL`` is the schema's prefix for the database of malicious packages, and an alias is an id of the
        very same thing elsewhere; so the GHSA or PYSEC form of a ``MAL-`` record is a report of malware too.
        """
        return any(name.startswith("MAL-") for name in (self.id, *self.aliases))

    @property
    def projects(self) -> frozenset[NormalizedName]:
        """The projects on PyPI that it speaks of."""
        return frozenset(entry.project for entry in self.affected)

    def advisory(self, project: NormalizedName, version: Version) -> Advisory | None:
        """What the record says of a release, or None where it does not apply (the schema's ``IsVulnerable``).

        A withdrawn record applies to nothing. ``fixed`` has the fixed versions of the ranges that cover the
        version, from the lowest up, without those that are no PEP 440 versions.
        """
        if self.withdrawn is not None:
            return None
        hits = [entry for entry in self.affected if entry.project == project and entry.covers(version)]
        if not hits:
            return None
        spans = [span for entry in hits for span in entry.ranges if span.covers(version)]
        events = [event for span in spans for event in span.events if event.kind == "fixed"]
        fixed = sorted({event.version for event in events if event.version is not None})
        severity = next((entry.severity for entry in hits if entry.severity), self.severity)
        return Advisory(
            self.id, self.summary, self.aliases, self.malicious, tuple(str(v) for v in fixed), severity
        )

    def to_json(self) -> str:
        """The record as compact OSV JSON, from which :func:`.record_from_json` makes an equal one."""
        document: dict[str, Any] = {
            "id": self.id,
            "modified": _written(self.modified),
            "summary": self.summary,
            "aliases": self.aliases,
            "withdrawn": self.withdrawn and _written(self.withdrawn),
            "severity": _severity_json(self.severity),
            "affected": [_affected_json(entry) for entry in self.affected],
        }
        return json.dumps({k: v for k, v in document.items() if v}, separators=(",", ":"))


def _after(version: Version, last: Version) -> bool:
    return (version if last.local else _public(version)) > last


def _public(version: Version) -> Version:
    return Version(version.public) if version.local else version


def _written(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _affected_json(entry: Affected) -> dict[str, Any]:
    document: dict[str, Any] = {
        "package": {"ecosystem": ECOSYSTEM, "name": entry.project},
        "versions": entry.versions,
        "ranges": [{"type": "ECOSYSTEM", "events": _events_json(span)} for span in entry.ranges],
        "severity": _severity_json(entry.severity),
    }
    return {key: value for key, value in document.items() if value}


def _events_json(span: Range) -> list[dict[str, str]]:
    every = [*span.events, *(Event("limit", limit) for limit in span.limits)]
    return [{event.kind: "0" if event.version is None else str(event.version)} for event in every]


def _severity_json(vector: str) -> list[dict[str, str]]:
    if not vector:
        return []
    version = vector[5] if vector.startswith("CVSS:") else "2"
    return [{"type": f"CVSS_V{version}", "score": vector}]
