"""Signals that come while something is being finished which must not stay half done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back(*, when: bool) -> Iterator[None]:
    """Let neither Ctrl-C nor a termination signal end this process: what it does will be over in a moment.

    Args:
        when: whether to; otherwise signals do what they always do.
    """
    if not when:
        yield
        return
    before = {number: signal.signal(number, _pass) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass(number: int, frame: FrameType | None) -> None:
    """What is being waited for goes on (PEP 475)."""
