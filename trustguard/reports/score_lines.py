"""How a score comes about, in few words or in all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from trustguard.model.score import Ceiling, Score, Term
from trustguard.model.score_weights import CAPS, FORGEABLE, HIGHEST, LOWEST, START, Group
from trustguard.reports.adding_up import HUNDREDTHS, TENTHS, Entry, InTenths, rounded
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign

_TEXT = 500
_NOTHING = 1e-9
"""Less than this is an error of floating point."""
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


def entry_line(entry: Entry, number: int, limit: int, told: Collection[str] = ()) -> str:
    """What speaks for or against a file, made safe.

    Args:
        entry: what it is.
        number: its points, in tenths.
        limit: the most columns of the reason.
        told: reasons that stand above already, and are not said again.
    """
    lead = f"{number / TENTHS:+.1f} {entry.id}"
    if len(entry.terms) > 1:
        lead += f", {len(entry.terms)} findings"
    if entry.capped:
        lead += ", capped"
    reasons = dict.fromkeys(term.reason for term in entry.terms)
    if len(reasons) > 1 or (told and not reasons.keys().isdisjoint(told)):
        return lead
    return f"{lead}: {foreign(next(iter(reasons)), limit)}"


def sum_line(added: InTenths) -> str:
    """The same numbers once more, with all else that counts, and what they come to."""
    up, down = (sum(number for _, number in side) for side in (added.up, added.down))
    ends = "up to the lowest that there is" if added.by_ends > 0 else "down to the highest that there is"
    parts = [
        *([f"{up / TENTHS:+.1f} for it"] if added.up else []),
        *([f"{down / TENTHS:+.1f} against it"] if added.down else []),
        *([f"{added.by_others / TENTHS:+.1f} by {added.others} more"] if added.others else []),
        *([f"{added.by_caps / TENTHS:+.1f} by caps"] if added.by_caps else []),
        *([f"{added.by_ends / TENTHS:+.1f} {ends}"] if added.by_ends else []),
    ]
    begin = f"{START:.1f} to begin with"
    if not parts:
        return f"{begin}, and nothing that counts"
    return f"{', '.join([begin, *parts])} = {added.total / TENTHS:.1f}"


def blocked(score: Score) -> str:
    """Why it is the lowest, or why there is none; empty where it is a sum."""
    if score.blockers:
        return f"{LOWEST:.1f} because of {', '.join(score.blockers)}: {_BLOCKED}"
    if score.value is None:
        return "none: something that could not be checked might have blocked it"
    return ""


def derivation(score: Score, layout: Layout) -> Iterator[str]:
    """Term by term to the sum; then ceilings, blockers and the score itself."""
    start, *numbers = rounded([START, *(points for _, points in score.groups)], HUNDREDTHS)
    yield _sum_line("to begin with", start)
    for (group, points), number in zip(score.groups, numbers, strict=True):
        terms = [term for term in score.terms if term.group == group]
        yield from _group(group, points, number, terms, layout)
    total = start + sum(numbers)
    yield _sum_line("sum", total)
    if total < LOWEST * HUNDREDTHS:
        yield f"      no score is lower than {LOWEST:.1f}"
    if total > HIGHEST * HUNDREDTHS:
        yield f"      no score is higher than {HIGHEST:.1f}"
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
    down = not blocked(score) and not lowest and total % (HUNDREDTHS // TENTHS)
    yield f"    {'score':<24}{score.label:>6}{'  (rounded down)' if down else ''}"


def _sum_line(label: str, number: int) -> str:
    return f"    {label:<24}{number / HUNDREDTHS:>6.2f}"


def _group(group: Group, points: float, number: int, terms: Sequence[Term], layout: Layout) -> Iterator[str]:
    yield from layout.hanging(
        f"    {group:<24} ", f"{number / HUNDREDTHS:+.2f}{_capped(group, points, terms)}"
    )
    beyond = points - sum(term.points for term in terms)
    caps = [beyond] if abs(beyond) > _NOTHING else []
    numbers = rounded([*(term.points for term in terms), *caps], HUNDREDTHS, number)
    for term, its in zip(terms, numbers, strict=False):
        forgeable = " [anybody can write that]" if term.forgeable else ""
        told = f"{its / HUNDREDTHS:+.2f} {term.id}: {foreign(term.reason, _TEXT)}{forgeable}"
        yield from layout.paragraph(told, 6)
    if caps:
        yield f"      {numbers[-1] / HUNDREDTHS:+.2f} beyond the cap, which does not count"


def _capped(group: Group, points: float, terms: Iterable[Term]) -> str:
    """Where a group adds less than its terms, why."""
    up = sum(term.points for term in terms if term.points > 0)
    down = sum(term.points for term in terms if term.points < 0)
    caps = CAPS[group]
    why = []
    if up > caps.up + _NOTHING:
        why.append(f"at most {caps.up:+.2f}")
    if down < -caps.down - _NOTHING:
        why.append(f"at least {-caps.down:+.2f}")
    if not why and abs(up + down - points) > _NOTHING:
        why.append(f"what anybody can write counts {FORGEABLE:+.2f} in all")
    return f"  ({', '.join(why)})" if why else ""
