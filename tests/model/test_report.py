"""What is told about a run keeps to the published forms."""

from __future__ import annotations

from dataclasses import fields

from tests.model.samples import CLEAN
from trustguard.model.report import LedgerEntry, Package, Report
from trustguard.model.verdict import Decision, Verdict


def test_a_line_of_the_ledger_has_its_columns_in_the_published_order() -> None:
    """DESIGN, section 3: the columns of the ledger."""
    assert [part.name for part in fields(LedgerEntry)] == [
        "distribution",
        "version",
        "decision",
        "score",
        "sha256",
        "file",
        "index",
        "time",
        "policy",
        "evidence",
        "imports",
    ]


def test_nothing_counts_as_approved_or_installed_until_somebody_says_so() -> None:
    package = Package(CLEAN, Verdict(), Decision.ALLOW)
    assert not package.approved
    assert not package.installed


def test_a_report_of_nothing_hides_nothing() -> None:
    report = Report("install", Decision.ALLOW, 0, ())
    assert [*report.withheld, *report.outages, *report.unvetted, *report.problems] == []
