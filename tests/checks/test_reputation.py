"""Owners who were replaced, a silence that has just ended, and a project that is inactive are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.checks.kin import built_in
from tests.model.samples import AT, CLEAN, lost
from trustguard.checks.reputation import Settings, check
from trustguard.judging import vet
from trustguard.model.claims import Claims
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import KnownPublishers
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.policy import Policy
from trustguard.model.provenance import Publisher
from trustguard.model.repository import Repository
from trustguard.model.rhythm import Rhythm
from trustguard.model.verdict import Decision

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SEEN = AT - 20 * DAY
"""When the owners were last seen."""
YOUNG = AT - 5 * DAY
"""When the file was uploaded, unless a test says otherwise: after that."""
ANN, BOB, EVE, ACME = "user ann", "user bob", "user eve", "organization acme"
LONG = 400


def facts(**known: Any) -> Evidence:
    """Clean evidence on a young file, with these facts."""
    told: dict[str, Any] = {name: Known(value) for name, value in {"upload_time": YOUNG, **known}.items()}
    return replace(CLEAN, **told)


def before(**since: int) -> KnownOwners:
    """Who owned it, each known for so many days."""
    names = {"ann": ANN, "bob": BOB, "eve": EVE, "acme": ACME}
    return KnownOwners(tuple(KnownOwner(names[n], AT - days * DAY) for n, days in since.items()), SEEN)


def owned(now: tuple[str, ...], **since: int) -> Evidence:
    """A file of a project that these own now, and those did."""
    return facts(owners=now, owners_before=before(**since))


def found(evidence: Evidence, **settings: Any) -> list[Finding]:
    """What the check finds."""
    return check(evidence, Settings(**settings))


def severities(evidence: Evidence, **settings: Any) -> list[Severity]:
    """How bad that is."""
    return [finding.severity for finding in found(evidence, **settings)]


def test_a_project_of_which_nothing_is_known_but_its_bytes_is_clean() -> None:
    assert found(CLEAN) == []


class TestOwners:
    """Who may upload it, compared with who could when it was last installed here."""

    def test_all_of_them_replaced_is_told_with_both(self) -> None:
        """Seen on 9 February 2026, 20 days before the first of March."""
        assert found(owned((EVE,), ann=LONG, bob=LONG)) == [
            Finding(
                "reputation",
                Severity.HIGH,
                Confidence.HIGH,
                "demo: none of those who owned it for long does so any more, but user eve",
                "ask the project whether it was handed over",
                ("now: user eve", "seen here on 2026-02-09: user ann, user bob"),
            )
        ]

    @pytest.mark.parametrize(
        ("now", "since", "severity", "told"),
        [
            ((ANN, EVE), {"ann": LONG}, Severity.LOW, "user eve may upload it now, beside user ann"),
            ((EVE, ACME), {"ann": LONG}, Severity.HIGH, "but organization acme, user eve"),
            (
                (ACME,),
                {"ann": LONG},
                Severity.LOW,
                "it belongs to organization acme now, and none of its own",
            ),
            ((ANN, ACME), {"ann": LONG}, Severity.INFO, "it belongs to organization acme now"),
            ((ANN, EVE, ACME), {"ann": LONG}, Severity.LOW, "user eve may upload it now, beside user ann"),
            ((ANN,), {"ann": LONG, "bob": LONG}, Severity.INFO, "user bob may not upload it any more"),
            ((EVE,), {"acme": LONG}, Severity.HIGH, "but user eve"),
            ((EVE,), {"ann": LONG, "eve": 29}, Severity.HIGH, "but user eve"),
            ((EVE,), {"ann": LONG, "eve": 30}, Severity.INFO, "user ann may not upload it any more"),
            ((EVE,), {"ann": 5, "eve": 5}, Severity.INFO, "user ann may not upload it any more"),
        ],
    )
    def test_how_bad_another_set_of_owners_is(
        self, now: tuple[str, ...], since: dict[str, int], severity: Severity, told: str
    ) -> None:
        """A newcomer is one for thirty days, unless nobody has been known for longer."""
        (finding,) = found(owned(now, **since))
        assert finding.severity is severity
        assert told in finding.message
        assert bool(finding.remedy) is (severity > Severity.INFO)

    def test_the_same_owners_in_another_order_are_the_same(self) -> None:
        """Nothing has changed."""
        assert found(owned((BOB, ANN), ann=LONG, bob=3)) == []

    def test_a_file_from_before_the_change_is_no_work_of_the_new_ones(self) -> None:
        """It was there when the old owners were last seen, to the second."""
        evidence = owned((EVE,), ann=LONG)
        (finding,) = found(replace(evidence, upload_time=Known(SEEN)))
        assert (finding.severity, finding.remedy) == (Severity.INFO, "")
        assert "since this file was uploaded" in finding.message
        assert severities(replace(evidence, upload_time=Known(SEEN + SECOND))) == [Severity.HIGH]

    @pytest.mark.parametrize("time", [Absent(), NotApplicable("a private index")])
    def test_a_file_of_an_unknown_time_counts_as_a_new_one(self, time: Any) -> None:
        """Nobody can say that it was there before; nor can he where the time is unavailable."""
        evidence = owned((EVE,), ann=LONG)
        assert severities(replace(evidence, upload_time=time)) == [Severity.HIGH]
        assert severities(lost(evidence, "upload_time")) == [Severity.HIGH]

    @pytest.mark.parametrize("nobody", [Absent(), NotApplicable("nobody was asked"), Known(())])
    def test_where_the_index_names_nobody_nothing_can_be_compared(self, nobody: Any) -> None:
        """That it has no such API, or lists no one, says nothing of anybody."""
        assert found(replace(owned((EVE,), ann=LONG), owners=nobody)) == []

    def test_an_outage_matters_where_there_is_something_to_compare(self) -> None:
        """It is not taken for unchanged owners."""
        with pytest.raises(Inconclusive, match="no owners"):
            found(lost(owned((ANN,), ann=LONG), "owners"))
        with pytest.raises(Inconclusive, match="no owners_before"):
            found(lost(owned((ANN,), ann=LONG), "owners_before"))

    def test_an_outage_does_not_matter_in_a_first_installation_or_for_a_file_from_before(self) -> None:
        """Whoever owns it by now, the verdict would be the same."""
        assert found(replace(lost(facts(), "owners"), owners_before=Absent())) == []
        assert found(lost(replace(owned((EVE,), ann=LONG), upload_time=Known(SEEN)), "owners")) == []


def pausing(days: float, *, age: float = 5, resumed: float | None = None, **known: Any) -> Evidence:
    """A file so many days old, of a project that had paused for so long until then, or until another day."""
    end = AT - (age if resumed is None else resumed) * DAY
    return facts(upload_time=AT - age * DAY, rhythm=Rhythm(end - days * DAY, end), **known)


class TestRhythm:
    """A long silence, then a release."""

    def test_is_told_with_its_dates(self) -> None:
        """Two years and a day before 24 February 2026."""
        assert found(pausing(731)) == [
            Finding(
                "reputation",
                Severity.MEDIUM,
                Confidence.MEDIUM,
                "demo had been silent for 2 years until 2026-02-24, "
                "and demo-1.0-py3-none-any.whl is 5 days old",
                "look at who has released it, and why now",
                ("last upload before: 2024-02-24", "first upload after: 2026-02-24"),
            )
        ]

    def test_is_one_from_exactly_two_years_on(self) -> None:
        """730 days."""
        assert severities(pausing(730)) == [Severity.MEDIUM]
        assert severities(pausing(730 - 1 / 86_400)) == []

    def test_is_no_news_any_more_from_thirty_days_on(self) -> None:
        """The file's own age counts; what came between the silence and the file does not."""
        assert severities(pausing(900, age=30)) == []
        assert severities(pausing(900, age=30 - 1 / 86_400)) == [Severity.MEDIUM]
        assert severities(pausing(900, age=20, resumed=45)) == [Severity.MEDIUM]

    def test_is_not_taken_for_over_where_nobody_says_when_the_file_came(self) -> None:
        """The control: without a long silence its time is not needed."""
        with pytest.raises(Inconclusive):
            found(lost(pausing(731), "upload_time"))
        assert found(lost(pausing(1), "upload_time")) == []
        assert found(replace(pausing(731), upload_time=NotApplicable("no page"))) == []

    def test_is_what_the_settings_say(self) -> None:
        """Both are durations."""
        evidence = pausing(100, age=50)
        assert severities(evidence, silence=100 * DAY, fresh=51 * DAY) == [Severity.MEDIUM]
        assert severities(evidence, silence=101 * DAY, fresh=51 * DAY) == []
        assert severities(evidence, silence=100 * DAY, fresh=50 * DAY) == []
        (finding,) = found(evidence, silence=100 * DAY, fresh=51 * DAY)
        assert "silent for 100 days" in finding.message

    def test_a_file_from_the_future_is_a_young_one(self) -> None:
        """A clock that is wrong excuses nothing."""
        (finding,) = found(pausing(800, age=-2))
        assert finding.message.endswith("is 0 days old")

    def test_is_worse_where_somebody_new_owns_it(self) -> None:
        """Of an organisation in addition, or of somebody who has left, nothing follows."""
        for now, severity in (((ANN, EVE), Severity.HIGH), ((ANN, ACME), Severity.MEDIUM)):
            evidence = pausing(800, owners=now, owners_before=before(ann=LONG))
            assert severities(evidence)[1] is severity

    def test_says_nothing_of_a_first_release_or_where_no_times_are_known(self) -> None:
        """An unknown upload time is what the check of the age tells."""
        assert found(facts(rhythm=Rhythm(None, YOUNG))) == []
        assert found(replace(CLEAN, rhythm=NotApplicable("no times"))) == []
        for time in (Absent(), NotApplicable("a private index")):
            assert found(replace(pausing(800), upload_time=time)) == []

    def test_an_outage_is_no_rhythm(self) -> None:
        """Saved evidence may say that nobody could tell."""
        with pytest.raises(Inconclusive, match="no rhythm"):
            found(lost(CLEAN, "rhythm"))


