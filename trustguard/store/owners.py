"""Who owned what was installed here: the owners of each project on each index, as they were last accepted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path

from packaging.utils import NormalizedName

from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.project import IndexId
from trustguard.model.record import record
from trustguard.store.histories import OFTEN, Change, Histories, Kind, Seen, in_utc


@record
class Owned:
    """Who owned a project when a file of it was let in.

    Args:
        index: where.
        project: which.
        owners: ``user NAME`` and ``organization NAME``.
        uploaded: when the file was uploaded; None where that is not known.
    """

    index: IndexId
    project: NormalizedName
    owners: tuple[str, ...]
    uploaded: datetime | None


class OwnerStore:
    """The owners that this user has accepted. Several processes may use one at once.

    Args:
        root: the directory; made where it does not exist.
        lock_dir: a directory for the lock; made where it does not exist.
        lock_seconds: how long to wait for another process.
    """

    def __init__(self, root: Path, lock_dir: Path, *, lock_seconds: float = 60.0) -> None:
        kind = Kind("owners", "owner", "who owned the project before", str, _name)
        self._histories = Histories(root, lock_dir / "owners.lock", kind, lock_seconds=lock_seconds)

    def load(self, index: IndexId, project: NormalizedName) -> KnownOwners | None:
        """Who owned a project on an index when it was last installed; None where that is not known.

        Raises:
            StoreError: the history cannot be read, is of another version, or is damaged. A damaged one is set
                aside, so that a new one begins.
        """
        seen = self._histories.load(index, project)
        if not seen:
            return None
        owners = tuple(KnownOwner(one.what, one.first) for one in seen)
        return KnownOwners(owners, max(one.last for one in seen))

    def record(self, owned: Iterable[Owned], at: datetime) -> None:
        """Put owners in the place of those that were known.

        A file that had been uploaded before the owners changed was let in whoever they are by now. It vouches
        for nobody, and changes nothing.

        Args:
            owned: the projects of which something was let in.
            at: when, with its zone.

        Raises:
            StoreError: something cannot be written. Or a history was damaged or is of another version:
                everything else has then been recorded.
        """
        changes = [
            Change(one.index, one.project, partial(_merged, owned=one, at=in_utc(at)))
            for one in owned
            if one.owners
        ]
        if changes:
            self._histories.update(changes)


def _merged(seen: list[Seen[str]], owned: Owned, at: datetime) -> list[Seen[str]]:
    first = {one.what: one.first for one in seen}
    last = max((one.last for one in seen), default=at)
    if first.keys() == set(owned.owners):
        if at - last < OFTEN:
            return seen
    elif seen and owned.uploaded is not None and owned.uploaded <= last:
        return seen
    return [Seen(name, min(first.get(name, at), at), max(at, last)) for name in sorted(set(owned.owners))]


def _name(form: object) -> str:
    if not isinstance(form, str) or not form:
        raise ValueError("an owner without a name")
    return form
