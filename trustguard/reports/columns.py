"""Rows of a label and what is to be said to it, in sections, with no more of each than fits a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustguard.model.record import record
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign

TEXT, PATH = 500, 300
"""The most characters of a sentence, and of a path or name, that are shown."""
LINES = 10
"""So many rows of one label are shown."""
_EXCERPT = 12
_UNIT = 1000


@record
class Columns:
    """Makes sections and rows. Texts are as somebody else wrote them, and made safe here.

    Args:
        layout: makes the lines.
        every: whether nothing is left out.
    """

    layout: Layout
    every: bool

    def section(self, title: str, lines: Iterable[str]) -> Iterator[str]:
        """A title and its lines; nothing where there are none."""
        found = list(lines)
        if found:
            yield from ("", f"  {title}:", *found)

    def row(self, label: str, text: str) -> list[str]:
        """A label and a text, which is safe already; nothing where it is empty."""
        return self.layout.row(label, text)

    def rows(self, label: str, texts: Sequence[str], most: int = LINES) -> list[str]:
        """A line for each text, and one for those that are left out."""
        cut = len(texts) if self.every else most
        more = [f"and {len(texts) - cut:,} more"] if len(texts) > cut else []
        return self.layout.row(label, *(foreign(text, TEXT) for text in texts[:cut]), *more)

    def some(self, names: Sequence[str], most: int = LINES) -> str:
        """Names with commas between them, and how many are left out."""
        cut = len(names) if self.every else most
        more = f" and {len(names) - cut:,} more" if len(names) > cut else ""
        return ", ".join(foreign(name, PATH) for name in names[:cut]) + more

    def quoted(self, text: str, *, whole: bool) -> Iterator[str]:
        """The lines of a text, marked as such.

        Args:
            text: as it was written.
            whole: whether it is all that there was.
        """
        lines = self.layout.quoted(text, 8, len(text) if self.every else _EXCERPT)
        yield from lines
        if not whole and (self.every or len(lines) <= _EXCERPT):
            yield f"{' ' * 8}(and more, which was not kept)"


def size(count: int) -> str:
    """Bytes, for people: with the prefixes of the SI."""
    amount, units = float(count), ["B", "kB", "MB", "GB"]
    while amount >= _UNIT and len(units) > 1:
        amount, units = amount / _UNIT, units[1:]
    return f"{count} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"
