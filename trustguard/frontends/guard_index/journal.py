"""What happened during a run, written by the guard index, read by whoever reports. Thread-safe."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName

from trustguard.model.evidence import CoreMetadata, Known
from trustguard.model.report import Package
from trustguard.model.verdict import Decision
from trustguard.vetting import Candidate


class Journal:
    """Collects what was offered, withheld, served and refused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offered: dict[NormalizedName, list[Candidate]] = {}
        self._withheld: dict[NormalizedName, list[Candidate]] = {}
        self._packages: dict[str, Package] = {}
        self._problems: dict[str, None] = {}
        self._failed = False
        self._strays = False
        self._wanted: dict[NormalizedName, SpecifierSet] = {}
        self._missing: dict[NormalizedName, None] = {}
        self._described: dict[NormalizedName, CoreMetadata] = {}

    def listed(self, project: NormalizedName, candidates: Iterable[Candidate]) -> None:
        """A project's listing was handed out."""
        offered: list[Candidate] = []
        withheld: list[Candidate] = []
        for candidate in candidates:
            kept_back = candidate.verdict.decision is Decision.WITHHOLD
            (withheld if kept_back else offered).append(candidate)
        with self._lock:
            self._offered[project], self._withheld[project] = offered, withheld

    def wanted(self, project: NormalizedName, specifier: SpecifierSet) -> None:
        """A requirement on a project has been met, in what was asked for or in somebody's metadata."""
        with self._lock:
            self._wanted[project] = self._wanted.get(project, SpecifierSet()) & specifier

    def described(self, candidate: Candidate) -> None:
        """Somebody was given a file's metadata, as far as that is known: it says what the project needs."""
        metadata = candidate.evidence.metadata
        if isinstance(metadata, Known):
            with self._lock:
                self._described[candidate.evidence.project] = metadata.value

    def held_back(self) -> bool:
        """Whether some project has nothing left to choose from because of what was withheld."""
        with self._lock:
            served = {package.evidence.project for package in self._packages.values()}
            return any(rows and p not in served and not self._choice(p) for p, rows in self._withheld.items())

    def _choice(self, project: NormalizedName) -> bool:
        wanted = self._wanted.get(project, SpecifierSet())
        versions = (candidate.evidence.version for candidate in self._offered[project])
        return any(wanted.contains(version, prereleases=True) for version in versions)

    def missing(self, project: NormalizedName) -> None:
        """No configured source has the project."""
        with self._lock:
            self._missing[project] = None

    def decided(self, candidate: Candidate, decision: Decision, *, approved: bool = False) -> None:
        """A file was served or refused."""
        self.described(candidate)
        with self._lock:
            self._packages[candidate.file.filename] = Package(
                candidate.evidence, candidate.verdict, decision, approved=approved
            )

    def problem(self, line: str, *, failed: bool = True) -> None:
        """Something went wrong.

        Args:
            line: what, for the user.
            failed: whether something could therefore not be vetted.
        """
        with self._lock:
            self._problems[line] = None
            self._failed = self._failed or failed

    def stray(self, line: str) -> None:
        """Something was installed that did not come through the guard."""
        self.problem(line)
        with self._lock:
            self._strays = True

    @property
    def strays(self) -> bool:
        """Whether anything was installed that did not come through the guard."""
        with self._lock:
            return self._strays

    def installed(self, filenames: Iterable[str]) -> None:
        """These files have been installed."""
        with self._lock:
            for name in filenames:
                if name in self._packages:
                    self._packages[name] = replace(self._packages[name], installed=True)

    @property
    def metadata(self) -> dict[NormalizedName, CoreMetadata]:
        """The metadata of each project that somebody was given it of."""
        with self._lock:
            return dict(self._described)

    @property
    def packages(self) -> tuple[Package, ...]:
        """Every file that was served or refused, in that order."""
        with self._lock:
            return tuple(self._packages.values())

    @property
    def judged(self) -> frozenset[str]:
        """The names of the files that were served or refused."""
        return frozenset(one.evidence.file.filename for one in self.packages)

    @property
    def lets_all_in(self) -> bool:
        """Whether no file was refused, and no question was left open."""
        return all(one.approved or one.decision in {Decision.ALLOW, Decision.WARN} for one in self.packages)

    @property
    def withheld(self) -> dict[NormalizedName, list[Candidate]]:
        """What was left out of the listings that were handed out."""
        with self._lock:
            return {project: rows for project, rows in self._withheld.items() if rows}

    @property
    def offered(self) -> dict[NormalizedName, list[Candidate]]:
        """What the listings that were handed out held."""
        with self._lock:
            return dict(self._offered)

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, each once."""
        with self._lock:
            return tuple(self._problems)

    @property
    def failed(self) -> bool:
        """Whether something could not be vetted because a source failed."""
        with self._lock:
            return self._failed

    @property
    def missing_projects(self) -> tuple[NormalizedName, ...]:
        """Projects that were asked for and that nobody has."""
        with self._lock:
            return tuple(self._missing)
