"""Lines are found in whatever TOML 1.0 allows; expected numbers are counted by hand in the text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trustguard.config.lines import KeyPath, loads, locate

DOCUMENT = '''\
# a comment with [brackets] and "quotes"
top = 1
"quoted key" = 'literal # no comment'
dotted.name . "with.dot" = 2

[ table ]   # spaces are allowed
text = "a ] b [ c # d \\" = e"
many = """
[not.a.table]
not_a_key = 1 ""\\""" # and a quote
"""
five = """two of these quotes are text"""""
raw = \'\'\'
[[nor.this]]
x = '1'
\'\'\'
list = [ # a comment ]
  "a]", { inner = "[" },
  [1, 2],
]
inline = { a = 1, b = "}" }
after = true

[[entry]]
name = "first"
[entry.sub]
key = 1
[[entry.part]]
deep = 1

[[entry]]
[[entry.part]]
[[entry.part]]
deep = 2
[a.b."c d"]
last = 1979-05-27T07:32:00Z'''

LINES = {
    ("top",): 2,
    ("quoted key",): 3,
    ("dotted", "name", "with.dot"): 4,
    ("table",): 6,
    ("table", "text"): 7,
    ("table", "many"): 8,
    ("table", "five"): 12,
    ("table", "raw"): 13,
    ("table", "list"): 17,
    ("table", "inline"): 21,
    ("table", "after"): 22,
    ("entry", 0): 24,
    ("entry", 0, "name"): 25,
    ("entry", 0, "sub"): 26,
    ("entry", 0, "sub", "key"): 27,
    ("entry", 0, "part", 0): 28,
    ("entry", 0, "part", 0, "deep"): 29,
    ("entry", 1): 31,
    ("entry", 1, "part", 0): 32,
    ("entry", 1, "part", 1): 33,
    ("entry", 1, "part", 1, "deep"): 34,
    ("a", "b", "c d"): 35,
    ("a", "b", "c d", "last"): 36,
}


def test_every_kind_of_key_and_table_has_its_line() -> None:
    assert loads(DOCUMENT)["table"]["after"] is True
    found = locate(DOCUMENT)
    assert {path: found[path] for path in LINES} == LINES


def test_what_looks_like_a_key_inside_a_string_or_an_array_has_no_line() -> None:
    prefixes = {path[:length] for path in LINES for length in range(1, len(path) + 1)}
    assert locate(DOCUMENT).keys() == prefixes


def test_an_empty_document_has_no_lines() -> None:
    assert locate("") == {}
    assert locate("\n# only a comment") == {}


VALUES = st.sampled_from(
    [
        "1",
        '"]"',
        "'['",
        '"\\\\"',
        '"""\n[x]\ny = 1\n"""',
        "'''\n[[x]]\n'''",
        '""""quoted"""""',
        "[\n1, # ]\n2]",
        "{a = '}', b = [']']}",
        "[[], [\n]]",
        '""',
        "''",
        "'\\'",
        "1 # = [",
    ]
)
KEYS = st.sampled_from(["a", "a-b", '"q.r"', "'[s]'", '"\\u0041"', "n.m", 'n . "m n"'])


def test_what_the_last_comment_says_is_no_statement() -> None:
    assert locate("a = 1\n# b = 2") == {("a",): 1}
    assert locate("# [b]\n") == {}


@given(st.lists(st.tuples(st.sampled_from(["", "\n", "# [c]\n", " \t"]), KEYS, VALUES), max_size=8))
def test_the_line_of_every_table_and_key_is_found_between_any_values(
    statements: list[tuple[str, str, str]],
) -> None:
    """TOML 1.0, "Array of Tables": each header is one more table of the array."""
    text = ""
    expected: dict[KeyPath, int] = {}
    for number, (before, key, value) in enumerate(statements):
        text += f"{before}[[t]]\n"
        expected["t", number] = text.count("\n")
        text += before
        ((first, _),) = loads(f"{key} = 0").items()
        expected["t", number, first] = text.count("\n") + 1
        text += f"{key} = {value}\n"
    loads(text)
    found = locate(text)
    assert {path: found[path] for path in expected} == expected
