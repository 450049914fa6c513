"""An explanation is made by the one decision path, and watches what each check reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given

from tests.model.strategies import evidence as evidences
from tests.model.test_serial import EVIDENCE
from trustguard.checks import discover
from trustguard.config.layers import Paths
from trustguard.config.origins import Origins, origins
from trustguard.frontends.explaining import Explaining
from trustguard.judging import Judge
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable, Unavailable
from trustguard.model.explanation import Explained, Looked
from trustguard.model.policy import Policy
from trustguard.model.project import sha256

NONE = Path(__file__).parent / "there-is-no-such-file.toml"
TODAY = date(2026, 2, 1)


def said(*settings: str) -> Origins:
    """Who says what, where only the command line says anything."""
    return origins(cwd=Path(NONE.anchor), environ={}, extra=settings, paths=Paths(NONE, NONE))


def explained(some: Evidence, *settings: str) -> Explained:
    """What there is to say of a file."""
    by = said(*settings)
    return Explaining(by.merged.policy(), by, TODAY).explain(some)


def looked(some: Evidence, check: str, *settings: str) -> Looked:
    """What there is to say of one check."""
    (one,) = (one for one in explained(some, *settings).checks if one.check == check)
    return one


BY_DEFAULT = said()


@given(evidences)
def test_the_verdict_is_that_of_the_one_decision_path_and_comes_out_the_same_again(some: Evidence) -> None:
    explaining = Explaining(Policy(), BY_DEFAULT, TODAY)
    found = explaining.explain(some)
    assert found.package.verdict == Judge(Policy()).vet(some, coverage=True)
    assert found == explaining.explain(some)
    assert [one.check for one in found.checks] == list(discover())


@given(evidences)
def test_what_came_of_a_check_goes_with_the_coverage(some: Evidence) -> None:
    found = Explaining(Policy(), BY_DEFAULT, TODAY).explain(some)
    verdict = found.package.verdict
    for one in found.checks:
        if one.outcome == "unanswered":
            assert one.check not in verdict.checked
        if one.outcome == "not-applicable":
            assert one.check in verdict.not_applicable
        assert len(one.findings) == sum(j.finding.check == one.check for j in verdict.findings)


def test_the_facts_that_a_check_reads_are_told_in_its_order() -> None:
    silent: dict[str, Any] = {"lookalike": Absent(), "counterpart": Absent()}
    assert looked(replace(EVIDENCE, **silent), "typosquatting").facts == ("lookalike",)
    assert looked(EVIDENCE, "typosquatting").facts == (
        "lookalike",
        "counterpart",
        "history",
        "owners",
        "provenance",
    )


def test_what_is_unavailable_does_not_keep_a_check_from_reading_on() -> None:
    lost = Unavailable("provenance", "no answer")
    one = looked(replace(EVIDENCE, provenance=lost), "starjacking")
    assert one.facts[:3] == ("claims", "provenance", "counterpart")
    (unanswered,) = one.unanswered
    assert (unanswered.unanswered.fact, unanswered.by) == (
        lost,
        "on-unavailable.provenance = 'warn', the built-in default",
    )


def test_a_check_that_is_exempt_reads_nothing_and_says_so() -> None:
    one = looked(EVIDENCE, "typosquatting", "checks.typosquatting.exempt=['dem*']")
    assert (one.outcome, one.facts, one.findings) == ("exempt", (), ())


def test_a_check_of_which_nothing_applies_says_so() -> None:
    nothing = NotApplicable("it is built already")
    assert looked(replace(EVIDENCE, build=nothing), "source-only").outcome == "not-applicable"


def test_what_is_demanded_decides_before_what_an_outage_usually_means() -> None:
    lost = replace(EVIDENCE, provenance=Unavailable("provenance", "no answer"))
    (one,) = looked(lost, "provenance", "checks.provenance.required=['*']").unanswered
    assert (one.unanswered.action.name, one.by) == (
        "BLOCK",
        "a publisher is pinned, or provenance is required",
    )
    (one,) = looked(lost, "provenance", "checks.provenance.action=off").unanswered
    assert (one.unanswered.action.name, one.by) == (
        "OFF",
        "checks.provenance.action = 'off', set by command line",
    )


def test_a_score_that_is_too_low_is_a_finding_of_the_policys_own() -> None:
    received = replace(EVIDENCE, sha256=Known(sha256("ab" * 32)), other_indexes=Absent())
    (ruled,) = explained(received, "min-score=10").by_policy
    assert ruled.judged.finding.check == "min-score"
    assert ruled.by == "min-score = 10, set by command line"
