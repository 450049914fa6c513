"""How files are listed and handed out, and how what goes wrong is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import BinaryIO

from anyio import to_thread
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.shelf import Refused, Shelf
from trustguard.model.errors import SourceError, TrustguardError
from trustguard.model.project import DistributionFile, FileKind, Listing
from trustguard.reports.text import foreign
from trustguard.vetting import Candidate

JSON_PAGE = "application/vnd.pypi.simple.v1+json"
"""The media type of a project's page (PEP 691)."""
UNCACHED = {"Cache-Control": "no-store"}
# pip tries again after 500, 502, 503, 520 and 527; what has been tried here already is final.
_FINAL_FAILURE = 504
_CHUNK = 1024 * 1024
_REASON, _TEXT = 500, 20_000
"""Columns of a reason to print; and more than a listing's texts have, for what must not be cut off."""


class Answers:
    """Answers requests.

    Args:
        shelf: hands out what may be had.
        journal: is told what goes wrong.
    """

    def __init__(self, shelf: Shelf, journal: Journal) -> None:
        self._shelf = shelf
        self._journal = journal

    async def told(self, response: Awaitable[Response]) -> Response:
        """What goes wrong becomes a status for the installer and a line for the user."""
        try:
            return await response
        except Refused:
            return PlainTextResponse("refused by trustguard", 403)
        except TrustguardError as error:
            self._journal.problem(str(error), failed=isinstance(error, SourceError))
            return PlainTextResponse("could not be vetted", _FINAL_FAILURE)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is served, and it is said
            self._journal.problem(f"an error that nobody expected, please report it: {error!r}")
            return PlainTextResponse("could not be vetted", _FINAL_FAILURE)

    async def body(self, candidate: Candidate, listings: Sequence[Listing] = ()) -> Response:
        """A file.

        Args:
            candidate: the file, as a listing has it.
            listings: the project's pages where several indexes were asked and have it; the file's own first.

        Raises:
            Refused: it is not let through.
            TrustguardError: it cannot be had.
        """
        body, digest = await self._shelf.body(candidate, listings)
        size = await to_thread.run_sync(_size, body)
        return StreamingResponse(
            _stream(body),
            media_type="application/octet-stream",
            headers={**UNCACHED, "Content-Length": str(size), "ETag": f'"{digest}"'},
        )


def entry(file: DistributionFile, *, stated: bool = False) -> dict[str, object]:
    """A file as a project's page lists it, without its address.

    Args:
        file: the file.
        stated: whether metadata can be had of it though it is an sdist.
    """
    entry: dict[str, object] = {
        "filename": file.filename,
        "hashes": _hashes(file),
        "yanked": False if file.yanked is None else _told(file.yanked) or True,
    }
    if stated or file.name.kind is FileKind.WHEEL:
        entry["core-metadata"] = True
    if file.requires_python is not None:
        entry["requires-python"] = foreign(file.requires_python, _TEXT)
    if file.size is not None:
        entry["size"] = file.size
    if file.upload_time is not None:
        entry["upload-time"] = file.upload_time.isoformat().replace("+00:00", "Z")
    return entry


def _told(reason: str) -> str:
    """The reason for which a file is yanked: installers print it as it is. No lock file holds it."""
    return foreign(" ".join(reason.split()), _REASON)


def _hashes(file: DistributionFile) -> dict[str, str]:
    """The digests that pip can check again; one of our own making would say nothing."""
    return {name: value for name, value in file.hashes.items() if name in ("sha256", "sha384", "sha512")}


def _size(body: BinaryIO) -> int:
    size = body.seek(0, 2)
    body.seek(0)
    return size


async def _stream(body: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await to_thread.run_sync(body.read, _CHUNK):
            yield chunk
    finally:
        body.close()
