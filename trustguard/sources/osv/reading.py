"""Reads OSV records: input from outside, of which nothing is believed but its form.

What cannot be ordered makes a record wider, never narrower. A ``fixed``, ``last_affected`` or ``limit`` that
is no PEP 440 version ends nothing; an ``introduced`` that is none could stand anywhere, so its range covers
every version; a range without ``introduced``, which the schema forbids, begins at the beginning. Explicit
``versions`` that a range covers anyway are dropped: they add nothing, and fill most of an export.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from packaging.utils import canonicalize_version
from packaging.version import Version

from trustguard.model.project import project_name
from trustguard.sources.osv.record import ECOSYSTEM, KINDS, ZERO, AdvisoryRecord, Affected, Event, Kind, Range

T = TypeVar("T")

_SUMMARY_LIMIT = 200
_VERSION_LIMIT = 128
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_VECTOR = re.compile(r"(?:CVSS:[34]\.\d/|(?!CVSS))[A-Za-z0-9.:/]{1,256}", re.ASCII)
_SCORINGS = ("CVSS_V3", "CVSS_V4", "CVSS_V2")
"""The order of choice where a record has several: CVSS 3's score is the one that a formula gives."""


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
        summary=one_line(_get(raw, "summary", str, "") or _get(raw, "details", str, "")),
        aliases=tuple(a for a in _get(raw, "aliases", list, []) if isinstance(a, str) and _ID.fullmatch(a)),
        withdrawn=_moment(withdrawn) if withdrawn else None,
        severity=_severity(raw),
        affected=tuple(_affected(entry) for entry in _objects(raw, "affected") if _concerns_us(entry)),
    )


def one_line(text: str) -> str:
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
    if package.get("ecosystem") != ECOSYSTEM:
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
    return Event(kind, None if kind == "introduced" and version == ZERO else version)


@lru_cache(maxsize=1 << 15)
def _version(text: str) -> Version | None:
    try:
        return Version(text) if len(text) <= _VERSION_LIMIT else None
    except ValueError:
        return None


def _severity(raw: Mapping[str, Any]) -> str:
    vectors = {
        _get(entry, "type", str, ""): _get(entry, "score", str, "") for entry in _objects(raw, "severity")
    }
    chosen = next((vectors[scoring] for scoring in _SCORINGS if vectors.get(scoring)), "")
    return chosen if _VECTOR.fullmatch(chosen) else ""


def _moment(text: str) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"not a time in UTC as RFC 3339 writes it: {one_line(text)[:40]!r}")
    day, clock, fraction = match.groups(default="")
    return datetime.fromisoformat(f"{day}T{clock}.{fraction[:6]:0<6}+00:00")
