"""What has to be built is told with what would be run, and asked about where nothing speaks for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.model.samples import AT, CLEAN, lost
from trustguard.checks.source_only import Settings, check
from trustguard.judging import vet
from trustguard.model.build import Build
from trustguard.model.evidence import (
    Absent,
    DirectReference,
    Evidence,
    History,
    Inconclusive,
    Known,
    NotApplicable,
)
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action, CheckPolicy, Policy, Profile
from trustguard.model.project import FileName, IndexId

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
YEAR = 365 * DAY
SDIST = replace(
    CLEAN,
    file=replace(CLEAN.file, name=FileName.parse("demo-1.0.tar.gz")),
    build_requires=Absent(),
    build=Known(Build(setup_py=True)),
    rank=Absent(),
    history=Known(History(AT - 3 * DAY, 1)),
)
"""A new project with nothing but a ``setup.py``."""


def the_one(evidence: Evidence, settings: Settings | None = None) -> Finding:
    """The one finding that there is."""
    (finding,) = check(evidence, settings or Settings())
    return finding


def test_what_would_be_run_is_told_with_what_speaks_for_nothing() -> None:
    assert the_one(SDIST) == Finding(
        "source-only",
        Severity.MEDIUM,
        Confidence.HIGH,
        "demo-1.0.tar.gz has to be built, by its setup.py, with setuptools, which is assumed where nothing "
        "is named; the project is not among the most downloaded ones, its first file is 3 days old, and it "
        "has 1 release",
        "take a version that has a wheel, or read what would be run",
        ("its setup.py",),
    )


def test_what_is_built_already_or_not_fetched_yet_is_clean() -> None:
    for state in (NotApplicable("it is built already"), NotApplicable("the file has not been fetched")):
        assert check(replace(SDIST, build=state), Settings()) == []


@pytest.mark.parametrize("fact", ["build", "build_requires", "direct", "rank", "history"])
def test_where_somebody_could_not_say_the_check_is_inconclusive(fact: str) -> None:
    with pytest.raises(Inconclusive):
        check(lost(SDIST, fact), Settings())


@pytest.mark.parametrize(
    ("build", "requires", "told"),
    [
        (Build(), None, "by setuptools, with setuptools, which is assumed where nothing is named;"),
        (Build(setup_py=True), ("setuptools>=40",), "by its setup.py, with setuptools>=40;"),
        (Build("setuptools.build_meta", setup_py=True), ("cython",), "by its setup.py, with cython;"),
        (Build("setuptools.build_meta"), (), "by setuptools.build_meta, with nothing else;"),
        (
            Build("hatchling.build", setup_py=True),
            ("hatchling", "x"),
            "by hatchling.build, with hatchling, x;",
        ),
        (Build("own", in_tree=True, setup_py=True), (), "by own, a backend of its own, with nothing else;"),
        (Build("setuptools_scm"), ("a", "b", "c", "d", "e"), "by setuptools_scm, with a, b, c, d, e;"),
        (Build("b"), ("a", "b", "c", "d", "e", "f", "g"), "by b, with a, b, c, d, e and 2 more;"),
        (Build("b" * 81), ("c" * 80,), f"by {'b' * 79}…, with {'c' * 80};"),
    ],
)
def test_who_builds_and_with_what_is_told(build: Build, requires: Any, told: str) -> None:
    facts: Any = {"build": Known(build), "build_requires": Absent() if requires is None else Known(requires)}
    finding = the_one(replace(SDIST, **facts))
    assert f"demo-1.0.tar.gz has to be built, {told}" in finding.message
    assert finding.evidence[1:] == (requires or ())


@pytest.mark.parametrize(
    ("age", "releases", "expected"),
    [
        (YEAR - SECOND, 5, Severity.MEDIUM),
        (YEAR, 4, Severity.MEDIUM),
        (YEAR, 5, Severity.LOW),
        (-DAY, 50, Severity.MEDIUM),
    ],
)
def test_age_with_many_releases_speaks_for_a_project(
    age: timedelta, releases: int, expected: Severity
) -> None:
    finding = the_one(replace(SDIST, history=Known(History(AT - age, releases))))
    assert finding.severity is expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [(3 * YEAR, Severity.LOW), (3 * YEAR - SECOND, Severity.MEDIUM), (-DAY, Severity.MEDIUM)],
)
def test_a_file_that_has_been_there_for_years_needs_no_releases_beside_it(
    age: timedelta, expected: Severity
) -> None:
    evidence = replace(SDIST, upload_time=Known(AT - age), history=Known(History(AT - 17 * YEAR, 1)))
    finding = the_one(evidence)
    assert finding.severity is expected
    assert finding.message.endswith("; the file has been there for 1095 days") is (expected is Severity.LOW)
    assert the_one(lost(evidence, "upload_time")).severity is Severity.MEDIUM
    assert the_one(evidence, Settings(established=2 * YEAR)).severity is Severity.MEDIUM


def test_what_is_established_can_be_set() -> None:
    settings = Settings(established=2 * DAY, releases=1)
    finding = the_one(SDIST, settings)
    assert finding.severity is Severity.LOW
    assert finding.message.endswith("; the project is 3 days old and has 1 releases")


def test_a_project_that_many_download_is_told_and_no_more() -> None:
    finding = the_one(replace(SDIST, rank=Known(70)))
    assert finding.severity is Severity.LOW
    assert finding.message.endswith("; the project is number 70 of the most downloaded ones")


def test_a_project_of_which_nothing_is_known_is_asked_about() -> None:
    finding = the_one(replace(SDIST, history=Absent()))
    assert finding.severity is Severity.MEDIUM
    assert finding.message.endswith("; nothing is known of the project's past")


def test_what_the_user_named_or_has_at_home_is_not_asked_about() -> None:
    reference = DirectReference("file:///demo-1.0.tar.gz", "argument", pinned=False)
    direct = the_one(replace(SDIST, direct=Known(reference)))
    private = the_one(replace(SDIST, index=IndexId(SDIST.index.url, "private")))
    assert [direct.severity, private.severity] == [Severity.INFO, Severity.INFO]


@pytest.mark.parametrize(
    ("profile", "unknown", "popular"),
    [
        ("relaxed", Action.WARN, Action.OFF),
        ("balanced", Action.ASK, Action.WARN),
        ("strict", Action.ASK, Action.WARN),
    ],
)
def test_what_each_profile_does_with_an_unknown_project_and_with_a_popular_one(
    profile: Profile, unknown: Action, popular: Action
) -> None:
    policy = Policy(profile=profile)
    assert vet(SDIST, policy).action is unknown
    old = Known(History(AT - 900 * DAY, 1))
    assert vet(replace(SDIST, rank=Known(1), history=old), policy).action is popular


def test_a_policy_for_one_project_or_for_all_of_them_holds() -> None:
    exempt = Policy(checks={"source-only": CheckPolicy(exempt=("dem*",))})
    never = Policy(checks={"source-only": CheckPolicy(action=Action.BLOCK)})
    assert vet(SDIST, exempt).action is Action.OFF
    assert vet(SDIST, never).refused
    assert not vet(CLEAN, never).refused
