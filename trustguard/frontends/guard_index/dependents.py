"""How many projects depend on one: asked for checks only, where a service is named, and kept for a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from trustguard.model.errors import SourceError, StoreError
from trustguard.model.evidence import Absent, Dependents, Evidence, Fact, Known, NotApplicable, Unavailable
from trustguard.sources.deps_dev import DepsDev
from trustguard.store.dependents import DependentsStore


class Counts:
    """Learns how many projects depend on one.

    Args:
        service: counts.
        store: keeps what it said.
        clock: gives the time, with its zone.
    """

    def __init__(self, service: DepsDev, store: DependentsStore, clock: Callable[[], datetime]) -> None:
        self._service = service
        self._store = store
        self._clock = clock

    async def of(self, evidence: Evidence) -> Fact[Dependents]:
        """How many projects depend on that of a file; what nobody could say is a fact as well.

        Args:
            evidence: what the listing tells of the file.
        """
        project = evidence.project
        if evidence.index.trust == "private":
            return NotApplicable("of a private index nobody else counts anything")
        try:
            kept = await asyncio.to_thread(self._store.load, project, self._clock())
            if kept is not None:
                return Known(kept)
            counted = await self._service.dependents(project)
            if counted is None:
                return Absent()
            await asyncio.to_thread(self._store.save, project, counted, self._clock())
        except (SourceError, StoreError) as error:
            return Unavailable("dependents", str(error))
        return Known(counted)
