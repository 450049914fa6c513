"""The decision on one file: the worst finding decides."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from trustguard.model.evidence import Unavailable
from trustguard.model.finding import Finding
from trustguard.model.policy import Action
from trustguard.model.record import record


class Decision(str, Enum):
    """What happens to a file."""

    ALLOW = "allow"
    WARN = "warn"
    ASK = "ask"
    WITHHOLD = "withhold"
    BLOCK = "block"


_DECISIONS = {
    Action.OFF: Decision.ALLOW,
    Action.WARN: Decision.WARN,
    Action.ASK: Decision.ASK,
    Action.WITHHOLD: Decision.WITHHOLD,
    Action.BLOCK: Decision.BLOCK,
}


@record
class Judged:
    """A finding and what the policy does about it."""

    finding: Finding
    action: Action
    excused: str = ""
    """The reason of the exception that excuses it; its action is then OFF, or at most ASK."""


@record
class Unanswered:
    """A check that could not be made, and what the policy does about that."""

    check: str
    fact: Unavailable
    action: Action


@record
class Verdict:
    """The decision on one file, with everything it rests on."""

    findings: tuple[Judged, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()
    checked: tuple[str, ...] = ()
    """The ids of the checks that reached a result."""
    not_applicable: tuple[str, ...] = ()
    """Those whose question does not arise: none of the facts that they look at applies to this file. Where
    nobody asked for that, they are among the checked ones."""
    not_looked_at: tuple[str, ...] = ()
    """Those for which a fact was not looked at, such as the bytes of a file that was refused before."""
    exempt: tuple[str, ...] = ()
    """Those that the policy leaves this project alone with."""

    def with_finding(self, judged: Judged) -> Verdict:
        """The same with one more finding."""
        return replace(self, findings=(*self.findings, judged))

    @property
    def action(self) -> Action:
        """The strictest action of all findings and of all checks that could not be made."""
        every = [j.action for j in self.findings] + [u.action for u in self.unanswered]
        return max(every, default=Action.OFF)

    @property
    def decision(self) -> Decision:
        """What happens to the file."""
        return _DECISIONS[self.action]

    @property
    def refused(self) -> bool:
        """Whether the file is kept from the installer without asking anybody."""
        return self.action >= Action.WITHHOLD

    @property
    def unvetted(self) -> bool:
        """Whether it is refused only because something could not be checked."""
        return self.refused and all(j.action < Action.WITHHOLD for j in self.findings)

    @property
    def reasons(self) -> tuple[Judged, ...]:
        """The findings that count, the worst first."""
        counted = [j for j in self.findings if j.action > Action.OFF]
        return tuple(sorted(counted, key=lambda j: (-j.action, -j.finding.severity, j.finding.check)))
