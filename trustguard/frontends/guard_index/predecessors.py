"""Who has published a project before: as was seen here, or else as its earlier releases on the index prove.

The user's own history answers first, without a request. Where it has nothing, such as on a machine that is
new, and the file has attestations that can be compared, the documents of at most two earlier releases are
fetched, and verified for the digests that the index announces: their bodies are not needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from trustguard.frontends.guard_index.attestations import Attestations
from trustguard.frontends.guard_index.catalogue import Listings
from trustguard.model.errors import SourceError, StoreError
from trustguard.model.evidence import NO_PUBLISHERS, Fact, Known, NotApplicable, Unavailable
from trustguard.model.lineage import KnownPublishers, Lineage
from trustguard.model.project import DistributionFile
from trustguard.sources.once import Once
from trustguard.store.publishers import PublisherStore
from trustguard.vetting import Candidate

_REQUESTS = 2
"""So many documents are fetched for a project; the second where the first one proves nothing."""


class Predecessors:
    """Learns who has published a file's project before.

    Args:
        attestations: fetches and verifies.
        catalogue: knows the project's other files.
        history: what this user has accepted before.
        tell: is told, in one line, what is wrong with that.
    """

    def __init__(
        self,
        attestations: Attestations,
        catalogue: Listings,
        history: PublisherStore,
        tell: Callable[[str], object],
    ) -> None:
        self._attestations = attestations
        self._catalogue = catalogue
        self._history = history
        self._tell = tell
        self._answers: Once[Fact[KnownPublishers]] = Once()

    async def of(self, candidate: Candidate) -> Fact[KnownPublishers]:
        """Who has published the project of a file before; looked up once in a run.

        Args:
            candidate: the file; its bytes need not be at hand.
        """
        return await self._answers.get(candidate.file.url, lambda: self._known(candidate))

    async def _known(self, candidate: Candidate) -> Fact[KnownPublishers]:
        evidence, lost = candidate.evidence, None
        try:
            seen = await asyncio.to_thread(self._history.load, evidence.index, evidence.project)
            if seen is not None:
                return Known(seen)
        except StoreError as error:
            self._tell(str(error))
            lost = Unavailable("provenance", str(error))
        found = NO_PUBLISHERS if candidate.file.provenance is None else await self._on_index(candidate)
        return found if lost is None or isinstance(found, Known) else lost

    async def _on_index(self, candidate: Candidate) -> Fact[KnownPublishers]:
        lineage = candidate.evidence.lineage
        if not isinstance(lineage, Known):
            return lineage
        versions = {release.version for release in lineage.value.earlier}

        def may_be_proven(file: DistributionFile) -> bool:
            return file.provenance is not None and file.yanked is None and file.name.version in versions

        try:
            others = await self._catalogue.project(candidate.evidence.project, may_be_proven) or []
        except SourceError as error:
            return Unavailable("provenance", str(error))
        nothing: Fact[KnownPublishers] = NotApplicable("no release before it is proven to be anybody's")
        for earlier in islice(_attested(candidate, lineage.value, others), _REQUESTS):
            found = await self._publishers(earlier)
            if isinstance(found, Known):
                return found
            if isinstance(found, Unavailable):
                nothing = found
        return nothing

    async def _publishers(self, earlier: Candidate) -> Fact[KnownPublishers]:
        """Who has published an earlier file, by the digest that is announced of it."""
        digest = earlier.file.sha256
        if digest is None:
            return NotApplicable("the index announces no digest of it")
        provenance = await self._attestations.of(earlier, digest)
        if not isinstance(provenance, Known):
            return provenance
        if not provenance.value.publishers:
            return NotApplicable(provenance.value.reason)
        since = min(attestation.logged_at for attestation in provenance.value.attestations)
        return Known(KnownPublishers(provenance.value.publishers, "index", since))


def _attested(candidate: Candidate, lineage: Lineage, others: Sequence[Candidate]) -> Iterator[Candidate]:
    """A file of each earlier release that has one, the newest release first.

    What is refused here, as what is yanked, sets no example.
    """
    own = candidate.evidence
    usable = [one for one in others if one.evidence.index == own.index and not one.verdict.refused]
    for release in lineage.earlier:
        files = [other for other in usable if other.evidence.version == release.version]
        if files:
            yield min(
                files, key=lambda one: (one.file.name.kind is not own.file.name.kind, one.file.filename)
            )
