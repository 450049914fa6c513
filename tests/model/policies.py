"""Policies of every shape that the model allows, for property tests."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import get_args

from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from tests.model.strategies import digests, names, sources, texts
from trustguard.checks import discover
from trustguard.model.policy import (
    DENIED,
    NOT_LISTED,
    PROFILES,
    Action,
    Allow,
    CheckPolicy,
    Deny,
    OnUnavailable,
    Policy,
    Selector,
    Unknown,
)

check_ids = st.sampled_from(sorted(discover()))
globs = st.one_of(st.just("*"), names, names.map(lambda name: f"{name[0]}*"))
selectors = st.builds(
    Selector,
    project=globs,
    version=st.none() | st.sampled_from([SpecifierSet(">=1"), SpecifierSet("<2"), SpecifierSet("==1.0")]),
    sha256=st.just(()) | st.tuples(digests),
    index=st.none() | texts,
)
excused = st.none() | st.lists(
    st.sampled_from([*discover(), NOT_LISTED, DENIED]), min_size=1, max_size=3, unique=True
).map(tuple)


def allows(needs_approval: st.SearchStrategy[bool]) -> st.SearchStrategy[tuple[Allow, ...]]:
    """A few exceptions."""
    one = st.builds(
        Allow,
        selector=selectors,
        reason=texts,
        checks=excused,
        expires=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        needs_approval=needs_approval,
    )
    return st.lists(one, max_size=3).map(tuple)


denials = st.lists(st.builds(Deny, selector=selectors, reason=texts), max_size=2).map(tuple)
check_policies = st.dictionaries(
    check_ids,
    st.builds(
        CheckPolicy,
        action=st.none() | st.sampled_from(Action),
        exempt=st.lists(globs, max_size=1).map(tuple),
    ),
    max_size=3,
).map(MappingProxyType)
policies = st.builds(
    Policy,
    profile=st.sampled_from(PROFILES),
    unknown=st.sampled_from(get_args(Unknown)),
    checks=check_policies,
    allow=allows(st.booleans()),
    deny=denials,
    on_unavailable=st.dictionaries(sources, st.sampled_from(get_args(OnUnavailable))).map(MappingProxyType),
)
