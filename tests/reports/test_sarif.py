"""The SARIF of a report keeps to the standard, points at the requirement, and hides nothing but paths."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.reports.samples import HOSTILE, evidence, judged, package, report, unanswered
from tests.reports.sarif_schema import is_official, validate
from tests.reports.strategies import reports
from trustguard.frontends.sarif import rules
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import CoreMetadata
from trustguard.model.finding import Severity
from trustguard.model.origins import Asked, Place
from trustguard.model.policy import Action, Allow, Selector
from trustguard.model.project import IndexId
from trustguard.model.report import Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision, Judged
from trustguard.reports.private_paths import PrivatePaths
from trustguard.reports.sarif import error_as_text, render, to_sarif
from trustguard.reports.sarif_background import Background, Rule
from trustguard.reports.sarif_parts import level_of

DEMO = canonicalize_name("demo")
RULES = (Rule("vulnerability", "A flaw is known.", "Look {here}.", "docs/checks.md#vulnerability"),)
PATHS = PrivatePaths("/home/ana/src", (("/home/ana", "~"),))
PLAIN = Background("1.2.3", RULES, paths=PATHS)


def run_of(some: Report, background: Background = PLAIN) -> Any:
    """The one run of a report's document, which keeps to the standard."""
    document = to_sarif(some, background)
    validate(document)
    return document["runs"][0]


def result_of(*grounds: Judged, background: Background = PLAIN, **parts: Any) -> Any:
    """The result of a report on one file."""
    (result,) = run_of(report(package(*grounds, **parts)), background)["results"]
    return result


def asking(*places: Place, **needs: str) -> Background:
    """A background in which these requirements were asked for."""
    described = {canonicalize_name(one): CoreMetadata(one, "1", (text,)) for one, text in needs.items()}
    return replace(PLAIN, wanted=Asked(places).wanted(described))


def test_the_schema_is_the_official_one() -> None:
    assert is_official()


def test_a_report_in_full() -> None:
    """Written by hand from the standard and the table in docs/output.md."""
    finding = judged("vulnerability", Action.WARN, "demo 1.0 has GHSA-1", "fixed in 2", evidence=("GHSA-1",))
    withheld = Withheld("other", ("3.0", "2.0"), package(judged("release-age", Action.WITHHOLD)).verdict)
    some = report(
        package(finding, installed=True),
        exit_code=10,
        withheld=(withheld,),
        outages=(Outage("forge", "no answer", ("starjacking",), 1),),
        problems=("an index did not answer",),
        missing=(Missing("reqeusts", "requests"),),
        unvetted=("old 1.0",),
    )
    asked = asking(
        Place(DEMO, "/home/ana/src/reqs/dev file.txt", 3),
        Place(canonicalize_name("reqeusts"), text="reqeusts"),
        Place(canonicalize_name("root"), "/home/ana/src/requirements.txt", 7),
        Place(canonicalize_name("old"), "/srv/else.txt", 1),
        root="other>=1",
    )
    run = run_of(some, asked)
    about_demo = {"name": "demo 1.0", "kind": "package"}
    identity = json.dumps(["vulnerability", "demo 1.0", "GHSA-1"])
    first, second, third, fourth = run["results"]
    assert first == {
        "ruleId": "vulnerability",
        "ruleIndex": 0,
        "kind": "fail",
        "level": "warning",
        "message": {"text": "demo 1.0 has GHSA-1. What to do: fixed in 2"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "reqs/dev%20file.txt", "uriBaseId": "SRCROOT"},
                    "region": {"startLine": 3},
                },
                "logicalLocations": [about_demo],
            }
        ],
        "relatedLocations": [],
        "partialFingerprints": {"trustguardFinding/v1": hashlib.sha256(identity.encode()).hexdigest()},
        "suppressions": [],
        "properties": {
            "project": "demo",
            "version": "1.0",
            "file": "demo-1.0-py3-none-any.whl",
            "sha256": "ab" * 32,
            "index": "https://index.example/simple/",
            "verdict": "warn",
            "score": package(finding).score.value,
            "approved": False,
            "installed": True,
            "severity": "high",
            "confidence": "high",
            "action": "warn",
            "evidence": ["GHSA-1"],
        },
    }
    assert (second["ruleId"], second["level"]) == ("release-age", "error")
    assert second["message"] == {"text": "other is left out of what pip is offered: seen"}
    assert second["locations"][0]["message"] == {"text": "root > other"}
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    assert second["properties"]["versions"] == ["3.0", "2.0"]
    assert (third["ruleId"], third["level"]) == ("no-such-project", "error")
    assert third["message"] == {"text": "no source has reqeusts; was requests meant?"}
    assert third["locations"] == [
        {
            "logicalLocations": [
                {"name": "reqeusts", "kind": "argument"},
                {"name": "reqeusts", "kind": "package"},
            ]
        }
    ]
    assert (fourth["ruleId"], fourth["level"]) == ("unvetted", "note")
    assert fourth["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "else.txt",
        "uriBaseId": "ELSEWHERE",
    }
    assert run["invocations"] == [
        {
            "executionSuccessful": True,
            "exitCode": 10,
            "exitCodeDescription": "blocked",
            "toolExecutionNotifications": [
                {
                    "descriptor": {"id": "unavailable", "index": 0},
                    "level": "warning",
                    "message": {"text": "could not be checked (forge): no answer"},
                    "associatedRule": {"id": "starjacking"},
                    "properties": {"source": "forge", "checks": ["starjacking"], "files": 1},
                },
                {
                    "descriptor": {"id": "problem", "index": 1},
                    "level": "warning",
                    "message": {"text": "an index did not answer"},
                },
            ],
            "properties": {"command": "install"},
        }
    ]
    assert run["tool"]["driver"]["rules"] == [
        {
            "id": "vulnerability",
            "shortDescription": {"text": "A flaw is known."},
            "help": {"text": "Look {{here}}."},
            "properties": {"page": "docs/checks.md#vulnerability"},
        }
    ]


