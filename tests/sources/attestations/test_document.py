"""A document is bounded, and of a known form, before anything in it is looked at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sources.attestations.conftest import GITHUB, Lab
from trustguard.model.evidence import Absent
from trustguard.sources.attestations import LIMIT

NEITHER = "it is neither a provenance object, an attestation object nor a Sigstore bundle"


def provenance(**parts: Any) -> bytes:
    """A provenance object without attestations, with something else in it."""
    return json.dumps({"version": 1, "attestation_bundles": [], **parts}).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not JSON"),
        (b'{"version": 1, "attest', "it is not JSON"),
        (b"\xff\xfe\x00", "it is not JSON"),
        (b"9" * 5000, "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b"null", "it is not a JSON object"),
        (b"{}", NEITHER),
        (b'{"version": 1}', NEITHER),
        (b"[" * 200_000, "its JSON is nested too deeply"),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", "its JSON is nested too deeply"),
        (b" " * LIMIT + b"{}", "it is larger than 1,048,576 bytes"),
        (provenance(attestation_bundles={}), "attestation_bundles is not an array"),
        (provenance(attestation_bundles=[1]), "attestation_bundles[0] is not an object with a publisher"),
        (
            provenance(attestation_bundles=[{"attestations": []}]),
            "attestation_bundles[0] is not an object with a publisher",
        ),
        (
            provenance(attestation_bundles=[{"publisher": {"kind": "GitHub"}}]),
            "attestation_bundles[0].attestations is not an array",
        ),
        (
            provenance(attestation_bundles=[{"publisher": {}, "attestations": ["x"]}]),
            "attestation_bundles[0].attestations holds something else than objects",
        ),
        (
            provenance(attestation_bundles=[{"publisher": {}, "attestations": [{}] * 33}]),
            "it holds 33 attestations, and more than 32 are not looked at",
        ),
        (provenance(version="1"), "the version of the provenance object is not a number"),
        (provenance(version=True), "the version of the provenance object is not a number"),
    ],
)
def test_what_is_no_document_is_invalid_for_a_reason(lab: Lab, content: bytes, reason: str) -> None:
    assert lab.told(content) == ("invalid", reason)


def test_a_document_of_a_later_version_is_not_taken_for_a_forgery(lab: Lab) -> None:
    expected = ("unsupported", "the provenance object is of version 2, and 1 is what is known")
    assert lab.told(provenance(version=2)) == expected
    later = {**lab.attestation(), "version": 2}
    assert lab.told(later) == ("unsupported", "the attestation is of version 2, and 1 is what is known")


@pytest.mark.parametrize(
    "content",
    [
        b'{"attestation_bundles": []}',
        provenance(),
        provenance(attestation_bundles=[{"publisher": GITHUB.publisher, "attestations": []}] * 2),
    ],
)
def test_a_document_that_holds_no_attestation_is_as_none_at_all(lab: Lab, content: bytes) -> None:
    assert lab.fact(content) == Absent()


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("verification_material", "it is malformed: verification_material: "),
        ("envelope", "it is malformed: envelope: "),
        ("version", "the version of the attestation is not a number"),
    ],
)
def test_an_attestation_that_lacks_a_part_is_malformed(lab: Lab, part: str, reason: str) -> None:
    outcome, told = lab.told({**lab.attestation(), part: None})
    assert (outcome, told.startswith(reason)) == ("invalid", True), told
