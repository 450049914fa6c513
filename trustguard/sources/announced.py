"""The metadata that an index serves beside a file (PEP 658, 714), asked for once in a run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from trustguard.model.errors import SourceRefused
from trustguard.model.project import DistributionFile
from trustguard.sources.core_metadata import METADATA_LIMIT
from trustguard.sources.http_types import OK
from trustguard.sources.once import Once
from trustguard.sources.simple_index import metadata_url

if TYPE_CHECKING:
    from trustguard.sources.http import HttpClient


class AnnouncedMetadata:
    """Fetches ``.metadata`` files.

    Args:
        client: the way to the network.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._answers: Once[bytes] = Once()

    async def of(self, file: DistributionFile) -> bytes:
        """The metadata of a file that announces some.

        Raises:
            SourceRefused: there is none after all, it is too large, or its digest is another one.
            SourceUnreachable: there is no answer, or not in time.
        """
        return await self._answers.get(file.url, lambda: self._fetched(file))

    async def _fetched(self, file: DistributionFile) -> bytes:
        what = f"{file.filename}.metadata"
        response = await self._client.get_bytes(metadata_url(file), limit=METADATA_LIMIT, what=what)
        if response.status != OK:
            raise SourceRefused(f"{what} was announced, and answers {response.status}")
        announced = (file.core_metadata or {}).get("sha256")
        actual = hashlib.sha256(response.content).hexdigest()
        if announced is not None and announced.lower() != actual:
            raise SourceRefused(f"{what}: sha256 {announced} was announced, {actual} came")
        return response.content
