"""The trust score of known cases, derived on paper, and the mistakes of other scores that this one avoids.

Points are those of trustguard/model/score_weights.py; the verdict is that of the default policy. Everything
starts from 5.0. "Described" is 0.15 for the Pythons that it says it runs on and 0.15 for an author.
"""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from inspect import getsource
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from tests.checks.kin import DAY, FAMOUS, OWN, THEIRS, claiming, since
from tests.lab.osv import malicious, osv_export, osv_record
from tests.model.chance import evidence
from tests.model.samples import AT, CLEAN, MALICIOUS, METADATA, fact_names, lost
from trustguard.checks import discover
from trustguard.judging import vet
from trustguard.model import score as score_module
from trustguard.model import score_signals, score_weights
from trustguard.model.build import Build
from trustguard.model.claims import ReleaseTags
from trustguard.model.contents import Contents, Fault
from trustguard.model.evidence import (
    Absent,
    Dependents,
    Evidence,
    Fact,
    Known,
    NotApplicable,
    Unavailable,
)
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import KnownPublishers, Lineage, Release
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.policy import Action, Allow, Deny, Policy, Selector
from trustguard.model.popular import Popular
from trustguard.model.project import IndexId
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository
from trustguard.model.score import Score, Term, _grouped, score
from trustguard.model.score_weights import CAPS, DOUBTS, SIGNALS, Doubt, Signal, Weight
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict
from trustguard.sources.names.look import Names
from trustguard.sources.osv import read_export, record_from_json
from trustguard.store.advisories import AdvisoryStore

EVE = Publisher(
    "GitHub", "https://issuer.example", "https://github.com/eve/demo", OWN, "7", "1", "release.yml"
)
LIKELY = NameHit(
    NormalizedName("demos"), "edit1", "likely", 0.9, "one slip of the hand leads from demos to it"
)


def known(made: Evidence, **values: Any) -> Evidence:
    """The evidence with these facts known."""
    facts: dict[str, Any] = {name: Known(value) for name, value in values.items()}
    return replace(made, **facts)


def released(days: int, releases: int, *, uploaded: int = 20) -> Evidence:
    """A project of so many days, of a public index that says what is attested; this file is not.

    It claims a repository and names an author.
    """
    when = AT - uploaded * DAY
    own = Release(Version("1.0"), when, "none")
    return known(
        replace(CLEAN, provenance=Absent(), rank=Absent(), lookalike=Absent()),
        upload_time=when,
        history=since(days, releases),
        lineage=Lineage(own, alternative=False),
        claims=replace(claiming(OWN), people=("eve",)),
    )


def attested(made: Evidence, *, before: int = 400, by: Publisher = EVE) -> Evidence:
    """The same with an attestation from the repository that it claims; its publisher is known for so long."""
    assert isinstance(made.upload_time, Known)
    signed = Attestation("publish", by, made.upload_time.value)
    return known(
        replace(made, file=replace(made.file, provenance="https://files.example/demo.provenance")),
        provenance=Provenance("verified", (signed,)),
        publishers=KnownPublishers((by,), "index", AT - before * DAY),
    )


def scored(made: Evidence, policy: Policy | None = None) -> tuple[str, Decision]:
    """The score as it is shown, and the decision."""
    verdict = vet(made, policy or Policy())
    return score(made, verdict).label, verdict.decision


def derived(made: Evidence) -> Score:
    """The score with its derivation."""
    return score(made, vet(made, Policy()))


TOP = known(released(4000, 120), rank=400)


# Known cases.


def test_a_top_package_that_is_attested_has_ten() -> None:
    """Provenance 0.3 + 1.2, source 0.1 + 0.4, history 1.5, adoption 2.0, described 0.3: 10.8, so 10.0."""
    assert scored(attested(TOP)) == ("10.0", Decision.ALLOW)


def test_a_top_package_that_is_not_attested_has_8_9() -> None:
    """Source 0.1, history 1.5, adoption 2.0, described 0.3: 8.9. That it is not attested costs nothing."""
    assert scored(TOP) == ("8.9", Decision.ALLOW)


