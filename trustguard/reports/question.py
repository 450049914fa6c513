"""The question whether a file may be installed: what a person has to know who answers it."""

from __future__ import annotations

from collections.abc import Sequence

from trustguard.model.alternatives import Alternative
from trustguard.model.evidence import Unavailable
from trustguard.model.policy import Action
from trustguard.model.report import Outage, Package
from trustguard.reports.alternatives import instead
from trustguard.reports.layout import Layout
from trustguard.reports.outages import is_silent
from trustguard.reports.refusals import unchecked, unsaid, why
from trustguard.reports.score_lines import headline


def render(package: Package, alternatives: Sequence[Alternative], *, width: int, color: bool) -> str:
    """The lines that stand before the answer.

    Args:
        package: the file.
        alternatives: what there is instead of its project.
        width: of the terminal, in columns.
        color: whether labels may be coloured.
    """
    layout = Layout(width, color)
    lines = why(package, layout, instead(alternatives, layout), headline(package.score))
    return "\n".join(["", *lines, *_not_checked(package, layout), "Install it? [y/N] "])


def _not_checked(package: Package, layout: Layout) -> list[str]:
    """What could not be checked and is no reason to ask, once for each source."""
    checks: dict[Unavailable, list[str]] = {}
    for one in package.verdict.unanswered:
        if one.action < Action.ASK:
            checks.setdefault(one.fact, []).append(one.check)
    lines: list[str] = []
    for fact, concerned in checks.items():
        if fact == package.evidence.provenance and is_silent(package):
            lines += unsaid(1, layout)
        else:
            lines += unchecked(Outage(fact.source, fact.reason, tuple(concerned), 1), layout)
    return lines
