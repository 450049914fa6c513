"""What is said of a name and its candidate in numbers is what can be counted by hand."""

from __future__ import annotations

import math

import pytest

from trustguard.sources.names.edits import REPEAT, SWAP
from trustguard.sources.names.features import FEATURES, FROM_SQUATS, Surroundings, features, group_of
from trustguard.sources.names.index import Candidate

RANKS = {
    "requests": 1,
    "click": 2,
    "pytest": 3,
    **{f"pytest-{word}": 4 + place for place, word in enumerate(["cov", "mock", "click"])},
    "customtkinter": 7,
}
AROUND = Surroundings(RANKS, RANKS, {"requests": 9}, {"stealer": 2.0})


def numbers(name: str, candidate: Candidate) -> dict[str, float]:
    """The features of a pair, by their names."""
    return dict(zip(FEATURES[group_of(candidate)], features(name, candidate, AROUND), strict=True))


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("reqeusts", "requests", {"cost": SWAP, "exchanged": 0, "first": 0, "imitated": math.log(10)}),
        ("requuests", "requests", {"cost": REPEAT, "exchanged": 0, "rank": 0}),
        ("requets", "requests", {"exchanged": 0, "length": 8}),
        ("flick", "click", {"exchanged": 1, "first": 1, "imitated": 0, "rank": math.log(2)}),
        ("custontkinter", "customtkinter", {"exchanged": 1, "length": 10}),
        ("pytest-cog", "pytest-cov", {"family": math.log(4), "word": 0}),
        ("pytest-clock", "pytest-click", {"exchanged": 1, "length": 10}),
        ("pytezt-cov", "pytest-cov", {"family": 0}),
    ],
)
def test_a_slip(name: str, target: str, expected: dict[str, float]) -> None:
    found = numbers(name, Candidate(target, "edit1"))
    assert {key: found[key] for key in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "candidate", "expected"),
    [
        (
            "pytest-stealer",
            Candidate("pytest", "affix", "", "stealer"),
            {"telling": 2, "family": math.log(4)},
        ),
        (
            "my-pytest",
            Candidate("pytest", "affix", "my"),
            {"telling": 0, "family": 0, "decoy": 0, "words": 1},
        ),
        ("requests-lib2", Candidate("requests", "affix", "", "lib2"), {"decoy": 1, "common": 0}),
        (
            "requests-mock-py",
            Candidate("requests", "affix", "", "mock-py"),
            {"words": 2, "common": math.log(2)},
        ),
        (
            "pytest-requests",
            Candidate("requests", "affix", "pytest"),
            {"host": math.log(4), "common": math.log(5)},
        ),
    ],
)
def test_words_around_a_name(name: str, candidate: Candidate, expected: dict[str, float]) -> None:
    found = numbers(name, candidate)
    assert {key: found[key] for key in expected} == pytest.approx(expected)


def test_digits_and_order_are_forms() -> None:
    assert numbers("requests2", Candidate("requests", "digits"))["digits"] == 1
    assert numbers("cov-pytest", Candidate("pytest-cov", "order"))["order"] == 1


def test_a_pair_of_letters_that_no_popular_name_has_is_as_odd_as_can_be() -> None:
    assert AROUND.oddness("xq") == 0
    assert AROUND.oddness("requests") == pytest.approx(-math.log(2))  # "re" stands in one name


@pytest.mark.parametrize("group", FEATURES)
def test_what_known_squats_have_a_part_in_stands_last(group: str) -> None:
    names = next(names for key, names in FEATURES.items() if key == group)
    count = len(FROM_SQUATS & set(names))
    assert set(names[-count:]) <= FROM_SQUATS
