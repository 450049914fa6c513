"""From a document to what it states: every key known, every value of its kind.

Whether a layer may state it is the business of ``merge``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from trustguard.checks import Check
from trustguard.config import publishers, values
from trustguard.config.document import Node, show
from trustguard.config.settings import ACTION, INDEX, SETTINGS, Key, settings_of
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Allow, Deny, Selector
from trustguard.model.record import record

SCHEMA = 1
_TOP = frozenset({"schema", "index", "checks", "allow", "deny", "publisher"} | {key[0] for key in SETTINGS})
_INDEX = ("url", "namespaces", *INDEX)
_CHECK = ("action", "exempt")
_PUBLISHER = publishers.KEYS
_DENY = ("project", "version", "sha256", "index", "reason")
_ALLOW = (*_DENY, "checks", "expires", "by")

Tables = Mapping[str, Mapping[str, Node]]


@record
class Given:
    """A value that a layer gives, and where."""

    value: Any
    node: Node


@record
class GivenIndex:
    """One ``[[index]]`` table."""

    url: str
    namespaces: tuple[str, ...]
    node: Node
    parts: Mapping[str, Node]


@record
class Statement:
    """What one layer states."""

    settings: Mapping[Key, Given] = field(default_factory=lambda: MappingProxyType({}))
    """Also ``checks.ID.action``, ``checks.ID.SETTING`` and ``index.URL.NAME``."""
    exempt: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    """Project globs by check."""
    indexes: tuple[GivenIndex, ...] = ()
    allow: tuple[tuple[Allow, Node], ...] = ()
    deny: tuple[tuple[Deny, Node], ...] = ()
    publishers: tuple[PublisherPin, ...] = ()


def known_keys(checks: Mapping[str, Check]) -> frozenset[str]:
    """Every key that a file may have, dotted; ``ID`` stands for any check."""
    own = {f"checks.{check.id}.{name}" for check in checks.values() for name in settings_of(check)}
    tables = {"index": _INDEX, "checks.ID": _CHECK, "allow": _ALLOW, "deny": _DENY}
    entries = {**tables, "publisher": _PUBLISHER}
    nested = {f"{table}.{name}" for table, names in entries.items() for name in names}
    return frozenset({"schema"} | own | nested | {".".join(key) for key in SETTINGS})


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
    _schema(top)
    known = {check.id: (*_CHECK, *settings_of(check)) for check in checks.values()}
    nodes = top["checks"].table(checks) if "checks" in top else {}
    tables = {check: node.table(known[check]) for check, node in nodes.items()}
    indexes = _indexes(top)
    statement = Statement(
        settings={**_plain(top), **_of_checks(tables, checks), **_of_indexes(indexes)},
        exempt={check: _exempt(table["exempt"]) for check, table in tables.items() if "exempt" in table},
        indexes=indexes,
        allow=tuple(
            (read_allow(node, parts, checks), node) for node, parts in _entries(top, "allow", _ALLOW)
        ),
        deny=tuple((read_deny(node, parts), node) for node, parts in _entries(top, "deny", _DENY)),
        publishers=tuple(
            publishers.read_publisher(node, parts) for node, parts in _entries(top, "publisher", _PUBLISHER)
        ),
    )
    _both_allowed_and_denied(statement)
    return statement


def _schema(top: Mapping[str, Node]) -> None:
    node = top.get("schema")
    if node is not None and values.whole(node) != SCHEMA:
        raise node.error(f"{show(node.value)} is not a version that is known here: {SCHEMA}")


def _plain(top: Mapping[str, Node]) -> dict[Key, Given]:
    """The settings that stand once in a file."""
    given: dict[Key, Given] = {}
    for name, node in top.items():
        parts = [key[1] for key in SETTINGS if len(key) > 1 and key[0] == name]
        places = (
            {(name, part): below for part, below in node.table(parts).items()} if parts else {(name,): node}
        )
        given.update(
            {key: Given(SETTINGS[key].read(at), at) for key, at in places.items() if key in SETTINGS}
        )
    return given


def _of_checks(tables: Tables, checks: Mapping[str, Check]) -> dict[Key, Given]:
    """The actions and the checks' own settings."""
    given: dict[Key, Given] = {}
    for check, table in tables.items():
        own = settings_of(checks[check])
        for name, node in table.items():
            if name == "action":
                given["checks", check, name] = Given(ACTION(node), node)
            elif name in own:
                given["checks", check, name] = Given(own[name].read(node), node)
    return given


