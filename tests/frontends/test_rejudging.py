"""What is installed is judged once more by saved evidence, with the advisories and the rules of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.reports.samples import evidence, judged, unanswered
from trustguard.frontends.rejudging import Today, decided, lasting_policy
from trustguard.model.errors import StoreError
from trustguard.model.evidence import Absent, Advisory, Evidence, Fact, Known, Unavailable
from trustguard.model.names import NameHit
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import Action, Allow, Policy, Selector
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict
from trustguard.store.evidence import EvidenceStore

DEMO, VERSION = canonicalize_name("demo"), Version("1.0")
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
MALICIOUS = Advisory("MAL-1", "", malicious=True)
FLAW = Advisory("X-1", "", fixed=("1.5",))


class Says:
    """Advisories, and names, that are the same for everybody."""

    def __init__(self, *advisories: Advisory, hit: NameHit | None = None, down: str = "") -> None:
        self.fact: Fact[tuple[Advisory, ...]] = Unavailable("advisories", down) if down else Known(advisories)
        self.hit = hit

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:  # noqa: ARG002
        """What is said of a release."""
        return self.fact

    def lookalike(self, project: NormalizedName) -> Fact[NameHit]:  # noqa: ARG002
        """What is said of a name."""
        return Absent() if self.hit is None else Known(self.hit)


def today(tmp_path: Path, says: Says | None = None, policy: Policy | None = None) -> Today:
    """A judge."""
    return Today(policy or Policy(), says or Says(), EvidenceStore(tmp_path / "evidence"), NOW)


def harmless() -> Evidence:
    """Evidence that nobody has anything to say against."""
    young = NOW - timedelta(days=400)
    return replace(evidence(), upload_time=Known(young), at=NOW - timedelta(days=1), advisories=Known(()))


def entry(tmp_path: Path, saved: Evidence, **parts: object) -> LedgerEntry:
    """The ledger's line on a file with this evidence."""
    made = LedgerEntry(
        distribution="demo",
        version="1.0",
        decision=Decision.ALLOW,
        score="",
        sha256="ab" * 32,
        file="demo-1.0-py3-none-any.whl",
        index="https://packages.example/simple/",
        time=NOW,
        policy=Policy().digest,
        evidence=EvidenceStore(tmp_path / "evidence").save(saved),
        imports=("demo",),
    )
    return replace(made, **parts)  # type: ignore[arg-type]


def hit(tier: str) -> NameHit:
    """A name that resembles another one."""
    return NameHit(target="demos", kind="edit1", tier=tier, confidence=0.9, reason="one slip")  # type: ignore[arg-type]


def checks(verdict: Verdict) -> set[str]:
    """Which have found something that counts."""
    return {judged.finding.check for judged in verdict.reasons}


def test_the_advisories_are_those_of_today(tmp_path: Path) -> None:
    saved = harmless()
    assert "known-malicious" not in checks(today(tmp_path).of_evidence(saved))
    assert "known-malicious" in checks(today(tmp_path, Says(MALICIOUS)).of_evidence(saved))
    outage = today(tmp_path, Says(down="no data")).of_evidence(saved)
    assert {one.check for one in outage.unanswered} >= {"known-malicious", "vulnerability"}
    assert "known-malicious" not in outage.checked


def test_an_exception_that_has_expired_excuses_nothing_any_more(tmp_path: Path) -> None:
    allow = Allow(Selector("demo"), "wanted", checks=("known-malicious",), expires=NOW.date())
    judge = today(tmp_path, Says(MALICIOUS), Policy(allow=(allow,)))
    assert "known-malicious" not in checks(judge.of_evidence(harmless()))
    over = replace(allow, expires=date(2026, 5, 31))
    judge = today(tmp_path, Says(MALICIOUS), Policy(allow=(over,)))
    assert "known-malicious" in checks(judge.of_evidence(harmless()))


def test_evidence_that_is_not_there_or_about_something_else_is_not_used(tmp_path: Path) -> None:
    judge = today(tmp_path)
    assert judge.evidence(entry(tmp_path, harmless())) == harmless()
    for other in ({"evidence": "ef" * 32}, {"evidence": ""}, {"version": "1.1"}, {"distribution": "other"}):
        with pytest.raises(StoreError):
            judge.evidence(entry(tmp_path, harmless(), **other))


