"""An entry is put in, changed and taken out, and not one byte of what is around it moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustguard.config.editing import Entries
from trustguard.config.lines import loads
from trustguard.model.errors import ConfigError

ALLOW = ("allow",)
NEW: dict[str, Any] = {"project": "new", "version": "==1", "reason": "needed"}
NEW_LINES = '[[allow]]\nproject = "new"\nversion = "==1"\nreason = "needed"\n'
NEW_INLINE = '{project = "new", version = "==1", reason = "needed"}'
FILE = """\
profile = "strict"

# for the data team
[[allow]]
project = "old"   # ours
reason = "r"
# expires = 2027-01-01

# our own index
[[index]]
url = "https://packages.example/"
"""


def entries(text: str, where: tuple[str, ...] = ALLOW) -> Entries:
    return Entries("file", text, where)


def test_a_new_entry_stands_behind_the_last_one_and_its_comments_and_before_those_of_the_next_table() -> None:
    edited = entries(FILE).added(NEW)
    assert edited.text == FILE.replace("\n\n# our own", f"\n\n{NEW_LINES}\n# our own")
    assert edited.entry == NEW_LINES
    assert edited.text.splitlines()[edited.line - 1] == "[[allow]]"
    assert edited.line == 9


def test_a_comment_that_touches_the_next_header_stays_with_it() -> None:
    text = '[[allow]]\nproject = "old"\nreason = "r"\n# our own index\n[[index]]\nurl = "u"\n'
    edited = entries(text).added(NEW)
    assert edited.text == text.replace("# our", f"\n{NEW_LINES}# our")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NEW_LINES),
        ("# nothing yet\n", f"# nothing yet\n\n{NEW_LINES}"),
        ('profile = "strict"', f'profile = "strict"\n\n{NEW_LINES}'),
        ('profile = "strict"\r\n', 'profile = "strict"\r\n\r\n' + NEW_LINES.replace("\n", "\r\n")),
        (
            "[[allow]]\na = 1\n[[deny]]\nb = 1\n[[allow]]\nc = 1\n[state]\n",
            f"[[allow]]\na = 1\n[[deny]]\nb = 1\n[[allow]]\nc = 1\n\n{NEW_LINES}[state]\n",
        ),
        ("allow = []\n", f"allow = [{NEW_INLINE}]\n"),
        (
            "allow = [ # all\n  { a = 1 }, # ours\n]\n",
            f"allow = [ # all\n  {{ a = 1 }}, # ours\n  {NEW_INLINE},\n]\n",
        ),
    ],
    ids=["empty", "comment", "no end of line", "CRLF", "interleaved", "empty array", "array"],
)
def test_wherever_a_file_has_room_an_entry_goes_in(text: str, expected: str) -> None:
    assert entries(text).added(NEW).text == expected


def test_an_entry_of_a_project_goes_into_the_table_that_is_ours() -> None:
    text = '[project]\nname = "x"\n\n[tool.trustguard]\nprofile = "strict"\n\n[tool.other]\na = 1\n'
    edited = entries(text, ("tool", "trustguard", "deny")).added({"project": "evil", "reason": "r"})
    assert edited.text == text + '\n[[tool.trustguard.deny]]\nproject = "evil"\nreason = "r"\n'
    assert loads(edited.text)["tool"]["trustguard"]["deny"] == [{"project": "evil", "reason": "r"}]


@pytest.mark.parametrize("text", ["tool.trustguard = {}\n", "[tool]\ntrustguard = { deny = [] }\n"])
def test_where_there_is_no_room_nothing_comes_out(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^file: tool\.trustguard\.deny cannot be changed here"):
        entries(text, ("tool", "trustguard", "deny")).added({"project": "evil", "reason": "r"})


def test_values_are_written_so_that_they_are_read_again() -> None:
    table = {
        "project": "a-*",
        "sha256": ["a" * 64, "b" * 64],
        "checks": ["clone"],
        "reason": 'a "quoted" \\ path, über',
        "expires": dt.date(2027, 6, 30),
    }
    edited = entries("").added(table)
    assert loads(edited.text) == {"allow": [table]}
    assert "\nexpires = 2027-06-30\n" in edited.text
    assert f'sha256 = [\n    "{"a" * 64}",\n    "{"b" * 64}",\n]\n' in edited.text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_is_written_so_that_it_is_read_again(reason: str) -> None:
    edited = entries("").added({"project": "a", "reason": reason})
    assert loads(edited.text) == {"allow": [{"project": "a", "reason": reason}]}


def test_a_changed_entry_keeps_its_comments_and_the_lines_that_say_the_same() -> None:
    text = (
        'top = 1 # first\n[[allow]] # why\nproject =   "old" # ours\nversion = "==1" # pinned\n'
        'reason = "r" # long story\n# and more\nchecks = [\n  "clone", # sic\n]\n\n# end\n'
    )
    new = {"project": "old", "reason": "new", "checks": ["clone"], "expires": dt.date(2027, 6, 30)}
    edited = entries(text).replaced(0, new)
    assert edited.text == (
        'top = 1 # first\n[[allow]] # why\nproject =   "old" # ours\n'
        'reason = "new" # long story\n# and more\nchecks = [\n  "clone", # sic\n]\n'
        "expires = 2027-06-30\n\n# end\n"
    )
    assert edited.line == 2


def test_an_item_of_an_array_is_changed_where_it_stands() -> None:
    text = 'allow = [\n  { project = "a", reason = "r" }, # ours\n  { project = "b", reason = "r" },\n]\n'
    edited = entries(text).replaced(0, {"project": "a", "reason": "new"})
    assert edited.text == text.replace('"a", reason = "r"', '"a", reason = "new"')


def test_what_is_taken_out_leaves_the_comments_around_it_and_they_seem_to_be_about_nothing_else() -> None:
    text = '# about a\n[[allow]]\nproject = "a" # inside\n[[allow]]\nproject = "b"\n'
    edited = entries(text).removed(0)
    assert edited.text == '# about a\n\n[[allow]]\nproject = "b"\n'
    assert (edited.entry, edited.line) == ('[[allow]]\nproject = "a" # inside\n', 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[allow]]\nproject = "a"\n\n[[allow]]\nproject = "b"\n', '[[allow]]\nproject = "b"\n'),
        ('x = 1\n\n[[allow]]\nproject = "a"\n\n[state]\n', "x = 1\n\n[state]\n"),
        ('x = 1\r\n\r\n[[allow]]\r\nproject = "a"', "x = 1\r\n"),
        (
            'allow = [\n  { project = "a" }, # ours\n  { project = "b" },\n]\n',
            'allow = [\n  { project = "b" },\n]\n',
        ),
    ],
    ids=["first", "between", "last", "array"],
)
def test_one_blank_line_goes_with_what_is_taken_out(text: str, expected: str) -> None:
    assert entries(text).removed(0).text == expected


# For any file.

comments = st.text("abc #[]=\"'", max_size=8).map(lambda text: f"# {text}")
values = st.sampled_from(
    [
        "1",
        '"[[allow]]"',
        '"""\n[[allow]]\nproject = "no" # no comment\n"""',
        "'''\n# no comment\n'''",
        "[\n  1, # one\n  [2],\n]",
        "{ a = 1 }",
        "1979-05-27",
    ]
)
assignments = st.builds(
    lambda value, gap, comment: f"{gap}={gap}{value}{comment}",
    values,
    st.sampled_from(["", " ", "  "]),
    st.one_of(st.just(""), comments.map(lambda text: f" {text}")),
)
fillers = st.lists(st.one_of(st.just(""), comments), max_size=3)
headers = st.sampled_from(
    ["[[allow]]", "[[ allow ]] # why", "[[deny]]", "[t{}]", "[a.b{}] # c", '  [["allow"]]']
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A TOML file with tables in any order, with comments and blank lines anywhere."""
    lines: list[str] = []
    for number in range(draw(st.integers(0, 5))):
        if number:
            lines += [draw(headers).format(number), *draw(fillers)]
        for key in range(draw(st.integers(0, 2))):
            lines += [f"key{key} {draw(assignments)}", *draw(fillers)]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(end.join(lines).split("\n")) if end == "\n" else "\n".join(lines).replace("\n", end)
    return text + draw(st.sampled_from(["", end])) if text else text


tables: st.SearchStrategy[Mapping[str, Any]] = st.fixed_dictionaries(
    {"project": st.sampled_from(["a", "b-*"]), "reason": st.text("ab\"\\'#é", min_size=1)},
    optional={
        "version": st.just(">=1,<2"),
        "sha256": st.lists(st.sampled_from(["a" * 64, "b" * 64]), min_size=1, unique=True),
        "checks": st.lists(st.sampled_from(["clone", "release-age"]), min_size=1),
        "expires": st.dates(dt.date(2026, 1, 1)),
    },
)


@given(files(), tables)
def test_to_put_an_entry_in_and_take_it_out_again_leaves_every_byte(text: str, table: dict[str, Any]) -> None:
    before = entries(text)
    edited = before.added(table)
    assert loads(edited.text).get("allow") == [*loads(text).get("allow", []), table]
    number = len(before.tables())
    after = entries(edited.text)
    assert (after.lines()[number], after.shown(number)) == (edited.line, edited.entry)
    newline = "\r\n" if "\r\n" in text else "\n"
    back = after.removed(number).text
    assert back == text or (back == text + newline and not text.endswith("\n"))


@given(files(), tables, st.data())
def test_what_is_around_a_changed_entry_stays_byte_for_byte(
    text: str, table: dict[str, Any], data: st.DataObject
) -> None:
    before = entries(text)
    count = len(before.tables())
    if not count:
        return
    number = data.draw(st.integers(0, count - 1))
    old, edited = before.shown(number), before.replaced(number, table)
    at = text.index(old, len("".join(text.splitlines(keepends=True)[: before.lines()[number] - 1])))
    assert edited.text == text[:at] + edited.entry + text[at + len(old) :]
    assert loads(edited.text)["allow"][number] == table


@given(files(), st.data())
def test_every_line_but_the_entrys_own_and_one_blank_one_stays(text: str, data: st.DataObject) -> None:
    before = entries(text)
    count = len(before.tables())
    if not count:
        return
    number = data.draw(st.integers(0, count - 1))
    edited = before.removed(number)
    tables = loads(edited.text).get("allow", [])
    assert tables == [table for n, table in enumerate(loads(text)["allow"]) if n != number]
    lines = text.splitlines()
    begin = edited.line - 1
    kept = lines[:begin] + lines[begin + len(edited.entry.splitlines()) :]
    assert [line for line in edited.text.splitlines() if line.strip()] == [one for one in kept if one.strip()]
    assert abs(len(edited.text.splitlines()) - len(kept)) <= 1
