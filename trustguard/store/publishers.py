"""Who has published what was installed here: the publishers of each project on each index, once accepted.

One JSON file for each project of an index, so that a run reads and writes what concerns it and nothing else::

    {"publishers": 1, "index": "https://…", "project": "demo",
     "seen": [{"first": TIME, "last": TIME, "publisher": {"kind": "GitHub", …}}]}

A reference and a commit are new with every release, and the name in a certificate holds the reference: the
same publisher is who has all else in common, and those three are kept as they were last seen. They are not
forced to the disk: what a power failure takes away is found damaged, and said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, get_args

from packaging.utils import NormalizedName

from trustguard.model.errors import StoreError
from trustguard.model.lineage import KnownPublishers
from trustguard.model.project import IndexId
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.repository import Repository
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole
from trustguard.store.locks import locked

FORMAT: Final = 1
_LIMIT = 4 << 20
"""Bytes that are read; some thousand publishers."""
_OFTEN = timedelta(days=1)
"""That somebody was seen again is not written down more often than this."""
_PARTS = tuple(part.name for part in fields(Publisher))


@dataclass(frozen=True, slots=True)
class Accepted:
    """The verified publishers of a file that was let in."""

    index: IndexId
    project: NormalizedName
    publishers: tuple[Publisher, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """One publisher, and when it was first and last seen."""

    publisher: Publisher
    first: datetime
    last: datetime


class PublisherStore:
    """The publishers that this user has accepted. Several processes may use one at once.

    Args:
        root: the directory; made where it does not exist.
        lock_dir: a directory for the lock; made where it does not exist.
        lock_seconds: how long to wait for another process.
    """

    def __init__(self, root: Path, lock_dir: Path, *, lock_seconds: float = 60.0) -> None:
        self._root = root
        self._lock = lock_dir / "publishers.lock"
        self._lock_seconds = lock_seconds

    def load(self, index: IndexId, project: NormalizedName) -> KnownPublishers | None:
        """Who has published a project on an index before; None where nobody was seen.

        Raises:
            StoreError: the history cannot be read, is of another version, or is damaged. A damaged one is set
                aside, so that a new one begins.
        """
        damage = None
        try:
            seen = self._seen(index, project)
        except ValueError:
            with locked(self._lock, self._root, self._lock_seconds):  # another process may be mending it
                seen, damage = self._seen_or_damage(index, project)
        if damage is not None:
            raise damage
        newest = sorted(seen, key=lambda one: one.last, reverse=True)
        if not newest:
            return None
        since = min(one.first for one in newest)
        return KnownPublishers(tuple(one.publisher for one in newest), "seen", since)

    def record(self, accepted: Iterable[Accepted], at: datetime) -> None:
        """Add publishers to what is known by now.

        Args:
            accepted: those that were let in.
            at: when, with its zone.

        Raises:
            StoreError: something cannot be written. Or a history was damaged or is of another version:
                everything else has then been recorded.
        """
        usable = [one for one in accepted if one.publishers]
        problems: list[str] = []
        if not usable:
            return
        with locked(self._lock, self._root, self._lock_seconds):
            for one in usable:
                problems += self._add(one, at.astimezone(timezone.utc))
        if problems:
            raise StoreError("; ".join(problems))

    def _add(self, one: Accepted, at: datetime) -> Iterator[str]:
        """Add the publishers of one file; what is wrong with what was there is said."""
        path = self._path(one.index, one.project)
        try:
            seen, damage = self._seen_or_damage(one.index, one.project)
        except StoreError as error:
            yield error.message
            return
        if damage is not None:
            yield damage.message
        merged = _merged(seen, one.publishers, at)
        if merged == seen:
            return
        try:
            private_directory(path.parent)
            write_whole(path, _encode(one.index, one.project, merged))
        except OSError as error:
            raise store_error(error, "write", path) from error

    def _seen_or_damage(
        self, index: IndexId, project: NormalizedName
    ) -> tuple[list[_Seen], StoreError | None]:
        try:
            return self._seen(index, project), None
        except ValueError as error:
            return [], _set_aside(self._path(index, project), error)

    def _seen(self, index: IndexId, project: NormalizedName) -> list[_Seen]:
        path = self._path(index, project)
        data = read_kept(path, _LIMIT)
        return [] if data is None else _decode(data, index, project, path)

    def _path(self, index: IndexId, project: NormalizedName) -> Path:
        """A name that people recognise, and that is no other project's, nor one of Windows' own."""
        key = hashlib.sha256(f"{_address(index)}\n{project}".encode()).hexdigest()
        return self._root / f"{project[:80]}-{key[:24]}.json"


def _address(index: IndexId) -> str:
    return index.url.rstrip("/")


def _merged(seen: list[_Seen], publishers: Iterable[Publisher], at: datetime) -> list[_Seen]:
    found = {_who(one.publisher): one for one in seen}
    for publisher in publishers:
        who = _who(publisher)
        old = found.get(who)
        if old is None:
            found[who] = _Seen(publisher, at, at)
        elif publisher != old.publisher or at < old.first or at - old.last >= _OFTEN:
            found[who] = _Seen(publisher, min(old.first, at), max(old.last, at))
    return list(found.values())


def _who(publisher: Publisher) -> Publisher:
    """What two releases of one publisher have in common."""
    identity = publisher.identity.partition("@refs/")[0]
    return replace(publisher, identity=identity, ref="", commit="")


def _set_aside(path: Path, damage: ValueError) -> StoreError:
    aside = damaged_name(path)
    try:
        path.replace(aside)
    except OSError as error:
        raise store_error(error, "set aside the damaged history", path) from error
    return StoreError(
        f"the history of publishers {path} was damaged ({str(damage)[:160]}) and is now {aside.name}: "
        "who has published the project before is not remembered",
    )


def _encode(index: IndexId, project: NormalizedName, seen: Iterable[_Seen]) -> bytes:
    form = {
        "publishers": FORMAT,
        "index": _address(index),
        "project": project,
        "seen": [
            {"first": one.first.isoformat(), "last": one.last.isoformat(), "publisher": _form(one.publisher)}
            for one in seen
        ],
    }
    return json.dumps(form, indent=1).encode("ascii") + b"\n"


def _form(publisher: Publisher) -> dict[str, str]:
    """A publisher's parts as texts."""
    return {name: str(value) for name in _PARTS if (value := getattr(publisher, name)) is not None}


def _decode(data: bytes, index: IndexId, project: NormalizedName, path: Path) -> list[_Seen]:
    """The content of a file.

    Raises:
        StoreError: it is of another version.
        ValueError: it is damaged, or another project's.
    """
    try:
        form: Any = json.loads(data)
        if isinstance(form, Mapping) and type(form.get("publishers")) is int and form["publishers"] != FORMAT:
            raise StoreError(
                f"{path} is a history of publishers of version {form['publishers']}, which is not known here",
                hint="use the trustguard that wrote it, or remove it",
            )
        if (form["index"], form["project"]) != (_address(index), project):
            raise ValueError("it is another project's")
        return [_Seen(_publisher(e["publisher"]), _time(e["first"]), _time(e["last"])) for e in form["seen"]]
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it does not have the form of one: {type(error).__name__}") from error


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


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.utcoffset() is None:
        raise ValueError("a time without its zone")
    return time