def test_the_first_attestation_of_a_top_package_earns_little() -> None:
    """Nobody has signed for it before, so it might be anybody: 8.9 + 0.3."""
    first = replace(attested(TOP), publishers=NotApplicable("no release before it is proven to be anybody's"))
    assert scored(first) == ("9.2", Decision.ALLOW)


def test_an_old_niche_package_has_6_9() -> None:
    """Three years and more, twelve releases: source 0.1, history 1.0 + 0.5, described 0.3."""
    assert scored(released(1200, 12)) == ("6.9", Decision.ALLOW)


def test_what_builds_on_an_old_niche_package_speaks_for_it() -> None:
    """31 dependents: 0.5 * log(32) / log(1001), which is 0.25; 6.9 + 0.25 is 7.15, shown as 7.1."""
    used = known(released(1200, 12), dependents=Dependents(Version("1.0"), 31, 90))
    assert scored(used) == ("7.1", Decision.ALLOW)


def test_an_old_niche_package_that_has_always_been_attested_has_8_8() -> None:
    """6.9, provenance 0.3 + 1.2, source 0.4: 8.8."""
    assert scored(attested(released(1200, 12))) == ("8.8", Decision.ALLOW)


def test_one_that_is_two_years_old_is_half_way() -> None:
    """730 of the days from 365 to 1095 are half: 5.4 + age 0.5 + releases 0.25 (ten of them) = 6.15.

    Attested as ever: 6.15 + 0.3 + 0.5 * 1.2 + 0.5 * 0.4 = 7.25.
    """
    assert scored(released(730, 10)) == ("6.1", Decision.ALLOW)
    assert scored(attested(released(730, 10))) == ("7.2", Decision.ALLOW)


def test_one_that_is_young_and_attested_by_its_own_repository_has_5_3() -> None:
    """60 days: youth -(1 - 60/90) = -0.333; provenance 0.3, source 0.1, described 0.3: 5.366."""
    assert scored(attested(released(60, 12))) == ("5.3", Decision.ALLOW)


def test_a_release_of_today_is_held_down_by_its_ceiling() -> None:
    """8.9 - 0.5 = 8.4; but nobody has had time to look at it: at most 7.0."""
    assert scored(known(TOP, upload_time=AT - timedelta(hours=5))) == ("7.0", Decision.WITHHOLD)


def test_a_polished_typosquat_has_2_1() -> None:
    """Name -3.0 (high), 40 days: -0.555, attested 0.3, source 0.1, described 0.3: 2.144."""
    squat = known(attested(released(40, 12)), lookalike=LIKELY)
    assert scored(squat) == ("2.1", Decision.BLOCK)


def test_a_typosquat_that_has_copied_its_target_too_has_one() -> None:
    """The copied page makes the finding of the name critical: a blocker."""
    copy = replace(FAMOUS, description=0.95)
    squat = known(attested(released(40, 12)), lookalike=LIKELY, counterpart=copy)
    assert scored(squat) == ("1.0", Decision.BLOCK)


def test_a_starjacker_has_2_9() -> None:
    """200 days, six releases: 0; it claims acme/demos: -2.5 (high) and yet 0.1; described 0.3: 2.9."""
    jacker = known(released(200, 6), claims=replace(claiming(THEIRS), people=("eve",)), counterpart=FAMOUS)
    assert scored(jacker) == ("2.9", Decision.ASK)


def test_a_hijacked_top_package_whose_provenance_is_lost_has_2_5() -> None:
    """Two releases before it were attested: -3.0 (high), so 8.9 - 3.0 = 5.9; the ceiling is 2.5."""
    when = AT - 20 * DAY
    earlier = tuple(Release(Version(f"0.{n}"), when - n * 40 * DAY, "all") for n in (1, 2))
    own = Release(Version("1.0"), when, "none")
    hijacked = known(TOP, lineage=Lineage(own, alternative=False, earlier=earlier))
    assert scored(hijacked) == ("2.5", Decision.WITHHOLD)


