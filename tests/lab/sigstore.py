"""A private Sigstore: an authority, a certificate log and a signature log that the real libraries accept.

It mints Sigstore bundles and attestations (PEP 740) for any file and identity, without a network; and, where
a test asks for it, some that no verifier may accept. All keys are new each time, so two of them do not
accept each other's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from .authority import FOUNDED, Authority
from .listing import OLD
from .signed import IN_TOTO, Envelope, Signed, statement, to_be_signed
from .transparency import LogKey, SignatureLog, base64_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .identity import Identity

DOMAIN = "sigstore.example"
ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
LATE = timedelta(hours=1)


class Flaw(Enum):
    """What is wrong with a signature, everything else being right."""

    NO_SCT = auto()
    """The certificate has no timestamp of the certificate log."""
    WRONG_CT_KEY = auto()
    """It has one that names the log and is not signed by it."""
    OTHER_AUTHORITY = auto()
    """It is from an authority of the same name that the trusted root does not list."""
    NO_CODE_SIGNING = auto()
    """It is for something else than signing code."""
    FLIPPED_SIGNATURE = auto()
    """A bit of the signature was changed after it was logged."""
    OTHER_ENTRY = auto()
    """The log entry is a true one, of the same identity's signature of another file."""
    LOGGED_LATE = auto()
    """The log saw the signature when the certificate had expired."""
    NO_PROMISE = auto()
    """The log's time is not signed, so that nothing says when the signature was made."""
    LATER_LOG = auto()
    """The entry is of the kind of Rekor 2, without a timestamp, for which an attestation has no place."""


class PrivateSigstore:
    """A Sigstore of one's own.

    Attributes:
        trusted_root: the JSON document by which others verify what it signs.

    """

    def __init__(self) -> None:
        """Make new keys and start the logs."""
        self._certificates = LogKey()
        self._signatures = SignatureLog(f"rekor.{DOMAIN}")
        self._authority = Authority(DOMAIN, self._certificates)

    @cached_property
    def trusted_root(self) -> bytes:
        """The root of trust, as ``trusted_root.json``."""
        since = FOUNDED.strftime("%Y-%m-%dT%H:%M:%SZ")
        chain = [{"rawBytes": base64_text(certificate)} for certificate in self._authority.chain]
        authority = {
            "subject": {"organization": DOMAIN, "commonName": "lab"},
            "uri": f"https://fulcio.{DOMAIN}",
            "certChain": {"certificates": chain},
            "validFor": {"start": since},
        }
        root = {
            "mediaType": ROOT_TYPE,
            "tlogs": [self._signatures.key.as_instance(f"https://rekor.{DOMAIN}", since)],
            "certificateAuthorities": [authority],
            "ctlogs": [self._certificates.as_instance(f"https://ctfe.{DOMAIN}", since)],
            "timestampAuthorities": [],
        }
        return json.dumps(root, indent=1).encode()

    def attest(self, filename: str, sha256: str, identity: Identity, **options: Any) -> dict[str, Any]:
        """Return an attestation object (PEP 740); the arguments are those of :meth:`sign`."""
        return self.sign(filename, sha256, identity, **options).attestation()

    def sign(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        self,
        filename: str,
        sha256: str,
        identity: Identity,
        *,
        predicate_type: str | None = None,
        predicate: Mapping[str, Any] | None = None,
        subjects: Sequence[tuple[str, str]] | None = None,
        payload_type: str = IN_TOTO,
        signed_at: datetime = OLD,
        flaw: Flaw | None = None,
    ) -> Signed:
        """Sign a statement about a file as an identity, and log that.

        Args:
            filename: the file's name.
            sha256: its digest, in lower-case hex.
            identity: who signs.
            predicate_type: what is stated; by default that it was published (publish v1).
            predicate: the particulars of that.
            subjects: names and digests to state instead of the file's.
            payload_type: what the payload is said to be; honest only by default.
            signed_at: when the certificate was issued, and when the log saw the signature (aware).
            flaw: what shall be wrong.

        """
        stated = [(filename, sha256)] if subjects is None else subjects
        payload = statement(stated, predicate_type or publish_v1(), predicate)
        key = ec.generate_private_key(ec.SECP256R1())
        signature = key.sign(to_be_signed(payload_type, payload), ec.ECDSA(hashes.SHA256()))
        certificate = self._certificate(identity, key.public_key(), signed_at, flaw)
        envelope = Envelope(payload_type, payload, signature, certificate)
        if flaw is Flaw.OTHER_ENTRY:
            entry = self.sign(f"other-{filename}", "0" * 64, identity, signed_at=signed_at).entry
        else:
            entry = self._logged(envelope, signed_at, flaw)
        if flaw is Flaw.FLIPPED_SIGNATURE:
            flipped = signature[:-1] + bytes([signature[-1] ^ 1])
            envelope = replace(envelope, signature=flipped)
        return Signed(envelope, entry)

    def _certificate(
        self, identity: Identity, key: ec.EllipticCurvePublicKey, moment: datetime, flaw: Flaw | None
    ) -> bytes:
        authority = self._stranger if flaw is Flaw.OTHER_AUTHORITY else self._authority
        certificate = authority.issue(
            identity,
            key,
            moment,
            log=LogKey() if flaw is Flaw.WRONG_CT_KEY else None,
            seen=flaw is not Flaw.NO_SCT,
            code_signing=flaw is not Flaw.NO_CODE_SIGNING,
        )
        return certificate.public_bytes(Encoding.DER)

    @cached_property
    def _stranger(self) -> Authority:
        return Authority(DOMAIN, self._certificates)

    def _logged(self, envelope: Envelope, moment: datetime, flaw: Flaw | None) -> dict[str, Any]:
        if flaw is Flaw.LATER_LOG:
            return self._signatures.append(envelope.rekor_2_body(), None, promise=False)
        when = moment + LATE if flaw is Flaw.LOGGED_LATE else moment
        return self._signatures.append(envelope.rekor_1_body(), when, promise=flaw is not Flaw.NO_PROMISE)


def publish_v1() -> str:
    """Return the type of the statement that an index published a file, as the library names it."""
    from pypi_attestations import AttestationType  # noqa: PLC0415 - loads all of Sigstore

    return AttestationType.PYPI_PUBLISH_V1.value
