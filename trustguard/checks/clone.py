"""The project's metadata is copied from a popular project.

A squat looks like what it imitates: the summary, the description and the authors are taken over, and the
page cannot be told from the real one. They are compared with those of one popular project only: the one that
the name may be taken for, or the one whose repository is claimed. The names of both are folded away first;
of descriptions the runs of five words are compared, and a short one is not compared at all. What a forge
or a licence puts into every page does not make a copy.

- **high**: the description is a copy (`alike`, 0.8), or the summary and an author are those of the other
  project.
- **medium**: only the summary is the same; or an author of the other project is stated as author of this
  one, while the index says that the owners are others.
- **low**: any of these, and the project says openly that it is a fork of the other one.
- **info**: the project is established (a year, five releases; a quarter of the year where the index names an
  organisation as owner, which it has approved).

Nothing is found where the two have the same owner: the index names one of both, or a verified attestation
comes from a repository of the same owner.

**What to do:** install the project that was copied, if that is what was meant; `[[allow]]` a fork that is
wanted, with `checks = ["clone"]`.
"""

from __future__ import annotations

from dataclasses import field

from trustguard.checks import Share, Standing, kinship
from trustguard.model.claims import Counterpart
from trustguard.model.evidence import Evidence, Unavailable, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.record import record


@record
class Settings(Standing):
    """What counts as a copy."""

    alike: Share = field(default=Share(0.8), metadata={"tighter": "lower"})
    """From this share of equal text on, from 0 to 1, a description is a copy."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """A finding where the metadata is a popular project's."""
    counterpart = read(evidence.counterpart)
    if counterpart is None or kinship(evidence, counterpart):
        return []
    copied = _copied(counterpart, evidence, settings)
    if not copied:
        return []
    severity, remark = _weighed(copied, counterpart, evidence, settings)
    return [
        Finding(
            check="clone",
            severity=severity,
            confidence=Confidence.HIGH if "description" in copied else Confidence.MEDIUM,
            message=f"{evidence.project} has the {_listed(tuple(copied))} of {counterpart.project}{remark}",
            remedy=f"did you mean {counterpart.project}?",
            evidence=(counterpart.project, *(f"{part}: {what}" for part, what in copied.items())),
        )
    ]


def _copied(counterpart: Counterpart, evidence: Evidence, settings: Settings) -> dict[str, str]:
    """What is the same, and how that shows."""
    copied = {}
    if counterpart.description is not None and counterpart.description >= settings.alike:
        copied["description"] = f"{counterpart.description:.2f} of the text"
    if counterpart.same_summary:
        copied["summary"] = "the same"
    if counterpart.people and (copied or _not_the_same(evidence, counterpart, settings)):
        copied["author"] = ", ".join(counterpart.people)
    return copied


def _not_the_same(evidence: Evidence, counterpart: Counterpart, settings: Settings) -> bool:
    """Whether the index says that the owners are others, and it is no fork, which names whom it is from.

    Where the index does not say, it may be the same author. Where it cannot be asked, an established project
    counts as another's: that is told and weighs nothing.
    """
    if not counterpart.owners or counterpart.fork:
        return False
    if isinstance(evidence.owners, Unavailable) and settings.record(evidence):
        return True
    owners: tuple[str, ...] | None = read(evidence.owners)
    return bool(owners)


def _weighed(
    copied: dict[str, str], counterpart: Counterpart, evidence: Evidence, settings: Settings
) -> tuple[Severity, str]:
    if record := settings.standing(evidence):
        return Severity.INFO, f"; but {record}"
    if counterpart.fork:
        return Severity.LOW, ", and says that it is a fork of it"
    return (Severity.HIGH if "description" in copied or len(copied) > 1 else Severity.MEDIUM), ""


def _listed(parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
