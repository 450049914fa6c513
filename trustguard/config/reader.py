"""From a document to what it states: every key known, every value of its kind. What may be stated is merge's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from packaging.specifiers import SpecifierSet

from trustguard.checks import Check
from trustguard.config import values
from trustguard.config.document import Node, show
from trustguard.config.settings import ACTION, INDEX_TRUST, SETTINGS, Key, settings_of
from trustguard.model.policy import DENIED, NOT_LISTED, Allow, Deny, Selector

SCHEMA = 1
_TOP = frozenset({"schema", "index", "checks", "allow", "deny"} | {key[0] for key in SETTINGS})
_INDEX = ("url", "namespaces", "trust")
_CHECK = ("action", "exempt")
_DENY = ("project", "version", "sha256", "index", "reason")
_ALLOW = (*_DENY, "checks", "expires", "by")


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a layer gives, and where."""

    value: Any
    node: Node


@dataclass(frozen=True, slots=True)
class GivenIndex:
    """One ``[[index]]`` table; each namespace with its place."""

    url: str
    namespaces: tuple[Given, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Statement:
    """What one layer states."""

    settings: Mapping[Key, Given] = field(default_factory=lambda: MappingProxyType({}))
    """Also ``checks.ID.action``, ``checks.ID.SETTING`` and ``index.URL.trust``."""
    exempt: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    """Project globs by check."""
    indexes: tuple[GivenIndex, ...] = ()
    allow: tuple[tuple[Allow, Node], ...] = ()
    deny: tuple[tuple[Deny, Node], ...] = ()


def read(root: Node, checks: Mapping[str, Check], *, reserved: Collection[str] = ()) -> Statement:
    """What a document states.

    Args:
        root: the document, or the table in it that is ours.
        checks: the checks that have a table, by id.
        reserved: keys that are somebody else's here.

    Raises:
        ConfigError: an unknown key, a bad value, or entries that contradict each other.
    """
    top = {name: node for name, node in root.table((*_TOP, *reserved)).items() if name not in reserved}
    if "schema" in top:
        _schema(top["schema"])
    check_nodes = top["checks"].table(checks) if "checks" in top else {}
    tables = {id: node.table((*_CHECK, *settings_of(checks[id]))) for id, node in check_nodes.items()}
    indexes = tuple(_indexes(top["index"])) if "index" in top else ()
    statement = Statement(
        settings={
            **_plain(top),
            **{key: given for id, table in tables.items() for key, given in _check(checks[id], table)},
            **{("index", index.url, "trust"): given for index in indexes for given in _trust(index)},
        },
        exempt={
            id: Given(values.each(values.glob)(table["exempt"]), table["exempt"])
            for id, table in tables.items()
            if "exempt" in table
        },
        indexes=indexes,
        allow=tuple(_allow(node, checks) for node in _entries(top, "allow", _ALLOW)),
        deny=tuple(_deny(node) for node in _entries(top, "deny", _DENY)),
    )
    _both_ways(statement)
    return statement
