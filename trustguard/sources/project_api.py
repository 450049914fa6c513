"""What an index says of a project: who owns it, and the metadata of its newest release.

That is ``/pypi/PROJECT/json``, the JSON API that the larger indexes have beside ``/simple/``. It is no
standard: what it does not say is not known. The metadata is what was stated when the release was uploaded,
and need not be that of any file.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.claims import Statement
from trustguard.model.errors import SourceRefused
from trustguard.model.project import IndexId
from trustguard.model.record import record
from trustguard.sources.core_metadata import people
from trustguard.sources.once import Once
from trustguard.sources.urls import printable, redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient
    from trustguard.sources.http_types import Response

LIMIT = 32 << 20
"""Bytes of a document; one lists all files of a project."""
_INLINE = 32_768
"""Bytes of a document that is small enough to be read without a thread of its own."""
_SIMPLE = "/simple"


@record
class About:
    """What an index says of a project.

    Args:
        owners: who may upload it, sorted: ``user NAME``, whatever the user's role is, and
            ``organization NAME``; None where the index does not say.
        version: the release that all that follows was stated for.
        summary: ``Summary``; as all texts, empty where there is none.
        description: the long description.
        home_page: ``Home-page``.
        project_urls: ``Project-URL`` fields, each ``label, address``.
        author: ``Author``.
        author_email: ``Author-email``.
        maintainer: ``Maintainer``.
        maintainer_email: ``Maintainer-email``.
    """

    owners: tuple[str, ...] | None
    version: str = ""
    summary: str = ""
    description: str = ""
    home_page: str = ""
    project_urls: tuple[str, ...] = ()
    author: str = ""
    author_email: str = ""
    maintainer: str = ""
    maintainer_email: str = ""

    @property
    def statement(self) -> Statement:
        """What of it core metadata would say of origin and authors."""
        return Statement(
            summary=self.summary,
            description=self.description,
            project_urls=self.project_urls,
            home_page=self.home_page,
            people=people((self.author, self.maintainer), (self.author_email, self.maintainer_email)),
        )


class ProjectApi:
    """The JSON API of an index. A project is asked for once in a run, and the first answer stays.

    Args:
        client: the way to the network.
        base_url: the address of the index, ``ROOT/simple/``; may hold credentials.
        index: what the index is called, without credentials.
        deadline: seconds for one document.

    Raises:
        SourceRefused: the address is not one.
    """

    def __init__(self, client: HttpClient, base_url: str, index: IndexId, *, deadline: float = 10.0) -> None:
        self.index = index
        self._client = client
        self._base = client.credentials.add(base_url).rstrip("/")
        self._deadline = deadline
        self._answers: Once[About | None] = Once()

    async def about(self, project: NormalizedName) -> About | None:
        """What the index says of a project; None where it says that it has no such document (404, 410).

        Raises:
            SourceRefused: the answer is against the rules, or the index cannot have such an API.
            SourceUnreachable: there is none, or not in time.
        """
        if not self._base.endswith(_SIMPLE):
            why = "its address does not end in /simple/"
            raise SourceRefused(f"the index {redact(self._base)} has no JSON API: {why}")
        return await self._answers.get(project, lambda: self._fetched(project))

    async def _fetched(self, project: NormalizedName) -> About | None:
        response = await self._client.get_bytes(
            f"{self._base.removesuffix(_SIMPLE)}/pypi/{project}/json",
            limit=LIMIT,
            accept="application/json",
            deadline=self._deadline,
            what=f"what the index says of {project}",
        )
        if response.missing:
            return None
        if len(response.content) <= _INLINE:
            return _read(response, project)
        return await asyncio.to_thread(_read, response, project)


def _read(response: Response, project: NormalizedName) -> About:
    try:
        return read_about(response.content, project)
    except ValueError as error:
        where = f"what the index says of {project} at {redact(response.url)}"
        raise SourceRefused(f"{where}: {printable(str(error))}") from error


def read_about(content: bytes, project: NormalizedName) -> About:
    """Take a document apart.

    Args:
        content: the document.
        project: the project it was asked for.

    Raises:
        ValueError: it is malformed, or it is another project's; the message says where, as ``info.summary``.
    """
    document = _object(_json(content), "it")
    info = _object(document.get("info"), "info")
    name = _text(info, "name")
    if canonicalize_name(name) != project:
        raise ValueError(f"it is that of {name!r:.80}, not of {project}")
    fields = ("version", "summary", "description", "home_page")
    authors = ("author", "author_email", "maintainer", "maintainer_email")
    return About(
        owners=_owners(document.get("ownership")),
        project_urls=_project_urls(info.get("project_urls")),
        **{field: _text(info, field) for field in (*fields, *authors)},
    )


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number without end
        raise ValueError("it is not JSON") from None


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{path} is not a JSON object")  # noqa: TRY004 - the document is wrong, not our code
    return value


def _text(info: dict[str, Any], key: str) -> str:
    value = info.get(key)
    if not isinstance(value, str | None):
        raise ValueError(f"info.{key} is not a text")  # noqa: TRY004 - likewise
    return value or ""


def _project_urls(value: object) -> tuple[str, ...]:
    urls = {} if value is None else _object(value, "info.project_urls")
    if not all(isinstance(url, str) for url in urls.values()):
        raise ValueError("info.project_urls has something that is not a text")
    return tuple(f"{label}, {url}" for label, url in urls.items())


def _owners(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    ownership = _object(value, "ownership")
    roles = ownership.get("roles")
    if not isinstance(roles, list | None):
        raise ValueError("ownership.roles is not a list")  # noqa: TRY004 - likewise
    found = {f"user {_user(role, f'ownership.roles[{place}]')}" for place, role in enumerate(roles or [])}
    organization = ownership.get("organization")
    if organization is not None:
        found.add(f"organization {_name(organization, 'ownership.organization')}")
    return tuple(sorted(found))


def _user(role: object, path: str) -> str:
    return _name(_object(role, path).get("user"), f"{path}.user")


def _name(value: object, path: str) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(f"{path} is not a name")
    return value
