"""What there is instead of a project: from its name, from what it is imported as, and from its own words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from packaging.utils import NormalizedName

from tests.reports.samples import evidence, judged, package, unanswered
from trustguard.model.alternatives import (
    Alternative,
    Beside,
    Surroundings,
    alternatives,
    is_doubtful,
    may_be_impostor,
    of_missing,
)
from trustguard.model.contents import Contents
from trustguard.model.evidence import Absent, DirectReference, Known
from trustguard.model.finding import Severity
from trustguard.model.names import Kind, NameHit
from trustguard.model.own_words import OwnWords
from trustguard.model.policy import Action
from trustguard.model.report import Package

DEMO, DEMOS = NormalizedName("demo"), NormalizedName("demos")
IMPORTED = {"demo": NormalizedName("python-demo"), "cv2": NormalizedName("opencv-python")}
POPULAR = {"requests", "httpx", "attrs", "anyio"}
AROUND = Surroundings(IMPORTED.get, lambda name: name in POPULAR)
NOWHERE = Surroundings(lambda _: None, lambda name: name in POPULAR)
RENAMED = OwnWords("demo was renamed to requests")


def found(
    some: Package, words: OwnWords | None = None, around: Surroundings = NOWHERE
) -> list[tuple[str, str]]:
    """What there is instead of a file's project, and how it is related."""
    return [(one.instead, one.kind) for one in alternatives(some, words, around)]


def with_facts(some: Package, **facts: Any) -> Package:
    """The same with other evidence."""
    return replace(some, evidence=replace(some.evidence, **facts))


def hit(kind: Kind = "edit1", target: str = "demos") -> Known[NameHit]:
    """A better known name that demo may be taken for."""
    return Known(NameHit(NormalizedName(target), kind, "likely", 0.9, "one slip leads from demos to it"))


def test_nothing_is_offered_instead_of_what_nothing_is_wrong_with() -> None:
    assert found(package(), OwnWords("a demonstration"), AROUND) == []
    assert found(package(), None, AROUND) == []


def test_the_name_that_a_refused_one_is_taken_for_is_offered() -> None:
    squat = with_facts(package(judged("typosquatting", Action.BLOCK)), lookalike=hit())
    assert alternatives(squat, None, NOWHERE) == (
        Alternative(DEMO, DEMOS, "name", "one slip leads from demos to it"),
    )


def test_a_name_that_the_check_does_not_hold_against_it_offers_nothing() -> None:
    established = with_facts(package(judged("source-only", Action.ASK)), lookalike=hit())
    assert found(established) == []


def test_a_module_of_the_standard_library_is_nothing_to_install() -> None:
    squat = with_facts(package(judged("typosquatting", Action.BLOCK)), lookalike=hit("stdlib", "json"))
    assert found(squat) == []


def test_what_is_imported_by_its_name_is_offered_for_a_doubtful_one_only() -> None:
    assert found(package(judged("startup-code", Action.ASK)), None, AROUND) == [
        ("python-demo", "import-name")
    ]
    assert found(package(judged("vulnerability", Action.WARN)), None, AROUND) == []


def test_what_is_imported_by_a_name_that_it_brings_along_is_offered_too() -> None:
    some = package(judged("startup-code", Action.ASK))
    some = with_facts(some, contents=Known(Contents(top_level=("cv2", "helpers"))))
    (one,) = alternatives(some, None, replace(AROUND, imported_as={"cv2": IMPORTED["cv2"]}.get))
    assert (one.instead, one.reason) == ("opencv-python", "the popular project with the import name cv2")


def test_a_popular_project_is_no_alternative_to_itself() -> None:
    some = package(judged("startup-code", Action.ASK))
    assert found(some, None, Surroundings(lambda _: DEMO, lambda _: True)) == []


def test_the_same_project_is_offered_once_and_no_more_than_three_are() -> None:
    words = OwnWords(
        "demo is deprecated, renamed to requests, moved to httpx, replaced by attrs, moved to anyio"
    )
    assert found(package(), words) == [
        ("requests", "successor"),
        ("httpx", "successor"),
        ("anyio", "successor"),
    ]


