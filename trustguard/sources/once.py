"""The first answer stays: what is asked for twice in one run is fetched once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

from trustguard.model.errors import SourceUnreachable

T = TypeVar("T")


class Once(Generic[T]):
    """Answers by key. Callers at the same time share one fetch; who gives up ends it for nobody else.

    A refusal stays too: it is an answer. Only where there was none (``SourceUnreachable``) the next caller
    tries again.
    """

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[T]] = {}

    async def get(self, key: str, fetch: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer for a key; `fetch` is called where there is none yet."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(fetch())
            task.add_done_callback(partial(self._done, key))
        return await asyncio.shield(task)

    def _done(self, key: str, task: asyncio.Task[T]) -> None:
        if task.cancelled() or isinstance(task.exception(), SourceUnreachable):
            self._tasks.pop(key, None)
