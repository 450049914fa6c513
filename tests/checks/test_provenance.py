"""What attestations prove decides: nothing forged, nobody but the pinned publisher, no outsider's hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.model.samples import AT, CLEAN, lost
from trustguard.checks import Glob
from trustguard.checks.provenance import Settings, check
from trustguard.judging import vet
from trustguard.model.evidence import Absent, Evidence, Fact, Inconclusive, Known, NotApplicable, Unavailable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import KnownPublishers
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import Action, Allow, CheckPolicy, Policy, Selector
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository

DEMO = Repository("github.com", "acme/demo")
USUAL = Publisher(
    kind="GitHub",
    issuer="https://token.actions.githubusercontent.com",
    identity="https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v1.0",
    repository=DEMO,
    repository_id="1001",
    owner_id="2002",
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v1.0",
    trigger="release",
    runner="github-hosted",
    visibility="public",
)
PIN = PublisherPin("demo", "GitHub", repository=DEMO, by="org")
INVALID = Provenance("invalid", reason="it does not verify: DSSE: invalid signature")
UNSUPPORTED = Provenance("unsupported", reason="its publisher is of a kind that is not known here: X")
AWAY = Unavailable("provenance", "the index did not answer")
NAME = "demo-1.0-py3-none-any.whl"


def verified(*publishers: Publisher) -> Known[Provenance]:
    """Provenance with an attestation by each."""
    attestations = tuple(Attestation("https://predicate.example/v1", one, AT) for one in publishers)
    return Known(Provenance("verified", attestations, "verified"))


def proven(fact: Fact[Provenance]) -> Evidence:
    """The clean sample with this provenance."""
    return replace(CLEAN, provenance=fact)


def found(fact: Fact[Provenance], **settings: Any) -> list[Finding]:
    """What the check finds."""
    return check(proven(fact), Settings(**settings))


def seen(publisher: Publisher, **settings: Any) -> list[tuple[Severity, str]]:
    """What it finds in a build, without the file's name."""
    return [
        (one.severity, one.message.removeprefix(f"{NAME}: "))
        for one in found(verified(publisher), **settings)
    ]


def test_what_does_not_verify_is_critical() -> None:
    assert found(Known(INVALID)) == [
        Finding(
            "provenance",
            Severity.CRITICAL,
            Confidence.HIGH,
            f"{NAME}: its provenance is not valid: it does not verify: DSSE: invalid signature",
            "do not install it; tell the project and the index",
        )
    ]


@pytest.mark.parametrize("fact", [verified(USUAL), Absent(), NotApplicable("nobody looked")])
def test_a_usual_build_and_none_at_all_are_clean(fact: Fact[Provenance]) -> None:
    assert found(fact) == []


def test_what_cannot_be_judged_is_told() -> None:
    (finding,) = found(Known(UNSUPPORTED))
    assert finding.severity is Severity.MEDIUM
    assert finding.message == f"{NAME}: its provenance cannot be judged: {UNSUPPORTED.reason}"


def test_where_nobody_can_say_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive):
        found(AWAY)


@pytest.mark.parametrize("glob", ["demo", "de*", "Demo"])
def test_provenance_that_is_required_must_be_there_and_verified(glob: str) -> None:
    for fact, why in (
        (Absent(), "it has no attestation"),
        (Known(UNSUPPORTED), "its provenance cannot be judged"),
    ):
        (finding,) = found(fact, required=(glob,))
        assert finding.severity is Severity.CRITICAL
        assert f"provenance is required, and {why}" in finding.message
    assert found(verified(USUAL), required=(glob,)) == []
    assert found(NotApplicable("nobody looked"), required=(glob,)) == []


def test_what_is_required_of_others_is_not_required_here() -> None:
    assert found(Absent(), required=("other", "acme-*")) == []


ODD: list[tuple[Mapping[str, Any], Severity, str]] = [
    (
        {"trigger": "pull_request_target"},
        Severity.HIGH,
        "its build was set off by pull_request_target, which outsiders can cause",
    ),
    (
        {"trigger": "issue_comment"},
        Severity.HIGH,
        "its build was set off by issue_comment, which outsiders can cause",
    ),
    (
        {"trigger": "workflow_run"},
        Severity.HIGH,
        "its build was set off by workflow_run, which outsiders can cause",
    ),
    (
        {"trigger": "merge_request_event"},
        Severity.HIGH,
        "its build was set off by merge_request_event, which outsiders can cause",
    ),
    ({"ref": "refs/pull/7/merge"}, Severity.HIGH, "it was built from a proposed change: refs/pull/7/merge"),
    (
        {"ref": "refs/merge-requests/7/head"},
        Severity.HIGH,
        "it was built from a proposed change: refs/merge-requests/7/head",
    ),
    ({"runner": "self-hosted"}, Severity.HIGH, "it was built on a self-hosted runner"),
    (
        {"workflow_repository": Repository("github.com", "eve/builders")},
        Severity.HIGH,
        "its build is defined in another owner's repository: github.com/eve/builders",
    ),
    ({"ref": "refs/notes/x"}, Severity.MEDIUM, "what was built is neither a branch nor a tag: refs/notes/x"),
    ({"visibility": "private"}, Severity.MEDIUM, "its source repository was private when it was built"),
    ({"visibility": "internal"}, Severity.MEDIUM, "its source repository was internal when it was built"),
]


