"""What stands around a file and is learned from neither its listing nor its bytes."""

from __future__ import annotations

import asyncio

from trustguard.frontends.guard_index.attestations import Attestations
from trustguard.frontends.guard_index.counterparts import Counterparts
from trustguard.frontends.guard_index.dependents import Counts
from trustguard.frontends.guard_index.forges import Forges
from trustguard.frontends.guard_index.owners import Owners
from trustguard.frontends.guard_index.predecessors import Predecessors
from trustguard.model.claims import ReleaseTags, Statement
from trustguard.model.evidence import NO_DEPENDENTS, NO_TAGS, Dependents, Evidence, Fact
from trustguard.model.project import Sha256
from trustguard.vetting import Around, Candidate


class Surroundings:
    """Asks everybody at once.

    Args:
        attestations: learns who built a file.
        counterparts: learns which popular project it may pass itself off as.
        predecessors: learns who has published its project before.
        owners: learns who owns its project.
        forges: learns how a claimed repository goes with the releases; None where no forge may be asked.
        counts: learns how many projects depend on its own; None where nobody is asked.
    """

    def __init__(  # noqa: PLR0913 - whoever is asked
        self,
        attestations: Attestations,
        counterparts: Counterparts,
        predecessors: Predecessors,
        owners: Owners,
        forges: Forges | None,
        counts: Counts | None,
    ) -> None:
        self._attestations = attestations
        self._counterparts = counterparts
        self._predecessors = predecessors
        self._owners = owners
        self._forges = forges
        self._counts = counts

    async def expect(self, candidate: Candidate) -> None:
        """Begin with what can be asked for before the bytes are there. Never fails."""
        self._owners.expect(candidate.evidence)
        await asyncio.gather(self._attestations.expect(candidate), self._predecessors.of(candidate))

    def hurry(self, candidate: Candidate) -> None:
        """The installer wants the file: what can only be waited for is not waited for."""
        self._owners.hurry(candidate.evidence.project)

    async def without_bytes(self, candidate: Candidate, digest: Sha256) -> Around:
        """What there is to know of a file that nobody fetches: who built it, and who did so before.

        Args:
            candidate: the file.
            digest: the SHA-256 that its bytes must have.
        """
        provenance, publishers = await asyncio.gather(
            self._attestations.of(candidate, digest), self._predecessors.of(candidate)
        )
        return Around(provenance, publishers=publishers)

    async def kin(self, candidate: Candidate) -> Around:
        """Whose a project is, and whose the one is that its name may be taken for, before there are bytes.

        Args:
            candidate: the file; who built it is learned where its digest is announced.
        """
        digest = candidate.file.sha256
        kin = await self._counterparts.of(candidate, Statement())
        provenance = candidate.evidence.provenance
        if digest is not None:
            provenance = await self._attestations.of(candidate, digest)
        return Around(provenance, kin.counterpart, kin.owners)

    async def of(self, candidate: Candidate, digest: Sha256, statement: Statement) -> Around:
        """What there is to know of a file. What nobody could say is a fact as well.

        Args:
            candidate: the file.
            digest: the SHA-256 of its bytes.
            statement: what its metadata says of origin and authors.

        Raises:
            TrustguardError: there is something to verify, and the trust root is of no use.
        """
        provenance, kin, publishers, dependents = await asyncio.gather(
            self._attestations.of(candidate, digest),
            self._counterparts.of(candidate, statement),
            self._predecessors.of(candidate),
            self._depending(candidate.evidence),
        )
        tags: Fact[ReleaseTags] = NO_TAGS
        if self._forges is not None:
            tags = await self._forges.of(candidate.evidence, statement, provenance, kin.counterpart)
        owned = await self._owners.of(candidate.evidence, kin.owners)
        return Around(
            provenance,
            kin.counterpart,
            owned.owners,
            tags,
            publishers,
            owners_before=owned.before,
            dependents=dependents,
        )

    async def _depending(self, evidence: Evidence) -> Fact[Dependents]:
        return NO_DEPENDENTS if self._counts is None else await self._counts.of(evidence)
