"""The page of one check, for a terminal: its docstring without its marks, its actions and its settings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Any

from trustguard.model.check_page import CheckPage
from trustguard.model.finding import Severity
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign

_WIDEST, _NARROWEST = 100, 40
_TEXT = 500
_ITEM = re.compile(r"(?:[-*]|[0-9]+\.) ")
_STRONG = re.compile(r"\*\*(.+?)\*\*")


def render(page: CheckPage, *, width: int) -> str:
    """The page, as lines, each with its end.

    Args:
        page: the check.
        width: of the terminal, in columns; no line of text is longer than 100.
    """
    layout = Layout(max(min(width, _WIDEST), _NARROWEST), color=False)
    lines = [page.id, "=" * len(page.id), "", *text(page.text, layout.width), ""]
    if page.profiles:
        lines += [*_profiles(page), ""]
    lines += ["Here:", *_here(page, layout)]
    return "".join(f"{line}\n" for line in lines)


def text(marked: str, width: int) -> Iterator[str]:
    """A docstring in its marks (paragraphs, items, emphasis) as lines of a terminal."""
    for number, block in enumerate(re.split(r"\n\s*\n", marked.strip())):
        if number:
            yield ""
        for piece in _pieces(block):
            item = _ITEM.match(piece)
            yield from textwrap.wrap(
                _STRONG.sub(r"\1", piece),
                width,
                subsequent_indent=" " * (item.end() if item else 0),
                break_long_words=False,
                break_on_hyphens=False,
            )


def _pieces(block: str) -> Iterator[str]:
    """A paragraph, or the items of a list, each on one line."""
    piece: list[str] = []
    for line in block.splitlines():
        if _ITEM.match(line) and piece:
            yield " ".join(piece)
            piece = []
        piece.append(line.strip())
    yield " ".join(piece)


def _profiles(page: CheckPage) -> Iterator[str]:
    yield f"{'Profile':<12}" + "".join(f"{severity.name.lower():<10}" for severity in Severity).rstrip()
    for profile, actions in page.profiles.items():
        yield f"{profile:<12}" + "".join(f"{action.name.lower():<10}" for action in actions).rstrip()


def _here(page: CheckPage, layout: Layout) -> Iterator[str]:
    for severity, (action, by) in page.actions.items():
        yield from layout.row(severity.name.lower(), f"{action.name.lower()}: {foreign(by, _TEXT)}")
    if page.exempt:
        yield from layout.row("exempt", foreign(", ".join(page.exempt), _TEXT))
    for setting in page.settings:
        yield from layout.paragraph(foreign(f"{setting.name} = {setting.value}, {setting.by}", _TEXT), 2)


def to_json(page: CheckPage) -> dict[str, Any]:
    """The same for programs, the text in its marks."""
    return {
        "id": page.id,
        "text": page.text,
        "profiles": [
            {"profile": profile, "actions": [action.name.lower() for action in actions]}
            for profile, actions in page.profiles.items()
        ],
        "actions": [
            {"severity": severity.name.lower(), "action": action.name.lower(), "by": by}
            for severity, (action, by) in page.actions.items()
        ],
        "exempt": list(page.exempt),
        "settings": [{"name": one.name, "value": one.value, "by": one.by} for one in page.settings],
    }
