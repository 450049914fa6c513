"""Lines of a given width, with or without colour. Colour only repeats what the words say."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from trustguard.model.record import record
from trustguard.reports.text import foreign
from trustguard.reports.width import pieces, wrapped

_NARROWEST = 20
_NAMES = 10
_LABELS = 16
_LONGEST_LINE = 5000


class Tone(Enum):
    """How a label is coloured (ECMA-48 SGR parameters)."""

    BAD = "1;31"
    DOUBTFUL = "33"
    PLAIN = ""


@record
class Layout:
    """Makes lines.

    Args:
        width: in columns; below 20 it counts as 20.
        color: whether labels are coloured.
    """

    width: int
    color: bool

    def paragraph(self, text: str, indent: int = 0, label: str = "", tone: Tone = Tone.PLAIN) -> list[str]:
        """Text over as many lines as it takes, which hang under the first.

        Args:
            text: made safe already.
            indent: of the first line, in columns.
            label: what the first line begins with.
            tone: of the label.
        """
        told = f"{label} {text}" if label else text
        lines = wrapped(told, self._room, " " * indent, " " * (indent + 2))
        if label and lines[0].startswith(label):
            lines[0] = self.painted(label, tone) + lines[0][len(label) :]
        return lines

    @property
    def _room(self) -> int:
        return max(self.width, _NARROWEST)

    def short(self, label: str, text: str, tail: str = "", tone: Tone = Tone.PLAIN) -> list[str]:
        """A paragraph of about three lines, with a tail four. Text and tail are shortened and made safe.

        Args:
            label: what the line begins with.
            text: as somebody else wrote it.
            tail: what is shown in brackets at the end, also somebody else's; at most one width.
            tone: of the label.
        """
        end = f" ({foreign(tail, self._room)})" if tail else ""
        room = max(3 * self._room - len(label) - 1, _NARROWEST)
        return self.paragraph(f"{foreign(text, room)}{end}", 0, label, tone)

    def hanging(self, lead: str, text: str) -> list[str]:
        """Text behind a lead, and below itself.

        Args:
            lead: what the first line begins with, our own words; it is cut where there is no room for it.
            text: made safe already.
        """
        lead = lead[: self._room - 2]
        return wrapped(text.strip(" "), self._room, lead, " " * min(len(lead), self._room // 2))

    def row(self, label: str, *texts: str) -> list[str]:
        """A label and what is to be said to it, in two columns.

        Args:
            label: in the left column.
            texts: made safe already; each begins a line of its own, and an empty one has none.
        """
        lines: list[str] = []
        for text in filter(None, texts):
            lead = f"  {'' if lines else label:<{_LABELS - 2}}"
            lines += wrapped(text, self._room, lead, " " * (_LABELS + 2 * (len(texts) > 1)))
        return lines

    def quoted(self, text: str, indent: int, most: int) -> list[str]:
        """The lines of somebody else's text, marked as such, made safe, and broken where they are too long.

        Args:
            text: as it was written.
            indent: of the mark, in columns.
            most: lines to show; how many more there are is said.
        """
        safe = (foreign(line, _LONGEST_LINE) for line in text.splitlines())
        parts = [part for line in safe for part in pieces(line, self._room - indent - 2)]
        more = len(parts) - most
        shown = parts if more <= 0 else [*parts[:most], f"({more} more lines)"]
        return [f"{' ' * indent}| {piece}".rstrip() for piece in shown]

    def painted(self, text: str, tone: Tone) -> str:
        """The text in the tone's colour, if there are colours."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self.color and tone.value else text


def some(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are. They are made safe."""
    shown = ", ".join(foreign(name, 120) for name in names[:_NAMES])
    return f"{shown} and {len(names) - _NAMES} more" if len(names) > _NAMES else shown
