"""Reports of every shape that the model allows, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.model.strategies import evidence, many, sources, text_tuples, texts
from trustguard.model.evidence import Unavailable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action
from trustguard.model.report import Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict

OWN_FORMS = frozenset({"allow", "audit", "deny", "doctor", "explain", "inspect", "prune", "update", "verify"})
"""Commands whose documents are no reports."""

checks = st.sampled_from(["known-malicious", "vulnerability", "release-age", "denied", "not-listed"])
findings = st.builds(
    Finding,
    check=checks,
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    message=texts,
    remedy=texts,
    evidence=text_tuples,
)
verdicts = st.builds(
    Verdict,
    findings=many(
        st.builds(Judged, finding=findings, action=st.sampled_from(Action), excused=st.just("") | texts)
    ),
    unanswered=many(
        st.builds(
            Unanswered,
            check=checks,
            fact=st.builds(Unavailable, source=sources, reason=texts),
            action=st.sampled_from(Action),
        )
    ),
    checked=many(checks),
)


def reports(evidences: st.SearchStrategy[Any] = evidence) -> st.SearchStrategy[Report]:
    """Reports on files with the given evidence."""
    return st.builds(
        Report,
        command=texts.filter(lambda command: command not in OWN_FORMS),
        decision=st.sampled_from(Decision),
        exit_code=st.sampled_from([0, 1, 2, 10, 11, 12, 23, 120]),
        packages=many(
            st.builds(
                Package,
                evidence=evidences,
                verdict=verdicts,
                decision=st.sampled_from(Decision),
                approved=st.booleans(),
                installed=st.booleans(),
            )
        ),
        withheld=many(st.builds(Withheld, project=texts, versions=text_tuples, verdict=verdicts)),
        outages=many(
            st.builds(
                Outage,
                source=sources,
                reason=texts,
                checks=many(checks),
                files=st.integers(min_value=0, max_value=999),
            )
        ),
        unvetted=text_tuples,
        problems=text_tuples,
        message=texts,
        missing=many(st.builds(Missing, project=texts, suggestion=st.none() | texts)),
    )
