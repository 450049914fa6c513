"""Where in a text each statement stands: ``tomllib`` reads the values and does not say.

The text has been accepted by ``tomllib`` before it comes here, so that this needs to find statements and not
to judge them: table headers, keys, and where each value ends (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from sys import version_info
from typing import Any

from trustguard.model.record import record

KeyPath = tuple[str | int, ...]
"""Where a value stands: keys, and places in arrays of tables, from the root of the document."""

# By name: a type checker that is told of Python 3.10 would want tomli even where 3.11 runs it.
loads: Callable[[str], dict[str, Any]] = import_module(
    "tomllib" if version_info >= (3, 11) else "tomli"
).loads
"""The standard library's parser, or tomli below Python 3.11."""

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_STATEMENT = re.compile(
    rf"(?:\s|\#[^\n]*(?:\n|\Z))*"
    rf"(?:(?P<brackets>\[\[?)[ \t]*(?P<header>{_KEY})[ \t]*\]\]?|(?P<key>{_KEY})[ \t]*=)"
)
# A string with three quotes may end in up to five: two of them are its own.
_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')"""
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<newline>\n)|(?P<other>[^"'\#\[\]{}\n]+)""",
    re.DOTALL,
)


@record
class Statement:
    """A table's header, or a key with its value.

    Args:
        path: the table, or the key.
        start: where in the text it begins, in characters.
        end: where the line begins that follows it, or where the text ends.
        header: whether it is a header.
    """

    path: KeyPath
    start: int
    end: int
    header: bool


def statements(text: str) -> Iterator[Statement]:
    """Every statement of a valid TOML document, in their order.

    What is inside an array or an inline table is no statement of its own.
    """
    sizes: dict[KeyPath, int] = {}
    table: KeyPath = ()
    at = 0
    while found := _STATEMENT.match(text, at):
        at = _end_of_line(text, found.end())
        if found["key"] is None:
            table = _table(_parts(found["header"]), sizes, array=found["brackets"] == "[[")
            yield Statement(table, found.start("brackets"), at, header=True)
        else:
            yield Statement(table + _parts(found["key"]), found.start("key"), at, header=False)


def locate(text: str) -> Mapping[KeyPath, int]:
    r"""The line (from 1) on which each table and each key of a valid TOML document first stands.

    Args:
        text: the document, with ``\n`` or ``\r\n`` as its line ends.
    """
    newlines = [match.start() for match in re.finditer("\n", text)]
    lines: dict[KeyPath, int] = {}
    for statement in statements(text):
        for length in range(1, len(statement.path) + 1):
            lines.setdefault(statement.path[:length], bisect_right(newlines, statement.start) + 1)
    return lines


def _parts(key: str) -> tuple[str, ...]:
    """A dotted key taken apart; ``tomllib`` knows quotes and escapes best."""
    parts: list[str] = []
    rest: Any = loads(f"{key} = 0")
    while isinstance(rest, dict):
        ((part, rest),) = rest.items()
        parts.append(part)
    return tuple(parts)


def _table(parts: tuple[str, ...], sizes: dict[KeyPath, int], *, array: bool) -> KeyPath:
    """The path of a header: an array of tables on the way means its last table so far."""
    path: KeyPath = ()
    for part in parts[:-1]:
        path += (part,)
        if path in sizes:
            path += (sizes[path] - 1,)
    path += (parts[-1],)
    if not array:
        return path
    sizes[path] = sizes.get(path, 0) + 1
    return (*path, sizes[path] - 1)


def _end_of_line(text: str, at: int) -> int:
    """Behind the first end of line that is outside brackets and strings."""
    depth = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "newline" and depth == 0:
            break
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
    return at
