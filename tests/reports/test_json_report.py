"""The JSON of a report keeps to its published schema and hides nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError
from packaging.utils import NormalizedName

from tests.reports.samples import HOSTILE, judged, package, report, unanswered
from tests.reports.strategies import OWN_FORMS, reports
from trustguard.model.alternatives import Alternative, Beside
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import SourceName
from trustguard.model.finding import Confidence, Severity
from trustguard.model.policy import Action
from trustguard.model.report import Missing, Outage, Report, Withheld
from trustguard.model.score import Ceiling, Score, Term
from trustguard.model.score_weights import Group
from trustguard.model.verdict import Decision
from trustguard.reports.json_report import derivation, error_as_text, render, to_json

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
DEMO = NormalizedName("demo")
REPORT = Draft202012Validator({"$ref": "#/$defs/report", "$defs": SCHEMA["$defs"]})


def test_the_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_lets_nothing_pass_that_it_does_not_name() -> None:
    def objects(part: Any) -> list[dict[str, Any]]:
        if isinstance(part, list):
            return [found for item in part for found in objects(item)]
        if not isinstance(part, dict):
            return []
        mine = [part] if part.get("type") == "object" else []
        return mine + [found for item in part.values() for found in objects(item)]

    found = objects(SCHEMA)
    assert len(found) == 59
    for part in found:
        assert part["additionalProperties"] is False
        assert sorted(part["required"]) == sorted(part["properties"])


def test_the_schema_knows_the_words_of_the_model() -> None:
    defs = SCHEMA["$defs"]
    assert defs["verdict"]["enum"] == [decision.value for decision in Decision]
    assert defs["action"]["enum"] == [action.name.lower() for action in Action]
    assert defs["source"]["enum"] == list(get_args(SourceName))
    finding = defs["finding"]["properties"]
    assert finding["severity"]["enum"] == [severity.name.lower() for severity in Severity]
    assert finding["confidence"]["enum"] == [confidence.name.lower() for confidence in Confidence]


@given(reports())
def test_every_report_is_as_the_schema_says(some: Report) -> None:
    VALIDATOR.validate(json.loads(render(some)))


@given(reports())
def test_the_text_is_printable_ascii_and_says_what_the_object_says(some: Report) -> None:
    text = render(some)
    assert all(line.isascii() and line.isprintable() for line in text.split("\n"))
    assert json.loads(text) == to_json(some)


def test_another_key_is_against_the_schema() -> None:
    VALIDATOR.validate(to_json(report()))
    with pytest.raises(ValidationError):
        VALIDATOR.validate({**to_json(report()), "extra": 1})
    with pytest.raises(ValidationError, match="'extra' was unexpected"):
        REPORT.validate({**to_json(report()), "extra": 1})


@pytest.mark.parametrize("command", sorted(OWN_FORMS))
def test_a_report_is_never_taken_for_that_of_a_command_with_a_form_of_its_own(command: str) -> None:
    assert not VALIDATOR.is_valid(to_json(report(command=command)))


def test_a_derivation_in_full_adds_up_and_says_what_binds() -> None:
    """5.0 - 2.5 + 0.4 - 0.311 + 2.0 is 4.589, and the ceiling lets it be 3.0 at most."""
    terms = (
        Term("source", "clone", -2.5, "it has copied a page"),
        Term("adoption", "popular", 2.0, "many would have noticed"),
        Term("source", "proven-source", 0.4, "it is from there"),
        Term("history", "youth", -1 + 62 / 90, "the project is 62 days old"),
    )
    groups: tuple[tuple[Group, float], ...] = (("source", -2.1), ("history", -1 + 62 / 90), ("adoption", 2.0))
    ceilings = (Ceiling(3.0, "clone", "a copy"), Ceiling(7.0, "vulnerability", "a flaw"))
    score = Score(3.0, 1, terms, groups, ceilings, (), ("starjacking",), ("age",), 3.0)
    assert derivation(score) == {
        "model": 1,
        "start": 5.0,
        "sum": 4.589,
        "groups": [
            {"group": "source", "points": -2.1},
            {"group": "history", "points": -0.311},
            {"group": "adoption", "points": 2.0},
        ],
        "terms": [
            {"group": group, "id": id_, "points": points, "forgeable": False, "reason": reason}
            for group, id_, points, reason in (
                ("source", "clone", -2.5, "it has copied a page"),
                ("adoption", "popular", 2.0, "many would have noticed"),
                ("source", "proven-source", 0.4, "it is from there"),
                ("history", "youth", -0.311, "the project is 62 days old"),
            )
        ],
        "ceilings": [
            {"most": 3.0, "id": "clone", "binds": True, "reason": "a copy"},
            {"most": 7.0, "id": "vulnerability", "binds": False, "reason": "a flaw"},
        ],
        "blockers": [],
        "missing": ["starjacking"],
        "unknown": ["age"],
    }


@pytest.mark.parametrize(
    ("found", "exit_code", "verdict"),
    [
        (None, 0, "allow"),
        (None, 1, None),
        (None, 2, None),
        (None, 137, None),
        (None, 10, "block"),
        (None, 11, "ask"),
        (None, 12, "block"),
        (Action.WARN, 0, "warn"),
        (Action.WARN, 1, None),
        (Action.WARN, 12, "block"),
        (Action.ASK, 12, "block"),
        (Action.ASK, 1, "ask"),
        (Action.BLOCK, 0, "block"),
        (Action.BLOCK, 1, "block"),
    ],
)
def test_no_verdict_says_allow_of_a_run_that_did_not_come_to_its_end(
    found: Action | None, exit_code: int, verdict: str | None
) -> None:
    """docs/output.md: 10 is blocked, 11 needs approval, 12 could not be vetted; else the rest is unknown."""
    packages = [] if found is None else [package(judged("clone", found))]
    told = to_json(report(*packages, exit_code=exit_code, command="check"))
    assert told["verdict"] == verdict
    VALIDATOR.validate(told)


@given(reports())
def test_a_verdict_that_lets_in_stands_beside_no_other_exit_code_than_0(some: Report) -> None:
    assert to_json(some)["verdict"] not in {"allow", "warn"} or some.exit_code == 0


def test_a_report_in_full() -> None:
    finding = judged("vulnerability", Action.WARN, "has GHSA-1", "fixed in 2", evidence=("GHSA-1",))
    excused = judged("typosquatting", Action.OFF, "like demos", excused="our own name")
    one = package(finding, excused, unanswered("clone", "forge", Action.OFF), installed=True)
    withheld = Withheld("demo", ("3.0", "2.0"), package(judged("release-age", Action.WITHHOLD)).verdict)
    assert to_json(
        report(
            one,
            withheld=(withheld,),
            outages=(Outage("forge", "no answer", ("clone",), 1),),
            unvetted=("old 1.0",),
            problems=("an index did not answer",),
            message="ask us",
            missing=(Missing("reqeusts", "requests"), Missing("nothing-like-it")),
            unreached=("other",),
        ),
        Beside(frozenset({DEMO}), (Alternative(DEMO, NormalizedName("demos"), "name", "one slip"),)),
    ) == {
        "schema": "trustguard/1",
        "command": "install",
        "verdict": "warn",
        "exit_code": 0,
        "packages": [
            {
                "project": "demo",
                "version": "1.0",
                "file": "demo-1.0-py3-none-any.whl",
                "sha256": "ab" * 32,
                "index": "https://index.example/simple/",
                "verdict": "warn",
                "requested": True,
                "approved": False,
                "installed": True,
                "score": one.score.value,
                "derivation": derivation(one.score),
                "coverage": {
                    "checked": ["release-age"],
                    "not_applicable": [],
                    "not_looked_at": [],
                    "exempt": [],
                    "unavailable": [
                        {"check": "clone", "source": "forge", "reason": "no answer", "action": "off"}
                    ],
                },
                "findings": [
                    {
                        "check": "vulnerability",
                        "severity": "high",
                        "confidence": "high",
                        "action": "warn",
                        "excused": "",
                        "message": "has GHSA-1",
                        "remedy": "fixed in 2",
                        "evidence": ["GHSA-1"],
                    },
                    {
                        "check": "typosquatting",
                        "severity": "high",
                        "confidence": "high",
                        "action": "off",
                        "excused": "our own name",
                        "message": "like demos",
                        "remedy": "",
                        "evidence": [],
                    },
                ],
            }
        ],
        "withheld": [
            {
                "project": "demo",
                "versions": ["3.0", "2.0"],
                "file": None,
                "sha256": None,
                "index": None,
                "verdict": "withhold",
                "score": None,
                "derivation": None,
                "coverage": {
                    "checked": ["release-age"],
                    "not_applicable": [],
                    "not_looked_at": [],
                    "exempt": [],
                    "unavailable": [],
                },
                "findings": [
                    {
                        "check": "release-age",
                        "severity": "high",
                        "confidence": "high",
                        "action": "withhold",
                        "excused": "",
                        "message": "seen",
                        "remedy": "",
                        "evidence": [],
                    }
                ],
            }
        ],
        "unavailable": [{"source": "forge", "reason": "no answer", "checks": ["clone"], "files": 1}],
        "unvetted": ["old 1.0"],
        "missing": [
            {"project": "reqeusts", "suggestion": "requests"},
            {"project": "nothing-like-it", "suggestion": None},
        ],
        "not_looked_at": ["other"],
        "alternatives": [{"project": "demo", "instead": "demos", "kind": "name", "reason": "one slip"}],
        "problems": ["an index did not answer"],
        "message": "ask us",
    }


def test_what_was_withheld_has_the_score_and_the_file_of_the_newest() -> None:
    young = package(judged("release-age", Action.WITHHOLD))
    withheld = Withheld("demo", ("1.0",), young.verdict, young.evidence)
    (told,) = to_json(report(withheld=(withheld,), exit_code=10))["withheld"]
    assert (told["file"], told["sha256"], told["index"]) == (
        "demo-1.0-py3-none-any.whl",
        "ab" * 32,
        "https://index.example/simple/",
    )
    assert (told["score"], told["derivation"]) == (young.score.value, derivation(young.score))
    VALIDATOR.validate(to_json(report(withheld=(withheld,), exit_code=10)))


def test_an_outage_that_only_a_verdict_knows_is_in_the_json() -> None:
    some = report(package(unanswered("clone", "forge", Action.OFF, "timed out")))
    assert to_json(some)["unavailable"] == [
        {"source": "forge", "reason": "timed out", "checks": ["clone"], "files": 1}
    ]


def test_hostile_text_is_kept_for_programs_and_escaped_for_terminals() -> None:
    text = render(report(problems=(HOSTILE + "\x7f" + "x" * 10_000,)))
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    assert json.loads(text)["problems"] == [HOSTILE + "\x7f" + "x" * 10_000]


def test_what_stops_a_command_is_json_too() -> None:
    told = json.loads(
        error_as_text("install", SourceRefused("a place that cannot be vetted", hint="clone it"))
    )
    VALIDATOR.validate(told)
    assert told["exit_code"] == 12
    assert told["error"] == {
        "reference": "source-refused",
        "message": "a place that cannot be vetted",
        "hint": "clone it",
    }
