"""The trust score: one number from 1 to 10 that can be taken apart.

It explains and ranks; it never decides alone. Points for and against are summed by group, each side of a
group with a cap of its own, from 5.0, where nothing is known. Then come ceilings, and last the blockers, with
which it is 1.0 whatever else there is. These laws hold (tests/model/test_score_laws.py):

- a signal that gets better never lowers it, and a doubt that gets worse never raises it;
- what could not be learned never raises it: a positive signal that is lost counts nothing, a doubt that
  could not be excluded counts as the worst that it could be; where that is a blocker there is no score;
- what is absent is not good, and nothing but what was seen is bad;
- what somebody can make within a year who means harm never lifts it above 6.0;
- the same evidence, verdict and model give the same score, in whatever order the findings stand.

What speaks against a release is what the checks have found, counter-evidence and exceptions included; what
speaks for it is read from the evidence here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import floor

from trustguard.model.evidence import Evidence, Known, NotApplicable, Unavailable
from trustguard.model.finding import Severity
from trustguard.model.policy import Action
from trustguard.model.record import record
from trustguard.model.score_signals import days_since, strength
from trustguard.model.score_weights import (
    CAPS,
    DOUBTS,
    FORGEABLE,
    GROWN,
    HIGHEST,
    LOWEST,
    SIGNALS,
    START,
    UNKNOWN_PROVENANCE,
    VERSION,
    YOUNG,
    Doubt,
    Group,
)
from trustguard.model.verdict import Judged, Verdict

_DOUBTS = {doubt.check: doubt for doubt in DOUBTS}


@record
class Term:
    """One thing that counts.

    Args:
        group: to which it belongs.
        id: of the signal or the check.
        points: what it adds, before caps; negative where it speaks against.
        reason: why.
        forgeable: whether whoever uploads a package can simply write it.
    """

    group: Group
    id: str
    points: float
    reason: str
    forgeable: bool = False


@record
class Ceiling:
    """The most that the score may be, and because of what."""

    most: float
    id: str
    reason: str


@record
class Score:
    """The score and its derivation.

    Args:
        value: from 1.0 to 10.0, with one decimal; None where a blocker could not be excluded.
        model: the version of the weights.
        terms: what counts, the weightiest first.
        groups: what each group adds in the end, caps included.
        ceilings: the lowest first; those that bind nothing as well.
        blockers: the checks because of which it is 1.0.
        missing: the checks that could not be made.
        unknown: the signals of which nobody could say whether they are there; they count nothing.
        most: the score, or what it would be at most where there is none.
    """

    value: float | None
    model: int
    terms: tuple[Term, ...]
    groups: tuple[tuple[Group, float], ...]
    ceilings: tuple[Ceiling, ...]
    blockers: tuple[str, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    most: float

    @property
    def label(self) -> str:
        """The score as people read it."""
        return "no score" if self.value is None else f"{self.value:.1f}"


def score(evidence: Evidence, verdict: Verdict) -> Score:
    """Weigh a file.

    Args:
        evidence: what is known of it.
        verdict: what was found; excused findings do not count, as they do not in the verdict.
    """
    counted = [one for one in verdict.findings if not one.excused]
    missing = _missing(evidence, verdict)
    found = list(_found(counted))
    terms = [*_signals(evidence), *found, *_not_excluded(missing, found), *_young(evidence)]
    ceilings = {*_ceilings(counted, missing), *_unknown_provenance(evidence)}
    blockers = {one.finding.check for one in counted if one.finding.severity is Severity.CRITICAL}
    groups = _grouped(terms)
    unsure = any(one not in _DOUBTS or _DOUBTS[one].blocks for one in missing)
    most = LOWEST if blockers else _value(sum(points for _, points in groups), ceilings)
    return Score(
        None if unsure and not blockers else most,
        VERSION,
        tuple(sorted(terms, key=lambda term: (-abs(term.points), term.id, term.points, term.reason))),
        tuple(groups),
        tuple(sorted(ceilings, key=lambda one: (one.most, one.id, one.reason))),
        tuple(sorted(blockers)),
        tuple(sorted({one.check for one in verdict.unanswered})),
        tuple(_unknown(evidence)),
        most,
    )


def _value(points: float, ceilings: Iterable[Ceiling]) -> float:
    most = min((one.most for one in ceilings), default=HIGHEST)
    # Downwards, so that what is shown is never more than what was reached.
    return floor(round(min(max(START + points, LOWEST), most, HIGHEST) * 10, 6)) / 10


def _missing(evidence: Evidence, verdict: Verdict) -> list[str]:
    """The checks that could not be made, and could have found something.

    That nobody could count what depends on a project hides nothing, since no number speaks against it. Nor
    does it that an index says nothing of attestations: nobody could know, and a ceiling says so; unless the
    policy demands them.
    """
    harmless: list[object] = [evidence.dependents]
    if _says_nothing_of_attestations(evidence):
        harmless.append(evidence.provenance)
    return sorted(
        {one.check for one in verdict.unanswered if one.fact not in harmless or one.action is Action.BLOCK}
    )


def _says_nothing_of_attestations(evidence: Evidence) -> bool:
    """Whether nobody could know of provenance here: the index names no document and has none of others."""
    unknown = isinstance(evidence.provenance, Unavailable) and evidence.file.provenance is None
    return unknown and isinstance(evidence.lineage, NotApplicable)


def _unknown_provenance(evidence: Evidence) -> Iterator[Ceiling]:
    if _says_nothing_of_attestations(evidence):
        yield Ceiling(UNKNOWN_PROVENANCE, "provenance", "the index says nothing of attestations")


def _found(counted: Iterable[Judged]) -> Iterator[Term]:
    for doubt, one in _weighty(counted):
        points = doubt.of(one.finding.severity).points
        if points:
            yield Term(doubt.group, doubt.check, -points, one.finding.message)


def _weighty(counted: Iterable[Judged]) -> Iterator[tuple[Doubt, Judged]]:
    """The findings that have a weight: those of checks, and not those of the policy itself."""
    for one in counted:
        if one.finding.check in _DOUBTS and one.finding.severity is not Severity.CRITICAL:
            yield _DOUBTS[one.finding.check], one


def _not_excluded(missing: Iterable[str], found: Iterable[Term]) -> Iterator[Term]:
    """What it takes for the worst that could be, beyond what the check has found all the same."""
    already: dict[str, float] = {}
    for term in found:
        already[term.id] = already.get(term.id, 0.0) - term.points
    for doubt in _doubted(missing):
        points = doubt.worst.points - already.get(doubt.check, 0.0)
        if points > 0:
            reason = f"could not be checked: {doubt.reason}, perhaps"
            yield Term(doubt.group, doubt.check, -points, reason)


def _doubted(missing: Iterable[str]) -> list[Doubt]:
    """What could not be excluded, and would be no blocker."""
    return [_DOUBTS[check] for check in missing if check in _DOUBTS and not _DOUBTS[check].blocks]


def _ceilings(counted: Iterable[Judged], missing: Iterable[str]) -> Iterator[Ceiling]:
    every = [
        Ceiling(doubt.of(one.finding.severity).most, doubt.check, doubt.reason)
        for doubt, one in _weighty(counted)
    ]
    every += [Ceiling(doubt.worst.most, doubt.check, "could not be checked") for doubt in _doubted(missing)]
    return (one for one in every if one.most < HIGHEST)


def _young(evidence: Evidence) -> Iterator[Term]:
    """What a project's youth takes away; where it cannot be told, all of it.

    On a private index, where nobody else can put anything, a project's youth says nothing.
    """
    if evidence.index.trust == "private":
        return
    if isinstance(evidence.history, Unavailable):
        yield Term("history", "youth", -YOUNG, "how old the project is could not be learned")
    elif isinstance(evidence.history, Known):
        days = days_since(evidence, evidence.history.value.first_upload)
        left = 1 - min(days / GROWN, 1)
        if left:
            yield Term("history", "youth", -YOUNG * left, f"the project is {int(days)} days old")


def _grouped(terms: Iterable[Term]) -> list[tuple[Group, float]]:
    """What each group adds: the sums for and against, each capped, and one cap for all that is forgeable."""
    up: dict[Group, float] = {}
    down: dict[Group, float] = {}
    forgeable = FORGEABLE
    for term in sorted(terms, key=lambda one: (one.group, one.id, one.points)):
        side = up if term.points > 0 else down
        points = term.points
        if term.forgeable and points > 0:
            points = min(points, forgeable)
            forgeable -= points
        side[term.group] = side.get(term.group, 0.0) + points
    return [
        (group, min(up.get(group, 0.0), caps.up) + max(down.get(group, 0.0), -caps.down))
        for group, caps in CAPS.items()
        if group in up or group in down
    ]


def _signals(evidence: Evidence) -> Iterator[Term]:
    for signal in SIGNALS:
        share = strength(signal, evidence)
        if share:
            yield Term(signal.group, signal.id, signal.points * share, signal.reason, signal.forgeable)


def _unknown(evidence: Evidence) -> Iterator[str]:
    for signal in SIGNALS:
        if any(isinstance(getattr(evidence, fact), Unavailable) for fact in signal.facts):
            yield signal.id
