"""How many projects depend on one, as a service has counted: kept for a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.evidence import Dependents
from trustguard.store.answers import Answers, Kind


class DependentsStore:
    """Counts by service and project. Several processes may use one root at once.

    Args:
        root: the directory; made where it does not exist.
        service: the address of who has counted.
    """

    def __init__(self, root: Path, service: str) -> None:
        self._answers = Answers(root, Kind("the service for dependents", "project", _form, _dependents))
        self._service = service.rstrip("/")

    def load(self, project: NormalizedName, now: datetime) -> Dependents | None:
        """What was said of a project; None where nothing is kept that is younger than a day.

        Args:
            project: the one that was asked for.
            now: the present time, with its zone.

        Raises:
            StoreError: it cannot be read, or it is damaged (it is then set aside).
        """
        return self._answers.load(self._subject(project), now)

    def save(self, project: NormalizedName, dependents: Dependents, now: datetime) -> None:
        """Keep what was said of a project, in the place of what was said before.

        Args:
            project: the one that was asked for.
            dependents: what was said.
            now: when, with its zone.

        Raises:
            StoreError: it cannot be written; what was said before stays.
        """
        self._answers.save(self._subject(project), dependents, now)

    def _subject(self, project: NormalizedName) -> str:
        return f"{project} at {self._service}"


def _form(dependents: Dependents) -> Mapping[str, Any]:
    return {"of": str(dependents.of), "direct": dependents.direct, "total": dependents.total}


def _dependents(form: Mapping[str, Any]) -> Dependents:
    counts = (form["direct"], form["total"])
    if not all(type(count) is int and count >= 0 for count in counts):
        raise TypeError("something that is not a number")
    return Dependents(Version(form["of"]), *counts)
