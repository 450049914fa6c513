"""An exception goes only if without it nothing is let in less, on no day from today on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from trustguard.config.superseding import covers, idle
from trustguard.model.policy import Allow, Selector
from trustguard.model.project import Sha256

TODAY = date(2026, 3, 1)
A, B = Sha256("a" * 64), Sha256("b" * 64)
INDEX = "https://packages.example/simple"


def entry(project: str = "demo", version: str | None = None, **parts: Any) -> Allow:
    selector = {name: parts.pop(name) for name in ("sha256", "index") if name in parts}
    versions = None if version is None else SpecifierSet(version)
    return Allow(Selector(project, versions, **selector), "why", **parts)


@pytest.mark.parametrize(
    ("broad", "narrow"),
    [
        (entry(), entry(version="==1.0")),
        (entry(version=">=1"), entry(version="==1.1rc1")),
        (entry("de*"), entry()),
        (entry("*"), entry("de*")),
        (entry(sha256=(A, B)), entry(sha256=(A,))),
        (entry(), entry(sha256=(A,))),
        (entry(), entry(index=INDEX)),
        (entry(index=INDEX + "/"), entry(version="==1.0", index=INDEX)),
        (entry(checks=("clone", "starjacking")), entry(checks=("clone",))),
        (entry(), entry(expires=TODAY)),
        (entry(expires=TODAY + timedelta(1)), entry(expires=TODAY)),
    ],
)
def test_what_lets_in_less_is_needless_beside_what_lets_in_more(broad: Allow, narrow: Allow) -> None:
    assert (covers(broad, narrow), covers(narrow, broad)) == (True, False)
    assert list(idle([narrow, broad], TODAY)) == [(0, 1)]
    assert list(idle([broad, narrow], TODAY)) == [(1, 0)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (entry(), entry("demo-two")),
        (entry(version=">=2"), entry(version="==1.0")),
        (entry(version="<2"), entry(version=">=1,<2")),
        (entry(version="!=1.0+evil"), entry(version="==1.0")),
        (entry(version="===1.0"), entry(version="==1.0")),
        (entry(version="==1.*"), entry(version="==1.2.*")),
        (entry("d?mo"), entry("de[m]o")),
        (entry(), entry(checks=("clone",))),  # which also lets in what could not be checked for it
        (entry(), entry(checks=("known-malicious",))),
        (entry(checks=("clone",)), entry()),
        (entry(sha256=(A,)), entry()),
        (entry(index=INDEX), entry()),
        (entry(expires=TODAY), entry()),
        (entry(expires=TODAY), entry(expires=TODAY + timedelta(1))),
    ],
)
def test_what_is_not_surely_let_in_by_another_stays(one: Allow, other: Allow) -> None:
    assert not covers(one, other)
    assert (1, 0) not in list(idle([one, other], TODAY))


def test_of_two_that_say_the_same_the_earlier_stays() -> None:
    assert list(idle([entry(), entry(), entry()], TODAY)) == [(1, 0), (2, 0)]


def test_what_has_expired_goes_and_makes_nothing_needless() -> None:
    old = entry(expires=TODAY - timedelta(1))
    assert list(idle([old, entry(version="==1.0"), entry("last", expires=TODAY)], TODAY)) == [(0, None)]


digests = st.lists(st.sampled_from([A, B]), max_size=2, unique=True).map(tuple)
selectors = st.builds(
    Selector,
    st.sampled_from(["demo", "demo-x", "de*", "d?mo", "*"]),
    st.sampled_from(
        ["", "==1.0", "==1.0+l", "==1.*", ">=1", "<2", "!=1.0", "!=1.0+l", "===1.0", "==2.0rc1"]
    ).map(lambda text: SpecifierSet(text) if text else None),
    digests,
    st.sampled_from([None, INDEX, INDEX + "/", "https://other.example/simple"]),
)
checks = st.one_of(
    st.none(),
    st.lists(st.sampled_from(["clone", "known-malicious", "not-listed"]), min_size=1, max_size=2).map(tuple),
)
days = st.one_of(st.none(), st.sampled_from([TODAY + timedelta(n) for n in (-1, 0, 1)]))
allows = st.builds(lambda s, c, d: Allow(s, "why", c, d), selectors, checks, days)
CASES = [
    (canonicalize_name(project), Version(version), digest, index, check, TODAY + timedelta(later))
    for project in ("demo", "demo-x", "dxmo", "other")
    for version in ("1.0", "1.0+l", "1.1", "2.0rc1", "2.0")
    for digest in (None, A, B)
    for index in (INDEX, "https://third.example/")
    for check in ("clone", "known-malicious", "not-listed", "provenance")
    for later in (0, 1, 5)
]


def lets_in(entries: list[Allow]) -> list[bool]:
    """Which findings are excused, and which checks that could not be made: those only by who names them."""
    return [
        any(
            one.active(day)
            and one.excuses(check)
            and (found or one.checks is not None)
            and one.selector.covers(project, version, digest, index)
            for one in entries
        )
        for project, version, digest, index, check, day in CASES
        for found in (True, False)
    ]


@given(st.lists(allows, max_size=4))
def test_without_what_is_idle_exactly_as_much_is_let_in_from_today_on(entries: list[Allow]) -> None:
    gone = {number for number, _ in idle(entries, TODAY)}
    kept = [one for number, one in enumerate(entries) if number not in gone]
    assert lets_in(kept) == lets_in(entries)
    assert list(idle(kept, TODAY)) == []
