"""Text that others wrote, made safe to show: names, reasons, summaries, addresses, file names."""

from __future__ import annotations

import unicodedata
from typing import Final

from trustguard.reports.width import columns

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
r"""Control characters (a terminal obeys ESC), format characters (which reorder or hide what stands beside
them, UTR #36), line and paragraph separators, surrogates, and what has no meaning that is known here."""
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"
)
"""Letters and marks that nothing is drawn for: fillers, joiners, the empty pattern of Braille (Unicode's
property Default_Ignorable_Code_Point, as far as the categories say otherwise; and three that are blank)."""
_VARIATION: Final = range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
"""They choose a shape of the character before them, and are seen only behind a symbol: emoji."""


def foreign(text: str, limit: int) -> str:
    r"""Text from outside, on one line and without power over the terminal.

    Args:
        text: whatever a package, an index or an advisory says.
        limit: the most columns to show, at least one; what is longer ends in ``…``. What is drawn over
            another character counts as one too.

    Returns:
        The text with every character that cannot be seen as ``\u{…}``, its code point in hexadecimal.
    """
    shown: list[str] = []
    room = limit
    before = ""
    for char in text[: limit + 1]:
        piece = f"\\u{{{ord(char):x}}}" if _is_hidden(char, before) else char
        before = char
        room -= _room(piece)
        shown.append(piece)
        if room < 0:
            break
    else:
        return "".join(shown)
    while room < 1:
        room += _room(shown.pop())
    return "".join(shown) + "…"


def _is_hidden(char: str, before: str) -> bool:
    if char.isascii():
        return not char.isprintable()
    if any(ord(char) in shapes for shapes in _VARIATION):
        return not before or before in _BLANK or unicodedata.category(before) != "So"
    return char in _BLANK or unicodedata.category(char) in _HIDDEN


def _room(piece: str) -> int:
    return len(piece) if piece.isascii() else max(columns(piece), 1)


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as ``1 file`` and ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
