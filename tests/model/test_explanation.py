"""Every fact of the evidence is told, with the state that it is in."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given

from tests.model.samples import CLEAN
from tests.model.strategies import evidence as evidences
from tests.model.test_serial import EVIDENCE
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable, Unavailable
from trustguard.model.explanation import Explained, FactLine, Looked, facts
from trustguard.model.report import Package
from trustguard.model.verdict import Decision, Verdict

NO_FACTS = {"file", "index", "at"}
STATES = {Known: "known", Absent: "absent", NotApplicable: "not-applicable", Unavailable: "unavailable"}


@given(evidences)
def test_no_fact_is_left_out_and_none_changes_its_state(some: Evidence) -> None:
    names = [part.name for part in fields(Evidence) if part.name not in NO_FACTS]
    told = list(facts(some))
    assert [one.name for one in told] == [name.replace("_", "-") for name in names]
    assert [one.state for one in told] == [STATES[type(getattr(some, name))] for name in names]


def test_a_fact_says_what_is_known_or_why_it_is_not() -> None:
    told = {one.name: one for one in facts(EVIDENCE)}
    assert told["rank"] == FactLine("rank", "known", 70)
    assert told["status"] == FactLine("status", "absent")
    assert told["direct"] == FactLine("direct", "not-applicable", why="it comes from an index")
    assert told["other-indexes"] == FactLine("other-indexes", "unavailable", source="index", why="no answer")


def test_what_nobody_has_looked_at_is_not_said_not_to_apply() -> None:
    """Of a file that was not fetched: what is in it may hold anything; there was no direct reference."""
    verdict = Verdict((), (), ("release-age",), ("startup-code", "direct-reference"))
    checks = (
        Looked("release-age", "its age", "clean", ("upload-time",)),
        Looked("startup-code", "what starts by itself", "not-applicable", ("contents",)),
        Looked("direct-reference", "an address", "not-applicable", ("direct",)),
        Looked("clone", "a copy", "exempt"),
    )
    contents = NotApplicable("the file has not been fetched")
    listed = replace(CLEAN, contents=contents, direct=NotApplicable("it comes from an index"))
    told = Explained(Package(listed, verdict, Decision.ALLOW), "balanced", "ab", (), checks).verdict
    assert told.checked == ("release-age",)
    assert told.not_looked_at == ("startup-code",)
    assert told.not_applicable == ("direct-reference",)
    assert told.exempt == ("clone",)
