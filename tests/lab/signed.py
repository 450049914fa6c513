"""A signed statement about files: its envelope (DSSE), its log entry, and what they are passed on as."""

from __future__ import annotations

import hashlib
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .transparency import base64_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
IN_TOTO = "application/vnd.in-toto+json"
"""The payload type of a statement; an attestation (PEP 740) has no place for another."""


@dataclass(frozen=True)
class Envelope:
    """A payload with its signature.

    Attributes:
        payload_type: what the payload is said to be.
        payload: the statement's bytes.
        signature: of both together.
        certificate: the signer's, in DER.

    """

    payload_type: str
    payload: bytes
    signature: bytes
    certificate: bytes

    def as_json(self) -> dict[str, Any]:
        """Return the envelope as DSSE has it."""
        signatures = [{"sig": base64_text(self.signature)}]
        payload = base64_text(self.payload)
        return {"payload": payload, "payloadType": self.payload_type, "signatures": signatures}

    def rekor_1_body(self) -> dict[str, Any]:
        """Return the body of a log entry of kind dsse 0.0.1."""
        certificate = ssl.DER_cert_to_PEM_cert(self.certificate).encode()
        verifier = {"signature": base64_text(self.signature), "verifier": base64_text(certificate)}
        spec = {
            "envelopeHash": _digest(json.dumps(self.as_json()).encode()),
            "payloadHash": _digest(self.payload),
            "signatures": [verifier],
        }
        return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}

    def rekor_2_body(self) -> dict[str, Any]:
        """Return the body of a log entry of kind hashedrekord 0.0.2."""
        digest = hashlib.sha256(to_be_signed(self.payload_type, self.payload)).digest()
        verifier = {
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "x509Certificate": {"rawBytes": base64_text(self.certificate)},
        }
        record = {
            "data": {"algorithm": "SHA2_256", "digest": base64_text(digest)},
            "signature": {"content": base64_text(self.signature), "verifier": verifier},
        }
        return {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {"hashedRekordV002": record}}


@dataclass(frozen=True)
class Signed:
    """An envelope and the log's entry for it, which is what it takes to verify it."""

    envelope: Envelope
    entry: Mapping[str, Any]

    def attestation(self) -> dict[str, Any]:
        """Return an attestation object (PEP 740)."""
        statement, signature = base64_text(self.envelope.payload), base64_text(self.envelope.signature)
        material = {
            "certificate": base64_text(self.envelope.certificate),
            "transparency_entries": [self.entry],
        }
        envelope = {"statement": statement, "signature": signature}
        return {"version": 1, "verification_material": material, "envelope": envelope}

    def bundle(self) -> dict[str, Any]:
        """Return a Sigstore bundle, version 0.3."""
        material = {
            "certificate": {"rawBytes": base64_text(self.envelope.certificate)},
            "tlogEntries": [self.entry],
        }
        envelope = self.envelope.as_json()
        return {"mediaType": BUNDLE_TYPE, "verificationMaterial": material, "dsseEnvelope": envelope}


def statement(
    subjects: Sequence[tuple[str, str]], predicate_type: str, predicate: Mapping[str, Any] | None
) -> bytes:
    """Return a statement of in-toto, version 1, about files: their names and their digests in hex."""
    stated = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": sha256}} for name, sha256 in subjects],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json.dumps(stated, separators=(",", ":")).encode()


def to_be_signed(payload_type: str, payload: bytes) -> bytes:
    """Return what DSSE signs: the pre-authentication encoding of payload and type."""
    return b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(payload), payload)


def _digest(content: bytes) -> dict[str, str]:
    return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}
