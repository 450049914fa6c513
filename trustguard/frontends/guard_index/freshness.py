"""Sees to it that there is advisory data, without making anybody wait who need not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlsplit

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable, StoreError
from trustguard.model.evidence import Advisory, Fact, Unavailable
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.osv import AdvisoryRecord, read_export
from trustguard.sources.urls import path_of_file_url, redact
from trustguard.store.advisories import AdvisoryInfo, AdvisoryStore

EXPORT_LIMIT = 512 * 1024 * 1024
"""An export larger than this (bytes) is not read."""
_PAUSE_AFTER_FAILURE = timedelta(minutes=30)


async def refresh(
    client: HttpClient, store: AdvisoryStore[AdvisoryRecord], url: str, deadline: timedelta
) -> AdvisoryInfo:
    """Fetch an OSV export and put it in the place of the advisory data.

    Args:
        client: reaches the source.
        store: where the data goes.
        url: the export's address, http(s) or file.
        deadline: how long fetching may take.

    Raises:
        SourceError: it cannot be had, or is not an export.
        StoreError: it cannot be kept.
    """
    with TemporaryFile() as file:
        try:
            await asyncio.wait_for(_fetch(client, url, file), deadline.total_seconds())
        except asyncio.TimeoutError:
            seconds = round(deadline.total_seconds())
            raise SourceUnreachable(f"{redact(url)} did not come within {seconds} seconds") from None
        return await asyncio.to_thread(_load, store, file, redact(url))


async def _fetch(client: HttpClient, url: str, file: BinaryIO) -> None:
    if urlsplit(url).scheme == "file":
        path = path_of_file_url(url)
        try:
            file.write(await asyncio.to_thread(path.read_bytes))
        except OSError as error:
            raise SourceUnreachable(f"{path} cannot be read: {error.strerror}") from error
        return
    # The caller's deadline is the one that counts; this one is only never shorter.
    async with client.stream(url, limit=EXPORT_LIMIT, deadline=86400, what="the advisory data") as download:
        async for chunk in download.chunks:
            await asyncio.to_thread(file.write, chunk)


def _load(store: AdvisoryStore[AdvisoryRecord], file: BinaryIO, origin: str) -> AdvisoryInfo:
    skipped: list[str] = []
    records = _named(read_export(file, skipped=skipped.append), origin)
    return store.replace(records, origin=origin, fetched_at=datetime.now(timezone.utc))


def _named(records: Iterator[AdvisoryRecord], origin: str) -> Iterator[AdvisoryRecord]:
    """The records; what is wrong with them is told of the place that they came from."""
    try:
        yield from records
    except SourceRefused as error:
        raise SourceRefused(f"{origin}: {error.message}", hint=error.hint) from error


@dataclass
class FreshAdvisories:
    """The advisories of a run, kept fresh.

    Where there is none at all, judging waits for it, up to the deadline. Where it is only stale, it is
    fetched while the installer works, and what is there is used meanwhile. After a failure nobody waits again
    for half an hour: the checks that need the data are inconclusive until then, and say so.

    Args:
        store: the data.
        url: where it comes from; None: from nowhere.
        max_age: when it is stale.
        deadline: how long fetching it may take.
        settings: how the network is to be used. One more try is enough: the next run comes soon.
    """

    store: AdvisoryStore[AdvisoryRecord]
    url: str | None
    max_age: timedelta
    deadline: timedelta
    settings: HttpSettings = field(default_factory=HttpSettings)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _needed: bool = field(default=False, init=False)
    _noted: tuple[int, str] | None = field(default=None, init=False)
    """What was written down of the last failure, and when (nanoseconds)."""

    @asynccontextmanager
    async def keep(self) -> AsyncIterator[None]:
        """Fetch what is missing or stale while the body runs."""
        age = await asyncio.to_thread(self._age)
        self._needed = age is None
        if self.url is not None and (age is None or age > self.max_age) and not self._failure():
            self._task = asyncio.create_task(self._refresh(self.url))
        try:
            yield
        finally:
            if self._task is not None:
                self._task.cancel()
                with suppress(asyncio.CancelledError):
                    await self._task

    async def ready(self) -> None:
        """Return once there is data, or once it is clear that there will be none for now.

        What nobody expected is raised: then nothing is judged, and nothing installed.
        """
        if self._needed and self._task is not None:
            await asyncio.shield(self._task)

    async def refreshed(self) -> None:
        """Return once there is nothing more to wait for: for who asks for the facts of today alone."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def _refresh(self, url: str) -> None:
        try:
            async with HttpClient(replace(self.settings, retries=1)) as client:
                await refresh(client, self.store, url, self.deadline)
            self._mark.unlink(missing_ok=True)
        except (SourceError, StoreError) as error:
            await asyncio.to_thread(self._note_failure, str(error))

    def _age(self) -> timedelta | None:
        try:
            info = self.store.info()
        except StoreError:
            return None  # it has been set aside; look-ups say so
        return None if info is None else datetime.now(timezone.utc) - info.fetched_at

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        """The advisories that apply to a release; where there are none to ask, also why."""
        fact = self.store.applying(project, version)
        if isinstance(fact, Unavailable) and (reason := self._failure()):
            return Unavailable("advisories", f"the advisory data could not be fetched: {reason}")
        return fact

    def remark(self) -> str:
        """What is to be said of data that is stale and could not be refreshed; empty where all is well.

        A run that ends before the data has come has no failure to tell of. That none has lasted long enough
        is said once the data is twice as old as it may be.
        """
        age, reason = self._age(), self._failure()
        if age is None or age <= self.max_age:
            return ""
        told = f"the advisory data is {age // timedelta(hours=1)} hours old"
        if reason:
            return f"{told} and could not be refreshed: {reason}"
        return (
            f"{told}, and had not come when this run ended: trustguard update"
            if age > 2 * self.max_age
            else ""
        )

    @property
    def _mark(self) -> Path:
        """Where the last failure is written down: the address, and the reason."""
        return self.store.path.with_suffix(".failed")

    def _failure(self) -> str:
        """Why the last attempt failed; empty where none did, not for this address, or not lately."""
        try:
            written = self._mark.stat().st_mtime_ns
            if time.time() - written / 1e9 > _PAUSE_AFTER_FAILURE.total_seconds():
                return ""
            # Every release of every project asks.
            if self._noted is None or self._noted[0] != written:
                self._noted = written, self._mark.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        url, _, reason = self._noted[1].partition("\n")
        return reason.strip() if url == redact(self.url or "") else ""

    def _note_failure(self, reason: str) -> None:
        with suppress(OSError):  # where nothing can be written, the next run simply tries again
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.write_text(f"{redact(self.url or '')}\n{reason}\n", encoding="utf-8")
