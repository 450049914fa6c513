"""A file is as old as its index says, and old enough from the end of the cooldown on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.samples import AT, CLEAN, lost
from tests.model.strategies import times
from trustguard.checks.release_age import Settings, check
from trustguard.model.evidence import Absent, Fact, History, Inconclusive, Known, NotApplicable
from trustguard.model.finding import Confidence, Finding, Severity

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def aged(age: timedelta, cooldown: timedelta | None = None) -> list[Finding]:
    """What the check finds of a file of this age."""
    settings = Settings() if cooldown is None else Settings(cooldown)
    return check(replace(CLEAN, upload_time=Known(AT - age)), settings)


def test_a_file_that_is_younger_than_the_cooldown_is_found() -> None:
    """Uploaded on 27 February at noon, judged on 1 March 2026 at noon: two days, of three."""
    assert aged(2 * DAY) == [
        Finding(
            "release-age",
            Severity.MEDIUM,
            Confidence.HIGH,
            "demo-1.0-py3-none-any.whl was uploaded 2 days ago, and the cooldown is 3 days",
            "it passes from 2026-03-02 12:00 UTC on",
            ("2026-02-27T12:00:00+00:00",),
        )
    ]


def test_exactly_as_old_as_the_cooldown_is_old_enough() -> None:
    assert aged(3 * DAY) == []
    assert aged(3 * DAY - SECOND)


def test_an_old_file_is_clean() -> None:
    assert aged(365 * DAY) == []


def famous(age: timedelta, **facts: Fact[Any]) -> list[Finding]:
    """What the check finds of an old file of a popular project whose first file has this age."""
    known: dict[str, Any] = {
        "rank": Known(7),
        "history": Known(History(AT - age, 3)),
        "upload_time": Known(AT - 9 * DAY),
    }
    return check(replace(CLEAN, **{**known, **facts}), Settings())


def test_a_popular_name_whose_project_has_only_begun_is_found() -> None:
    """Whoever deletes a project gives its name to the next who asks for it."""
    assert famous(10 * DAY) == [
        Finding(
            "release-age",
            Severity.MEDIUM,
            Confidence.HIGH,
            "demo is number 7 of the most downloaded projects, and began 10 days ago",
            "find out who has it now: the name may have been given up, and taken again",
            ("2026-02-19T12:00:00+00:00",),
        )
    ]
    assert famous(30 * DAY) == []
    assert famous(30 * DAY - SECOND)
    assert famous(10 * DAY, rank=Absent()) == []
    assert check(replace(CLEAN, rank=Known(7), history=Known(History(AT - 40 * DAY, 1))), Settings()) == []


def test_where_nobody_can_say_when_a_popular_project_began_it_is_not_clean() -> None:
    with pytest.raises(Inconclusive):
        check(lost(replace(CLEAN, rank=Known(7), upload_time=Known(AT - 9 * DAY)), "history"), Settings())


def test_the_cooldown_is_as_it_is_set() -> None:
    assert aged(6 * DAY, 7 * DAY)
    assert aged(7 * DAY, 7 * DAY) == []
    assert aged(timedelta(0), timedelta(0)) == []


def test_a_file_from_the_future_is_younger_than_any_cooldown() -> None:
    (finding,) = aged(-DAY, timedelta(0))
    assert " was uploaded in the future, and the cooldown is less than an hour" in finding.message


@pytest.mark.parametrize(
    ("age", "told"),
    [
        (timedelta(0), "less than an hour ago"),
        (HOUR - SECOND, "less than an hour ago"),
        (HOUR, "1 hour ago"),
        (DAY - SECOND, "23 hours ago"),
        (DAY, "1 day ago"),
        (2 * DAY, "2 days ago"),
    ],
)
def test_an_age_is_told_in_whole_days_or_hours(age: timedelta, told: str) -> None:
    (finding,) = aged(age)
    assert f"was uploaded {told}, and" in finding.message


def test_a_cooldown_beyond_the_calendar_lets_nothing_pass() -> None:
    (finding,) = aged(365 * DAY, timedelta.max)
    assert finding.remedy == "it never passes: the cooldown ends after the last year that there is"


def test_an_age_does_not_depend_on_the_zone_in_which_times_are_written() -> None:
    """12:00 in UTC is 17:30 at +05:30."""
    east = timezone(timedelta(hours=5, minutes=30))
    uploaded = datetime(2026, 2, 26, 17, 30, tzinfo=east)
    assert check(replace(CLEAN, upload_time=Known(uploaded)), Settings()) == []
    assert check(replace(CLEAN, upload_time=Known(uploaded + SECOND)), Settings())


@given(times, times, st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_no_file_becomes_too_young_by_waiting(uploaded: datetime, at: datetime, longer: timedelta) -> None:
    evidence = replace(CLEAN, upload_time=Known(uploaded), at=at)
    later = replace(evidence, at=at + longer)
    assert len(check(later, Settings())) <= len(check(evidence, Settings()))


@pytest.mark.parametrize("time", [Absent(), NotApplicable("a private index")])
def test_where_no_time_is_expected_there_is_no_finding(time: Fact[datetime]) -> None:
    assert check(replace(CLEAN, upload_time=time), Settings()) == []


def test_without_a_time_to_read_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no upload_time"):
        check(lost(CLEAN, "upload_time"), Settings())
