"""What a project says of its successor is read where it speaks of itself, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from trustguard.model.own_words import INACTIVE, OwnWords

PROJECT = NormalizedName("old-thing")


def named(summary: str, description: str = "", classifiers: tuple[str, ...] = ()) -> list[str]:
    """The successors that a project called Old_Thing names."""
    return list(dict.fromkeys(OwnWords(summary, description, classifiers).successors(PROJECT)))


@pytest.mark.parametrize(
    ("summary", "successor"),
    [
        ("deprecated sklearn package, use scikit-learn instead", "scikit-learn"),
        ("DEPRECATED: please use New.Thing", "new-thing"),
        ("Old_Thing has been renamed to new_thing.", "new-thing"),
        ("This package has moved to `new-thing`", "new-thing"),
        ("old-thing is superseded by the package **new-thing**", "new-thing"),
        ("Old thing. This project was replaced by [new-thing](https://new.example).", "new-thing"),
        ("deprecated in favour of new-thing", "new-thing"),
        ("Obsolete; its successor is new-thing", "new-thing"),
        ("use new-thing instead of old-thing", "new-thing"),
        ("Unmaintained. Instead use: new-thing", "new-thing"),
    ],
)
def test_the_usual_ways_to_say_it_are_understood(summary: str, successor: str) -> None:
    assert named(summary) == [successor]


def test_the_description_of_bs4_0_0_2_is_understood() -> None:
    words = (
        "This is a dummy package designed to prevent namesquatting on the index. You should install "
        "`beautifulsoup4 <https://index.example/project/beautifulsoup4>`_ instead."
    )
    assert named("Dummy package for Beautiful Soup (beautifulsoup4)", words) == ["beautifulsoup4"]


@pytest.mark.parametrize(
    "summary",
    [
        "a thing for things",
        "This package lets you use numpy instead of lists.",
        "use requests instead",
        "The function f was renamed to g.",
        "This package has moved to GitHub.",
        "This project was replaced by another one",
        "This project is superseded by old-thing",
        "Use numpy rather than lists; this package helps",
        "",
    ],
)
def test_what_is_about_something_else_names_no_successor(summary: str) -> None:
    assert named(summary) == []


def test_a_classifier_says_that_all_of_it_is_about_something_that_is_given_up() -> None:
    assert named("a thing", "Please use new-thing instead.") == []
    assert named("a thing", "Please use new-thing instead.", (INACTIVE,)) == ["new-thing"]


def test_only_the_beginning_is_read() -> None:
    late = "x" * 1_000 + "\n\nThis package was renamed to new-thing."
    assert named("", late) == []
    assert named("x" * 300 + " this package was renamed to new-thing") == []


@pytest.mark.parametrize(
    ("words", "given_up"),
    [
        (OwnWords("this is no longer maintained"), True),
        (OwnWords("", "Old-thing is deprecated."), True),
        (OwnWords("", "Support for Python 3.8 is deprecated."), False),
        (OwnWords("", "", (INACTIVE,)), True),
        (OwnWords("a thing", "for things", ("Development Status :: 4 - Beta",)), False),
    ],
)
def test_a_project_is_given_up_where_it_says_so_of_itself(words: OwnWords, given_up: bool) -> None:
    assert words.given_up(PROJECT) is given_up


@given(st.text(), st.text(max_size=2_000))
def test_no_text_is_too_odd_to_be_read(summary: str, description: str) -> None:
    assert PROJECT not in OwnWords(summary, description).successors(PROJECT)
