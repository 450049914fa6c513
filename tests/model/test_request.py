"""What was asked for is what pip would take it for."""

from __future__ import annotations

from typing import Any

import pytest

from trustguard.model.request import Direct, Sources


def test_what_nobody_configures_is_as_pips_documentation_has_it() -> None:
    """Pip's "General Options": --timeout 15 seconds, --retries 5, --keyring-provider auto."""
    sources = Sources()
    assert (sources.timeout, sources.retries, sources.keyring_provider) == (15.0, 5, "auto")
    assert sources.indexes == sources.find_links == sources.trusted_hosts == ()
    assert sources.use_env_proxies


def test_the_digests_beside_an_address_cannot_be_changed() -> None:
    hashes: Any = Direct("key", "https://files.example/demo.zip", "demo.zip", "argument").hashes
    with pytest.raises(TypeError):
        hashes["sha256"] = "ab" * 32
