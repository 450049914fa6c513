"""Everything that a verdict and a score rest on, for one file; the same for the same evidence and policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from trustguard.model.evidence import Evidence, not_looked_at
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry, Package
from trustguard.model.serial import evidence_to_json
from trustguard.model.verdict import Judged, Unanswered, Verdict

FactState = Literal["known", "absent", "not-applicable", "unavailable"]
Outcome = Literal["found", "clean", "not-applicable", "unanswered", "exempt"]
"""What came of a check: it has found something, or nothing; none of what it looks at applies; it could not be
made; or the policy exempts the project from it."""


@record
class FactLine:
    """One fact of the evidence.

    Args:
        name: of the fact.
        state: which of the four it is in.
        value: what is known, in the form of :mod:`trustguard.model.serial`; None where nothing is.
        source: what was asked, where that is unavailable; else empty.
        why: why it does not apply, or is unavailable; else empty.
    """

    name: str
    state: FactState
    value: Any = None
    source: str = ""
    why: str = ""


@record
class Ruled:
    """A finding, what is done about it, and on whose word.

    Args:
        judged: the finding and the action.
        by: the setting that decides, and who has set it.
    """

    judged: Judged
    by: str


@record
class RuledUnanswered:
    """A check that could not be made, what is done about that, and on whose word."""

    unanswered: Unanswered
    by: str


@record
class Looked:
    """One check.

    Args:
        check: its id.
        summary: what it is about.
        outcome: what came of it.
        facts: the facts that it has read, in that order.
        findings: what it has found.
        unanswered: what it needed and nobody could give.
    """

    check: str
    summary: str
    outcome: Outcome
    facts: tuple[str, ...] = ()
    findings: tuple[Ruled, ...] = ()
    unanswered: tuple[RuledUnanswered, ...] = ()


@record
class ExceptionLine:
    """An exception that speaks of the file.

    Args:
        project: its name or glob.
        version: a PEP 440 set; empty where it is for all.
        checks: which findings it excuses; None: all but those that must be named.
        reason: why there is one.
        by: whose it is, and where it stands.
        expires: its last day, ISO 8601; empty where it has none.
        needs_approval: whether somebody is asked at each use.
        used: whether it excuses something here.
    """

    project: str
    version: str
    checks: tuple[str, ...] | None
    reason: str
    by: str
    expires: str
    needs_approval: bool
    used: bool


@record
class Explained:
    """One file, taken apart.

    Args:
        package: the file with its verdict, from which the score follows.
        profile: of the policy that judged.
        policy: that policy's digest.
        facts: every fact of the evidence.
        checks: every check.
        by_policy: what the policy has found by itself: denials, what nothing lists, pins, a score too low.
        exceptions: those that speak of the file.
        ledger: the ledger's line, where it is installed.
    """

    package: Package
    profile: str
    policy: str
    facts: tuple[FactLine, ...]
    checks: tuple[Looked, ...]
    by_policy: tuple[Ruled, ...] = ()
    exceptions: tuple[ExceptionLine, ...] = ()
    ledger: LedgerEntry | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict, which says besides what was not looked at, and what the project is exempt from."""
        verdict = self.package.verdict
        unseen = {name.replace("_", "-") for name in not_looked_at(self.package.evidence)}
        unlooked = {one.check for one in self.checks if not unseen.isdisjoint(one.facts)}
        return replace(
            verdict,
            not_applicable=tuple(check for check in verdict.not_applicable if check not in unlooked),
            not_looked_at=tuple(check for check in verdict.not_applicable if check in unlooked),
            exempt=tuple(one.check for one in self.checks if one.outcome == "exempt"),
        )


def facts(evidence: Evidence) -> Iterator[FactLine]:
    """Every fact of the evidence with its state, in the order of the model.

    Raises:
        ValueError: a time has no zone.
    """
    for name, form in evidence_to_json(evidence).items():
        if isinstance(form, dict) and "state" in form:
            yield FactLine(
                name=name.replace("_", "-"),
                state=form["state"],
                value=form.get("value"),
                source=form.get("source", ""),
                why=form.get("why") or form.get("reason") or "",
            )