@pytest.mark.parametrize(("part", "severity", "message"), ODD)
def test_an_unusual_build_is_found_for_what_it_is(
    part: Mapping[str, Any], severity: Severity, message: str
) -> None:
    assert seen(replace(USUAL, **part)) == [(severity, message)]


@pytest.mark.parametrize(
    "part",
    [
        {"trigger": "push"},
        {"trigger": "workflow_dispatch"},
        {"trigger": "schedule"},
        {"trigger": ""},
        {"ref": "refs/heads/main"},
        {"ref": ""},
        {"runner": "gitlab-hosted"},
        {"runner": ""},
        {"visibility": ""},
        {"workflow_repository": Repository("github.com", "acme/.github")},
        {"workflow_repository": Repository("github.com", "slsa-framework/slsa-github-generator")},
    ],
)
def test_what_is_usual_or_not_stated_is_clean(part: Mapping[str, Any]) -> None:
    assert seen(replace(USUAL, **part)) == []


def test_several_oddities_are_several_findings_and_each_is_told_once() -> None:
    odd = replace(USUAL, trigger="pull_request_target", ref="refs/pull/7/merge", visibility="private")
    assert len(seen(odd)) == 3
    assert len(found(verified(odd, replace(odd, workflow="other.yml")))) == 3


def test_that_a_project_builds_so_can_be_known() -> None:
    odd = replace(USUAL, runner="self-hosted", visibility="private")
    assert [severity for severity, _ in seen(odd, usual=("demo",))] == [Severity.INFO, Severity.MEDIUM]
    assert [severity for severity, _ in seen(odd, usual=("other",))] == [Severity.HIGH, Severity.MEDIUM]


@pytest.mark.parametrize(("part", "severity", "message"), ODD)
def test_what_is_unusual_and_was_so_before_is_told_and_no_more(
    part: Mapping[str, Any], severity: Severity, message: str
) -> None:
    odd = replace(USUAL, **part)

    def seen_after(*before: Publisher) -> list[tuple[Severity, str]]:
        known = Known(KnownPublishers(before, "seen", AT))
        findings = check(replace(proven(verified(odd)), publishers=known), Settings())
        return [(one.severity, one.message.removeprefix(f"{NAME}: ")) for one in findings]

    assert seen_after(USUAL) == seen_after() == [(severity, message)]
    as_before = [(Severity.LOW, f"{message}, as the project's files were before")]
    assert seen_after(USUAL, replace(odd, commit="c" * 40)) == as_before


def test_another_outsider_than_before_is_a_new_one() -> None:
    known = Known(KnownPublishers((replace(USUAL, trigger="issue_comment"),), "index", AT))
    evidence = proven(verified(replace(USUAL, trigger="pull_request_target")))
    (finding,) = check(replace(evidence, publishers=known), Settings())
    assert finding.severity is Severity.HIGH


MAIN, SIDE = "refs/heads/main", "refs/heads/side"


@pytest.mark.parametrize(
    ("now", "before", "severities"),
    [
        (SIDE, ["refs/tags/v0.9"], [Severity.HIGH]),  # always from tags, and now from a branch
        (SIDE, [MAIN], [Severity.MEDIUM]),
        (SIDE, [MAIN, "refs/tags/v0.9"], [Severity.MEDIUM]),
        (MAIN, [MAIN], []),
        ("refs/tags/v1.0", [MAIN], []),
        ("refs/tags/v1.0", ["refs/tags/v0.9"], []),
        (SIDE, [""], []),  # nobody has said what was built before
        (SIDE, [], []),
    ],
)
def test_a_branch_that_the_project_never_released_from_is_found(
    now: str, before: list[str], severities: list[Severity]
) -> None:
    publishers = tuple(replace(USUAL, ref=ref) for ref in before)
    known = Known(KnownPublishers(publishers, "seen", AT))
    evidence = replace(proven(verified(replace(USUAL, ref=now))), publishers=known)
    assert [one.severity for one in check(evidence, Settings())] == severities
    usual = Settings(usual=(Glob("demo"),))
    assert Severity.HIGH not in [one.severity for one in check(evidence, usual)]


