"""The provenance documents of an index (PEP 740), asked for once in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustguard.model.errors import SourceRefused
from trustguard.model.project import DistributionFile
from trustguard.sources.attestations.document import LIMIT
from trustguard.sources.http_types import OK
from trustguard.sources.once import Once

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient

_ACCEPT = "application/vnd.pypi.integrity.v1+json, application/json; q=0.1"


class ProvenanceDocuments:
    """Fetches the documents that listings link to.

    Args:
        client: the way to the network.
        deadline: seconds for one document.
    """

    def __init__(self, client: HttpClient, *, deadline: float = 20.0) -> None:
        self._client = client
        self._deadline = deadline
        self._answers: Once[bytes] = Once()

    async def of(self, file: DistributionFile) -> bytes | None:
        """The document of a file; None where its listing links to none.

        Raises:
            SourceRefused: the link leads nowhere, or to what is too large.
            SourceUnreachable: there is no answer, or not in time.
        """
        url = file.provenance
        if url is None:
            return None
        return await self._answers.get(url, lambda: self._fetched(url, file.filename))

    async def _fetched(self, url: str, filename: str) -> bytes:
        what = f"the provenance of {filename}"
        response = await self._client.get_bytes(
            url, limit=LIMIT, accept=_ACCEPT, deadline=self._deadline, what=what
        )
        if response.status != OK:
            raise SourceRefused(f"{what} was announced, and answers {response.status}")
        return response.content
