"""How many public projects depend on one: the API of deps.dev, or of whoever has the same.

``GET /systems/PYPI/packages/NAME`` names a project and its releases, of which one is the default;
``GET …/versions/VERSION:dependents`` counts what depends on that one
(https://docs.deps.dev/api/v3alpha/#getdependents). The system is always PyPI's: the same name elsewhere is
another project. The second answer does not name what it is about, so it counts only where it comes from the
very address that was asked.

Repositories, stars and forks, which that API has as well, are not asked for: it mostly has them from what a
package says of itself, and what is proven is verified here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import Dependents
from trustguard.sources.once import Once
from trustguard.sources.urls import printable, redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient

T = TypeVar("T")

LIMIT = 8 << 20
"""Bytes of a document; one names all releases of a project."""
SYSTEM = "PYPI"


class DepsDev:
    """The API of a service. A project is asked for once in a run, and the first answer stays.

    Args:
        client: the way to the network; one without credentials, since what is asked for is public.
        base_url: the address of the API, its version included.
        deadline: seconds for one answer.
    """

    def __init__(self, client: HttpClient, base_url: str, *, deadline: float = 10.0) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._deadline = deadline
        self._answers: Once[Dependents | None] = Once()

    async def dependents(self, project: NormalizedName) -> Dependents | None:
        """What depends on a project; None where the service does not know it, or has not counted (404, 410).

        Raises:
            SourceRefused: the answer is against the rules, or is about something else.
            SourceUnreachable: there is none, or not in time.
        """
        return await self._answers.get(project, lambda: self._counted(project))

    async def _counted(self, project: NormalizedName) -> Dependents | None:
        package = f"/systems/{SYSTEM}/packages/{quote(project, safe='')}"
        version = await self._get(package, partial(_default, project=project), f"what is said of {project}")
        if version is None:
            return None
        release = f"{package}/versions/{quote(version, safe='')}:dependents"
        return await self._get(release, partial(_counts, version), f"what depends on {project}")

    async def _get(self, path: str, read: Callable[[Mapping[str, Any]], T | None], what: str) -> T | None:
        address = f"{self._base}{path}"
        response = await self._client.get_bytes(
            address, limit=LIMIT, accept="application/json", deadline=self._deadline, what=what
        )
        if response.missing:
            return None
        try:
            if _place(response.url) != _place(address):
                raise ValueError("it comes from another address than was asked")  # noqa: TRY301 - one way to say no
            return read(_object(_json(response.content), "it"))
        except ValueError as error:
            raise SourceRefused(f"{what} at {redact(response.url)}: {printable(str(error))}") from error


def _default(form: Mapping[str, Any], project: NormalizedName) -> str | None:
    """The release that is taken where nobody asks for another; None where the service names none."""
    _same(_object(form.get("packageKey"), "packageKey"), project, "packageKey")
    versions = form.get("versions", [])
    if not isinstance(versions, list):
        raise ValueError("versions is not a list")  # noqa: TRY004 - the document is wrong, not our code
    for number, version in enumerate(versions):
        path = f"versions[{number}]"
        if _object(version, path).get("isDefault") is True:
            path += ".versionKey"
            key = _object(version.get("versionKey"), path)
            _same(key, project, path)
            return _text(key, "version", path)
    return None


def _same(key: Mapping[str, Any], project: NormalizedName, path: str) -> None:
    """See that a record is about a project, and not about one of a like name or of another system."""
    system, name = _text(key, "system", path), _text(key, "name", path)
    if system != SYSTEM or canonicalize_name(name) != project:
        raise ValueError(f"it is about {name!r:.80} of {system!r:.40}, not about {project}")


def _counts(version: str, form: Mapping[str, Any]) -> Dependents:
    try:
        of = Version(version)
    except InvalidVersion:
        raise ValueError(f"{version!r:.80} is not a version") from None
    return Dependents(of, _number(form, "directDependentCount"), _number(form, "dependentCount"))


def _number(form: Mapping[str, Any], key: str) -> int:
    """A count. One that is missing is not none."""
    value = form.get(key)
    if type(value) is not int or value < 0:
        raise ValueError(f"{key} is not a number")
    return value


def _text(form: Mapping[str, Any], key: str, path: str) -> str:
    value = form.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{path}.{key} is not a text")
    return value


def _object(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{path} is not a JSON object")  # noqa: TRY004 - likewise
    return value


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number without end
        raise ValueError("it is not JSON") from None


def _place(url: str) -> tuple[str | None, str]:
    parts = urlsplit(url)
    return parts.hostname, unquote(parts.path)