SOURCE = Repository("github.com", "acme/demo")
MOVED = Repository("github.com", "eve/demo")


def by(*publishers: Publisher, since: datetime = AT) -> KnownPublishers:
    """Who has published it before."""
    return KnownPublishers(publishers, "index", since)


class TestCounterEvidence:
    """A publisher who is proven to be the one who is known speaks for an awakening."""

    def test_makes_it_a_remark(self) -> None:
        """It is proven of this file and of one before."""
        proven = built_in(SOURCE)
        evidence = pausing(800, provenance=proven, publishers=by(*proven.publishers))
        (finding,) = found(evidence)
        assert (finding.severity, finding.remedy) == (Severity.INFO, "")
        assert finding.message.endswith("it is proven to be published by whoever did so before")

    def test_is_none_where_it_is_another_one_or_nothing_is_proven_of_one_of_the_two(self) -> None:
        """An attestation by itself says where a file is from, and not that this is right."""
        proven, other = built_in(SOURCE), built_in(MOVED)
        (own,) = proven.publishers
        evidence = pausing(800, provenance=proven, publishers=by(*proven.publishers))
        for less in (
            replace(evidence, publishers=Known(by(*other.publishers))),
            replace(evidence, publishers=Known(by(replace(own, owner_id="7")))),
            replace(evidence, publishers=Known(by(replace(own, workflow="other.yml")))),
            replace(evidence, publishers=Known(by())),
            replace(evidence, publishers=NotApplicable("a first release")),
            replace(evidence, provenance=Absent()),
            replace(evidence, provenance=Known(replace(proven, outcome="unsupported"))),
            lost(evidence, "publishers"),
            lost(evidence, "provenance"),
        ):
            assert severities(less) == [Severity.MEDIUM]

    def test_does_not_count_against_new_owners(self) -> None:
        """They may have got the repository along with the project."""
        proven = built_in(SOURCE)
        evidence = pausing(
            800,
            provenance=proven,
            publishers=by(*proven.publishers),
            owners=(EVE,),
            owners_before=before(ann=LONG),
        )
        assert severities(evidence) == [Severity.HIGH, Severity.HIGH]


