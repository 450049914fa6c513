"""The local advisory database: one SQLite file, written by ``trustguard update`` and only read otherwise.

A new database is built beside the old one and takes its place in one step, so a reader sees the old or the
new and nothing between. Every look-up opens the file read-only and closes it again, which costs less than
half a millisecond, holds no handle in the way of the next update, and makes threads a matter of course;
what was read of a project is kept until the file changes.

A database that is missing, damaged or unreadable is never read as an empty one: :meth:`AdvisoryStore.lookup`
raises, :meth:`AdvisoryStore.applying` says ``Unavailable``. A damaged file is set aside under the ending
``.damaged``.

The store knows its records only through :class:`Record`, because adapters do not know one another; whoever
wires them up passes the function that reads a record back from its JSON.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.errors import StoreError
from trustguard.model.evidence import Advisory, Fact, Known, Unavailable
from trustguard.model.record import record

_APPLICATION = 0x74726764
_SCHEMA = 1
_UPDATE = "run: trustguard update"
_REPLACE_SECONDS = 60.0
_ASIDE_SECONDS = 1.0
_KEPT_PROJECTS = 512

_TABLES = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_SCHEMA};
CREATE TABLE record (id TEXT PRIMARY KEY, modified TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE affected (project TEXT, id TEXT, PRIMARY KEY (project, id)) WITHOUT ROWID;
CREATE TABLE info (records INTEGER, fetched_at TEXT, origin TEXT, newest TEXT);
"""
_IDENTITY = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
_ADD = """
INSERT INTO record VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE
SET modified = excluded.modified, json = excluded.json WHERE excluded.modified > modified
"""
_LOOKUP = "SELECT json FROM affected JOIN record USING (id) WHERE project = ? ORDER BY id"


class Record(Protocol):
    """What the store asks of a record."""

    @property
    def id(self) -> str:
        """Unique; of two records with one id, the one modified later counts."""

    @property
    def modified(self) -> datetime:
        """When the record last changed, with its zone."""

    @property
    def projects(self) -> frozenset[NormalizedName]:
        """The projects under which it is found."""

    def advisory(self, project: NormalizedName, version: Version) -> Advisory | None:
        """What it says of a release; None where it does not apply."""

    def to_json(self) -> str:
        """Its lasting form."""


R = TypeVar("R", bound=Record)
State = tuple[int, ...]


@record
class AdvisoryInfo:
    """What a database holds.

    Args:
        records: how many.
        fetched_at: when they were fetched, UTC.
        origin: where from.
        newest: when the record that changed last did so; None where there is no record.
    """

    records: int
    fetched_at: datetime
    origin: str
    newest: datetime | None


