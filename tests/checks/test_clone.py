"""Metadata that is copied from a popular project is found; forks, relatives and chance are let be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.utils import NormalizedName

from tests.checks.kin import BESIDE_THEIRS, FAMOUS, OWN, built_in, facing, since
from tests.model.samples import CLEAN, lost
from trustguard.checks import Share
from trustguard.checks.clone import Settings, check
from trustguard.model.claims import Counterpart
from trustguard.model.evidence import Evidence, Inconclusive
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action, Policy

COPY = replace(FAMOUS, description=0.9)


def severities(evidence: Evidence, settings: Settings | None = None) -> list[Severity]:
    """How severe what is found is."""
    return [finding.severity for finding in check(evidence, settings or Settings())]


def test_a_copied_description_is_found_and_told() -> None:
    assert check(facing(COPY), Settings()) == [
        Finding(
            "clone",
            Severity.HIGH,
            Confidence.HIGH,
            "demo has the description of demos",
            "did you mean demos?",
            ("demos", "description: 0.90 of the text"),
        )
    ]


def test_a_summary_with_its_author_is_as_bad_as_a_description() -> None:
    (finding,) = check(facing(replace(FAMOUS, same_summary=True, people=("ann",))), Settings())
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.MEDIUM)
    assert finding.message == "demo has the summary and author of demos"


def test_a_summary_alone_is_milder() -> None:
    assert severities(facing(replace(FAMOUS, same_summary=True))) == [Severity.MEDIUM]


@pytest.mark.parametrize(
    ("theirs", "own", "found"),
    [
        (("user ann",), ("user eve",), [Severity.MEDIUM]),
        ((), ("user eve",), []),  # the index does not say: it may well be the same author
        (("user ann",), (), []),
    ],
)
def test_an_author_alone_counts_only_where_the_owners_are_known_to_be_others(
    theirs: tuple[str, ...], own: tuple[str, ...], found: list[Severity]
) -> None:
    counterpart = replace(FAMOUS, people=("ann@acme.example",), owners=theirs)
    assert severities(facing(counterpart, owners=own)) == found
    assert severities(facing(replace(counterpart, fork=True), owners=own)) == []  # whom it is from


def test_whose_an_author_is_need_not_be_known_where_it_would_weigh_nothing() -> None:
    """An index that does not answer must not take an established project's score away."""
    counterpart = replace(FAMOUS, people=("ann@acme.example",))
    assert severities(lost(facing(counterpart, history=since(365, 5)), "owners")) == [Severity.INFO]
    with pytest.raises(Inconclusive):
        check(lost(facing(counterpart, history=since(364, 5)), "owners"), Settings())


@pytest.mark.parametrize(("alike", "found"), [(0.8, [Severity.HIGH]), (0.799, []), (None, [])])
def test_a_description_counts_from_the_limit_on(alike: float | None, found: list[Severity]) -> None:
    assert severities(facing(replace(FAMOUS, description=alike))) == found


def test_the_limit_is_the_policys() -> None:
    assert severities(facing(COPY), Settings(alike=Share(0.95))) == []


def test_an_open_fork_is_told_and_no_more() -> None:
    (finding,) = check(facing(replace(COPY, fork=True)), Settings())
    assert finding.severity is Severity.LOW
    assert "fork" in finding.message


def test_an_established_project_is_let_be() -> None:
    assert severities(facing(COPY, history=since(365, 5))) == [Severity.INFO]
    assert severities(facing(COPY, history=since(364, 5))) == [Severity.HIGH]
    assert severities(facing(COPY, history=since(365, 4))) == [Severity.HIGH]


def test_one_owner_has_one_page() -> None:
    assert severities(facing(COPY, owners=("user ann", "user bob"))) == []
    assert severities(facing(COPY, provenance=built_in(BESIDE_THEIRS))) == []
    assert severities(facing(COPY, provenance=built_in(OWN))) == [Severity.HIGH]


def test_without_a_counterpart_nothing_is_found_and_where_it_is_unavailable_nothing_is_said() -> None:
    assert check(CLEAN, Settings()) == []
    assert check(facing(Counterpart(NormalizedName("demos"))), Settings()) == []
    with pytest.raises(Inconclusive):
        check(lost(CLEAN, "counterpart"), Settings())


def test_a_copy_is_asked_about_and_a_fork_told() -> None:
    policy = Policy()
    assert policy.action("clone", Severity.HIGH) is Action.ASK
    assert policy.action("clone", Severity.LOW) is Action.WARN
    assert policy.action("clone", Severity.INFO) is Action.OFF
