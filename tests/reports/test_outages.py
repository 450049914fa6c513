"""Whatever could not be checked is said, also where the maker of the report forgot it."""

from __future__ import annotations

from tests.reports.samples import package, report, unanswered
from trustguard.model.policy import Action
from trustguard.model.report import Outage
from trustguard.reports.outages import outages

TOLD = Outage("advisories", "no database", ("known-malicious", "vulnerability"), 2)


def test_what_the_report_says_is_said_once() -> None:
    files = [package(unanswered("vulnerability", "advisories", Action.WARN)) for _ in range(2)]
    assert outages(report(*files, outages=(TOLD,))) == (TOLD,)


def test_what_only_a_verdict_says_is_said_too() -> None:
    files = [
        package(
            unanswered("provenance", "forge", Action.OFF, "timed out"),
            unanswered("clone", "forge", Action.OFF, "timed out"),
        ),
        package(unanswered("clone", "forge", Action.OFF, "timed out")),
        package(),
    ]
    assert outages(report(*files, outages=(TOLD,))) == (
        TOLD,
        Outage("forge", "timed out", ("clone", "provenance"), 2),
    )
