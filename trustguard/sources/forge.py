"""What a Git forge says of a repository, asked as ``git ls-remote`` asks (the smart HTTP protocol).

It serves as supporting evidence alone, and only public forges are asked, or hosts that were configured: an
address that a stranger has written into a package's metadata must not make this machine call anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from trustguard.model.errors import SourceRefused
from trustguard.model.refs import Refs
from trustguard.model.repository import FORGES, Repository, parse_repository
from trustguard.sources.git_refs import read_tags
from trustguard.sources.once import Once
from trustguard.sources.urls import is_loopback, printable, redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient
    from trustguard.sources.http_types import Response

LIMIT = 8 << 20
"""Bytes of a list of references."""
_INLINE = 32_768
"""Bytes of a list that is short enough to be read without a thread of its own."""
_TYPE = "application/x-git-upload-pack-advertisement"
_DISCOVERY = "/info/refs"
_NOT_PUBLIC = ("it was answered with 401", "it was answered with 403")
"""How a forge that does not tell private repositories from missing ones answers; ends of our own messages."""


class Forge:
    """Asks forges. A repository is asked for once in a run, and the first answer stays.

    Args:
        client: the way to the network; one without credentials, since what is asked for is public, and a
            forge answers 401 for every repository that does not exist.
        deadline: seconds for one answer.
        hosts: those that are asked, each ``HOST`` or ``HOST:PORT``. Plain http is used for this machine.
    """

    def __init__(
        self, client: HttpClient, *, deadline: float = 10.0, hosts: Collection[str] = FORGES
    ) -> None:
        self._client = client
        self._deadline = deadline
        self._hosts = frozenset(hosts)
        self._answers: Once[Refs | None] = Once()

    def asks(self, repository: Repository) -> bool:
        """Whether the repository's host is one of those that are asked."""
        return repository.host in self._hosts

    async def refs(self, repository: Repository) -> Refs | None:
        """What the forge says of a repository; None where it has no public one (401, 403, 404, 410).

        Raises:
            SourceRefused: the answer is against the rules, or the host is none of those that are asked.
            SourceUnreachable: there is none, or not in time.
        """
        if not self.asks(repository):
            raise SourceRefused(f"{printable(repository.host)} is not a forge that is asked")
        return await self._answers.get(str(repository), lambda: self._fetched(repository))

    async def _fetched(self, repository: Repository) -> Refs | None:
        scheme = "http" if is_loopback(urlsplit(f"//{repository.host}").hostname or "") else "https"
        address = f"{scheme}://{repository.host}/{quote(repository.path, safe='/~')}.git{_DISCOVERY}"
        try:
            response = await self._client.get_bytes(
                f"{address}?service=git-upload-pack",
                limit=LIMIT,
                accept=_TYPE,
                deadline=self._deadline,
                what="a list of references",
            )
        except SourceRefused as error:
            if error.message.endswith(_NOT_PUBLIC):
                return None
            raise
        if response.missing:
            return None
        if len(response.content) <= _INLINE:
            return _read(response)
        return await asyncio.to_thread(_read, response)


def _read(response: Response) -> Refs:
    try:
        if response.content_type != _TYPE:
            raise ValueError(f"its type is {response.content_type!r:.80}")  # noqa: TRY301 - one way to say no
        tags = read_tags(response.content)
    except ValueError as error:
        where = f"a list of references at {redact(response.url)}"
        raise SourceRefused(f"{where}: {printable(str(error))}") from error
    return Refs(tags, _asked_in_the_end(response.url))


def _asked_in_the_end(url: str) -> Repository | None:
    parts = urlsplit(url)
    path = parts.path.removesuffix(_DISCOVERY)
    return parse_repository(f"{parts.scheme}://{parts.netloc}{path}", labelled=True)
