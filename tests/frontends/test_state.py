"""Of the folders of a user: pip's cache is one for each policy, and takes nothing that a laxer one let in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from trustguard.frontends.state import State
from trustguard.model.errors import StoreError
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import Allow, Policy, Selector
from trustguard.store.locks import locked

PIN = PublisherPin("widget", "Google", identity="a@b.example", by="lock file pylock.toml")


def test_pips_cache_goes_by_everything_that_can_change_a_verdict(tmp_path: Path) -> None:
    state = State(tmp_path / "cache", tmp_path / "data")
    policies = [
        Policy(),
        Policy(profile="strict"),
        Policy(publishers=(PIN,)),
        Policy(publishers=(replace(PIN, identity="c@d.example"),)),
        Policy(publishers=(PIN, replace(PIN, by="org"))),
        Policy(publishers=(PIN, replace(PIN, identity="c@d.example"))),
    ]
    caches = [state.pip_cache(policy, "auto") for policy in policies]
    assert len(set(caches)) == len(policies)
    assert caches == [state.pip_cache(policy, "auto") for policy in policies]
    assert state.pip_cache(Policy(), "require") not in caches
    assert {cache.parent for cache in caches} == {tmp_path / "cache" / "pip"}


def test_an_exception_that_has_expired_makes_no_other_cache(tmp_path: Path) -> None:
    state = State(tmp_path, tmp_path)
    expired = Policy(allow=(Allow(Selector("widget"), "ours", expires=date(2020, 1, 1)),))
    assert state.pip_cache(expired, "auto") == state.pip_cache(Policy(), "auto")


@pytest.mark.parametrize(("cache", "data"), [("file/cache", "data"), ("cache", "file/data")])
def test_where_a_folder_cannot_be_made_it_is_told_which_variables_name_others(
    cache: str, data: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot write to .*/file/") as told:
        State(tmp_path / cache, tmp_path / data).prepare()
    assert "XDG_CACHE_HOME and XDG_DATA_HOME" in told.value.hint
    with (
        pytest.raises(StoreError, match=r"cannot lock .*/file/") as told,
        locked(tmp_path / "file" / "locks" / "a.lock", tmp_path, 0),
    ):
        pass
    assert "XDG_CACHE_HOME" in told.value.hint
