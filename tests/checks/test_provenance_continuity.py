"""Provenance that a project always had is expected of it, and a publisher is held against those before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from packaging.version import Version

from tests.model.samples import AT, CLEAN, DIGEST, UPLOADED, lost
from trustguard.checks.provenance_continuity import Settings, check
from trustguard.judging import vet
from trustguard.model.evidence import (
    NO_PROVENANCE,
    NO_PUBLISHERS,
    Absent,
    Evidence,
    Fact,
    Inconclusive,
    Known,
    NotApplicable,
)
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import Attested, KnownPublishers, Lineage, Release
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import Action, Allow, Policy, Profile, Selector
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NAME = "demo-1.0-py3-none-any.whl"
DEMO = Repository("github.com", "acme/demo")
OTHER = Repository("github.com", "evil/demo")
USUAL = Publisher(
    kind="GitHub",
    issuer="https://token.actions.githubusercontent.com",
    identity="https://github.com/acme/demo/.github/workflows/release.yml@refs/tags/v0.9",
    repository=DEMO,
    repository_id="1001",
    owner_id="2002",
    workflow=".github/workflows/release.yml",
    ref="refs/tags/v0.9",
    commit="a" * 40,
    trigger="release",
    runner="github-hosted",
    visibility="public",
)
NOW = replace(USUAL, identity=USUAL.identity.replace("v0.9", "v1.0"), ref="refs/tags/v1.0", commit="b" * 40)
"""The same one, a release later."""
ARMED: tuple[Attested, ...] = ("all", "all")


def released(*attested: Attested, own: Attested = "none", alternative: bool = False) -> Known[Lineage]:
    """Versions 0.9, 0.8, … before, and how far each of them was attested."""
    earlier = tuple(
        Release(Version(f"0.{9 - number}"), UPLOADED - (number + 1) * 30 * DAY, one)
        for number, one in enumerate(attested)
    )
    return Known(Lineage(Release(Version("1.0"), UPLOADED, own), alternative, earlier))


def unattested(lineage: Fact[Lineage], **facts: Any) -> Evidence:
    """The clean file, of which the index says that it has no provenance."""
    return replace(CLEAN, **{"provenance": Absent(), "lineage": lineage, **facts})


def linked(provenance: Fact[Provenance], **facts: Any) -> Evidence:
    """The clean file, of which the index says where its provenance is."""
    file = replace(CLEAN.file, provenance="https://index.example/provenance")
    return replace(CLEAN, file=file, provenance=provenance, **facts)


def signed(*now: Publisher, before: Iterable[Publisher] = (), **facts: Any) -> Evidence:
    """A file that these have signed, of a project that was published by those."""
    attestations = tuple(Attestation("publish", one, UPLOADED) for one in now)
    known = KnownPublishers(tuple(before), facts.pop("origin", "seen"), UPLOADED)
    provenance = Known(Provenance("verified", attestations))
    return linked(provenance, **{"publishers": Known(known), **facts})


def found(evidence: Evidence, **settings: Any) -> list[tuple[Severity, str]]:
    """What the check finds, without the file's name."""
    findings = check(evidence, Settings(**settings))
    assert all(one.message.startswith(f"{NAME} ") for one in findings)
    return [(one.severity, one.message.removeprefix(f"{NAME} ")) for one in findings]


# Lost provenance.


def test_after_two_attested_releases_in_a_row_a_file_without_provenance_is_found() -> None:
    assert check(unattested(released("all", "all", "none")), Settings()) == [
        Finding(
            "provenance-continuity",
            Severity.HIGH,
            Confidence.HIGH,
            f"{NAME} has no provenance, and the releases before it have (0.9 and 0.8)",
            "take an earlier version, and ask the project",
            ("0.9", "0.8"),
        )
    ]


NOT_ARMED: list[tuple[Attested, ...]] = [
    (),
    ("all",),
    ("all", "none"),
    ("none", "all", "all"),
    ("all", "some"),
    ("some", "all", "all"),
]


@pytest.mark.parametrize("attested", NOT_ARMED)
def test_less_than_that_expects_nothing(attested: tuple[Attested, ...]) -> None:
    assert found(unattested(released(*attested))) == []


def test_a_link_is_something_to_verify_and_nothing_is_lost() -> None:
    """Neither before anybody has looked, nor where it is of no use, which the other check says."""
    for provenance in (NO_PROVENANCE, Known(Provenance("invalid")), Known(Provenance("unsupported"))):
        assert found(linked(provenance, lineage=released(*ARMED, own="all"))) == []


