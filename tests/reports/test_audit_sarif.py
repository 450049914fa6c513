"""The SARIF of an audit keeps to the standard, and says everything that the audit has found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.model.test_audit import DATA, NOW
from tests.reports.samples import judged, unanswered
from tests.reports.sarif_schema import validate
from tests.reports.test_audit_report import audits
from trustguard.model.audit import Audit, Audited, Comparison, Deviation, Stray
from trustguard.model.policy import Action
from trustguard.model.verdict import Verdict
from trustguard.reports.audit_sarif import render, to_sarif
from trustguard.reports.private_paths import PrivatePaths
from trustguard.reports.sarif_background import Background

SITE = "/env/lib/site-packages"
PLAIN = Background("1.2.3", paths=PrivatePaths("/home/ana/src", ((SITE, "site-packages"),)))
FLAW = judged("vulnerability", Action.WARN, "demo 1.0 has GHSA-1", evidence=("GHSA-1",))


def run_of(*distributions: Audited, **parts: Any) -> Any:
    """The run of an audit that has found these; it keeps to the standard."""
    found = Audit("/env/bin/python", (SITE,), NOW, distributions, **{"advisories": DATA, **parts})
    document = to_sarif(found, PLAIN)
    validate(document)
    assert "/env" not in json.dumps(document)
    return document["runs"][0]


def distribution(*findings: Any, **parts: Any) -> Audited:
    verdict = Verdict(findings)
    rest = {"origin": "vetted", "verdict": verdict, **parts}
    return Audited("demo", "1.0", f"{SITE}/demo-1.0.dist-info", **rest)


def told(run: Any) -> list[tuple[str, str, str]]:
    """Rule, level and text of each result."""
    return [(one["ruleId"], one["level"], one["message"]["text"]) for one in run["results"]]


@given(audits)
def test_every_audit_is_as_the_standard_says_and_printable_ascii(found: Audit) -> None:
    text = render(found, PLAIN)
    assert all(line.isascii() and line.isprintable() for line in text.split("\n"))
    validate(json.loads(text))


def test_a_finding_is_told_at_the_place_of_the_distribution() -> None:
    (result,) = run_of(distribution(FLAW, fixed="1.5", by_evidence=True))["results"]
    assert result["message"] == {"text": "demo 1.0 has GHSA-1 (fixed in 1.5)"}
    assert result["level"] == "warning"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "demo-1.0.dist-info", "uriBaseId": "SITEPACKAGES"}
            },
            "logicalLocations": [{"name": "demo 1.0", "kind": "package"}],
        }
    ]
    assert result["properties"] == {
        "project": "demo",
        "version": "1.0",
        "verdict": "warn",
        "origin": "vetted",
        "severity": "high",
        "confidence": "high",
        "action": "warn",
        "evidence": ["GHSA-1"],
        "approved": False,
        "byEvidence": True,
    }


def test_a_file_that_is_not_as_it_was_installed_is_an_error_at_that_file() -> None:
    deviations = (Deviation("changed", "demo/my file.py"), Deviation("added", "demo/more.py"))
    run = run_of(distribution(comparison=Comparison(deviations)))
    assert told(run) == [
        ("installed-files", "error", "demo 1.0: demo/my file.py is not what was installed"),
        ("installed-files", "error", "demo 1.0: demo/more.py can be imported, and nobody has installed it"),
    ]
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "demo/my%20file.py", "uriBaseId": "SITEPACKAGES"}


def test_of_more_than_a_thousand_deviations_the_number_is_told() -> None:
    deviations = tuple(Deviation("missing", f"demo/{number}.py") for number in range(1003))
    found = told(run_of(distribution(comparison=Comparison(deviations))))
    assert len(found) == 1001
    assert found[-1][2] == "demo 1.0: 3 more files are not as they were installed"


@pytest.mark.parametrize(("required", "level"), [(False, "note"), (True, "warning")])
def test_what_was_never_vetted_is_told(required: bool, level: str) -> None:
    run = run_of(distribution(origin="replaced", remark="the ledger knows 0.9"), require_vetted=required)
    assert told(run) == [("never-vetted", level, "demo 1.0 was never vetted: the ledger knows 0.9")]


def test_what_belongs_to_nothing_is_told_and_worse_where_it_runs_by_itself() -> None:
    run = run_of(strays=(Stray("odd.py"), Stray("odd.pth", start_up=True, code="import os")))
    assert told(run) == [
        ("stray", "note", "odd.py belongs to nothing that is installed"),
        ("stray", "warning", "odd.pth belongs to nothing that is installed, and runs whenever Python starts"),
    ]


def test_what_could_not_be_looked_at_makes_the_run_a_failed_one() -> None:
    unreadable = distribution(origin="unreadable", remark="METADATA has no version", verdict=None)
    run = run_of(unreadable, advisories=None, problems=(f"{SITE} is odd",))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 12)
    texts = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert texts == [
        "there is no advisory data: run trustguard update",
        "demo 1.0 cannot be read: METADATA has no version",
        "site-packages is odd",
    ]


def test_a_check_that_could_not_be_made_is_told_once_for_all_distributions() -> None:
    missing = Verdict((), (unanswered("clone", "forge", Action.WARN),))
    run = run_of(distribution(verdict=missing), distribution(verdict=missing))
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["level"] == "warning"
    assert notification["associatedRule"] == {"id": "clone"}
