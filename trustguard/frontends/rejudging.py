"""What is installed already, judged once more: by saved evidence, and by advisories and rules of today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from trustguard.config import load
from trustguard.config.layers import ENVIRONMENT_VARIABLE
from trustguard.import_guard import placing
from trustguard.judging import Judge
from trustguard.model.errors import StoreError
from trustguard.model.evidence import (
    Advisory,
    Evidence,
    Fact,
    Known,
    NotApplicable,
    Unavailable,
)
from trustguard.model.names import NameHit
from trustguard.model.policy import Action, Policy
from trustguard.model.project import DistributionFile, FileKind, FileName, IndexId, Sha256
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision, Verdict
from trustguard.store.environments import Environments
from trustguard.store.evidence import EvidenceStore
from trustguard.store.ledger import Ledger

if TYPE_CHECKING:
    from trustguard.frontends.state import State

_NOT_ASKED: Any = NotApplicable("no index was asked")
_BY_ADVISORY = frozenset({"known-malicious", "vulnerability"})
_BY_NAME = _BY_ADVISORY | {"typosquatting"}
"""The checks that a name and a version are enough for."""
_INSTALLED = frozenset({Decision.ALLOW, Decision.WARN})
_REFUSED = frozenset({Decision.WITHHOLD, Decision.BLOCK})


class Advisories(Protocol):
    """Where advisories come from."""

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        """The advisories that apply to a release."""


class Names(Protocol):
    """Who compares names."""

    def lookalike(self, project: NormalizedName) -> Fact[NameHit]:
        """The better known name that a project's name may be taken for."""


@dataclass
class Today:
    """Judges by the facts and the rules of today.

    Args:
        policy: the rules.
        advisories: those of today.
        store: the evidence that was saved.
        at: now, with its zone.
    """

    policy: Policy
    advisories: Advisories
    store: EvidenceStore
    at: datetime
    _evidence: dict[str, Evidence | StoreError] = field(default_factory=dict, init=False)
    _verdicts: dict[str, Verdict] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._judge = Judge(self.policy.on(self.at.date()))

    def under(self, policy: Policy) -> Today:
        """The same by other rules."""
        if policy.digest == self.policy.digest:
            return self
        other = Today(policy, self.advisories, self.store, self.at)
        other._evidence = self._evidence  # what was read is not read again
        return other

    def evidence(self, entry: LedgerEntry) -> Evidence:
        """What was seen when a distribution was installed.

        Raises:
            StoreError: it was not saved, is not there any more, or is not about this release.
        """
        if entry.evidence not in self._evidence:
            self._evidence[entry.evidence] = self._load(entry.evidence)
        found = self._evidence[entry.evidence]
        if isinstance(found, StoreError):
            raise found
        if (found.project, found.version) != (canonicalize_name(entry.distribution), Version(entry.version)):
            raise StoreError(f"the evidence that the ledger names for {entry.distribution} is not about it")
        return found

    def _load(self, digest: str) -> Evidence | StoreError:
        try:
            return self.store.load(Sha256(digest))
        except StoreError as error:
            return error

    def of_entry(self, entry: LedgerEntry) -> Verdict:
        """The verdict on what the ledger knows.

        Raises:
            StoreError: there is no evidence of it.
        """
        evidence = self.evidence(entry)
        if entry.evidence not in self._verdicts:
            self._verdicts[entry.evidence] = self.of_evidence(evidence)
        return self._verdicts[entry.evidence]

    def of_evidence(self, evidence: Evidence) -> Verdict:
        """The verdict on a file whose bytes were seen."""
        advisories = self.advisories.applying(evidence.project, evidence.version)
        return self._judge.vet(replace(evidence, advisories=advisories, at=self.at))

    def was_approved(self, entry: LedgerEntry) -> bool:
        """Whether somebody has approved, when it was installed, all that the verdict of today asks about.

        Under other rules nobody can tell what was approved.

        Raises:
            StoreError: there is no evidence of it.
        """
        verdict = self.of_entry(entry)
        if verdict.decision is not Decision.ASK or entry.decision not in _INSTALLED:
            return False
        then = self._judge.vet(self.evidence(entry))
        return entry.policy == self.policy.digest and _questions(verdict) <= _questions(then)

    def of_name(
        self, project: NormalizedName, version: Version, names: Names | None, entry: LedgerEntry | None = None
    ) -> Verdict:
        """What a name and a version tell, where there is no evidence.

        A pin is not fulfilled by what nobody has verified, and a name that is only suspicious says nothing
        without the project's past. What could not be looked at is in no list of what was checked.

        Args:
            project: its name.
            version: of the release.
            names: who compares names; None: nobody.
            entry: the ledger's line, where it is about this release.
        """
        file = FileName(f"{project} {version}", project, version, FileKind.WHEEL)
        hashes = {} if entry is None else {"sha256": entry.sha256}
        evidence = Evidence(
            file=DistributionFile(file, "", hashes),
            index=IndexId("" if entry is None else entry.index),
            at=self.at,
            advisories=self.advisories.applying(project, version),
            upload_time=_NOT_ASKED,
            status=_NOT_ASKED,
            other_indexes=_NOT_ASKED,
            direct=_NOT_ASKED,
            lookalike=_NOT_ASKED if names is None else self._lookalike(project, version, names),
        )
        if self.policy.demands_provenance(project):
            unverified = Unavailable("provenance", f"it is not known who has published this {project}")
            evidence = replace(evidence, provenance=unverified)
        verdict = self._judge.vet(evidence)
        known = {one.finding.check for one in verdict.findings} | (_BY_NAME if names else _BY_ADVISORY)
        return replace(verdict, checked=tuple(check for check in verdict.checked if check in known))

    def _lookalike(self, project: NormalizedName, version: Version, names: Names) -> Fact[NameHit]:
        if self.policy.pinned_index(project) is not None:
            return NotApplicable("its name comes from one index alone")
        hit = names.lookalike(project)
        if isinstance(hit, Known) and hit.value.tier == "suspicious":
            told = (
                f"{project} resembles {hit.value.target}, and only an index knows its past: "
                f"trustguard check {project}=={version}"
            )
            return Unavailable("upload-times", told)
        return hit


