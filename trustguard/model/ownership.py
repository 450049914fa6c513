"""Who may upload a project, as was seen here before."""

from __future__ import annotations

from datetime import datetime, timedelta

from trustguard.model.record import record


@record
class KnownOwner:
    """Somebody who may upload a project.

    Args:
        name: as the index calls him: ``user NAME``, or ``organization NAME``.
        since: when he was first seen, with its zone.
    """

    name: str
    since: datetime


@record
class KnownOwners:
    """The owners of a project when it was last installed here.

    Args:
        owners: every one of them.
        seen: when that was, with its zone.
    """

    owners: tuple[KnownOwner, ...]
    seen: datetime

    @property
    def names(self) -> frozenset[str]:
        """What the index called them."""
        return frozenset(owner.name for owner in self.owners)

    def standing(self, at: datetime, long: timedelta) -> frozenset[str]:
        """Those who are no newcomers: known for so long, or for as long as anybody is.

        Args:
            at: the time of the judgement.
            long: from this time on nobody is a newcomer.
        """
        first = min((owner.since for owner in self.owners), default=at)
        return frozenset(
            owner.name for owner in self.owners if owner.since == first or at - owner.since >= long
        )
