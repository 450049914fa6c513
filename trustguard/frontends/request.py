"""What a front door was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trustguard.config import Configuration
from trustguard.frontends.state import State
from trustguard.model.pin import PublisherPin
from trustguard.model.record import record

if TYPE_CHECKING:
    from trustguard.frontends.guard_index.bodies import Progress
    from trustguard.model.alternatives import Alternative
    from trustguard.model.report import Package

    Question = Callable[[Package, Sequence[Alternative]], bool | None]
    """Puts a file, and what there is instead, to a person; None where nobody is there to answer."""


@record
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
        locate: whether it is to be told in which file and line everything was asked for.
    """

    configuration: Configuration
    state: State
    args: tuple[str, ...]
    ask: Question
    progress: Progress
    quiet_stdout: bool = False
    check: bool = False
    locate: bool = False

    def pinned(self, pins: Sequence[PublisherPin]) -> Request:
        """The same, where publishers are pinned in addition to those that the configuration pins."""
        policy = self.configuration.policy
        stricter = replace(policy, publishers=(*policy.publishers, *pins))
        return replace(self, configuration=replace(self.configuration, policy=stricter))
