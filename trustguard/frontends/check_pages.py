"""Gathers what there is to say of one check, with what holds here."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields

from trustguard.checks import Check, NoSettings, discover
from trustguard.config.document import show
from trustguard.config.origins import Origins
from trustguard.model.check_page import OF_POLICY, CheckPage, SettingLine
from trustguard.model.finding import Severity
from trustguard.model.policy import PROFILE_ACTIONS, Policy


def is_check(name: str) -> bool:
    """Whether there is such a check, or a finding of the policy's own by that name."""
    return name in OF_POLICY or name in discover()


def check_called(typed: str) -> str | None:
    """The check of that id, whatever its case and whichever of ``-`` and ``_`` it is written with."""
    name = typed.lower().replace("_", "-")
    return name if is_check(name) else None


def check_meant(typed: str) -> str | None:
    """The check that was meant by what is none: its id but for where the words part."""
    if check_called(typed) is not None:
        return None
    letters = _letters(typed)
    return next((name for name in (*discover(), *OF_POLICY) if _letters(name) == letters), None)


def _letters(typed: str) -> str:
    return typed.lower().replace("-", "").replace("_", "").replace(" ", "").replace(".", "")


def page_of(name: str, policy: Policy, origins: Origins) -> CheckPage:
    """The page of a check.

    Args:
        name: its id, or that of a finding that the policy makes by itself.
        policy: the rules, all layers joined.
        origins: who has said what.
    """
    actions = {
        severity: (policy.action(name, severity), origins.action(name, severity)) for severity in Severity
    }
    if name in OF_POLICY:
        return CheckPage(name, OF_POLICY[name], {}, {Severity.HIGH: actions[Severity.HIGH]})
    check = discover()[name]
    return CheckPage(
        id=name,
        text=inspect.getdoc(inspect.getmodule(check.run)) or check.summary,
        profiles=PROFILE_ACTIONS.get(name, {}),
        actions=actions,
        settings=tuple(_settings(check, policy, origins)),
        exempt=policy.check(name).exempt,
    )


def _settings(check: Check, policy: Policy, origins: Origins) -> Iterator[SettingLine]:
    if check.settings_type is NoSettings:
        return
    held = check.settings(policy.check(check.id).settings)
    for part in fields(check.settings_type):
        key = ("checks", check.id, part.name.replace("_", "-"))
        yield SettingLine(".".join(key), show(getattr(held, part.name)), origins.who(key))
