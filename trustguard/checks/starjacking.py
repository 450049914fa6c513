"""The project claims a repository that is not its own.

Every project may name any repository as its source, and whoever looks at the page sees that repository's
stars, history and contributors ("starjacking"). A claim is held against what can be proven, the strongest
first:

1. A verified attestation names the repository that the file was built in. If the project claims that one,
   the claim is proven, and nothing is found. If it claims others only, the claim is false.
2. Without an attestation, a claim is suspicious where it is the repository of a popular project: of the one
   that the name may be taken for, or of the one that is called as the repository is.

How bad that is:

- **critical**: an attestation proves another repository, and the claimed one is a popular project's.
- **high**: the claimed repository is a popular project's, and nothing connects the two.
- **medium**: an attestation proves another repository, of another owner.
- **low**: it proves another repository of the same owner, or of the same name: renamed or moved, perhaps; or
  the project belongs to the popular one's ecosystem by its name (`pytest-x`), or says that it is a fork.
- **info**: the forge says that the two are the same repository, which was renamed; or the project is
  established (a year, five releases; a quarter of the year where the index names an organisation as owner,
  which it has approved).

Nothing is found where the two projects have the same owner, which only the index or an attestation can say,
and where no repository is claimed: most projects have no attestation, and many claim nothing.

Where `[sources] forges` names the claimed repository's forge, that is asked for its tags. Tags that match the
releases make a finding less certain, and their absence more; they change nothing else, since anybody can
release the versions that another project has tagged.

**What to do:** install the popular project, if that is what was meant; ask the project to correct its
`Project-URL`; or `[[allow]]` it with `checks = ["starjacking"]`.
"""

from __future__ import annotations

from trustguard.checks import Standing, kinship
from trustguard.model.claims import Counterpart, ReleaseTags
from trustguard.model.evidence import Evidence, Known, Unavailable, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.repository import Repository

Settings = Standing

_FEWEST_RELEASES = 3
"""With fewer releases, tags say nothing."""


def check(evidence: Evidence, settings: Standing) -> list[Finding]:
    """A finding where the claimed repository is proven, or likely, to be another project's."""
    claims = read(evidence.claims)
    if claims is None or not claims.repositories:
        return []
    provenance = read(evidence.provenance)
    proven = provenance.repositories if provenance is not None else ()
    if any(one in proven for one in claims.repositories):
        return []
    if proven:
        return [_false(evidence, claims.repositories, proven, settings)]
    counterpart = read(evidence.counterpart)
    taken = _taken(claims.repositories, counterpart)
    if counterpart is None or taken is None or kinship(evidence, counterpart):
        return []
    return [_suspicious(evidence, counterpart, taken, settings)]


def _taken(claimed: tuple[Repository, ...], counterpart: Counterpart | None) -> Repository | None:
    """The claimed repository that the popular project claims too."""
    theirs = counterpart.repositories if counterpart is not None else ()
    return next((one for one in claimed if one in theirs), None)


def _false(
    evidence: Evidence, claimed: tuple[Repository, ...], proven: tuple[Repository, ...], settings: Standing
) -> Finding:
    counterpart = read(evidence.counterpart)
    taken = _taken(claimed, counterpart)
    severity, remark = _how_false(evidence, claimed, proven, settings)
    if counterpart is not None and taken is not None and severity > Severity.INFO:
        severity, remark = Severity.CRITICAL, f", which is {counterpart.project}'s"
    return Finding(
        check="starjacking",
        severity=severity,
        confidence=Confidence.HIGH,
        message=f"{evidence.project} claims the repository {taken or claimed[0]}{remark}, "
        f"and is proven to come from {proven[0]}",
        remedy=_meant(counterpart if taken is not None else None),
        evidence=(*map(str, claimed), *(f"proven: {one}" for one in proven), *_of_the_forge(evidence)),
    )


def _how_false(
    evidence: Evidence, claimed: tuple[Repository, ...], proven: tuple[Repository, ...], settings: Standing
) -> tuple[Severity, str]:
    tags = _tags(evidence)
    if tags is not None and any(one in proven for one in tags.same_as):
        return Severity.INFO, " (the same, by another name)"
    if record := settings.standing(evidence):
        return Severity.INFO, f" (but {record})"
    moved = [
        (one, other)
        for one in claimed
        for other in proven
        if (one.host, one.owner) == (other.host, other.owner) or one.name == other.name
    ]
    return (Severity.LOW, " (renamed or moved, perhaps)") if moved else (Severity.MEDIUM, "")


def _suspicious(
    evidence: Evidence, counterpart: Counterpart, taken: Repository, settings: Standing
) -> Finding:
    severity, remark = Severity.HIGH, ""
    if record := settings.standing(evidence):
        severity, remark = Severity.INFO, f"; but {record}"
    elif counterpart.fork:
        severity, remark = Severity.LOW, "; it says that it is a fork of that"
    elif counterpart.family:
        severity, remark = Severity.LOW, "; its name is that of a plug-in for it"
    tags = _tags(evidence)
    return Finding(
        check="starjacking",
        severity=severity,
        confidence=_confidence(tags),
        message=f"{evidence.project} claims the repository {taken}, which is {counterpart.project}'s{remark}",
        remedy=_meant(counterpart),
        evidence=(str(taken), counterpart.project, *_of_the_forge(evidence)),
    )


def _meant(counterpart: Counterpart | None) -> str:
    if counterpart is None:
        return "ask the project to correct its Project-URL"
    return f"did you mean {counterpart.project}?"


def _confidence(tags: ReleaseTags | None) -> Confidence:
    if tags is None or tags.releases < _FEWEST_RELEASES:
        return Confidence.MEDIUM
    return Confidence.HIGH if tags.tagged == 0 else Confidence.LOW


def _of_the_forge(evidence: Evidence) -> tuple[str, ...]:
    if isinstance(evidence.tags, Unavailable):
        return (f"the forge could not be asked: {evidence.tags.reason}",)
    tags = _tags(evidence)
    return () if tags is None else (f"{tags.tagged} of {tags.releases} releases are tagged there",)


def _tags(evidence: Evidence) -> ReleaseTags | None:
    """What the forge says; that it says nothing is no matter here, since it only supports."""
    return evidence.tags.value if isinstance(evidence.tags, Known) else None
