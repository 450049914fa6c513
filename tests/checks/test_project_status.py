"""What the index says of a project (PEP 792) and of a file (PEP 592) is passed on, by its weight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.samples import CLEAN, lost
from trustguard.checks import NoSettings
from trustguard.checks.project_status import check
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.project import ProjectStatus, StatusMarker


def found(evidence: Evidence) -> list[Finding]:
    """What the check finds."""
    return check(evidence, NoSettings())


def of_status(marker: StatusMarker, reason: str = "") -> list[Finding]:
    """What the check finds where the index states this status."""
    return found(replace(CLEAN, status=Known(ProjectStatus(marker, reason))))


def yanked(reason: str) -> Evidence:
    """A file that was taken back."""
    return replace(CLEAN, file=replace(CLEAN.file, yanked=reason))


def test_a_quarantined_project_is_suspect_to_its_own_index() -> None:
    assert of_status("quarantined", "malware reported") == [
        Finding(
            "project-status",
            Severity.CRITICAL,
            Confidence.HIGH,
            "demo is quarantined on https://index.example/simple/: malware reported",
            "do not install it before the index has cleared it",
        )
    ]


@pytest.mark.parametrize(
    ("marker", "severity"), [("archived", Severity.LOW), ("deprecated", Severity.MEDIUM)]
)
def test_a_project_that_gets_no_fixes_is_told_and_no_more(marker: StatusMarker, severity: Severity) -> None:
    (finding,) = of_status(marker)
    assert finding.severity is severity
    assert finding.message == f"demo is {marker} on https://index.example/simple/"
    assert finding.remedy == "it gets no fixes: look for a successor"


@pytest.mark.parametrize(("reason", "told"), [("", ""), ("breaks Windows", ": breaks Windows")])
def test_a_yanked_file_is_found_with_or_without_a_reason(reason: str, told: str) -> None:
    """PEP 592: the attribute may be there without a value, and the file is yanked all the same."""
    assert found(yanked(reason)) == [
        Finding(
            "project-status",
            Severity.HIGH,
            Confidence.HIGH,
            f"demo 1.0 was yanked by its maintainers{told}",
            "ask for another version",
        )
    ]


def test_a_yanked_file_of_an_archived_project_is_both() -> None:
    evidence = replace(yanked(""), status=Known(ProjectStatus("archived")))
    assert [finding.severity for finding in found(evidence)] == [Severity.LOW, Severity.HIGH]


@pytest.mark.parametrize("status", [Known(ProjectStatus("active")), Absent(), NotApplicable("no page")])
def test_an_active_project_is_clean_whether_or_not_its_index_says_so(status: Known[ProjectStatus]) -> None:
    """PEP 792: where no status is stated, the project counts as active."""
    assert found(replace(CLEAN, status=status)) == []


def test_without_a_status_to_read_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no status"):
        found(lost(CLEAN, "status"))
