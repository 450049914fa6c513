"""A list of popular projects is read back as it was written, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from trustguard.model.popular import FEWEST, MOST, Popular, from_text, to_text

NAMES = tuple(NormalizedName(f"name-{number}") for number in range(1000))
LIST = Popular(NAMES, "2026-11", "a ranking")
TEXT = "# origin: a ranking\n# date: 2026-11\n# names: 1000\n" + "".join(f"{name}\n" for name in NAMES)

names = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True).map(NormalizedName)
dates = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2026-01", "2026-12"])
origins = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=400)


def test_the_text_is_comments_and_then_one_name_a_line() -> None:
    assert to_text(LIST) == TEXT
    assert from_text(TEXT) == LIST


@given(st.lists(names, unique=True, max_size=5), dates, origins)
def test_what_was_written_is_read_back(first: list[NormalizedName], date: str, origin: str) -> None:
    some = Popular((*first, *(name for name in NAMES if name not in first)), date, origin)
    assert from_text(to_text(some)) == some


def test_ranks_begin_with_one() -> None:
    assert [LIST.rank(NAMES[place]) for place in (0, 1, 999)] == [1, 2, 1000]
    assert LIST.rank(NormalizedName("requests")) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "does not begin as a list of popular projects does"),
        (TEXT[:-1], "its last line is not complete"),
        (TEXT[:-2], "its last line is not complete"),
        (TEXT[: TEXT.rindex("name-")], "it has 999 names, and should have 1000"),
        (TEXT + "one-more\n", "it has 1001 names, and should have 1000"),
        (TEXT.replace("# names: 1000", "# names: 01000"), "it has 1000 names, and should have 01000"),
        (TEXT.replace("# origin", "# Origin"), "does not begin as a list of popular projects does"),
        ("\n", "does not begin as a list of popular projects does"),
        (TEXT.replace("2026-11", "2026-13"), "its origin or its date cannot be read"),
        (TEXT.replace("2026-11", "2026-11-32"), "its origin or its date cannot be read"),
        (TEXT.replace("a ranking", "a\tranking"), "its origin or its date cannot be read"),
        (TEXT.replace("a ranking", "a" * 401), "its origin or its date cannot be read"),
        (TEXT.replace("name-7\n", "Name-7\n"), "not a normalized project name: 'Name-7'"),
        (TEXT.replace("name-7\n", "name--7\n"), "not a normalized project name: 'name--7'"),
        (TEXT.replace("name-7\n", "name-7\r\n"), r"not a normalized project name: 'name-7\\r'"),
        (TEXT.replace("name-7\n", "\n"), "not a normalized project name: ''"),
        (TEXT.replace("name-7\n", "# a comment\n"), "not a normalized project name"),
        (TEXT.replace("name-7\n", "n" * 256 + "\n"), "not a normalized project name"),
        (TEXT.replace("name-7\n", "name-8\n"), "a name stands in it twice"),
    ],
)
def test_what_is_cut_off_or_altered_is_not_read(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        from_text(text)


@pytest.mark.parametrize("count", [FEWEST - 1, MOST + 1])
def test_too_few_and_too_many_names_are_not_believed(count: int) -> None:
    some = Popular(tuple(NormalizedName(f"n{number}") for number in range(count)), "2026-11", "a ranking")
    with pytest.raises(ValueError, match=f"it has {count} names"):
        from_text(to_text(some))
