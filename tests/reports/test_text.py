"""Foreign text cannot do anything to a terminal, nor pretend to be other text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustguard.reports.text import counted, foreign


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("requests 2.32", "requests 2.32"),
        ("größer 数据 🙂", "größer 数据 🙂"),
        ("\x1b[2J", r"\u{1b}[2J"),
        ("\x9b2J", r"\u{9b}2J"),
        ("a\r\nb\tc\x00\x7f", r"a\u{d}\u{a}b\u{9}c\u{0}\u{7f}"),
        ("\u202egnp.exe", r"\u{202e}gnp.exe"),
        ("\u2066a\u2069\u200b\ufeff", r"\u{2066}a\u{2069}\u{200b}\u{feff}"),
        ("\u2028\u2029", r"\u{2028}\u{2029}"),
        ("\ue000\ud800\U000e0041", r"\u{e000}\u{d800}\u{e0041}"),
        ("\uffff", r"\u{ffff}"),
    ],
)
def test_what_is_hidden_becomes_visible_and_the_rest_stays(text: str, shown: str) -> None:
    assert foreign(text, 100) == shown


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("", 1, ""),
        ("a\nb", 6, "a…"),
        ("a\nb", 7, r"a\u{a}b"),
        ("ab\n", 6, "ab…"),
        ("\n\n", 6, r"\u{a}…"),
    ],
)
def test_what_is_too_long_is_cut_and_no_escape_in_the_middle(text: str, limit: int, shown: str) -> None:
    assert foreign(text, limit) == shown


def test_ten_thousand_characters_become_as_many_as_are_allowed() -> None:
    assert foreign("x" * 10_000, 80) == "x" * 79 + "…"


@given(st.text(st.characters(exclude_categories=())), st.integers(1, 60))
def test_nothing_hidden_comes_out_and_never_more_than_the_limit(text: str, limit: int) -> None:
    shown = foreign(text, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U00016fe4\U0001d159"


@pytest.mark.parametrize("char", BLANK)
def test_a_letter_that_cannot_be_seen_becomes_visible(char: str) -> None:
    """Unicode's Default_Ignorable_Code_Point, where it is no format character; and three that are blank."""
    assert foreign(f"re{char}quests", 40) == f"re\\u{{{ord(char):x}}}quests"


def test_what_chooses_the_shape_of_a_character_is_only_let_stand_behind_a_symbol() -> None:
    assert foreign("I \u2764\ufe0f it", 40) == "I \u2764\ufe0f it"
    assert foreign("pip\ufe0f, \ufe0fa, 漢\U000e0101", 80) == r"pip\u{fe0f}, \u{fe0f}a, 漢\u{e0101}"
    assert foreign("\u2800\ufe0f", 80) == r"\u{2800}\u{fe0f}"


def test_a_limit_is_of_columns_and_not_of_characters() -> None:
    assert foreign("漢字漢字", 8) == "漢字漢字"
    assert foreign("漢字漢字漢", 8) == "漢字漢…"
    assert foreign("a" + "\u0301" * 100, 8) == "a" + "\u0301" * 6 + "…"


@given(
    st.text(
        st.characters(exclude_categories=("C", "Zl", "Zp")).filter(
            lambda char: char not in BLANK and "VARIATION SELECTOR" not in unicodedata.name(char, "")
        )
    )
)
def test_plain_text_within_the_limit_is_not_touched(text: str) -> None:
    assert foreign(text, max(1, 2 * len(text))) == text


@pytest.mark.parametrize(("number", "shown"), [(0, "0 files"), (1, "1 file"), (2, "2 files")])
def test_one_is_singular(number: int, shown: str) -> None:
    assert counted(number, "file") == shown
