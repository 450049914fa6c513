"""Who has published what was installed here: the publishers of each project on each index, once accepted.

A reference and a commit are new with every release, and the name in a certificate holds the reference: the
same publisher is who has all else in common, and those three are kept as they were last seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

from packaging.utils import NormalizedName

from trustguard.model.lineage import KnownPublishers
from trustguard.model.project import IndexId
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.record import record
from trustguard.model.repository import Repository
from trustguard.store.histories import OFTEN, Change, Histories, Kind, Seen, in_utc

_PARTS = tuple(part.name for part in fields(Publisher))


@record
class Accepted:
    """The verified publishers of a file that was let in."""

    index: IndexId
    project: NormalizedName
    publishers: tuple[Publisher, ...]


class PublisherStore:
    """The publishers that this user has accepted. Several processes may use one at once.

    Args:
        root: the directory; made where it does not exist.
        lock_dir: a directory for the lock; made where it does not exist.
        lock_seconds: how long to wait for another process.
    """

    def __init__(self, root: Path, lock_dir: Path, *, lock_seconds: float = 60.0) -> None:
        kind = Kind("publishers", "publisher", "who has published the project before", _form, _publisher)
        self._histories = Histories(root, lock_dir / "publishers.lock", kind, lock_seconds=lock_seconds)

    def load(self, index: IndexId, project: NormalizedName) -> KnownPublishers | None:
        """Who has published a project on an index before; None where nobody was seen.

        Raises:
            StoreError: the history cannot be read, is of another version, or is damaged. A damaged one is set
                aside, so that a new one begins.
        """
        newest = sorted(self._histories.load(index, project), key=lambda one: one.last, reverse=True)
        if not newest:
            return None
        since = min(one.first for one in newest)
        return KnownPublishers(tuple(one.what for one in newest), "seen", since)

    def record(self, accepted: Iterable[Accepted], at: datetime) -> None:
        """Add publishers to what is known by now.

        Args:
            accepted: those that were let in.
            at: when, with its zone.

        Raises:
            StoreError: something cannot be written. Or a history was damaged or is of another version:
                everything else has then been recorded.
        """
        changes = [
            Change(one.index, one.project, partial(_merged, publishers=one.publishers, at=in_utc(at)))
            for one in accepted
            if one.publishers
        ]
        if changes:
            self._histories.update(changes)


def _merged(
    seen: list[Seen[Publisher]], publishers: Iterable[Publisher], at: datetime
) -> list[Seen[Publisher]]:
    found = {_who(one.what): one for one in seen}
    for publisher in publishers:
        who = _who(publisher)
        old = found.get(who)
        if old is None:
            found[who] = Seen(publisher, at, at)
        elif publisher != old.what or at < old.first or at - old.last >= OFTEN:
            found[who] = Seen(publisher, min(old.first, at), max(old.last, at))
    return list(found.values())


def _who(publisher: Publisher) -> Publisher:
    """What two releases of one publisher have in common."""
    identity = publisher.identity.partition("@refs/")[0]
    return replace(publisher, identity=identity, ref="", commit="")


def _form(publisher: Publisher) -> dict[str, str]:
    """A publisher's parts as texts."""
    return {name: str(value) for name in _PARTS if (value := getattr(publisher, name)) is not None}


def _publisher(form: Mapping[str, str]) -> Publisher:
    parts: dict[str, Any] = dict(form)
    if not set(parts) <= set(_PARTS) or not all(isinstance(value, str) for value in parts.values()):
        raise ValueError("a publisher has a part that is not known here")
    if parts["kind"] not in get_args(PublisherKind):
        raise ValueError(f"a publisher of an unknown kind: {parts['kind'][:40]!r}")
    for name in ("repository", "workflow_repository"):
        if name in parts:
            host, _, place = parts[name].partition("/")
            parts[name] = Repository(host, place)
    return Publisher(**parts)
