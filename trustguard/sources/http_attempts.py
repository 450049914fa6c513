"""One thing to be fetched: how long it may take in all, and how often it is tried."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.sources.http_settings import HttpSettings
from trustguard.sources.urls import printable, redact

T = TypeVar("T")

_LONGEST_PAUSE = 30.0
"""Seconds: a server that asks for a longer one is not waited for."""


class Transient(Exception):
    """An attempt failed in a way that may pass. Never leaves the package.

    Args:
        reason: what happened, as the end of a sentence.
        after: seconds that the server asks us to wait.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Operation:
    """The fetching of one address.

    Args:
        settings: how often to repeat, and how long to pause.
        url: the address, as it was asked for.
        what: what is behind it, for messages: "the page of flask".
        deadline: seconds for everything: redirects, repetitions, pauses and the body.
    """

    def __init__(self, settings: HttpSettings, url: str, what: str, deadline: float) -> None:
        self._settings = settings
        self._name = f"{what} at {redact(url)}"
        self._deadline = deadline
        self._ends = anyio.current_time() + deadline
        self._failures = 0
        self._last = ""

    async def within(self, awaitable: Awaitable[T]) -> T:
        """Wait for a step, but not beyond the deadline.

        Raises:
            SourceUnreachable: the time is over.
        """
        with anyio.move_on_after(self._ends - anyio.current_time()):
            return await awaitable
        last = f"; before that, {self._last}" if self._last else ""
        raise SourceUnreachable(f"{self._name} did not come within {self._deadline:g} s{last}")

    async def persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it works, as often as the settings say.

        Raises:
            SourceUnreachable: it never worked, or the time is over.
        """
        while True:
            try:
                return await self.within(attempt())
            except Transient as failure:
                await self.pause(failure)

    async def pause(self, failure: Transient) -> None:
        """Wait before the next attempt.

        Raises:
            SourceUnreachable: there is no next one.
        """
        self._failures += 1
        self._last = failure.reason
        if self._failures > self._settings.retries:
            attempts = f" ({self._failures} attempts)" if self._failures > 1 else ""
            raise SourceUnreachable(
                f"{self._name} cannot be fetched: {failure.reason}{attempts}"
            ) from failure
        pause = self._settings.backoff * 2 ** (self._failures - 1) if self._failures > 1 else 0.0
        if failure.after is not None:
            pause = failure.after
        if pause > _LONGEST_PAUSE:
            wish = f"{failure.reason}, and asks to come back in {pause:.0f} s"
            raise SourceUnreachable(f"{self._name} cannot be fetched: {wish}") from failure
        await self.within(anyio.sleep(pause))

    def refused(self, why: str, hint: str = "") -> SourceRefused:
        """The error for an answer that is against the rules."""
        return SourceRefused(f"{self._name}: {printable(why)}", hint=hint)

    def unreachable(self, why: str) -> SourceUnreachable:
        """The error for no answer, where another attempt would be of no use."""
        return SourceUnreachable(f"{self._name} cannot be fetched: {printable(why)}")
