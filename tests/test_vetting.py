"""One path from evidence to verdict: the worst finding decides, and what is not known is never clean."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.model import strategies
from tests.model.policies import allows, policies, selectors
from tests.model.samples import (
    AT,
    CLEAN,
    DIGEST,
    FLAW,
    INDEX,
    MALICIOUS,
    METADATA,
    OTHER_DIGEST,
    SOURCE_OF,
    UPLOADED,
    lost,
    named,
)
from trustguard import judging
from trustguard.checks import Check, NoSettings, discover
from trustguard.judging import Judge, vet
from trustguard.model.claims import Counterpart
from trustguard.model.contents import Contents, Overlap
from trustguard.model.evidence import (
    Absent,
    Advisory,
    Dependents,
    DirectReference,
    Evidence,
    Fact,
    History,
    Known,
    NotApplicable,
    OtherIndex,
    SourceName,
    Unavailable,
    read,
)
from trustguard.model.finding import Finding, Severity
from trustguard.model.lineage import KnownPublishers, Lineage, Release
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import (
    DENIED,
    NOT_LISTED,
    PROFILES,
    Action,
    Allow,
    CheckPolicy,
    Deny,
    OnUnavailable,
    Policy,
    Profile,
    Selector,
    Unknown,
)
from trustguard.model.project import (
    DistributionFile,
    FileName,
    IndexId,
    Listing,
    ProjectStatus,
    Sha256,
)
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository
from trustguard.model.rhythm import Rhythm
from trustguard.model.verdict import Decision, Verdict
from trustguard.vetting import Around, Bytes, Candidate, Vetter, supplier

ANY = Selector("*")
DEMO = NormalizedName("demo")
DAY = timedelta(days=1)
BAD = replace(CLEAN, advisories=Known((MALICIOUS,)))
FLAWED = replace(CLEAN, advisories=Known((FLAW,)))
YOUNG = replace(CLEAN, upload_time=Known(AT - DAY))
SWAPPED = replace(CLEAN, sha256=Known(OTHER_DIGEST))


def what(verdict: Verdict) -> list[tuple[str, Action]]:
    """The findings that count, the worst first."""
    return [(judged.finding.check, judged.action) for judged in verdict.reasons]


def outages(verdict: Verdict) -> list[tuple[str, SourceName, Action]]:
    """What could not be checked."""
    return [(one.check, one.fact.source, one.action) for one in verdict.unanswered]


def on_unavailable(says: OnUnavailable) -> Mapping[SourceName, OnUnavailable]:
    """The same for every source."""
    return MappingProxyType(dict.fromkeys(SOURCE_OF.values(), says))


# The worst finding decides.


@pytest.mark.parametrize("profile", PROFILES)
def test_a_file_against_which_nothing_speaks_is_allowed(profile: Profile) -> None:
    verdict = vet(CLEAN, Policy(profile=profile))
    assert (verdict.decision, verdict.findings, verdict.unanswered) == (Decision.ALLOW, (), ())
    assert verdict.checked == tuple(discover())


@pytest.mark.parametrize(
    ("evidence", "decision"),
    [
        (BAD, Decision.WITHHOLD),
        (FLAWED, Decision.WARN),
        (YOUNG, Decision.WITHHOLD),
        (SWAPPED, Decision.BLOCK),
        (replace(CLEAN, status=Known(ProjectStatus("quarantined"))), Decision.WITHHOLD),
        (replace(CLEAN, status=Known(ProjectStatus("archived"))), Decision.WARN),
        (replace(CLEAN, file=replace(CLEAN.file, yanked="")), Decision.WARN),
        (
            replace(CLEAN, other_indexes=Known((OtherIndex(IndexId("https://b.example/"), "unrelated"),))),
            Decision.ASK,
        ),
        (replace(CLEAN, build_requires=Known(("x @ https://e.example/x.zip",))), Decision.BLOCK),
    ],
)
def test_the_balanced_profile_decides_as_it_is_published(evidence: Evidence, decision: Decision) -> None:
    assert vet(evidence, Policy()).decision is decision


def test_the_worst_of_several_findings_decides() -> None:
    evidence = replace(YOUNG, advisories=Known((FLAW,)), sha256=Known(OTHER_DIGEST))
    verdict = vet(evidence, Policy())
    assert verdict.decision is Decision.BLOCK
    assert what(verdict) == [
        ("artifact-integrity", Action.BLOCK),
        ("release-age", Action.WITHHOLD),
        ("vulnerability", Action.WARN),
    ]


@given(strategies.evidence, st.sampled_from(PROFILES), st.lists(strategies.advisories, max_size=3))
def test_no_good_sign_hides_a_record_of_malware(evidence: Evidence, profile: Any, others: Any) -> None:
    worse = replace(evidence, advisories=Known((*others, MALICIOUS)))
    assert vet(worse, Policy(profile=profile)).refused


@given(strategies.evidence, policies, st.randoms(use_true_random=False))
def test_the_order_of_facts_and_of_rules_does_not_matter(
    evidence: Evidence, policy: Policy, chance: random.Random
) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    other = replace(policy, allow=shuffled(policy.allow), deny=shuffled(policy.deny))
    mixed = evidence
    if isinstance(evidence.advisories, Known):
        mixed = replace(mixed, advisories=Known(shuffled(evidence.advisories.value)))
    if isinstance(evidence.other_indexes, Known):
        mixed = replace(mixed, other_indexes=Known(shuffled(evidence.other_indexes.value)))
    one, two = vet(evidence, policy), vet(mixed, other)
    assert one.action is two.action
    assert sorted((j.finding.message, j.action) for j in one.findings) == sorted(
        (j.finding.message, j.action) for j in two.findings
    )


@given(strategies.evidence, strategies.evidence, policies)
def test_a_verdict_depends_on_the_evidence_and_the_policy_alone(
    one: Evidence, other: Evidence, policy: Policy
) -> None:
    judge = Judge(policy)
    first = judge.vet(one)
    judge.vet(other)
    assert judge.vet(one) == first == vet(one, policy)


# Profiles.


@given(strategies.evidence, policies)
def test_strict_is_never_milder_than_balanced_nor_balanced_than_relaxed(
    evidence: Evidence, policy: Policy
) -> None:
    relaxed, balanced, strict = (vet(evidence, replace(policy, profile=name)).action for name in PROFILES)
    assert relaxed <= balanced <= strict


@given(strategies.evidence, policies)
def test_curation_only_tightens(evidence: Evidence, policy: Policy) -> None:
    steps: tuple[Unknown, ...] = ("allow", "ask", "block")
    free, asked, curated = (vet(evidence, replace(policy, unknown=step)).action for step in steps)
    assert free <= asked <= curated


# Denials.


@given(strategies.evidence, policies)
def test_what_is_denied_is_blocked_whatever_else_the_policy_says(evidence: Evidence, policy: Policy) -> None:
    verdict = vet(evidence, replace(policy, deny=(*policy.deny, Deny(ANY, "incident 42"))))
    assert verdict.decision is Decision.BLOCK


@pytest.mark.parametrize("named_checks", [None, (DENIED,)])
def test_a_denial_is_excused_by_no_exception(named_checks: tuple[str, ...] | None) -> None:
    policy = Policy(allow=(Allow(ANY, "please", named_checks),), deny=(Deny(ANY, "incident 42"),))
    verdict = vet(CLEAN, policy)
    assert what(verdict) == [(DENIED, Action.BLOCK)]
    assert verdict.reasons[0].finding.message == "demo 1.0 is denied: incident 42"


def test_a_denied_digest_is_refused_by_what_came_also_where_something_else_was_announced() -> None:
    policy = Policy(deny=(Deny(Selector("*", sha256=(OTHER_DIGEST,)), "incident 42"),))
    assert (DENIED, Action.BLOCK) in what(vet(SWAPPED, policy))
    listed = replace(CLEAN, sha256=NotApplicable("not fetched"))
    assert vet(listed, policy).decision is Decision.ALLOW
    file = replace(CLEAN.file, hashes=MappingProxyType({"sha256": OTHER_DIGEST}))
    for evidence in (CLEAN, listed, lost(CLEAN, "sha256")):
        assert (DENIED, Action.BLOCK) in what(vet(replace(evidence, file=file), policy))


def test_what_another_entry_denies_is_not_refused() -> None:
    assert vet(CLEAN, Policy(deny=(Deny(Selector("demos"), "incident 42"),))).decision is Decision.ALLOW


# Exceptions.


def excused(evidence: Evidence, *allow: Allow, **policy: Any) -> Verdict:
    """The verdict under these exceptions."""
    return vet(evidence, Policy(allow=allow, **policy))


def test_an_exception_excuses_a_finding_which_is_still_told() -> None:
    verdict = excused(YOUNG, Allow(Selector("demo"), "our own name"))
    assert verdict.decision is Decision.ALLOW
    (judged,) = verdict.findings
    assert (judged.finding.check, judged.action, judged.excused) == (
        "release-age",
        Action.OFF,
        "our own name",
    )


@pytest.mark.parametrize(
    "selector",
    [
        Selector("demos"),
        Selector("d?"),
        Selector("demo", SpecifierSet("!=1.0")),
        Selector("demo", sha256=(OTHER_DIGEST,)),
        Selector("demo", index="https://other.example/simple/"),
    ],
)
def test_an_exception_for_something_else_excuses_nothing(selector: Selector) -> None:
    assert excused(YOUNG, Allow(selector, "ours")).decision is Decision.WITHHOLD


@pytest.mark.parametrize(
    "selector",
    [
        Selector("d*"),
        Selector("demo", SpecifierSet("==1.0")),
        Selector("demo", sha256=(DIGEST,)),
        Selector("demo", index="https://index.example/simple"),
    ],
)
def test_an_exception_for_this_file_excuses_it(selector: Selector) -> None:
    assert excused(YOUNG, Allow(selector, "ours")).decision is Decision.ALLOW


def test_an_exception_for_other_checks_excuses_nothing() -> None:
    assert excused(YOUNG, Allow(ANY, "ours", ("vulnerability",))).decision is Decision.WITHHOLD
    assert excused(YOUNG, Allow(ANY, "ours", ("release-age",))).decision is Decision.ALLOW


def test_an_exception_for_a_digest_is_bound_to_the_bytes_that_came() -> None:
    """The index announces the excused digest, and something else comes."""
    allow = Allow(Selector("demo", sha256=(DIGEST,)), "looked at")
    swapped = excused(replace(SWAPPED, advisories=Known((FLAW,))), allow)
    assert {judged.excused for judged in swapped.findings} == {""}
    not_fetched = replace(FLAWED, sha256=NotApplicable("not fetched"))
    assert excused(not_fetched, allow).decision is Decision.ALLOW
    assert excused(lost(FLAWED, "sha256"), allow).findings[0].excused == ""


def test_malware_is_excused_only_by_name() -> None:
    assert excused(BAD, Allow(ANY, "ours")).decision is Decision.WITHHOLD
    assert excused(BAD, Allow(ANY, "a wrong record", ("known-malicious",))).decision is Decision.ALLOW


@pytest.mark.parametrize("selector", [ANY, Selector("demo", sha256=(DIGEST,))])
def test_an_exception_that_needs_approval_turns_a_refusal_into_a_question(selector: Selector) -> None:
    asking = Allow(selector, "ours", needs_approval=True)
    assert excused(YOUNG, asking).decision is Decision.ASK
    assert excused(FLAWED, asking).decision is Decision.WARN
    assert excused(CLEAN, asking).decision is Decision.ALLOW
    assert excused(BAD, asking).decision is Decision.WITHHOLD


@given(strategies.evidence, policies, allows(st.just(value=True)))
def test_no_exception_that_needs_approval_lets_in_what_would_be_refused(
    evidence: Evidence, policy: Policy, asking: tuple[Allow, ...]
) -> None:
    without = vet(evidence, policy).action
    assert vet(evidence, replace(policy, allow=(*policy.allow, *asking))).action >= min(without, Action.ASK)


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_exceptions_the_one_that_needs_no_approval_counts(order: int) -> None:
    both = (Allow(ANY, "asked", needs_approval=True), Allow(ANY, "granted"))[::order]
    verdict = excused(YOUNG, *both)
    assert (verdict.decision, verdict.findings[0].excused) == (Decision.ALLOW, "granted")


@given(strategies.evidence, policies, selectors)
def test_an_exception_never_tightens(evidence: Evidence, policy: Policy, selector: Selector) -> None:
    more = replace(policy, allow=(*policy.allow, Allow(selector, "ours")))
    assert vet(evidence, more).action <= vet(evidence, policy).action


# Exemptions and actions.


def with_check(check: str, **parts: Any) -> Policy:
    """A policy with one ``[checks.ID]`` table."""
    return Policy(checks=MappingProxyType({check: CheckPolicy(**parts)}))


def test_a_check_leaves_alone_what_it_is_told_to_and_is_not_said_to_have_been_made() -> None:
    exempt = with_check("release-age", exempt=("other", "d*"))
    verdict = vet(YOUNG, exempt)
    assert verdict.decision is Decision.ALLOW
    assert verdict.checked == tuple(check for check in discover() if check != "release-age")
    assert vet(replace(YOUNG, sha256=Known(OTHER_DIGEST)), exempt).decision is Decision.BLOCK
    assert vet(YOUNG, with_check("release-age", exempt=("other",))).decision is Decision.WITHHOLD


def test_an_outage_does_not_concern_a_check_that_leaves_the_project_alone() -> None:
    gone = lost(CLEAN, "upload_time")
    assert vet(gone, with_check("release-age", exempt=("demo",))).unanswered == ()


@pytest.mark.parametrize("action", Action)
def test_a_check_does_what_its_action_says_and_tells_what_it_found(action: Action) -> None:
    verdict = vet(YOUNG, with_check("release-age", action=action))
    assert verdict.action is action
    assert [judged.finding.check for judged in verdict.findings] == ["release-age"]


def test_a_check_is_made_with_the_settings_of_its_table() -> None:
    shorter = with_check("release-age", settings=MappingProxyType({"cooldown": DAY}))
    assert vet(YOUNG, shorter).decision is Decision.ALLOW


# Curation.


@pytest.mark.parametrize(("unknown", "decision"), [("ask", Decision.ASK), ("block", Decision.WITHHOLD)])
def test_what_nothing_lists_does_not_get_in(unknown: Unknown, decision: Decision) -> None:
    for allow in ((), (Allow(Selector("other"), "listed"),)):
        verdict = excused(CLEAN, *allow, unknown=unknown)
        assert verdict.decision is decision
        assert verdict.reasons[0].finding.check == NOT_LISTED
        assert verdict.reasons[0].finding.remedy == "ask for an [[allow]] entry that names it"


@pytest.mark.parametrize(
    "selector",
    [
        Selector("demo"),
        Selector("demo", SpecifierSet("<2")),
        Selector("*", sha256=(DIGEST,)),
        Selector("*", index=INDEX.url),
    ],
)
def test_a_list_goes_by_name_version_digest_or_index(selector: Selector) -> None:
    verdict = excused(CLEAN, Allow(selector, "listed"), unknown="block")
    assert (verdict.decision, verdict.findings) == (Decision.ALLOW, ())


def test_an_entry_can_list_a_project_and_excuse_nothing() -> None:
    listed = Allow(Selector("demo"), "listed", (NOT_LISTED,))
    assert excused(CLEAN, listed, unknown="block").decision is Decision.ALLOW
    assert what(excused(YOUNG, listed, unknown="block")) == [("release-age", Action.WITHHOLD)]


def test_an_exception_for_one_check_lists_nothing() -> None:
    """An org that excuses every project's age has not listed every project."""
    verdict = excused(CLEAN, Allow(ANY, "we wait ourselves", ("release-age",)), unknown="block")
    assert what(verdict) == [(NOT_LISTED, Action.WITHHOLD)]