@given(reports())
def test_every_report_is_as_the_standard_says(some: Report) -> None:
    validate(json.loads(render(some, PLAIN)))


@given(reports())
def test_the_text_is_printable_ascii_and_every_finding_is_in_it(some: Report) -> None:
    text = render(some, PLAIN)
    assert all(line.isascii() and line.isprintable() for line in text.split("\n"))
    (run,) = json.loads(text)["runs"]
    verdicts = [*(one.verdict for one in some.packages), *(one.verdict for one in some.withheld)]
    found = sum(len(verdict.findings) for verdict in verdicts)
    assert len(run["results"]) == found + len(some.missing) + len(some.unvetted)
    assert len(run["invocations"][0]["toolExecutionNotifications"]) >= len(some.problems)


@pytest.mark.parametrize(
    ("severity", "action", "excused", "level"),
    [
        (Severity.LOW, Action.BLOCK, "", "error"),
        (Severity.LOW, Action.WITHHOLD, "", "error"),
        (Severity.CRITICAL, Action.ASK, "", "warning"),
        (Severity.MEDIUM, Action.WARN, "", "warning"),
        (Severity.LOW, Action.WARN, "", "note"),
        (Severity.CRITICAL, Action.OFF, "", "none"),
        (Severity.CRITICAL, Action.OFF, "known", "error"),
        (Severity.MEDIUM, Action.ASK, "known", "warning"),
        (Severity.LOW, Action.OFF, "known", "note"),
    ],
)
def test_how_a_finding_is_to_be_taken(severity: Severity, action: Action, excused: str, level: str) -> None:
    one = judged("clone", action, excused=excused)
    assert level_of(replace(one, finding=replace(one.finding, severity=severity))) == level


def test_what_the_policy_does_nothing_about_is_no_problem() -> None:
    result = result_of(judged("direct-reference", Action.OFF))
    assert (result["kind"], result["level"]) == ("informational", "none")


def test_an_exception_is_a_suppression_with_its_reason_who_granted_it_and_until_when() -> None:
    granted = Allow(
        Selector("demo", SpecifierSet("==1.0")),
        "our own name",
        ("typosquatting",),
        date(2030, 1, 2),
        "org: ana",
    )
    others = (
        replace(granted, selector=Selector("demo", SpecifierSet("==2.0")), by="somebody else"),
        replace(granted, checks=("clone",), by="nor this one"),
    )
    background = replace(PLAIN, allow=(*others, granted))
    result = result_of(judged("typosquatting", Action.OFF, excused="our own name"), background=background)
    assert (result["kind"], result["level"]) == ("fail", "error")
    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "our own name",
            "properties": {"by": "org: ana", "expires": "2030-01-02"},
        }
    ]


@pytest.mark.parametrize(("approved", "status"), [(False, "underReview"), (True, "accepted")])
def test_an_exception_that_needs_approval_is_accepted_once_somebody_has_agreed(
    approved: bool, status: str
) -> None:
    result = result_of(judged("clone", Action.ASK, excused="perhaps"), approved=approved)
    assert [one["status"] for one in result["suppressions"]] == [status]


def test_of_a_withheld_project_the_newest_file_is_told() -> None:
    finding = judged("known-malicious", Action.WITHHOLD, "demo 1.0 is malicious", evidence=("MAL-1",))
    file = package(finding)
    some = report(withheld=(Withheld("demo", ("1.0", "0.9"), file.verdict),), exit_code=10)
    (result,) = run_of(some, replace(PLAIN, left_out=(file,)))["results"]
    assert result["properties"]["file"] == "demo-1.0-py3-none-any.whl"
    assert result["properties"]["versions"] == ["1.0", "0.9"]
    assert result["message"]["text"] == "demo is left out of what pip is offered: demo 1.0 is malicious"


def test_a_message_that_does_not_name_the_package_is_told_with_its_name() -> None:
    assert result_of(judged("startup-code", Action.WARN, "'x.pth' runs"))["message"] == {
        "text": "demo 1.0: 'x.pth' runs"
    }


def test_every_place_that_leads_there_is_told_up_to_a_bound() -> None:
    places = [Place(DEMO, "/home/ana/src/requirements.txt", number) for number in range(1, 40)]
    result = result_of(judged("clone", Action.WARN), background=asking(*places))
    lines = [one["physicalLocation"]["region"]["startLine"] for one in result["relatedLocations"]]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert lines == list(range(2, 22))


