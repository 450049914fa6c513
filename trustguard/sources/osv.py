"""OSV's export for PyPI: one zip with one JSON record a file (https://ossf.github.io/osv-schema/).

An export is input from outside: it is read in bounds, and one bad record costs that record and no more.
What a record says of versions is put in order once, when it is read, so that asking it is cheap:

- Names compare by PEP 503, versions by PEP 440. Ranges of type SEMVER are read as PEP 440 too, because that
  is what an index serves. GIT ranges name commits, not versions, and are left out, as the schema intends.
- A local label (``+cpu``) is ignored where the record's own version has none: PEP 440 says so of ``==`` and
  ``<=``, which is what ``versions`` and ``last_affected`` mean. A rebuild has the flaws of its source.
- What cannot be ordered makes the record wider, never narrower. A ``fixed``, ``last_affected`` or ``limit``
  that is no PEP 440 version ends nothing; an ``introduced`` that is none could stand anywhere, so its range
  covers every version; a range without ``introduced``, which the schema forbids, begins at the beginning.
- Explicit ``versions`` that a range covers anyway are dropped: they add nothing, and fill most of the export.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar, get_args

from packaging.utils import NormalizedName, canonicalize_version
from packaging.version import Version

from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.evidence import Advisory
from trustguard.model.project import project_name

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

T = TypeVar("T")

Kind = Literal["introduced", "fixed", "last_affected", "limit"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_ECOSYSTEM = "PyPI"
_SUMMARY_LIMIT = 200
_VERSION_LIMIT = 128
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_VECTOR = re.compile(r"(?:CVSS:[34]\.\d/|(?!CVSS))[A-Za-z0-9.:/]{1,256}", re.ASCII)
_SCORINGS = ("CVSS_V3", "CVSS_V4", "CVSS_V2")
"""The order of choice where a record has several: CVSS 3's score is the one that a formula gives."""
_ZERO = Version("0")
_STORED, _DEFLATED = 0, 8
_HINT = "the previous advisories, if any, stay in use; try again, or check the configured address"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an export is read before it is refused; well above what PyPI's has.

    Args:
        archive: bytes of the zip.
        entries: files in the zip.
        record: bytes of one record, unpacked; a larger one is skipped.
        total: bytes of all records, unpacked.
    """

    archive: int = 256 << 20
    entries: int = 500_000
    record: int = 8 << 20
    total: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Event:
    """One change of status along the versions of a package."""

    kind: Kind
    version: Version | None
    """None: before every version, which only ``introduced`` can be (the schema's ``"0"``)."""

    def place(self) -> tuple[bool, Version, bool]:
        """Where the event takes effect; ``last_affected`` just after its version, the others at it."""
        return self.version is not None, self.version or _ZERO, self.kind == "last_affected"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
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
        """The record as compact OSV JSON, from which :func:`record_from_json` makes an equal one."""
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


def record_from_json(data: str | bytes) -> AdvisoryRecord:
    """Read one OSV record.

    Raises:
        ValueError: it is not JSON, is nested too deeply, or is not what the schema describes (version 1).
    """
    try:
        raw = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - what is wrong is the document
    if not _get(raw, "schema_version", str, "1.0.0").startswith("1."):
        raise ValueError("not of version 1 of the OSV schema")
    name = _get(raw, "id", str, "")
    if not _ID.fullmatch(name):
        raise ValueError("without a well-formed id")
    withdrawn = _get(raw, "withdrawn", str, "")
    return AdvisoryRecord(
        id=name,
        modified=_moment(_get(raw, "modified", str, "")),
        summary=_line(_get(raw, "summary", str, "") or _get(raw, "details", str, "")),
        aliases=tuple(a for a in _get(raw, "aliases", list, []) if isinstance(a, str) and _ID.fullmatch(a)),
        withdrawn=_moment(withdrawn) if withdrawn else None,
        severity=_severity(raw),
        affected=tuple(_affected(entry) for entry in _objects(raw, "affected") if _concerns_us(entry)),
    )


def read_export(
    source: Path | BinaryIO, *, skipped: Callable[[str], object], limits: Limits | None = None
) -> Iterator[AdvisoryRecord]:
    """Read an export, record by record. Trust nothing of it before the iteration has ended without an error.

    Args:
        source: the zip: its path, or a seekable binary file, which stays open.
        skipped: is called with one line for each entry that could not be used; ``list.append`` will do.
        limits: how much is read at most.

    Yields:
        The records that concern projects on PyPI, withdrawn ones included.

    Raises:
        SourceRefused: it is no zip, is over a limit, holds no such record, or is unusable for the most part.
        SourceUnreachable: it cannot be read.
    """
    import zipfile  # noqa: PLC0415 - slow to import, and only an update needs it

    bounds = limits or Limits()
    try:
        with ExitStack() as stack:
            file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
            if file.seek(0, 2) > bounds.archive:
                raise _refused(f"is larger than {bounds.archive} bytes")
            archive = stack.enter_context(zipfile.ZipFile(file))
            yield from _records(archive, _entries(archive, bounds), skipped, bounds.record)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError) as error:
        raise _refused(f"is not a readable zip: {_line(str(error))}") from error
    except OSError as error:
        reason = _line(error.strerror or str(error))
        raise SourceUnreachable(f"the advisory export cannot be read: {reason}", hint=_HINT) from error


