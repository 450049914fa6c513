"""What is made of a run: the exit code, the report, the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.config import Configuration
from trustguard.frontends.guard_index.assembly import requirements
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.popular import not_found
from trustguard.frontends.state import State
from trustguard.installers.pip.installed import Installed, relied_on
from trustguard.installers.pip.plan import Plan
from trustguard.model.errors import StoreError
from trustguard.model.evidence import SourceName
from trustguard.model.report import LedgerEntry, Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision
from trustguard.store.evidence import EvidenceStore
from trustguard.store.ledger import Ledger
from trustguard.vetting import Candidate

LEDGER = "trustguard-ledger.tsv"
BLOCKED, NEEDS_APPROVAL, UNVETTED = 10, 11, 12
_ORDER = (Decision.ALLOW, Decision.WARN, Decision.ASK, Decision.WITHHOLD, Decision.BLOCK)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    exit_code: int
    report: Report | None = None
    """None where pip ran as it is, or said itself all there was to say."""

    @classmethod
    def of_pip(cls, code: int) -> Outcome:
        """Pip ended by itself; a signal that ended it is told as shells do."""
        return cls(code if code >= 0 else 128 - code)


def conclude(
    configuration: Configuration,
    plan: Plan,
    journal: Journal,
    code: int,
    unvetted: Sequence[str],
    *,
    check: bool,
    state: State,
) -> Outcome:
    """The exit code and the report of a guarded run.

    Args:
        configuration: all layers.
        plan: what pip was asked for.
        journal: what happened.
        code: pip's exit code, as the process gave it.
        unvetted: what was there already and nobody vetted.
        check: whether only verdicts were wanted: the worst of them is then the exit code.
        state: our own folders.
    """
    packages = journal.packages
    exit_code = Outcome.of_pip(code).exit_code
    if check or code != 0:
        exit_code = _exit_code(journal, packages, exit_code)
    missing = _missing(configuration, journal, state) if exit_code else ()
    withheld = tuple(_withheld(project, rows) for project, rows in journal.withheld.items())
    decisions = [p.decision for p in packages]
    if exit_code == BLOCKED:
        decisions.append(Decision.BLOCK)
    report = Report(
        command="check" if check else plan.command,
        decision=max(decisions, key=_ORDER.index, default=Decision.ALLOW),
        exit_code=exit_code,
        packages=packages,
        withheld=withheld,
        outages=_outages([*(p.verdict for p in packages), *(w.verdict for w in withheld)]),
        unvetted=tuple(unvetted),
        problems=(*configuration.warnings, *journal.problems),
        message=configuration.policy.message,
        missing=missing,
    )
    return Outcome(exit_code, report)


def _exit_code(journal: Journal, packages: Sequence[Package], code: int) -> int:
    refused = [p for p in packages if p.verdict.refused]
    if any(not p.verdict.unvetted for p in refused):
        return BLOCKED
    if refused:
        return UNVETTED
    if any(p.verdict.decision is Decision.ASK and not p.approved for p in packages):
        return NEEDS_APPROVAL
    if journal.failed:
        return UNVETTED
    if code == 0:
        return 0
    served = {p.evidence.project for p in packages}
    return BLOCKED if any(project not in served for project in journal.withheld) else code


def _missing(configuration: Configuration, journal: Journal, state: State) -> tuple[Missing, ...]:
    if journal.failed:  # a source that did not answer may have what the others have not
        return ()
    tell = partial(journal.problem, failed=False)
    return not_found(journal.missing_projects, configuration.policy, state, tell)


def _withheld(project: NormalizedName, rows: Iterable[Candidate]) -> Withheld:
    newest = sorted(rows, key=lambda c: c.evidence.version, reverse=True)
    versions = tuple(dict.fromkeys(str(c.evidence.version) for c in newest))
    return Withheld(project, versions, newest[0].verdict)


def _outages(verdicts: Iterable[object]) -> tuple[Outage, ...]:
    found: dict[tuple[SourceName, str], tuple[set[str], int]] = {}
    for verdict in verdicts:
        for unanswered in getattr(verdict, "unanswered", ()):
            key = (unanswered.fact.source, unanswered.fact.reason)
            checks, files = found.get(key, (set(), 0))
            found[key] = (checks | {unanswered.check}, files + 1)
    return tuple(
        Outage(source, reason, tuple(sorted(checks)), files)
        for (source, reason), (checks, files) in found.items()
    )


@dataclass(frozen=True, slots=True)
class Books:
    """Writes down what was installed.

    Args:
        state: our own folders.
        configuration: all layers.
        plan: what pip was asked for.
    """

    state: State
    configuration: Configuration
    plan: Plan

    @property
    def ledger(self) -> Ledger:
        """The ledger of the environment that was installed into."""
        return Ledger(Path(self.plan.destinations[0]) / LEDGER, self.state.locks)

    def enter(self, journal: Journal, items: Sequence[Installed]) -> None:
        """Save the evidence and write the ledger.

        Raises:
            StoreError: it cannot be written; what is installed is then unknown to the ledger.
        """
        journal.installed(item.filename for item in items)
        known = self._candidates(journal)
        entries = [self._entry(item, known[item.filename]) for item in items if item.filename in known]
        if entries:
            self.ledger.record(entries, ())

    def unvetted(self, journal: Journal, items: Sequence[Installed]) -> list[str]:
        """What the command relies on, was there already, and is not in the ledger."""
        try:
            recorded = {name: entry.version for name, entry in self.ledger.read().items()}
        except StoreError as error:
            journal.problem(str(error), failed=False)
            recorded = {}
        now = {canonicalize_name(item.name): item.version for item in items}
        names = relied_on(requirements(self.plan), self.plan, {**recorded, **now})
        return [f"{name} {version}" for name, version in names]

    def _candidates(self, journal: Journal) -> Mapping[str, Package]:
        offered = {
            c.file.filename: Package(c.evidence, c.verdict, c.verdict.decision)
            for rows in journal.offered.values()
            for c in rows
        }
        return {**offered, **{p.evidence.file.filename: p for p in journal.packages}}

    def _entry(self, item: Installed, package: Package) -> LedgerEntry:
        evidence = package.evidence
        digest = getattr(evidence.sha256, "value", None) or evidence.file.sha256 or ""
        return LedgerEntry(
            distribution=canonicalize_name(item.name),
            version=item.version,
            decision=package.decision,
            score="",
            sha256=digest,
            file=item.filename,
            index=evidence.index.url,
            time=datetime.now(timezone.utc),
            policy=self.configuration.policy.digest,
            evidence=EvidenceStore(self.state.evidence).save(replace(evidence)),
            imports=item.imports,
        )
