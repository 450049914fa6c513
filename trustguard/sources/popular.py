"""The most downloaded projects: the list in the package, and a public ranking that takes its place.

A ranking is a JSON object with ``last_update``, a date and perhaps a time, and ``rows``, of which each has a
``project`` and its ``download_count``; other keys are passed over. It is taken whole or not at all: what
misses one row may miss the one that matters.
"""

from __future__ import annotations

import json
import re
from datetime import date as calendar_date
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from packaging.utils import NormalizedName

from trustguard.model.errors import SourceRefused, SourceUnreachable, StoreError
from trustguard.model.popular import FEWEST, MOST, Popular, from_text
from trustguard.model.project import project_name
from trustguard.sources.urls import path_of_file_url, redact

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient

__all__ = ["Popular", "bundled", "fetch", "read_ranking"]

LIMIT = 32 << 20
"""Bytes of a ranking; one of 15,000 projects has less than one million."""
_BUNDLED = Path(__file__).parents[1] / "data" / "popular.txt"  # importlib.resources would import the folder
_WHAT = "the ranking of popular projects"
_OK = 200
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T].{1,40})?", re.ASCII)


def bundled() -> Popular:
    """The list that came with this release.

    Raises:
        StoreError: the package is not complete.
    """
    try:
        return from_text(_BUNDLED.read_bytes().decode("ascii"))
    except (OSError, ValueError) as error:
        reason = f"the list of popular projects that came with trustguard cannot be read: {error}"
        raise StoreError(reason, hint="install trustguard again") from error


async def fetch(client: HttpClient, url: str, deadline: timedelta) -> Popular:
    """Fetch a ranking.

    Args:
        client: the way to the network.
        url: its address, http(s) or file.
        deadline: how long fetching may take.

    Raises:
        SourceRefused: it is there, and against the rules; or the answer is a status that says no.
        SourceUnreachable: there is no answer, or not in time.
    """
    import asyncio  # noqa: PLC0415 - 50 ms, which who only reads the list need not pay

    if urlsplit(url).scheme == "file":
        return read_ranking(await asyncio.to_thread(_read_file, url), url)
    seconds = deadline.total_seconds()
    response = await client.get_bytes(url, limit=LIMIT, deadline=seconds, what=_WHAT)
    if response.status != _OK:
        raise _refused(url, f"it was answered with {response.status}")
    return await asyncio.to_thread(read_ranking, response.content, url)


def read_ranking(content: bytes, url: str) -> Popular:
    """Take a ranking apart.

    Args:
        content: the document.
        url: where it is from.

    Returns:
        The projects by their downloads, whatever the order of the rows; a name that comes twice counts once.

    Raises:
        SourceRefused: it is malformed, too large, or too small to be believed.
    """
    try:
        document = _document(content)
        names, day = _names(document.get("rows")), _day(document.get("last_update"))
    except ValueError as error:
        raise _refused(url, str(error)) from error
    return Popular(names, day, redact(url).encode("ascii", "replace").decode())


def _refused(url: str, why: str) -> SourceRefused:
    return SourceRefused(f"{_WHAT} at {redact(url)}: {why}")


def _read_file(url: str) -> bytes:
    path = path_of_file_url(url)
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise SourceUnreachable(f"{path} cannot be read: {error.strerror or error}") from error


def _document(content: bytes) -> dict[str, Any]:
    if len(content) > LIMIT:
        raise ValueError(f"it is larger than {LIMIT:,} bytes")
    try:
        document = json.loads(content)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except ValueError:  # not JSON, not UTF-8, or a number without end
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - the document is wrong, not our code
    return document


def _day(text: object) -> str:
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("its last_update is not a date")
    return calendar_date.fromisoformat(found[1]).isoformat()


def _names(rows: object) -> tuple[NormalizedName, ...]:
    if not isinstance(rows, list):
        raise ValueError("its rows are not a list")  # noqa: TRY004 - likewise
    if len(rows) > MOST:
        raise ValueError(f"it has more than {MOST:,} rows")
    counted = [_row(row, number) for number, row in enumerate(rows)]
    counted.sort(key=lambda pair: pair[0], reverse=True)  # stable: equal counts stay in their order
    names = tuple(dict.fromkeys(name for _, name in counted))
    if len(names) < FEWEST:
        raise ValueError(f"it has {len(names)} names; fewer than {FEWEST:,} are not believed")
    return names


def _row(row: object, number: int) -> tuple[int, NormalizedName]:
    project = row.get("project") if isinstance(row, dict) else None
    count = row.get("download_count") if isinstance(row, dict) else None
    if not isinstance(project, str) or not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError(f"rows[{number}] has no project with its download_count")
    try:
        return count, project_name(project)
    except ValueError as error:
        raise ValueError(f"rows[{number}]: {error}") from None
