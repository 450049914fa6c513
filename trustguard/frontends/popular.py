"""The popular projects of this user: the refreshed list or the one in the package, and what they are for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.state import State
from trustguard.model.errors import StoreError
from trustguard.model.names import NameHit
from trustguard.model.popular import Popular
from trustguard.model.spelling import meant
from trustguard.sources import popular as source
from trustguard.store.popular import PopularStore

if TYPE_CHECKING:
    from trustguard.model.evidence import Fact
    from trustguard.model.policy import Policy
    from trustguard.model.report import Missing
    from trustguard.sources.http import HttpClient
    from trustguard.sources.names import Names


def in_use(state: State, tell: Callable[[str], object]) -> Popular | None:
    """The list to use: what was fetched last, otherwise what came with this release.

    Args:
        state: our own folders.
        tell: is told, in one line, of a list that cannot be used.

    Returns:
        None where there is neither.
    """
    for load in (PopularStore(state.popular).load, source.bundled):
        try:
            found = load()
        except StoreError as error:
            tell(str(error))
        else:
            if found is not None:
                return found
    return None


def names_in_use(state: State, tell: Callable[[str], object]) -> Names:
    """What compares names with those of the list in use.

    Args:
        state: our own folders.
        tell: is told, in one line, of a list that cannot be used.

    Raises:
        StoreError: there is no list at all.
    """
    from trustguard.sources.names import Names  # noqa: PLC0415 - loads rapidfuzz

    popular = in_use(state, tell)
    if popular is None:
        raise StoreError("there is no list of popular projects", hint="install trustguard again")
    return Names(popular)


class ComparedNames:
    """The comparison of names for a run: built once, in whichever thread needs it first.

    Args:
        state: our own folders.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._names: Names | None = None
        self.problems: list[str] = []
        """One line for each list that could not be used."""

    def lookalike(self, project: NormalizedName) -> Fact[NameHit]:
        """The better known name that a project's name may be taken for.

        Raises:
            StoreError: there is no list to compare with, and nothing may be installed.
        """
        from trustguard.model.evidence import Absent, Known  # noqa: PLC0415 - for who judges, and loads it anyway

        hit = self._built().look(project)
        return Absent() if hit is None else Known(hit)

    def rank(self, project: NormalizedName) -> Fact[int]:
        """A project's place among the popular ones; absent where it is not one.

        Raises:
            StoreError: there is no list, and nothing may be installed.
        """
        from trustguard.model.evidence import Absent, Known  # noqa: PLC0415 - for who judges, and loads it anyway

        rank = self._built().rank(project)
        return Absent() if rank is None else Known(rank)

    def is_popular(self, project: NormalizedName) -> bool:
        """Whether a project is one of the popular ones."""
        return self._built().is_popular(project)

    def imported_as(self, name: str) -> NormalizedName | None:
        """The popular project that is called otherwise and is imported by a name; None where none is."""
        names = self._built()
        project = names.model.import_names.get(canonicalize_name(name))
        known = project is not None and names.is_popular(NormalizedName(project))
        return NormalizedName(project) if project is not None and known else None

    def family(self, project: NormalizedName, target: NormalizedName) -> bool:
        """Whether a project's name belongs to the ecosystem of a popular one."""
        return self._built().family(project, target)

    def prepare(self, projects: Collection[NormalizedName]) -> None:
        """Build it ahead of the first look, which raises what goes wrong here.

        Args:
            projects: what will be looked at, as far as that is known; popular ones are compared with nothing,
                and what they need is popular for the most part.
        """
        with suppress(StoreError):
            names = self._built()
            if not projects or not all(map(names.is_popular, projects)):
                names.prepare()

    def _built(self) -> Names:
        with self._lock:
            if self._names is None:
                self._names = names_in_use(self._state, self.problems.append)
            return self._names


async def refresh(client: HttpClient, state: State, url: str, deadline: timedelta) -> Popular:
    """Fetch a ranking and put it in the place of the list that is in use.

    Args:
        client: reaches the source.
        state: our own folders.
        url: the ranking's address, http(s) or file.
        deadline: how long fetching may take.

    Raises:
        SourceError: it cannot be had, or is not a ranking.
        StoreError: it cannot be kept.
    """
    popular = await source.fetch(client, url, deadline)
    PopularStore(state.popular).save(popular)
    return popular


def not_found(
    projects: Iterable[NormalizedName], policy: Policy, state: State, tell: Callable[[str], object]
) -> tuple[Missing, ...]:
    """What to say of projects that no source has.

    Args:
        projects: their names.
        policy: knows the names that come from one index alone, which no public project stands for.
        state: our own folders.
        tell: is told, in one line, of a list that cannot be used.
    """
    from trustguard.model.report import Missing  # noqa: PLC0415 - 15 ms for who asks nothing

    wanted = tuple(projects)
    popular = in_use(state, tell) if wanted else None
    return tuple(
        Missing(name, meant(name, popular) if popular and policy.pinned_index(name) is None else None)
        for name in wanted
    )
