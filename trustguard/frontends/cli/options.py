"""The options that stand before every command, and what they lead to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustguard.config import Configuration


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed before the command."""

    format: str
    profile: str | None
    settings: tuple[str, ...]
    python: str | None

    def configuration(self) -> Configuration:
        """All layers of configuration, these options the last.

        Raises:
            ConfigError: a layer is wrong.
        """
        from trustguard.config import load  # noqa: PLC0415 - not before pip's process has been started

        return load(cwd=Path.cwd(), environ=os.environ, profile=self.profile, extra=self.settings)
