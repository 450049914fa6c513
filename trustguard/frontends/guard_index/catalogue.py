"""Which files of a project are on offer: all sources asked at once, one of them chosen, its files vetted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from packaging.utils import NormalizedName

from trustguard.frontends.guard_index.journal import Journal
from trustguard.model.errors import SourceError
from trustguard.model.evidence import Fact, Known, NotApplicable, OtherIndex, Unavailable
from trustguard.model.policy import Action, same_index
from trustguard.model.project import IndexId, Listing
from trustguard.vetting import Candidate, Vetter, supplier


class Source(Protocol):
    """Something that lists the files of a project."""

    index: IndexId

    async def listing(self, project: NormalizedName) -> Listing | None:
        """The project's files; None where the source does not have it."""


class Listings(Protocol):
    """Who has vetted listings."""

    async def project(self, project: NormalizedName) -> list[Candidate] | None:
        """Every file of a project with its verdict; None where nobody has the project.

        Raises:
            SourceError: somebody did not answer, and what was not said matters.
        """


@dataclass(frozen=True, slots=True)
class _Failed:
    index: IndexId
    error: SourceError


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
        self._projects: dict[NormalizedName, asyncio.Task[list[Candidate] | None]] = {}
        self.supplied: dict[NormalizedName, Listing] = {}

    async def project(self, project: NormalizedName) -> list[Candidate] | None:
        """Every file of a project with its verdict; None where no source has the project.

        Raises:
            SourceError: a source did not answer, and what it would have said matters.
        """
        if project not in self._projects:
            self._projects[project] = asyncio.create_task(self._look_up(project))
        return await asyncio.shield(self._projects[project])

    async def _look_up(self, project: NormalizedName) -> list[Candidate] | None:
        indexes, find_links = self._sources_of(project)
        answers, linked, _ = await asyncio.gather(
            asyncio.gather(*(_ask(source, project) for source in indexes)),
            asyncio.gather(*(_ask(source, project) for source in find_links)),
            self._ready(),
        )
        candidates = self._from_find_links(linked)
        names = {candidate.file.filename for candidate in candidates}
        found = self._supplied(list(answers))
        if found is not None:
            listing, others = found
            self.supplied[project] = listing
            if listing.skipped:
                count = f"{len(listing.skipped)} entries were" if len(listing.skipped) > 1 else "an entry was"
                line = f"{listing.index}: {project}: {count} left out: {listing.skipped[0]}"
                self._journal.problem(line, failed=False)
            vetted = await asyncio.to_thread(self._vetter.vet_listing, listing, others)
            candidates += [c for c in vetted if c.file.filename not in names]
        return None if found is None and not candidates else candidates

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
                vetted = self._vetter.vet_listing(answer, Known(()))
                candidates += [c for c in vetted if c.file.filename not in names]
        return candidates


async def _ask(source: Source, project: NormalizedName) -> Listing | _Failed | None:
    try:
        return await source.listing(project)
    except SourceError as error:
        return _Failed(source.index, error)
