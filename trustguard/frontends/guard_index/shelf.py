"""The files of a run: fetched once, hashed, vetted once, and served from a store that nobody else fills."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from trustguard.frontends.guard_index.inside import look_inside
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.surroundings import Surroundings
from trustguard.model.claims import Statement
from trustguard.model.contents import Occupied
from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable, StoreError
from trustguard.model.evidence import Absent, CoreMetadata, Fact, Known, NotApplicable, Unavailable
from trustguard.model.policy import Action
from trustguard.model.project import DistributionFile, Sha256
from trustguard.model.verdict import Decision
from trustguard.sources import core_metadata
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.sources.http import HttpClient
from trustguard.store.artifacts import ArtifactStore
from trustguard.vetting import Bytes, Candidate, Vetter

BODY_LIMIT = 64 * 1024**3
"""A distribution file larger than this (bytes) is refused."""
BODY_SECONDS = 12 * 3600.0
"""A transfer that takes longer than this is given up."""
_CHUNK = 1024 * 1024

Ask = Callable[[Candidate], bool | None]
"""Puts a question to a person; None where nobody is there to answer."""


class Progress(Protocol):
    """Told how far a transfer has come; called from the event loop, so it must not block."""

    def __call__(self, filename: str, received: int, total: int | None) -> None:
        """So many bytes of so many have arrived."""


class Refused(Exception):
    """A file is not served. The verdict is with the journal."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate.file.filename)
        self.candidate = candidate


@dataclass(frozen=True, slots=True)
class _Held:
    """A file of the store whose bytes have been vetted."""

    candidate: Candidate
    digest: Sha256


