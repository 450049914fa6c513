"""A claimed repository is held against what is proven; honest claims, forks and relatives are let be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.utils import NormalizedName

from tests.checks.kin import BESIDE_THEIRS, FAMOUS, OWN, THEIRS, built_in, claiming, facing, since
from tests.model.samples import CLEAN, lost
from trustguard.checks.starjacking import Settings, check
from trustguard.model.claims import Counterpart, ReleaseTags
from trustguard.model.evidence import Evidence, Inconclusive
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action, Policy
from trustguard.model.provenance import Provenance
from trustguard.model.repository import Repository

ELSEWHERE = Repository("gitlab.com", "mallory/tool")


def severities(evidence: Evidence) -> list[Severity]:
    """How severe what is found is."""
    return [finding.severity for finding in check(evidence, Settings())]


def test_a_repository_of_a_popular_project_is_found_and_told() -> None:
    assert check(facing(FAMOUS, claims=claiming(THEIRS)), Settings()) == [
        Finding(
            "starjacking",
            Severity.HIGH,
            Confidence.MEDIUM,
            "demo claims the repository github.com/acme/demos, which is demos's",
            "did you mean demos?",
            ("github.com/acme/demos", "demos"),
        )
    ]


def test_a_proven_claim_is_no_finding_whoever_else_claims_it() -> None:
    evidence = facing(FAMOUS, claims=claiming(OWN, THEIRS), provenance=built_in(THEIRS))
    assert severities(evidence) == []
    assert severities(facing(claims=claiming(OWN), provenance=built_in(OWN))) == []


def test_a_false_claim_to_a_popular_projects_repository_is_critical() -> None:
    evidence = facing(FAMOUS, claims=claiming(THEIRS), provenance=built_in(OWN))
    (finding,) = check(evidence, Settings())
    assert (finding.severity, finding.confidence) == (Severity.CRITICAL, Confidence.HIGH)
    assert finding.message == (
        "demo claims the repository github.com/acme/demos, which is demos's, "
        "and is proven to come from github.com/eve/demo"
    )
    assert finding.remedy == "did you mean demos?"


@pytest.mark.parametrize(
    ("claimed", "proven", "severity"),
    [
        (ELSEWHERE, OWN, Severity.MEDIUM),
        (Repository("github.com", "eve/other"), OWN, Severity.LOW),  # the owner's: renamed
        (Repository("github.com", "bob/demo"), OWN, Severity.LOW),  # its name: moved
        (Repository("gitlab.com", "eve/other"), OWN, Severity.MEDIUM),  # another eve, perhaps
    ],
)
def test_another_false_claim_weighs_by_how_far_it_is_from_the_proven_one(
    claimed: Repository, proven: Repository, severity: Severity
) -> None:
    assert severities(facing(claims=claiming(claimed), provenance=built_in(proven))) == [severity]


def test_a_repository_that_the_forge_knows_to_be_the_same_was_renamed() -> None:
    tags = ReleaseTags(ELSEWHERE, same_as=(OWN,))
    evidence = facing(claims=claiming(ELSEWHERE), provenance=built_in(OWN), tags=tags)
    assert severities(evidence) == [Severity.INFO]
    other = replace(tags, same_as=())
    assert severities(facing(claims=claiming(ELSEWHERE), provenance=built_in(OWN), tags=other)) == [
        Severity.MEDIUM
    ]


def test_a_renamed_repository_of_a_popular_project_is_no_theft() -> None:
    tags = ReleaseTags(THEIRS, same_as=(OWN,))
    evidence = facing(FAMOUS, claims=claiming(THEIRS), provenance=built_in(OWN), tags=tags)
    assert severities(evidence) == [Severity.INFO]


def test_attestations_that_did_not_verify_prove_nothing() -> None:
    invalid = replace(built_in(THEIRS), outcome="invalid")
    assert severities(facing(FAMOUS, claims=claiming(THEIRS), provenance=invalid)) == [Severity.HIGH]
    assert Provenance("invalid").repositories == ()


@pytest.mark.parametrize(
    ("change", "severity"),
    [({"family": True}, Severity.LOW), ({"fork": True}, Severity.LOW), ({}, Severity.HIGH)],
)
def test_a_plugin_by_its_name_and_an_open_fork_are_told_and_no_more(
    change: dict[str, bool], severity: Severity
) -> None:
    evidence = facing(replace(FAMOUS, **change), claims=claiming(THEIRS))  # type: ignore[arg-type]
    assert severities(evidence) == [severity]


def test_an_owner_of_both_may_claim_either() -> None:
    assert severities(facing(FAMOUS, claims=claiming(THEIRS), owners=("user ann",))) == []
    assert severities(facing(FAMOUS, claims=claiming(THEIRS), owners=("user eve",))) == [Severity.HIGH]


def test_a_proven_neighbour_of_the_claimed_repository_is_its_owners() -> None:
    evidence = facing(FAMOUS, claims=claiming(BESIDE_THEIRS), provenance=built_in(BESIDE_THEIRS))
    assert severities(evidence) == []


def test_an_established_project_is_let_be() -> None:
    past = since(400, 6)
    assert severities(facing(FAMOUS, claims=claiming(THEIRS), history=past)) == [Severity.INFO]
    false = facing(claims=claiming(ELSEWHERE), provenance=built_in(OWN), history=past)
    assert severities(false) == [Severity.INFO]


def test_claims_that_are_nobody_elses_are_no_finding() -> None:
    assert severities(facing(FAMOUS, claims=claiming(OWN))) == []
    assert severities(facing(FAMOUS, claims=claiming())) == []
    assert severities(facing(Counterpart(NormalizedName("demos")), claims=claiming(OWN))) == []
    assert severities(facing(claims=claiming(THEIRS))) == []
    assert severities(CLEAN) == []


@pytest.mark.parametrize(
    ("releases", "tagged", "confidence"),
    [(2, 0, Confidence.MEDIUM), (3, 0, Confidence.HIGH), (3, 1, Confidence.LOW), (9, 9, Confidence.LOW)],
)
def test_tags_change_how_sure_it_is_and_nothing_else(
    releases: int, tagged: int, confidence: Confidence
) -> None:
    tags = ReleaseTags(THEIRS, releases=releases, tagged=tagged)
    (finding,) = check(facing(FAMOUS, claims=claiming(THEIRS), tags=tags), Settings())
    assert (finding.severity, finding.confidence) == (Severity.HIGH, confidence)
    assert f"{tagged} of {releases} releases are tagged there" in finding.evidence


@pytest.mark.parametrize("fact", ["claims", "provenance", "counterpart"])
def test_what_is_unavailable_is_not_clean(fact: str) -> None:
    with pytest.raises(Inconclusive):
        check(lost(facing(FAMOUS, claims=claiming(THEIRS)), fact), Settings())
    if fact != "provenance":
        with pytest.raises(Inconclusive):
            check(lost(facing(FAMOUS, claims=claiming(THEIRS), provenance=built_in(OWN)), fact), Settings())


def test_a_forge_that_does_not_answer_takes_nothing_away() -> None:
    (finding,) = check(lost(facing(FAMOUS, claims=claiming(THEIRS)), "tags"), Settings())
    assert finding.severity is Severity.HIGH
    assert "the forge could not be asked: no tags" in finding.evidence


def test_a_theft_is_asked_about_and_a_proven_lie_refused() -> None:
    policy = Policy()
    assert policy.action("starjacking", Severity.CRITICAL) is Action.BLOCK
    assert policy.action("starjacking", Severity.HIGH) is Action.ASK
    assert policy.action("starjacking", Severity.MEDIUM) is Action.WARN