def test_a_document_without_an_attestation_is_a_loss() -> None:
    ((severity, _),) = found(linked(Absent(), lineage=released(*ARMED, own="all")))
    assert severity is Severity.HIGH


def test_of_a_partly_attested_release_the_attested_file_is_preferred() -> None:
    told = "has no provenance, and other files of its release have"
    assert found(unattested(released(own="some", alternative=True))) == [(Severity.HIGH, told)]
    assert found(unattested(released(own="some"))) == [(Severity.MEDIUM, told)]
    assert found(unattested(released(own="none"))) == []


def test_a_loss_is_told_once() -> None:
    ((severity, message),) = found(unattested(released(*ARMED, own="some", alternative=True)))
    assert severity is Severity.HIGH
    assert "the releases before it" in message


def test_what_is_old_enough_is_let_be_where_that_is_set() -> None:
    """Uploaded a year before it is judged."""
    evidence, age = unattested(released(*ARMED)), AT - UPLOADED
    assert found(evidence, ignore_after=age) == []
    assert found(evidence, ignore_after=age - DAY) == []
    assert found(evidence, ignore_after=age + SECOND)
    assert found(evidence, ignore_after=timedelta(0))


def test_where_the_index_says_nothing_there_is_nothing_to_compare() -> None:
    silent = NotApplicable("the index says nothing of attestations")
    assert found(unattested(silent)) == []
    assert found(replace(CLEAN, lineage=silent)) == []
    assert found(CLEAN) == []


def test_without_an_upload_time_of_its_own_nothing_is_said_of_it() -> None:
    unknown = NotApplicable("a private index")
    assert found(unattested(released(*ARMED), upload_time=unknown)) == []


@pytest.mark.parametrize("fact", ["lineage", "upload_time", "provenance"])
def test_what_is_unavailable_is_not_clean(fact: str) -> None:
    with pytest.raises(Inconclusive):
        found(lost(unattested(released("all")), fact))


# Times.


def began(before: timedelta, **facts: Any) -> Evidence:
    """The file, of a release that began so long before it."""
    own = Release(Version("1.0"), UPLOADED - before, "none")
    return unattested(Known(Lineage(own, alternative=False)), **facts)


def test_a_file_that_comes_late_is_told() -> None:
    assert found(began(30 * DAY)) == []
    told = "was added to its release 31 days after that began"
    assert found(began(31 * DAY)) == [(Severity.LOW, told)]
    assert found(began(31 * DAY), late=31 * DAY) == []


def logged(*times: datetime) -> Evidence:
    """A file that was signed at these times."""
    attestations = tuple(Attestation("publish", NOW, one) for one in times)
    return linked(Known(Provenance("verified", attestations)), lineage=released("all", own="all"))


@pytest.mark.parametrize("apart", [2 * DAY, -2 * DAY])
def test_a_signature_that_is_far_from_the_upload_is_told_once(apart: timedelta) -> None:
    at = UPLOADED + apart
    told = f"was signed on {at:%Y-%m-%d}, and uploaded on 2025-03-01"
    assert found(logged(at, at)) == [(Severity.LOW, told)]
    assert found(logged(UPLOADED, at)) == [(Severity.LOW, told)]


@pytest.mark.parametrize("apart", [timedelta(0), DAY, -DAY])
def test_a_signature_of_the_day_is_as_it_should_be(apart: timedelta) -> None:
    assert found(logged(UPLOADED + apart)) == []


# Publishers.


@pytest.mark.parametrize("origin", ["seen", "index"])
def test_the_same_publisher_a_release_later_is_clean(origin: Literal["seen", "index"]) -> None:
    assert found(signed(NOW, before=[USUAL], origin=origin)) == []


def test_where_nobody_has_published_before_there_is_nothing_to_compare() -> None:
    assert found(signed(NOW)) == []
    assert found(signed(NOW, publishers=NO_PUBLISHERS)) == []
    assert found(signed(publishers=Known(KnownPublishers((USUAL,), "seen", AT)))) == []


def test_another_repository_is_critical_and_both_are_named() -> None:
    evil = replace(NOW, repository=OTHER, repository_id="7", owner_id="8", identity="https://evil")
    assert check(signed(evil, before=[USUAL]), Settings()) == [
        Finding(
            "provenance-continuity",
            Severity.CRITICAL,
            Confidence.HIGH,
            f"{NAME} is proven to come from github.com/evil/demo, another owner's than before: before it was "
            "github.com/acme/demo, number 1001 (.github/workflows/release.yml)",
            "if the project has really moved, pin its new publisher with [[publisher]]",
            ("now: https://evil", f"seen here before: {USUAL.identity}"),
        )
    ]
    (finding,) = check(signed(evil, before=[USUAL], origin="index"), Settings())
    assert finding.evidence[1] == f"before, on the index: {USUAL.identity}"


