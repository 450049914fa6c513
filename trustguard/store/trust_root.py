"""The refreshed trust root of Sigstore: one file in the user's data folder, written whole."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.model.record import record
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole

_LIMIT = 4 << 20
"""Bytes that are read; a trust root has at most one quarter of it."""


@record
class KeptTrustRoot:
    """A trust root as it was fetched.

    Args:
        content: the document.
        fetched_at: when, with its zone.
        origin: the address of the repository that it is from.
    """

    content: bytes
    fetched_at: datetime
    origin: str


class TrustRootStore:
    """The trust root of this user. Several processes may use one at once.

    Args:
        path: the file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> KeptTrustRoot | None:
        """The trust root; None where none has been kept.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        data = read_kept(self.path, _LIMIT + 1)
        if data is None:
            return None
        try:
            return _from_json(data)
        except (ValueError, RecursionError) as error:
            raise self._set_aside() from error

    def save(self, kept: KeptTrustRoot) -> None:
        """Keep a trust root in the place of the one before.

        Raises:
            StoreError: it cannot be written; the one before stays.
        """
        told = {
            "fetched_at": kept.fetched_at.isoformat(),
            "origin": kept.origin,
            "trusted_root": kept.content.decode("utf-8"),
        }
        try:
            private_directory(self.path.parent)
            write_whole(self.path, json.dumps(told).encode("ascii"), durable=True)
        except OSError as error:
            raise store_error(error, "write", self.path) from error

    def _set_aside(self) -> StoreError:
        with suppress(OSError):  # where it cannot be moved, it is found damaged again, and said again
            self.path.replace(damaged_name(self.path))
        return StoreError(
            f"the refreshed trust root {self.path} is damaged, and not used",
            hint="run: trustguard update",
        )


def _from_json(data: bytes) -> KeptTrustRoot:
    told = json.loads(data)
    fetched_at = datetime.fromisoformat(_text(told, "fetched_at"))
    if fetched_at.utcoffset() is None:
        raise ValueError("a time without its zone")
    return KeptTrustRoot(_text(told, "trusted_root").encode("utf-8"), fetched_at, _text(told, "origin"))


def _text(told: object, key: str) -> str:
    value = told.get(key) if isinstance(told, dict) else None
    if not isinstance(value, str):
        raise ValueError(f"{key} is missing")  # noqa: TRY004 - the file is wrong, not our code
    return value
