"""The project's name may be taken for that of a better known one.

A squat lives from a name that is easily mistaken: a slip of the hand (`reqeusts`), a letter that looks like
another, words in another order, `py` or `python` put before it, something harmless put behind it, the name
under which a project is imported (`yaml`), or that of a module of the standard library. Names are compared
offline with those of the most downloaded projects, which are never found themselves. Two tiers come of it,
measured in docs/accuracy.md: about 2 honest names in 1,000 look `likely` to be squats, and about 2 in 100
`suspicious`.

A name is only a name, and so what the listing tells of the project's past weighs with it:

- **high**: the name is `likely` a squat; or it is `suspicious`, and the project's first file appeared less
  than `young` ago (30 days).
- **medium**: the name is `suspicious`, and the project is neither young nor established.
- **info**: whatever the name, the project is established: its first file that is still listed is at least a
  year old (`established`), and it has five releases or more (`releases`). A squat is found and removed long
  before that.

Private indexes and direct references are left alone: nobody else can take a name there. An index that gives
no upload times leaves the past unknown, and then nothing speaks for the project.

**What to do:** look at the name that is offered, and install that if it is what was meant. If it was not,
`[[allow]]` the project with `checks = ["typosquatting"]`, or put it among those that are `exempt`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from trustguard.model.evidence import Evidence, History, Known, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.names import NameHit

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is young, and what is established."""

    young: timedelta = field(default=timedelta(days=30), metadata={"tighter": "longer"})
    """A project whose first file is younger than this has had no time to be found out."""
    established: timedelta = field(default=timedelta(days=365), metadata={"tighter": "longer"})
    """A project whose first file is at least so old, and that has enough releases, is left alone."""
    releases: int = field(default=5, metadata={"tighter": "more"})
    """So many releases are enough."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """A finding where the name resembles a better known one."""
    hit = read(evidence.lookalike)
    if hit is None or evidence.index.trust == "private":
        return []
    # Whoever cannot tell the past tells nothing in favour: it is not read, so that the name still counts.
    past = evidence.history.value if isinstance(evidence.history, Known) else None
    severity, remark = _weighed(hit, past, evidence, settings)
    return [
        Finding(
            check="typosquatting",
            severity=severity,
            confidence=Confidence.HIGH if hit.tier == "likely" else Confidence.MEDIUM,
            message=f"the name {evidence.project} is {_TIERS[hit.tier]}: {hit.reason}{remark}",
            remedy=_remedy(hit, evidence),
            evidence=(hit.target, hit.kind, f"confidence {hit.confidence}"),
        )
    ]


_TIERS = {"likely": "likely a squat", "suspicious": "suspicious"}


def _weighed(
    hit: NameHit, past: History | None, evidence: Evidence, settings: Settings
) -> tuple[Severity, str]:
    usual = Severity.HIGH if hit.tier == "likely" else Severity.MEDIUM
    if past is None:
        return usual, ""
    age = evidence.at - past.first_upload
    if age >= settings.established and past.releases >= settings.releases:
        return Severity.INFO, f"; but the project is {age // _DAY} days old and has {past.releases} releases"
    if age < settings.young:
        return Severity.HIGH, f"; and its first file is {max(age // _DAY, 0)} days old"
    return usual, ""


def _remedy(hit: NameHit, evidence: Evidence) -> str:
    if hit.target == evidence.project:
        return f"the standard library has {hit.target}: nothing needs to be installed"
    return f"did you mean {hit.target}?"