WAS = "github.com/acme/demo, number 1001 (.github/workflows/release.yml)"
RENAMED = Repository("github.com", "acme/demo-ng")
OTHERWISE: list[tuple[dict[str, Any], Severity, str]] = [
    (
        {"repository_id": "7"},
        Severity.CRITICAL,
        f"is proven to come from github.com/acme/demo, another repository than before: before it was {WAS}",
    ),
    (
        {"owner_id": "8"},
        Severity.CRITICAL,
        f"is proven to come from github.com/acme/demo, another owner's than before: before it was {WAS}",
    ),
    (
        {"repository": OTHER, "repository_id": "", "owner_id": ""},
        Severity.CRITICAL,
        f"is proven to come from github.com/evil/demo, before it was {WAS}",
    ),
    (
        {"repository": RENAMED},
        Severity.INFO,
        f"is proven to come from github.com/acme/demo-ng, before it was {WAS}",
    ),
    (
        {"workflow": ".github/workflows/publish.yml"},
        Severity.MEDIUM,
        f"was built by .github/workflows/publish.yml, before it was {WAS}",
    ),
    ({"workflow": ""}, Severity.MEDIUM, f"was built by no workflow, before it was {WAS}"),
    (
        {"issuer": "https://issuer.example"},
        Severity.CRITICAL,
        "is vouched for by https://issuer.example, before it was https://token.actions.githubusercontent.com",
    ),
    (
        {"repository": None, "identity": "release@evil.example"},
        Severity.CRITICAL,
        f"is signed by release@evil.example, before it was {WAS}",
    ),
]


@pytest.mark.parametrize(("part", "severity", "message"), OTHERWISE)
def test_a_difference_weighs_by_what_it_says_of_the_project(
    part: dict[str, Any], severity: Severity, message: str
) -> None:
    assert found(signed(replace(NOW, **part), before=[USUAL])) == [(severity, message)]


def test_numbers_that_one_of_the_two_does_not_state_are_not_compared() -> None:
    old = replace(USUAL, repository_id="", owner_id="", workflow="")
    assert found(signed(replace(NOW, workflow=""), before=[old])) == []
    ((_, message),) = found(signed(replace(NOW, repository=OTHER), before=[old]))
    assert message.endswith("before it was github.com/acme/demo (no workflow)")


def test_an_account_is_compared_by_its_name() -> None:
    account = Publisher("Google", "https://accounts.example", "release@acme.example")
    other = replace(account, identity="release@evil.example")
    assert found(signed(account, before=[account])) == []
    assert found(signed(other, before=[account])) == [
        (Severity.CRITICAL, "is signed by release@evil.example, before it was release@acme.example")
    ]


def test_of_those_who_published_before_the_nearest_counts() -> None:
    moved = replace(NOW, repository=RENAMED)
    assert found(signed(NOW, before=[replace(USUAL, repository_id="7"), USUAL])) == []
    assert found(signed(NOW, before=[replace(USUAL, workflow="x.yml"), USUAL])) == []
    assert found(signed(NOW, before=[moved, USUAL])) == []
    assert [severity for severity, _ in found(signed(NOW, before=[replace(USUAL, owner_id="8"), moved]))] == [
        Severity.INFO
    ]


def test_each_signer_is_compared() -> None:
    evil = replace(NOW, repository=OTHER, repository_id="7", owner_id="8")
    assert [severity for severity, _ in found(signed(NOW, evil, before=[USUAL]))] == [Severity.CRITICAL]


@pytest.mark.parametrize("outcome", ["invalid", "unsupported"])
def test_who_did_not_verify_is_compared_with_nobody(outcome: Literal["invalid", "unsupported"]) -> None:
    evil = Attestation("publish", replace(NOW, repository=OTHER), UPLOADED)
    known = Known(KnownPublishers((USUAL,), "seen", UPLOADED))
    assert found(linked(Known(Provenance(outcome, (evil,))), publishers=known)) == []


def test_without_the_history_the_check_is_inconclusive_and_only_where_it_is_needed() -> None:
    with pytest.raises(Inconclusive):
        found(lost(signed(NOW), "publishers"))
    with pytest.raises(Inconclusive):
        found(lost(unattested(released("all")), "publishers"))
    assert found(lost(unattested(released("none")), "publishers")) == []
    assert [one for one, _ in found(lost(unattested(released(*ARMED)), "publishers"))] == [Severity.HIGH]