def test_what_a_user_lists_where_users_need_approval_is_asked_about() -> None:
    asking = Allow(ANY, "I want it", needs_approval=True)
    verdict = excused(CLEAN, asking, unknown="block")
    assert (verdict.decision, what(verdict)) == (Decision.ASK, [(NOT_LISTED, Action.ASK)])


# What could not be checked.


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (
            "advisories",
            [
                ("known-malicious", "advisories", Action.WARN),
                ("vulnerability", "advisories", Action.WARN),
            ],
        ),
        ("upload_time", [("release-age", "upload-times", Action.WARN)]),
        ("status", [("project-status", "index", Action.BLOCK)]),
        ("other_indexes", [("dependency-confusion", "index", Action.BLOCK)]),
        ("sha256", [("artifact-integrity", "artifact", Action.BLOCK)]),
        ("announced_metadata", [("artifact-integrity", "index", Action.BLOCK)]),
        (
            "metadata",
            [
                ("artifact-integrity", "artifact", Action.BLOCK),
                ("direct-reference", "artifact", Action.BLOCK),
            ],
        ),
        ("build_requires", [("direct-reference", "artifact", Action.BLOCK)]),
    ],
)
def test_an_outage_is_told_for_every_check_that_it_hits(fact: str, expected: Any) -> None:
    verdict = vet(lost(CLEAN, fact), Policy())
    assert outages(verdict) == expected
    assert not {check for check, _, _ in expected} & set(verdict.checked)
    assert verdict.unvetted is (expected[0][2] is Action.BLOCK)


