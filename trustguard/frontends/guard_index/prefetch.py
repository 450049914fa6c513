"""Guesses what the installer will ask for next, and has it ready.

An installer walks its dependencies one after the other: listing, metadata, next listing, and at the end the
bodies. While it waits for the first answer, the next questions are known already. A wrong guess costs a
request and decides nothing: what is prefetched goes through the same look-ups and the same vetting, and what
nobody asks for is not served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from trustguard.frontends.guard_index.bodies import is_worth_a_guess
from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.offer import Offer
from trustguard.frontends.guard_index.shelf import Refused, Shelf
from trustguard.model.errors import TrustguardError
from trustguard.model.origins import may_hold
from trustguard.model.project import DistributionFile, FileKind
from trustguard.model.record import record
from trustguard.sources import core_metadata
from trustguard.vetting import Candidate


@record
class Expectation:
    """What is known of the installation before it begins.

    Args:
        markers: the target's environment markers (PEP 508).
        tags: the target's wheel tags, the best first.
        python: the target's Python version.
        roots: the requirements that were asked for.
        constraints: requirements that only narrow others.
        installed: projects that are there already.
        follow: whether dependencies will be wanted.
        no_binary: projects, or ``:all:``, of which no wheels are wanted.
        only_binary: projects, or ``:all:``, of which only wheels are wanted.
        prefers_wheels: whether a wheel is taken rather than the sdist of a release, whichever there are.
        locks: whether digests are wanted, and nothing is installed.
    """

    markers: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    python: str = ""
    roots: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    installed: frozenset[NormalizedName] = frozenset()
    follow: bool = True
    no_binary: frozenset[str] = frozenset()
    only_binary: frozenset[str] = frozenset()
    prefers_wheels: bool = False
    locks: bool = False

    def named(self) -> Iterator[NormalizedName]:
        """The projects that were asked for by their names, in order."""
        for text in self.roots:
            with suppress(InvalidRequirement, RecursionError):
                requirement = Requirement(text)
                if requirement.url is None:
                    yield canonicalize_name(requirement.name)

    def wants(self, project: NormalizedName, kind: FileKind) -> bool:
        """Whether the installer would take such a file of a project at all."""
        one, other = self.no_binary, self.only_binary
        if kind is FileKind.SDIST:
            one, other = other, one
        return project not in one and (":all:" not in one or project in other)


def installed_projects(*folders: str) -> frozenset[NormalizedName]:
    """The projects whose ``*.dist-info`` folders lie in the given site-packages folders."""
    names: set[NormalizedName] = set()
    for folder in folders:
        if Path(folder).is_dir():
            names |= {
                canonicalize_name(entry.name.partition("-")[0])
                for entry in Path(folder).iterdir()
                if entry.name.endswith(".dist-info")
            }
    return frozenset(names)


class Prefetch:
    """Looks ahead. No method waits.

    Attributes:
        offer: what the installer is offered.
        locks: whether it wants digests.
    """

    def __init__(
        self, catalogue: Catalogue, shelf: Shelf, expectation: Expectation, journal: Journal
    ) -> None:
        self._journal = journal
        self._shelf = shelf
        self._expectation = expectation
        self._rank = {tag: rank for rank, tag in enumerate(reversed(expectation.tags))}
        self.offer = Offer(catalogue, expectation.tags, prefers_wheels=expectation.prefers_wheels)
        self.locks = expectation.locks
        self._wanted: dict[NormalizedName, SpecifierSet] = {}
        self._extras: dict[NormalizedName, set[str]] = {}
        self._seen: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self) -> None:
        """Start with what was asked for."""
        for text in self._expectation.constraints:
            self._narrow(text)
        for text in self._expectation.roots:
            self._follow(text, frozenset())

    def listed(self, project: NormalizedName, candidates: list[Candidate]) -> None:
        """The installer has a project's listing: it will ask for the best file's metadata."""
        if self._once(f"best {project}"):
            self._spawn(self._best(project, candidates))

    def wanted(self, candidate: Candidate) -> None:
        """The installer asks for a file's metadata: it will most likely want the body."""
        if is_worth_a_guess(candidate.file):
            self._body(candidate)

    def close(self) -> None:
        """Stop looking ahead."""
        for task in self._tasks:
            task.cancel()

    def _follow(self, text: str, extras: frozenset[str]) -> None:
        requirement = self._narrow(text, extras)
        if requirement is None or requirement.url is not None:
            return
        project = canonicalize_name(requirement.name)
        if project not in self._expectation.installed and self._once(f"list {project}"):
            self._spawn(self._list(project))

    def _narrow(self, text: str, extras: frozenset[str] = frozenset()) -> Requirement | None:
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, RecursionError):
            return None
        environments = [{**self._expectation.markers, "extra": extra} for extra in (extras or {""})]
        if requirement.marker and not may_hold(requirement.marker, environments):
            return None
        project = canonicalize_name(requirement.name)
        self._wanted[project] = self._wanted.get(project, SpecifierSet()) & requirement.specifier
        self._journal.wanted(project, requirement.specifier)
        self._extras.setdefault(project, set()).update(requirement.extras)
        return requirement

    async def _list(self, project: NormalizedName) -> None:
        candidates = await self.offer.of(project)
        if candidates and self._once(f"best {project}"):
            await self._best(project, [c for c in candidates if not c.verdict.refused])

    async def _best(self, project: NormalizedName, candidates: list[Candidate]) -> None:
        best = self.choice(project, candidates)
        if best is None or best.verdict.refused or not self._once(f"metadata {best.file.url}"):
            return
        self.wanted(best)
        if best.file.name.kind is FileKind.SDIST and not await self._shelf.states_what_it_needs(best):
            return
        metadata = core_metadata.parse(await self._shelf.metadata(best))
        extras = frozenset(self._extras.get(project, ()))
        for text in metadata.requires_dist if self._expectation.follow else ():
            self._follow(text, extras | {""})

    def choice(self, project: NormalizedName, candidates: list[Candidate]) -> Candidate | None:
        """The file that the installer would take, as far as is known by now what it is asked for.

        Args:
            project: whose files they are.
            candidates: those that are on offer.

        Returns:
            None where no file fits, or nothing is known of the target.
        """
        if not self._rank:
            return None
        by_version: dict[Version, list[Candidate]] = {}
        for candidate in candidates:
            if candidate.file.yanked is None:
                by_version.setdefault(candidate.file.name.version, []).append(candidate)
        wanted = self._wanted.get(project, SpecifierSet())
        for version in sorted(wanted.filter(by_version), reverse=True):
            fitting = [c for c in by_version[version] if self._fits(c.file)]
            if fitting:
                return max(fitting, key=lambda c: self._quality(c.file))
        return None

    def _fits(self, file: DistributionFile) -> bool:
        if not self._expectation.wants(file.name.project, file.name.kind):
            return False
        if file.name.kind is FileKind.WHEEL and self._quality(file) < 0:
            return False
        if not file.requires_python or not self._expectation.python:
            return True
        try:
            return SpecifierSet(file.requires_python).contains(self._expectation.python, prereleases=True)
        except InvalidSpecifier:
            return True

    def _quality(self, file: DistributionFile) -> int:
        if file.name.kind is FileKind.SDIST:
            return -1
        tags = parse_wheel_filename(file.filename)[3]
        return max(self._rank.get(str(tag), -1) for tag in tags)

    def _body(self, candidate: Candidate) -> None:
        if not candidate.verdict.refused and self._once(f"body {candidate.file.url}"):
            self._spawn(self._hold(candidate))

    async def _hold(self, candidate: Candidate) -> None:
        await self._shelf.held(candidate)

    def _once(self, what: str) -> bool:
        new = what not in self._seen
        self._seen.add(what)
        return new

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before it has begun would leave it unawaited, and Python would say so.
        task.add_done_callback(lambda _: work.close())

    async def _quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work ahead of time. A failure is kept where it happened, for whoever asks for the thing."""
        try:
            await work
        except (TrustguardError, Refused):
            return
        except Exception as error:  # noqa: BLE001 - a wrong guess must not end the run
            self._journal.problem(f"looking ahead failed, please report it: {error!r}", failed=False)
