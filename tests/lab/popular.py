"""A ranking of projects by downloads, in the form of the public one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

UPDATED = "2026-10-01 06:34:58"


def ranking(names: Sequence[str] = (), *, more: int = 1000, updated: str = UPDATED) -> bytes:
    """Return a ranking as JSON: these names, then ``ranked-0000`` and so on.

    Args:
        names: the most popular first.
        more: how many further names.
        updated: what it says of its own time.

    """
    every = [*names, *(f"ranked-{number:04d}" for number in range(more))]
    rows = [{"download_count": 10**9 - rank, "project": name} for rank, name in enumerate(every)]
    return json.dumps({"last_update": updated, "query": {"cached": False}, "rows": rows}).encode()
