"""What forges said of repositories, kept for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from trustguard.model.refs import Refs
from trustguard.model.repository import Repository
from trustguard.store.answers import Answers, Kind


class RefsStore:
    """Lists of references by their repository. Several processes may use one root at once.

    Args:
        root: the directory; made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._answers = Answers(root, Kind("the forge", "repository", _form, _refs))

    def load(self, repository: Repository, now: datetime) -> Refs | None:
        """What was said of a repository; None where nothing is kept that is younger than a day.

        Args:
            repository: the one that was asked for.
            now: the present time, with its zone.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        return self._answers.load(str(repository), now)

    def save(self, repository: Repository, refs: Refs, now: datetime) -> None:
        """Keep what was said of a repository, in the place of what was said before.

        Args:
            repository: the one that was asked for.
            refs: what was said.
            now: when, with its zone.

        Raises:
            StoreError: it cannot be written; what was said before stays.
        """
        self._answers.save(str(repository), refs, now)


def _form(refs: Refs) -> Mapping[str, Any]:
    return {"tags": sorted(refs.tags), "at": [refs.at.host, refs.at.path] if refs.at is not None else None}


def _refs(form: Mapping[str, Any]) -> Refs:
    tags, at = form["tags"], form["at"]
    place = (*tags, *(at or ()))
    lists = isinstance(tags, list) and isinstance(at, list | None)
    if not lists or not all(isinstance(text, str) for text in place):
        raise TypeError("something that is not a text")
    return Refs(frozenset(tags), Repository(*at) if at is not None else None)