def _entries(archive: ZipFile, bounds: Limits) -> list[ZipInfo]:
    """The zip's files. Their declared sizes bound what is read: zipfile gives out no byte more."""
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if len(entries) > bounds.entries:
        raise _refused(f"has more than {bounds.entries} entries")
    if sum(info.file_size for info in entries) > bounds.total:
        raise _refused(f"unpacks to more than {bounds.total} bytes")
    return entries


def _records(
    archive: ZipFile, entries: list[ZipInfo], skipped: Callable[[str], object], limit: int
) -> Iterator[AdvisoryRecord]:
    from zipfile import BadZipFile  # noqa: PLC0415 - as above

    bad = ours = 0
    for info in entries:
        try:
            record = record_from_json(_unpacked(archive, info, limit))
        except (ValueError, NotImplementedError, EOFError, struct.error, zlib.error, BadZipFile) as error:
            bad += 1
            skipped(f"{_line(info.filename)}: {_line(str(error))}")
            continue
        if record.affected:
            ours += 1
            yield record
    if 2 * bad > len(entries):
        raise _refused(f"is unusable: {bad} of its {len(entries)} entries cannot be read as OSV records")
    if not ours:
        raise _refused(f"has no record about {_ECOSYSTEM}")


def _unpacked(archive: ZipFile, info: ZipInfo, limit: int) -> bytes:
    if info.file_size > limit:
        raise ValueError(f"larger than {limit} bytes")
    if info.flag_bits & 0x1 or info.compress_type not in (_STORED, _DEFLATED):
        raise ValueError("encrypted, or neither stored nor deflated")
    with archive.open(info) as stream:
        return stream.read(info.file_size)


def _refused(what: str) -> SourceRefused:
    return SourceRefused(f"the advisory export {what}", hint=_HINT)


def _get(raw: Mapping[str, Any], key: str, kind: type[T], default: T) -> T:
    value = raw.get(key)
    if isinstance(value, kind):
        return value
    if value is None:
        return default
    raise ValueError(f"{key!r} is not what the OSV schema says")


