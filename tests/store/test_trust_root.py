"""The refreshed trust root is replaced whole, read strictly, and set aside where it is damaged."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from trustguard.model.errors import StoreError
from trustguard.store.trust_root import KeptTrustRoot, TrustRootStore

AT = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
KEPT = KeptTrustRoot(b'{"mediaType": "\xc3\xa9"}', AT, "https://trust.example")


@pytest.fixture
def store(tmp_path: Path) -> TrustRootStore:
    """A store in a folder that does not exist yet."""
    return TrustRootStore(tmp_path / "data" / "trust-root.json")


def test_what_was_saved_is_loaded_and_nothing_else_is_left(store: TrustRootStore) -> None:
    assert store.load() is None
    store.save(KeptTrustRoot(b"{}", AT, "https://other.example"))
    store.save(KEPT)
    assert store.load() == KEPT
    assert [path.name for path in store.path.parent.iterdir()] == ["trust-root.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"fetched_at": "2026-03-01T12:00:00+00:00", "origin": "a"}',
        b'{"fetched_at": "yesterday", "origin": "a", "trusted_root": "{}"}',
        b'{"fetched_at": "2026-03-01T12:00:00", "origin": "a", "trusted_root": "{}"}',
        b'{"fetched_at": "2026-03-01T12:00:00+00:00", "origin": "a", "trusted_root": 1}',
    ],
    ids=["empty", "array", "nothing", "no text", "deep", "no root", "no time", "no zone", "number"],
)
def test_a_damaged_one_is_set_aside_said_and_can_be_replaced(store: TrustRootStore, content: bytes) -> None:
    store.save(KEPT)
    store.path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.load()
    assert str(caught.value) == (
        f"the refreshed trust root {store.path} is damaged, and not used (run: trustguard update)"
    )
    assert store.path.with_name("trust-root.json.damaged").read_bytes() == content
    assert store.load() is None
    store.save(KEPT)
    assert store.load() == KEPT


def test_a_folder_in_its_place_is_an_error_and_stays(store: TrustRootStore) -> None:
    store.path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"^cannot read "):
        store.load()
    with pytest.raises(StoreError, match=r"^cannot write "):
        store.save(KEPT)
    assert os.listdir(store.path.parent) == ["trust-root.json"]  # noqa: PTH208 - names are all that is asked for
