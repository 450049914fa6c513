"""The trust root of this user: the organisation's own, the refreshed one, or the one in the package."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from trustguard.frontends.state import State
from trustguard.model.errors import ConfigError, StoreError
from trustguard.sources.attestations import BUNDLED_AT, TrustRoot, bundled_trust_root
from trustguard.store.trust_root import KeptTrustRoot, TrustRootStore

if TYPE_CHECKING:
    from trustguard.config import Configuration
    from trustguard.sources.http import HttpClient

_LIMIT = 1 << 20


def in_use(configuration: Configuration, state: State, tell: Callable[[str], object]) -> TrustRoot:
    """The trust root to verify on.

    Args:
        configuration: may name a file, that of a private Sigstore; then nothing else will do.
        state: our own folders.
        tell: is told, in one line, of a refreshed trust root that cannot be used.

    Raises:
        ConfigError: the configured file cannot be read.
        StoreError: the package is not complete.
    """
    if configuration.trust_root is not None:
        return from_file(configuration.trust_root)
    bundled = bundled_trust_root()
    try:
        kept = TrustRootStore(state.trust_root).load()
    except StoreError as error:
        tell(str(error))
        return bundled
    if kept is None or kept.fetched_at < BUNDLED_AT:  # the package is the younger one
        return bundled
    return TrustRoot(kept.content, f"from {kept.origin}")


def from_file(path: Path) -> TrustRoot:
    """The trust root in a file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return TrustRoot(file.read(_LIMIT + 1), str(path))
    except OSError as error:
        raise ConfigError(f"the trust root {path} cannot be read: {error.strerror or error}") from error


async def refresh(client: HttpClient, state: State, deadline: timedelta) -> KeptTrustRoot:
    """Fetch Sigstore's public trust root and put it in the place of the one before.

    Args:
        client: the way to the network.
        state: our own folders.
        deadline: how long fetching may take.

    Raises:
        SourceError: it cannot be had, or does not verify.
        StoreError: it cannot be kept.
    """
    from trustguard.sources.attestations import refresh as source  # noqa: PLC0415 - only an update needs it

    found = await source.fetch(client, state.tuf, deadline)
    kept = KeptTrustRoot(found.content, datetime.now(timezone.utc), found.origin)
    TrustRootStore(state.trust_root).save(kept)
    return kept
