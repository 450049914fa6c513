"""Slips cost what they are worth: what a hand or an eye does easily costs less."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from trustguard.sources.names.edits import ALIKE, ANY, NEXT_KEY, REPEAT, SWAP, cost, trimmed

names = st.text(alphabet="abcny-1l", max_size=9)


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("requests", "requests", 0.0),
        ("reqeusts", "requests", SWAP),
        ("requuests", "requests", REPEAT),
        ("requets", "requests", ANY),
        ("coffe", "coffee", REPEAT),
        ("rwquests", "requests", NEXT_KEY),
        ("requezts", "requests", ALIKE),
        ("reque5ts", "requests", ALIKE),
        ("rfquests", "requests", ANY),
        ("", "ab", 2 * ANY),
    ],
)
def test_a_slip_costs_by_its_kind(name: str, target: str, expected: float) -> None:
    assert cost(name, target) == expected


@given(names, names)
def test_the_cost_is_never_more_than_the_number_of_slips_and_nothing_only_for_the_same(
    a: str, b: str
) -> None:
    assert REPEAT * (a != b) <= cost(a, b) <= OSA.distance(a, b) + 1e-9
    assert (cost(a, b) == 0) == (a == b)


@given(names, names)
def test_what_is_trimmed_is_put_together_again(a: str, b: str) -> None:
    start, left, right = trimmed(a, b)
    end = len(a) - start - len(left)
    assert a[:start] + left + a[len(a) - end :] == a
    assert a[:start] + right + a[len(a) - end :] == b
