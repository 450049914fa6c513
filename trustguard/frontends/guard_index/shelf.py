"""The files of a run: fetched once, vetted once, and handed out where the verdict lets them through."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from trustguard.frontends.guard_index.before import Before
from trustguard.frontends.guard_index.bodies import Bodies
from trustguard.frontends.guard_index.inside import Inside, look_inside
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.neighbours import Neighbours
from trustguard.frontends.guard_index.surroundings import Surroundings
from trustguard.model.contents import Laid, Occupied
from trustguard.model.errors import SourceError, SourceRefused, StoreError, TrustguardError
from trustguard.model.evidence import Absent, CoreMetadata, Fact, Known, NotApplicable, Unavailable
from trustguard.model.policy import Action
from trustguard.model.project import DistributionFile, FileKind, Listing, Sha256
from trustguard.model.record import record
from trustguard.model.verdict import Decision
from trustguard.sources import core_metadata
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.vetting import Bytes, Candidate, Vetter

Ask = Callable[[Candidate], bool | None]
"""Puts a question to a person; None where nobody is there to answer."""


class Refused(Exception):
    """A file is not served. The verdict is with the journal."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate.file.filename)
        self.candidate = candidate


@record
class _Held:
    """A file of the store whose bytes have been vetted."""

    candidate: Candidate
    digest: Sha256
    laid: Laid


