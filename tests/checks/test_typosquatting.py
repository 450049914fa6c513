"""A name that resembles a better known one is found, and the project's past weighs with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from packaging.utils import NormalizedName

from tests.checks.kin import BESIDE_THEIRS, FAMOUS, OWN, THEIRS, built_in, claiming, facing
from tests.model.samples import AT, CLEAN, lost
from trustguard.checks.typosquatting import Settings, check
from trustguard.judging import vet
from trustguard.model.claims import Counterpart
from trustguard.model.evidence import Absent, Evidence, History, Inconclusive, Known
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.names import NameHit, Tier
from trustguard.model.policy import Action, Allow, CheckPolicy, Policy, Profile, Selector
from trustguard.model.project import IndexId

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
YEAR = 365 * DAY


def hit(tier: Tier = "suspicious", target: str = "demos") -> NameHit:
    """What the comparison of names says of demo."""
    return NameHit(NormalizedName(target), "edit1", tier, 0.25, "one slip of the hand leads from demos to it")


def resembling(tier: Tier = "suspicious", age: timedelta | None = None, releases: int = 1) -> Evidence:
    """Evidence on a project with such a name, and such a past."""
    evidence = replace(CLEAN, lookalike=Known(hit(tier)))
    return evidence if age is None else replace(evidence, history=Known(History(AT - age, releases)))


def severity(evidence: Evidence, settings: Settings | None = None) -> Severity:
    """How severe the one finding is."""
    (finding,) = check(evidence, settings or Settings())
    return finding.severity


def test_a_suspicious_name_is_found_with_the_name_that_was_meant() -> None:
    assert check(resembling(age=100 * DAY), Settings()) == [
        Finding(
            "typosquatting",
            Severity.MEDIUM,
            Confidence.MEDIUM,
            "the name demo is suspicious: one slip of the hand leads from demos to it",
            "did you mean demos?",
            ("demos", "edit1", "confidence 0.25"),
        )
    ]


def test_a_likely_squat_is_worse_and_surer() -> None:
    (finding,) = check(resembling("likely"), Settings())
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.HIGH)
    assert finding.message.startswith("the name demo is likely a squat: ")


def test_a_name_that_resembles_none_is_clean() -> None:
    assert check(replace(CLEAN, lookalike=Absent()), Settings()) == []
    assert check(CLEAN, Settings()) == []


def test_where_names_could_not_be_compared_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive):
        check(lost(CLEAN, "lookalike"), Settings())


def test_on_a_private_index_a_name_is_nobodys_trick() -> None:
    private = IndexId(CLEAN.index.url, "private")
    assert check(replace(resembling("likely"), index=private), Settings()) == []


@pytest.mark.parametrize(
    ("age", "releases", "expected"),
    [
        (30 * DAY - SECOND, 1, Severity.HIGH),
        (-DAY, 1, Severity.HIGH),
        (30 * DAY, 1, Severity.MEDIUM),
        (30 * DAY, 500, Severity.MEDIUM),
        (YEAR - SECOND, 5, Severity.MEDIUM),
        (YEAR, 4, Severity.MEDIUM),
        (YEAR, 5, Severity.INFO),
    ],
)
def test_youth_speaks_against_a_suspicious_name_and_age_with_many_releases_for_it(
    age: timedelta, releases: int, expected: Severity
) -> None:
    assert severity(resembling(age=age, releases=releases)) == expected


def test_what_speaks_for_a_project_and_against_it_is_said() -> None:
    (old,) = check(resembling("likely", YEAR, 12), Settings())
    assert old.severity is Severity.INFO
    assert old.message.endswith("; but the project is 365 days old and has 12 releases")
    (young,) = check(resembling("likely", 2 * DAY), Settings())
    assert young.severity is Severity.HIGH
    assert young.message.endswith("; and its first file is 2 days old")
    (unborn,) = check(resembling("likely", -2 * DAY), Settings())
    assert unborn.message.endswith("; and its first file is 0 days old")


@pytest.mark.parametrize(("tier", "expected"), [("likely", Severity.HIGH), ("suspicious", Severity.MEDIUM)])
def test_an_unknown_past_speaks_for_nobody_and_hides_nothing(tier: Tier, expected: Severity) -> None:
    for age in (DAY, YEAR):
        verdict = vet(lost(resembling(tier, age, 12), "history"), Policy())
        assert [one.finding.severity for one in verdict.findings] == [expected]
        assert [one.check for one in verdict.unanswered] == ["typosquatting"]


def test_what_is_young_and_established_is_as_it_is_set() -> None:
    settings = Settings(young=2 * DAY, established=10 * DAY, releases=2)
    assert severity(resembling(age=2 * DAY), settings) is Severity.MEDIUM
    assert severity(resembling(age=10 * DAY, releases=2), settings) is Severity.INFO


def test_for_a_module_of_the_standard_library_nothing_is_to_be_installed() -> None:
    evidence = replace(CLEAN, lookalike=Known(hit(target="demo")))
    (finding,) = check(evidence, Settings())
    assert finding.remedy == "the standard library has demo: nothing needs to be installed"


@pytest.mark.parametrize(
    ("profile", "actions"),
    [
        ("relaxed", (Action.OFF, Action.WARN, Action.ASK)),
        ("balanced", (Action.OFF, Action.ASK, Action.BLOCK)),
        ("strict", (Action.WARN, Action.ASK, Action.BLOCK)),
    ],
)
def test_a_suspicious_name_is_asked_about_and_a_likely_squat_is_blocked(
    profile: Profile, actions: Any
) -> None:
    levels = (Severity.INFO, Severity.MEDIUM, Severity.HIGH)
    assert tuple(Policy(profile=profile).action("typosquatting", level) for level in levels) == actions


def test_a_name_of_the_same_owner_is_no_squat() -> None:
    known = Counterpart(NormalizedName("demos"), (THEIRS,), ("user ann",))
    evidence = replace(resembling("likely", age=DAY), counterpart=Known(known))
    assert severity(evidence) is Severity.HIGH
    assert severity(replace(evidence, owners=Known(("user ann",)))) is Severity.INFO
    assert severity(replace(evidence, provenance=Known(built_in(BESIDE_THEIRS)))) is Severity.INFO


@pytest.mark.parametrize(
    ("owner", "age", "releases", "expected"),
    [
        ("organization acme", YEAR / 4, 5, Severity.INFO),
        ("organization acme", YEAR / 4 - SECOND, 5, Severity.MEDIUM),
        ("organization acme", YEAR / 4, 4, Severity.MEDIUM),
        ("organization acme", DAY, 50, Severity.HIGH),
        ("user organization", YEAR / 4, 5, Severity.MEDIUM),
    ],
)
def test_of_an_organisation_that_the_index_has_approved_a_quarter_of_a_year_is_enough(
    owner: str, age: timedelta, releases: int, expected: Severity
) -> None:
    evidence = replace(resembling(age=age, releases=releases), owners=Known(("user ann", owner)))
    assert severity(evidence) is expected
    assert severity(lost(evidence, "owners")) >= Severity.MEDIUM


def test_a_valid_attestation_from_anywhere_else_excuses_no_name() -> None:
    known = Counterpart(NormalizedName("demos"), (THEIRS,), ("user ann",))
    evidence = replace(resembling("likely"), counterpart=Known(known), provenance=Known(built_in(OWN)))
    assert severity(evidence) is Severity.HIGH


def verdict(evidence: Evidence, policy: Policy | None = None) -> tuple[Action, Severity]:
    """What happens, and how severe the finding on the name has become."""
    found = vet(evidence, policy or Policy())
    named = next(one.finding for one in found.findings if one.finding.check == "typosquatting")
    return found.action, named.severity


STOLEN = facing(FAMOUS, claims=claiming(THEIRS))
COPIED = facing(replace(FAMOUS, description=0.9))


@pytest.mark.parametrize("other", [STOLEN, COPIED])
def test_a_suspicious_name_with_a_stolen_repository_or_a_copied_page_is_refused(other: Evidence) -> None:
    suspicious = replace(other, lookalike=Known(hit()), history=Known(History(AT - 100 * DAY, 1)))
    assert verdict(suspicious) == (Action.BLOCK, Severity.HIGH)
    assert verdict(resembling(age=100 * DAY)) == (Action.ASK, Severity.MEDIUM)
    assert vet(replace(suspicious, lookalike=Absent()), Policy()).action is Action.ASK


def test_what_else_speaks_against_a_project_is_told_with_its_name() -> None:
    evidence = replace(STOLEN, lookalike=Known(hit()))
    found = [one.finding.message for one in vet(evidence, Policy()).findings]
    assert any(text.endswith("; and there is starjacking") for text in found)


def test_what_is_excused_or_milder_makes_no_name_worse() -> None:
    suspicious = replace(STOLEN, lookalike=Known(hit()))
    excuse = Allow(Selector("demo"), "looked at", checks=("starjacking",))
    assert verdict(suspicious, Policy(allow=(excuse,))) == (Action.ASK, Severity.MEDIUM)
    fork = replace(suspicious, counterpart=Known(replace(FAMOUS, fork=True)))
    assert verdict(fork) == (Action.ASK, Severity.MEDIUM)


def test_what_makes_a_name_worse_is_the_policys() -> None:
    suspicious = replace(STOLEN, lookalike=Known(hit()))
    alone = Policy(checks={"typosquatting": CheckPolicy(settings={"worse_with": ()})})
    assert verdict(suspicious, alone) == (Action.ASK, Severity.MEDIUM)


def test_an_established_project_is_not_made_worse() -> None:
    old = replace(STOLEN, lookalike=Known(hit("likely")), history=Known(History(AT - YEAR, 5)))
    assert vet(old, Policy()).action is Action.OFF
