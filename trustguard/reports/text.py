"""Text that others wrote, made safe to show: names, reasons, summaries, addresses, file names."""

from __future__ import annotations

import unicodedata
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
r"""Control characters (a terminal obeys ESC), format characters (which reorder or hide what stands beside
them, UTR #36), line and paragraph separators, surrogates, and what has no meaning that is known here."""


def foreign(text: str, limit: int) -> str:
    r"""Text from outside, on one line and without power over the terminal.

    Args:
        text: whatever a package, an index or an advisory says.
        limit: the most characters to show, at least one; what is longer ends in ``…``.

    Returns:
        The text with every hidden character as ``\u{…}``, its code point in hexadecimal.
    """
    shown: list[str] = []
    room = limit
    for char in text[: limit + 1]:
        piece = char if unicodedata.category(char) not in _HIDDEN else f"\\u{{{ord(char):x}}}"
        room -= len(piece)
        shown.append(piece)
        if room < 0:
            break
    else:
        return "".join(shown)
    while room < 1:
        room += len(shown.pop())
    return "".join(shown) + "…"


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as ``1 file`` and ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