def test_a_past_that_nobody_knows_takes_nothing_away() -> None:
    evidence = lost(proven(verified(replace(USUAL, runner="self-hosted"))), "publishers")
    assert [one.severity for one in check(evidence, Settings())] == [Severity.HIGH]


def test_who_may_build_for_anybody_is_as_it_is_set() -> None:
    shared = replace(USUAL, workflow_repository=Repository("gitlab.com", "shared/builders"))
    assert seen(shared, builders=("https://gitlab.com/shared/builders",)) == []
    assert seen(shared, builders=())


# What becomes of it.


def verdict(fact: Fact[Provenance], policy: Policy) -> Action:
    """What is done about the clean sample with this provenance."""
    return vet(proven(fact), policy).action


BY_SEVERITY = {
    "relaxed": (Action.WARN, Action.WARN, Action.BLOCK),
    "balanced": (Action.WARN, Action.ASK, Action.BLOCK),
    "strict": (Action.ASK, Action.BLOCK, Action.BLOCK),
}


@pytest.mark.parametrize("profile", BY_SEVERITY)
def test_a_forgery_is_blocked_in_every_profile_and_an_outsiders_hand_asked_about(profile: Any) -> None:
    facts = (Known(UNSUPPORTED), verified(replace(USUAL, trigger="pull_request_target")), Known(INVALID))
    assert tuple(verdict(fact, Policy(profile=profile)) for fact in facts) == BY_SEVERITY[profile]


def test_a_pinned_publisher_is_allowed_and_any_other_blocked() -> None:
    policy = Policy(publishers=(PIN,))
    assert verdict(verified(USUAL), policy) is Action.OFF
    evil = replace(USUAL, repository=Repository("github.com", "evil/demo"))
    assert verdict(verified(evil), policy) is Action.BLOCK
    (judged,) = vet(proven(verified(evil)), policy).findings
    assert judged.finding.message == (
        f"{NAME} is not by the pinned publisher GitHub, repository github.com/acme/demo: its repository is "
        "github.com/evil/demo, not github.com/acme/demo"
    )


@pytest.mark.parametrize("fact", [Absent(), Known(UNSUPPORTED), Known(INVALID), AWAY])
def test_a_pin_demands_an_attestation_that_verifies(fact: Fact[Provenance]) -> None:
    assert verdict(fact, Policy(publishers=(PIN,))) is Action.BLOCK


def test_an_outage_gets_nobody_past_what_is_required() -> None:
    required = Policy(checks={"provenance": CheckPolicy(settings={"required": ("de*",)})})
    judged = vet(proven(AWAY), required)
    assert (judged.action, judged.unvetted) == (Action.BLOCK, True)
    assert verdict(AWAY, Policy()) is Action.WARN


def test_while_nobody_has_looked_nothing_is_missing() -> None:
    assert verdict(NotApplicable("not fetched yet"), Policy(publishers=(PIN,))) is Action.OFF


def test_every_layer_that_pins_must_be_satisfied_and_one_of_its_pins_is_enough() -> None:
    moved = replace(PIN, repository=Repository("github.com", "acme/moved"))
    assert verdict(verified(USUAL), Policy(publishers=(moved, PIN))) is Action.OFF
    lower = replace(moved, by="user")
    assert verdict(verified(USUAL), Policy(publishers=(PIN, lower))) is Action.BLOCK


def test_one_attestation_by_the_pinned_publisher_is_enough() -> None:
    other = replace(USUAL, repository=Repository("github.com", "acme/builder"))
    assert verdict(verified(other, USUAL), Policy(publishers=(PIN,))) is Action.OFF


def test_a_pin_does_not_concern_a_project_that_the_check_leaves_alone() -> None:
    exempt = Policy(publishers=(PIN,), checks={"provenance": CheckPolicy(exempt=("demo",))})
    assert verdict(Absent(), exempt) is Action.OFF


def test_a_general_exception_excuses_no_provenance_and_one_that_names_it_does() -> None:
    general = Allow(Selector("demo"), "ours")
    named = replace(general, checks=("provenance",))
    assert verdict(Known(INVALID), Policy(allow=(general,))) is Action.BLOCK
    assert verdict(Known(INVALID), Policy(allow=(named,))) is Action.OFF
    away = vet(proven(AWAY), Policy(publishers=(PIN,), allow=(named,)))
    assert [one.action for one in away.unanswered if one.check == "provenance"] == [Action.OFF]
