"""Requirement files that lie on a server: fetched by us, under the same rules as everything else."""

from __future__ import annotations

import asyncio

from trustguard.model.errors import SourceUnreachable, UsageError
from trustguard.model.request import Sources
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.urls import redact

_LIMIT = 4 * 1024 * 1024
_OK = 200


def fetch_text(url: str, sources: Sources) -> str:
    """The text of a requirement file.

    Args:
        url: its address, which may hold credentials.
        sources: how sources are reached.

    Raises:
        SourceError: it cannot be had.
        UsageError: it is not text.
    """
    return asyncio.run(_fetch(url, sources))


async def _fetch(url: str, sources: Sources) -> str:
    credentials = CredentialStore(keyring=sources.keyring_provider)
    clean = credentials.add(url)
    async with HttpClient(HttpSettings.of(sources), credentials) as client:
        response = await client.get_bytes(clean, limit=_LIMIT)
    if response.status != _OK:
        raise SourceUnreachable(f"{redact(url)} answers {response.status}")
    try:
        return response.content.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{redact(url)} is not UTF-8 text") from error
