"""The ledger of an environment: what was installed there, and on what grounds.

One file, ``<purelib>/trustguard-ledger.tsv``, that the import-time guard reads too; ``ledger_lines`` has its
form. It is written whole, under a lock that lies elsewhere: a site-packages directory is not ours to litter.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from packaging.utils import NormalizedName

from trustguard.model.errors import StoreError
from trustguard.model.project import project_name
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision
from trustguard.store.files import damaged_name, store_error, write_whole
from trustguard.store.ledger_lines import OtherFormat, by_name, decode, encode, storable
from trustguard.store.locks import locked

_MODE = 0o644
"""Everybody who runs the environment's Python may read it."""


class Ledger:
    """The ledger at a path. Several processes of a user may read and write it at once.

    Args:
        path: the file; its directory exists.
        lock_dir: a directory of the user's, for the lock; made where it does not exist.
        lock_seconds: how long to wait for another process.
    """

    def __init__(self, path: Path, lock_dir: Path, *, lock_seconds: float = 60.0) -> None:
        self._path = path
        self._lock_dir = lock_dir
        self._lock_seconds = lock_seconds

    def read(self) -> dict[NormalizedName, LedgerEntry]:
        """Every entry by normalized name; none where there is no ledger yet.

        Raises:
            StoreError: it cannot be read, is of another version, or is damaged. A damaged one is set aside.
        """
        try:
            return self._entries()
        except ValueError:
            with self._locked():
                entries, damage = self._entries_or_damage()
        if damage is not None:
            raise damage
        return entries

    def record(self, entries: Iterable[LedgerEntry], gone: Iterable[NormalizedName] = ()) -> None:
        """Merge entries into what the ledger holds by now.

        Args:
            entries: what was installed; they replace the lines of the same distributions.
            gone: what was uninstalled. A distribution that is also among the entries stays.

        Raises:
            StoreError: it cannot be written or is of another version, and is then as it was. Or it was
                damaged, or an entry cannot be written on a line: everything else has then been recorded.
        """
        usable, problems = _usable(entries)
        with self._locked():
            known, damage = self._entries_or_damage()
            if damage is not None:
                problems.insert(0, damage.message)
            for name in gone:
                known.pop(name, None)
            self._write(encode({**known, **by_name(usable)}), nothing=not known and not usable)
        if problems:
            raise StoreError("; ".join(problems))

    def revise(self, decisions: Iterable[tuple[LedgerEntry, Decision]]) -> list[LedgerEntry]:
        """Write down what is decided by now about distributions that were installed earlier.

        Nothing else of a line changes: it goes on telling when and from what it was installed.

        Args:
            decisions: entries as they were read, and what is decided about them now. A line that somebody
                has written anew since is left alone: it is about something else.

        Returns:
            The entries that have changed, as they are now.

        Raises:
            StoreError: it cannot be read or written, is of another version, or damaged (and then set aside).
        """
        with self._locked():
            known, damage = self._entries_or_damage()
            if damage is not None:
                raise damage
            revised = {
                name: replace(entry, decision=decision)
                for entry, decision in decisions
                if known.get(name := project_name(entry.distribution)) == entry and decision != entry.decision
            }
            if revised:
                self._write(encode({**known, **revised}), nothing=False)
        return list(revised.values())

    def _entries(self) -> dict[NormalizedName, LedgerEntry]:
        if self._path.exists() and not (self._path.is_file() or self._path.is_dir()):
            raise ValueError("it is a pipe or a device")  # which is waited for, or has no end
        data = self._content()
        if data is None:
            return {}
        try:
            return decode(data)
        except OtherFormat as error:
            raise StoreError(
                f"{self._path} is a ledger of version {error}, which is not known here",
                hint="use the trustguard that wrote it, or remove it",
            ) from None

    def _entries_or_damage(self) -> tuple[dict[NormalizedName, LedgerEntry], StoreError | None]:
        try:
            return self._entries(), None
        except ValueError as error:
            return {}, self._set_aside(error)

    def _set_aside(self, damage: ValueError) -> StoreError:
        aside = damaged_name(self._path)
        try:
            self._path.replace(aside)
        except OSError as error:
            raise store_error(error, "set aside the damaged ledger", self._path) from error
        return StoreError(
            f"the ledger {self._path} was damaged ({str(damage)[:160]}) and is now {aside.name}: "
            "what it recorded counts as never vetted",
            hint="install it again with trustguard to record it",
        )

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise store_error(error, "read", self._path) from error

    def _write(self, data: bytes, *, nothing: bool) -> None:
        old = self._content()
        if data == old or (old is None and nothing):
            return
        try:
            write_whole(self._path, data, mode=_MODE, durable=True)
        except OSError as error:
            raise store_error(error, "write", self._path) from error

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        key = hashlib.sha256(os.fsencode(self._path.resolve())).hexdigest()[:32]
        return locked(self._lock_dir / f"ledger-{key}.lock", self._path, self._lock_seconds)


def _usable(entries: Iterable[LedgerEntry]) -> tuple[list[LedgerEntry], list[str]]:
    usable, problems = [], []
    for entry in entries:
        try:
            usable.append(storable(entry))
        except ValueError as error:
            problems.append(f"not recorded in the ledger: {entry.distribution[:80]!r}: {error}")
    return usable, problems
