"""The pause before a file is the longest that had ended in the month before it, by upload times alone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from trustguard.model.project import DistributionFile, FileName
from trustguard.model.rhythm import AWAKENING, Rhythm, rhythms

DAY = timedelta(days=1)
BEGIN = datetime(2020, 1, 1, tzinfo=timezone.utc)


def file(day: float, version: str = "", *, kind: str = "tar.gz") -> DistributionFile:
    """A file that was uploaded so many days after the first of 2020."""
    name = f"demo-{version or f'1.{int(day)}'}.{kind}"
    return DistributionFile(FileName.parse(name), f"https://files.example/{name}", upload_time=on(day))


def on(day: float) -> datetime:
    """So many days after the first of 2020."""
    return BEGIN + day * DAY


def of(*files: DistributionFile) -> list[Rhythm]:
    """The rhythm at each of these files."""
    found = rhythms(files)
    return [found[one.filename] for one in files]


def test_before_the_first_upload_there_was_no_pause() -> None:
    (first,) = of(file(0))
    assert first == Rhythm(None, on(0))
    assert first.pause == timedelta()


def test_the_pause_is_the_time_since_the_upload_before() -> None:
    _, second = of(file(0), file(900))
    assert second == Rhythm(on(0), on(900))
    assert second.pause == 900 * DAY


def test_a_second_upload_within_a_month_does_not_hide_the_pause_and_a_later_one_is_past_it() -> None:
    """The awakening lasts 30 days, to its last moment."""
    found = of(file(0), file(900), file(901), file(930), file(930.5, "2.0"))
    assert [one.pause for one in found[1:]] == [900 * DAY, 900 * DAY, 900 * DAY, 29 * DAY]


def test_files_that_came_together_have_the_same_rhythm() -> None:
    _, sdist, wheel = of(file(0), file(900, "2.0"), file(900, "2.0", kind="zip"))
    assert sdist == wheel == Rhythm(on(0), on(900))


def test_what_counts_is_when_a_file_was_uploaded_and_not_its_version() -> None:
    """A file that somebody adds to an old release wakes a project up as a new release does."""
    added = file(900, "0.1")
    assert of(file(0, "2.0"), added)[1] == Rhythm(on(0), on(900))


def test_of_several_pauses_the_longest_that_is_just_over_counts() -> None:
    """The longest of all was over years ago, and says nothing of what is uploaded today."""
    days = (0, 1500, 1600, 2400, 2410, 2425)
    assert [one.pause // DAY for one in of(*map(file, days))] == [0, 1500, 100, 800, 800, 800]


def test_a_file_without_an_upload_time_has_no_rhythm_and_stands_in_nobodys_way() -> None:
    name = FileName.parse("demo-9.tar.gz")
    unsaid = DistributionFile(name, "https://files.example/demo-9.tar.gz")
    found = rhythms([file(900), unsaid, file(0)])
    assert found == {"demo-1.0.tar.gz": Rhythm(None, on(0)), "demo-1.900.tar.gz": Rhythm(on(0), on(900))}
    assert rhythms([]) == {}


def test_the_first_and_the_last_day_that_there_are_do_no_harm() -> None:
    edges = [datetime(1, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 31, tzinfo=timezone.utc)]
    names = [FileName.parse(f"demo-{number}.zip") for number in range(2)]
    files = [
        DistributionFile(name, "https://files.example/x", upload_time=time)
        for name, time in zip(names, edges, strict=True)
    ]
    assert len(rhythms(files)) == 2


def slowly(days: list[int], own: int) -> timedelta:
    """The longest pause that ended in the month before a day, worked out anew for each."""
    ends = sorted({day for day in days if own - AWAKENING // DAY <= day <= own})
    pauses = [day - max((other for other in days if other < day), default=day) for day in ends]
    return max(pauses) * DAY


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30, unique=True))
def test_it_is_what_looking_at_every_pause_would_give(days: list[int]) -> None:
    found = rhythms([file(day) for day in days])
    for day in days:
        assert found[f"demo-1.{day}.tar.gz"].pause == slowly(days, day)
