"""A private Sigstore whose trust root is the one in use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest

from tests.lab.attest import provenance
from tests.lab.identity import Identity
from tests.lab.sigstore import PrivateSigstore
from trustguard.model.evidence import Absent, Known
from trustguard.model.project import Sha256
from trustguard.model.provenance import Provenance
from trustguard.sources.attestations import TrustRoot, verify

WHEEL = "demo-1.0-py3-none-any.whl"
DIGEST = Sha256("ab" * 32)
GITHUB = Identity.github()


@dataclass
class Lab:
    """A Sigstore, and one file that it signs for."""

    sigstore: PrivateSigstore = field(default_factory=PrivateSigstore)

    @cached_property
    def trust_root(self) -> TrustRoot:
        """Its trust root."""
        return TrustRoot(self.sigstore.trusted_root)

    def attestation(self, identity: Identity = GITHUB, **options: Any) -> dict[str, Any]:
        """An attestation of the file."""
        return self.sigstore.attest(WHEEL, DIGEST, identity, **options)

    def document(
        self, identity: Identity = GITHUB, publisher: Mapping[str, Any] | None = None, **options: Any
    ) -> bytes:
        """A provenance object with one attestation of the file.

        Args:
            identity: who signs.
            publisher: what the publisher object says otherwise than an honest one.
            options: of :meth:`PrivateSigstore.sign`.
        """
        stated = {**identity.publisher, **(publisher or {})}
        return provenance((stated, [self.attestation(identity, **options)]))

    def fact(
        self, document: bytes, filename: str = WHEEL, digest: Sha256 = DIGEST
    ) -> Known[Provenance] | Absent:
        """What comes of verifying a document for the file."""
        return verify(document, filename, digest, self.trust_root)

    def found(self, document: bytes, filename: str = WHEEL, digest: Sha256 = DIGEST) -> Provenance:
        """What comes of it, where there is something."""
        fact = self.fact(document, filename, digest)
        assert isinstance(fact, Known)
        return fact.value

    def told(self, document: bytes | Mapping[str, Any], **about: Any) -> tuple[str, str]:
        """The outcome and the reason, which is one line."""
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        found = self.found(content, **about)
        assert found.reason.isprintable()
        return found.outcome, found.reason


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab; making its keys takes a while."""
    return Lab()
