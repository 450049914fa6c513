"""Looks up the popular project that another one may pass itself off as: only where there is a question.

That is where the project is not popular itself, and its name resembles a better known one, or the repository
that it claims is called as a popular project is. Then that project's metadata is asked for, and who owns the
two: one request each where the index has a JSON API. Where it has none, the popular project's page and the
metadata of its newest wheel are read instead, and nothing is known of owners.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.guard_index.abouts import Abouts, owners_in
from trustguard.frontends.guard_index.catalogue import Listings
from trustguard.model.claims import Counterpart, Statement
from trustguard.model.errors import SourceError
from trustguard.model.evidence import NO_COUNTERPART, NO_OWNERS, Absent, Evidence, Fact, Known, Unavailable
from trustguard.model.likeness import compared
from trustguard.model.project import FileKind
from trustguard.model.record import record
from trustguard.sources import core_metadata
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.vetting import Candidate


class Popularity(Protocol):
    """What is known of the popular projects."""

    def is_popular(self, project: NormalizedName) -> bool:
        """Whether a project is one of them."""

    def family(self, project: NormalizedName, target: NormalizedName) -> bool:
        """Whether a project's name belongs to the ecosystem of a popular one."""


@record
class Kin:
    """A project's counterpart, and who owns the project itself."""

    counterpart: Fact[Counterpart] = NO_COUNTERPART
    owners: Fact[tuple[str, ...]] = NO_OWNERS


class Counterparts:
    """Finds a project's counterpart, and learns what the two have in common.

    Args:
        popularity: knows the popular projects.
        abouts: asks the JSON APIs of indexes.
        catalogue: lists projects where an index has no such API.
        announced: fetches the metadata that indexes serve.
    """

    def __init__(
        self,
        popularity: Popularity,
        abouts: Abouts,
        catalogue: Listings,
        announced: AnnouncedMetadata,
    ) -> None:
        self._popularity = popularity
        self._abouts = abouts
        self._catalogue = catalogue
        self._announced = announced

    async def of(self, candidate: Candidate, statement: Statement) -> Kin:
        """What there is to know of a file's project and its counterpart.

        Args:
            candidate: the file.
            statement: what its metadata says.
        """
        evidence = candidate.evidence
        target = self._target(evidence, statement)
        if target is None:
            return Kin()
        own, other = await asyncio.gather(
            self._abouts.of(evidence.index, evidence.project), self._abouts.of(evidence.index, target)
        )
        owners = owners_in(own)
        if isinstance(other, Unavailable):
            return Kin(other, owners)
        said = other.value.statement if isinstance(other, Known) else await self._read(target)
        if not isinstance(said, Statement):
            return Kin(said, owners)
        theirs = owners_in(other)
        counterpart = compared(
            statement,
            evidence.project,
            said,
            target,
            owners=theirs.value if isinstance(theirs, Known) else (),
            family=self._popularity.family(evidence.project, target),
        )
        return Kin(Known(counterpart), owners)

    def _target(self, evidence: Evidence, statement: Statement) -> NormalizedName | None:
        """The popular project that there is a question about; None where there is no question."""
        if evidence.index.trust == "private" or self._popularity.is_popular(evidence.project):
            return None
        hit = evidence.lookalike.value.target if isinstance(evidence.lookalike, Known) else None
        named = (canonicalize_name(repository.name) for repository in statement.repositories)
        targets = (one for one in (hit, *named) if one is not None and one != evidence.project)
        return next((one for one in targets if self._popularity.is_popular(one)), None)

    async def _read(self, target: NormalizedName) -> Statement | Absent | Unavailable:
        """What a project's newest wheel says, where its metadata can be had by itself."""
        try:
            candidates = await self._catalogue.project(target) or []
            told = [c for c in candidates if c.file.core_metadata is not None and c.file.yanked is None]
            wheels = [c for c in told if c.file.name.kind is FileKind.WHEEL]
            if not wheels:
                return Absent()
            newest = max(wheels, key=lambda c: (not c.evidence.version.is_prerelease, c.evidence.version))
            return core_metadata.statement(await self._announced.of(newest.file))
        except SourceError as error:
            return Unavailable("project-api", str(error))