@pytest.mark.parametrize("says", ["ignore", "warn", "ask", "block"])
def test_an_outage_is_treated_as_the_policy_says_and_told_even_so(says: OnUnavailable) -> None:
    verdict = vet(lost(CLEAN, "upload_time"), Policy(on_unavailable=on_unavailable(says)))
    expected = {"ignore": Action.OFF, "warn": Action.WARN, "ask": Action.ASK, "block": Action.BLOCK}[says]
    assert outages(verdict) == [("release-age", "upload-times", expected)]


fact_names = st.sets(st.sampled_from(sorted(SOURCE_OF)), min_size=1)


@given(strategies.evidence, fact_names, st.sampled_from(PROFILES))
def test_losing_evidence_never_turns_a_refusal_into_a_silent_allow(
    evidence: Evidence, gone: set[str], profile: Any
) -> None:
    policy = Policy(profile=profile)
    before = vet(evidence, policy)
    assume(before.refused)
    after = vet(lost(evidence, *gone), policy)
    assert after.action >= Action.WARN
    silent = {u.check for u in before.unanswered} | {j.finding.check for j in before.reasons}
    heard = {u.check for u in after.unanswered} | {j.finding.check for j in after.reasons}
    assert silent <= heard


@given(strategies.evidence, fact_names, policies)
def test_a_finding_is_lost_only_with_a_fact_that_its_check_needs_and_that_is_said(
    evidence: Evidence, gone: set[str], policy: Policy
) -> None:
    before, after = vet(evidence, policy), vet(lost(evidence, *gone), policy)
    inconclusive = {u.check for u in after.unanswered}
    by_digest = {DENIED} if "sha256" in gone else set()
    kept = [(one.finding, one.action) for one in after.findings]
    for judged in before.findings:
        still = any(
            finding.check == judged.finding.check
            and finding.severity >= judged.finding.severity
            # What speaks for a project may be lost, and then the same finding weighs more.
            and action >= judged.action
            for finding, action in kept
        )
        assert still or judged.finding.check in inconclusive | by_digest