def test_a_hijacked_top_package_that_is_signed_by_somebody_else_has_one() -> None:
    """Signed, but from another repository than before: critical."""
    mallory = replace(
        EVE, repository=Repository("github.com", "mallory/demo"), repository_id="9", owner_id="2"
    )
    hijacked = replace(attested(TOP, by=mallory), publishers=attested(TOP).publishers)
    assert scored(hijacked) == ("1.0", Decision.BLOCK)


def test_a_project_whose_owners_have_all_changed_has_at_most_four() -> None:
    """Reputation -2.0 (high) from 6.9 is 4.9; the ceiling is 4.0."""
    before = KnownOwners((KnownOwner("user ann", AT - 800 * DAY),), AT - 90 * DAY)
    taken = known(released(1200, 12), owners=("user mallory",), owners_before=before)
    assert scored(taken) == ("4.0", Decision.ASK)


def private() -> Evidence:
    """A package on a private index, as it is found there: no times, no attestations, and it says nothing."""
    inside = replace(METADATA, requires_python="")
    return known(
        replace(
            CLEAN,
            index=IndexId("https://packages.acme.example/simple/", "private"),
            upload_time=NotApplicable("a private index is not expected to give upload times"),
            history=Unavailable("upload-times", "the index gives no upload times (PEP 700)"),
            rank=NotApplicable("on a private index nobody counts downloads"),
            lookalike=NotApplicable("on a private index nobody else takes a name"),
            provenance=NotApplicable("a private index is not expected to have attestations"),
        ),
        metadata=inside,
        announced_metadata=inside,
        claims=claiming(),
    )


def test_a_private_package_of_which_nothing_is_known_has_5_0() -> None:
    """Nothing speaks for it and nothing against it, also not that nobody can tell how old it is."""
    assert scored(private()) == ("5.0", Decision.ALLOW)
    assert derived(private()).terms == ()


def test_where_nothing_can_be_reached_there_is_no_score_and_it_is_refused() -> None:
    """Not 0.0 and not 5.0: the checks that could find a blocker were not made.

    The verdict is that of an outage: blocked, because index and artifact could not be had, and unvetted.
    """
    dark = lost(CLEAN, *fact_names())
    verdict = vet(dark, Policy())
    found = score(dark, verdict)
    assert (found.value, found.label) == (None, "no score")
    assert (verdict.decision, verdict.unvetted) == (Decision.BLOCK, True)
    assert found.missing == tuple(discover())
    assert found.unknown == tuple(signal.id for signal in SIGNALS)


SILENT = replace(
    TOP,
    lineage=NotApplicable("the index says nothing of attestations"),
    provenance=Unavailable("provenance", "the index does not say what is attested (PEP 740)"),
)


def test_a_popular_package_on_an_index_without_attestations_has_at_most_eight() -> None:
    """8.9, but nobody could know whether it has lost its attestations: 8.0. It is said what is missing."""
    assert scored(SILENT) == ("8.0", Decision.WARN)
    assert derived(SILENT).missing == ("provenance", "provenance-continuity", "starjacking")


def test_a_popular_package_on_an_index_without_times_and_attestations_has_5_9() -> None:
    """Source 0.1, adoption 2.0, described 0.3; it may be of today: youth -1.0, release-age -0.5: 5.9."""
    no_times = Unavailable("upload-times", "the index gives no upload times (PEP 700)")
    assert scored(replace(SILENT, upload_time=no_times, history=no_times)) == ("5.9", Decision.WARN)


def test_where_the_policy_demands_attestations_an_index_without_them_leaves_no_score() -> None:
    assert scored(SILENT, Policy(on_unavailable={"provenance": "block"})) == ("no score", Decision.BLOCK)


def test_what_is_known_to_be_malicious_has_one_whatever_speaks_for_it() -> None:
    assert scored(known(attested(TOP), advisories=(MALICIOUS,))) == ("1.0", Decision.WITHHOLD)


def test_an_sdist_that_has_to_be_built_costs_little_where_the_project_is_known() -> None:
    """Source-only, low: 8.9 - 0.2 = 8.7. Where nothing speaks for the project, medium: 5.4 - 0.6 = 4.8."""
    build = {
        "build": Build("hatchling.build", in_tree=False, setup_py=False),
        "build_requires": ("hatchling",),
    }
    assert scored(known(TOP, **build)) == ("8.7", Decision.WARN)
    assert scored(known(released(200, 3), **build)) == ("4.8", Decision.ASK)


