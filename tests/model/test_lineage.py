"""A file's lineage is what had been released when it was uploaded, whatever its version says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from trustguard.model.lineage import Lineage, Release, lineages
from trustguard.model.project import DistributionFile, FileKind, FileName

BEGIN = datetime(2025, 1, 1, tzinfo=timezone.utc)
LINK = "https://index.example/provenance"


def day(number: float) -> datetime:
    """So many days after the beginning."""
    return BEGIN + timedelta(days=number)


def file(
    name: str, uploaded: float | None, *, attested: bool = True, yanked: str | None = None
) -> DistributionFile:
    """A file of demo, uploaded on that day."""
    return DistributionFile(
        name=FileName.parse(f"demo-{name}"),
        url=f"https://files.example/demo-{name}",
        upload_time=None if uploaded is None else day(uploaded),
        provenance=LINK if attested else None,
        yanked=yanked,
    )


def wheel(version: str, uploaded: float | None, *, attested: bool = True) -> DistributionFile:
    """A wheel for every platform."""
    return file(f"{version}-py3-none-any.whl", uploaded, attested=attested)


def lineage(one: DistributionFile, *others: DistributionFile) -> Lineage:
    """The lineage of a file beside others."""
    return lineages([one, *others])[one.filename]


def versions(releases: Iterable[Release]) -> list[str]:
    """Their versions."""
    return [str(release.version) for release in releases]


def test_earlier_is_what_was_uploaded_before_the_newest_first() -> None:
    files = [wheel("1.0", 1), wheel("1.1", 2, attested=False), wheel("2.0", 40), wheel("3.0", 41)]
    assert lineage(files[2], *files[:2], files[3]) == Lineage(
        own=Release(Version("2.0"), day(40), "all"),
        alternative=False,
        earlier=(Release(Version("1.1"), day(2), "none"), Release(Version("1.0"), day(1), "all")),
    )


def test_a_file_that_is_added_to_an_old_release_follows_what_was_released_by_then() -> None:
    late = file("1.0-cp311-cp311-linux_x86_64.whl", 9)
    found = lineage(late, wheel("1.0", 1), wheel("2.0", 2), wheel("3.0", 10))
    assert found.own == Release(Version("1.0"), day(1), "all")
    assert versions(found.earlier) == ["2.0"]


def test_what_came_in_the_same_moment_is_not_earlier() -> None:
    assert lineage(wheel("2.0", 1), wheel("1.0", 1)).earlier == ()


def test_a_release_began_with_its_first_file() -> None:
    found = lineage(wheel("2.0", 5), wheel("1.0", 9), file("1.0.zip", 1))
    assert found.earlier == (Release(Version("1.0"), day(1), "all"),)


def test_pre_releases_follow_pre_releases_and_final_ones_final_ones() -> None:
    files = [
        wheel("1.0a1", 1),
        wheel("1.0.dev2", 2),
        wheel("1.0", 3),
        wheel("1.0.post1", 4),
        wheel("2.0rc1", 5),
    ]
    found = lineages(files)
    assert versions(found[files[4].filename].earlier) == ["1.0.dev2", "1.0a1"]
    assert versions(found[files[3].filename].earlier) == ["1.0"]


def test_not_more_than_ten_are_kept() -> None:
    files = [wheel(f"1.{number}", number) for number in range(20)]
    assert versions(lineages(files)[files[15].filename].earlier) == [f"1.{n}" for n in range(14, 4, -1)]
    late = wheel("1.19.0", 30)  # of a release that is among the last ten itself
    assert versions(lineage(late, *files[:19], file("1.19.zip", 19)).earlier) == [
        f"1.{n}" for n in range(18, 8, -1)
    ]


@pytest.mark.parametrize(
    ("attested", "word"), [((True, True), "all"), ((True, False), "some"), ((False, False), "none")]
)
def test_a_release_is_attested_as_far_as_its_files_are(attested: tuple[bool, bool], word: str) -> None:
    wheel_is, sdist_is = attested
    assert (
        lineage(wheel("1.0", 1, attested=wheel_is), file("1.0.zip", 1, attested=sdist_is)).own.attested
        == word
    )


@pytest.mark.parametrize(
    ("other", "is_one"),
    [
        (file("1.0-py3-none-any.whl", 1), True),
        (file("1.0-py2.py3-none-any.whl", 1), True),
        (file("1.0-1-py3-none-any.whl", 1), True),
        (file("1.0-py2-none-any.whl", 1), False),
        (file("1.0-cp311-cp311-linux_x86_64.whl", 1), False),
        (file("1.0.zip", 1), False),
        (file("1.0-py3-none-any.whl", 1, attested=False), False),
        (file("1.0-py3-none-any.whl", 1, yanked=""), False),
        (file("1.1-py3-none-any.whl", 1), False),
    ],
)
def test_an_alternative_is_proven_of_the_same_release_and_fits_everybody(
    other: DistributionFile, *, is_one: bool
) -> None:
    assert lineage(file("1.0.tar.gz", 1, attested=False), other).alternative is is_one


def test_a_file_is_no_alternative_to_itself() -> None:
    assert not lineage(wheel("1.0", 1)).alternative


def test_a_release_of_very_many_files_is_no_reason_to_wait() -> None:
    """Whoever compares each of them with each other one is still at it when the test is given up."""
    project, version = canonicalize_name("demo"), Version("1.0")
    names = [f"demo-1.0-py3-none-any{number}.whl" for number in range(40_000)]
    one = wheel("1.0", 1)
    files = [replace(one, name=FileName(name, project, version, FileKind.WHEEL)) for name in names]
    found = lineages([*files, one])
    assert found[names[0]].alternative
    assert not found[one.filename].alternative


def test_a_file_without_an_upload_time_has_no_lineage_and_is_nobodys() -> None:
    found = lineages([wheel("1.0", None), wheel("2.0", 2)])
    assert list(found) == ["demo-2.0-py3-none-any.whl"]
    assert found["demo-2.0-py3-none-any.whl"].earlier == ()


# A file without provenance has to stand for a while before it says something of the project.


def standing(*files: DistributionFile, at: float) -> list[tuple[str, str]]:
    """What counts for a file of that day: versions, and how far they are attested."""
    releases = lineage(wheel("9.0", at, attested=False), *files).earlier
    return [(str(release.version), release.attested) for release in releases]


def test_whoever_uploads_two_files_without_provenance_excuses_nothing() -> None:
    signed = wheel("1.0", 1)
    stolen = [wheel(f"1.{number}", 10 + number / 100, attested=False) for number in range(1, 30)]
    assert standing(signed, *stolen, at=11) == [("1.0", "all")]
    assert standing(signed, stolen[0], at=40) == [("1.0", "all")]
    assert standing(signed, stolen[0], at=40.02) == [("1.1", "none"), ("1.0", "all")]


def test_a_file_that_is_slipped_into_a_signed_release_excuses_nothing() -> None:
    signed, slipped = wheel("1.0", 1), file("1.0.zip", 2, attested=False)
    assert standing(signed, slipped, at=3) == [("1.0", "all")]
    assert standing(signed, slipped, at=33) == [("1.0", "some")]


def test_what_the_project_has_signed_something_after_counts_at_once() -> None:
    files = [wheel("1.0", 1), wheel("1.1", 2, attested=False), wheel("1.2", 3)]
    assert standing(*files, at=4) == [("1.2", "all"), ("1.1", "none"), ("1.0", "all")]
    assert standing(*files[:2], at=3) == [("1.0", "all")]


def test_a_signature_that_comes_later_makes_nothing_of_what_was_before_it() -> None:
    """Until day 5 the release had no signed file."""
    files = [file("1.0.zip", 1, attested=False), wheel("1.0", 50)]
    assert standing(*files, at=45) == [("1.0", "none")]
    assert standing(*files, at=51) == [("1.0", "some")]


def test_a_time_at_the_end_of_the_calendar_is_no_surprise() -> None:
    last = DistributionFile(
        FileName.parse("demo-1.0.zip"),
        "https://files.example/x",
        upload_time=datetime.max.replace(tzinfo=timezone.utc),
    )
    assert lineage(last, wheel("0.1", 1)).earlier == (Release(Version("0.1"), day(1), "all"),)


FILES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["", "a1"]), st.integers(0, 80), st.booleans()),
    unique_by=lambda row: (row[0], row[1]),
    max_size=10,
)


@given(FILES, st.randoms(use_true_random=False))
def test_the_lineage_is_as_its_definition_says_in_whatever_order_files_are_listed(
    rows: list[tuple[int, str, int, bool]], random: Any
) -> None:
    """Each release has one file, and is uploaded on a day of its own or together with others."""
    files = [wheel(f"1.{n}{pre}", at, attested=attested) for n, pre, at, attested in rows]
    found = lineages(random.sample(files, len(files)))
    signed = [at for _, _, at, attested in rows if attested]
    for (_, pre, now, _), one in zip(rows, files, strict=True):
        counting = {
            Version(f"1.{n}{other_pre}"): "all" if attested else "none"
            for n, other_pre, at, attested in rows
            if other_pre == pre
            and at < now
            and (attested or at + 30 < now or any(at < later < now for later in signed))
        }
        earlier = found[one.filename].earlier
        assert {release.version: release.attested for release in earlier} == counting
        times = [release.uploaded for release in earlier]
        assert times == sorted(times, reverse=True)