def test_where_nobody_knows_what_leads_there_the_file_is_told_and_that() -> None:
    place = Place(canonicalize_name("root"), "https://h.example/req.txt", 5)
    (location,) = result_of(judged("clone", Action.WARN), background=asking(place))["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "https://h.example/req.txt"}}
    assert location["message"] == {"text": "nothing that is known to need demo was asked for here"}


def test_the_fingerprint_is_of_the_finding_and_neither_of_its_place_nor_of_the_machine() -> None:
    def fingerprint(message: str, folder: str, **parts: Any) -> Any:
        background = replace(asking(Place(DEMO, f"{folder}/r.txt", 1)), paths=PrivatePaths(folder))
        result = result_of(judged("clone", Action.WARN, message, **parts), background=background)
        return result["partialFingerprints"]

    one = fingerprint("from file:///home/ana/src/x.whl", "/home/ana/src")
    assert one == fingerprint("from file:///home/bob/src/x.whl", "/home/bob/src")
    assert one != fingerprint("from file:///home/ana/src/y.whl", "/home/ana/src")
    advisory = fingerprint("two days old", "/home/ana/src", evidence=("GHSA-1", "CVE-1"))
    assert advisory == fingerprint("three days old", "/home/ana/src", evidence=("GHSA-1",))


@pytest.mark.parametrize(
    ("action", "exit_code", "level", "successful"),
    [
        (Action.OFF, 0, "note", True),
        (Action.WARN, 0, "warning", True),
        (Action.ASK, 11, "warning", True),
        (Action.BLOCK, 12, "error", False),
        (Action.BLOCK, 10, "error", False),
    ],
)
def test_what_could_not_be_checked_is_a_notification_and_an_error_where_the_policy_insists(
    action: Action, exit_code: int, level: str, successful: bool
) -> None:
    outage = Outage("forge", "timed out", ("clone",), 1)
    some = report(
        package(unanswered("clone", "forge", action, "timed out")), exit_code=exit_code, outages=(outage,)
    )
    (invocation,) = run_of(some)["invocations"]
    assert invocation["toolExecutionNotifications"][0]["level"] == level
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, exit_code)


def test_a_command_that_ended_before_everything_was_vetted_has_failed() -> None:
    (invocation,) = run_of(report(exit_code=1, problems=("no answer",)))["invocations"]
    assert not invocation["executionSuccessful"]
    assert [one["level"] for one in invocation["toolExecutionNotifications"]] == ["error", "error"]


def test_what_stops_a_command_is_a_run_without_results() -> None:
    error = SourceRefused("a place that cannot be vetted", hint="clone it")
    document = json.loads(error_as_text("install", 12, error, PLAIN))
    validate(document)
    (run,) = document["runs"]
    assert "results" not in run
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 12)
    assert invocation["toolExecutionNotifications"] == [
        {
            "descriptor": {"id": "stopped", "index": 2},
            "level": "error",
            "message": {"text": "a place that cannot be vetted. clone it"},
            "properties": {"reference": "source-refused"},
        }
    ]


def test_a_hostile_text_is_no_link_no_placeholder_and_no_order_to_a_terminal() -> None:
    hostile = f"demo {HOSTILE} {{0}} [click](https://evil.example) "
    some = report(package(judged("clone", Action.WARN, hostile)), problems=(hostile,), exit_code=0)
    text = render(some, PLAIN)
    assert all(line.isascii() and line.isprintable() for line in text.split("\n"))
    (run,) = json.loads(text)["runs"]
    told = [run["results"][0]["message"]["text"]]
    told += [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    for message in told:
        assert message.isprintable()
        assert "{{0}}" in message
        assert "[click] (https://evil.example)" in message


def test_no_path_of_the_machine_is_told() -> None:
    home = "/home/ana"
    local = replace(evidence(), index=IndexId(f"file://{home}/wheels/demo-1.0-py3-none-any.whl", "private"))
    finding = judged("clone", Action.ASK, f"from file://{home}/src/x.whl", excused=f"see {home}/notes")
    some = report(
        Package(local, package(finding).verdict, Decision.ASK),
        problems=(f"{home}/.local/share/trustguard/popular.txt is damaged",),
    )
    places = (
        Place(DEMO, f"{home}/src/r.txt", 1),
        Place(DEMO, f"{home}/other/r.txt", 1),
        Place(None, text=home),
    )
    assert home not in render(some, asking(*places))


def test_there_is_one_rule_for_each_check_and_the_page_that_it_names() -> None:
    ids = [rule.id for rule in rules()]
    assert len(ids) == len(set(ids))
    assert {"known-malicious", "typosquatting", "denied", "min-score", "not-listed", "stray"} <= set(ids)
    (typosquatting,) = (rule for rule in rules() if rule.id == "typosquatting")
    assert typosquatting.page == "docs/checks.md#typosquatting"
    assert typosquatting.help.startswith(typosquatting.summary)
    assert "What to do" in typosquatting.help