# What an attacker can buy. Nothing of it lifts a project above 6.0 within a year.


@pytest.mark.parametrize(
    ("days", "releases", "signed", "organisation", "label"),
    [
        (3, 1, False, False, "4.4"),  # written: 0.1 + 0.3; youth -0.966
        (3, 30, False, False, "4.4"),  # thirty releases in one day: nothing
        (3, 30, True, False, "4.7"),  # and an attestation from an own repository: 0.3
        (30, 30, True, False, "5.0"),  # a month: youth -0.666
        (90, 30, True, False, "5.7"),  # three months: no youth
        (365, 30, True, False, "5.7"),  # a year: nothing more
        (365, 30, True, True, "6.0"),  # and an organisation that the index has approved: 0.3
        (548, 30, True, True, "6.9"),  # half a year later: 0.2506 of 1.5 + 1.2 + 0.6 + 0.5
        (
            1095,
            30,
            True,
            True,
            "9.7",
        ),  # three years: all of history, provenance and source, and 0.5 + 0.3 + 0.3
    ],
)
def test_within_a_year_nothing_that_can_be_made_lifts_it_above_six(
    days: int, releases: int, signed: bool, organisation: bool, label: str
) -> None:
    """Everything else is as good as it can be made: repository, author, tags, a thousand own dependents."""
    made = known(
        released(days, releases, uploaded=3),
        tags=ReleaseTags(OWN, (), releases, releases),
        dependents=Dependents(Version("1.0"), 1000, 1000),
        owners=("user eve", "organization ours") if organisation else ("user eve",),
    )
    made = attested(made, before=days) if signed else made
    assert scored(made) == (label, Decision.ALLOW)


@pytest.mark.parametrize(("days", "label"), [(30, "6.2"), (90, "7.4")])
def test_who_buys_downloads_buys_a_part_of_popularity(days: int, label: str) -> None:
    """Place 5,000 is 0.4627 of the way: adoption 0.925, and as much of 1.2 and 0.6 as its publisher is known.

    After 90 days 5.0 + 0.925 + 0.3 + 0.555 + 0.1 + 0.277 + 0.3 = 7.458. After 30 days a third of the 0.555
    and the 0.277, and youth -0.666: 6.236.
    """
    made = known(released(days, 30, uploaded=3), rank=5000, tags=ReleaseTags(OWN, (), 30, 30))
    assert scored(attested(made, before=days)) == (label, Decision.ALLOW)


def test_who_has_taken_over_an_old_project_gains_next_to_nothing_by_signing() -> None:
    """6.9 is what the project had; signed by its new owner, who did so first yesterday: 0.3 and 1/90 of 1.6.

    That he has taken it over is for other checks to see. The score cannot.
    """
    taken = attested(released(1200, 12, uploaded=4), before=1)
    assert scored(taken) == ("7.2", Decision.ALLOW)


# Mistakes of other scores.


def test_what_is_missing_is_not_shown_as_nought() -> None:
    """A rank that nobody could tell is no 0 in the derivation, and an outage of the advisories no 0.0."""
    found = derived(lost(TOP, "rank"))
    assert "popular" in found.unknown
    assert "popular" not in {term.id for term in found.terms}
    assert "adoption" not in dict(found.groups)
    assert (derived(lost(TOP, "advisories")).value, derived(lost(TOP, "advisories")).label) == (
        None,
        "no score",
    )


@pytest.mark.parametrize("name", sorted(fact_names() - {"start_up_before"}))
def test_a_look_up_that_failed_is_not_reported_as_nothing_found(name: str) -> None:
    """Nor does it count as that; the code of an earlier release is asked for only where there is some now."""
    whole = attested(TOP)
    found = derived(lost(whole, name))
    assert found.missing or found.unknown
    assert found.value is None or found.value <= 10.0
    assert (found.missing, found.unknown) != (derived(whole).missing, derived(whole).unknown)


