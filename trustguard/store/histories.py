"""What was seen of projects here, by index and project.

There is one JSON file for each, so that a run reads and writes what concerns it and nothing else::

    {"publishers": 1, "index": "https://…", "project": "demo",
     "seen": [{"first": TIME, "last": TIME, "publisher": …}]}

They are not forced to the disk: what a power failure takes away is found damaged, and said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from packaging.utils import NormalizedName

from trustguard.model.errors import StoreError
from trustguard.model.project import IndexId
from trustguard.model.record import record
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole
from trustguard.store.locks import locked

T = TypeVar("T")

FORMAT: Final = 1
OFTEN = timedelta(days=1)
"""That something was seen again is not written down more often than this."""
_LIMIT = 4 << 20
"""Bytes that are read; some thousand entries."""


@record
class Seen(Generic[T]):
    """Something, and when it was first and last seen."""

    what: T
    first: datetime
    last: datetime


@record
class Kind(Generic[T]):
    """What histories are of.

    Args:
        plural: what they are called, and the key of the format.
        singular: the key of each entry.
        forgotten: what is not remembered where one is damaged, as the end of a sentence.
        encode: makes JSON of one.
        decode: reads that; it raises ValueError, LookupError, TypeError or AttributeError.
    """

    plural: str
    singular: str
    forgotten: str
    encode: Callable[[T], Any]
    decode: Callable[[Any], T]


@record
class Change(Generic[T]):
    """How the history of a project is to be brought up to date."""

    index: IndexId
    project: NormalizedName
    merged: Callable[[list[Seen[T]]], list[Seen[T]]]


class Histories(Generic[T]):
    """The histories of one kind. Several processes may use them at once.

    Args:
        root: the directory; made where it does not exist.
        lock: the file that is locked while something is written.
        kind: what they are of.
        lock_seconds: how long to wait for another process.
    """

    def __init__(self, root: Path, lock: Path, kind: Kind[T], *, lock_seconds: float) -> None:
        self._root = root
        self._lock = lock
        self._kind = kind
        self._lock_seconds = lock_seconds

    def load(self, index: IndexId, project: NormalizedName) -> list[Seen[T]]:
        """What was seen of a project on an index; nothing where there is no history.

        Raises:
            StoreError: the history cannot be read, is of another version, or is damaged. A damaged one is set
                aside, so that a new one begins.
        """
        try:
            return self._seen(index, project)
        except ValueError:
            with locked(self._lock, self._root, self._lock_seconds):  # another process may be mending it
                seen, damage = self._seen_or_damage(index, project)
        if damage is not None:
            raise damage
        return seen

    def update(self, changes: Iterable[Change[T]]) -> None:
        """Bring histories up to date.

        Raises:
            StoreError: something cannot be written. Or a history was damaged or is of another version:
                everything else has then been recorded.
        """
        problems: list[str] = []
        with locked(self._lock, self._root, self._lock_seconds):
            for change in changes:
                problems += self._apply(change)
        if problems:
            raise StoreError("; ".join(problems))

    def _apply(self, change: Change[T]) -> Iterator[str]:
        """Bring one history up to date; what is wrong with what was there is said."""
        path = self._path(change.index, change.project)
        try:
            seen, damage = self._seen_or_damage(change.index, change.project)
        except StoreError as error:
            yield error.message
            return
        if damage is not None:
            yield damage.message
        merged = change.merged(seen)
        if merged == seen:
            return
        try:
            private_directory(path.parent)
            write_whole(path, self._encoded(change.index, change.project, merged))
        except OSError as error:
            raise store_error(error, "write", path) from error

    def _seen_or_damage(
        self, index: IndexId, project: NormalizedName
    ) -> tuple[list[Seen[T]], StoreError | None]:
        try:
            return self._seen(index, project), None
        except ValueError as error:
            return [], self._set_aside(self._path(index, project), error)

    def _seen(self, index: IndexId, project: NormalizedName) -> list[Seen[T]]:
        path = self._path(index, project)
        data = read_kept(path, _LIMIT)
        return [] if data is None else self._decoded(data, index, project, path)

    def _path(self, index: IndexId, project: NormalizedName) -> Path:
        """A name that people recognise, and that is no other project's, nor one of Windows' own."""
        key = hashlib.sha256(f"{_address(index)}\n{project}".encode()).hexdigest()
        return self._root / f"{project[:80]}-{key[:24]}.json"

    def _set_aside(self, path: Path, damage: ValueError) -> StoreError:
        aside = damaged_name(path)
        try:
            path.replace(aside)
        except OSError as error:
            raise store_error(error, "set aside the damaged history", path) from error
        return StoreError(
            f"the history of {self._kind.plural} {path} was damaged ({str(damage)[:160]}) and is now "
            f"{aside.name}: {self._kind.forgotten} is not remembered",
        )

    def _encoded(self, index: IndexId, project: NormalizedName, seen: Iterable[Seen[T]]) -> bytes:
        form = {
            self._kind.plural: FORMAT,
            "index": _address(index),
            "project": project,
            "seen": [
                {
                    "first": one.first.isoformat(),
                    "last": one.last.isoformat(),
                    self._kind.singular: self._kind.encode(one.what),
                }
                for one in seen
            ],
        }
        return json.dumps(form, indent=1).encode("ascii") + b"\n"

    def _decoded(self, data: bytes, index: IndexId, project: NormalizedName, path: Path) -> list[Seen[T]]:
        """The content of a file.

        Raises:
            StoreError: it is of another version.
            ValueError: it is damaged, or another project's.
        """
        key, entry = self._kind.plural, self._kind.singular
        try:
            form: Any = json.loads(data)
            if isinstance(form, Mapping) and type(form.get(key)) is int and form[key] != FORMAT:
                raise StoreError(
                    f"{path} is a history of {key} of version {form[key]}, which is not known here",
                    hint="use the trustguard that wrote it, or remove it",
                )
            if (form["index"], form["project"]) != (_address(index), project):
                raise ValueError("it is another project's")
            return [
                Seen(self._kind.decode(e[entry]), _time(e["first"]), _time(e["last"])) for e in form["seen"]
            ]
        except (LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"it does not have the form of one: {type(error).__name__}") from error


def in_utc(at: datetime) -> datetime:
    """A time as histories hold it."""
    return at.astimezone(timezone.utc)


def _address(index: IndexId) -> str:
    return index.url.rstrip("/")


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.utcoffset() is None:
        raise ValueError("a time without its zone")
    return time
