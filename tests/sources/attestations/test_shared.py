"""Documents of real projects, and what was made of them, come out as they should."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from trustguard.model.evidence import Absent, Known
from trustguard.model.project import Sha256
from trustguard.sources.attestations import TrustRoot, verify
from trustguard.sources.attestations.bundles import checked
from trustguard.sources.attestations.document import parse

DATA = Path(__file__).parents[4] / "shared" / "data" / "provenance"
INDEX = DATA / "dev" / "index.json"
CASES: list[dict[str, Any]] = json.loads(INDEX.read_bytes())["cases"] if INDEX.is_file() else []
ROOTS = {name: TrustRoot((DATA / name).read_bytes()) for name in {case["trust_root"] for case in CASES}}
EXPECTED = {
    "pass": {"verified"},
    "fail": {"invalid", "unsupported"},
    "library-accepts-policy-should-reject": {"verified"},
}
CLAIMS = {
    "issuer": "issuer",
    "source_repository_id": "repository_id",
    "owner_id": "owner_id",
    "source_repository_ref": "ref",
    "source_repository_digest": "commit",
    "build_trigger": "trigger",
    "visibility": "visibility",
}
"""What the index of the data has read from certificates, and how the model calls it."""

pytestmark = pytest.mark.skipif(not CASES, reason="the shared data is not here")


def fact(case: dict[str, Any]) -> Known[Any] | Absent:
    """What comes of a case."""
    content = (DATA / "dev" / case["file"]).read_bytes()
    artifact = case["artifact"]
    return verify(content, artifact["filename"], Sha256(artifact["sha256"]), ROOTS[case["trust_root"]])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_comes_out_as_it_should(case: dict[str, Any]) -> None:
    found = fact(case)
    if case["expected"] == "empty":
        assert found == Absent()
        return
    assert isinstance(found, Known)
    assert found.value.outcome in EXPECTED[case["expected"]], found.value.reason
    assert found.value.reason.isprintable()


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["expected"] == "pass" and case.get("certificate_claims")],
    ids=lambda case: case["id"],
)
def test_the_publisher_is_what_the_certificate_says(case: dict[str, Any]) -> None:
    found = fact(case)
    assert isinstance(found, Known)
    claims = case["certificate_claims"]
    for publisher in found.value.publishers:
        assert [publisher.identity] == claims["san"]
        for claim, name in CLAIMS.items():
            assert getattr(publisher, name) == claims.get(claim, ""), claim
        source = claims.get("source_repository_uri", "").removeprefix("https://").lower()
        assert str(publisher.repository or "") == source


def test_a_time_stamp_says_when_something_was_signed_that_is_in_a_log_of_rekor_2() -> None:
    """The log gives no time; the certificate is from 2026-05-13, 19:23:32 UTC, and valid for ten minutes."""
    (case,) = (case for case in CASES if case["id"] == "conformance-rekor2-dsse-invalid-sig_fail")
    (signed,) = parse((DATA / "dev" / case["file"]).read_bytes())
    found = checked(signed)
    assert "integratedTime" not in found.entry
    issued = found.bundle.signing_certificate.not_valid_before_utc
    assert issued == datetime(2026, 5, 13, 19, 23, 32, tzinfo=timezone.utc)
    assert timedelta(0) <= found.logged_at() - issued < timedelta(minutes=10)
