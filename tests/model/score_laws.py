"""The laws of the trust score, each a function that looks for a violation in something made by chance.

tests/model/test_score_laws.py makes some hundred of them with hypothesis, benchmarks/score.py 200,000.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from tests.model.chance import FACTS, POLICIES, WORSE, evidence, lost, shuffled
from tests.model.samples import SOURCE_OF
from trustguard.judging import Judge
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable, Unavailable
from trustguard.model.finding import Severity
from trustguard.model.policy import LOW_SCORE, Action
from trustguard.model.score import Score, score
from trustguard.model.score_signals import days_since
from trustguard.model.score_weights import CAPS, DOUBTS, FORGEABLE, LOWEST, PATIENCE
from trustguard.model.serial import evidence_from_json, evidence_to_json
from trustguard.model.verdict import Judged, Verdict

Law = Callable[[random.Random], str]
"""Says what is violated, one line; empty where nothing is."""

_WITHIN_A_YEAR = 6.0


@cache
def _judge(number: int) -> Judge:
    return Judge(POLICIES[number])


def _some(chance: random.Random) -> tuple[Evidence, Judge, Verdict, Score]:
    judge = _judge(chance.randrange(len(POLICIES)))
    made = evidence(chance)
    for what in chance.sample(list(WORSE), chance.choice([0, 0, 1, 2])):
        made = WORSE[what](chance, made) or made
    verdict = judge.vet(made)
    return made, judge, verdict, score(made, verdict)


def worse_never_raises_it(chance: random.Random) -> str:
    """A signal that gets worse never raises the score, nor makes the verdict milder; read backwards too."""
    made, judge, verdict, before = _some(chance)
    what = chance.choice(list(WORSE))
    changed = WORSE[what](chance, made)
    if changed is None:
        return ""
    again = judge.vet(changed)
    after = score(changed, again)
    if again.action < verdict.action:
        return f"{what}: {verdict.action.name} becomes {again.action.name}"
    if not _not_above(after, before):
        return f"{what}: {before.label} becomes {after.label}"
    return ""


def _not_above(after: Score, before: Score) -> bool:
    """No score is below every score but 1.0: something worse may be what could not be excluded before."""
    return after.value in {None, LOWEST} or (before.value is not None and after.value <= before.value)


def a_worse_finding_never_raises_it(chance: random.Random) -> str:
    """A finding that becomes worse, that is added, or whose excuse is gone, never raises the score."""
    made, _, verdict, before = _some(chance)
    findings = list(verdict.findings)
    if findings and chance.random() < 0.7:
        at = chance.randrange(len(findings))
        finding = findings[at].finding
        worse = Severity(min(finding.severity + chance.choice([0, 1, 2]), Severity.CRITICAL))
        findings[at] = Judged(replace(finding, severity=worse), findings[at].action)
    else:
        findings += _some(chance)[2].findings[:1]
    after = score(made, replace(verdict, findings=tuple(findings)))
    return "" if _not_above(after, before) else f"{before.label} becomes {after.label}"


def less_never_raises_it(chance: random.Random) -> str:
    """Losing evidence never raises the score; the verdict is not milder than ``on-unavailable`` says."""
    made, judge, verdict, before = _some(chance)
    names = chance.sample(FACTS, chance.choice([1, 1, 2, 5, len(FACTS)]))
    changed = lost(made, *names)
    again = judge.vet(changed)
    after = score(changed, again)
    mildest = min(judge.policy.when_unavailable(SOURCE_OF[name]) for name in names)
    if again.action < min(verdict.action, _asked(mildest, verdict)):
        return f"without {', '.join(names)}: {verdict.action.name} becomes {again.action.name}"
    if not _not_above(after, before):
        return f"without {', '.join(names)}: {before.label} becomes {after.label}"
    return ""


def _asked(mildest: Action, verdict: Verdict) -> Action:
    """What an outage may come to: an exception that is there for the check covers its absence as well."""
    excused = any(one.excused for one in verdict.findings)
    return Action.OFF if excused else mildest


def an_outage_is_told(chance: random.Random) -> str:
    """Where nobody could say, the score says so, or is none; it is not as if there were nothing."""
    made, judge, _, _ = _some(chance)
    name = chance.choice([one for one in FACTS if one not in {"announced_metadata", "start_up_before"}])
    changed = lost(made, name)
    if not isinstance(getattr(changed, name), Unavailable):
        return ""
    after = score(changed, judge.vet(changed))
    return "" if after.missing or after.unknown else f"nobody hears that there is no {name}"


def a_blocker_decides(chance: random.Random) -> str:
    """With a critical finding that nobody has excused the score is 1.0, whatever else there is."""
    _, _, verdict, found = _some(chance)
    critical = [j for j in verdict.findings if j.finding.severity is Severity.CRITICAL and not j.excused]
    if bool(critical) != bool(found.blockers) or (critical and found.value != LOWEST):
        return f"{len(critical)} critical findings, blockers {found.blockers}, score {found.label}"
    return ""


def order_does_not_matter(chance: random.Random) -> str:
    """The order of findings changes nothing, and that of facts not the score."""
    made, judge, verdict, before = _some(chance)
    mixed = replace(
        verdict,
        findings=tuple(chance.sample(verdict.findings, len(verdict.findings))),
        unanswered=tuple(chance.sample(verdict.unanswered, len(verdict.unanswered))),
    )
    if score(made, mixed) != before:
        return "other findings first, another derivation"
    other = shuffled(chance, made)
    after = score(other, judge.vet(other))
    return "" if after.value == before.value else f"{before.label} becomes {after.label} in another order"


def saved_evidence_has_the_same_score(chance: random.Random) -> str:
    """Evidence that was saved and read again has the same score, derivation and all."""
    made, judge, _, before = _some(chance)
    again = evidence_from_json(evidence_to_json(made))
    return "" if score(again, judge.vet(again)) == before else f"{before.label} is not what comes back"


def it_keeps_within_its_bounds(chance: random.Random) -> str:
    """One decimal from 1.0 to 10.0; groups within their caps; what is forgeable adds half a point at most."""
    made, _, _, found = _some(chance)
    if found.value is not None and (
        not LOWEST <= found.value <= 10 or f"{found.value:.1f}" != repr(found.value)
    ):
        return f"{found.value!r} is no score"
    for group, points in found.groups:
        if not -CAPS[group].down - 1e-9 <= points <= CAPS[group].up + 1e-9:
            return f"{group} has {points}"
    forged = sum(term.points for term in found.terms if term.forgeable)
    if forged > FORGEABLE + 1e-9 or any(not term.points for term in found.terms):
        return f"what is forgeable adds {forged}, or something that is not there counts"
    return _patience(made, found)


def _patience(made: Evidence, found: Score) -> str:
    """Nothing lifts a project above 6.0 that is neither popular nor known to be older than a year."""
    history = made.history.value if isinstance(made.history, Known) else None
    old = history is not None and days_since(made, history.first_upload) > PATIENCE
    high = found.value is not None and found.value > _WITHIN_A_YEAR
    return f"{found.label} without age or popularity" if high and not old and not _popular(made) else ""


def _popular(made: Evidence) -> bool:
    return isinstance(made.rank, Known)


def absent_is_not_good(chance: random.Random) -> str:
    """What is absent, or does not apply, adds nothing: without any fact that is known there are no points."""
    made, judge, _, _ = _some(chance)
    nothing: dict[str, Any] = {
        name: chance.choice([Absent(), NotApplicable("it does not arise")]) for name in FACTS
    }
    bare = replace(made, **nothing, file=replace(made.file, yanked=None))
    terms = score(bare, judge.vet(bare)).terms
    return f"{terms[0].id} counts {terms[0].points}" if terms else ""


def every_finding_has_its_weight(chance: random.Random) -> str:
    """What a check finds is what the weights know of."""
    _, _, verdict, _ = _some(chance)
    known = {doubt.check: doubt for doubt in DOUBTS}
    for one in (judged.finding for judged in verdict.findings):
        listed = one.check == LOW_SCORE or (
            one.check in known
            and (
                one.severity in known[one.check].weights or one.severity in {Severity.INFO, Severity.CRITICAL}
            )
        )
        if not listed:
            return f"{one.check} finds something {one.severity.name.lower()}"
        if one.severity is Severity.CRITICAL and one.check in known and not known[one.check].blocks:
            return f"{one.check} finds something critical"
    return ""


LAWS: Mapping[str, Law] = {
    law.__name__.replace("_", " "): law
    for law in (
        worse_never_raises_it,
        a_worse_finding_never_raises_it,
        less_never_raises_it,
        an_outage_is_told,
        a_blocker_decides,
        order_does_not_matter,
        saved_evidence_has_the_same_score,
        it_keeps_within_its_bounds,
        absent_is_not_good,
        every_finding_has_its_weight,
    )
}