def remembered(evidence: Evidence, origin: Literal["seen", "index"] = "seen") -> Evidence:
    """The same where somebody is known to have published before."""
    return replace(evidence, publishers=Known(KnownPublishers((USUAL,), origin, UPLOADED)))


@pytest.mark.parametrize("lineage", [released(), released("all"), released("some", "all")], ids=str)
def test_what_was_attested_when_it_was_installed_here_is_expected_to_be(lineage: Fact[Lineage]) -> None:
    """Whoever has the index take the attested releases away cannot take away that they were seen."""
    ((severity, message),) = found(remembered(unattested(lineage)))
    assert severity is Severity.HIGH
    assert USUAL.identity in message
    assert found(remembered(unattested(lineage), "index")) == []
    assert found(unattested(lineage)) == []
    assert found(remembered(unattested(lineage)), ignore_after=timedelta(days=1)) == []


def test_a_project_that_has_openly_stopped_to_sign_is_let_be() -> None:
    """An earlier release without provenance counts once it has stood: the lineage has those alone."""
    assert found(remembered(unattested(released("none", "all")))) == []


def test_an_index_that_falls_silent_hides_nothing_from_who_has_seen() -> None:
    silent = remembered(unattested(NotApplicable("the index says nothing of attestations")))
    silent = replace(silent, provenance=NotApplicable("it says nothing"), upload_time=Absent())
    assert [severity for severity, _ in found(silent)] == [Severity.HIGH]


# What becomes of it.

ACTIONS: dict[Profile, tuple[Action, Action, Action]] = {
    "relaxed": (Action.WARN, Action.WITHHOLD, Action.BLOCK),
    "balanced": (Action.ASK, Action.WITHHOLD, Action.BLOCK),
    "strict": (Action.WITHHOLD, Action.BLOCK, Action.BLOCK),
}


@pytest.mark.parametrize("profile", ACTIONS)
def test_a_loss_is_withheld_another_workflow_asked_about_and_another_owner_blocked(profile: Profile) -> None:
    other_workflow = signed(replace(NOW, workflow="other.yml"), before=[USUAL])
    other_owner = signed(replace(NOW, owner_id="8"), before=[USUAL])
    facts = (other_workflow, unattested(released(*ARMED)), other_owner)
    assert tuple(vet(one, Policy(profile=profile)).action for one in facts) == ACTIONS[profile]


def test_an_exception_lets_a_version_in_and_no_other() -> None:
    selector = Selector("demo", sha256=(DIGEST,))
    policy = Policy(allow=(Allow(selector, "signing was broken", checks=("provenance-continuity",)),))
    evidence = unattested(released(*ARMED))
    assert vet(evidence, policy).action is Action.OFF
    other = Policy(allow=(replace(policy.allow[0], selector=Selector("other")),))
    assert vet(evidence, other).action is Action.WITHHOLD


# Pins go before what was seen.

MOVED = replace(NOW, repository=OTHER, repository_id="7", owner_id="8")
PIN = PublisherPin("demo", "GitHub", repository=OTHER, by="user")


def action(evidence: Evidence, *pins: PublisherPin) -> Action:
    """What is done about a file where these are pinned."""
    return vet(evidence, Policy(publishers=pins)).action


@pytest.mark.parametrize("layer", ["org", "user", "environment", "command line"])
def test_a_project_that_has_moved_to_where_it_is_pinned_is_let_in(layer: str) -> None:
    evidence = signed(MOVED, before=[USUAL])
    assert action(evidence) is Action.BLOCK
    assert action(evidence, replace(PIN, by=layer)) is Action.OFF


def test_a_project_s_own_file_takes_nothing_away_by_pinning() -> None:
    assert action(signed(MOVED, before=[USUAL]), replace(PIN, by="project")) is Action.BLOCK


def test_what_a_pin_leaves_open_is_compared_with_those_that_it_fits() -> None:
    """A repository that was given up and taken by somebody else has the pinned name, and another number."""
    pin = replace(PIN, repository=DEMO)
    taken = signed(replace(NOW, repository_id="7", owner_id="8"), before=[USUAL])
    assert action(taken, pin) is Action.BLOCK
    assert action(taken, replace(pin, repository_id="7")) is Action.OFF
    assert action(signed(NOW, before=[USUAL]), pin) is Action.OFF


def test_a_pin_of_another_project_changes_nothing() -> None:
    assert action(signed(MOVED, before=[USUAL]), replace(PIN, project="other")) is Action.BLOCK


def test_the_pinned_publisher_still_has_to_be_the_one_who_signed() -> None:
    assert action(signed(NOW, before=[USUAL]), PIN) is Action.BLOCK
