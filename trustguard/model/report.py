"""What a run did, for people, for programs and for the ledger."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from trustguard.model.evidence import Evidence, SourceName
from trustguard.model.record import record
from trustguard.model.score import Score, score
from trustguard.model.verdict import Decision, Verdict


@record
class Package:
    """One file, and what was decided about it."""

    evidence: Evidence
    verdict: Verdict
    decision: Decision
    """What happened: as the verdict says, or as somebody answered who was asked."""
    approved: bool = False
    """Whether somebody was asked and agreed."""
    installed: bool = False

    @property
    def score(self) -> Score:
        """The trust score; it explains, and decides nothing."""
        return score(self.evidence, self.verdict)


@record
class Withheld:
    """Files of one project that were left out of the listing for the same reason."""

    project: str
    versions: tuple[str, ...]
    """The newest first, but before it the newest of those that were asked for."""
    verdict: Verdict
    """The verdict on the first one."""
    evidence: Evidence | None = None
    """What is known of the first one; None where nobody says."""


@record
class Outage:
    """Something that could not be checked, said once for all files that it concerns."""

    source: SourceName
    reason: str
    checks: tuple[str, ...]
    files: int


@record
class Missing:
    """A project that the installer asked for and that no source has."""

    project: str
    suggestion: str | None = None
    """The popular project that may have been meant."""


@record
class ExceptionRules:
    """What the organisation says of exceptions that users add.

    Args:
        users: whether they may: ``yes``; ``ask``: each turns a refusal into a question only; or ``no``.
        place: the organisation's file; empty where it has none.
    """

    users: str = "yes"
    place: str = ""


@record
class Report:
    """Everything that is told about a run."""

    command: str
    decision: Decision
    """The worst of all."""
    exit_code: int
    packages: tuple[Package, ...]
    withheld: tuple[Withheld, ...] = ()
    outages: tuple[Outage, ...] = ()
    unvetted: tuple[str, ...] = ()
    """Distributions that were there already, that this command relies on, and that no ledger knows."""
    problems: tuple[str, ...] = ()
    """What went wrong, one line each: an index that did not answer, an address that was not lifted."""
    message: str = ""
    """The organisation's own words, shown with every refusal."""
    missing: tuple[Missing, ...] = ()
    """What no source has, where the run failed."""
    unreached: tuple[str, ...] = ()
    """What was asked for, and there is no verdict on, since the run failed before."""
    exceptions: ExceptionRules = field(default_factory=ExceptionRules)
    """Whether users may add exceptions, so that nobody is told to do what is not possible."""


@record
class LedgerEntry:
    """One line of the ledger: a distribution that was installed, and on what grounds."""

    distribution: str
    version: str
    decision: Decision
    score: str
    """The trust score; empty while there is none."""
    sha256: str
    """Of the wheel or sdist that was vetted."""
    file: str
    index: str
    time: datetime
    policy: str
    """The policy's digest."""
    evidence: str
    """The digest under which the evidence is kept; empty where it was not saved."""
    imports: tuple[str, ...]
    """Top-level import names."""
