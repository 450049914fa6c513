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
  before that. A quarter of the year is enough where the index names an organisation as owner, which it has
  approved. Or it is the better known project's owner's too: the index names an owner of both, or a
  verified attestation comes from a repository of the same owner. A valid attestation from anybody else's
  repository says nothing here: whoever squats can build in public as well.

A finding of medium severity or more counts as one level worse where the project also claims a repository
that is not its own, or has copied its metadata from a popular one (`worse-with`).

Private indexes and direct references are left alone: nobody else can take a name there. An index that gives
no upload times leaves the past unknown, which is said, and then nothing speaks for the project.

**What to do:** look at the name that is offered, and install that if it is what was meant. If it was not,
`[[allow]]` the project with `checks = ["typosquatting"]`, or put it among those that are `exempt`.
"""

from __future__ import annotations

from dataclasses import field
from datetime import timedelta

from trustguard.checks import CheckId, Standing, kinship
from trustguard.model.evidence import Evidence, Known, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.names import NameHit
from trustguard.model.record import record

_DAY = timedelta(days=1)


@record
class Settings(Standing):
    """What is young, what is established, and what makes a name worse."""

    young: timedelta = field(default=timedelta(days=30), metadata={"tighter": "longer"})
    """A project whose first file is younger than this has had no time to be found out."""
    worse_with: tuple[CheckId, ...] = field(
        default=(CheckId("clone"), CheckId("starjacking")), metadata={"tighter": "more"}
    )
    """Checks whose findings, of medium severity or more, make a finding of this one a level worse."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """A finding where the name resembles a better known one."""
    hit = read(evidence.lookalike)
    if hit is None or evidence.index.trust == "private":
        return []
    severity, remark = _weighed(hit, evidence, settings)
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


def _weighed(hit: NameHit, evidence: Evidence, settings: Settings) -> tuple[Severity, str]:
    counterpart = evidence.counterpart.value if isinstance(evidence.counterpart, Known) else None
    mitigating = settings.standing(evidence) or (kinship(evidence, counterpart) if counterpart else "")
    if mitigating:
        return Severity.INFO, f"; but {mitigating}"
    past = read(evidence.history)
    if past is not None and (age := evidence.at - past.first_upload) < settings.young:
        return Severity.HIGH, f"; and its first file is {max(age // _DAY, 0)} days old"
    return (Severity.HIGH if hit.tier == "likely" else Severity.MEDIUM), ""


def _remedy(hit: NameHit, evidence: Evidence) -> str:
    if hit.target == evidence.project:
        return f"the standard library has {hit.target}: nothing needs to be installed"
    return f"did you mean {hit.target}?"
