"""The derivation is told in full, in the same words each time, without power over the terminal."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from packaging.utils import NormalizedName

from tests.model.strategies import evidence as evidences
from tests.reports.samples import HOSTILE, judged, package, unanswered
from tests.reports.test_check_page import PAGE
from tests.reports.test_check_report import harmless, plain
from trustguard.model.alternatives import Alternative, Beside
from trustguard.model.evidence import Evidence, Known, NotApplicable
from trustguard.model.explanation import (
    ExceptionLine,
    Explained,
    FactLine,
    Looked,
    Ruled,
    RuledUnanswered,
    facts,
)
from trustguard.model.policy import Action
from trustguard.model.project import sha256
from trustguard.model.report import LedgerEntry, Package
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.explain_json import of_check, of_file, of_files
from trustguard.reports.explain_report import render
from trustguard.reports.json_report import as_text

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
DEMO, DEMOS = NormalizedName("demo"), NormalizedName("demos")
COPY = judged("clone", Action.BLOCK, "demo copies demos", "did you mean demos?", evidence=("demos",))
LOST = unanswered("starjacking", "provenance", Action.WARN, "no document")
DENIAL = judged("denied", Action.BLOCK, "demo is denied: incident 42")


def sample() -> Explained:
    """A copy that is refused, of which one thing could not be checked."""
    some = plain(package(COPY, DENIAL, LOST))
    verdict = replace(some.verdict, checked=("clone", "release-age"), not_applicable=("source-only",))
    known = replace(some.evidence, sha256=Known(sha256("ab" * 32)))
    return Explained(
        package=replace(some, verdict=verdict, evidence=known),
        profile="balanced",
        policy="cd" * 32,
        facts=(
            FactLine("rank", "known", 1),
            FactLine("claims", "known", {"repositories": [{"host": "forge.example"}], "people": []}),
            FactLine("status", "absent"),
            FactLine("build", "not-applicable", why="it is built already"),
            FactLine("provenance", "unavailable", source="provenance", why="no document"),
        ),
        checks=(
            Looked("clone", "a copy", "found", ("counterpart",), (Ruled(COPY, "the built-in default"),)),
            Looked("release-age", "young", "clean", ("upload-time",)),
            Looked("source-only", "no wheel", "not-applicable", ("build",)),
            Looked(
                "starjacking", "a claim", "unanswered", ("provenance",), (), (RuledUnanswered(LOST, "org"),)
            ),
            Looked("typosquatting", "a name", "exempt"),
        ),
        by_policy=(Ruled(DENIAL, "a [[deny]] entry"),),
        exceptions=(
            ExceptionLine("demo", "==1.0", ("clone",), "ours", "user, ann", "2027-06-30", True, False),
            ExceptionLine("d*", "", None, "all ours", "", "", False, True),
        ),
        ledger=LedgerEntry(
            "demo",
            "1.0",
            Decision.ALLOW,
            "8.1",
            "ab" * 32,
            "demo.whl",
            "https://index.example/simple/",
            datetime(2026, 1, 5, tzinfo=timezone.utc),
            "ef" * 32,
            "01" * 32,
            ("demo",),
        ),
    )


def test_a_derivation_in_full() -> None:
    """There is no score: a claimed repository that is another's may be critical, and could not be checked."""
    beside = Beside(frozenset({DEMO}), (Alternative(DEMO, DEMOS, "name", "one slip"),))
    lines = render([sample()], beside, ["an index did not answer"], width=80, color=False).splitlines()
    score = lines.index("  the score:")
    assert lines[:score] == [
        "block: demo 1.0, no score (demo-1.0-py3-none-any.whl)",
        "  from          https://index.example/simple/",
        f"  sha256        {'ab' * 32}",
        "  facts of      2026-02-01T00:00:00+00:00",
        "  judged by     profile balanced, policy cdcdcdcdcdcdcdcd…",
        "  ledger        allow, score 8.1, installed 2026-01-05T00:00:00+00:00",
        "  coverage      2 of 5 checked; 1 does not apply: source-only; 1 exempt by the",
        "                policy: typosquatting; 1 unreachable: starjacking (provenance:",
        "                no document)",
        "  instead       demos (one slip)",
        "  no exception can allow it: a [[deny]] entry refuses it",
        "",
        "  the facts:",
        "    rank: 1",
        "    claims: repositories (host forge.example)",
        "    status: absent: the source has none",
        "    build: does not apply: it is built already",
        "    provenance: unavailable (provenance): no document",
        "",
        "  the checks:",
        "    clone: 1 finding (it read counterpart)",
        "      block clone: demo copies demos",
        "        what to do: did you mean demos?",
        "        severity high, confidence high; block, by the built-in default",
        "        it rests on: demos",
        "    release-age: nothing found (it read upload-time)",
        "    source-only: does not apply: none of these facts does (it read build)",
        "    starjacking: could not be made (it read provenance)",
        "      unavailable (provenance): no document",
        "        warn, by org",
        "    typosquatting: not made: the policy exempts this project",
        "",
        "  the policy by itself:",
        "      block denied: demo is denied: incident 42",
        "        severity high, confidence high; block, by a [[deny]] entry",
        "",
        "  the exceptions:",
        "    demo ==1.0, for clone, until 2027-06-30, asked about at each use: ours;",
        "      excuses nothing here",
        "      user, ann",
        "    d*, for all that need not be named: all ours; used",
        "",
    ]
    assert lines[-2:] == ["", "problem: an index did not answer"]


