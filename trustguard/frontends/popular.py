"""The popular projects of this user: the refreshed list or the one in the package, and what they are for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from packaging.utils import NormalizedName

from trustguard.frontends.state import State
from trustguard.model.errors import StoreError
from trustguard.model.policy import Policy
from trustguard.model.popular import Popular
from trustguard.model.report import Missing
from trustguard.model.spelling import meant
from trustguard.sources import popular as source
from trustguard.store.popular import PopularStore

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient


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
    wanted = tuple(projects)
    popular = in_use(state, tell) if wanted else None
    return tuple(
        Missing(name, meant(name, popular) if popular and policy.pinned_index(name) is None else None)
        for name in wanted
    )
