"""The same name on two indexes is found, unless something says that it is the same project."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from tests.model.samples import CLEAN, lost
from trustguard.checks import NoSettings
from trustguard.checks.dependency_confusion import check
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable, OtherIndex
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.project import IndexId

PRIVATE = IndexId("https://packages.acme.example/simple/", "private")
MIRROR = IndexId("https://mirror.example/simple/")


def on(*others: OtherIndex) -> list[Finding]:
    """What the check finds where these indexes have the name, too."""
    return found(replace(CLEAN, other_indexes=Known(others)))


def found(evidence: Evidence) -> list[Finding]:
    """What the check finds."""
    return check(evidence, NoSettings())


def test_an_unrelated_project_of_the_same_name_is_found() -> None:
    assert on(OtherIndex(PRIVATE, "unrelated")) == [
        Finding(
            "dependency-confusion",
            Severity.HIGH,
            Confidence.MEDIUM,
            "demo is on https://index.example/simple/ and on https://packages.acme.example/simple/, "
            "and nothing says that they are the same project",
            'pin the name in trustguard.toml: [[index]] url = "…", namespaces = ["demo"]',
            ("https://index.example/simple/", "https://packages.acme.example/simple/"),
        )
    ]


@pytest.mark.parametrize("relation", ["tracks", "alternate", "same-files"])
def test_the_same_project_on_another_index_is_clean(
    relation: Literal["tracks", "alternate", "same-files"],
) -> None:
    assert on(OtherIndex(MIRROR, relation)) == []


def test_a_mirror_does_not_vouch_for_a_third_index() -> None:
    (finding,) = on(OtherIndex(MIRROR, "tracks"), OtherIndex(PRIVATE, "unrelated"))
    assert finding.evidence[1] == PRIVATE.url


def test_a_name_on_one_index_alone_is_clean() -> None:
    assert on() == []
    assert found(replace(CLEAN, other_indexes=Absent())) == []
    assert found(replace(CLEAN, other_indexes=NotApplicable("a direct reference"))) == []


def test_while_an_index_does_not_answer_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no other_indexes"):
        found(lost(CLEAN, "other_indexes"))
