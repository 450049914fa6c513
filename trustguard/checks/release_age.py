"""The file was uploaded only just now, or its project began only just now under a name that is famous.

Most malicious releases are found and removed within days. A file younger than the cooldown is left out of
what the installer is offered, so that it takes the release before; the age is that of the file, not of the
release, because a file can be added to an old release. The time is the index's (PEP 700), never the
package's own.

A name that is among the most downloaded ones, and whose first file is younger than `reborn` (30 days), is
most likely one that was given up and taken by somebody else: all of its files are found.

An index that gives no upload times leaves the age unknown, which is said and never taken for old. Private
indexes are not expected to have them.

**What to do:** wait, take the release before (that is what happens by itself), or exempt projects of your
own with `exempt = ["acme-*"]`. For one release that is needed today, `[[allow]]` the version with `checks =
["release-age"]`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timedelta

from trustguard.model.evidence import Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.record import record

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@record
class Settings:
    """How old a file must be, and a project that is called like a popular one."""

    cooldown: timedelta = field(default=timedelta(days=3), metadata={"tighter": "longer"})
    """A file younger than this is a finding."""
    reborn: timedelta = field(default=timedelta(days=30), metadata={"tighter": "longer"})
    """A popular project whose first file is younger than this is a finding."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """A finding where the file, or a popular project, is too young; exactly as old is old enough."""
    uploaded = read(evidence.upload_time)
    if uploaded is None:
        return []
    reborn = _reborn(evidence, settings)
    if reborn is not None:
        return [reborn]
    if evidence.at - uploaded >= settings.cooldown:
        return []
    what = f"{evidence.file.filename} was uploaded {_ago(evidence.at - uploaded)}, "
    what += f"and the cooldown is {_span(settings.cooldown)}"
    return [_finding(what, _passes(uploaded, settings.cooldown), uploaded)]


def _reborn(evidence: Evidence, settings: Settings) -> Finding | None:
    rank = read(evidence.rank)
    history = read(evidence.history) if rank is not None else None
    if history is None or evidence.at - history.first_upload >= settings.reborn:
        return None
    began = _ago(evidence.at - history.first_upload)
    what = f"{evidence.project} is number {rank} of the most downloaded projects, and began {began}"
    remedy = "find out who has it now: the name may have been given up, and taken again"
    return _finding(what, remedy, history.first_upload)


def _finding(message: str, remedy: str, time: datetime) -> Finding:
    return Finding(
        check="release-age",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        message=message,
        remedy=remedy,
        evidence=(time.isoformat(),),
    )


def _passes(uploaded: datetime, cooldown: timedelta) -> str:
    try:
        return f"it passes from {uploaded + cooldown:%Y-%m-%d %H:%M %Z} on"
    except OverflowError:
        return "it never passes: the cooldown ends after the last year that there is"


def _ago(age: timedelta) -> str:
    return f"{_span(age)} ago" if age >= timedelta(0) else "in the future"


def _span(time: timedelta) -> str:
    for unit, name in ((_DAY, "day"), (_HOUR, "hour")):
        if time >= unit:
            count = time // unit
            return f"{count} {name}{'s' if count != 1 else ''}"
    return "less than an hour"
