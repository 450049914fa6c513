"""What a front door was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from trustguard.config import Configuration
from trustguard.frontends.guard_index.shelf import Ask, Progress
from trustguard.frontends.state import State


@dataclass(frozen=True, slots=True)
class Request:
    """A command for pip.

    Args:
        configuration: all layers.
        state: our own folders.
        args: pip's command line, from the command on.
        ask: asks a person.
        progress: is told how far transfers have come.
        quiet_stdout: whether standard output belongs to our own report, so that pip writes to standard error.
        check: whether only the verdicts are wanted; ``args`` are then those of a dry run.
    """

    configuration: Configuration
    state: State
    args: tuple[str, ...]
    ask: Ask
    progress: Progress
    quiet_stdout: bool = False
    check: bool = False
