"""The bodies of a run: fetched into a store that nobody else fills, and named by their digests."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from trustguard.model.errors import SourceRefused, SourceUnreachable, StoreError
from trustguard.model.project import DistributionFile, Sha256
from trustguard.sources.http import HttpClient
from trustguard.sources.urls import path_of_file_url
from trustguard.store.artifacts import ArtifactStore

BODY_LIMIT = 64 * 1024**3
"""A distribution file larger than this (bytes) is refused."""
BODY_SECONDS = 12 * 3600.0
"""A transfer that takes longer than this is given up."""
GUESS_LIMIT = 64 * 1024 * 1024
"""A file larger than this (bytes) is fetched only when it is asked for."""
_CHUNK = 1024 * 1024
_ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
"""Digests that pip compares."""


class Progress(Protocol):
    """Told how far a transfer has come; called from the event loop, so it must not block."""

    def __call__(self, filename: str, received: int, total: int | None) -> None:
        """So many bytes of so many have arrived."""


def is_worth_a_guess(file: DistributionFile) -> bool:
    """Whether a file may be fetched before anybody has asked for it."""
    return file.size is None or file.size <= GUESS_LIMIT


class Bodies:
    """Fetches bodies.

    Args:
        client: reaches the sources.
        store: keeps them.
        progress: is told how far transfers have come.
    """

    def __init__(self, client: HttpClient, store: ArtifactStore, progress: Progress) -> None:
        self._client = client
        self._store = store
        self._progress = progress

    def without_credentials(self, url: str) -> str:
        """An address without the user and password that may be in it; they are remembered for its origin."""
        return self._client.credentials.add(url)

    async def fetch(self, file: DistributionFile) -> Sha256:
        """Have a file in the store.

        Returns:
            The digest of what was received, which is not necessarily what was announced.

        Raises:
            SourceError: it cannot be had.
        """
        if file.sha256 is not None and self._store.contains(file.sha256):
            return file.sha256  # unverified so far: that is done each time it is opened
        with self._store.temporary() as temporary:
            digest, others = hashlib.sha256(), _announced(file)
            received = 0
            async for chunk, total in self._chunks(file):
                digest.update(chunk)
                for other in others.values():
                    other.update(chunk)
                await asyncio.to_thread(temporary.write, chunk)
                received += len(chunk)
                self._progress(file.filename, received, total or file.size)
            if file.size is not None and received != file.size:
                raise SourceRefused(f"{file.filename}: {file.size} bytes were announced, and {received} came")
            for name, other in others.items():
                if other.hexdigest() != file.hashes[name].lower():
                    raise SourceRefused(f"{file.filename}: it has not the {name} digest that was announced")
            await asyncio.to_thread(temporary.flush)
            await asyncio.to_thread(self._store.add, Path(temporary.name), Sha256(digest.hexdigest()))
        return Sha256(digest.hexdigest())

    async def _chunks(self, file: DistributionFile) -> AsyncIterator[tuple[bytes, int | None]]:
        if urlsplit(file.url).scheme != "file":
            what = file.filename
            async with self._client.stream(
                file.url, limit=BODY_LIMIT, deadline=BODY_SECONDS, what=what
            ) as download:
                async for chunk in _in_pieces(download.chunks):
                    yield chunk, download.length
            return
        path = path_of_file_url(file.url)
        try:
            with await asyncio.to_thread(path.open, "rb") as source:
                while chunk := await asyncio.to_thread(source.read, _CHUNK):
                    yield chunk, None
        except OSError as error:
            raise SourceUnreachable(f"{path} cannot be read: {error.strerror}") from error

    def open(self, digest: Sha256) -> BinaryIO:
        """A body from the store, its digest checked, at its beginning.

        Raises:
            StoreError: it is not there any more, or is damaged.
        """
        body = self._store.open_verified(digest)
        if body is None:
            raise StoreError(
                f"a file with sha256 {digest} has disappeared from the artifact store, or is damaged"
            )
        return body


def _announced(file: DistributionFile) -> dict[str, hashlib._Hash]:
    """What works out the digests that were announced, where no SHA-256 is among them: that one is judged.

    Weak ones prove nothing to somebody who means harm; that one differs does prove that it is another file.
    """
    if file.sha256 is not None:
        return {}
    names = [name for name in file.hashes if name in _ALGORITHMS]
    return {name: hashlib.new(name, usedforsecurity=False) for name in names}


async def _in_pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger pieces: handing one to another thread costs more than a small one is worth."""
    piece = bytearray()
    async for chunk in chunks:
        piece += chunk
        if len(piece) >= _CHUNK:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
