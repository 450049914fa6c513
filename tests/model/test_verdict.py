"""The worst finding decides, and an outage counts like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.samples import judged, unanswered
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action
from trustguard.model.verdict import Decision, Judged, Verdict

actions = st.sampled_from(Action)


def test_without_findings_and_outages_a_file_is_allowed() -> None:
    verdict = Verdict(checked=("release-age",))
    assert (verdict.action, verdict.decision, verdict.refused) == (Action.OFF, Decision.ALLOW, False)


@pytest.mark.parametrize(
    ("action", "decision", "refused"),
    [
        (Action.OFF, "allow", False),
        (Action.WARN, "warn", False),
        (Action.ASK, "ask", False),
        (Action.WITHHOLD, "withhold", True),
        (Action.BLOCK, "block", True),
    ],
)
def test_each_action_leads_to_its_decision(action: Action, decision: str, refused: bool) -> None:
    for verdict in (
        Verdict((judged("clone", action),)),
        Verdict(unanswered=(unanswered("clone", "forge", action),)),
    ):
        assert (verdict.decision.value, verdict.refused) == (decision, refused)


def test_the_actions_are_ordered_from_the_mildest_to_the_strictest() -> None:
    assert sorted(Action) == [Action.OFF, Action.WARN, Action.ASK, Action.WITHHOLD, Action.BLOCK]


@given(st.lists(actions), st.lists(actions))
def test_the_strictest_action_decides_whatever_the_order(found: list[Action], out: list[Action]) -> None:
    findings = tuple(judged("clone", action) for action in found)
    outages = tuple(unanswered("clone", "forge", action) for action in out)
    verdict = Verdict(findings, outages)
    assert verdict.action == max([Action.OFF, *found, *out])
    assert Verdict(findings[::-1], outages[::-1]).action == verdict.action


def test_only_an_outage_that_refuses_alone_makes_a_file_unvetted() -> None:
    outage = unanswered("known-malicious", "advisories", Action.BLOCK)
    warning, refusal = judged("vulnerability", Action.WARN), judged("release-age", Action.WITHHOLD)
    assert Verdict(unanswered=(outage,)).unvetted
    assert Verdict((warning,), (outage,)).unvetted
    assert not Verdict((warning, refusal), (outage,)).unvetted
    assert not Verdict(unanswered=(unanswered("clone", "forge", Action.ASK),)).unvetted
    assert not Verdict((refusal,)).unvetted


def test_the_reasons_are_the_findings_that_count_the_worst_first() -> None:
    def one(check: str, severity: Severity, action: Action) -> Judged:
        return Judged(Finding(check, severity, Confidence.HIGH, "seen"), action)

    excused = one("clone", Severity.CRITICAL, Action.OFF)
    warned = one("vulnerability", Severity.CRITICAL, Action.WARN)
    grave = one("typosquatting", Severity.CRITICAL, Action.BLOCK)
    second = one("release-age", Severity.MEDIUM, Action.BLOCK)
    first = one("direct-reference", Severity.MEDIUM, Action.BLOCK)
    verdict = Verdict((excused, warned, second, first, grave))
    assert verdict.reasons == (grave, first, second, warned)
