"""An ``[[allow]]`` or ``[[deny]]`` entry from what was typed, by the rules by which files are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from trustguard.checks import Check
from trustguard.config import values
from trustguard.config.document import Document, LayerName, Node, show
from trustguard.config.reader import read_allow, read_deny
from trustguard.model.errors import ConfigError
from trustguard.model.policy import Allow, Deny, Selector
from trustguard.model.record import record

_TARGET = re.compile(r"\s*(?P<project>.*?)\s*(?P<version>(?:[<>=~]|!=).*)?", re.DOTALL)
_WITH_EXTRAS = re.compile(r"[A-Za-z0-9._-]+\s*\[[^*?\[\]]*\]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_REASON = frozenset({"…", "...", "\\u2026"})
"""What a refusal's command has in its place, also as a terminal shows it that has no such character."""
_ORDER = ("project", "version", "sha256", "index", "checks", "reason", "expires")
"""In which the keys of an entry are written."""
NEVER = "never"


@record
class Typed:
    """What was typed, as it was.

    Args:
        target: a name or glob, perhaps with a set of versions behind it.
        reason: why.
        checks: which findings are excused; none: what an entry excuses that does not say.
        expires: a span of time, a day, or "never"; None: nothing was typed.
        sha256: digests.
        index: an index's address.
    """

    target: str
    reason: str
    checks: Sequence[str] = ()
    expires: str | None = None
    sha256: Sequence[str] = ()
    index: str | None = None


@record
class Entry:
    """An entry.

    Args:
        table: as it stands in a file.
        meaning: what it says.
    """

    table: Mapping[str, Any]
    meaning: Allow | Deny


def allow_entry(typed: Typed, layer: LayerName, checks: Mapping[str, Check], today: date) -> Entry:
    """An ``[[allow]]`` entry.

    Args:
        typed: what was typed.
        layer: whose file it is for.
        checks: every check, by id.
        today: the day from which spans of time count.

    Raises:
        ConfigError: something typed is wrong; the message names what.
    """
    root = Node(Document(layer, "allow", {}, {}), (), None)
    given = _given(root, typed)
    if typed.checks:
        given["checks"] = root.child("--check", list(dict.fromkeys(typed.checks)))
    if typed.expires is not None and typed.expires != NEVER:
        given["expires"] = root.child("--expires", _last_day(root.child("--expires", typed.expires), today))
    allow = read_allow(root, given, checks)
    if allow.expires is not None and allow.expires < today:
        raise given["expires"].error(f"{allow.expires} is in the past: the exception would excuse nothing")
    return Entry(_table(given, allow.selector), allow)


def deny_entry(typed: Typed, layer: LayerName) -> Entry:
    """A ``[[deny]]`` entry.

    Raises:
        ConfigError: something typed is wrong; the message names what.
    """
    root = Node(Document(layer, "deny", {}, {}), (), None)
    given = _given(root, typed)
    deny = read_deny(root, given)
    return Entry(_table(given, deny.selector), deny)


def _given(root: Node, typed: Typed) -> dict[str, Node]:
    """What both kinds of entries have."""
    given = dict(_target(root, typed.target))
    if typed.sha256:
        digests = [digest.strip().lower() for digest in typed.sha256]
        given["sha256"] = root.child("--sha256", list(dict.fromkeys(digests)))
    if typed.index is not None:
        given["index"] = root.child("--index", typed.index)
    given["reason"] = root.child("--reason", typed.reason.strip())
    if typed.reason.strip() in _NO_REASON:
        raise given["reason"].error("that is no reason", "say why: whoever reads the file later will ask")
    return given


def _target(root: Node, target: str) -> Mapping[str, Node]:
    found = _TARGET.fullmatch(target)
    project = root.child("project", target if found is None else found["project"])
    if found is None or _WITH_EXTRAS.fullmatch(project.value):
        name = str(project.value).partition("[")[0].strip()
        hint = f"write {name} for all of it; a pattern that ends in […] is for an editor to write"
        raise project.error(
            f"{show(target)} has extras, and an entry is for a project with all of them", hint
        )
    if found["version"] is None:
        return {"project": project}
    return {"project": project, "version": root.child("version", found["version"].strip())}


def _last_day(node: Node, today: date) -> date:
    """The last day on which an exception holds that is typed as a day, or as a span from today on."""
    text = str(node.value).strip()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        return today + _span(node.child("", text))
    except (ValueError, OverflowError):
        pass
    raise node.error(f"{show(text)} is not a day, a number of days, or 'never'", "such as 30d or 2027-06-30")


def _span(node: Node) -> timedelta:
    try:
        return values.duration(node)
    except ConfigError as error:
        raise ValueError(str(error)) from error


def _table(given: Mapping[str, Node], selector: Selector) -> Mapping[str, Any]:
    """The values as they are written: the name in its normalized form, all else as it was typed."""
    return {name: given[name].value for name in _ORDER if name in given} | {"project": selector.project}


def is_same(one: Allow | Deny, other: Allow | Deny) -> bool:
    """Whether two entries of a kind are about the same, so that the newer takes the place of the older.

    That is the project, the version and the index; of exceptions also the checks, whatever their digests
    (which add up), reason and last day; of denials also the digests, since to put one in place of another
    must not let in what that one denies.
    """
    if _scope(one.selector) != _scope(other.selector):
        return False
    if isinstance(one, Allow) and isinstance(other, Allow):
        return _as_set(one.checks) == _as_set(other.checks)
    return type(one) is type(other) and set(one.selector.sha256) == set(other.selector.sha256)


def _scope(selector: Selector) -> tuple[object, ...]:
    index = None if selector.index is None else selector.index.rstrip("/")
    return selector.project, selector.version, index


def _as_set(checks: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if checks is None else frozenset(checks)
