"""Its project used to prove where its files are from, and this one does not, or proves another origin.

Whoever steals a token can upload a file, and cannot sign it as the project's workflow does. So what a project
has always proven is expected of it: the listing says which of the earlier releases had provenance, by the
time of upload, final releases and pre-releases apart; and who signed them is remembered from what was
installed here before, or else read from the attestations of the newest release before, which are verified.

- **critical**: the file is proven to come from another owner or another repository than the project's files
  before, or from one of the same name with another number: a name that was given up and taken by somebody
  else.
- **high**: the last two releases before it were attested, all files of them, and this file is not; or it is
  not while another file of its release is, and that one fits every platform; or what was installed here
  before was attested, and neither this file is nor has the project openly stopped to sign. What came just
  before it without provenance is no excuse: it counts once it has stood for 30 days, or the project has
  signed something since. That an index no longer says who has built anything is none either.
- **medium**: it is not attested while other files of its release are; or another workflow has built it.
- **low**: it was added to its release more than `late` after that began (30 days); or it was signed more than
  a day before or after the index received it.
- **info**: the repository was renamed: its number and its owner's are the same.

A file whose provenance is lost is left out of the listing, so that the installer takes what is proven. The
index may not say what is attested, or when files were uploaded: then there is nothing to compare, which the
checks of the provenance and of the age say.

**What to do:** take another version (that is what happens by itself), and ask the project. Where it has
stopped to sign for a reason, `[[allow]]` the version with `checks = ["provenance-continuity"]`, or set
`ignore-after` to the time after which a file that nobody has complained about is taken as it is. Where it has
moved, pin the new publisher with `[[publisher]]` in your own file: what was seen before, and is not what is
pinned, no longer counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import timedelta

from trustguard.model.evidence import Absent, Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import Lineage
from trustguard.model.provenance import Publisher
from trustguard.model.record import record

_DAY = timedelta(days=1)
_ARMED = 2
"""After so many attested releases in a row the next is expected to be attested."""


@record
class Settings:
    """When it is too late to matter, and what is late."""

    ignore_after: timedelta = field(default=timedelta(0), metadata={"tighter": "longer or 0"})
    """A file that lost its provenance, and is at least this old, is let be; 0: none is."""
    late: timedelta = field(default=timedelta(days=30), metadata={"tighter": "shorter"})
    """A file that was added to its release so long after that began is told."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """Findings where provenance was lost, or is another than before."""
    lineage = read(evidence.lineage)
    found = list(_of_publishers(evidence))
    lost = _lost(evidence, lineage, settings)
    if lost is not None:
        found.append(lost)
    if lineage is not None:
        found += _times(evidence, lineage, settings)
    return found


def _finding(evidence: Evidence, severity: Severity, what: str, remedy: str, *seen: str) -> Finding:
    return Finding(
        check="provenance-continuity",
        severity=severity,
        confidence=Confidence.HIGH if severity >= Severity.HIGH else Confidence.MEDIUM,
        message=f"{evidence.file.filename} {what}",
        remedy=remedy,
        evidence=seen,
    )


def _lost(evidence: Evidence, lineage: Lineage | None, settings: Settings) -> Finding | None:
    """Whether what the project used to prove is missing."""
    if evidence.file.provenance is not None and not isinstance(evidence.provenance, Absent):
        return None  # there is something to verify: what comes of it is the other check's matter
    uploaded = read(evidence.upload_time) if lineage is not None else None
    if uploaded is not None and timedelta(0) < settings.ignore_after <= evidence.at - uploaded:
        return None
    if lineage is None or uploaded is None:
        return _missed(evidence)
    last = lineage.earlier[:_ARMED]
    if len(last) == _ARMED and all(release.attested == "all" for release in last):
        versions = " and ".join(str(release.version) for release in last)
        return _finding(
            evidence,
            Severity.HIGH,
            f"has no provenance, and the releases before it have ({versions})",
            "take an earlier version, and ask the project",
            *(str(release.version) for release in last),
        )
    if lineage.own.attested == "some":
        severity = Severity.HIGH if lineage.alternative else Severity.MEDIUM
        return _finding(
            evidence,
            severity,
            "has no provenance, and other files of its release have",
            "take one of the others, and ask the project",
        )
    stopped = any(release.attested == "none" for release in lineage.earlier)
    return None if stopped else _missed(evidence)


def _missed(evidence: Evidence) -> Finding | None:
    """What was installed here was attested, and this is not: whoever hides the others cannot hide that."""
    known = read(evidence.publishers)
    if known is None or known.origin != "seen" or not known.publishers:
        return None
    before = known.publishers[0].identity
    return _finding(
        evidence,
        Severity.HIGH,
        f"has no provenance, and what was installed here before had: {before}",
        "ask the project why it no longer signs, before you take it",
        f"{_ORIGIN[known.origin]}: {before}",
    )


def _times(evidence: Evidence, lineage: Lineage, settings: Settings) -> Iterator[Finding]:
    """Whether it came when it should have."""
    uploaded = read(evidence.upload_time)
    if uploaded is None:
        return
    after = uploaded - lineage.own.uploaded
    if after > settings.late:
        what = f"was added to its release {after // _DAY} days after that began"
        yield _finding(evidence, Severity.LOW, what, "", uploaded.isoformat())
    provenance = read(evidence.provenance)
    for attestation in provenance.attestations if provenance is not None else ():
        if abs(attestation.logged_at - uploaded) > _DAY:
            what = f"was signed on {attestation.logged_at:%Y-%m-%d}, and uploaded on {uploaded:%Y-%m-%d}"
            yield _finding(evidence, Severity.LOW, what, "", attestation.logged_at.isoformat())
            return


def _of_publishers(evidence: Evidence) -> Iterator[Finding]:
    """Whether somebody else has signed it than those who did before."""
    provenance = read(evidence.provenance)
    signed = provenance.publishers if provenance is not None else ()
    known = read(evidence.publishers) if signed else None
    if known is None or not known.publishers:
        return
    for publisher in signed:
        compared = ((*_compared(publisher, one), one) for one in known.publishers)
        severity, what, other = min(compared, key=lambda found: (found[0], bool(found[1])))
        if what:
            yield _finding(
                evidence,
                severity,
                what,
                "if the project has really moved, pin its new publisher with [[publisher]]",
                f"now: {publisher.identity}",
                f"{_ORIGIN[known.origin]}: {other.identity}",
            )


_ORIGIN = {"seen": "seen here before", "index": "before, on the index"}


def _compared(now: Publisher, before: Publisher) -> tuple[Severity, str]:
    """How far one publisher is from another: how bad that is, and in words; no words where they are equal."""
    if (now.issuer, now.kind) != (before.issuer, before.kind):
        return Severity.CRITICAL, f"is vouched for by {now.issuer}, before it was {before.issuer}"
    if now.repository is None or before.repository is None:
        same = now.identity == before.identity
        return (
            (Severity.INFO, "")
            if same
            else (Severity.CRITICAL, f"is signed by {now.identity}, {_was(before)}")
        )
    other_owner = _differs(now.owner_id, before.owner_id)
    if other_owner or _differs(now.repository_id, before.repository_id):
        whose = "another owner's" if other_owner else "another repository"
        return (
            Severity.CRITICAL,
            f"is proven to come from {now.repository}, {whose} than before: {_was(before)}",
        )
    if now.repository != before.repository:
        renamed = bool(now.repository_id and before.repository_id)
        severity = Severity.INFO if renamed else Severity.CRITICAL
        return severity, f"is proven to come from {now.repository}, {_was(before)}"
    if now.workflow != before.workflow:
        return Severity.MEDIUM, f"was built by {now.workflow or 'no workflow'}, {_was(before)}"
    return Severity.INFO, ""


def _was(before: Publisher) -> str:
    if before.repository is None:
        return f"before it was {before.identity}"
    number = f", number {before.repository_id}" if before.repository_id else ""
    return f"before it was {before.repository}{number} ({before.workflow or 'no workflow'})"


def _differs(one: str, other: str) -> bool:
    """Whether two numbers are known and different."""
    return bool(one and other and one != other)
