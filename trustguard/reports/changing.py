"""What would change a verdict or a score, in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from trustguard.model.evidence import Unavailable
from trustguard.model.policy import DENIED, LOW_SCORE
from trustguard.model.report import Package
from trustguard.model.score import Score, score
from trustguard.model.score_weights import GROWN, START
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.adding_up import TENTHS, downwards, in_tenths
from trustguard.reports.outages import is_silent
from trustguard.reports.score_lines import binding, headline
from trustguard.reports.text import foreign

_NAME = 120
_YOUTH = "youth"


def changes(package: Package, version: str = "", *, excepted: bool = False) -> str:
    """What would have to be otherwise, the likeliest first; empty where there is nothing to say.

    Args:
        package: the file.
        version: another one of the project that is offered; empty where none is known.
        excepted: whether the command of an exception stands below.
    """
    checks = [judged.finding.check for judged in package.verdict.reasons]
    if DENIED in checks:
        return ""
    refused = package.decision not in {Decision.ALLOW, Decision.WARN}
    parts = [f"another version: {foreign(version, _NAME)}"] if refused and version else []
    parts += _otherwise(package)
    parts += _answers(package)
    if parts and excepted:  # where there is nothing else, the command below speaks for itself
        parts.append("an exception, as below")
    return "; ".join(parts)


def _otherwise(package: Package) -> Iterator[str]:
    """What would be without the findings that decide, or else without what keeps the score down."""
    verdict, found = package.verdict, package.score
    if found.blockers:  # nobody should count on that
        return
    worst = max((judged.action for judged in verdict.findings), default=None)
    decide = dict.fromkeys(one.finding.check for one in verdict.reasons if one.action is worst)
    ids = [check for check in decide if check != LOW_SCORE] or _holding_down(package, found)
    if _YOUTH in ids:
        yield f"time: youth counts for {GROWN:g} days"
    without = [check for check in ids if check in {one.finding.check for one in verdict.findings}]
    if without:
        rest = _without(verdict, {*without, LOW_SCORE})
        would = f"{rest.decision.value}, {headline(score(package.evidence, rest))}"
        yield f"without {' and '.join(without)}: {would}"


def _without(verdict: Verdict, checks: Collection[str]) -> Verdict:
    return replace(
        verdict, findings=tuple(one for one in verdict.findings if one.finding.check not in checks)
    )


def _holding_down(package: Package, found: Score) -> list[str]:
    """The ceilings that bind, or what weighs most against a score that is low."""
    added = in_tenths(found)
    ceilings = [one.id for one in binding(found) if added.total > downwards(one.most, TENTHS)]
    if ceilings or found.most >= START or isinstance(package.evidence.history, Unavailable):
        return ceilings
    return [entry.id for entry, _ in added.down[:1]]


def _answers(package: Package) -> Iterator[str]:
    """The sources that did not answer, where an answer could matter."""
    if package.score.blockers:
        return
    # An index that says nothing of attestations gives no answer.
    silent = package.evidence.provenance if is_silent(package) else None
    sources = dict.fromkeys(one.fact.source for one in package.verdict.unanswered if one.fact != silent)
    if sources:
        yield f"an answer of {' and of '.join(sources)}"
