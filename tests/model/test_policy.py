"""What a finding means: profiles, exceptions, denials, curation, and the digest of it all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.model.policies import policies
from tests.model.samples import DIGEST, OTHER_DIGEST
from trustguard.checks import discover
from trustguard.model.evidence import SourceName
from trustguard.model.finding import Severity
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import (
    DEFAULT_ON_UNAVAILABLE,
    DENIED,
    NOT_LISTED,
    PROFILE_ACTIONS,
    PROFILES,
    Action,
    Allow,
    CheckPolicy,
    Deny,
    IndexPolicy,
    Policy,
    Profile,
    Selector,
    Unknown,
    matches,
    same_index,
)
from trustguard.model.repository import Repository

ROOT = Path(__file__).parents[2]
DEMO = NormalizedName("demo")
INDEX = "https://index.example/simple/"
UNHEARD_OF = "a-check-of-tomorrow"
EVERY_CHECK = [*discover(), UNHEARD_OF]


def checks(**by_id: CheckPolicy) -> MappingProxyType[str, CheckPolicy]:
    """A ``[checks.ID]`` table for each, an id's hyphens written as underscores."""
    return MappingProxyType({check_id.replace("_", "-"): policy for check_id, policy in by_id.items()})


# Actions.


@pytest.mark.parametrize("check", [*EVERY_CHECK, NOT_LISTED, DENIED])
@pytest.mark.parametrize("severity", Severity)
def test_strict_is_never_milder_than_balanced_nor_balanced_than_relaxed(
    check: str, severity: Severity
) -> None:
    relaxed, balanced, strict = (Policy(profile=profile).action(check, severity) for profile in PROFILES)
    assert relaxed <= balanced <= strict


@pytest.mark.parametrize("check", EVERY_CHECK)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_worse_is_never_treated_more_mildly(check: str, profile: Profile) -> None:
    actions = [Policy(profile=profile).action(check, severity) for severity in Severity]
    assert actions == sorted(actions)


@pytest.mark.parametrize("profile", PROFILES)
def test_malware_is_withheld_in_every_profile_whatever_its_severity(profile: Profile) -> None:
    actions = {Policy(profile=profile).action("known-malicious", severity) for severity in Severity}
    assert actions == {Action.WITHHOLD}


def test_the_balanced_profile_names_a_vulnerability_and_installs() -> None:
    assert Policy().action("vulnerability", Severity.CRITICAL) is Action.WARN


@pytest.mark.parametrize("profile", PROFILES)
def test_a_check_that_no_profile_mentions_still_refuses_or_asks_at_the_worst(profile: Profile) -> None:
    assert UNHEARD_OF not in PROFILE_ACTIONS
    assert Policy(profile=profile).action(UNHEARD_OF, Severity.CRITICAL) >= Action.ASK


def test_the_profiles_speak_of_no_check_that_there_is_not() -> None:
    assert PROFILE_ACTIONS.keys() <= discover().keys()


@pytest.mark.parametrize("action", Action)
def test_an_action_that_is_set_holds_for_every_severity(action: Action) -> None:
    policy = Policy(checks=checks(release_age=CheckPolicy(action)))
    assert {policy.action("release-age", severity) for severity in Severity} == {action}


def test_a_check_without_a_table_has_no_action_exemption_or_setting_of_its_own() -> None:
    policy = Policy().check("release-age")
    assert (policy.action, policy.exempt, dict(policy.settings)) == (None, (), {})


@pytest.mark.parametrize(
    ("unknown", "action"), [("allow", Action.OFF), ("ask", Action.ASK), ("block", Action.WITHHOLD)]
)
def test_what_nothing_lists_is_treated_as_unknown_says(unknown: Unknown, action: Action) -> None:
    assert {Policy(unknown=unknown).action(NOT_LISTED, severity) for severity in Severity} == {action}


@given(policies, st.sampled_from(Severity))
def test_a_denial_is_a_refusal_in_every_policy(policy: Policy, severity: Severity) -> None:
    milder = replace(policy, checks=MappingProxyType({DENIED: CheckPolicy(Action.OFF)}))
    assert policy.action(DENIED, severity) is milder.action(DENIED, severity) is Action.BLOCK


@pytest.mark.parametrize(
    ("says", "action"),
    [("ignore", Action.OFF), ("warn", Action.WARN), ("ask", Action.ASK), ("block", Action.BLOCK)],
)
@pytest.mark.parametrize("source", get_args(SourceName))
def test_an_outage_is_treated_as_on_unavailable_says(says: Any, action: Action, source: SourceName) -> None:
    assert Policy(on_unavailable={source: says}).when_unavailable(source) is action


