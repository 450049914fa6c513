"""The advisory data of this user, and how old it is."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from trustguard.config import Configuration
from trustguard.frontends.state import State
from trustguard.model.errors import StoreError
from trustguard.sources.osv import AdvisoryRecord, record_from_json
from trustguard.store.advisories import AdvisoryStore


def advisory_store(state: State) -> AdvisoryStore[AdvisoryRecord]:
    """The advisories of this user."""
    return AdvisoryStore(state.advisories, record_from_json)


def stale(configuration: Configuration, state: State) -> tuple[str, ...]:
    """What is to be said of data that is older than it may be, one line; nothing where there is none.

    For what judges by the data on this disk, and does not refresh it.

    Args:
        configuration: how old it may be.
        state: our own folders.
    """
    try:
        info = advisory_store(state).info()
    except StoreError:
        info = None  # look-ups say so
    age = timedelta(0) if info is None else datetime.now(timezone.utc) - info.fetched_at
    if age <= configuration.max_age:
        return ()
    return (f"the advisory data is {age // timedelta(hours=1)} hours old: trustguard update",)