def test_many_good_signs_do_not_hide_the_one_open_door() -> None:
    """10.8 - 3.0 = 7.8 would be a good mean; a RECORD with weak digests is a door: at most 3.0."""
    inside = Contents(4, 700, faults=(Fault("record-weak", "RECORD has MD5 digests"),))
    assert scored(known(attested(TOP), contents=inside)) == ("3.0", Decision.ASK)


def test_every_check_has_its_weights_and_there_are_none_that_no_check_reads() -> None:
    assert sorted(doubt.check for doubt in DOUBTS) == list(discover())


def test_every_weight_counts_somewhere() -> None:
    """In evidence by chance every signal is there at some time, and every severity that has a weight."""
    chance, judged = random.Random(7), []  # noqa: S311 - nothing is secret
    for _ in range(4000):
        made = evidence(chance)
        judged.append((made, vet(made, Policy())))
    terms = {term.id for made, verdict in judged for term in score(made, verdict).terms}
    found = {(j.finding.check, j.finding.severity) for _, verdict in judged for j in verdict.findings}
    assert {signal.id for signal in SIGNALS} <= terms
    assert {(doubt.check, severity) for doubt in DOUBTS for severity in doubt.weights} <= found


def test_every_number_of_the_model_is_read() -> None:
    numbers = {
        name for name, value in vars(score_weights).items() if name.isupper() and not name.startswith("_")
    }
    assert numbers <= names_in(score_module) | names_in(score_signals)


def names_in(module: ModuleType) -> set[str]:
    """The names that a module's code uses, imports apart."""
    return {node.id for node in ast.walk(ast.parse(getsource(module))) if isinstance(node, ast.Name)}


def test_every_cap_can_be_reached() -> None:
    """Nine findings of the worst kind are enough; what does not suffice is a number that means nothing."""
    for group, caps in CAPS.items():
        up = sum(signal.points for signal in SIGNALS if signal.group == group)
        down = 9 * sum(doubt.worst.points for doubt in DOUBTS if doubt.group == group)
        youth = score_weights.YOUNG if group == "history" else 0.0
        assert (caps.up <= up + 1e-9, caps.down <= down + youth + 1e-9) == (True, True), group


def test_worse_findings_weigh_more() -> None:
    for doubt in DOUBTS:
        weights = [doubt.weights[severity] for severity in sorted(doubt.weights)]
        assert [one.points for one in weights] == sorted({one.points for one in weights}), doubt.check
        assert [-one.most for one in weights] == sorted(-one.most for one in weights), doubt.check


def test_the_tags_of_a_repository_that_is_only_claimed_count_for_nothing() -> None:
    """Stars are not even asked for. The same tags count where an attestation proves the repository."""
    tags = ReleaseTags(OWN, (), 10, 10)
    claimed = derived(known(released(1200, 12), tags=tags))
    proven = derived(known(attested(released(1200, 12)), tags=tags))
    assert "tagged-releases" not in {term.id for term in claimed.terms}
    assert [term.points for term in proven.terms if term.id == "tagged-releases"] == [0.2]


def test_the_tags_of_another_repository_than_the_proven_one_count_for_nothing() -> None:
    both = replace(claiming(THEIRS, OWN), people=("eve",))
    made = known(attested(released(1200, 12)), claims=both, tags=ReleaseTags(THEIRS, (), 10, 10))
    assert "tagged-releases" not in {term.id for term in derived(made).terms}


@pytest.mark.parametrize("tags", [ReleaseTags(OWN, (), 0, 0), ReleaseTags(OWN, (), 10, 0)])
def test_where_nothing_is_tagged_nothing_counts(tags: ReleaseTags) -> None:
    made = known(attested(released(1200, 12)), tags=tags)
    assert "tagged-releases" not in {term.id for term in derived(made).terms}


