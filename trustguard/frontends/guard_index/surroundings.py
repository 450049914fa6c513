"""What stands around a file and is learned from neither its listing nor its bytes."""

from __future__ import annotations

import asyncio

from trustguard.frontends.guard_index.attestations import Attestations
from trustguard.frontends.guard_index.counterparts import Counterparts
from trustguard.frontends.guard_index.forges import Forges
from trustguard.frontends.guard_index.predecessors import Predecessors
from trustguard.model.claims import ReleaseTags, Statement
from trustguard.model.evidence import NO_TAGS, Fact
from trustguard.model.project import Sha256
from trustguard.vetting import Around, Candidate


class Surroundings:
    """Asks everybody at once.

    Args:
        attestations: learns who built a file.
        counterparts: learns which popular project it may pass itself off as.
        predecessors: learns who has published its project before.
        forges: learns how a claimed repository goes with the releases; None where no forge may be asked.
    """

    def __init__(
        self,
        attestations: Attestations,
        counterparts: Counterparts,
        predecessors: Predecessors,
        forges: Forges | None,
    ) -> None:
        self._attestations = attestations
        self._counterparts = counterparts
        self._predecessors = predecessors
        self._forges = forges

    async def expect(self, candidate: Candidate) -> None:
        """Begin with what can be asked for before the bytes are there. Never fails."""
        await asyncio.gather(self._attestations.expect(candidate), self._predecessors.of(candidate))

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

    async def of(self, candidate: Candidate, digest: Sha256, statement: Statement) -> Around:
        """What there is to know of a file. What nobody could say is a fact as well.

        Args:
            candidate: the file.
            digest: the SHA-256 of its bytes.
            statement: what its metadata says of origin and authors.

        Raises:
            TrustguardError: there is something to verify, and the trust root is of no use.
        """
        provenance, kin, publishers = await asyncio.gather(
            self._attestations.of(candidate, digest),
            self._counterparts.of(candidate, statement),
            self._predecessors.of(candidate),
        )
        tags: Fact[ReleaseTags] = NO_TAGS
        if self._forges is not None:
            tags = await self._forges.of(candidate.evidence, statement, provenance, kin.counterpart)
        return Around(provenance, kin.counterpart, kin.owners, tags, publishers)
