"""What there is instead of a project, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from trustguard.model.alternatives import Alternative
from trustguard.reports.layout import Layout, Tone
from trustguard.reports.text import foreign

_NAME, _TEXT = 120, 300


def told(alternatives: Iterable[Alternative]) -> list[str]:
    """The project to take, and why; made safe."""
    return [f"{foreign(one.instead, _NAME)} ({foreign(one.reason, _TEXT)})" for one in alternatives]


def instead(alternatives: Sequence[Alternative], layout: Layout, indent: int = 2) -> list[str]:
    """The lines on what there is instead."""
    return [line for text in told(alternatives) for line in layout.paragraph(f"instead: {text}", indent)]


def in_place(alternatives: Sequence[Alternative], layout: Layout) -> list[str]:
    """The same of a project that is let in, and need not be told otherwise."""
    return [
        line
        for one, text in zip(alternatives, told(alternatives), strict=True)
        for line in layout.paragraph(
            text, label=f"in place of {foreign(one.project, _NAME)}:", tone=Tone.DOUBTFUL
        )
    ]


def to_json(alternatives: Iterable[Alternative]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"project": one.project, "instead": one.instead, "kind": one.kind, "reason": one.reason}
        for one in alternatives
    ]