def test_another_ecosystems_record_and_one_of_a_similar_name_are_none_of_this_project(tmp_path: Path) -> None:
    foreign = osv_record("MAL-2026-7", "demo", ranges=([{"introduced": "0"}],))
    foreign["affected"][0]["package"] = {"name": "demo", "ecosystem": "npm"}
    store = AdvisoryStore(tmp_path / "advisories.sqlite", record_from_json)
    records = read_export(
        BytesIO(osv_export([foreign, malicious("dem0"), malicious("demo-x"), malicious("demos")])),
        skipped=pytest.fail,
    )
    store.replace(records, origin="here", fetched_at=datetime(2026, 1, 1, tzinfo=timezone.utc))
    advisories = store.applying(NormalizedName("demo"), Version("1.0"))
    assert scored(replace(TOP, advisories=advisories)) == ("8.9", Decision.ALLOW)
    others = store.applying(NormalizedName("dem0"), Version("1.0"))
    assert scored(replace(TOP, advisories=others)) == ("1.0", Decision.WITHHOLD)


def test_a_popular_projects_place_is_not_that_of_one_with_a_similar_name() -> None:
    names = Names(Popular((NormalizedName("demo-x"),), "2026-11", "here"))
    ranks = [names.rank(NormalizedName(name)) for name in ("demo-x", "demo", "demo-xx", "demo-y")]
    assert ranks == [1, None, None, None]


# What else it promises.


def test_what_is_excused_does_not_count() -> None:
    allow = Allow(Selector("demo"), "our own name", checks=("typosquatting",))
    squat = known(released(1200, 3), lookalike=LIKELY)
    assert scored(squat) == ("2.5", Decision.BLOCK)
    # Age 1.0, three of ten releases 0.15: 5.4 + 1.15 = 6.55.
    assert scored(squat, Policy(allow=(allow,))) == ("6.5", Decision.ALLOW)


def test_what_only_the_policy_says_changes_nothing() -> None:
    """A denial is no property of the package; the verdict says it."""
    assert scored(TOP, Policy(deny=(Deny(Selector("demo"), "incident 42"),))) == ("8.9", Decision.BLOCK)


def test_that_nobody_could_count_dependents_is_said_and_costs_nothing() -> None:
    """No number of them speaks against a project, so there is nothing that could not be excluded."""
    found = derived(replace(TOP, dependents=Unavailable("dependents", "it does not answer")))
    assert (found.label, found.missing, found.unknown) == ("8.9", ("reputation",), ("depended-on",))


def test_a_doubt_that_was_found_in_part_is_not_counted_twice() -> None:
    """Source-only finds medium, -0.6, although nobody could tell how popular it is: that is its worst."""
    build = {
        "build": Build("hatchling.build", in_tree=False, setup_py=False),
        "build_requires": ("hatchling",),
    }
    found = derived(lost(known(replace(released(1200, 12), history=Absent()), **build), "rank"))
    assert [term.points for term in found.terms if term.id == "source-only"] == [-0.6]


def test_where_a_finding_might_make_another_one_critical_there_is_no_score() -> None:
    """A likely squat that has copied its target is blocked; whether it has, nobody could say."""
    squat = known(released(40, 2), lookalike=LIKELY, counterpart=replace(FAMOUS, description=0.95))
    assert scored(squat) == ("1.0", Decision.BLOCK)
    assert scored(lost(squat, "counterpart")) == ("no score", Decision.BLOCK)


def test_what_could_not_be_excluded_counts_as_its_worst() -> None:
    """Another index could not be asked: dependency-confusion, -2.5, at most 3.0; 8.9 - 2.5 = 6.4."""
    dark = lost(TOP, "other_indexes")
    found = derived(dark)
    assert [(one.most, one.id) for one in found.ceilings] == [(3.0, "dependency-confusion")]
    (term,) = (term for term in found.terms if term.id == "dependency-confusion")
    assert (found.label, term.points) == ("3.0", -2.5)
    assert term.reason.startswith("could not be checked: ")


def test_a_check_that_is_not_among_the_weights_and_could_not_be_made_leaves_no_score() -> None:
    """Nobody can say what it could have found."""
    unanswered = Unanswered("something-new", Unavailable("forge", "it does not answer"), Action.OFF)
    assert score(TOP, Verdict(unanswered=(unanswered,))).value is None


