"""A tree of any size fits its lines, and no file of it is lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trustguard.model.inspection import Item
from trustguard.reports.tree import Row, folded

paths = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5).map("/".join)


def files(*found: str | tuple[str, int]) -> list[Item]:
    """Files of a byte each, or of as many as are given."""
    return [Item(one, "file", 1) if isinstance(one, str) else Item(one[0], "file", one[1]) for one in found]


def test_folders_are_summed_and_the_largest_comes_first() -> None:
    items = [Item("a", "directory", 0), *files(("a/x.py", 10), ("a/y.py", 20), ("b.py", 25))]
    assert folded(items, 10) == [
        Row(0, "a/", 2, 30),
        Row(1, "y.py", 1, 20),
        Row(1, "x.py", 1, 10),
        Row(0, "b.py", 1, 25),
    ]


def test_a_folder_that_holds_only_a_folder_is_one_line_with_it() -> None:
    assert folded(files("a/b/c/x.py", "a/b/c/y.py"), 10) == [
        Row(0, "a/b/c/", 2, 2),
        Row(1, "x.py", 1, 1),
        Row(1, "y.py", 1, 1),
    ]


def test_a_folder_for_which_there_is_no_room_stays_closed() -> None:
    items = files(("a/x.py", 9), ("a/y.py", 9), ("b/x.py", 1), ("b/y.py", 1))
    assert [row.name for row in folded(items, 4)] == ["a/", "x.py", "y.py", "b/"]
    assert [row.name for row in folded(items, 2)] == ["a/", "b/"]


def test_the_outer_folders_are_opened_before_the_inner_ones() -> None:
    items = files(("a/in/x.py", 9), ("a/in/y.py", 9), ("a/z.py", 1), ("b/x.py", 1), ("b/y.py", 1))
    assert [row.name for row in folded(items, 6)] == ["a/", "in/", "z.py", "b/", "x.py", "y.py"]


def test_of_a_folder_with_many_files_the_largest_are_shown_and_the_others_counted() -> None:
    items = files(*((f"{number:02}.py", number) for number in range(1, 21)))
    rows = folded(items, 36)
    assert [row.size for row in rows[:-1]] == [20, 19, 18, 17, 16, 15, 14, 13]
    assert rows[-1] == Row(0, "", 12, sum(range(1, 13)))


def test_one_file_is_not_left_out_for_a_line_that_counts_it() -> None:
    assert len(folded(files(*map(str, range(9))), 36)) == 9
    assert folded(files(*map(str, range(10))), 36)[-1] == Row(0, "", 2, 2)


def test_nothing_is_nothing() -> None:
    assert folded([], 36) == []


@given(st.sets(paths, max_size=60), st.integers(9, 40))
def test_every_file_is_counted_once_and_the_lines_are_enough(found: set[str], most: int) -> None:
    leaves = [one for one in found if not any(other.startswith(f"{one}/") for other in found)]
    rows = folded(files(*leaves), most)
    assert len(rows) <= most
    assert sum(row.files for row in rows if row.depth == 0) == len(leaves)
    opened = {n for n, row in enumerate(rows[:-1]) if rows[n + 1].depth > row.depth}
    assert sum(row.files for n, row in enumerate(rows) if n not in opened) == len(leaves)
    assert sum(row.size for row in rows if row.depth == 0) == len(leaves)
