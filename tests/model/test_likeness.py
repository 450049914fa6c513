"""A copied page is recognised through its new name; what is short, usual or honest is no copy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from trustguard.model.claims import Claims, Statement
from trustguard.model.likeness import compared, says_fork, similarity, words
from trustguard.model.repository import Repository

OWN, OTHER = NormalizedName("reqeusts"), NormalizedName("requests")
PAGE = " ".join(f"word{number}" for number in range(100))
"""A text with 96 runs of five words."""


def both(own: Statement, other: Statement) -> object:
    """What the two have in common."""
    return compared(own, OWN, other, OTHER, owners=["user ann"], family=True)


def test_words_are_folded_and_names_addresses_and_badges_are_none() -> None:
    text = "![build](https://ci.example/x.svg) Use \uff32EQUESTS, the HTTP-library: https://docs.example/requests!"
    assert words(text, [OTHER]) == ["use", "\u2022", "the", "http", "library"]


def test_a_name_is_folded_however_it_is_spelled_and_not_inside_of_words() -> None:
    name = NormalizedName("scikit-learn")
    assert words("scikit-learn Scikit_Learn scikit learn scikitlearn xscikit-learnx", [name]) == [
        *["\u2022"] * 4,
        "xscikit",
        "learnx",
    ]


def test_equal_texts_are_alike_and_different_ones_are_not() -> None:
    assert similarity(PAGE, PAGE) == 1.0
    assert similarity(PAGE, " ".join(f"other{number}" for number in range(100))) == 0.0


def test_likeness_is_the_share_of_common_runs_of_five_words() -> None:
    # Two texts of 100 and 90 words, one the beginning of the other: 96 and 86 runs, 86 of them common.
    assert similarity(PAGE, PAGE.rsplit(" ", 10)[0]) == round(86 / 96, 3)


def test_a_short_text_is_not_compared() -> None:
    short = " ".join(PAGE.split()[:33])  # 29 runs, and 30 are needed
    assert similarity(short, short) is None
    assert similarity(PAGE, short) is None
    enough = " ".join(PAGE.split()[:34])
    assert similarity(enough, enough) == 1.0


@given(st.text(max_size=400), st.text(max_size=400))
def test_likeness_is_symmetric_and_a_share(one: str, other: str) -> None:
    value = similarity(one, other)
    assert value == similarity(other, one)
    assert value is None or 0 <= value <= 1


def test_a_page_copied_under_another_name_is_the_same_page() -> None:
    own = Statement(summary="reqeusts: HTTP for Humans.", description=f"reqeusts is {PAGE}")
    other = Statement(summary="Requests: HTTP for humans", description=f"Requests is {PAGE}")
    found = compared(own, OWN, other, OTHER)
    assert (found.same_summary, found.description) == (True, 1.0)


@pytest.mark.parametrize("summary", ["", "HTTP client", "A small example package", "UNKNOWN"])
def test_a_summary_that_says_nothing_is_no_copy(summary: str) -> None:
    assert not compared(Statement(summary=summary), OWN, Statement(summary=summary), OTHER).same_summary


def test_what_the_two_have_in_common_is_told() -> None:
    url = "Source, https://github.com/psf/requests"
    found = compared(
        Statement(project_urls=(url,), people=("eve", "ken@acme.example")),
        OWN,
        Statement(project_urls=(url,), people=("ken@acme.example", "ken")),
        OTHER,
        owners=["user ken"],
        family=True,
    )
    assert found.project == OTHER
    assert found.repositories == (Repository("github.com", "psf/requests"),)
    assert found.owners == ("user ken",)
    assert found.family
    assert found.people == ("ken@acme.example",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A fork of requests with retries", True),
        ("Forked from the original Requests project.", True),
        ("This is a maintained fork of https://x.example/y requests", True),
        ("requests fork", True),
        ("HTTP for Humans, like requests", False),
        ("a fork of urllib3", False),
    ],
)
def test_who_says_openly_that_it_is_a_fork_is_heard(text: str, *, said: bool) -> None:
    assert says_fork(Statement(summary=text), OTHER) is said
    assert says_fork(Statement(description=f"# reqeusts\n\n{text}"), OTHER) is said


def test_claims_are_what_a_statement_says_of_repositories_and_people() -> None:
    statement = Statement(home_page="https://github.com/psf/requests/", people=("ken",))
    assert statement.claims == Claims((Repository("github.com", "psf/requests"),), ("ken",))
