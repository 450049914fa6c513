"""Pip's cache is one for each policy: nothing that a laxer one let be built is taken by a stricter one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from trustguard.frontends.state import State
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import Allow, Policy, Selector

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
