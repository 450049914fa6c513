"""On which line a key stands: ``tomllib`` reads the values and does not say.

The text has been accepted by ``tomllib`` before it comes here, so that this needs to find statements and not
to judge them: table headers, keys, and where each value ends (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from importlib import import_module
from sys import version_info
from typing import Any

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
    rf"(?:\s|\#[^\n]*)*(?:(?P<brackets>\[\[?)[ \t]*(?P<header>{_KEY})[ \t]*\]\]?|(?P<key>{_KEY})[ \t]*=)"
)
# A string with three quotes may end in up to five: two of them are its own.
_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')"""
    r"""|(?P<comment>\#[^\n]*)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<newline>\n)|(?P<other>[^"'\#\[\]{}\n]+)""",
    re.DOTALL,
)


def locate(text: str) -> Mapping[KeyPath, int]:
    r"""The line (from 1) on which each table and each key of a valid TOML document first stands.

    What is inside an array or an inline table is not listed: its line is that of the key it belongs to.

    Args:
        text: the document, with ``\n`` as its line ends.
    """
    newlines = [match.start() for match in re.finditer("\n", text)]
    lines: dict[KeyPath, int] = {}
    sizes: dict[KeyPath, int] = {}
    table: KeyPath = ()
    at = 0
    while statement := _STATEMENT.match(text, at):
        at = statement.end()
        if statement["key"] is None:
            place = table = _table(_parts(statement["header"]), sizes, array=statement["brackets"] == "[[")
            first = statement.start("header")
        else:
            place, first = table + _parts(statement["key"]), statement.start("key")
            at = _end_of_value(text, at)
        for length in range(1, len(place) + 1):
            lines.setdefault(place[:length], bisect_right(newlines, first) + 1)
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


def _end_of_value(text: str, at: int) -> int:
    """Where the value that begins here has ended: at the first end of line outside brackets and strings."""
    depth = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token.lastgroup == "newline" and depth == 0:
            break
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
    return at
