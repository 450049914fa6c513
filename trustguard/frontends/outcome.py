"""What is made of a run: the exit code, the report, the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.beside import beside_of, covered, exception_rules, other_versions, unreached
from trustguard.frontends.guard_index.assembly import requirements
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import installed_projects
from trustguard.frontends.popular import ComparedNames, not_found
from trustguard.frontends.request import Request
from trustguard.import_guard import placing
from trustguard.installers.pip.installed import Installed, relied_on
from trustguard.installers.pip.plan import Plan
from trustguard.model.alternatives import Beside
from trustguard.model.errors import StoreError
from trustguard.model.evidence import Known, SourceName
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.origins import Wanted
from trustguard.model.policy import Policy
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry, Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision, Verdict
from trustguard.store.environments import Environments
from trustguard.store.evidence import EvidenceStore
from trustguard.store.ledger import Ledger
from trustguard.store.owners import Owned, OwnerStore
from trustguard.store.publishers import Accepted, PublisherStore
from trustguard.vetting import Candidate

LEDGER = "trustguard-ledger.tsv"
_LET_IN = frozenset({Decision.ALLOW, Decision.WARN})
_ORDER = (Decision.ALLOW, Decision.WARN, Decision.ASK, Decision.WITHHOLD, Decision.BLOCK)


@record
class Outcome:
    """How a command ended."""

    exit_code: int
    report: Report | None = None
    """None where pip ran as it is, or said itself all there was to say."""
    beside: Beside = field(default_factory=Beside)
    left_out: tuple[Package, ...] = ()
    """The newest file of each project of which something was withheld."""
    wanted: Wanted = field(default_factory=Wanted)
    """Where everything was asked for, if that was to be told."""
    policy: Policy = field(default_factory=Policy)
    """The rules that were in force."""

    @classmethod
    def of_pip(cls, code: int) -> Outcome:
        """Pip ended by itself; a signal that ended it is told as shells do."""
        return cls(code if code >= 0 else 128 - code)


@record
class Run:
    """One guarded run, from the moment when pip has ended.

    Args:
        request: what was asked for.
        command: what it is called in a report.
        folders: the site-packages folders that were installed into; the ledger lies in the first.
        journal: what happened.
        roots: what was asked for, as far as it has a name.
        ranges: which versions were asked for, by project.
        names: compares names, where somebody has done so already.
    """

    request: Request
    command: str
    folders: Sequence[str]
    journal: Journal
    roots: frozenset[NormalizedName] = frozenset()
    ranges: Mapping[NormalizedName, SpecifierSet] = field(default_factory=dict)
    names: ComparedNames | None = None

    def conclude(self, code: int, unvetted: Sequence[str]) -> Outcome:
        """The exit code and the report.

        Args:
            code: pip's exit code, as the process gave it.
            unvetted: what was there already and nobody vetted.
        """
        configuration = self.request.configuration
        packages = covered(self.journal.packages, configuration.policy)
        exit_code = self._exit_code(packages, Outcome.of_pip(code).exit_code)
        left_out = covered(self._left_out(), configuration.policy)
        withheld = tuple(
            _withheld(rows, newest)
            for rows, newest in zip(self.journal.withheld.values(), left_out, strict=True)
        )
        decisions = [Decision.BLOCK] if exit_code == BLOCKED else [p.decision for p in packages]
        missing = self._missing() if exit_code else ()
        report = Report(
            command="check" if self.request.check else self.command,
            decision=max(decisions, key=_ORDER.index, default=Decision.ALLOW),
            exit_code=exit_code,
            packages=packages,
            withheld=withheld,
            outages=_outages([*(p.verdict for p in packages), *(w.verdict for w in withheld)]),
            unvetted=tuple(unvetted),
            problems=(*configuration.warnings, *self.journal.problems),
            message=configuration.policy.message,
            missing=missing,
            unreached=self._unreached(packages, missing) if exit_code else (),
            exceptions=exception_rules(configuration),
        )
        seen = frozenset(project for project, files in self.journal.offered.items() if files)
        names = self.names or ComparedNames(self.request.state)
        beside = beside_of(report, left_out, self.roots, self.request, names, seen)
        refused = [*left_out, *(one for one in packages if one.decision not in _LET_IN)]
        beside = replace(beside, offered=other_versions(refused, self.journal.offered))
        return Outcome(exit_code, report, beside, left_out)

    def _left_out(self) -> tuple[Package, ...]:
        rows = self.journal.withheld.items()
        newest = (max(self._meant(*row), key=lambda c: c.evidence.version) for row in rows)
        return tuple(Package(c.evidence, c.verdict, c.verdict.decision) for c in newest)

    def _meant(self, project: NormalizedName, files: Sequence[Candidate]) -> Sequence[Candidate]:
        """Those of the versions that were asked for; all, where there are none."""
        wanted = self.ranges.get(project, SpecifierSet())
        return [c for c in files if wanted.contains(c.evidence.version, prereleases=True)] or files

    def _unreached(self, packages: Sequence[Package], missing: Sequence[Missing]) -> tuple[str, ...]:
        there = () if self.request.check else installed_projects(*self.folders)
        return unreached(
            self.roots, packages, [*self.journal.withheld, *(one.project for one in missing), *there]
        )

    def _exit_code(self, packages: Sequence[Package], code: int) -> int:
        journal = self.journal
        if code == 0 and not (self.request.check or journal.strays):
            return 0
        refused = [p for p in packages if p.verdict.refused]
        if any(not p.verdict.unvetted for p in refused):
            return BLOCKED
        if refused:
            return UNVETTED
        if any(p.verdict.decision is Decision.ASK and not p.approved for p in packages):
            return NEEDS_APPROVAL
        if journal.failed:
            return UNVETTED
        return BLOCKED if code != 0 and journal.held_back() else code

    def _missing(self) -> tuple[Missing, ...]:
        if self.journal.failed:  # a source that did not answer may have what the others have not
            return ()
        tell = partial(self.journal.problem, failed=False)
        policy = self.request.configuration.policy
        return not_found(self.journal.missing_projects, policy, self.request.state, tell)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the environment that was installed into."""
        return Ledger(Path(self.folders[0]) / LEDGER, self.request.state.locks)

    def enter(self, items: Sequence[Installed]) -> None:
        """Save the evidence, write the ledger, and remember who has published what is there now.

        Raises:
            StoreError: it cannot be written; what is installed is then unknown to the ledger, or its
                publishers are taken for new ones the next time.
        """
        self.journal.installed(item.filename for item in items)
        known = self._candidates()
        entries = []
        for item in items:
            if item.guarded and item.filename in known:
                entries.append(self._entry(item, known[item.filename]))
            elif item.filename:
                # The metadata of what was built named a file on this disk, and pip opened it by itself.
                self.journal.stray(
                    f"{item.name} {item.version} was installed from {item.url}, and nobody vetted it"
                )
        gone = self._gone(entries)
        try:
            if entries or gone:
                self.ledger.record(entries, gone)
                Environments(self.request.state.environments).add(Path(self.folders[0]) / LEDGER)
            with suppress(OSError):  # the import-time guard finds out by itself: this spares it the work
                placing.refresh(placing.Target.around([Path(folder) for folder in self.folders]))
        finally:
            self._remember(known[item.filename] for item in items if item.guarded and item.filename in known)

    def _remember(self, packages: Iterable[Package]) -> None:
        """Trust on first use: publishers and owners of what a verdict or a person has let in."""
        let_in = [p.evidence for p in packages if p.decision in {Decision.ALLOW, Decision.WARN}]
        accepted = [
            Accepted(one.index, one.project, one.provenance.value.publishers)
            for one in let_in
            if isinstance(one.provenance, Known)
        ]
        owned = [
            Owned(one.index, one.project, one.owners.value, one.file.upload_time)
            for one in let_in
            if isinstance(one.owners, Known)
        ]
        state, now = self.request.state, datetime.now(timezone.utc)
        try:
            PublisherStore(state.publishers, state.locks).record(accepted, now)
        finally:
            OwnerStore(state.owners, state.locks).record(owned, now)

    def _gone(self, entries: Sequence[LedgerEntry]) -> list[NormalizedName]:
        """What the ledger knows and is not there any more; somebody else may put something else back."""
        new = {canonicalize_name(entry.distribution) for entry in entries}
        there = installed_projects(*self.folders) | new
        return [name for name in self.ledger.read() if name not in there]

    def unvetted(self, items: Sequence[Installed], plan: Plan) -> list[str]:
        """What the command relies on, was there already, and is not in the ledger.

        Args:
            items: what was installed.
            plan: what pip understood of the command.
        """
        try:
            recorded = {name: entry.version for name, entry in self.ledger.read().items()}
        except StoreError as error:
            self.journal.problem(str(error), failed=False)
            recorded = {}
        now = {canonicalize_name(item.name): item.version for item in items}
        names = relied_on(requirements(plan), plan, {**recorded, **now})
        return [f"{name} {version}" for name, version in names]

    def _candidates(self) -> Mapping[str, Package]:
        offered = {
            c.file.filename: Package(c.evidence, c.verdict, c.verdict.decision)
            for rows in self.journal.offered.values()
            for c in rows
        }
        return {**offered, **{p.evidence.file.filename: p for p in self.journal.packages}}

    def _entry(self, item: Installed, package: Package) -> LedgerEntry:
        evidence = package.evidence
        digest = getattr(evidence.sha256, "value", None) or evidence.file.sha256 or ""
        return LedgerEntry(
            distribution=canonicalize_name(item.name),
            version=item.version,
            decision=package.decision,
            score="" if package.score.value is None else package.score.label,
            sha256=digest,
            file=item.filename,
            index=evidence.index.url,
            time=datetime.now(timezone.utc),
            policy=self.request.configuration.policy.digest,
            evidence=EvidenceStore(self.request.state.evidence).save(replace(evidence)),
            imports=item.imports,
        )


def _withheld(rows: Iterable[Candidate], newest: Package) -> Withheld:
    in_order = sorted((c.evidence.version for c in rows), reverse=True)
    versions = tuple(dict.fromkeys(map(str, (newest.evidence.version, *in_order))))
    return Withheld(newest.evidence.project, versions, newest.verdict, newest.evidence)


def _outages(verdicts: Iterable[Verdict]) -> tuple[Outage, ...]:
    checks: dict[tuple[SourceName, str], set[str]] = {}
    files: dict[tuple[SourceName, str], int] = {}
    for verdict in verdicts:
        for fact in dict.fromkeys(unanswered.fact for unanswered in verdict.unanswered):
            key = (fact.source, fact.reason)
            asking = {one.check for one in verdict.unanswered if one.fact == fact}
            checks[key] = checks.get(key, set()) | asking
            files[key] = files.get(key, 0) + 1
    return tuple(Outage(*key, tuple(sorted(asking)), files[key]) for key, asking in checks.items())