@pytest.mark.parametrize(
    ("evidence", "fact", "check"),
    [
        (SWAPPED, "metadata", "artifact-integrity"),
        (SWAPPED, "announced_metadata", "artifact-integrity"),
        (replace(CLEAN, metadata=Known(replace(METADATA, name="evil"))), "sha256", "artifact-integrity"),
        (replace(CLEAN, file=replace(CLEAN.file, yanked="")), "status", "project-status"),
        (
            replace(CLEAN, direct=Known(DirectReference("http://e.example/x.zip", "argument", pinned=False))),
            "metadata",
            "direct-reference",
        ),
        (
            replace(CLEAN, build_requires=Known(("x @ https://e.example/x.zip",))),
            "metadata",
            "direct-reference",
        ),
    ],
)
def test_an_outage_hides_nothing_that_other_facts_show(evidence: Evidence, fact: str, check: str) -> None:
    """Also where the policy lets an outage pass: an unreadable archive must not hide its wrong digest."""
    policy = Policy(profile="strict", on_unavailable=on_unavailable("ignore"))
    verdict = vet(lost(evidence, fact), policy)
    assert verdict.action is vet(evidence, policy).action
    assert check in {judged.finding.check for judged in verdict.reasons}
    assert check in {unanswered.check for unanswered in verdict.unanswered}
    assert check not in verdict.checked


def test_every_fact_that_a_check_lacks_is_told_once() -> None:
    verdict = vet(lost(SWAPPED, "metadata", "announced_metadata", "build_requires"), Policy())
    assert outages(verdict) == [
        ("artifact-integrity", "artifact", Action.BLOCK),
        ("direct-reference", "artifact", Action.BLOCK),
        ("direct-reference", "artifact", Action.BLOCK),
    ]
    same: Any = dict.fromkeys(("metadata", "build_requires"), Unavailable("artifact", "it is damaged"))
    assert outages(vet(replace(CLEAN, **same), Policy())) == [
        ("artifact-integrity", "artifact", Action.BLOCK),
        ("direct-reference", "artifact", Action.BLOCK),
    ]


