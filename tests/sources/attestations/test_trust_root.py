"""The trust root is bytes that somebody has pinned, and is parsed when it is needed."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.sources.attestations.conftest import DIGEST, WHEEL, Lab
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import Absent
from trustguard.sources.attestations import TrustRoot, bundled_trust_root, verify


def test_its_digest_is_that_of_its_bytes(lab: Lab) -> None:
    content = lab.sigstore.trusted_root
    assert TrustRoot(content).digest == hashlib.sha256(content).hexdigest()


def test_the_one_in_the_package_is_sigstores_public_one() -> None:
    root = bundled_trust_root()
    assert root.verifier() is root.verifier()
    logs = {log["baseUrl"] for log in json.loads(root.content)["tlogs"]}
    assert "https://rekor.sigstore.dev" in logs


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff", b'{"mediaType": "other"}', b"[" * 100_000, b" " * (1 << 20) + b"{}"],
    ids=["empty", "no keys", "array", "no text", "other type", "deep", "large"],
)
def test_what_is_no_trust_root_is_refused_in_one_line(lab: Lab, content: bytes) -> None:
    with pytest.raises(SourceRefused) as caught:
        verify(lab.document(), WHEEL, DIGEST, TrustRoot(content, "/etc/root.json"))
    assert caught.value.message.startswith("the trust root /etc/root.json is not usable: ")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("part", ["certificateAuthorities", "tlogs"])
def test_a_trust_root_without_authorities_or_logs_is_refused(lab: Lab, part: str) -> None:
    emptied = {**json.loads(lab.sigstore.trusted_root), part: []}
    with pytest.raises(SourceRefused, match="not usable"):
        TrustRoot(json.dumps(emptied).encode()).verifier()


def test_it_is_not_parsed_where_there_is_nothing_to_verify() -> None:
    assert verify(b'{"attestation_bundles": []}', WHEEL, DIGEST, TrustRoot(b"garbage")) == Absent()
