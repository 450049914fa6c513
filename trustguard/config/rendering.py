"""Entries as tomlkit writes them: new ones, and changes of old ones, with the comments that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.items import Array

_LONG = 40
"""From how many characters on the items of an array get a line each."""


def _value(value: object) -> Any:  # noqa: ANN401 - an item of tomlkit's
    """A value as it is written: one digest a line where there are several."""
    item = tomlkit.item(value)
    if isinstance(item, Array):
        item.multiline(len(item) > 1 and any(len(text) > _LONG for text in item))
    return item


def printed(table: Mapping[str, Any]) -> str:
    """The keys of a table, a line each."""
    document = tomlkit.document()
    for name, value in table.items():
        document.add(name, _value(value))
    return tomlkit.dumps(document)


def inline_table(table: Mapping[str, Any]) -> Any:  # noqa: ANN401 - likewise
    """A table on one line."""
    item = tomlkit.inline_table()
    item.update(table)
    return item


def update(item: Any, table: Mapping[str, Any]) -> None:  # noqa: ANN401 - likewise
    """Give a table these values; those that it has already stay as they are written."""
    for name in [name for name in item if name not in table]:
        del item[name]
    for name, value in table.items():
        if name not in item or item[name] != value:
            item[name] = _value(value)
