"""What ``trustguard explain`` tells: of a run of pip, of what is installed, or of saved evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from trustguard.frontends.advisories import advisory_store
from trustguard.frontends.alternatives import Gathering
from trustguard.frontends.explaining import Explaining
from trustguard.frontends.inspection import exit_code
from trustguard.frontends.outcome import LEDGER, Outcome
from trustguard.frontends.popular import ComparedNames
from trustguard.frontends.state import State
from trustguard.import_guard.placing import NotAnInterpreterError, Target
from trustguard.installers.pip.run import target_interpreter
from trustguard.installers.site_packages.reading import OwnProjects, distributions
from trustguard.model.alternatives import Beside
from trustguard.model.errors import StoreError, UsageError
from trustguard.model.explanation import Explained
from trustguard.model.project import Sha256
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry, Report
from trustguard.model.serial import evidence_from_json
from trustguard.store.artifacts import ArtifactStore
from trustguard.store.evidence import EvidenceStore, canonical
from trustguard.store.files import store_error, write_whole
from trustguard.store.ledger import Ledger


@record
class Told:
    """What is told.

    Args:
        explained: the files; none where nothing could be judged.
        exit_code: that of ``trustguard check``.
        beside: what there is instead of them.
        problems: what went wrong, one line each.
        report: of the run of pip, where nothing is explained.
    """

    explained: tuple[Explained, ...]
    exit_code: int
    beside: Beside = field(default_factory=Beside)
    problems: tuple[str, ...] = ()
    report: Report | None = None


def requirement_of(text: str) -> Requirement:
    """What was typed, as a requirement (PEP 508).

    Raises:
        UsageError: it is none.
    """
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        hint = "a file is for trustguard inspect; saved evidence is for --evidence"
        raise UsageError(f"{text!r} is neither a check nor a requirement: {reason}", hint=hint) from error


def of_outcome(requirement: Requirement, outcome: Outcome, explaining: Explaining) -> Told:
    """Explain what pip would take for a requirement; what was withheld, where there is nothing else.

    Args:
        requirement: what was asked for.
        outcome: of the run, with a report.
        explaining: by which policy.
    """
    report = outcome.report
    assert report is not None  # noqa: S101 - the caller has looked
    project = canonicalize_name(requirement.name)
    wanted = [one for one in report.packages if one.evidence.project == project]
    wanted = wanted or [one for one in outcome.left_out if one.evidence.project == project]
    return Told(
        tuple(explaining.explain(one.evidence) for one in wanted),
        outcome.exit_code,
        outcome.beside,
        report.problems if wanted else (),
        None if wanted else report,
    )


def ledger_entry(
    requirement: Requirement, python: str | None, environ: Mapping[str, str]
) -> LedgerEntry | None:
    """The ledger's line on what is installed of a project; None where that is not what was asked for.

    A line that is left of what was uninstalled, or replaced by another installer, is about nothing here.

    Args:
        requirement: what was asked for.
        python: the interpreter, or its environment; None: the one in use.
        environ: the environment's variables, which name the one in use.

    Raises:
        StoreError: there is a ledger, and it cannot be read.
        SourceUnreachable: what is installed cannot be read.
    """
    if requirement.url is not None:
        return None
    try:
        target = Target.of(target_interpreter(python, environ))
    except NotAnInterpreterError:  # then pip says so, which is asked next
        return None
    ledger = Ledger(target.folders[0] / LEDGER, State.of_this_user().locks)
    entry = ledger.read().get(canonicalize_name(requirement.name))
    if entry is None or not requirement.specifier.contains(entry.version, prereleases=True):
        return None
    return entry if _is_there(entry, target) else None


def _is_there(entry: LedgerEntry, target: Target) -> bool:
    nobodys = OwnProjects(of=lambda _text, _name: "", are=lambda _folder, _name: False)
    found = (one for folder in target.folders for one in distributions(folder, nobodys))
    named = canonicalize_name(entry.distribution), Version(entry.version)
    return any((one.name, one.version) == named for one in found)


def installed(entry: LedgerEntry, explaining: Explaining) -> Told:
    """Explain what is installed, by what was seen then, and the advisories and the policy of today.

    Where nobody can say what the advisories are by now, they are unavailable: those of then are no answer.

    Args:
        entry: the ledger's line.
        explaining: by which policy.

    Raises:
        StoreError: the evidence was not saved, is not there any more, or is about something else.
    """
    if not entry.evidence:
        raise StoreError("no evidence was saved")
    state = State.of_this_user()
    evidence = EvidenceStore(state.evidence).load(Sha256(entry.evidence))
    named = canonicalize_name(entry.distribution), Version(entry.version)
    if (evidence.project, evidence.version) != named:
        raise StoreError(f"the evidence that the ledger names for {entry.distribution} is not about it")
    known = advisory_store(state).applying(evidence.project, evidence.version)
    return _replayed(explaining.explain(replace(evidence, advisories=known), entry))


def replayed(content: bytes, name: str, explaining: Explaining) -> Told:
    """Explain saved evidence, by the policy of today; nobody is asked.

    Args:
        content: the JSON, as it is saved.
        name: of the file, for complaints.
        explaining: by which policy.

    Raises:
        UsageError: it is no evidence.
    """
    try:
        evidence = evidence_from_json(json.loads(content))
    except RecursionError:
        raise UsageError(f"{name} is no evidence: its JSON is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"{name} is no evidence: {error}") from error
    return _replayed(explaining.explain(evidence))


def _replayed(explained: Explained) -> Told:
    package = explained.package
    state = State.of_this_user()
    gathering = Gathering(ComparedNames(state), ArtifactStore(state.artifacts, None))
    beside = Beside(frozenset({package.evidence.project}), gathering.of([package]))
    return Told((explained,), exit_code(package.verdict), beside)


def save(explained: Sequence[Explained], file: str) -> None:
    """Write the evidence of what was explained, so that it can be explained again elsewhere.

    Args:
        explained: one file.
        file: where to.

    Raises:
        UsageError: there is none, or more than one.
        StoreError: it cannot be written.
    """
    if len(explained) != 1:
        names = ", ".join(_files(explained)) or "nothing was judged"
        raise UsageError(f"evidence is saved of one file, and this is {len(explained)}: {names}")
    path, content = Path(file), canonical(explained[0].package.evidence)
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal is written to, and not replaced
            path.write_bytes(content)
        else:
            write_whole(path.resolve(), content)
    except OSError as error:
        raise store_error(error, "write", path) from error


def _files(explained: Iterable[Explained]) -> list[str]:
    return [one.package.evidence.file.filename for one in explained]
