"""Slips are counted as Damerau did, and a name is suggested only where it was probably meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from trustguard.model.popular import Popular
from trustguard.model.spelling import meant, slips

words = st.text("abc", max_size=6)


# By hand; the last rows are the published difference to the unrestricted distance, which is 2 for CA and ABC.
@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("flask", "flask", 0),
        ("flask", "flsk", 1),
        ("flask", "flassk", 1),
        ("flask", "flusk", 1),
        ("requests", "reqeusts", 1),
        ("abcd", "badc", 2),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ],
)
def test_a_slip_is_a_character_too_many_too_few_another_or_a_swap(one: str, other: str, count: int) -> None:
    assert slips(one, other, 9) == slips(other, one, 9) == count


def neighbours(word: str) -> set[str]:
    """Every word over the alphabet that is one slip away."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {left + right[1:] for left, right in cuts if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    found |= {left + char + right[1:] for left, right in cuts for char in "abc" if right}
    found |= {left + char + right for left, right in cuts for char in "abc"}
    return found - {word}


@given(words, words)
def test_one_slip_apart_are_those_that_one_slip_makes(one: str, other: str) -> None:
    assert (slips(one, other, 1) == 1) == (other in neighbours(one))


@given(words, words, st.integers(min_value=0, max_value=6))
def test_the_bound_hides_greater_counts_and_alters_none(one: str, other: str, most: int) -> None:
    count = slips(one, other, 12)
    assert count is not None
    assert slips(one, other, most) == (count if count <= most else None)


def popular(*names: str) -> Popular:
    return Popular(tuple(map(NormalizedName, names)), "2026-11", "a ranking")


RANKED = popular("requests", "numpy", "flask", "scikit-learn", "beautifulsoup4", "yaml", "numpi")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("reqeusts", "requests"),
        ("rquests", "requests"),
        ("requestss", "requests"),
        ("flsk", "flask"),
        ("scikitlearn", "scikit-learn"),
        ("beautifulsop4", "beautifulsoup4"),
        ("beautifulsop", "beautifulsoup4"),
    ],
)
def test_a_slip_or_two_lead_to_the_popular_name(typed: str, name: str) -> None:
    assert meant(NormalizedName(typed), RANKED) == name


@pytest.mark.parametrize(
    "typed",
    [
        "reqeutss",  # two slips in eight characters
        "beautsoup4",  # four
        "yml",  # short names are all near one another
        "flas-utils",
        "left-pad",
    ],
)
def test_no_name_is_better_than_a_silly_one(typed: str) -> None:
    assert meant(NormalizedName(typed), RANKED) is None


def test_a_popular_name_was_meant_itself() -> None:
    assert meant(NormalizedName("numpi"), RANKED) is None


def test_of_equally_near_names_the_more_popular_one_is_suggested() -> None:
    assert meant(NormalizedName("numpo"), RANKED) == "numpy"


def test_fewer_slips_count_more_than_the_rank() -> None:
    some = popular("python-dateutils2", "python-dateutil")
    assert meant(NormalizedName("python-dateutill"), some) == "python-dateutil"
