"""The two logs of a private Sigstore: one for certificates (RFC 6962), one like Rekor 1 for signatures."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FIRST_INDEX = 100_000
"""The global index of the log's first entry: Rekor counts over all its trees, a proof within its own."""


def base64_text(content: bytes) -> str:
    """Return bytes as they stand in JSON."""
    return base64.b64encode(content).decode()


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON as RFC 8785 has it; for texts in ASCII and whole numbers that is no more than this."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class LogKey:
    """The key of a log: ECDSA on P-256 with SHA-256, as the public logs have."""

    def __init__(self) -> None:
        """Make a new key."""
        self._private = ec.generate_private_key(ec.SECP256R1())
        self.public = self._private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.id = hashlib.sha256(self.public).digest()

    def sign(self, data: bytes) -> bytes:
        """Return the signature of data, in DER."""
        return self._private.sign(data, ec.ECDSA(hashes.SHA256()))

    def as_instance(self, url: str, since: str) -> dict[str, Any]:
        """Return the log as a trusted root lists it."""
        details = "PKIX_ECDSA_P256_SHA_256"
        return {
            "baseUrl": url,
            "hashAlgorithm": "SHA2_256",
            "publicKey": {
                "rawBytes": base64_text(self.public),
                "keyDetails": details,
                "validFor": {"start": since},
            },
            "logId": {"keyId": base64_text(self.id)},
        }


def certificate_timestamps(
    key: LogKey, precertificate: bytes, issuer_key: bytes, moment: datetime, *, log_id: bytes
) -> bytes:
    """Return a list of one signed certificate timestamp (RFC 6962, 3.2 and 3.3), in TLS's encoding.

    Args:
        key: what signs it.
        precertificate: the certificate to be signed, without the timestamp.
        issuer_key: the public key of its issuer, in DER.
        moment: when the log saw it (aware).
        log_id: the log that it names.

    """
    when = int(moment.timestamp() * 1000).to_bytes(8, "big")
    entry = hashlib.sha256(issuer_key).digest() + _sized(precertificate, 3)
    signed = b"\0\0" + when + b"\0\1" + entry + b"\0\0"  # version 1, a timestamp; a precertificate
    timestamp = b"\0" + log_id + when + b"\0\0" + b"\4\3" + _sized(key.sign(signed), 2)  # SHA-256, ECDSA
    return _sized(_sized(timestamp, 2), 2)


class SignatureLog:
    """An append-only log of signatures; it has strangers' entries from the start, so no proof is empty."""

    def __init__(self, origin: str) -> None:
        """Make a new log.

        Args:
            origin: the host name that its checkpoints are signed with.

        """
        self.key = LogKey()
        self._origin = origin
        self._leaves = [_leaf(b"an entry of somebody else's, number %d" % number) for number in range(5)]

    def append(self, body: Mapping[str, Any], moment: datetime | None, *, promise: bool) -> dict[str, Any]:
        """Append an entry; return it as a bundle and an attestation hold it.

        Args:
            body: its content, with ``kind`` and ``apiVersion``.
            moment: when it was integrated (aware); later logs do not say.
            promise: whether the log promises the inclusion (the signed entry timestamp), which is what
                makes `moment` trustworthy.

        """
        content = canonical_json(body)
        self._leaves.append(_leaf(content))
        index = len(self._leaves) - 1
        entry: dict[str, Any] = {
            "logIndex": str(FIRST_INDEX + index),
            "logId": {"keyId": base64_text(self.key.id)},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "inclusionProof": self._proof(index),
            "canonicalizedBody": base64_text(content),
        }
        if moment is not None:
            entry["integratedTime"] = str(int(moment.timestamp()))
        if moment is not None and promise:
            signed = self._promise(content, int(moment.timestamp()), FIRST_INDEX + index)
            entry["inclusionPromise"] = {"signedEntryTimestamp": base64_text(signed)}
        return entry

    def _promise(self, content: bytes, integrated: int, index: int) -> bytes:
        statement = {
            "body": base64_text(content),
            "integratedTime": integrated,
            "logID": self.key.id.hex(),
            "logIndex": index,
        }
        return self.key.sign(canonical_json(statement))

    def _proof(self, index: int) -> dict[str, Any]:
        root = base64_text(_root(self._leaves))
        return {
            "logIndex": str(index),
            "rootHash": root,
            "treeSize": str(len(self._leaves)),
            "hashes": [base64_text(node) for node in _path(index, self._leaves)],
            "checkpoint": {"envelope": self._checkpoint(root)},
        }

    def _checkpoint(self, root: str) -> str:
        """Return a signed note: the tree's head, an empty line, and the signature after an em dash."""
        note = f"{self._origin} - 1\n{len(self._leaves)}\n{root}\n"
        signature = base64_text(self.key.id[:4] + self.key.sign(note.encode()))
        return f"{note}\n\N{EM DASH} {self._origin} {signature}\n"


def _sized(content: bytes, size: int) -> bytes:
    return len(content).to_bytes(size, "big") + content


def _leaf(content: bytes) -> bytes:
    return hashlib.sha256(b"\0" + content).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _root(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash (RFC 6962, 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return _node(_root(leaves[:split]), _root(leaves[split:]))


def _path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the Merkle audit path, the lowest node first (RFC 6962, 2.1.1)."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*_path(index, leaves[:split]), _root(leaves[split:])]
    return [*_path(index - split, leaves[split:]), _root(leaves[:split])]


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
