"""The indexes that a program asks, which nobody has told us of before: each by itself, as it is asked.

The program decides in which order it asks them, and what it makes of the answers. So each answer is vetted as
that of its index. Which indexes have a project is known once it wants a file: it has asked all that count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from packaging.utils import NormalizedName

from trustguard.frontends.guard_index.catalogue import Catalogue, Selection, every
from trustguard.model.errors import SourceError, SourceRefused
from trustguard.model.project import Listing
from trustguard.sources.urls import origin
from trustguard.vetting import Candidate


class AskedIndexes:
    """The listings of many indexes.

    Args:
        make: the listings of one index, by its address, which ends with a slash.
        configured: the addresses that are known before anybody asks, in order.
    """

    def __init__(self, make: Callable[[str], Catalogue], configured: Sequence[str]) -> None:
        self._make = make
        self._indexes: dict[str, Catalogue] = {}
        self._asked: dict[NormalizedName, dict[str, None]] = {}
        for url in configured:
            with suppress(SourceRefused):  # it is no address: whoever asks for it is told
                self._of(url)

    def is_index(self, url: str) -> bool:
        """Whether an address is that of an index that is known by now."""
        return with_slash(url) in self._indexes

    def is_origin(self, url: str) -> bool:
        """Whether an address is on a host and port that an index is on as well."""
        return bool(self.beside(url))

    def beside(self, url: str) -> list[str]:
        """The indexes that are known by now on the host and port of an address."""
        return [index for index in self._indexes if _same_origin(url, index)]

    async def at(self, url: str, project: NormalizedName) -> list[Candidate] | None:
        """The listing of a project on one index, which is known from now on.

        Raises:
            SourceError: the index did not answer.
        """
        listings = self._of(url)
        self._asked.setdefault(project, {})[with_slash(url)] = None
        return await listings.project(project)

    async def project(self, project: NormalizedName, wanted: Selection = every) -> list[Candidate] | None:
        """What has been asked for of a project; where nothing has, what the first index has that knows it.

        Raises:
            SourceError: an index did not answer.
        """
        asked = self._asked.get(project)
        if asked is None:
            return await self.first(project, wanted)
        found = [await self._of(url).project(project, wanted) for url in list(asked)]
        return [one for some in found for one in some or ()] or None

    def pages(self, candidate: Candidate) -> tuple[Listing, ...]:
        """The pages of a file's project, its own first, where the program has asked for more than one.

        A program that stops at the first index that has a project was told by its user where names belong.
        """
        project, own = candidate.evidence.project, with_slash(candidate.evidence.index.url)
        asked = [own, *(url for url in self._asked.get(project, ()) if url != own)]
        found = [self._indexes[url].supplied.get(project) if url in self._indexes else None for url in asked]
        pages = tuple(page for page in found if page is not None)
        return pages if len(pages) > 1 and found[0] is not None else ()

    async def first(self, project: NormalizedName, wanted: Selection) -> list[Candidate] | None:
        """The files of a project that are wanted, on the first known index that has any.

        Raises:
            SourceError: none has, and an index did not answer.
        """
        failure: SourceError | None = None
        for listings in list(self._indexes.values()):
            try:
                found = await listings.project(project, wanted)
            except SourceError as error:
                failure = failure or error
                continue
            if found:
                return found
        if failure is not None:
            raise failure
        return None

    def _of(self, url: str) -> Catalogue:
        url = with_slash(url)
        if url not in self._indexes:
            self._indexes[url] = self._make(url)
        return self._indexes[url]


def with_slash(url: str) -> str:
    """An address as that of a folder."""
    return url if url.endswith("/") else f"{url}/"


def _same_origin(url: str, other: str) -> bool:
    try:
        return origin(url) == origin(other)
    except ValueError:
        return False
