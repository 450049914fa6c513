"""Which layer has said what holds, so that a verdict can be traced to a line of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trustguard.checks import discover
from trustguard.config.document import Node, show
from trustguard.config.layers import BUILD_BACKEND, Paths, from_command_line
from trustguard.config.loading import every_layer
from trustguard.config.merge import Merged
from trustguard.config.reader import read
from trustguard.config.settings import PROFILE, Key
from trustguard.model.finding import Severity
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Allow
from trustguard.model.record import record

_BUILT_IN = "the built-in default"


@record
class Origins:
    """Who has said what.

    Args:
        merged: all layers, joined.
    """

    merged: Merged

    def action(self, check: str, severity: Severity) -> str:
        """The setting that decides what is done about a finding, with its value and its place.

        Args:
            check: the check's id, or that of a finding that the policy makes by itself.
            severity: of the finding.
        """
        if check == DENIED:
            return "a [[deny]] entry"
        if check == NOT_LISTED:
            return self.setting(("unknown",))
        if check == LOW_SCORE:
            return self.setting(("min-score",))
        key = ("checks", check, "action")
        if key in self.merged.settings:
            return self.setting(key)
        return f"{severity.name.lower()} severity in {self.setting(PROFILE)}"

    def setting(self, key: Key) -> str:
        """A setting with its value, and who has set it."""
        return f"{'.'.join(key)} = {show(self._value(key))}, {self.who(key)}"

    def _value(self, key: Key) -> object:
        given = self.merged.settings.get(key)
        return self.merged.value(key) if given is None else given.node.value

    def who(self, key: Key) -> str:
        """Who has set a setting, and where."""
        given = self.merged.settings.get(key)
        return _BUILT_IN if given is None else _place(given.node)

    def exception(self, allow: Allow) -> str:
        """Where an ``[[allow]]`` entry stands; empty where it is not one of these layers'."""
        return next((_place(node) for one, node in self.merged.allow if _is_same(one, allow)), "")


def _is_same(one: Allow, other: Allow) -> bool:
    return (one.selector, one.checks, one.reason, one.expires) == (
        other.selector,
        other.checks,
        other.reason,
        other.expires,
    )


def _place(node: Node) -> str:
    where = node.place if node.layer == "command line" else f"{node.layer}, {node.place}"
    return f"set by {where}"


def origins(
    *,
    cwd: Path,
    environ: Mapping[str, str],
    profile: str | None = None,
    extra: Sequence[str] = (),
    paths: Paths | None = None,
) -> Origins:
    """Read all layers again, to learn who has said what; the arguments are those of :func:`.load`.

    Raises:
        ConfigError: as :func:`.load` does.
    """
    known = discover()
    found = list(every_layer(cwd.resolve(), environ, from_command_line(profile, extra), paths))
    merged = Merged(known, has_org=any(layer.name == "org" and layer.present for layer, _ in found))
    for layer, document in found:
        if document is not None:
            reserved = (BUILD_BACKEND,) if document.base else ()
            merged.add(layer.name, read(document.root, known, reserved=reserved))
    return Origins(merged)