def test_the_derivation_names_every_term_group_and_ceiling() -> None:
    found = derived(known(TOP, upload_time=AT - timedelta(hours=5)))
    assert [(term.id, round(term.points, 3)) for term in found.terms] == [
        ("popular", 2.0),
        ("age", 1.0),
        ("release-age", -0.5),
        ("releases", 0.5),
        ("described", 0.3),
        ("claimed-source", 0.1),
    ]
    assert [(group, round(points, 3)) for group, points in found.groups] == [
        ("source", 0.1),
        ("history", 1.0),
        ("adoption", 2.0),
        ("cosmetics", 0.3),
    ]
    assert [(one.most, one.id) for one in found.ceilings] == [(7.0, "release-age")]
    assert (found.model, found.blockers, found.missing, found.unknown) == (score_weights.VERSION, (), (), ())


def test_flaws_count_each_up_to_the_cap_and_their_ceiling_once() -> None:
    """Five times -0.5, and no more than -2.0: 8.9 - 2.0."""
    flaws = tuple(replace(MALICIOUS, id=f"PYSEC-2026-{n}", malicious=False) for n in range(5))
    found = derived(known(TOP, advisories=flaws))
    assert (found.label, dict(found.groups)["vulnerabilities"], len(found.ceilings)) == ("6.9", -2.0, 1)


def test_what_is_forgeable_adds_half_a_point_however_much_there_is_of_it() -> None:
    terms = [Term("source", f"claim-{n}", 0.3, "written", forgeable=True) for n in range(3)]
    terms.append(Term("adoption", "popular", 1.0, "not written"))
    assert sum(points for _, points in _grouped(terms)) == pytest.approx(1.5)


def test_a_severity_without_a_weight_counts_like_the_next_milder_one() -> None:
    doubt = Doubt("release-age", "history", "", {Severity.MEDIUM: Weight(0.5, 7.0)})
    weights = [doubt.of(severity) for severity in Severity]
    nothing, some = Weight(0.0), Weight(0.5, 7.0)
    assert weights == [nothing, nothing, some, some, some]


def test_a_finding_of_the_mildest_kind_counts_nothing() -> None:
    finding = Finding("typosquatting", Severity.INFO, Confidence.LOW, "it is like another, but established")
    assert score(TOP, Verdict((Judged(finding, Action.OFF),))).label == "8.9"


def test_who_publishes_from_no_repository_is_known_by_his_identity() -> None:
    """History 1.5, described 0.3, provenance 0.3 + 1.2; there is no repository to claim: 8.3."""
    robot = Publisher("Google", "https://accounts.google.example", "robot@acme.example")
    made = attested(known(released(1200, 12), claims=replace(claiming(), people=("eve",))), by=robot)
    assert scored(made) == ("8.3", Decision.ALLOW)


def fact(value: Fact[int]) -> Fact[int]:
    """A fact, for type checkers."""
    return value


@pytest.mark.parametrize(
    ("rank", "points"),
    [
        (fact(Known(1)), 2.0),
        (fact(Known(1000)), 2.0),
        (fact(Known(2000)), 2 * (1 - 0.6931 / 2.9957)),  # log 2, log 20
        (fact(Known(20_000)), 0.0),
        (fact(Known(90_000)), 0.0),
        (fact(Absent()), 0.0),
    ],
)
def test_popularity_counts_by_the_logarithm_of_the_place(rank: Fact[int], points: float) -> None:
    terms = derived(replace(released(200, 3), rank=rank)).terms
    assert sum(term.points for term in terms if term.id == "popular") == pytest.approx(points, abs=1e-3)


def test_every_signal_says_which_facts_it_rests_on() -> None:
    """Without them it does not count; with all others gone it does."""
    whole = known(
        attested(released(4000, 120)),
        rank=400,
        tags=ReleaseTags(OWN, (), 10, 10),
        owners=("organization ours",),
        dependents=Dependents(Version("1.0"), 50, 50),
    )
    for signal in SIGNALS:
        assert strength(signal, lost(whole, *(fact_names() - set(signal.facts)))) > 0, signal.id
        assert strength(signal, lost(whole, *signal.facts)) == 0, signal.id


def strength(signal: Signal, made: Evidence) -> float:
    """How strong a signal is."""
    return score_signals.strength(signal, made)
