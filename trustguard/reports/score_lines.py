"""How a score comes about, in few words or in all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustguard.model.score import Ceiling, Score, Term
from trustguard.model.score_weights import CAPS, FORGEABLE, HIGHEST, LOWEST, START, Group
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign

_TEXT = 500
_TOP = 5
_BLOCKED = "a blocker makes it the lowest, whatever else there is"


def headline(score: Score) -> str:
    """The score as it stands behind a verdict."""
    return score.label if score.value is None else f"score {score.label}"


def summed(score: Score) -> float:
    """What all groups come to, before ceilings and blockers."""
    return min(max(START + sum(points for _, points in score.groups), LOWEST), HIGHEST)


def binding(score: Score) -> tuple[Ceiling, ...]:
    """The ceilings without which the score would be higher."""
    if score.blockers or not score.ceilings or score.ceilings[0].most >= summed(score):
        return ()
    return tuple(one for one in score.ceilings if one.most == score.ceilings[0].most)


def top(score: Score) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The weightiest terms for and against, five together; where there are both, one at least of each."""
    up = [term for term in score.terms if term.points > 0]
    down = [term for term in score.terms if term.points < 0]
    first = list(score.terms[:_TOP])
    for side in (up, down):
        if side and side[0] not in first:
            first[-1:] = [side[0]]
    return tuple(term for term in first if term.points > 0), tuple(term for term in first if term.points < 0)


def term_line(term: Term, limit: int, digits: int = 1) -> str:
    """One term, made safe."""
    return f"{term.points:+.{digits}f} {term.id}: {foreign(term.reason, limit)}"


def blocked(score: Score) -> str:
    """Why it is the lowest, or why there is none; empty where it is a sum."""
    if score.blockers:
        return f"{LOWEST:.1f} because of {', '.join(score.blockers)}: {_BLOCKED}"
    if score.value is None:
        return "none: something that could not be checked might have blocked it"
    return ""


def derivation(score: Score, layout: Layout) -> Iterator[str]:
    """Term by term to the sum; then ceilings, blockers and the score itself."""
    yield _sum_line("to begin with", START)
    for group, points in score.groups:
        yield from _group(group, points, [term for term in score.terms if term.group == group], layout)
    sum_ = START + sum(points for _, points in score.groups)
    yield _sum_line("sum", sum_)
    lowest = binding(score)
    for one in score.ceilings:
        binds = "" if one in lowest else " (it binds nothing)"
        yield from layout.paragraph(
            f"at most {one.most:.1f}, {one.id}: {foreign(one.reason, _TEXT)}{binds}", 6
        )
    if blocked(score):
        yield from layout.paragraph(blocked(score), 6)
    if score.unknown:
        yield from layout.paragraph(
            f"counting nothing, since nobody could say: {', '.join(score.unknown)}", 6
        )
    yield f"    {'score':<24}{score.label:>6}"


def _sum_line(label: str, points: float) -> str:
    return f"    {label:<24}{points:>6.2f}"


def _group(group: Group, points: float, terms: Sequence[Term], layout: Layout) -> Iterator[str]:
    yield from layout.hanging(f"    {group:<24}", f"{points:>+6.2f}{_capped(group, points, terms)}")
    for term in terms:
        forgeable = " [anybody can write that]" if term.forgeable else ""
        yield from layout.paragraph(f"{term_line(term, _TEXT, 2)}{forgeable}", 6)


def _capped(group: Group, points: float, terms: Iterable[Term]) -> str:
    """Where a group adds less than its terms, why."""
    up = sum(term.points for term in terms if term.points > 0)
    down = sum(term.points for term in terms if term.points < 0)
    caps = CAPS[group]
    why = []
    if up > caps.up:
        why.append(f"at most {caps.up:+.2f}")
    if down < -caps.down:
        why.append(f"at least {-caps.down:+.2f}")
    if not why and abs(up + down - points) > 1e-9:  # noqa: PLR2004 - beyond rounding
        why.append(f"what anybody can write counts {FORGEABLE:+.2f} in all")
    return f"  ({', '.join(why)})" if why else ""
