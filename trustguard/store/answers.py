"""What others answered, kept for a day: one JSON file each, ``<root>/ab/<SHA-256>.json``.

::

    {"format": 1, "repository": "github.com/acme/demo", "asked_at": TIME, …}

What stands behind the time is the answer; what it was about has a key of its own for each kind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from trustguard.model.errors import StoreError
from trustguard.model.record import record
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole

T = TypeVar("T")

KEPT = timedelta(days=1)
_FORMAT = 1
_LIMIT = 32 << 20
"""Bytes that are read; more than the longest list of references could have."""


@record
class Kind(Generic[T]):
    """What answers are kept.

    Args:
        who: gave them, for messages.
        about: the key of what they are about.
        encode: makes JSON of one.
        decode: reads that; it raises KeyError, TypeError or ValueError.
    """

    who: str
    about: str
    encode: Callable[[T], Mapping[str, Any]]
    decode: Callable[[Mapping[str, Any]], T]


class Answers(Generic[T]):
    """Answers of one kind. Several processes may use one root at once.

    Args:
        root: the directory; made where it does not exist.
        kind: what is kept there.
    """

    def __init__(self, root: Path, kind: Kind[T]) -> None:
        self._root = root
        self._kind = kind

    def load(self, subject: str, now: datetime) -> T | None:
        """What was said of something; None where nothing is kept that is younger than a day.

        Args:
            subject: what was asked about.
            now: the present time, with its zone.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        path = self._path(subject)
        data = read_kept(path, _LIMIT + 1)
        if data is None:
            return None
        try:
            answer, asked_at = self._read(data, subject)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            with suppress(OSError):  # where it cannot be moved, it is found damaged again, and said again
                path.replace(damaged_name(path))
            what = f"what {self._kind.who} said of {subject}"
            raise StoreError(f"{what} in {path} is damaged: not used") from error
        return answer if timedelta() <= now - asked_at < KEPT else None

    def save(self, subject: str, answer: T, now: datetime) -> None:
        """Keep what was said of something, in the place of what was said before.

        Args:
            subject: what was asked about.
            answer: what was said.
            now: when, with its zone.

        Raises:
            StoreError: it cannot be written; what was said before stays.
        """
        path = self._path(subject)
        head = {"format": _FORMAT, self._kind.about: subject, "asked_at": now.isoformat()}
        try:
            private_directory(path.parent)
            form = {**head, **self._kind.encode(answer)}
            write_whole(path, json.dumps(form).encode("ascii"), durable=True)
        except OSError as error:
            raise store_error(error, "write", path) from error

    def _path(self, subject: str) -> Path:
        name = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
        return self._root / name[:2] / f"{name}.json"

    def _read(self, data: bytes, subject: str) -> tuple[T, datetime]:
        form = json.loads(data)
        if form["format"] != _FORMAT or form[self._kind.about] != subject:
            raise ValueError("of another format, or about something else")
        asked_at = datetime.fromisoformat(form["asked_at"])
        if asked_at.utcoffset() is None:
            raise ValueError("a time without its zone")
        return self._kind.decode(form), asked_at