def test_without_its_index_or_its_bytes_nothing_is_installed_and_other_outages_are_told() -> None:
    """docs/configuration.md, on-unavailable; a source that a policy leaves out keeps its default."""
    for policy in (Policy(), Policy(on_unavailable={})):
        assert {source: policy.when_unavailable(source) for source in DEFAULT_ON_UNAVAILABLE} == {
            "index": Action.BLOCK,
            "artifact": Action.BLOCK,
            "advisories": Action.WARN,
            "upload-times": Action.WARN,
            "provenance": Action.WARN,
            "project-api": Action.WARN,
            "forge": Action.OFF,
            "dependents": Action.OFF,
        }


# Globs.


@pytest.mark.parametrize(
    ("glob", "fitting", "other"),
    [
        ("demo", "demo", "demos"),
        ("Acme_Tool", "acme-tool", "acme-tools"),
        ("acme..tool", "acme-tool", "acme-x-tool"),
        ("acme-*", "acme-tool", "acme"),
        ("ACME_*", "acme-tool", "acmetool"),
        ("acme__*", "acme-tool", "acmetool"),
        ("acme-.*", "acme-tool", "acmetool"),
        ("demo?", "demo2", "demo"),
        ("demo[0-9]", "demo7", "demox"),
        ("demo[!0-9]", "demox", "demo7"),
        ("*", "anything", ""),
    ],
)
def test_a_glob_fits_names_in_their_normalized_form(glob: str, fitting: str, other: str) -> None:
    assert matches(glob, NormalizedName(fitting))
    assert not other or not matches(glob, NormalizedName(other))


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True))
def test_however_a_name_is_written_it_fits_its_project(written: str) -> None:
    """PEP 503: names that normalize to the same are the same."""
    project = canonicalize_name(written)
    assert matches(written, project)
    assert matches(f"{written}*", project)
    assert not matches(f"{written}?", project)


def test_two_addresses_are_one_index_but_for_the_slash_at_the_end() -> None:
    assert same_index(INDEX, INDEX.rstrip("/"))
    assert not same_index(INDEX, "https://index.example/simple/x")
    assert not same_index(INDEX, "http://index.example/simple/")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("HTTPS://Index.Example/simple", "https://index.example/simple/", True),
        ("https://index.example:443/simple", "https://index.example/simple", True),
        ("http://127.0.0.1:80/simple", "http://127.0.0.1/simple/", True),
        ("https://index.example:80/simple", "https://index.example/simple", False),
        ("https://index.example/Simple", "https://index.example/simple", False),
        ("https://index.example:4430/simple", "https://index.example/simple", False),
        ("file:///srv/Simple", "file:///srv/simple", False),
        ("https://[::1", "https://[::1", True),
    ],
)
def test_an_address_is_the_same_in_another_spelling(one: str, other: str, same: bool) -> None:
    """RFC 3986, 6.2.2.1 and 6.2.3: scheme and host in any case, and the port that goes without saying."""
    assert same_index(one, other) is same


# What an entry speaks of.


def covers(selector: Selector, version: str = "1.2", digest: Any = DIGEST, index: str = INDEX) -> bool:
    """Whether the entry speaks of this file of demo."""
    return selector.covers(DEMO, Version(version), digest, index)


def test_an_entry_with_a_project_alone_speaks_of_every_file_of_it() -> None:
    assert covers(Selector("demo"), version="9.9rc1", digest=None, index="https://other.example/")
    assert not covers(Selector("demos"))


@pytest.mark.parametrize(
    ("versions", "version", "fits"),
    [
        ("==1.2", "1.2", True),
        ("==1.2", "1.2.0", True),
        ("==1.2", "1.2.1", False),
        ("==1.2", "1.2+local", True),
        (">=1,<2", "2.0", False),
        (">=1", "2.0rc1", True),
    ],
)
def test_the_versions_of_an_entry_are_a_pep_440_set_with_pre_releases(
    versions: str, version: str, fits: bool
) -> None:
    assert covers(Selector("demo", SpecifierSet(versions)), version=version) is fits


def test_an_entry_with_digests_speaks_of_those_bytes_alone() -> None:
    entry = Selector("demo", sha256=(OTHER_DIGEST, DIGEST))
    assert covers(entry)
    assert not covers(Selector("demo", sha256=(OTHER_DIGEST,)))
    assert not covers(entry, digest=None)