def _questions(verdict: Verdict) -> set[tuple[str, str]]:
    """What has to be approved: by check, and by what is asked about (not in which words: ages change)."""
    found = {(j.finding.check, j.finding.severity.name) for j in verdict.findings if j.action is Action.ASK}
    return found | {(u.check, u.fact.source) for u in verdict.unanswered if u.action is Action.ASK}


def decided(entry: LedgerEntry, verdict: Verdict) -> Decision:
    """What a ledger should say of a distribution by now.

    What is refused is written down, so that the import-time guard refuses it; what is not refused any more,
    because an advisory was withdrawn or an exception made, is let in again. A question that nobody has
    answered takes nothing back, and neither does a source that did not answer.
    """
    if verdict.refused and not verdict.unvetted:
        return verdict.decision
    if entry.decision in _REFUSED and verdict.decision in _INSTALLED:
        return verdict.decision
    return entry.decision


def revise(ledger: Path, state: State, today: Today) -> list[LedgerEntry]:
    """Bring the verdicts in a ledger up to date, so that the import-time guard refuses what is refused now.

    Args:
        ledger: the ledger's path.
        state: our own folders.
        today: judges; by rules that hold wherever the environment is used.

    Returns:
        The entries that have changed.

    Raises:
        StoreError: the ledger cannot be read or written.
    """
    there = Ledger(ledger, state.locks)
    decisions = [(entry, decided(entry, _verdict(entry, today))) for entry in there.read().values()]
    if all(entry.decision is decision for entry, decision in decisions):
        return []
    changed = there.revise(decisions)
    with suppress(OSError):  # the guard finds out by itself: this only spares each process the work
        placing.refresh(placing.Target.around([ledger.parent]))
    return changed


def _verdict(entry: LedgerEntry, today: Today) -> Verdict:
    try:
        return today.of_entry(entry)
    except StoreError:  # an audit tells of that; what is known by name counts here as well
        return today.of_name(canonicalize_name(entry.distribution), Version(entry.version), None, entry)


def revise_all(state: State, today: Today, tell: Callable[[str], object]) -> dict[Path, list[LedgerEntry]]:
    """Bring the ledgers of all known environments up to date.

    Args:
        state: our own folders.
        today: judges.
        tell: is told, in one line, of a ledger that could not be brought up to date.

    Returns:
        What has changed, by ledger.
    """
    changed = {}
    try:
        ledgers = Environments(state.environments).ledgers()
    except StoreError as error:
        tell(str(error))
        return {}
    for ledger in ledgers:
        try:
            found = revise(ledger, state, today)
        except StoreError as error:
            tell(str(error))
        else:
            if found:
                changed[ledger] = found
    return changed


def lasting_policy(environ: Mapping[str, str]) -> Policy:
    """The rules that hold wherever an environment is used: a ledger is not this folder's, nor this command's.

    A project's own file may come from whoever is attacking. It is heeded in what is said, and not allowed to
    lock anybody out of an environment for good.

    Raises:
        ConfigError: a layer is wrong.
    """
    named = environ.get(ENVIRONMENT_VARIABLE)
    absolute = {**environ, ENVIRONMENT_VARIABLE: str(Path(named).absolute())} if named else environ
    return load(cwd=Path(Path.cwd().anchor), environ=absolute).policy


def summaries(changed: Mapping[Path, Iterable[LedgerEntry]]) -> list[str]:
    """One line for each distribution that a ledger judges anew."""
    return [
        f"{entry.distribution} {entry.version} in {ledger.parent}: "
        + ("refused from now on" if entry.decision in _REFUSED else "no longer refused")
        for ledger, entries in changed.items()
        for entry in entries
    ]