def test_a_successor_must_be_known() -> None:
    assert found(package(), RENAMED) == [("requests", "successor")]
    assert found(package(), OwnWords("demo was renamed to nothing-like-it")) == []


def test_the_claim_of_a_successor_says_that_nobody_has_checked_it() -> None:
    (one,) = alternatives(package(), RENAMED, NOWHERE)
    assert one.reason == "demo itself says so; nobody has checked that"


@pytest.mark.parametrize(
    "ground",
    [
        judged("known-malicious", Action.WITHHOLD),
        judged("typosquatting", Action.BLOCK),
        judged("starjacking", Action.WARN),
        judged("clone", Action.OFF, excused="ours"),
        judged("provenance", Action.BLOCK),
        unanswered("known-malicious", "advisories", Action.WARN),
        unanswered("typosquatting", "upload-times", Action.WARN),
    ],
)
def test_the_words_of_who_may_be_an_impostor_count_nothing(ground: Any) -> None:
    some = package(ground)
    assert may_be_impostor(some.verdict)
    assert found(some, RENAMED) == []


def test_whatever_is_critical_makes_its_words_count_nothing() -> None:
    grave = judged("project-status", Action.WITHHOLD)
    grave = replace(grave, finding=replace(grave.finding, severity=Severity.CRITICAL))
    assert found(package(grave), RENAMED) == []


def test_a_remark_does_not_make_an_impostor() -> None:
    remark = judged("typosquatting", Action.OFF)
    remark = replace(remark, finding=replace(remark.finding, severity=Severity.INFO))
    some = package(remark, unanswered("provenance", "provenance", Action.WARN))
    assert not may_be_impostor(some.verdict)
    assert found(some, RENAMED) == [("requests", "successor")]


def test_what_is_given_up_by_its_own_words_is_doubtful_without_a_successor() -> None:
    assert found(package(), OwnWords("demo is deprecated"), AROUND) == [("python-demo", "import-name")]


@pytest.mark.parametrize(
    ("some", "doubtful"),
    [
        (package(), False),
        (package(judged("vulnerability", Action.WARN)), False),
        (package(judged("project-status", Action.WARN)), True),
        (package(judged("source-only", Action.ASK)), True),
        (package(unanswered("vulnerability", "advisories", Action.BLOCK)), False),
    ],
)
def test_what_could_not_be_vetted_is_not_the_projects_fault(some: Package, doubtful: bool) -> None:
    assert is_doubtful(some) is doubtful


def test_what_scores_below_where_nothing_is_known_is_doubtful() -> None:
    """An excused finding does not count, and one of clone, high, takes 2.5 away and holds it at 3.0."""
    low = package(judged("clone", Action.OFF))
    low = with_facts(low, rank=Absent(), history=Absent())
    assert low.score.value is not None
    assert low.score.value < 5.0
    assert is_doubtful(low)


def test_what_is_missing_may_be_called_otherwise_or_misspelt() -> None:
    assert [(one.instead, one.kind) for one in of_missing(DEMO, "demos", AROUND)] == [
        ("python-demo", "import-name"),
        ("demos", "name"),
    ]
    assert of_missing(DEMO, None, NOWHERE) == ()
    assert [one.instead for one in of_missing(DEMO, "python-demo", AROUND)] == ["python-demo"]


def test_what_was_asked_for_is_known_by_its_name_or_its_address() -> None:
    one = evidence()
    reference = Known(DirectReference("https://files.example/demo.whl", "argument", pinned=False))
    assert Beside(frozenset({DEMO})).asked_for(replace(one, direct=Absent()))
    assert not Beside().asked_for(replace(one, direct=Absent()))
    assert Beside().asked_for(replace(one, direct=reference))


def test_alternatives_are_told_with_the_project_that_they_are_for() -> None:
    one = Alternative(DEMO, DEMOS, "name", "one slip")
    assert Beside(alternatives=(one,)).instead_of("demo") == (one,)
    assert Beside(alternatives=(one,)).instead_of("other") == ()


def test_of_a_project_the_version_that_is_offered_is_told() -> None:
    beside = Beside(offered=((NormalizedName("demo"), "0.9"),))
    assert (beside.version_of("demo"), beside.version_of("other")) == ("0.9", "")
