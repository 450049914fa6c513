"""What forges said of repositories, kept for a day: one JSON file each, ``<root>/ab/<SHA-256>.json``."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.model.refs import Refs
from trustguard.model.repository import Repository
from trustguard.store.files import damaged_name, private_directory, read_kept, store_error, write_whole

KEPT = timedelta(days=1)
_FORMAT = 1
_LIMIT = 32 << 20
"""Bytes that are read; more than the longest list of references could have."""


class RefsStore:
    """Lists of references by their repository. Several processes may use one root at once.

    Args:
        root: the directory; made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def load(self, repository: Repository, now: datetime) -> Refs | None:
        """What was said of a repository; None where nothing is kept that is younger than a day.

        Args:
            repository: the one that was asked for.
            now: the present time, with its zone.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        path = self._path(repository)
        data = read_kept(path, _LIMIT + 1)
        if data is None:
            return None
        try:
            refs, asked_at = _read(data, repository)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            with suppress(OSError):  # where it cannot be moved, it is found damaged again, and said again
                path.replace(damaged_name(path))
            raise StoreError(f"what the forge said of {repository} in {path} is damaged: not used") from error
        return refs if timedelta() <= now - asked_at < KEPT else None

    def save(self, repository: Repository, refs: Refs, now: datetime) -> None:
        """Keep what was said of a repository, in the place of what was said before.

        Args:
            repository: the one that was asked for.
            refs: what was said.
            now: when, with its zone.

        Raises:
            StoreError: it cannot be written; what was said before stays.
        """
        path = self._path(repository)
        form = {
            "format": _FORMAT,
            "repository": str(repository),
            "asked_at": now.isoformat(),
            "tags": sorted(refs.tags),
            "at": [refs.at.host, refs.at.path] if refs.at is not None else None,
        }
        try:
            private_directory(path.parent)
            write_whole(path, json.dumps(form).encode("ascii"), durable=True)
        except OSError as error:
            raise store_error(error, "write", path) from error

    def _path(self, repository: Repository) -> Path:
        name = hashlib.sha256(str(repository).encode("utf-8", "surrogatepass")).hexdigest()
        return self._root / name[:2] / f"{name}.json"


def _read(data: bytes, repository: Repository) -> tuple[Refs, datetime]:
    form = json.loads(data)
    if form["format"] != _FORMAT or form["repository"] != str(repository):
        raise ValueError("of another format, or of another repository")
    tags, at = form["tags"], form["at"]
    place = (*tags, *(at or ()))
    lists = isinstance(tags, list) and isinstance(at, list | None)
    if not lists or not all(isinstance(text, str) for text in place):
        raise TypeError("something that is not a text")
    asked_at = datetime.fromisoformat(form["asked_at"])
    if asked_at.utcoffset() is None:
        raise ValueError("a time without its zone")
    return Refs(frozenset(tags), Repository(*at) if at is not None else None), asked_at
