"""What takes how much room, and no line that takes more than there is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trustguard.reports.columns import Columns
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign
from trustguard.reports.width import columns, pieces, wrapped

WORDS = st.text(st.sampled_from("aZ-/. \\é漢字ｱ🙂가\u0301\u20dd\u0336\u2764\ufe0f"), max_size=200)
ANY = st.text(st.characters(exclude_categories=()), max_size=120)
TEXTS = WORDS | ANY
WIDTHS = st.integers(20, 200)


def width_of(line: str) -> int:
    """By UAX 11, and with what is drawn over another character counting nothing."""
    over = sum(unicodedata.category(char) in {"Mn", "Me"} for char in line)
    return len(line) - over + sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in line)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("漢字", 4),
        ("ｱ", 1),
        ("\uff21", 2),
        ("가", 2),
        ("🙂", 2),
    ],
)
def test_a_text_takes_the_columns_that_a_terminal_gives_it(text: str, width: int) -> None:
    assert columns(text) == width


def test_a_symbol_that_is_made_an_emoji_takes_two_columns() -> None:
    assert columns("\u2764") == 1
    assert columns("\u2764\ufe0f") == 2


@settings(max_examples=400, deadline=None)
@example(text=" ZZ", width=20, indent=0, label="")
@given(
    text=TEXTS, width=WIDTHS, indent=st.integers(0, 10), label=st.sampled_from(["", "block:", "withheld:"])
)
def test_no_line_is_wider_than_the_terminal(text: str, width: int, indent: int, label: str) -> None:
    layout = Layout(width, color=False)
    safe = foreign(text, 500)
    lead = " " * indent + "1.0 MB  "
    lines = [
        *layout.paragraph(safe, indent, label),
        *layout.short(label or "note:", text, text),
        *layout.row(label, safe, safe),
        *layout.hanging(lead, safe),
        *layout.hanging(lead * 30, safe),
        *layout.quoted(text, indent, 50),
        *Columns(layout, every=False).rows("compiled", [text] * 12),
    ]
    assert all(width_of(line) <= width for line in lines), max(lines, key=width_of)


def test_a_wide_character_behind_a_space_fits_beside_the_longest_lead() -> None:
    """The lead leaves two columns, which is what the character takes."""
    assert Layout(20, color=False).hanging("x" * 40, " \u5b57") == ["x" * 18 + "\u5b57"]


@given(text=WORDS, width=WIDTHS)
def test_nothing_but_spaces_is_lost_where_lines_end(text: str, width: int) -> None:
    lines = wrapped(text, width, "", "")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert "".join(pieces(text, width)) == text


@given(text=WORDS, width=WIDTHS)
def test_what_is_drawn_over_a_character_stays_with_it(text: str, width: int) -> None:
    for line in wrapped("a" + text, width, "", "")[1:]:
        assert unicodedata.category(line[0]) not in {"Mn", "Me"} or f" {line[0]}" in text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("   ", []),
        ("one two three four five", ["one two three four", "  five"]),
        ("one  two", ["one  two"]),
        ("x" * 45, ["x" * 20, "  " + "x" * 18, "  " + "x" * 7]),
        ("ab " + "x" * 18, ["ab", "  " + "x" * 18]),
        (" " * 19 + "xx", ["xx"]),
        ("  xx", ["  xx"]),
        ("漢" * 11, ["漢" * 10, "  漢"]),
    ],
)
def test_lines_break_at_spaces_and_else_where_they_are_full(text: str, lines: list[str]) -> None:
    assert wrapped(text, 20, "", "  ") == lines


def test_a_word_that_is_longer_than_a_line_begins_where_there_is_room() -> None:
    path = "p" * 70
    assert wrapped(f"block: {path}", 60) == [f"block: {'p' * 53}", "p" * 17]
    assert wrapped(f"{'w' * 45} {path}", 60) == ["w" * 45, "p" * 60, "p" * 10]