def test_what_was_approved_stays_approved_under_the_same_rules_and_for_the_same_questions(
    tmp_path: Path,
) -> None:
    strict = Policy(profile="strict")
    asked = replace(harmless(), advisories=Known((FLAW,)))
    line = entry(tmp_path, asked, policy=strict.digest)
    judge = today(tmp_path, Says(FLAW), strict)
    assert judge.of_entry(line).decision is Decision.ASK
    assert judge.was_approved(line)
    assert not judge.was_approved(replace(line, policy=Policy().digest))
    assert not judge.was_approved(replace(line, decision=Decision.WITHHOLD))
    assert not judge.was_approved(entry(tmp_path, harmless(), policy=strict.digest))


def test_by_name_only_what_a_name_tells_is_called_checked(tmp_path: Path) -> None:
    verdict = today(tmp_path).of_name(DEMO, VERSION, Says())
    assert (verdict.decision, set(verdict.checked)) == (
        Decision.ALLOW,
        {"known-malicious", "vulnerability", "typosquatting"},
    )
    assert set(today(tmp_path).of_name(DEMO, VERSION, None).checked) == {"known-malicious", "vulnerability"}
    assert checks(today(tmp_path, Says(MALICIOUS)).of_name(DEMO, VERSION, Says())) == {"known-malicious"}


def test_a_name_that_is_likely_a_squat_is_a_finding_and_one_that_is_only_suspicious_a_question_to_an_index(
    tmp_path: Path,
) -> None:
    likely = today(tmp_path).of_name(DEMO, VERSION, Says(hit=hit("likely")))
    assert checks(likely) == {"typosquatting"}
    suspicious = today(tmp_path).of_name(DEMO, VERSION, Says(hit=hit("suspicious")))
    assert (checks(suspicious), suspicious.decision) == (set(), Decision.WARN)
    assert [one.check for one in suspicious.unanswered] == ["typosquatting"]
    assert "trustguard check demo==1.0" in suspicious.unanswered[0].fact.reason


def test_a_pin_is_not_fulfilled_by_what_nobody_has_verified(tmp_path: Path) -> None:
    pin = PublisherPin("demo", "GitHub", workflow="release.yml", by="user")
    verdict = today(tmp_path, policy=Policy(publishers=(pin,))).of_name(DEMO, VERSION, Says())
    assert (verdict.decision, verdict.unvetted) == (Decision.BLOCK, True)


def test_in_a_curated_installation_what_nobody_vetted_is_on_no_list(tmp_path: Path) -> None:
    verdict = today(tmp_path, policy=Policy(unknown="block")).of_name(DEMO, VERSION, Says())
    assert checks(verdict) == {"not-listed"}


GROUNDS: Mapping[str, Judged | Unanswered] = {
    "refused": judged("known-malicious", Action.WITHHOLD),
    "blocked": judged("denied", Action.BLOCK),
    "asked": judged("startup-code", Action.ASK),
    "warned": judged("vulnerability", Action.WARN),
    "outage": unanswered("provenance", "provenance", Action.BLOCK),
}


@pytest.mark.parametrize(
    ("before", "grounds", "after"),
    [
        (Decision.ALLOW, "refused", Decision.WITHHOLD),
        (Decision.WARN, "blocked", Decision.BLOCK),
        (Decision.ALLOW, "asked", Decision.ALLOW),
        (Decision.ALLOW, "warned", Decision.ALLOW),
        (Decision.ALLOW, "outage", Decision.ALLOW),
        (Decision.BLOCK, "outage", Decision.BLOCK),
        (Decision.BLOCK, "asked", Decision.BLOCK),
        (Decision.BLOCK, "warned", Decision.WARN),
        (Decision.WITHHOLD, "", Decision.ALLOW),
    ],
)
def test_a_ledger_takes_back_what_is_refused_and_lets_in_what_is_not_any_more(
    tmp_path: Path, before: Decision, grounds: str, after: Decision
) -> None:
    ground = GROUNDS.get(grounds)
    findings = (ground,) if isinstance(ground, Judged) else ()
    outages = (ground,) if isinstance(ground, Unanswered) else ()
    line = entry(tmp_path, harmless(), decision=before)
    assert decided(line, Verdict(findings, outages)) is after


def test_the_rules_for_ledgers_are_not_those_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trustguard.toml").write_text('schema = 1\nprofile = "strict"\n')
    (tmp_path / "mine.toml").write_text('message = "ours"\n')
    monkeypatch.chdir(tmp_path)
    policy = lasting_policy({"TRUSTGUARD_CONFIG": "mine.toml"})
    assert (policy.profile, policy.message) == ("balanced", "ours")