def test_a_check_that_misses_what_no_evidence_holds_is_inconclusive_and_ends() -> None:
    elsewhere = Unavailable("forge", "nobody asked it")

    def run(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of a check
        read(elsewhere)
        return []

    assert judging.run(Check("odd", "Odd.", NoSettings, run), CLEAN, NoSettings()) == ([], [elsewhere])


def test_an_outage_of_a_check_that_is_off_changes_nothing_and_is_told() -> None:
    policy = replace(with_check("release-age", action=Action.OFF), on_unavailable=on_unavailable("block"))
    verdict = vet(lost(CLEAN, "upload_time"), policy)
    assert verdict.decision is Decision.ALLOW
    assert outages(verdict) == [("release-age", "upload-times", Action.OFF)]


BLOCKING = on_unavailable("block")


@pytest.mark.parametrize(
    ("allow", "action"),
    [
        (Allow(ANY, "no times there", ("release-age",)), Action.OFF),
        (Allow(ANY, "no times there", ("release-age",), needs_approval=True), Action.ASK),
        (Allow(ANY, "ours"), Action.BLOCK),
        (Allow(ANY, "ours", ("vulnerability",)), Action.BLOCK),
        (Allow(Selector("other"), "ours", ("release-age",)), Action.BLOCK),
    ],
)
def test_an_outage_is_excused_only_by_naming_the_check(allow: Allow, action: Action) -> None:
    """Who names a check has said that its findings do not count; a sweeping exception says less."""
    verdict = excused(lost(CLEAN, "upload_time"), allow, on_unavailable=BLOCKING)
    assert outages(verdict) == [("release-age", "upload-times", action)]


# The vetter, with sources of our own.


@dataclass
class Records:
    """Advisories held in memory, by version; it remembers what it was asked."""

    by_version: Mapping[str, Fact[tuple[Advisory, ...]]] = field(default_factory=dict)
    asked: list[tuple[NormalizedName, Version]] = field(default_factory=list)

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        """What applies to a release."""
        self.asked.append((project, version))
        return self.by_version.get(str(version), Known(()))


@dataclass
class Compared:
    """Names compared beforehand; it remembers what it was asked."""

    hit: Fact[NameHit] = field(default_factory=Absent)
    asked: list[NormalizedName] = field(default_factory=list)

    def lookalike(self, project: NormalizedName) -> Fact[NameHit]:
        """The name that a project's name may be taken for."""
        self.asked.append(project)
        return self.hit

    def rank(self, project: NormalizedName) -> Fact[int]:
        """A project's place among the most downloaded ones."""
        return Known(7) if project == DEMO else Absent()


def file(filename: str, **parts: Any) -> DistributionFile:
    """A file as an index announces it."""
    parts.setdefault("upload_time", UPLOADED)
    return DistributionFile(FileName.parse(filename, DEMO), f"https://files.example/{filename}", **parts)


def page(*files: DistributionFile, index: IndexId = INDEX, **parts: Any) -> Listing:
    """A project's page."""
    return Listing(DEMO, index, files, **{"has_provenance": True, **parts})


def vetter(
    records: Records | None = None,
    policy: Policy | None = None,
    at: datetime = AT,
    names: Compared | None = None,
) -> Vetter:
    """A vetter whose clock stands still."""
    return Vetter(policy or Policy(), records or Records(), names or Compared(), lambda: at)


ALONE: Fact[tuple[OtherIndex, ...]] = Known(())


def judged(listing: Listing, **parts: Any) -> list[Candidate]:
    """The files of a page that is the only one."""
    return vetter(**parts).page(listing, ALONE).vet(listing.files)


def test_every_file_of_a_listing_is_judged_in_the_order_of_the_listing() -> None:
    names = ["demo-2.0.tar.gz", "demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"]
    candidates = judged(page(*map(file, names)))
    assert [candidate.file.filename for candidate in candidates] == names
    assert {candidate.verdict.decision for candidate in candidates} == {Decision.ALLOW}


HIT = NameHit(NormalizedName("demos"), "edit1", "likely", 0.9, "one slip")


def test_a_project_is_compared_once_by_its_name_and_every_file_is_judged_by_it() -> None:
    names = Compared(Known(HIT))
    candidates = judged(page(*map(file, ["demo-1.0.tar.gz", "demo-1.1.tar.gz"])), names=names)
    assert names.asked == ["demo"]
    assert [candidate.evidence.lookalike for candidate in candidates] == [Known(HIT)] * 2
    assert {candidate.verdict.decision for candidate in candidates} == {Decision.BLOCK}


def test_on_a_private_index_a_name_is_nobodys_trick() -> None:
    names = Compared(Known(HIT))
    (candidate,) = judged(page(file("demo-1.0.tar.gz"), index=IndexId(INDEX.url, "private")), names=names)
    assert isinstance(candidate.evidence.lookalike, NotApplicable)
    assert (names.asked, candidate.verdict.decision) == ([], Decision.ALLOW)


def test_a_projects_past_is_its_oldest_file_and_the_number_of_its_versions() -> None:
    old, young = file("demo-1.0.tar.gz", upload_time=AT - 9 * DAY), file("demo-1.1.tar.gz")
    more, unsaid = file("demo-1.1.zip"), file("demo-1.2.zip", upload_time=None)
    assert UPLOADED < AT - 9 * DAY
    for files, first, releases in (((old, young, more, unsaid), UPLOADED, 3), ((old,), AT - 9 * DAY, 1)):
        assert judged(page(*files))[0].evidence.history == Known(History(first, releases))
    assert isinstance(judged(page(unsaid))[0].evidence.history, Unavailable)


def test_every_file_is_told_the_pause_before_it_where_upload_times_are_known_and_mean_something() -> None:
    late, unsaid = file("demo-1.1.zip", upload_time=AT), file("demo-1.2.zip", upload_time=None)
    old = file("demo-1.0.tar.gz")
    rhythms = [candidate.evidence.rhythm for candidate in judged(page(old, late, unsaid))]
    untold = NotApplicable("its upload time is not known")
    assert rhythms == [Known(Rhythm(None, UPLOADED)), Known(Rhythm(UPLOADED, AT)), untold]
    (candidate,) = judged(page(old, index=IndexId(INDEX.url, "private")))
    assert isinstance(candidate.evidence.rhythm, NotApplicable)


def test_each_release_is_looked_up_once_and_only_its_own_files_are_touched() -> None:
    records = Records({"1.1": Known((MALICIOUS,))})
    names = ["demo-1.0.tar.gz", "demo-1.1.tar.gz", "demo-1.1-py3-none-any.whl"]
    candidates = judged(page(*map(file, names)), records=records)
    assert [c.verdict.refused for c in candidates] == [False, True, True]
    assert records.asked == [(DEMO, Version("1.0")), (DEMO, Version("1.1"))]


def test_the_age_is_that_of_the_file_and_not_of_the_release() -> None:
    late = file("demo-1.0-py3-none-any.whl", upload_time=AT - DAY)
    assert [c.verdict.refused for c in judged(page(file("demo-1.0.tar.gz"), late))] == [False, True]


def test_a_public_index_that_gives_no_upload_time_leaves_the_age_unknown() -> None:
    (candidate,) = judged(page(file("demo-1.0.zip", upload_time=None)))
    assert outages(candidate.verdict) == [("release-age", "upload-times", Action.WARN)]


def test_a_private_index_is_not_expected_to_give_upload_times() -> None:
    private = IndexId("https://packages.acme.example/simple/", "private")
    (candidate,) = judged(page(file("demo-1.0.zip", upload_time=None), index=private))
    assert candidate.verdict.decision is Decision.ALLOW
    (young,) = judged(page(file("demo-1.0.zip", upload_time=AT), index=private))
    assert young.verdict.refused


def test_the_status_of_a_project_holds_for_all_its_files() -> None:
    listing = page(file("demo-1.0.zip"), file("demo-2.0.zip"), status=ProjectStatus("quarantined"))
    assert all(c.verdict.refused for c in judged(listing))


def test_while_another_index_does_not_answer_no_file_is_offered() -> None:
    gone = Unavailable("index", "no answer")
    listing = page(file("demo-1.0.zip"))
    (candidate,) = vetter().page(listing, gone).vet(listing.files)
    assert candidate.verdict.unvetted


def test_what_the_advisories_cannot_say_is_told() -> None:
    records = Records({"1.0": Unavailable("advisories", "no data yet")})
    (candidate,) = judged(page(file("demo-1.0.zip")), records=records)
    assert [check for check, _, _ in outages(candidate.verdict)] == ["known-malicious", "vulnerability"]


def test_an_exception_holds_to_the_end_of_its_last_day_on_the_vetters_clock() -> None:
    policy = Policy(allow=(Allow(ANY, "ours", expires=date(2026, 3, 1)),))
    listing = page(file("demo-1.0.zip", upload_time=AT - timedelta(hours=1)))
    evening = datetime(2026, 3, 1, 23, 59, tzinfo=timezone.utc)
    morning = datetime(2026, 3, 2, 0, 0, tzinfo=timezone.utc)
    assert not judged(listing, policy=policy, at=evening)[0].verdict.refused
    assert judged(listing, policy=policy, at=morning)[0].verdict.refused


PINNED = Policy(publishers=(PublisherPin("demo", "GitHub", Repository("github.com", "acme/demo")),))


@pytest.mark.parametrize("trust", ["public", "private"])
def test_a_pinned_publisher_is_not_got_round_by_an_index_that_says_nothing_of_attestations(
    trust: Literal["public", "private"],
) -> None:
    index = IndexId("https://index.example/simple/", trust)
    listing = page(file("demo-1.0.zip"), index=index, has_provenance=False)
    for policy, expected in ((PINNED, True), (Policy(), False)):
        assert judged(listing, policy=policy)[0].verdict.refused is expected
    (candidate,) = judged(page(file("demo-1.0.zip"), index=index), policy=PINNED)
    assert candidate.verdict.refused  # it says that there is none


def test_a_pinned_publisher_is_not_got_round_by_an_address() -> None:
    reference = DirectReference("https://files.example/demo-1.0.zip", "argument", pinned=True)
    for policy, expected in ((PINNED, True), (Policy(), False)):
        assert vetter(policy=policy).vet_direct(file("demo-1.0.zip"), reference).verdict.refused is expected


def test_the_same_listing_is_judged_anew_as_time_goes_by() -> None:
    moments = iter([AT, AT, AT + 2 * DAY])
    one = Vetter(Policy(), Records(), Compared(), lambda: next(moments))
    old = file("demo-0.9.zip", upload_time=AT - 400 * DAY)
    listing = page(file("demo-1.0.zip", upload_time=AT - DAY), old)
    assert one.page(listing, ALONE).vet(listing.files)[0].verdict.refused
    assert not one.page(listing, ALONE).vet(listing.files)[0].verdict.refused


ANN = KnownOwners((KnownOwner("user ann", AT),), AT)
AROUND = Around(
    provenance=Absent(),
    counterpart=Absent(),
    owners=Known(("user ann",)),
    owners_before=Known(ANN),
    dependents=Known(Dependents(Version("1.0"), 1, 2)),
)


def body(digest: Sha256 = DIGEST, **parts: Any) -> Bytes:
    """What a wheel's bytes tell."""
    told: dict[str, Any] = {
        "announced_metadata": Known(METADATA),
        "metadata": Known(METADATA),
        "build_requires": NotApplicable("it is built already"),
        "build": NotApplicable("it is built already"),
        "claims": Absent(),
        "contents": CLEAN.contents,
    }
    return Bytes(digest, **{**told, **parts})


def wheel() -> Candidate:
    """A wheel that its listing speaks well of."""
    hashes = MappingProxyType({"sha256": DIGEST})
    (candidate,) = judged(page(file("demo-1.0-py3-none-any.whl", hashes=hashes)))
    assert candidate.verdict.decision is Decision.ALLOW
    return candidate


def test_a_file_is_judged_again_by_its_bytes_at_the_time_they_came() -> None:
    later = vetter(at=AT + DAY).vet_file(wheel(), body(), AROUND)
    assert later.evidence == replace(
        named("demo-1.0-py3-none-any.whl"),
        at=AT + DAY,
        metadata=Known(METADATA),
        announced_metadata=Known(METADATA),
        claims=Absent(),
        provenance=Absent(),
        lineage=Known(Lineage(Release(Version("1.0"), UPLOADED, "none"), alternative=False)),
        counterpart=Absent(),
        owners=Known(("user ann",)),
        owners_before=Known(ANN),
        dependents=Known(Dependents(Version("1.0"), 1, 2)),
        rhythm=Known(Rhythm(None, UPLOADED)),
        direct=NotApplicable("it comes from an index"),
        lookalike=Absent(),
        history=Known(History(UPLOADED, 1)),
        rank=Known(7),
    )
    assert later.verdict.decision is Decision.ALLOW


@pytest.mark.parametrize(
    "received",
    [
        body(OTHER_DIGEST),
        body(metadata=Known(replace(METADATA, name="evil"))),
        body(announced_metadata=Known(replace(METADATA, requires_dist=()))),
        body(metadata=Unavailable("artifact", "not a zip file")),
        body(build_requires=Known(("x @ https://e.example/x.zip",))),
    ],
)
def test_bytes_that_are_not_as_they_should_be_are_blocked(received: Bytes) -> None:
    assert vetter().vet_file(wheel(), received, AROUND).verdict.decision is Decision.BLOCK


def test_the_bytes_take_back_nothing_that_the_listing_told() -> None:
    records = Records({"1.0": Known((MALICIOUS,))})
    (candidate,) = judged(page(file("demo-1.0-py3-none-any.whl")), records=records)
    assert vetter().vet_file(candidate, body(), AROUND).verdict.refused


def test_a_file_whose_bytes_nobody_fetches_is_judged_by_what_is_proven_of_it() -> None:
    link = "https://packages.acme.example/demo.provenance"
    (candidate,) = judged(page(file("demo-1.0.zip", provenance=link)), policy=PINNED)
    assert not candidate.verdict.refused  # nobody has looked yet
    acme, evil = (
        Publisher("GitHub", "https://issuer.example", path, Repository("github.com", path))
        for path in ("acme/demo", "evil/demo")
    )
    for one, before, by_pin, by_past in (
        (acme, acme, False, False),
        (evil, evil, True, False),
        (evil, acme, True, True),
    ):
        known = Known(KnownPublishers((before,), "index", UPLOADED))
        proven = Known(Provenance("verified", (Attestation("publish", one, UPLOADED),)))
        around = Around(proven, publishers=known)
        assert vetter(policy=PINNED).vet_provenance(candidate, around).verdict.refused is by_pin
        unpinned = vetter().vet_provenance(candidate, around)
        assert unpinned.verdict.refused is by_past
        assert unpinned.evidence == replace(candidate.evidence, provenance=proven, publishers=known)


def test_who_owns_a_project_decides_about_its_name_before_there_are_bytes() -> None:
    famous = Counterpart(NormalizedName("demos"), owners=("user ann",))
    hit = Known(NameHit(NormalizedName("demos"), "digits", "likely", 0.9, "it is demos with digits"))
    listed = wheel()
    listed = replace(listed, evidence=replace(listed.evidence, lookalike=hit))
    for owner, decision in (("user ann", Decision.ALLOW), ("user eve", Decision.BLOCK)):
        around = Around(listed.evidence.provenance, counterpart=Known(famous), owners=Known((owner,)))
        met = vetter().vet_kin(listed, around)
        assert met.verdict.decision is decision
        assert met.evidence == replace(listed.evidence, counterpart=Known(famous), owners=Known((owner,)))


def test_metadata_is_judged_before_anybody_acts_on_it() -> None:
    good = vetter().vet_metadata(wheel(), METADATA)
    assert good.verdict.decision is Decision.ALLOW
    requires = ("x @ https://e.example/x.zip",)
    for wrong in (replace(METADATA, requires_dist=requires), replace(METADATA, name="evil")):
        assert vetter().vet_metadata(wheel(), wrong).verdict.decision is Decision.BLOCK


def test_what_stands_beside_a_file_is_judged_when_it_is_wanted() -> None:
    candidate = wheel()
    index = candidate.evidence.index
    pages = [
        Listing(candidate.evidence.project, one, (candidate.file,) if number == 0 else ())
        for number, one in enumerate((index, IndexId("https://other.example/simple/")))
    ]
    assert what(vetter().vet_beside(candidate, pages, ()).verdict) == [("dependency-confusion", Action.ASK)]
    met = (Overlap("demo.py", NormalizedName("other"), same=False),)
    inside = replace(candidate, evidence=replace(candidate.evidence, contents=Known(Contents())))
    assert what(vetter().vet_beside(inside, (), met).verdict) == [("artifact-integrity", Action.ASK)]
    lost = replace(candidate, evidence=replace(candidate.evidence, contents=Unavailable("artifact", "gone")))
    assert vetter().vet_beside(lost, (), met).evidence == lost.evidence


def direct(filename: str, *, pinned: bool = False, **parts: Any) -> Candidate:
    """A file that was asked for by an address with plain http."""
    reference = DirectReference(f"http://files.example/{filename}", "argument", pinned)
    return vetter(**parts).vet_direct(file(filename, upload_time=None), reference)


def test_a_direct_reference_is_judged_without_a_project_page() -> None:
    assert direct("demo-1.0.zip", pinned=True).verdict.decision is Decision.ALLOW
    candidate = direct("demo-1.0.zip")
    assert what(candidate.verdict) == [("direct-reference", Action.ASK)]
    assert candidate.evidence.index.url == "http://files.example/demo-1.0.zip"


def test_a_direct_reference_to_malware_is_refused() -> None:
    records = Records({"1.0": Known((MALICIOUS,))})
    assert direct("demo-1.0.zip", pinned=True, records=records).verdict.refused


# Who supplies a project that several indexes have.

OTHER = IndexId("https://packages.acme.example/simple", "private")
HERE, THERE = "https://index.example/simple/demo/", "https://packages.acme.example/simple/demo"
Relation = Literal["unrelated", "tracks", "alternate", "same-files"]


def relation(here: Mapping[str, Any], there: Mapping[str, Any]) -> Relation:
    """How the second index is related to the first."""
    listing, others = supplier([page(**here), page(index=OTHER, **there)])
    assert listing.index is INDEX
    (other,) = others
    assert other.index is OTHER
    return other.relation


def test_the_first_configured_index_supplies_the_project_whatever_the_others_have() -> None:
    listings = [page(file("demo-1.0.zip")), page(file("demo-99.zip"), index=OTHER), page(index=OTHER)]
    first, others = supplier(listings)
    assert first is listings[0]
    assert others == (OtherIndex(OTHER, "unrelated"), OtherIndex(OTHER, "unrelated"))


def test_a_project_on_one_index_alone_has_no_others() -> None:
    assert supplier([page()]) == (page(), ())


def test_an_index_that_tracks_the_other_has_the_same_project() -> None:
    """PEP 708: ``tracks`` names project pages; either of the two may be the one that tracks."""
    assert relation({"tracks": (THERE,)}, {}) == "tracks"
    assert relation({"tracks": (f"{THERE}/",)}, {}) == "tracks"
    assert relation({}, {"tracks": (HERE,)}) == "tracks"
    assert relation({"tracks": ("https://else.example/simple/demo/",)}, {}) == "unrelated"
    assert relation({"tracks": (f"{THERE}s/",)}, {}) == "unrelated"


def test_alternate_locations_count_only_where_both_sides_name_each_other() -> None:
    here, there = {"alternate_locations": (THERE,)}, {"alternate_locations": (HERE, f"{THERE}/")}
    assert relation(here, there) == "alternate"
    assert relation(here, {}) == "unrelated"
    assert relation({}, there) == "unrelated"
    assert relation(here, {"alternate_locations": ("https://else.example/simple/demo/",)}) == "unrelated"


def announced(*digests: str) -> dict[str, Any]:
    """Files with these digests."""
    return {"files": tuple(file(f"demo-{n}.zip", hashes={"sha256": d}) for n, d in enumerate(digests))}


def pages(one: tuple[str, ...], two: tuple[str, ...]) -> Relation:
    """How two indexes are related that have files with these digests."""
    listings = [Listing(DEMO, INDEX, **announced(*one)), Listing(DEMO, OTHER, **announced(*two))]
    return supplier(listings)[1][0].relation


def test_a_file_with_the_same_digest_on_both_makes_them_one_project() -> None:
    assert pages((DIGEST,), (OTHER_DIGEST, DIGEST.upper())) == "same-files"
    assert pages((DIGEST,), (OTHER_DIGEST,)) == "unrelated"


@pytest.mark.parametrize("digest", ["", "ab"])
def test_files_without_a_digest_have_nothing_in_common(digest: str) -> None:
    assert pages((digest,), (digest,)) == "unrelated"


def test_the_severity_of_a_finding_and_not_its_confidence_decides() -> None:
    """Only ``dependency-confusion`` is less than sure, and it is asked about all the same."""
    other = OtherIndex(OTHER, "unrelated")
    (finding,) = vet(replace(CLEAN, other_indexes=Known((other,))), Policy()).reasons
    assert finding.action is Policy().action("dependency-confusion", Severity.HIGH)


def test_an_absent_fact_is_neither_good_nor_bad() -> None:
    facts: Any = dict.fromkeys(SOURCE_OF, Absent())
    assert vet(replace(CLEAN, **facts), Policy(profile="strict")).decision is Decision.ALLOW


NINE_DAYS_OLD = replace(CLEAN, history=Known(History(CLEAN.at - timedelta(days=9), 1)))
# 5.0 + 0.15 for the Pythons that it names - 0.9 for its nine days + 0.0012 for its one release


def test_what_scores_less_than_the_minimum_is_blocked_and_the_score_says_why() -> None:
    verdict = vet(NINE_DAYS_OLD, Policy(min_score=4.3))
    (judged,) = verdict.reasons
    assert (judged.finding.check, judged.action) == ("min-score", Action.BLOCK)
    assert "score of 4.2, below 4.3; most of all: the project is 9 days old" in judged.finding.message


def test_what_scores_as_much_as_the_minimum_is_not() -> None:
    assert vet(NINE_DAYS_OLD, Policy(min_score=4.2)).reasons == ()
    assert vet(NINE_DAYS_OLD, Policy()).reasons == ()


def test_before_the_bytes_are_known_nothing_is_said() -> None:
    listed = replace(NINE_DAYS_OLD, sha256=NotApplicable("not fetched"))
    assert vet(listed, Policy(min_score=9)).reasons == ()


def test_an_exception_that_names_it_excuses_it() -> None:
    allow = Allow(Selector("demo"), "known to us", ("min-score",))
    assert vet(NINE_DAYS_OLD, Policy(min_score=9, allow=(allow,))).action is Action.OFF


def test_where_there_is_no_score_what_it_would_be_at_most_counts() -> None:
    """Without the advisories another 0.5 is taken off: 3.7, if it is no malware."""
    blind = lost(NINE_DAYS_OLD, "advisories")
    verdict = vet(blind, Policy(min_score=3.8))
    assert verdict.action is Action.BLOCK
    assert "score of 3.7 at most, below 3.8" in verdict.reasons[0].finding.message
    assert vet(blind, Policy(min_score=3.7)).action is Action.WARN
