"""Provenance documents (PEP 740), and files that have one on an index of the lab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .catalogue import PROVENANCE_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .artifacts import Artifact
    from .identity import Identity
    from .index import LabIndex
    from .listing import ListedFile
    from .sigstore import Flaw, PrivateSigstore


def provenance(*bundles: tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]) -> bytes:
    """Return a provenance object of bundles, each a publisher object and its attestations; or of none."""
    stated = [{"publisher": publisher, "attestations": list(several)} for publisher, several in bundles]
    return json.dumps({"version": 1, "attestation_bundles": stated}).encode()


def put_provenance(index: LabIndex, filename: str, document: bytes) -> str:
    """Serve a document as the provenance of a file, at ``/raw/<filename>.provenance``; return the URL."""
    return index.put(f"{filename}.provenance", document, PROVENANCE_TYPE)


def attested(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    index: LabIndex,
    artifact: Artifact,
    sigstore: PrivateSigstore,
    identity: Identity,
    *,
    flaw: Flaw | None = None,
    signing: Mapping[str, Any] | None = None,
    **listing: Any,
) -> ListedFile:
    """Put a file on an index with one attestation, signed when it was uploaded.

    Args:
        index: where to.
        artifact: the file.
        sigstore: what signs for it.
        identity: who signs; the index states its publisher.
        flaw: what shall be wrong with the signature.
        signing: further arguments of :meth:`PrivateSigstore.sign`.
        listing: arguments of :meth:`Catalogue.add`.

    """
    options = dict(signing or {})
    if listing.get("upload_time") is not None:
        options.setdefault("signed_at", listing["upload_time"])
    attestation = sigstore.attest(artifact.filename, artifact.sha256, identity, flaw=flaw, **options)
    document = provenance((identity.publisher, [attestation]))
    return index.add(artifact, provenance=put_provenance(index, artifact.filename, document), **listing)
