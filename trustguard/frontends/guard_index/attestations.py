"""Attestations of the files of a run: fetched with the file, verified off the event loop, and not twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from trustguard.model.errors import SourceError
from trustguard.model.evidence import TO_BE_ASKED_FOR, Absent, Fact, Known, Unavailable
from trustguard.model.project import Sha256
from trustguard.model.provenance import Provenance
from trustguard.sources.attestations import TrustRoot, verify
from trustguard.sources.provenance_documents import ProvenanceDocuments
from trustguard.store.verified import VerifiedStore, key_of
from trustguard.vetting import Candidate


class Attestations:
    """Learns who built a file.

    Args:
        documents: fetches what the index has.
        trust_root: says who is believed; asked when there is something to verify.
        store: keeps what came of it.
    """

    def __init__(
        self, documents: ProvenanceDocuments, trust_root: Callable[[], TrustRoot], store: VerifiedStore
    ) -> None:
        self._documents = documents
        self._trust_root = trust_root
        self._store = store

    async def expect(self, candidate: Candidate) -> None:
        """Fetch the document ahead of time; what goes wrong is told to whoever needs it."""
        try:
            await self._document(candidate)
        except SourceError:
            return

    async def of(self, candidate: Candidate, digest: Sha256) -> Fact[Provenance]:
        """What is proven of a file.

        Args:
            candidate: the file; where its listing links to no document, what the listing tells holds.
            digest: the SHA-256 of the bytes that came.

        Raises:
            TrustguardError: there is something to verify, and the trust root is of no use: no answer that a
                policy could do without, but a mistake of our own.
        """
        try:
            document = await self._document(candidate)
        except SourceError as error:
            return Unavailable("provenance", str(error))
        if document is None:
            listed = candidate.evidence.provenance
            return Absent() if listed == TO_BE_ASKED_FOR else listed
        return await asyncio.to_thread(self._verified, document, candidate.file.filename, digest)

    async def _document(self, candidate: Candidate) -> bytes | None:
        announced = candidate.evidence.provenance != TO_BE_ASKED_FOR
        return await self._documents.of(candidate.file, announced=announced)

    def _verified(self, document: bytes, filename: str, digest: Sha256) -> Known[Provenance] | Absent:
        trust_root = self._trust_root()
        key = key_of(filename, digest, document, trust_root.digest)
        kept = self._store.load(key)
        if kept is not None:
            return Known(kept)
        found = verify(document, filename, digest, trust_root)
        if isinstance(found, Known):
            self._store.save(key, found.value)
        return found
