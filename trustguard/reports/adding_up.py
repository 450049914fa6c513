"""Scores in numbers that add up as they are printed, and not only before they are rounded.

What is shown is rounded by largest remainders: each number goes down, as the score itself does, and those
that lose most by that go up again until all of them make the sum. What needs no rounding is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import floor

from trustguard.model.record import record
from trustguard.model.score import Score, Term
from trustguard.model.score_weights import CAPS, HIGHEST, LOWEST, START

TENTHS, HUNDREDTHS = 10, 100
_TOP = 5
_LEAST = 0.05
"""What counts less is not worth a line."""


@record
class Entry:
    """Terms with one id that are told as one.

    Args:
        terms: at least one; they all add, or all take away.
        points: what they come to; where nothing else is in their side of the group, with its cap.
        capped: whether that cap binds.
    """

    terms: tuple[Term, ...]
    points: float
    capped: bool = False

    @property
    def id(self) -> str:
        """Of the signal or the check."""
        return self.terms[0].id


@record
class InTenths:
    """How a score adds up: numbers in tenths of a point, which make the total exactly.

    Args:
        shown: the weightiest entries, each with its number.
        others: how many terms there are besides.
        by_others: what these come to.
        by_caps: what the caps of groups take back.
        by_ends: what brings it to the lowest or the highest score that there is.
        total: before ceilings and blockers.
    """

    shown: tuple[tuple[Entry, int], ...]
    others: int
    by_others: int
    by_caps: int
    by_ends: int
    total: int

    @property
    def up(self) -> tuple[tuple[Entry, int], ...]:
        """What speaks for it."""
        return tuple((one, number) for one, number in self.shown if one.points > 0)

    @property
    def down(self) -> tuple[tuple[Entry, int], ...]:
        """What speaks against it."""
        return tuple((one, number) for one, number in self.shown if one.points < 0)


def in_tenths(score: Score) -> InTenths:
    """A score's sum with its weightiest reasons, five at most, and where there are two sides one of each."""
    every = entries(score)
    worth = [one for one in every if abs(one.points) >= _LEAST]
    while True:
        shown = _top(worth)
        others = [one for one in every if one not in shown]
        rest = sum(one.points for one in others)
        caps = sum(points for _, points in score.groups) - sum(one.points for one in every)
        numbers = rounded([START, *(one.points for one in shown), rest, caps], TENTHS)
        naught = [one for one, number in zip(shown, numbers[1:], strict=False) if not number]
        if not naught:
            break
        worth = [one for one in worth if one not in naught]
    total = sum(numbers)
    end = min(max(total, round(LOWEST * TENTHS)), round(HIGHEST * TENTHS))
    return InTenths(
        shown=tuple(zip(shown, numbers[1:-2], strict=True)),
        others=sum(len(one.terms) for one in others),
        by_others=numbers[-2],
        by_caps=numbers[-1],
        by_ends=end - total,
        total=end,
    )


def entries(score: Score) -> list[Entry]:
    """The terms, those with one id and sign together; the weightiest first."""

    def kind(term: Term) -> tuple[str, str, bool]:
        return term.group, term.id, term.points > 0

    found = [tuple(terms) for _, terms in groupby(sorted(score.terms, key=kind), kind)]
    sides = [(terms[0].group, terms[0].points > 0) for terms in found]
    return sorted(
        (_entry(terms, alone=sides.count(side) == 1) for terms, side in zip(found, sides, strict=True)),
        key=lambda one: (-abs(one.points), one.id, one.points),
    )


def _entry(terms: tuple[Term, ...], *, alone: bool) -> Entry:
    points = sum(term.points for term in terms)
    caps = CAPS[terms[0].group]
    within = min(max(points, -caps.down), caps.up)
    capped = alone and abs(within - points) > 1 / HUNDREDTHS / HUNDREDTHS
    return Entry(terms, within if capped else points, capped)


def _top(worth: Sequence[Entry]) -> list[Entry]:
    first = list(worth[:_TOP])
    for side in (True, False):
        best = next((one for one in worth if (one.points > 0) is side), None)
        if best is not None and best not in first:
            first[-1:] = [best]
    return first


def rounded(parts: Sequence[float], per: int, total: int | None = None) -> list[int]:
    """Numbers as whole units that make a total.

    Args:
        parts: the numbers.
        per: units in one point.
        total: in units; None: what the numbers come to, rounded down.
    """
    down = [downwards(part, per) for part in parts]
    left = (downwards(sum(parts), per) if total is None else total) - sum(down)
    loss = sorted(range(len(parts)), key=lambda n: (down[n] - parts[n] * per, n))
    for place in loss[:left] if left >= 0 else loss[left:]:
        down[place] += 1 if left > 0 else -1
    return down


def downwards(points: float, per: int) -> int:
    """Points in whole units, rounded down as the score is."""
    return floor(round(points * per, 6))
