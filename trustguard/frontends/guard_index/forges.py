"""Asks the forge of a claimed repository for its tags: where forges may be asked, and there is a question.

That is where the claim is not proven, and is a popular project's repository; or where another one is proven.
In a check a claim that is proven is asked about as well: that its tags are the releases speaks for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from trustguard.frontends.guard_index.catalogue import Listings
from trustguard.model.claims import Counterpart, ReleaseTags, Statement
from trustguard.model.errors import SourceError, StoreError
from trustguard.model.evidence import NO_TAGS, Absent, Evidence, Fact, Known, NotApplicable, Unavailable
from trustguard.model.provenance import Provenance
from trustguard.model.refs import Refs, release_tags
from trustguard.model.repository import Repository
from trustguard.sources.forge import Forge
from trustguard.store.forge import RefsStore

_NOT_ASKED = NotApplicable("its forge is none of those that are asked")


class Forges:
    """Learns how the tags of a claimed repository go with the releases.

    Args:
        forge: asks.
        store: keeps what was said, for a day.
        catalogue: knows the releases.
        clock: gives the time, with its zone.
        thorough: whether a claim that is proven is asked about as well.
    """

    def __init__(
        self,
        forge: Forge,
        store: RefsStore,
        catalogue: Listings,
        clock: Callable[[], datetime],
        *,
        thorough: bool,
    ) -> None:
        self._thorough = thorough
        self._forge = forge
        self._store = store
        self._catalogue = catalogue
        self._clock = clock

    async def of(
        self,
        evidence: Evidence,
        statement: Statement,
        provenance: Fact[Provenance],
        counterpart: Fact[Counterpart],
    ) -> Fact[ReleaseTags]:
        """What the forge of the claimed repository says, where there is a question about the claim.

        Args:
            evidence: what the listing tells of the file.
            statement: what its metadata says.
            provenance: what is proven of it.
            counterpart: the popular project that it may pass itself off as.
        """
        proven = provenance.value.repositories if isinstance(provenance, Known) else ()
        theirs = counterpart.value.repositories if isinstance(counterpart, Known) else ()
        claimed = _in_question(statement.repositories, proven, theirs)
        if claimed is None and self._thorough:
            claimed = next((one for one in statement.repositories if one in proven), None)
        if claimed is None:
            return NO_TAGS
        if not self._forge.asks(claimed):
            return _NOT_ASKED
        try:
            return await self._compared(evidence, claimed, [one for one in proven if self._forge.asks(one)])
        except (SourceError, StoreError) as error:
            return Unavailable("forge", str(error))

    async def _compared(
        self, evidence: Evidence, claimed: Repository, proven: list[Repository]
    ) -> Known[ReleaseTags] | Absent:
        refs = await self._refs(claimed)
        if refs is None:
            return Absent()
        others = {one: found for one in proven if (found := await self._refs(one)) is not None}
        candidates = await self._catalogue.project(evidence.project) or []
        versions = {candidate.evidence.version for candidate in candidates}
        return Known(await asyncio.to_thread(release_tags, refs, claimed, others, versions))

    async def _refs(self, repository: Repository) -> Refs | None:
        kept = await asyncio.to_thread(self._store.load, repository, self._clock())
        if kept is not None:
            return kept
        refs = await self._forge.refs(repository)
        if refs is not None:
            await asyncio.to_thread(self._store.save, repository, refs, self._clock())
        return refs


def _in_question(
    claimed: tuple[Repository, ...], proven: tuple[Repository, ...], theirs: tuple[Repository, ...]
) -> Repository | None:
    """The claimed repository that there is a question about: a popular project's before any other."""
    if any(one in proven for one in claimed):
        return None
    taken = next((one for one in claimed if one in theirs), None)
    return taken or (claimed[0] if claimed and proven else None)
