"""Who has published files that are locked: proven by their digests, since nobody fetches their bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.surroundings import Surroundings
from trustguard.model.evidence import Fact, Known, Unavailable
from trustguard.model.project import Sha256
from trustguard.model.provenance import Provenance, Publisher
from trustguard.vetting import Candidate, Vetter

Pinned = tuple[Candidate, Sha256]
"""A file, and the digest that it is locked with."""


class Publishers:
    """Verifies what is to be written down, and judges the files by it.

    Args:
        surroundings: learns who has published a file.
        vetter: judges.
        journal: is told what is refused, and what could not be proven.
    """

    def __init__(self, surroundings: Surroundings, vetter: Vetter, journal: Journal) -> None:
        self._surroundings = surroundings
        self._vetter = vetter
        self._journal = journal

    async def of_all(self, files: Sequence[Pinned]) -> list[tuple[Publisher, ...] | None]:
        """The verified publishers of each file; None for one that is refused for what came of verifying."""
        return await asyncio.gather(*(self._of(candidate, digest) for candidate, digest in files))

    async def _of(self, candidate: Candidate, digest: Sha256) -> tuple[Publisher, ...] | None:
        if candidate.file.provenance is None:
            return ()
        around = await self._surroundings.without_bytes(candidate, digest)
        judged = await asyncio.to_thread(self._vetter.vet_provenance, candidate, around)
        if judged.verdict.refused:
            self._journal.decided(judged, judged.verdict.decision)
            return None
        if isinstance(around.provenance, Known) and around.provenance.value.publishers:
            return around.provenance.value.publishers
        reason = _why_not(around.provenance)
        self._journal.problem(
            f"{candidate.file.filename}: no publisher of it is locked: {reason}", failed=False
        )
        return ()


def _why_not(provenance: Fact[Provenance]) -> str:
    if isinstance(provenance, Unavailable):
        return provenance.reason
    return provenance.value.reason if isinstance(provenance, Known) else "its provenance holds no attestation"
