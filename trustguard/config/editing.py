"""Entries put into the text of a configuration file, changed in it and taken out, and nothing else touched.

The one entry is cut out of the text, tomlkit changes it there, and what stands around it is never parsed and
printed again: docs/adr/0017-tomlkit.md says why. Whatever comes out is read by the reader's own parser, and
must hold what it held, but for the entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import tomlkit
from tomlkit.items import Array

from trustguard.config.lines import KeyPath, Statement, loads, statements
from trustguard.config.rendering import inline_table, printed, update
from trustguard.model.errors import ConfigError
from trustguard.model.record import record

_COMMENT = re.compile(r"[ \t]*#[^\n]*(?:\n|\Z)")
_BLANK = re.compile(r"[ \t]*\r?\n")
Tables = list[dict[str, Any]]


@record
class Edited:
    """A changed text.

    Args:
        text: all of it.
        line: the line, from 1, on which the entry stands; of one that was taken out, on which it stood.
        entry: its own lines.
    """

    text: str
    line: int
    entry: str


@record
class Entries:
    """The entries of one kind in a text that the reader has accepted.

    Args:
        label: how messages call the file.
        text: all of it.
        where: the array that they are in, such as ``("allow",)``.
    """

    label: str
    text: str
    where: KeyPath

    def added(self, table: Mapping[str, Any]) -> Edited:
        """Put one more behind the others, or at the end of the file where there is none.

        Raises:
            ConfigError: there is no place for it without changing what is not its own.
        """
        expected, array = [*self.tables(), dict(table)], self._inline()
        if array is not None:
            return self._in_array(array, lambda items: items.append(inline_table(table)), expected)
        at = self._behind_the_last()
        before, rest = self.text[:at], self.text[at:]
        if before and not before.endswith("\n"):
            before += self._newline
        gap = self._newline if before else ""
        entry = self._own_newlines(f"[[{_dotted(self.where)}]]\n{printed(table)}")
        before += gap
        return self._checked(before + entry + rest, len(before), entry, expected)

    def replaced(self, number: int, table: Mapping[str, Any]) -> Edited:
        """Change one, keeping its comments and the layout of what stays as it is.

        Raises:
            ConfigError: it cannot be changed without changing what is not its own.
        """
        expected = self.tables()
        expected[number] = dict(table)
        array = self._inline()
        if array is not None:
            return self._in_array(array, lambda items: update(items[number], table), expected)
        start, end = self._spans()[number]
        document = tomlkit.parse(self._with_end(self.text[start:end]))
        found: Any = document
        for part in self.where:
            found = found[part]
        update(found[0], table)
        entry = self._own_newlines(tomlkit.dumps(document))
        text = self.text[:start] + entry + self.text[end:]
        return self._checked(text, start, entry, expected)

    def removed(self, number: int) -> Edited:
        """Take one out, and one blank line with it. Comments above and below it stay.

        Raises:
            ConfigError: it cannot be taken out without changing what is not its own.
        """
        expected = self.tables()
        table = expected.pop(number)
        array = self._inline()
        if array is not None:
            edited = self._in_array(array, lambda items: items.pop(number), expected)
            return replace(edited, entry=printed(table))
        start, end = self._spans()[number]
        before, rest = self.text[:start], self.text[end:]
        kept = _without_last_line(before)
        if kept is not None:
            before = kept
        elif not before:
            rest = _BLANK.sub("", rest, count=1) if _BLANK.match(rest) else rest
        elif rest and not _BLANK.match(rest):
            before += self._newline  # the comment above it must not seem to be about what follows
        edited = self._checked(before + rest, len(before), self.text[start:end], expected)
        return replace(edited, line=self._line(start))

    def lines(self) -> list[int]:
        """The line of each, from 1."""
        array = self._inline()
        if array is not None:
            return [self._line(array.start)] * len(self.tables())
        return [self._line(start) for start, _ in self._spans()]

    def shown(self, number: int) -> str:
        """The lines of one."""
        if self._inline() is not None:
            return printed(self.tables()[number])
        start, end = self._spans()[number]
        return self.text[start:end]

    def tables(self) -> Tables:
        """What they say."""
        return _tables(loads(self.text), self.where)

    @property
    def _newline(self) -> str:
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def _own_newlines(self, entry: str) -> str:
        """Lines with the ends that the file has."""
        return entry.replace("\r\n", "\n").replace("\n", self._newline)

    def _with_end(self, piece: str) -> str:
        return piece if piece.endswith("\n") else piece + self._newline

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def _inline(self) -> Statement | None:
        """The one statement that has all of them, where it is an array and not tables."""
        found = (s for s in statements(self.text) if s.path == self.where and not s.header)
        return next(found, None)

    def _spans(self) -> list[tuple[int, int]]:
        """Where each table is: from the begin of its header's line to the end of its last key."""
        depth = len(self.where)
        spans: dict[int | str, tuple[int, int]] = {}
        for statement in statements(self.text):
            if len(statement.path) > depth and statement.path[:depth] == self.where:
                first = self.text.rfind("\n", 0, statement.start) + 1
                start, _ = spans.get(statement.path[depth], (first, 0))
                spans[statement.path[depth]] = start, statement.end
        return list(spans.values())

    def _behind_the_last(self) -> int:
        """Where one more goes. Comments directly behind the last one are its own, unless a header follows."""
        spans = self._spans()
        if not spans:
            return len(self.text)
        at = end = spans[-1][1]
        while comment := _COMMENT.match(self.text, at):
            at = comment.end()
        alone = at == len(self.text) or _BLANK.match(self.text, at)
        return at if alone else end

    def _in_array(self, array: Statement, change: Callable[[Any], object], expected: Tables) -> Edited:
        """Change an array that is one statement."""
        start = self.text.rfind("\n", 0, array.start) + 1
        document = tomlkit.parse(self._with_end(self.text[start : array.end]))
        items: Any = document
        while not isinstance(items, Array):
            (items,) = items.values()
        change(items)
        entry = self._own_newlines(tomlkit.dumps(document))
        return self._checked(self.text[:start] + entry + self.text[array.end :], start, entry, expected)

    def _checked(self, text: str, at: int, entry: str, expected: Tables) -> Edited:
        """What has come out, if it says what was wanted and nothing else."""
        name = ".".join(map(str, self.where))
        try:
            found = loads(text)
        except ValueError:
            found = {}
        if _tables(found, self.where) != expected or _others(found, self.where) != _others(
            loads(self.text), self.where
        ):
            raise ConfigError(
                f"{self.label}: {name} cannot be changed here without changing what stands around it",
                hint="use an editor",
            )
        return Edited(text, text.count("\n", 0, at) + 1, entry)


def _tables(tree: Any, where: KeyPath) -> Tables:  # noqa: ANN401 - whatever a document holds
    """The entries in a document."""
    for part in where:
        tree = tree.get(part, {}) if isinstance(tree, dict) else {}
    return list(tree) if isinstance(tree, list) else []


def _others(tree: Mapping[str, Any], where: KeyPath) -> dict[str, Any]:
    """A document without the entries, and without tables that are empty then."""
    first, rest = where[0], where[1:]
    kept = {key: value for key, value in tree.items() if key != first}
    below = tree.get(str(first))
    if rest and isinstance(below, dict) and (left := _others(below, rest)):
        kept[str(first)] = left
    return kept


def _dotted(where: KeyPath) -> str:
    return ".".join(str(part) for part in where)


def _without_last_line(text: str) -> str | None:
    """The text without the blank line that it ends in; None where it ends in none."""
    lines = text.splitlines(keepends=True)
    return "".join(lines[:-1]) if lines and not lines[-1].strip() else None