class Shelf:
    """Fetches and vets bodies and metadata.

    Args:
        client: reaches the sources.
        announced: fetches the metadata that indexes serve.
        surroundings: learns what stands around a file, such as who built it.
        store: keeps the bodies.
        vetter: judges them.
        journal: is told what was decided.
        ask: asks a person.
        progress: is told how far transfers have come.
        occupied: says whose the files of the target are.
    """

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        client: HttpClient,
        announced: AnnouncedMetadata,
        surroundings: Surroundings,
        store: ArtifactStore,
        vetter: Vetter,
        journal: Journal,
        ask: Ask,
        progress: Progress,
        occupied: Callable[[], Occupied],
    ) -> None:
        self._occupied = occupied
        self._client = client
        self._announced = announced
        self._surroundings = surroundings
        self._store = store
        self._vetter = vetter
        self._journal = journal
        self._ask = ask
        self._progress = progress
        self._held: dict[str, asyncio.Task[_Held]] = {}
        self._inside: dict[Sha256, bytes] = {}
        self._answers: dict[str, bool | None] = {}
        self._asking = asyncio.Lock()

    async def metadata(self, candidate: Candidate) -> bytes:
        """The core metadata of a wheel, from the index where it has it, else out of the wheel.

        Raises:
            Refused: what the metadata says, or was known before, keeps the file from being offered.
            SourceError: it cannot be had.
        """
        self._refuse_at_once(candidate)
        if candidate.file.core_metadata is not None:
            content = await self._announced.of(candidate.file)
            judged = self._vetter.vet_metadata(candidate, core_metadata.parse(content))
        else:
            held = await self.held(candidate)
            judged, content = held.candidate, self._inside.get(held.digest, b"")
        self._refuse_at_once(judged)
        if not content:
            raise SourceRefused(f"{candidate.file.filename}: its metadata cannot be read")
        return content

    async def body(self, candidate: Candidate) -> tuple[BinaryIO, Sha256]:
        """A file's bytes, once there is a verdict that lets them through.

        Raises:
            Refused: they are not let through.
            SourceError: they cannot be had.
        """
        self._refuse_at_once(candidate)
        held = await self.held(candidate)
        await self._decide(held.candidate)
        return await asyncio.to_thread(self.open, held.digest), held.digest

    async def judge(self, candidate: Candidate) -> None:
        """Have the verdict on a file's bytes written down, and serve nothing.

        Raises:
            SourceError: they cannot be had.
        """
        if not candidate.verdict.refused:
            candidate = (await self.held(candidate)).candidate
        self._journal.decided(candidate, candidate.verdict.decision)

    async def held(self, candidate: Candidate) -> _Held:
        """Fetch and vet a file, once however many ask for it."""
        url = candidate.file.url
        if url not in self._held:
            self._held[url] = asyncio.create_task(self._fetch_and_vet(candidate))
        return await asyncio.shield(self._held[url])

    def _refuse_at_once(self, candidate: Candidate) -> None:
        if candidate.verdict.refused:
            self._journal.decided(candidate, candidate.verdict.decision)
            raise Refused(candidate)

    async def _decide(self, candidate: Candidate) -> None:
        self._refuse_at_once(candidate)
        if candidate.verdict.action < Action.ASK:
            self._journal.decided(candidate, candidate.verdict.decision)
            return
        key = candidate.file.url
        async with self._asking:
            if key not in self._answers:
                self._answers[key] = await asyncio.to_thread(self._ask, candidate)
        answer = self._answers[key]
        if answer:
            self._journal.decided(candidate, Decision.ALLOW, approved=True)
            return
        self._journal.decided(candidate, Decision.ASK if answer is None else Decision.BLOCK)
        raise Refused(candidate)

    async def _fetch_and_vet(self, candidate: Candidate) -> _Held:
        expected = asyncio.create_task(self._surroundings.expect(candidate))
        expected.add_done_callback(_told_later)
        try:
            announced = await self._announced_fact(candidate.file)
            try:
                received, statement = await self._received(candidate.file, announced)
            except StoreError:
                # What lay in the store was damaged, and has been set aside: once more, from the source.
                received, statement = await self._received(candidate.file, announced)
        finally:
            expected.cancel()  # whoever needs the same goes on with it
        around = await self._surroundings.of(candidate, received.sha256, statement)
        return _Held(self._vetter.vet_file(candidate, received, around), received.sha256)

    async def _received(
        self, file: DistributionFile, announced: Fact[CoreMetadata]
    ) -> tuple[Bytes, Statement]:
        received = Bytes(
            sha256=await self.fetch(file),
            announced_metadata=announced,
            metadata=Absent(),
            build_requires=NotApplicable("it is built already"),
            build=NotApplicable("it is built already"),
            claims=Absent(),
            contents=Absent(),
        )
        return await asyncio.to_thread(self._look_inside, file, received)

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
            digest = hashlib.sha256()
            received = 0
            async for chunk, total in self._chunks(file):
                digest.update(chunk)
                await asyncio.to_thread(temporary.write, chunk)
                received += len(chunk)
                self._progress(file.filename, received, total or file.size)
            if file.size is not None and received != file.size:
                raise SourceRefused(f"{file.filename}: {file.size} bytes were announced, and {received} came")
            await asyncio.to_thread(temporary.flush)
            await asyncio.to_thread(self._store.add, Path(temporary.name), Sha256(digest.hexdigest()))
        return Sha256(digest.hexdigest())

    async def _chunks(self, file: DistributionFile) -> AsyncIterator[tuple[bytes, int | None]]:
        parts = urlsplit(file.url)
        if parts.scheme != "file":
            what = file.filename
            async with self._client.stream(
                file.url, limit=BODY_LIMIT, deadline=BODY_SECONDS, what=what
            ) as download:
                async for chunk in _in_pieces(download.chunks):
                    yield chunk, download.length
            return
        path = Path(url2pathname(unquote(parts.path)))
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

    def _look_inside(self, file: DistributionFile, received: Bytes) -> tuple[Bytes, Statement]:
        with self.open(received.sha256) as body:
            found = look_inside(body, file.name, received, self._occupied)
        if found.metadata:
            self._inside[received.sha256] = found.metadata
        return found.received, found.statement

    async def _announced_fact(self, file: DistributionFile) -> Fact[CoreMetadata]:
        if file.core_metadata is None:
            return Absent()
        try:
            return Known(core_metadata.parse(await self._announced.of(file)))
        except SourceError as error:
            return Unavailable("index", str(error))


def _told_later(task: asyncio.Task[None]) -> None:
    """What goes wrong ahead of time goes wrong again for whoever needs it, and is told there."""
    if not task.cancelled():
        task.exception()


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
