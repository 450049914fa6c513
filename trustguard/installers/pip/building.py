"""How pip is told to build packages and what to keep away from, and what it tells of that."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from trustguard.model.build import BuildSandbox
from trustguard.model.record import record

_VARIABLE = "TRUSTGUARD_BUILDS"
_HERE = Path(__file__).parent


@record
class Building:
    """The building of one run (builds.py, sandbox.py, closed.py).

    Args:
        sandbox: whether there must be a sandbox.
        told: a file of our own, in which pip's processes write down why there is no sandbox.
        refused: another one, for what they were kept from.
    """

    sandbox: BuildSandbox
    told: Path
    refused: Path

    def environ(self) -> Mapping[str, str]:
        """What pip's process, and every pip below it, has to know."""
        import pip  # noqa: PLC0415 - only its place is needed, and only here

        settings = {
            "mode": self.sandbox,
            "python": sys.executable,
            "sandbox": str(_HERE / "sandbox.py"),
            "told": str(self.told),
            "refused": str(self.refused),
            "pip": str(Path(pip.__file__).parent.parent),
        }
        return {_VARIABLE: json.dumps(settings)}

    def remarks(self) -> tuple[str, ...]:
        """What to say of builds without a sandbox, once pip has ended; of others, pip has said it."""
        return tuple(map(self._remark, _lines(self.told)))

    def refusals(self) -> tuple[str, ...]:
        """What pip was kept from, once it has ended."""
        return tuple(f"refused: {place}, which is no configured source" for place in _lines(self.refused))

    def _remark(self, missing: str) -> str:
        if self.sandbox == "require":
            return f"the build sandbox is required and this platform has none: {missing}; nothing was built"
        return (
            f"builds are not isolated: {missing}; only what looks like a credential was kept from them "
            "(build-sandbox)"
        )


def _lines(path: Path) -> list[str]:
    """What pip's processes have written into a file, each once.

    A build that no sandbox holds may have written there too; its lines are told as they are.
    """
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return list(map(_said, dict.fromkeys(text.splitlines())))


def _said(line: str) -> str:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return line
    return said if isinstance(said, str) else line
