"""The trust root is the configured one, else the younger of the refreshed one and that of the package."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from trustguard.config import Configuration, Paths, load
from trustguard.frontends import trust_root
from trustguard.frontends.state import State
from trustguard.model.errors import ConfigError
from trustguard.sources.attestations import BUNDLED_AT, bundled_trust_root
from trustguard.store.trust_root import KeptTrustRoot, TrustRootStore

LATER, EARLIER = BUNDLED_AT + timedelta(days=1), BUNDLED_AT - timedelta(days=1)


@pytest.fixture
def state(tmp_path: Path) -> State:
    """Folders with nothing in them."""
    return State(tmp_path / "cache", tmp_path / "data")


def configured(tmp_path: Path, *extra: str) -> Configuration:
    """A configuration without any file."""
    nowhere = Paths(tmp_path / "none.toml", tmp_path / "none-either.toml")
    return load(cwd=tmp_path, environ={}, extra=extra, paths=nowhere)


def test_without_anything_it_is_that_of_the_package(tmp_path: Path, state: State) -> None:
    told: list[str] = []
    assert trust_root.in_use(configured(tmp_path), state, told.append) is bundled_trust_root()
    assert told == []


def test_a_refreshed_one_counts_unless_the_package_is_younger(tmp_path: Path, state: State) -> None:
    store = TrustRootStore(state.trust_root)
    for fetched_at, expected in ((LATER, b"{}"), (EARLIER, bundled_trust_root().content)):
        store.save(KeptTrustRoot(b"{}", fetched_at, "https://trust.example"))
        assert trust_root.in_use(configured(tmp_path), state, print).content == expected


def test_a_damaged_one_is_told_and_not_used(tmp_path: Path, state: State) -> None:
    state.data.mkdir()
    state.trust_root.write_bytes(b"garbage")
    told: list[str] = []
    assert trust_root.in_use(configured(tmp_path), state, told.append) is bundled_trust_root()
    assert len(told) == 1
    assert "is damaged, and not used" in told[0]


def test_where_a_file_is_configured_nothing_else_will_do(tmp_path: Path, state: State) -> None:
    file = tmp_path / "root.json"
    configuration = configured(tmp_path, f"sources.trust-root={file}")
    with pytest.raises(ConfigError, match=r"the trust root .* cannot be read: No such file"):
        trust_root.in_use(configuration, state, print)
    file.write_bytes(b"{}")
    TrustRootStore(state.trust_root).save(KeptTrustRoot(b"[]", LATER, "https://trust.example"))
    assert trust_root.in_use(configuration, state, print).content == b"{}"
