"""What a program has put into environments: into their ledgers, or said where nobody vetted it."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from importlib.metadata import Distribution
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.handed_out import HandedOut
from trustguard.frontends.outcome import Run
from trustguard.frontends.request import Request
from trustguard.import_guard.placing import Target, prefixes
from trustguard.import_guard.survey import project_of
from trustguard.installers.pip.installed import Installed, imports_of
from trustguard.installers.tools import environments, own_files
from trustguard.model.record import record
from trustguard.model.report import Package
from trustguard.model.verdict import Decision
from trustguard.store.artifacts import ArtifactStore

_SEEDS = frozenset({"pip", "setuptools", "wheel"})
"""What a new environment has from the program that made it."""


def enter(  # noqa: PLR0913 - what is known of a run
    request: Request,
    program: str,
    places: Iterable[Path],
    journal: Journal,
    started: float,
    files: tuple[Path, ...] = (),
) -> None:
    """Write into the ledgers what is there now and came through the guard; tell of what did not.

    Args:
        request: what was asked for.
        program: what it is called in a report.
        places: the site-packages folders that it may have installed into.
        journal: what happened.
        started: since when, in seconds since the epoch.
        files: the folders of the user's own from which the program may install.

    Raises:
        StoreError: a ledger cannot be written.
    """
    artifacts = ArtifactStore(request.state.artifacts, None)
    handed_out = HandedOut(filter(_is_let_in, journal.packages), artifacts)
    for place in places:
        this = Run(request, program, (str(place),), journal)
        items, others = [], []
        for info, found in environments.fresh(place, started):
            name = canonicalize_name(found.metadata["Name"] or "")
            filename = handed_out.file_of(info, found, name)
            if filename is not None:
                items.append(Installed(name, found.version, filename, "", True, imports_of(found)))
            elif name not in _SEEDS and not _is_own(found, place):
                others.append(_Other(name, found.version, _written(info)))
        if others:
            _tell(others, place, this, files, handed_out.urls)
        if items:
            this.enter(items)
    for line in artifacts.problems:
        journal.problem(line, failed=False)


@record
class _Other:
    """What is there, and is nothing that was handed out.

    Args:
        name: what it is.
        version: as its metadata has it.
        written: when it was installed, in seconds since the epoch.
    """

    name: NormalizedName
    version: str
    written: float


def _written(info: Path) -> float:
    try:
        return (info / "RECORD").stat().st_mtime
    except OSError:
        return math.inf


def _tell(
    others: Iterable[_Other], place: Path, this: Run, files: tuple[Path, ...], urls: Container[str]
) -> None:
    """Say what nobody vetted; what the ledger knows, and is not younger, was there before, a moment ago."""
    known = {(name, one.version): one.time.timestamp() for name, one in this.ledger.read().items()}
    for other in others:
        if other.written > known.get((other.name, other.version), -math.inf):
            line = (
                f"{other.name} {other.version} in {place} did not come through trustguard: nobody vetted it"
            )
            if own_files.is_from(place, other.name, other.version, files, urls):
                this.journal.problem(line, failed=False)
            else:
                this.journal.stray(line)


def _is_let_in(package: Package) -> bool:
    return package.approved or package.decision in {Decision.ALLOW, Decision.WARN}


def _is_own(found: Distribution, place: Path) -> bool:
    """Whether it is the user's own project, installed from its folder (PEP 610), as the guard sees it."""
    told, name = found.read_text("direct_url.json") or "", found.metadata["Name"] or ""
    return project_of(told, name, (str(place), *prefixes(Target.around((place,))))) != ""
