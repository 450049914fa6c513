"""What would change a verdict is told in one line, and nothing that would not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.reports.samples import judged, package, unanswered
from tests.reports.test_check_report import plain, silent
from trustguard.model.evidence import History, Known, Unavailable
from trustguard.model.finding import Severity
from trustguard.model.policy import Action
from trustguard.model.report import Package
from trustguard.model.verdict import Judged
from trustguard.reports.changing import changes


def of_severity(one: Judged, severity: Severity) -> Judged:
    """The same finding, graver or not."""
    return replace(one, finding=replace(one.finding, severity=severity))


@pytest.mark.parametrize(
    ("some", "told"),
    [
        (package(), ""),
        (package(judged("clone", Action.ASK)), "without clone: allow, score 7.0"),
        (
            package(judged("clone", Action.BLOCK), judged("vulnerability", Action.WARN)),
            "without clone: warn, score 6.5",
        ),
        (package(judged("denied", Action.BLOCK), judged("clone", Action.BLOCK)), ""),
        (package(unanswered("starjacking", "project-api", Action.WARN)), "an answer of project-api"),
        (
            package(judged("clone", Action.ASK), unanswered("known-malicious", "advisories", Action.WARN)),
            "without clone: warn, no score; an answer of advisories",
        ),
        (package(judged("clone", Action.OFF)), "without clone: allow, score 7.0"),
        (
            package(
                of_severity(judged("known-malicious", Action.WITHHOLD), Severity.CRITICAL),
                unanswered("release-age", "upload-times", Action.WARN),
            ),
            "",
        ),
        (silent(), ""),
    ],
)
def test_what_decides_is_named_with_what_would_be_without_it(some: Package, told: str) -> None:
    """Of the most popular project 5.0 and 2.0 are 7.0; a copy holds it at 3.0, a flaw takes 0.5."""
    assert changes(plain(some) if some.evidence.rank != Known(1) else some) == told


def test_a_score_below_the_rule_is_lifted_by_what_holds_it_down() -> None:
    """4.5 and a ceiling of 3.0: without the copy, which by itself is only told, it would be 7.0."""
    low = plain(package(judged("min-score", Action.BLOCK), judged("clone", Action.WARN)))
    assert changes(low) == "without clone: allow, score 7.0"


def young(days: int, *grounds: Judged) -> Package:
    """A file of a project of that age that nobody knows."""
    some = plain(package(*grounds))
    history: Any = Known(History(some.evidence.at - timedelta(days=days), 1))
    return replace(some, evidence=replace(some.evidence, rank=Known(90_000), history=history))


def test_youth_passes_by_itself() -> None:
    """docs/score.md: before day 90 a project is young."""
    assert changes(young(5)) == "time: youth counts for 90 days"
    assert changes(young(100)) == ""
    unknown = replace(young(5).evidence, history=Unavailable("upload-times", "none"))
    assert changes(replace(young(5), evidence=unknown)) == ""


def test_another_version_comes_first_and_an_exception_last() -> None:
    refused = plain(package(judged("clone", Action.ASK)))
    assert changes(refused, "0.9", excepted=True) == (
        "another version: 0.9; without clone: allow, score 7.0; an exception, as below"
    )
    let_in = plain(package(judged("clone", Action.WARN)))
    assert "another version" not in changes(let_in, "0.9")
    grave = plain(package(of_severity(judged("clone", Action.BLOCK), Severity.CRITICAL)))
    assert changes(grave, excepted=True) == ""
    assert changes(grave, "0.9", excepted=True) == "another version: 0.9; an exception, as below"


def test_a_version_is_shown_without_power() -> None:
    refused = plain(package(judged("clone", Action.ASK)))
    assert "\x1b" not in changes(refused, "\x1b[2J")