class Shelf:
    """Vets bodies and metadata, and hands out what may be had.

    Args:
        bodies: fetches them.
        announced: fetches the metadata that indexes serve.
        surroundings: learns what stands around a file, such as who built it.
        before: learns what ran by itself in an earlier release.
        vetter: judges.
        journal: is told what was decided.
        ask: asks a person.
        occupied: says whose the files of the target are.
        neighbours: knows what was handed out to lie beside each other.
    """

    def __init__(  # noqa: PLR0913 - the parts that it joins
        self,
        bodies: Bodies,
        announced: AnnouncedMetadata,
        surroundings: Surroundings,
        before: Before,
        vetter: Vetter,
        journal: Journal,
        ask: Ask,
        occupied: Callable[[], Occupied],
        neighbours: Neighbours,
    ) -> None:
        self._neighbours = neighbours
        self._occupied = occupied
        self._bodies = bodies
        self._announced = announced
        self._surroundings = surroundings
        self._before = before
        self._vetter = vetter
        self._journal = journal
        self._ask = ask
        self._held: dict[str, asyncio.Task[_Held]] = {}
        self._looked: dict[str, asyncio.Task[Inside]] = {}
        self._answers: dict[str, bool | None] = {}
        self._asking = asyncio.Lock()

    async def metadata(self, candidate: Candidate) -> bytes:
        """The core metadata of a file, from the index where it has it of a wheel, else out of the file.

        Raises:
            Refused: what the metadata says, or was known before, keeps the file from being offered.
            SourceError: it cannot be had.
        """
        candidate = await self._introduced(candidate)
        self._refuse_at_once(candidate)
        if candidate.file.core_metadata is not None and candidate.file.name.kind is FileKind.WHEEL:
            content = await self._announced.of(candidate.file)
        else:
            content = await self._found_inside(candidate)
        judged = self._vetter.vet_metadata(candidate, _parsed(content, candidate.file))
        self._refuse_at_once(judged)
        self._journal.described(judged)
        return content

    async def _found_inside(self, candidate: Candidate) -> bytes:
        content = (await self._inside(candidate.file)).metadata
        if not content:
            # Why, the verdict on the bytes says.
            self._refuse_at_once((await self._wanted(candidate)).candidate)
            raise SourceRefused(f"{candidate.file.filename}: its metadata cannot be read")
        return content

    async def states_what_it_needs(self, candidate: Candidate) -> bool:
        """Whether a file that may be offered has metadata inside which holds for whatever is built from it.

        What goes wrong is for whoever asks for the file.
        """
        if candidate.verdict.refused:
            return False
        try:
            return bool((await self._inside(candidate.file)).metadata)
        except TrustguardError:
            return False

    async def body(self, candidate: Candidate, listings: Sequence[Listing] = ()) -> tuple[BinaryIO, Sha256]:
        """A file's bytes, once there is a verdict that lets them through.

        Args:
            candidate: the file, as a listing has it.
            listings: the project's pages where several indexes were asked and have it; the file's own first.

        Raises:
            Refused: they are not let through.
            SourceError: they cannot be had.
        """
        self._refuse_at_once(await self._introduced(candidate))
        held = await self._wanted(candidate)
        await self._decide(self._beside(held, listings))
        return await asyncio.to_thread(self._bodies.open, held.digest), held.digest

    def _beside(self, held: _Held, listings: Sequence[Listing]) -> Candidate:
        overlaps = self._neighbours.meet(held.candidate.evidence.project, held.laid)
        if not listings and not overlaps:
            return held.candidate
        return self._vetter.vet_beside(held.candidate, listings, overlaps)

    async def judge(self, candidate: Candidate, *, ask: bool) -> None:
        """Have the verdict on a file's bytes written down, and serve nothing.

        Args:
            candidate: the file, as a listing has it.
            ask: whether a person is asked where it is for a person to decide.

        Raises:
            SourceError: they cannot be had.
        """
        introduced = await self._introduced(candidate)
        candidate = introduced if introduced.verdict.refused else (await self.held(candidate)).candidate
        if ask:
            with suppress(Refused):
                await self._decide(candidate)
        else:
            self._journal.decided(candidate, candidate.verdict.decision)

    async def held(self, candidate: Candidate) -> _Held:
        """Fetch and vet a file, once however many ask for it."""
        url = candidate.file.url
        if url not in self._held:
            self._held[url] = asyncio.create_task(self._fetch_and_vet(candidate))
        return await asyncio.shield(self._held[url])

    async def _wanted(self, candidate: Candidate) -> _Held:
        """A file that the installer waits for."""
        self._surroundings.hurry(candidate)
        return await self.held(candidate)

    async def _introduced(self, candidate: Candidate) -> Candidate:
        """A file that would be refused, and whose name is in question: judged by whose it is as well.

        Before its bytes are fetched nobody has asked for that, and it may be all that there is to know.
        """
        if not candidate.verdict.refused or not isinstance(candidate.evidence.lookalike, Known):
            return candidate
        return self._vetter.vet_kin(candidate, await self._surroundings.kin(candidate))

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
                self._answers[key] = await _answer(self._ask, candidate)
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
            inside = await self._inside(candidate.file)
        finally:
            expected.cancel()  # whoever needs the same goes on with it
        received = inside.received
        around, before = await asyncio.gather(
            self._surroundings.of(candidate, received.sha256, inside.statement),
            self._before.of(candidate, received.contents),
        )
        judged = self._vetter.vet_file(candidate, received, replace(around, start_up_before=before))
        return _Held(judged, received.sha256, inside.laid)

    async def _inside(self, file: DistributionFile) -> Inside:
        """Fetch a file and look inside, once however many ask for it."""
        if file.url not in self._looked:
            self._looked[file.url] = asyncio.create_task(self._look(file))
        return await asyncio.shield(self._looked[file.url])

    async def _look(self, file: DistributionFile) -> Inside:
        announced = await self._announced_fact(file)
        try:
            return await self._received(file, announced)
        except StoreError:
            # What lay in the store was damaged, and has been set aside: once more, from the source.
            return await self._received(file, announced)

    async def _received(self, file: DistributionFile, announced: Fact[CoreMetadata]) -> Inside:
        received = Bytes(
            sha256=await self._bodies.fetch(file),
            announced_metadata=announced,
            metadata=Absent(),
            build_requires=NotApplicable("it is built already"),
            build=NotApplicable("it is built already"),
            claims=Absent(),
            contents=Absent(),
        )
        return await asyncio.to_thread(self._look_inside, file, received)

    def _look_inside(self, file: DistributionFile, received: Bytes) -> Inside:
        with self._bodies.open(received.sha256) as body:
            return look_inside(body, file.name, received, self._occupied)

    async def _announced_fact(self, file: DistributionFile) -> Fact[CoreMetadata]:
        if file.core_metadata is None:
            return Absent()
        try:
            return Known(core_metadata.parse(await self._announced.of(file)))
        except SourceError as error:
            return Unavailable("index", str(error))


def _parsed(content: bytes, file: DistributionFile) -> CoreMetadata:
    try:
        return core_metadata.parse(content)
    except SourceRefused as error:
        raise SourceRefused(f"{file.filename}: {error}") from error


async def _answer(ask: Ask, candidate: Candidate) -> bool | None:
    """What a person says, in a thread that nobody waits for: once a run is given up, no answer may come."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bool | None] = loop.create_future()

    def wait() -> None:
        try:
            tell = partial(answered.set_result, ask(candidate))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is waited for
            tell = partial(answered.set_exception, error)
        with suppress(RuntimeError):  # everything is over
            loop.call_soon_threadsafe(lambda: None if answered.done() else tell())

    threading.Thread(target=wait, name="question", daemon=True).start()
    return await answered


def _told_later(task: asyncio.Task[None]) -> None:
    """What goes wrong ahead of time goes wrong again for whoever needs it, and is told there."""
    if not task.cancelled():
        task.exception()
