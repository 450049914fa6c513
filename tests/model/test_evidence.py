"""A fact that nobody could say never reads like one that was answered."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from typing import Any, get_args

import pytest
from packaging.version import Version

from tests.model.samples import CLEAN, SOURCE_OF, fact_names
from trustguard.model.claims import Claims
from trustguard.model.evidence import (
    NO_COUNTERPART,
    Absent,
    Evidence,
    Inconclusive,
    Known,
    NotApplicable,
    SourceName,
    Unavailable,
    not_looked_at,
    read,
)
from trustguard.model.policy import DEFAULT_ON_UNAVAILABLE
from trustguard.model.project import FileName


@pytest.mark.parametrize("value", ["text", 0, "", (), False])
def test_a_known_fact_reads_as_its_value_also_where_that_is_empty(value: object) -> None:
    assert read(Known(value)) == value


@pytest.mark.parametrize("fact", [Absent(), NotApplicable("it is built already")])
def test_what_is_not_there_or_does_not_arise_reads_as_none(fact: Any) -> None:
    assert read(fact) is None


def test_an_unavailable_fact_cannot_be_read() -> None:
    fact = Unavailable("index", "no answer in 15 s")
    with pytest.raises(Inconclusive, match="no answer in 15 s") as caught:
        read(fact)
    assert caught.value.fact is fact


def test_evidence_names_its_project_and_version() -> None:
    assert (CLEAN.project, CLEAN.version) == ("demo", Version("1.0"))


def test_evidence_cannot_be_changed() -> None:
    changed: Any = CLEAN
    with pytest.raises(FrozenInstanceError):
        changed.status = Absent()


def test_before_the_bytes_are_fetched_nothing_is_said_about_them() -> None:
    later = {*_OF_THE_BYTES, "lookalike", "history", "rank"}
    listing = {p.name: getattr(CLEAN, p.name) for p in fields(Evidence) if p.name not in later}
    bare = Evidence(**listing)
    assert all(isinstance(getattr(bare, name), NotApplicable) for name in later)


_OF_THE_BYTES = {"sha256", "announced_metadata", "metadata", "build_requires", "build", "contents"}


def test_what_nobody_has_looked_at_is_told_from_what_does_not_arise() -> None:
    """Of a wheel that was not fetched nothing is known that stands in it, and there is nothing to build."""
    listing = {
        p.name: getattr(CLEAN, p.name)
        for p in fields(Evidence)
        if p.name not in {*_OF_THE_BYTES, "claims", "counterpart"}
    }
    assert not_looked_at(Evidence(**listing)) >= {
        *("sha256", "announced_metadata", "metadata", "contents", "claims", "counterpart")
    }
    assert not_looked_at(Evidence(**listing)).isdisjoint({"build", "build_requires", "advisories", "direct"})
    sdist = replace(CLEAN.file, name=FileName.parse("demo-1.0.tar.gz"))
    assert not_looked_at(Evidence(**{**listing, "file": sdist})) >= {"build", "build_requires"}
    seen = replace(CLEAN, claims=Known(Claims()), counterpart=NO_COUNTERPART, direct=NotApplicable("no"))
    assert not_looked_at(seen).isdisjoint({"counterpart", "direct", "contents"})


def test_there_is_a_default_for_the_outage_of_every_source() -> None:
    assert DEFAULT_ON_UNAVAILABLE.keys() == set(get_args(SourceName))


def test_the_tests_know_the_source_of_every_fact() -> None:
    assert SOURCE_OF.keys() == fact_names()