class AdvisoryStore(Generic[R]):
    """The advisories that are on this machine. May be used from several threads and processes.

    Args:
        path: the database file; it need not exist yet.
        load: makes a record of what its ``to_json`` gave; raises ValueError where it cannot.
    """

    def __init__(self, path: Path, load: Callable[[str], R]) -> None:
        self.path = path
        self._load = load
        self._remembered = lru_cache(maxsize=_KEPT_PROJECTS)(self._read)

    def lookup(self, project: NormalizedName) -> tuple[R, ...]:
        """Every record about a project, withdrawn ones included, by id.

        Raises:
            StoreError: there is no database, or it is damaged (it is then set aside), or it cannot be read.
        """
        state = self._state()
        if state is None:
            raise StoreError(f"there is no advisory database at {self.path}", hint=_UPDATE)
        return self._remembered(project, state)

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        """The advisories that apply to a release.

        Returns:
            Known, with an empty tuple where there are none; Unavailable where nobody can say.
        """
        try:
            records = self.lookup(project)
        except StoreError as error:
            return Unavailable("advisories", str(error))
        found = (record.advisory(project, version) for record in records)
        return Known(tuple(advisory for advisory in found if advisory is not None))

    def info(self) -> AdvisoryInfo | None:
        """What the database holds; None where there is no database.

        Raises:
            StoreError: it is damaged (it is then set aside), or it cannot be read.
        """
        state = self._state()
        if state is None:
            return None
        with self._opened(state) as database:
            records, fetched_at, origin, newest = database.execute("SELECT * FROM info").fetchone()
            return AdvisoryInfo(records, _moment(fetched_at), origin, _moment(newest) if newest else None)

    def replace(self, records: Iterable[R], *, origin: str, fetched_at: datetime) -> AdvisoryInfo:
        """Put a new database in the place of the old, in one step.

        Where anything fails, an error out of ``records`` included, the old one stays as it is.

        Args:
            records: what the new database will hold, and nothing else.
            origin: where they came from, without credentials.
            fetched_at: when, with a zone.

        Returns:
            What the new database holds.

        Raises:
            StoreError: it cannot be written, or another process has been writing for a minute.
        """
        new = self.path.with_name(self.path.name + ".new")
        try:
            self.path.parent.mkdir(0o700, parents=True, exist_ok=True)
            with self._locked(_REPLACE_SECONDS):
                try:
                    info = _build(new, records, origin, fetched_at.astimezone(timezone.utc))
                    _settle(new, self.path)
                finally:
                    new.unlink(missing_ok=True)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"the advisory database {self.path} cannot be written: {error}",
                hint="the previous one stays in use; check the folder's permissions and free space",
            ) from error
        return info

    def _state(self) -> State | None:
        """What tells one state of the file from another; None where there is no file."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error
        return stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _read(self, project: NormalizedName, state: State) -> tuple[R, ...]:
        with self._opened(state) as database:
            return tuple(self._load(text) for (text,) in database.execute(_LOOKUP, (project,)))

    @contextmanager
    def _opened(self, state: State) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as database:
                _identify(database)
                yield database
        except sqlite3.OperationalError as error:
            raise self._unreadable(error) from error
        except (sqlite3.DatabaseError, TypeError, ValueError) as error:
            raise self._damaged(state, str(error)) from error

    def _unreadable(self, error: Exception) -> StoreError:
        hint = f"check its permissions, or remove it and {_UPDATE}"
        return StoreError(f"the advisory database {self.path} cannot be read: {error}", hint=hint)

    def _damaged(self, state: State, reason: str) -> StoreError:
        """Set the file aside, unless somebody has done so or replaced it by now, and say what happened."""
        message = f"the advisory database {self.path} cannot be used: {reason}"
        aside = self.path.with_name(self.path.name + ".damaged")
        try:
            with self._locked(_ASIDE_SECONDS):
                if self._state() == state:
                    self.path.replace(aside)
                    message += f"; it was set aside as {aside.name}"
        except (StoreError, OSError) as error:
            message += f"; it could not be set aside: {error}"
        return StoreError(message, hint=_UPDATE)

    @contextmanager
    def _locked(self, seconds: float) -> Iterator[None]:
        from filelock import FileLock, Timeout  # noqa: PLC0415 - slow to import, and look-ups do without

        try:
            with FileLock(f"{self.path}.lock", timeout=seconds):
                yield
        except Timeout as error:
            message = f"the advisory database {self.path} is locked by another process"
            raise StoreError(message, hint="wait for it to end, then try again") from error


def _identify(database: sqlite3.Connection) -> None:
    if database.execute(_IDENTITY).fetchone() != (_APPLICATION, _SCHEMA):
        raise sqlite3.DatabaseError("it is of another version, or no advisory database at all")


def _build(path: Path, records: Iterable[Record], origin: str, fetched_at: datetime) -> AdvisoryInfo:
    with suppress(FileNotFoundError):
        path.unlink()  # what a crash has left
    with closing(sqlite3.connect(path)) as database:
        database.executescript(_TABLES)
        with database:
            for record in records:
                database.execute(_ADD, (record.id, _written(record.modified), record.to_json()))
                links = [(project, record.id) for project in record.projects]
                database.executemany("INSERT OR IGNORE INTO affected VALUES (?, ?)", links)
            count, newest = database.execute("SELECT count(*), max(modified) FROM record").fetchone()
            database.execute(
                "INSERT INTO info VALUES (?, ?, ?, ?)", (count, _written(fetched_at), origin, newest)
            )
    return AdvisoryInfo(count, fetched_at, origin, _moment(newest) if newest else None)


def _settle(new: Path, path: Path) -> None:
    """Bring the bytes to the disk before the name points at them: a power cut leaves the old or the new."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())
    new.replace(path)


def _written(moment: datetime) -> str:
    """The same length for every moment, so that text sorts as time does."""
    return moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
