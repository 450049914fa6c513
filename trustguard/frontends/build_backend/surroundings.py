"""What a build hook's process was given by the frontend, as it was before anything of the project ran."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from trustguard.model.record import record


@record
class Surroundings:
    """What a frontend has started a build hook with.

    Args:
        python: the interpreter.
        environ: the variables.
        path: where modules and distributions are looked for.
    """

    python: str
    environ: Mapping[str, str]
    path: tuple[str, ...]

    @classmethod
    def of_this_process(cls) -> Surroundings:
        """Those that this process has now."""
        return cls(sys.executable, dict(os.environ), tuple(sys.path))