def test_an_entry_with_an_index_speaks_of_that_index_alone() -> None:
    entry = Selector("demo", index=INDEX)
    assert covers(entry, index=INDEX.rstrip("/"))
    assert not covers(entry, index="https://other.example/simple/")


def test_every_part_of_an_entry_must_fit() -> None:
    entry = Selector("demo", SpecifierSet("==1.2"), (DIGEST,), INDEX)
    assert covers(entry)
    assert not covers(entry, version="1.3")
    assert not covers(entry, digest=OTHER_DIGEST)
    assert not covers(entry, index="https://other.example/simple/")


# Exceptions.

ANY = Selector("*")


@pytest.mark.parametrize(
    "check", [c for c in EVERY_CHECK if c not in {"known-malicious", "provenance"}] + [NOT_LISTED]
)
def test_an_exception_that_names_no_check_excuses_nearly_every_finding(check: str) -> None:
    assert Allow(ANY, "ours").excuses(check)


@pytest.mark.parametrize("check", ["known-malicious", "provenance"])
def test_malware_and_invalid_provenance_are_excused_only_by_name(check: str) -> None:
    assert not Allow(ANY, "ours").excuses(check)
    assert Allow(ANY, "a wrong record", (check,)).excuses(check)


def test_an_exception_that_names_checks_excuses_those_alone() -> None:
    exception = Allow(ANY, "ours", ("vulnerability",))
    assert exception.excuses("vulnerability")
    assert not exception.excuses("release-age")
    assert not exception.excuses(NOT_LISTED)


@pytest.mark.parametrize("named", [None, (DENIED,), (DENIED, "known-malicious")])
def test_a_denial_is_excused_by_no_exception(named: tuple[str, ...] | None) -> None:
    assert not Allow(ANY, "please", named).excuses(DENIED)


def test_an_exception_holds_to_the_end_of_its_last_day() -> None:
    exception = Allow(ANY, "ours", expires=date(2027, 6, 30))
    assert exception.active(date(2027, 6, 30))
    assert not exception.active(date(2027, 7, 1))
    assert Allow(ANY, "ours").active(date.max)


def test_on_a_day_the_policy_is_without_what_has_expired_and_otherwise_the_same() -> None:
    old, new = Allow(ANY, "old", expires=date(2026, 1, 1)), Allow(ANY, "new", expires=date(2026, 1, 2))
    policy = Policy(profile="strict", allow=(old, new), deny=(Deny(ANY, "incident 42"),))
    assert policy.on(date(2026, 1, 2)) == replace(policy, allow=(new,))


# Indexes.


def test_a_name_is_pinned_to_the_first_index_whose_namespaces_claim_it() -> None:
    first = IndexPolicy("https://packages.acme.example/simple/", ("acme-*", "tool"))
    second = IndexPolicy("https://mirror.acme.example/simple/", ("acme-tool",))
    policy = Policy(indexes=(IndexPolicy(INDEX), first, second))
    assert policy.pinned_index(NormalizedName("acme-tool")) is first
    assert policy.pinned_index(DEMO) is None


def test_an_index_is_found_by_its_address_and_is_public_where_no_layer_mentions_it() -> None:
    private = IndexPolicy("https://packages.acme.example/simple/", trust="private")
    policy = Policy(indexes=(private,))
    assert policy.index("https://packages.acme.example/simple") is private
    assert policy.index(INDEX) == IndexPolicy(INDEX, (), "public")


# The digest.

SELECTOR = Selector("demo", SpecifierSet(">=1,<2"), (DIGEST,), INDEX)
ALLOW = Allow(SELECTOR, "ours", ("vulnerability",), date(2027, 6, 30), "org: Kim")
DENY = Deny(SELECTOR, "incident 42")
CHECK = CheckPolicy(Action.WARN, ("acme-*",), MappingProxyType({"cooldown": timedelta(days=3)}))
PIN = PublisherPin(
    *("demo", "GitHub", Repository("github.com", "acme/demo"), "1001", "2002", "release.yml"),
    *("https://id.example", "demo", "refs/heads/main", "org"),
)
FULL = Policy(
    profile="strict",
    unknown="ask",
    message="Exceptions: #supply-chain",
    checks=checks(release_age=CHECK, vulnerability=CheckPolicy()),
    indexes=(IndexPolicy(INDEX, ("acme-*",), "private"), IndexPolicy("https://other.example/simple/")),
    allow=(ALLOW,),
    deny=(DENY,),
    publishers=(PIN,),
)

