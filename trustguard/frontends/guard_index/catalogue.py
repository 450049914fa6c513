"""Which files of a project are on offer: all sources asked at once, one of them chosen, its files vetted.

A project may have thousands of files, of which an installation can use a few. Each is vetted once somebody
wants to know of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from packaging.utils import NormalizedName

from trustguard.frontends.guard_index.journal import Journal
from trustguard.model.errors import SourceError
from trustguard.model.evidence import Fact, Known, NotApplicable, OtherIndex, Unavailable
from trustguard.model.policy import Action, same_index
from trustguard.model.project import DistributionFile, IndexId, Listing
from trustguard.model.record import record
from trustguard.vetting import Candidate, Page, Vetter, supplier


class Source(Protocol):
    """Something that lists the files of a project."""

    index: IndexId

    async def listing(self, project: NormalizedName) -> Listing | None:
        """The project's files; None where the source does not have it."""


Selection = Callable[[DistributionFile], bool]
"""Says whether a file is wanted."""


def every(file: DistributionFile) -> bool:  # noqa: ARG001 - the form of :data:`Selection`
    """Wants them all."""
    return True


class Listings(Protocol):
    """Who has vetted listings."""

    async def project(self, project: NormalizedName, wanted: Selection = every) -> list[Candidate] | None:
        """The files of a project that are wanted, with their verdicts; None where nobody has the project.

        Raises:
            SourceError: somebody did not answer, and what was not said matters.
        """


@record
class _Failed:
    index: IndexId
    error: SourceError


@dataclass(slots=True)
class _Project:
    """What was found of a project, and which of its files have been vetted, by their places on the page."""

    linked: list[Candidate]
    listing: Listing | None
    others: Fact[tuple[OtherIndex, ...]]
    page: Page | None = None
    vetted: dict[int, Candidate] = field(default_factory=dict)
    vetting: asyncio.Lock = field(default_factory=asyncio.Lock)


class Catalogue:
    """The vetted listings of one run. Each project is looked up once, and stays as it was then.

    Args:
        indexes: the configured indexes, in order.
        find_links: the configured find-links locations.
        vetter: judges the files.
        journal: is told what goes wrong.
        ready: returns once what the judging needs is there.
        alone: whether somebody else asks the other indexes that there are.

    Attributes:
        supplied: the page that supplies each project which was looked up and is there.
    """

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        indexes: Sequence[Source],
        find_links: Sequence[Source],
        vetter: Vetter,
        journal: Journal,
        ready: Callable[[], Awaitable[None]],
        *,
        alone: bool = False,
    ) -> None:
        self._ready = ready
        self._alone = alone
        self._indexes = indexes
        self._find_links = find_links
        self._vetter = vetter
        self._journal = journal
        self._projects: dict[NormalizedName, asyncio.Task[_Project | None]] = {}
        self.supplied: dict[NormalizedName, Listing] = {}

    async def project(self, project: NormalizedName, wanted: Selection = every) -> list[Candidate] | None:
        """The files of a project that are wanted, with their verdicts; None where no source has the project.

        Raises:
            SourceError: a source did not answer, and what it would have said matters.
        """
        if project not in self._projects:
            self._projects[project] = asyncio.create_task(self._look_up(project))
        found = await asyncio.shield(self._projects[project])
        if found is None:
            return None
        linked = [c for c in found.linked if wanted(c.file)]
        return linked if found.listing is None else linked + await self._vetted(found, found.listing, wanted)

    async def _vetted(self, found: _Project, listing: Listing, wanted: Selection) -> list[Candidate]:
        """What the page has, but for what find-links have as well."""
        names = {candidate.file.filename for candidate in found.linked}
        files = listing.files
        places = [n for n, file in enumerate(files) if file.filename not in names and wanted(file)]
        async with found.vetting:
            left = [place for place in places if place not in found.vetted]
            if left:
                asked = [files[place] for place in left]
                vetted = await asyncio.to_thread(self._judged, found, listing, asked)
                found.vetted.update(zip(left, vetted, strict=True))
        return [found.vetted[place] for place in places]

    def _judged(
        self, found: _Project, listing: Listing, files: Sequence[DistributionFile]
    ) -> list[Candidate]:
        if found.page is None:
            found.page = self._vetter.page(listing, found.others)
        return found.page.vet(files)

    async def _look_up(self, project: NormalizedName) -> _Project | None:
        indexes, find_links = self._sources_of(project)
        answers, linked, _ = await asyncio.gather(
            asyncio.gather(*(_ask(source, project) for source in indexes)),
            asyncio.gather(*(_ask(source, project) for source in find_links)),
            self._ready(),
        )
        candidates = self._from_find_links(linked)
        found = self._supplied(list(answers))
        if found is None:
            return _Project(candidates, None, Known(())) if candidates else None
        listing, others = found
        self.supplied[project] = listing
        if listing.skipped:
            count = f"{len(listing.skipped)} entries were" if len(listing.skipped) > 1 else "an entry was"
            line = f"{listing.index}: {project}: {count} left out: {listing.skipped[0]}"
            self._journal.problem(line, failed=False)
        return _Project(candidates, listing, others)

    def _sources_of(self, project: NormalizedName) -> tuple[Sequence[Source], Sequence[Source]]:
        pinned = self._vetter.policy.pinned_index(project)
        if pinned is None:
            return self._indexes, self._find_links
        chosen = [source for source in self._indexes if same_index(source.index.url, pinned.url)]
        if not chosen:
            why = "not the one that was asked" if self._alone else "not configured here"
            line = f"{project} comes from {pinned.url} alone, and that index is {why}"
            self._journal.problem(line, failed=not self._alone)
        return chosen, ()

    def _supplied(
        self, answers: list[Listing | _Failed | None]
    ) -> tuple[Listing, Fact[tuple[OtherIndex, ...]]] | None:
        listings: list[Listing] = []
        failures: list[_Failed] = []
        for answer in answers:
            if isinstance(answer, _Failed):
                # An index that would have come first, and does not answer, is not passed by.
                if not listings and self._vetter.policy.when_unavailable("index") >= Action.ASK:
                    raise answer.error
                self._journal.problem(str(answer.error), failed=not listings)
                failures.append(answer)
            elif answer is not None:
                listings.append(answer)
        if not listings:
            return None
        listing, others = supplier(listings)
        if self._alone:
            return listing, NotApplicable("each index is asked by itself")
        if failures:
            return listing, Unavailable("index", f"{failures[0].index} did not answer")
        return listing, Known(others)

    def _from_find_links(self, answers: Sequence[Listing | _Failed | None]) -> list[Candidate]:
        candidates: list[Candidate] = []
        for answer in answers:
            if isinstance(answer, _Failed):
                self._journal.problem(str(answer.error), failed=False)
            elif answer is not None:
                names = {candidate.file.filename for candidate in candidates}
                vetted = self._vetter.page(answer, Known(())).vet(answer.files)
                candidates += [c for c in vetted if c.file.filename not in names]
        return candidates


async def _ask(source: Source, project: NormalizedName) -> Listing | _Failed | None:
    try:
        return await source.listing(project)
    except SourceError as error:
        return _Failed(source.index, error)
