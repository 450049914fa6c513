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
_EMOJI = "\ufe0f"
"""It makes an emoji of the symbol before it, which then is wide (Unicode Standard 51)."""
_WORTH_FILLING = 20
"""A word that is longer than a line begins in the room that is left of one, if it is so many columns."""


def columns(text: str) -> int:
    """The columns that a text takes. It has no control characters: it was made safe."""
    return len(text) if text.isascii() else sum(width for _, width in _cells(text))


def _cells(text: str) -> Iterator[tuple[str, int]]:
    """Characters, each with what is drawn over it, and the columns that they take together."""
    cell, width = "", 0
    for char in text:
        if char == _EMOJI or unicodedata.category(char) in _OVER:
            cell, width = cell + char, 2 if char == _EMOJI and width else width
            continue
        if cell:
            yield cell, width
        cell, width = char, 2 if unicodedata.east_asian_width(char) in _WIDE else 1
    if cell:
        yield cell, width


def pieces(text: str, room: int, first: int | None = None) -> Iterator[str]:
    """A text in pieces that fit; at least one, and no character parted from what is drawn over it.

    Args:
        text: without spaces that matter.
        room: columns for a piece, at least two: a wide character has to fit.
        first: columns for the first one, likewise; None is for as many.
    """
    piece, used = "", 0
    left = room if first is None else first
    for cell, width in _cells(text):
        if used + width > left:
            yield piece
            piece, used, left = "", 0, room
        piece, used = piece + cell, used + width
    yield piece


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
