"""Nothing that is near is passed by: what the look-ups find is what comparing with every name would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from trustguard.sources.names.index import Candidate, Index

NAMES = (
    *("requests", "colorama", "python-nmap", "fake-useragent", "beautifulsoup4", "ab", "abc", "abca", "pip"),
    *("bacab", "cabab", "aabbcc", "html5lib", "kafka-python", "eth-account"),
)
INDEX = Index({name: rank for rank, name in enumerate(NAMES, start=1)}, frozenset(NAMES))
texts = st.text(alphabet="abc-", min_size=1, max_size=8)


def found(name: str) -> set[tuple[str, str]]:
    """The candidates for a name, with their kinds."""
    return {(one.target, one.kind) for one in INDEX.candidates(name)}


@given(texts)
def test_every_name_one_slip_away_is_found_and_no_other(name: str) -> None:
    near = {target for target in NAMES if OSA.distance(name, target) <= 1}
    assert {target for target, kind in found(name) if kind == "edit1"} == near


@given(st.text(alphabet="abc-", min_size=5, max_size=8))
def test_every_name_two_slips_away_is_found_where_both_are_long_enough(name: str) -> None:
    near = {target for target in NAMES if OSA.distance(name, target) == 2 and len(target) >= 5}
    assert {target for target, kind in found(name) if kind == "edit2"} == near


@pytest.mark.parametrize(
    ("name", "target", "kind"),
    [
        ("reqeusts", "requests", "edit1"),
        ("erquests", "requests", "edit1"),
        ("requetss", "requests", "edit1"),
        ("reqqueests", "requests", "edit2"),
        ("co1orama", "colorama", "lookalike"),
        ("co1ora-rna", "colorama", "lookalike"),
        ("fakeuseragent", "fake-useragent", "separator"),
        ("fakeuseragent2", "fake-useragent", "separator"),
        ("nmap-python", "python-nmap", "order"),
        ("libhtml5", "html5lib", "prefix"),
        ("pythonkafka", "kafka-python", "prefix"),
        ("requests9", "requests", "digits"),
        ("requests-py", "requests", "affix"),
        ("my-eth-account-x", "eth-account", "affix"),
        ("coloramapkgs", "colorama", "glued"),
        ("instarequests", "requests", "glued"),
    ],
)
def test_each_kind_of_resemblance_is_found(name: str, target: str, kind: str) -> None:
    assert (target, kind) in found(name)


def test_what_stands_around_a_contained_name_is_told() -> None:
    assert Candidate("eth-account", "affix", "my", "x-y") in set(INDEX.candidates("my-eth-account-x-y"))
    assert Candidate("requests", "glued", "insta", "") in set(INDEX.candidates("instarequests"))


def test_only_what_may_be_contained_is_looked_for_within_longer_names() -> None:
    index = Index({"requests": 1, "colorama": 2}, frozenset({"requests"}))
    assert {one.target for one in index.candidates("colorama-requests")} == {"requests"}
