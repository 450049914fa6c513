"""What indexes say of projects, as facts: an outage is one as well."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.utils import NormalizedName

from trustguard.model.errors import SourceError
from trustguard.model.evidence import Absent, Fact, Known, Unavailable
from trustguard.model.project import IndexId
from trustguard.sources.project_api import About, ProjectApi


class Abouts:
    """Asks the JSON APIs of indexes.

    Args:
        apis: by the address of their index.
    """

    def __init__(self, apis: Mapping[str, ProjectApi]) -> None:
        self._apis = apis

    async def of(self, index: IndexId, project: NormalizedName) -> Fact[About]:
        """What an index says of a project; absent where it has no such API."""
        api = self._apis.get(index.url)
        if api is None:
            return Absent()
        try:
            about = await api.about(project)
        except SourceError as error:
            return Unavailable("project-api", str(error))
        return Absent() if about is None else Known(about)


def owners_in(about: Fact[About]) -> Fact[tuple[str, ...]]:
    """Who may upload a project, by what the index says of it."""
    if isinstance(about, Known):
        return Absent() if about.value.owners is None else Known(about.value.owners)
    return about
