"""Which environments have a ledger: what was installed there is judged again when new facts are known.

A folder with one small file for each, called after the path of the ledger, which it holds. So nobody has to
wait for anybody, and to note one that is known already costs one look.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from trustguard.store.files import discard, private_directory, store_error, write_whole


class Environments:
    """The ledgers that guarded runs have written. Several processes may use one folder at once.

    Args:
        root: the folder; made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, ledger: Path) -> None:
        """Note a ledger.

        Raises:
            StoreError: it cannot be noted.
        """
        path = os.fsencode(ledger.resolve())
        note = self._root / hashlib.sha256(path).hexdigest()[:32]
        try:
            if not note.is_file():
                write_whole(private_directory(self._root) / note.name, path)
        except OSError as error:
            raise store_error(error, "write", note) from error

    def ledgers(self) -> list[Path]:
        """The ledgers that are still there, in the order of their paths; notes of others are removed.

        Raises:
            StoreError: the notes cannot be read.
        """
        try:
            notes = list(self._root.glob("[0-9a-f]*")) if self._root.is_dir() else []
            found = [ledger for note in notes if (ledger := self._ledger(note)) is not None]
        except OSError as error:
            raise store_error(error, "read", self._root) from error
        return sorted(found)

    def _ledger(self, note: Path) -> Path | None:
        try:
            ledger = Path(os.fsdecode(note.read_bytes()))
        except FileNotFoundError:  # somebody else has just removed it
            return None
        if ledger.is_absolute() and _is_there(ledger):
            return ledger
        discard(note)
        return None


def _is_there(ledger: Path) -> bool:
    """Whether there is a ledger; what cannot be told is no reason to forget it."""
    try:
        ledger.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True
