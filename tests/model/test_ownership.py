"""Whoever has been known for a month, or for as long as anybody has, is no newcomer among the owners."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from trustguard.model.ownership import KnownOwner, KnownOwners

DAY = timedelta(days=1)
MONTH = 30 * DAY
AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def known(**ages: int) -> KnownOwners:
    """Owners who have been known for so many days."""
    return KnownOwners(tuple(KnownOwner(name, AT - age * DAY) for name, age in ages.items()), AT)


def test_the_first_ones_are_known_for_long_from_the_first_day_on() -> None:
    assert known(ann=0, bob=0).standing(AT, MONTH) == {"ann", "bob"}


def test_a_newcomer_is_known_for_long_after_exactly_that_long() -> None:
    assert known(ann=90, eve=29).standing(AT, MONTH) == {"ann"}
    assert known(ann=90, eve=30).standing(AT, MONTH) == {"ann", "eve"}


def test_among_nobody_there_is_nobody() -> None:
    assert KnownOwners((), AT).standing(AT, MONTH) == frozenset()
    assert known(ann=1, eve=0).names == {"ann", "eve"}
