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
        self._answers: Once[bytes | None] = Once()

    async def of(self, file: DistributionFile, *, announced: bool) -> bytes | None:
        """The document of a file; None where there is none.

        Args:
            file: the file; without an address for its provenance it has none.
            announced: whether the index has said that there is a document, so that there must be one.

        Raises:
            SourceRefused: the link leads nowhere, or to what is too large.
            SourceUnreachable: there is no answer, or not in time.
        """
        url = file.provenance
        if url is None:
            return None
        document = await self._answers.get(url, lambda: self._fetched(url, file.filename))
        if document is None and announced:
            raise SourceRefused(f"the provenance of {file.filename} was announced, and is not there")
        return document

    async def _fetched(self, url: str, filename: str) -> bytes | None:
        what = f"the provenance of {filename}"
        response = await self._client.get_bytes(
            url, limit=LIMIT, accept=_ACCEPT, deadline=self._deadline, what=what
        )
        return response.content if response.status == OK else None