OTHER_SELECTORS = {
    "project": replace(SELECTOR, project="demo2"),
    "version": replace(SELECTOR, version=None),
    "sha256": replace(SELECTOR, sha256=(OTHER_DIGEST,)),
    "index": replace(SELECTOR, index=None),
}
OTHER_ALLOWS = {
    "selector": [replace(ALLOW, selector=other) for other in OTHER_SELECTORS.values()],
    "reason": [replace(ALLOW, reason="theirs")],
    "checks": [replace(ALLOW, checks=None), replace(ALLOW, checks=("clone",))],
    "expires": [replace(ALLOW, expires=None), replace(ALLOW, expires=date(2027, 7, 1))],
    "needs_approval": [replace(ALLOW, needs_approval=True)],
}
OTHER_DENIALS = {
    "selector": [replace(DENY, selector=other) for other in OTHER_SELECTORS.values()],
    "reason": [replace(DENY, reason="incident 43")],
}
OTHER_CHECKS = {
    "action": [replace(CHECK, action=None), replace(CHECK, action=Action.ASK)],
    "exempt": [replace(CHECK, exempt=())],
    "settings": [replace(CHECK, settings={}), replace(CHECK, settings={"cooldown": timedelta(days=4)})],
}
OTHER_INDEXES = {
    "url": replace(FULL.indexes[0], url="https://elsewhere.example/"),
    "namespaces": replace(FULL.indexes[0], namespaces=("acme-*", "tool")),
    "trust": replace(FULL.indexes[0], trust="public"),
    "integrity": replace(FULL.indexes[0], integrity=True),
    "forbids_missing": replace(FULL.indexes[0], forbids_missing=True),
}
OTHER_PINS: dict[str, Any] = {
    "project": "demo2",
    "kind": "GitLab",
    "repository": Repository("github.com", "acme/demo2"),
    **dict.fromkeys(("repository_id", "owner_id", "workflow", "issuer", "identity", "ref", "by"), "other"),
}
OTHERS: dict[str, list[Any]] = {
    "profile": ["balanced"],
    "unknown": ["block"],
    "min_score": [4.0],
    "checks": [{**FULL.checks, "release-age": other} for others in OTHER_CHECKS.values() for other in others],
    "indexes": [FULL.indexes[::-1], *((other, FULL.indexes[1]) for other in OTHER_INDEXES.values())],
    "allow": [(), *((other,) for others in OTHER_ALLOWS.values() for other in others)],
    "deny": [(), *((other,) for others in OTHER_DENIALS.values() for other in others)],
    "publishers": [(), (PIN, PIN), *((replace(PIN, **{part: new}),) for part, new in OTHER_PINS.items())],
    "on_unavailable": [{**DEFAULT_ON_UNAVAILABLE, "forge": "warn"}],
}


@pytest.mark.parametrize(("part", "value"), [(part, one) for part, many in OTHERS.items() for one in many])
def test_the_digest_changes_with_whatever_can_change_a_verdict(part: str, value: Any) -> None:
    other: Any = {part: value}
    assert replace(FULL, **other).digest != FULL.digest


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        (Policy, OTHERS.keys() | {"message"}),
        (Allow, OTHER_ALLOWS.keys() | {"by"}),
        (Deny, OTHER_DENIALS.keys()),
        (Selector, OTHER_SELECTORS.keys()),
        (CheckPolicy, OTHER_CHECKS.keys()),
        (IndexPolicy, OTHER_INDEXES.keys()),
        (PublisherPin, OTHER_PINS.keys()),
    ],
)
def test_no_part_of_a_policy_is_forgotten_above(kind: type[Any], changed: set[str]) -> None:
    assert {part.name for part in fields(kind)} == changed


def test_the_digest_does_not_change_with_what_is_only_told() -> None:
    told = replace(FULL, message="Exceptions: ask Kim", allow=(replace(ALLOW, by="org: Lee"),))
    assert told.digest == FULL.digest


@given(policies, st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_tables(policy: Policy, chance: random.Random) -> None:
    def shuffled(table: Any) -> Any:
        items = list(table.items())
        chance.shuffle(items)
        return MappingProxyType(dict(items))

    other = replace(policy, checks=shuffled(policy.checks), on_unavailable=shuffled(policy.on_unavailable))
    assert other.digest == policy.digest


def test_the_digest_is_the_same_in_every_process() -> None:
    words = "from tests.model.test_policy import FULL; print(FULL.digest)"
    digests = set()
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", words]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        digests.add(done.stdout.strip())
    assert digests == {FULL.digest}


def test_the_digest_is_64_hexadecimal_digits() -> None:
    assert len(bytes.fromhex(Policy().digest)) == 32
