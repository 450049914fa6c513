"""Joining the layers: who may say what, after whom. The rule stands in ``trustguard.config``'s docstring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from trustguard.checks import Check
from trustguard.config.document import LayerName, Node, show
from trustguard.config.reader import Given, GivenIndex, Statement
from trustguard.config.settings import (
    INDEX,
    MESSAGE,
    PROFILE,
    SETTINGS,
    USER_EXCEPTIONS,
    Key,
    Setting,
    same,
    settings_of,
)
from trustguard.model.errors import ConfigError
from trustguard.model.finding import Severity
from trustguard.model.pin import PublisherPin
from trustguard.model.policy import (
    DEFAULT_ON_UNAVAILABLE,
    Allow,
    CheckPolicy,
    Deny,
    IndexPolicy,
    Policy,
    same_index,
)

_IGNORE_AFTER: Key = ("checks", "provenance-continuity", "ignore-after")
_COOLDOWN: Key = ("checks", "release-age", "cooldown")

_PROJECT_HINT = "a project's file may only tighten: it may come from whoever is attacking"
_FLOOR_HINT = "what the organisation's or the project's file has set may only be tightened"


@dataclass(slots=True)
class Merged:
    """Everything that has been stated so far.

    Args:
        checks: every check by id.
        has_org: whether there is an organisation's file.
    """

    checks: Mapping[str, Check]
    has_org: bool
    settings: dict[Key, Given] = field(default_factory=dict)
    floors: set[Key] = field(default_factory=set)
    """Keys that the organisation's or the project's file has set."""
    raised: set[str] = field(default_factory=set)
    """Checks whose action the project's file has set above that of the profile."""
    exempt: dict[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: list[GivenIndex] = field(default_factory=list)
    claims: dict[str, GivenIndex] = field(default_factory=dict)
    """The table that claims each namespace."""
    allow: list[tuple[Allow, Node]] = field(default_factory=list)
    deny: list[Deny] = field(default_factory=list)
    publishers: list[PublisherPin] = field(default_factory=list)

    def add(self, layer: LayerName, statement: Statement) -> None:
        """Join one more layer to those above it.

        Raises:
            ConfigError: it loosens what it must not, or contradicts a layer above.
        """
        before = self.policy()
        kept = {key: given for key, given in statement.settings.items() if self._judge(key, given, before)}
        for key, given in kept.items():
            self._keep(key, given)
        if layer in {"org", "project"}:
            self.floors |= kept.keys()
        for check, given in statement.exempt.items():
            self._exempt(check, given)
        for index in statement.indexes:
            self._claim(index)
        self.allow += [(self._exception(allow, node), node) for allow, node in statement.allow]
        self.deny += [deny for deny, _ in statement.deny]
        self.publishers += statement.publishers

    def check_together(self) -> None:
        """Look at what only makes sense together, whichever layers it is from.

        Raises:
            ConfigError: two settings contradict each other.
        """
        given, cooldown = self.settings.get(_IGNORE_AFTER), _COOLDOWN
        if given is None or not timedelta(0) < given.value <= self.value(cooldown):
            return
        raise given.node.error(
            f"{show(given.node.value)} is not longer than {'.'.join(cooldown)}, "
            f"{show(self.value(cooldown))}, {self._origin(cooldown)}: the check would let every file be",
            "make it longer, or '0 s' for files of any age",
        )

    def value(self, key: Key) -> Any:  # noqa: ANN401 - each key has a type of its own
        """What holds for a key now."""
        given = self.settings.get(key)
        return self._setting(key).default if given is None else given.value

    @property
    def user_exceptions(self) -> str:
        """What becomes of the exceptions of user, environment and command line: "yes", "ask" or "no"."""
        default = "ask" if self.has_org else "yes"
        return str(self.settings[USER_EXCEPTIONS].value) if USER_EXCEPTIONS in self.settings else default

    def policy(self) -> Policy:
        """The policy that all layers so far make."""
        ids = {key[1] for key in self.settings if key[0] == "checks"} | self.exempt.keys()
        return Policy(
            profile=self.value(PROFILE),
            unknown=self.value(("unknown",)),
            min_score=self.value(("min-score",)),
            message=self.value(MESSAGE),
            checks=MappingProxyType({name: self._check(name) for name in sorted(ids)}),
            indexes=tuple(self._index(index) for index in self._by_precedence()),
            allow=tuple(allow for allow, _ in self.allow),
            deny=tuple(self.deny),
            publishers=tuple(self.publishers),
            on_unavailable=MappingProxyType(
                {name: self.value(("on-unavailable", name)) for name in DEFAULT_ON_UNAVAILABLE}
            ),
        )

    def _setting(self, key: Key) -> Setting:
        if key in SETTINGS:
            return SETTINGS[key]
        return INDEX[key[2]] if key[0] == "index" else settings_of(self.checks[key[1]])[key[2]]

    def _judge(self, key: Key, given: Given, before: Policy) -> bool:
        """Whether what the layer says counts; a milder word of the project's is idle beside the user's own.

        Raises:
            ConfigError: the layer may not say this after what the layers above it say.
        """
        if key == USER_EXCEPTIONS and given.node.layer != "org":
            raise given.node.error("only the organisation's file may set this")
        is_action = _is_action(key)
        held = key in self.floors or (is_action and PROFILE in self.floors)
        if key == MESSAGE or (given.node.layer != "project" and not held):
            return True
        if is_action:
            return self._judge_action(key, given, before)
        if not (tighter := self._setting(key).tighter)(given.value, self.value(key)):
            if self._is_users(key, given):
                return False
            old = self.settings[key].node.value if key in self.settings else self.value(key)
            raise _looser(given.node, f"{show(old)}, {self._origin(key)}", comparable=tighter is not same)
        return True

    def _is_users(self, key: Key, given: Given) -> bool:
        """Whether the project contradicts nobody but the user, who may be stricter than his projects."""
        said = self.settings.get(key)
        return given.node.layer == "project" and said is not None and said.node.layer == "user"

    def _judge_action(self, key: Key, given: Given, before: Policy) -> bool:
        """An action is compared with what happens now to a finding of each severity."""
        for severity in Severity:
            now = before.action(key[1], severity)
            if given.value < now:
                if self._is_users(key if key in self.settings else PROFILE, given):
                    return False
                old = f"'{now.name.lower()}', {self._origin(key)}"
                if key not in self.settings:
                    old = (
                        f"'{now.name.lower()}' for {severity.name.lower()} severity in profile "
                        f"'{before.profile}', {self._origin(PROFILE)}"
                    )
                raise _looser(given.node, old)
        return True

    def _keep(self, key: Key, given: Given) -> None:
        if key == MESSAGE and key in self.settings:
            return  # the first one holds
        if key == MESSAGE and given.node.layer == "project":
            # It is shown beside every refusal, and whoever attacks may have written it.
            given = replace(given, value=f"{given.value} (says {given.node.document.label})")
        if _is_action(key):
            raises = given.node.layer == "project" and (key not in self.settings or key[1] in self.raised)
            (self.raised.add if raises else self.raised.discard)(key[1])
        self.settings[key] = given

    def _origin(self, key: Key) -> str:
        given = self.settings.get(key)
        return "the built-in default" if given is None else f"set by {given.node.layer} in {given.node.place}"

    def _exempt(self, check: str, given: Given) -> None:
        if self._may_except(given.node) == "ask":
            raise given.node.error(
                "an exemption loosens, and user-exceptions is 'ask'",
                "an [[allow]] is possible, and asked about at each use",
            )
        self.exempt[check] = tuple(dict.fromkeys((*self.exempt.get(check, ()), *given.value)))

    def _exception(self, allow: Allow, node: Node) -> Allow:
        return replace(allow, needs_approval=self._may_except(node) == "ask")

    def _may_except(self, node: Node) -> str:
        """Whether this layer may make exceptions: "yes", or "ask"."""
        if node.layer == "org":
            return "yes"
        if node.layer == "project":
            raise node.error("an exception loosens", f"put it into your own file; {_PROJECT_HINT}")
        if self.user_exceptions == "no":
            raise node.error(f"user-exceptions is 'no', {self._origin(USER_EXCEPTIONS)}")
        return self.user_exceptions

    def _claim(self, index: GivenIndex) -> None:
        named = any(same_index(i.url, index.url) for i in self.indexes if i.node.layer != "project")
        if index.node.layer == "project" and index.namespaces and not named:
            raise index.parts["namespaces"].error(
                "a project may claim names only for an index that your own file or the organisation's names",
                _PROJECT_HINT,
            )
        for glob in index.namespaces:
            other = self.claims.setdefault(glob, index)
            if other.url.rstrip("/") != index.url.rstrip("/"):
                where = f"{other.node.layer} in {other.node.place}"
                raise index.parts["namespaces"].error(
                    f"{glob!r} belongs to {show(other.url)}, set by {where}"
                )
        self.indexes.append(index)

    def _by_precedence(self) -> list[GivenIndex]:
        """The first claim that fits a name holds: the project's come last, so that they take none away."""
        return sorted(self.indexes, key=lambda index: index.node.layer == "project")

    def _index(self, index: GivenIndex) -> IndexPolicy:
        url = index.url.rstrip("/")
        stated = {name.replace("-", "_"): self.value(("index", url, name)) for name in INDEX}
        return IndexPolicy(url=index.url, namespaces=index.namespaces, **stated)

    def _check(self, check: str) -> CheckPolicy:
        stated = {key[2]: given.value for key, given in self.settings.items() if key[:2] == ("checks", check)}
        action = stated.pop("action", None)
        if check in self.raised:
            # The project's word must not undo what the profile has come to say since.
            action = max(action, *(Policy(profile=self.value(PROFILE)).action(check, s) for s in Severity))
        settings = {name.replace("-", "_"): value for name, value in stated.items()}
        return CheckPolicy(action, self.exempt.get(check, ()), MappingProxyType(settings))


def _is_action(key: Key) -> bool:
    return key[0] == "checks" and key[2] == "action"


def _looser(node: Node, old: str, *, comparable: bool = True) -> ConfigError:
    hint = _PROJECT_HINT if node.layer == "project" else _FLOOR_HINT
    what = "is not as strict as" if comparable else "may not take the place of"
    return node.error(f"{show(node.value)} {what} {old}", hint)
