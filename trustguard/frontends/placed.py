"""What a program has put into environments: into their ledgers, or said where nobody vetted it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.outcome import Run
from trustguard.frontends.request import Request
from trustguard.import_guard.placing import Target, prefixes
from trustguard.import_guard.survey import project_of
from trustguard.installers.pip.installed import Installed, imports_of
from trustguard.installers.tools import environments, own_files
from trustguard.model.report import Package
from trustguard.model.verdict import Decision

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
    served = _served(journal)
    for place in places:
        this = Run(request, program, (str(place),), journal)
        items, others = [], []
        for found in environments.fresh(place, started):
            name = canonicalize_name(found.metadata["Name"] or "")
            filename = served.get((name, own_files.normal(found.version)))
            if filename is not None:
                items.append(Installed(name, found.version, filename, "", True, imports_of(found)))
            elif name not in _SEEDS and not _is_own(found, place):
                others.append((name, found.version))
        if others:
            _tell(others, place, this, files)
        if items:
            this.enter(items)


def _tell(
    others: Iterable[tuple[NormalizedName, str]], place: Path, this: Run, files: tuple[Path, ...]
) -> None:
    """Say what nobody vetted; what is in the ledger was there before, a moment ago."""
    known = {(name, entry.version) for name, entry in this.ledger.read().items()}
    urls = {package.evidence.file.url for package in this.journal.packages if _is_let_in(package)}
    for name, version in others:
        if (name, version) not in known:
            line = f"{name} {version} in {place} did not come through trustguard: nobody vetted it"
            if own_files.is_from(place, name, version, files, urls):
                this.journal.problem(line, failed=False)
            else:
                this.journal.stray(line)


def _is_let_in(package: Package) -> bool:
    return package.approved or package.decision in {Decision.ALLOW, Decision.WARN}


def _served(journal: Journal) -> Mapping[tuple[NormalizedName, str], str]:
    return {
        (package.evidence.project, str(package.evidence.version)): package.evidence.file.filename
        for package in journal.packages
        if _is_let_in(package)
    }


def _is_own(found: Distribution, place: Path) -> bool:
    """Whether it is the user's own project, installed from its folder (PEP 610), as the guard sees it."""
    told, name = found.read_text("direct_url.json") or "", found.metadata["Name"] or ""
    return project_of(told, name, (str(place), *prefixes(Target.around((place,))))) != ""
