"""How much room text takes on a terminal, and text broken so that no line takes more than there is.

A terminal has cells: a letter takes one, what East Asian fonts draw wide takes two, and what is drawn over
the character before it takes none (Unicode Standard Annex 11, "East Asian Width").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CHUNK = re.compile(" +|[^ ]+")
_WIDE = frozenset("WF")
_OVER = frozenset({"Mn", "Me"})
_WORTH_FILLING = 20
"""A word that is longer than a line begins in the room that is left of one, if it is so many columns."""


def columns(text: str) -> int:
    """The columns that a text takes. It has no control characters: it was made safe."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(char: str) -> int:
    if char == "\ufe0f":  # it makes an emoji of the symbol before it (Unicode Standard 51), which is wide
        return 1
    if unicodedata.category(char) in _OVER:
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def pieces(text: str, room: int, first: int | None = None) -> Iterator[str]:
    """A text in pieces that fit; at least one, and no character parted from what is drawn over it.

    Args:
        text: without spaces that matter.
        room: columns for a piece, at least two: a wide character has to fit.
        first: columns for the first one; None is for as many.
    """
    begin = used = 0
    left = room if first is None else first
    for place, char in enumerate(text):
        width = _columns(char)
        if used + width > left:
            yield text[begin:place]
            begin, used, left = place, 0, room
        used += width
    yield text[begin:]


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Text over as many lines as it takes; words are broken where one is longer than a line.

    Args:
        text: made safe already; spaces within a line stay.
        width: the most columns of a line; two more, at least, than those of the others.
        first: what the first line begins with.
        rest: what the others begin with.

    Returns:
        Lines without spaces at their ends; none for a text without words.
    """
    lines: list[str] = []
    line, gap, fresh = first, "", True
    for chunk in _CHUNK.findall(text):
        if chunk[0] == " ":
            gap = chunk
            continue
        if (
            not fresh
            and columns(line + gap + chunk) > width
            and not _begins_here(chunk, line + gap, width, rest)
        ):
            lines.append(line)
            line, gap = rest, ""
        if fresh and columns(line + gap + chunk) > width:
            gap = ""
        left = width - columns(line + gap)
        *whole, last = pieces(chunk, width - columns(rest), left) if left > 1 else (chunk,)
        if whole:
            lines.append(line + gap + whole[0])
            lines += (rest + piece for piece in whole[1:])
            line, gap = rest, ""
        line, gap, fresh = line + gap + last, "", False
    return [one.rstrip(" ") for one in (*lines, line)] if not fresh else []


def _begins_here(word: str, line: str, width: int, rest: str) -> bool:
    """Whether a word that does not fit is broken here, since it would have to be on the next line as well."""
    return columns(rest + word) > width and width - columns(line) >= _WORTH_FILLING