class TestInactive:
    """What the file says of its project."""

    def test_is_told_where_its_own_classifier_says_so(self) -> None:
        """The trove classifier ``Development Status :: 7 - Inactive``."""
        (finding,) = found(facts(claims=Claims(development_status="7 - Inactive")))
        assert (finding.severity, finding.message) == (Severity.LOW, "demo calls itself inactive")

    @pytest.mark.parametrize("status", ["", "5 - Production/Stable", "1 - Planning"])
    def test_is_not_told_of_others(self, status: str) -> None:
        """Nobody must state any."""
        assert found(facts(claims=Claims(development_status=status))) == []

    def test_cannot_be_told_where_the_file_cannot_be_read(self) -> None:
        """Its metadata stands in it."""
        with pytest.raises(Inconclusive, match="no claims"):
            found(lost(CLEAN, "claims"))


class TestOutages:
    """What could not be learned hides nothing, and is told."""

    def test_a_service_for_dependents_that_is_down_is_told_and_changes_nothing(self) -> None:
        """Out of the box nothing is done about it."""
        verdict = vet(lost(pausing(800), "dependents"), Policy())
        assert [judged.finding.severity for judged in verdict.findings] == [Severity.MEDIUM]
        assert [(one.check, one.fact.source) for one in verdict.unanswered] == [("reputation", "dependents")]
        assert vet(lost(CLEAN, "dependents"), Policy()).decision is Decision.ALLOW

    def test_an_outage_of_the_index_is_no_clean_bill_and_hides_no_silence(self) -> None:
        """The rest is checked without it."""
        evidence = pausing(800, owners_before=before(ann=LONG))
        verdict = vet(lost(evidence, "owners"), Policy())
        assert [judged.finding.severity for judged in verdict.findings] == [Severity.MEDIUM]
        assert [one.fact.source for one in verdict.unanswered] == ["project-api"]
        assert vet(lost(owned((ANN,), ann=LONG), "owners"), Policy()).decision is Decision.WARN


def test_by_default_it_asks_at_most_and_warns_of_the_rest() -> None:
    assert vet(owned((EVE,), ann=LONG), Policy()).decision is Decision.ASK
    assert vet(pausing(800), Policy()).decision is Decision.WARN
    assert vet(owned((ANN, EVE), ann=LONG), Policy()).decision is Decision.WARN
    assert vet(owned((ANN, ACME), ann=LONG), Policy()).decision is Decision.ALLOW