def _exempt(node: Node) -> Given:
    return Given(values.each(values.glob)(node), node)


def _entries(
    top: Mapping[str, Node], name: str, known: Collection[str]
) -> tuple[tuple[Node, Mapping[str, Node]], ...]:
    return tuple(top[name].tables(known)) if name in top else ()


def _indexes(top: Mapping[str, Node]) -> tuple[GivenIndex, ...]:
    found: dict[str, GivenIndex] = {}
    for node, parts in _entries(top, "index", _INDEX):
        url = values.address(_required(node, parts, "url"))
        globs = values.each(values.glob)(parts["namespaces"]) if "namespaces" in parts else ()
        if url.rstrip("/") in found:
            raise parts["url"].error(f"a second table for {show(url)}", "join the two")
        found[url.rstrip("/")] = GivenIndex(url, globs, node, parts)
    return tuple(found.values())


def _of_indexes(indexes: tuple[GivenIndex, ...]) -> dict[Key, Given]:
    return {
        ("index", index.url.rstrip("/"), name): Given(setting.read(index.parts[name]), index.parts[name])
        for index in indexes
        for name, setting in INDEX.items()
        if name in index.parts
    }


def read_allow(node: Node, parts: Mapping[str, Node], checks: Mapping[str, Check]) -> Allow:
    """One ``[[allow]]`` table, or what was typed for one.

    Raises:
        ConfigError: a key is missing, or has a bad value.
    """
    name = f"{node.layer}: {values.text(parts['by'])}" if "by" in parts else node.layer
    return Allow(
        selector=_selector(node, parts),
        reason=values.text(_required(node, parts, "reason")),
        checks=_excused(parts["checks"], checks) if "checks" in parts else None,
        expires=values.day(parts["expires"]) if "expires" in parts else None,
        by=name,
    )


def read_deny(node: Node, parts: Mapping[str, Node]) -> Deny:
    """One ``[[deny]]`` table, or what was typed for one.

    Raises:
        ConfigError: a key is missing, or has a bad value.
    """
    return Deny(_selector(node, parts), values.text(_required(node, parts, "reason")))


def _selector(node: Node, parts: Mapping[str, Node]) -> Selector:
    digests = values.each(values.digest)(parts["sha256"]) if "sha256" in parts else None
    if digests == ():
        raise parts["sha256"].error("an empty array fits no file", "leave the key out to mean every file")
    return Selector(
        project=values.glob(_required(node, parts, "project")),
        version=values.versions(parts["version"]) if "version" in parts else None,
        sha256=digests or (),
        index=values.address(parts["index"]) if "index" in parts else None,
    )


def _excused(node: Node, checks: Mapping[str, Check]) -> tuple[str, ...]:
    names = values.each(values.choice((*checks, NOT_LISTED, LOW_SCORE)))(node)
    if not names:
        raise node.error("an empty array excuses nothing", f"leave the key out to mean all but {DENIED}")
    return names


def _required(node: Node, parts: Mapping[str, Node], name: str) -> Node:
    if name not in parts:
        raise node.child(name).error("is missing")
    return parts[name]


def _both_allowed_and_denied(statement: Statement) -> None:
    denied = {repr(deny.selector): node for deny, node in statement.deny}
    for allow, node in statement.allow:
        other = denied.get(repr(allow.selector))
        if other is not None:
            raise node.error(
                f"allows what {other.key} denies ({other.place})", "a denial is excused by nothing"
            )
