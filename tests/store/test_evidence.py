"""Saved evidence is found again as it was, or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model import strategies
from tests.model.test_serial import EVIDENCE
from trustguard.model.errors import StoreError
from trustguard.model.evidence import Evidence
from trustguard.model.project import Sha256
from trustguard.store.evidence import EvidenceStore


def saved(root: Path, digest: str) -> Path:
    """Where evidence lies."""
    return root / "sha256" / digest[:2] / f"{digest}.json"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strategies.evidence)
def test_what_was_saved_is_loaded(tmp_path: Path, evidence: Evidence) -> None:
    store = EvidenceStore(tmp_path)
    assert store.load(store.save(evidence)) == evidence


def test_the_digest_is_that_of_the_file(tmp_path: Path) -> None:
    digest = EvidenceStore(tmp_path).save(EVIDENCE)
    data = saved(tmp_path, digest).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    assert data.startswith(b'{"advisories":{"state":"known","value":[{"aliases":[],')


def test_the_same_evidence_has_the_same_digest_and_one_file(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    assert store.save(EVIDENCE) == store.save(EVIDENCE)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_what_was_never_saved_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"^no evidence is saved under {'0' * 64}$"):
        EvidenceStore(tmp_path).load(Sha256("0" * 64))


def test_what_is_no_digest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not a SHA-256 digest"):
        EvidenceStore(tmp_path).load(Sha256("../secret"))


def test_damaged_evidence_is_set_aside_and_an_error(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)
    digest = store.save(EVIDENCE)
    path = saved(tmp_path, digest)
    path.write_bytes(path.read_bytes().replace(b"GHSA-1", b"GHSA-2"))
    with pytest.raises(StoreError, match="is damaged: not used"):
        store.load(digest)
    assert not path.exists()
    store.save(EVIDENCE)
    assert store.load(digest) == EVIDENCE


@pytest.mark.parametrize("data", [b"not JSON", b'{"evidence":7}', b"\xff"])
def test_what_has_its_digest_and_is_no_evidence_is_an_error(tmp_path: Path, data: bytes) -> None:
    digest = Sha256(hashlib.sha256(data).hexdigest())
    path = saved(tmp_path, digest)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="cannot be read"):
        EvidenceStore(tmp_path).load(digest)


def test_a_root_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = EvidenceStore(tmp_path / "file")
    with pytest.raises(StoreError, match=r"^cannot write "):
        store.save(EVIDENCE)
    with pytest.raises(StoreError, match=r"^cannot read "):
        store.load(Sha256("0" * 64))
