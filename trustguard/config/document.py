"""A parsed file and the places in it, so that every complaint names the file, the line and the key."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal

from trustguard.config.lines import KeyPath, loads, locate
from trustguard.model.errors import ConfigError
from trustguard.model.record import record

LayerName = Literal["org", "user", "project", "environment", "command line"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_SHOWN = 80
_UTF16 = "it is UTF-16, and TOML is UTF-8"
_MARKS = {
    codecs.BOM_UTF8: "it begins with a byte order mark (BOM), which TOML does not have",
    codecs.BOM_UTF16_LE: _UTF16,
    codecs.BOM_UTF16_BE: _UTF16,
}
"""What editors of Windows put first."""


@record
class Document:
    """A parsed file, or what the command line says.

    Args:
        layer: whose word it is.
        label: how messages call the file.
        tree: its tables.
        lines: the line of each key; empty for the command line, which has none.
    """

    layer: LayerName
    label: str
    tree: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    base: tuple[str, ...] = ()
    """Where in the tree our own table is, which is known to be there."""

    @property
    def root(self) -> Node:
        """Our table."""
        value: Any = self.tree
        for part in self.base:
            value = value[part]
        return Node(self, self.base, value)

    def place(self, path: KeyPath) -> str:
        """``file:line`` of a key, or of the nearest table or array around it."""
        known = (self.lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.lines)
        line = next(known, None)
        return self.label if line is None else f"{self.label}:{line}"


@record
class Node:
    """A value and where it stands."""

    document: Document
    path: KeyPath
    value: Any

    @property
    def layer(self) -> LayerName:
        """Whose word it is."""
        return self.document.layer

    @property
    def place(self) -> str:
        """``file:line``."""
        return self.document.place(self.path)

    @property
    def key(self) -> str:
        """The dotted key; places in arrays count from 0."""
        return "".join(_step(part) for part in self.path).lstrip(".")

    def error(self, message: str, hint: str = "") -> ConfigError:
        """A complaint about this value."""
        return ConfigError(f"{self.place}: {self.key}: {message}", hint=hint)

    def child(self, name: str | int, value: object = None) -> Node:
        """A place below this one."""
        return Node(self.document, (*self.path, name), value)

    def table(self, known: Collection[str] | None = None) -> Mapping[str, Node]:
        """The places in a table, by key.

        Args:
            known: the keys that it may have; None where any will do.

        Raises:
            ConfigError: it is not a table, or has a key that is not known.
        """
        if not isinstance(self.value, Mapping):
            raise self.error(f"{show(self.value)} is not a table")
        nodes = {name: self.child(name, value) for name, value in self.value.items()}
        for name, node in nodes.items():
            if known is not None and name not in known:
                raise node.error("unknown key", _suggestion(name, known))
        return nodes

    def tables(self, known: Collection[str]) -> Iterator[tuple[Node, Mapping[str, Node]]]:
        """Each table of an array of tables, with the places in it."""
        if not isinstance(self.value, list):
            raise self.error(f"{show(self.value)} is not an array of tables", f"write [[{self.key}]]")
        for number, value in enumerate(self.value):
            node = self.child(number, value)
            yield node, node.table(known)


def parse(layer: LayerName, label: str, content: bytes) -> Document:
    """Parse a file.

    Raises:
        ConfigError: it is not UTF-8, or not TOML; naming the line where there is one.
    """
    for mark, told in _MARKS.items():
        if content.startswith(mark):
            raise ConfigError(f"{label}:1: not valid TOML: {told}", hint="save it as UTF-8 without a BOM")
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
        return Document(layer, label, MappingProxyType(loads(text)), locate(text))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{label}:{line}: not valid TOML: not UTF-8") from error
    except RecursionError as error:
        raise ConfigError(f"{label}: not valid TOML: nested too deeply") from error
    except ValueError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else content.count(b"\n") + 1
        raise ConfigError(f"{label}:{line}: not valid TOML: {_AT_LINE.sub('', str(error))}") from error


def show(value: object) -> str:
    """A value as a message shows it: printable, on one line, and short."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show(item) for item in value)}]"[:_SHOWN]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"'{spell(value)}'"
    if value is None:
        return "none"
    return ascii(value[:_SHOWN]) if isinstance(value, str) else str(value)


def spell(span: timedelta) -> str:
    """A span of time as a configuration file would have it, in the largest unit that fits."""
    for seconds, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        count, rest = divmod(span.total_seconds(), seconds)
        if count and not rest:
            plural = "s" if unit == "day" and count != 1 else ""
            return f"{count:g} {unit}{plural}"
    return f"{span.total_seconds():g} s"


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if _BARE.fullmatch(part) else f".{part[:_SHOWN]!a}"


def _suggestion(name: str, known: Collection[str]) -> str:
    import difflib  # noqa: PLC0415 - only a mistake needs it

    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(known))}"
