"""Something about the project's past is not as it was: its owners, its rhythm, or whether anybody is there.

A project that people trust is worth taking over, and a sleeping one is the easiest. What that looks like from
outside is compared with what was there before:

- **Owners.** The index says who may upload a project, where it has a JSON API. Who owned it when it was last
  installed here is remembered. **high**: none of those who are known for long owns it any more. **low**:
  there is somebody new beside them; or an organisation stands in the place of all of them, whose members the
  index does not name. **info**: an organisation came in addition, or somebody left; or the file had been
  uploaded before the old owners were last seen, so that the new ones had nothing to do with it. A newcomer is
  known for long after 30 days, so that nobody takes a project over in two small steps.
- **Rhythm.** **medium**: nothing was uploaded for `silence` (two years), then the project woke up, and the
  file is younger than `fresh` (30 days). What follows within a month belongs to the awakening: a second
  upload hides nothing. **high**: and somebody new owns it. **info**: an attestation proves that it was
  published by whoever did so before.
- **Inactive.** **low**: the file's own classifiers say `Development Status :: 7 - Inactive`.

Nothing is known of owners where the index does not say, and nothing is compared in a first installation. In
an installation only the projects that were asked for by name are looked up, the first twenty of them, and
nobody waits: an answer that is not there when pip needs the file is unavailable, which is told where there
was something to compare. It is waited for where `on-unavailable.project-api` is `"ask"` or `"block"`.
`trustguard check` looks up everything, and waits.

How many projects depend on one (`[sources] dependents`) is held against none; that the service could not be
asked is told. Stars, and tags of a repository that is only claimed, count for nothing.

**What to do:** ask the project whether it was handed over, and whether it meant to release. An answer of yes
at the terminal, or an installation with `[[allow]]` and `checks = ["reputation"]`, makes the new owners the
known ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import timedelta

from trustguard.checks import ORGANIZATION
from trustguard.model.evidence import Evidence, Known, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.ownership import KnownOwners
from trustguard.model.provenance import Publisher
from trustguard.model.record import record

_DAY = timedelta(days=1)
_YEAR = 365
_KNOWN_FOR_LONG = timedelta(days=30)
_INACTIVE = "7 - Inactive"


@record
class Settings:
    """How long a silence is, and for how long its end is news."""

    silence: timedelta = field(default=timedelta(days=730), metadata={"tighter": "shorter"})
    """After so long without an upload a release is told."""
    fresh: timedelta = field(default=timedelta(days=30), metadata={"tighter": "longer"})
    """A file that is at least so old has been looked at by others, and is let be."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """Findings where something is not as it was."""
    changed = list(_of_owners(evidence))
    awake = _of_rhythm(evidence, settings, handed_over=_somebody_new(changed))
    found = [*changed, *awake, *_inactive(evidence)]
    read(evidence.dependents)  # it speaks against nobody; that it could not be asked for is told
    return found


def _finding(
    severity: Severity, confidence: Confidence, message: str, remedy: str = "", *seen: str
) -> Finding:
    return Finding("reputation", severity, confidence, message, remedy, seen)


def _somebody_new(changed: Iterable[Finding]) -> bool:
    return any(finding.severity >= Severity.LOW for finding in changed)


def _of_owners(evidence: Evidence) -> Iterator[Finding]:
    known = read(evidence.owners_before)
    if known is None:
        return  # there is nothing to compare, so it does not matter what the index says
    older = _older(evidence, known)
    now = _owners(evidence, needed=not older)
    if not now or now == known.names:
        return
    severity, what = _compared(known, now, evidence)
    if older:
        severity, what = Severity.INFO, f"{what}, since this file was uploaded"
    yield _finding(
        severity,
        Confidence.HIGH,
        f"{evidence.project}: {what}",
        "ask the project whether it was handed over" if severity > Severity.INFO else "",
        f"now: {_listed(now)}",
        f"seen here on {known.seen:%Y-%m-%d}: {_listed(known.names)}",
    )


def _owners(evidence: Evidence, *, needed: bool) -> frozenset[str]:
    """Who owns it now; nobody where the index does not say."""
    if not needed and not isinstance(evidence.owners, Known):
        return frozenset()
    owners: tuple[str, ...] | None = read(evidence.owners)
    return frozenset(owners or ())


def _compared(known: KnownOwners, now: frozenset[str], evidence: Evidence) -> tuple[Severity, str]:
    """How bad it is that the owners are others than before, and in words."""
    new, gone = now - known.names, known.names - now
    organizations = frozenset(one for one in new if one.startswith(ORGANIZATION))
    if not now & known.standing(evidence.at, _KNOWN_FOR_LONG):
        if new and new == organizations:
            return Severity.LOW, f"it belongs to {_listed(new)} now, and none of its owners is named any more"
        return Severity.HIGH, f"none of those who owned it for long does so any more, but {_listed(now)}"
    if new - organizations:
        return Severity.LOW, f"{_listed(new)} may upload it now, beside {_listed(now - new)}"
    if new:
        return Severity.INFO, f"it belongs to {_listed(new)} now"
    return Severity.INFO, f"{_listed(gone)} may not upload it any more"


def _older(evidence: Evidence, known: KnownOwners) -> bool:
    """Whether the file was there before anything had changed. Where nobody can tell, it was not."""
    uploaded = evidence.upload_time
    return isinstance(uploaded, Known) and uploaded.value <= known.seen


def _of_rhythm(evidence: Evidence, settings: Settings, *, handed_over: bool) -> Iterator[Finding]:
    rhythm = read(evidence.rhythm)
    if rhythm is None or rhythm.previous is None or rhythm.pause < settings.silence:
        return
    uploaded = read(evidence.upload_time)
    if uploaded is None or evidence.at - uploaded >= settings.fresh:
        return
    age = evidence.at - uploaded
    severity, remark = Severity.MEDIUM, ""
    if handed_over:
        severity, remark = Severity.HIGH, "; and somebody new owns it"
    elif _same_publisher(evidence):
        severity, remark = Severity.INFO, "; it is proven to be published by whoever did so before"
    yield _finding(
        severity,
        Confidence.MEDIUM,
        f"{evidence.project} had been silent for {_long(rhythm.pause)} until {rhythm.resumed:%Y-%m-%d}, and "
        f"{evidence.file.filename} is {max(age // _DAY, 0)} days old{remark}",
        "look at who has released it, and why now" if severity > Severity.INFO else "",
        f"last upload before: {rhythm.previous:%Y-%m-%d}",
        f"first upload after: {rhythm.resumed:%Y-%m-%d}",
    )


def _same_publisher(evidence: Evidence) -> bool:
    """Whether it is proven that who has published it did so before; what is not known proves nothing."""
    now, before = evidence.provenance, evidence.publishers
    if not isinstance(now, Known) or not isinstance(before, Known):
        return False
    known = [_who(one) for one in before.value.publishers]
    return any(_who(one) in known for one in now.value.publishers)


def _who(publisher: Publisher) -> tuple[str, ...]:
    """What somebody has in common with himself from one release to the next."""
    where = publisher.repository_id or str(publisher.repository or publisher.identity)
    return publisher.issuer, where, publisher.owner_id, publisher.workflow


def _inactive(evidence: Evidence) -> Iterator[Finding]:
    claims = read(evidence.claims)
    if claims is None or claims.development_status != _INACTIVE:
        return
    yield _finding(
        Severity.LOW,
        Confidence.HIGH,
        f"{evidence.project} calls itself inactive",
        "it gets no fixes: look for a successor",
    )


def _long(span: timedelta) -> str:
    days = span // _DAY
    return f"{days // _YEAR} years" if days >= 2 * _YEAR else f"{days} days"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