def test_the_json_is_as_the_schema_says_and_leaves_nothing_out() -> None:
    beside = Beside(frozenset({DEMO}), (Alternative(DEMO, DEMOS, "name", "one slip"),))
    told = of_files([sample()], beside, 10, ["a problem"])
    VALIDATOR.validate(told)
    (one,) = told["explained"]
    assert one["facts"][4] == {
        "fact": "provenance",
        "state": "unavailable",
        "value": None,
        "source": "provenance",
        "why": "no document",
    }
    assert one["checks"][0]["findings"][0]["by"] == "the built-in default"
    assert one["checks"][3]["unavailable"] == [
        {
            "check": "starjacking",
            "source": "provenance",
            "reason": "no document",
            "action": "warn",
            "by": "org",
        }
    ]
    assert one["exceptions"][1]["checks"] is None
    assert (one["requested"], one["ledger"]["score"], one["by_policy"][0]["check"]) == (True, "8.1", "denied")


@pytest.mark.parametrize("width", [1, 80, 300])
def test_hostile_text_is_shown_without_power(width: int) -> None:
    bad = judged("clone", Action.BLOCK, HOSTILE, HOSTILE, evidence=(HOSTILE,))
    lost = unanswered("clone", "provenance", Action.WARN, HOSTILE)
    some = replace(
        sample(),
        package=package(bad, lost),
        facts=(
            FactLine("x", "known", {HOSTILE: [HOSTILE, True, None, 1.5]}),
            FactLine("y", "unavailable", source="forge", why=HOSTILE),
        ),
        checks=(
            Looked("clone", HOSTILE, "found", (), (Ruled(bad, HOSTILE),), (RuledUnanswered(lost, HOSTILE),)),
        ),
        exceptions=(ExceptionLine(HOSTILE, HOSTILE, (HOSTILE,), HOSTILE, HOSTILE, "", False, True),),
    )
    assert harmless(render([some], Beside(), [HOSTILE], width=width, color=False))
    text = as_text(of_file(some, Beside()))
    assert text.isascii()
    assert not any(unicodedata.category(char) == "Cc" for line in text.split("\n") for char in line)


@given(evidences, st.booleans())
def test_whatever_is_known_of_a_file_can_be_told(some: Evidence, asked: bool) -> None:
    told = Package(some, Verdict(), Decision.ALLOW)
    one = Explained(told, "strict", "00" * 32, tuple(facts(some)), ())
    beside = Beside(frozenset({some.project}) if asked else frozenset())
    assert harmless(render([one], beside, width=80, color=False))
    VALIDATOR.validate(json.loads(as_text(of_files([one], beside, 0, []))))


def test_the_document_of_a_check_is_none_of_a_file() -> None:

    told = of_check(PAGE)
    VALIDATOR.validate(told)
    assert sorted(told) == ["check", "command", "exit_code", "schema"]


def test_a_fact_that_is_known_and_empty_is_not_told_as_nothing_at_all() -> None:
    empty = replace(sample(), facts=(FactLine("claims", "known", {"repositories": [], "people": []}),))
    assert "    claims: nothing" in render([empty], Beside(), width=80, color=False).splitlines()


def test_a_check_that_nobody_could_make_without_the_file_is_told_as_such() -> None:
    """The contents are of the bytes, and these were not fetched."""
    some = sample()
    contents = NotApplicable("the file has not been fetched")
    verdict = replace(some.package.verdict, not_applicable=("source-only", "startup-code"))
    evidence = replace(some.package.evidence, contents=contents)
    unread = replace(
        some,
        package=replace(some.package, verdict=verdict, evidence=evidence),
        checks=(*some.checks, Looked("startup-code", "code", "not-applicable", ("contents",))),
    )
    lines = render([unread], Beside(), width=300, color=False).splitlines()
    assert "    startup-code: nobody has looked (it read contents)" in lines
    assert any("1 does not apply: source-only; 1 not looked at: startup-code" in line for line in lines)
    told = of_file(unread, Beside())["coverage"]
    assert (told["not_applicable"], told["not_looked_at"], told["exempt"]) == (
        ["source-only"],
        ["startup-code"],
        ["typosquatting"],
    )
