"""Every fact of the evidence is told, with the state that it is in."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given

from tests.model.strategies import evidence as evidences
from tests.model.test_serial import EVIDENCE
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable, Unavailable
from trustguard.model.explanation import FactLine, facts

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
