"""The refreshed list of popular projects: one text file in the user's data folder, written whole."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.model.popular import Popular, from_text, to_text
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole

_LIMIT = 64 << 20
"""Bytes that are read; more than the longest list could have."""


class PopularStore:
    """The list of this user. Several processes may use one at once.

    Args:
        path: the file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Popular | None:
        """The list; None where none has been kept.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        data = read_kept(self.path, _LIMIT + 1)
        if data is None:
            return None
        try:
            return from_text(data.decode("ascii"))
        except ValueError as error:
            raise self._set_aside(error) from error

    def save(self, popular: Popular) -> None:
        """Keep a list in the place of the one before.

        Raises:
            StoreError: it cannot be written; the one before stays.
        """
        data = to_text(popular).encode("ascii")
        try:
            private_directory(self.path.parent)
            write_whole(self.path, data, durable=True)
        except OSError as error:
            raise store_error(error, "write", self.path) from error

    def _set_aside(self, error: ValueError) -> StoreError:
        aside = damaged_name(self.path)
        with suppress(OSError):  # where it cannot be moved, it is found damaged again, and said again
            self.path.replace(aside)
        reason = "not ASCII" if isinstance(error, UnicodeDecodeError) else str(error)
        return StoreError(
            f"the list of popular projects {self.path} is damaged, and not used: {reason}",
            hint="run: trustguard update",
        )
