"""That one name may be taken for another."""

from __future__ import annotations

from typing import Literal

from packaging.utils import NormalizedName

from trustguard.model.record import record

Tier = Literal["suspicious", "likely"]
Kind = Literal[
    "separator",
    "lookalike",
    "order",
    "prefix",
    "digits",
    "edit1",
    "edit2",
    "affix",
    "glued",
    "stdlib",
    "import-name",
]


@record
class NameHit:
    """A better known name that a project's name may be taken for.

    Args:
        target: that name: a project's, or a module's of the standard library.
        kind: how the two are related.
        tier: ``likely`` is said of few honest names, about 2 in 1,000; ``suspicious`` of about 2 in 100.
        confidence: from 0 to 1, to compare hits with each other; no probability in the world at large.
        reason: the same for people, one line.
    """

    target: NormalizedName
    kind: Kind
    tier: Tier
    confidence: float
    reason: str