def _objects(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    items = _get(raw, key, list, [])
    if all(isinstance(item, dict) for item in items):
        return items
    raise ValueError(f"{key!r} is not what the OSV schema says")


def _concerns_us(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is about a project on PyPI, with a name that an index can serve at all."""
    package = _get(entry, "package", dict, {})
    if package.get("ecosystem") != _ECOSYSTEM:
        return False
    name = _get(package, "name", str, "")
    try:
        project_name(name)
    except ValueError:
        return False
    return True


def _affected(entry: Mapping[str, Any]) -> Affected:
    spans = tuple(
        _range(_objects(span, "events"))
        for span in _objects(entry, "ranges")
        if span.get("type") in ("ECOSYSTEM", "SEMVER")
    )
    return Affected(
        project=project_name(_get(_get(entry, "package", dict, {}), "name", str, "")),
        versions=tuple(dict.fromkeys(_uncovered(_get(entry, "versions", list, []), spans))),
        ranges=spans,
        severity=_severity(entry),
    )


def _uncovered(texts: Iterable[object], spans: tuple[Range, ...]) -> Iterator[str]:
    public = [span for span in spans if span.public]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError("'versions' is not what the OSV schema says")  # noqa: TRY004 - the document is wrong
        version = _version(text)
        if version is None:
            yield text
        elif not any(span.covers(version) for span in public):
            yield canonicalize_version(version)


def _range(raw: list[dict[str, Any]]) -> Range:
    """The events of a range in order, with what cannot be ordered read as the module's docstring says."""
    given = [(kind, text) for event in raw for kind in KINDS if (text := _get(event, kind, str, ""))]
    if not given:
        raise ValueError("a range without events")
    begins = [_version(text) for kind, text in given if kind == "introduced"]
    if None in begins:
        return Range((Event("introduced", None),))
    known = [(kind, version) for kind, text in given if (version := _version(text)) is not None]
    events = [_event(kind, version) for kind, version in known if kind != "limit"]
    if not begins:
        events.insert(0, Event("introduced", None))
    limits = tuple(version for kind, version in known if kind == "limit")
    bounded = len(limits) == sum(kind == "limit" for kind, _ in given)
    return Range(tuple(sorted(events, key=Event.place)), limits if bounded else ())


def _event(kind: Kind, version: Version) -> Event:
    return Event(kind, None if kind == "introduced" and version == _ZERO else version)


@lru_cache(maxsize=1 << 15)
def _version(text: str) -> Version | None:
    try:
        return Version(text) if len(text) <= _VERSION_LIMIT else None
    except ValueError:
        return None


def _after(version: Version, last: Version) -> bool:
    return (version if last.local else _public(version)) > last


def _public(version: Version) -> Version:
    return Version(version.public) if version.local else version


def _severity(raw: Mapping[str, Any]) -> str:
    vectors = {
        _get(entry, "type", str, ""): _get(entry, "score", str, "") for entry in _objects(raw, "severity")
    }
    chosen = next((vectors[scoring] for scoring in _SCORINGS if vectors.get(scoring)), "")
    return chosen if _VECTOR.fullmatch(chosen) else ""


def _line(text: str) -> str:
    """Text from outside as one line of printable characters: no control, bidi or zero-width ones."""
    short = text[: 4 * _SUMMARY_LIMIT]
    if not short.isprintable():
        short = "".join(char if char.isprintable() else " " for char in short)
    line = " ".join(short.split())
    if len(line) <= _SUMMARY_LIMIT:
        return line
    # At a word's end, where there is one near: what is cut must not read as if it were all.
    cut = line[: _SUMMARY_LIMIT - 1]
    whole = cut.rpartition(" ")[0] if line[_SUMMARY_LIMIT - 1] != " " else cut
    return (whole if len(whole) > _SUMMARY_LIMIT // 2 else cut).rstrip(" ,;:") + "…"


def _moment(text: str) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time in UTC as RFC 3339 writes it: {_line(text)[:40]!r}")
    day, clock, fraction = match.groups(default="")
    return datetime.fromisoformat(f"{day}T{clock}.{fraction[:6]:0<6}+00:00")


def _written(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def _affected_json(entry: Affected) -> dict[str, Any]:
    document: dict[str, Any] = {
        "package": {"ecosystem": _ECOSYSTEM, "name": entry.project},
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
