"""Every setting that holds one value: how it is read, what holds without it, and which way is stricter."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

from trustguard.checks import Check
from trustguard.config import values
from trustguard.config.document import Node
from trustguard.model.build import BuildSandbox
from trustguard.model.evidence import SourceName
from trustguard.model.policy import DEFAULT_ON_UNAVAILABLE, PROFILES, Action, OnUnavailable, Unknown
from trustguard.model.record import record

Key = tuple[str, ...]
Tighter = Callable[[Any, Any], bool]
"""Whether the first value is at least as strict as the second."""

ADVISORIES_URL = "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
"""OSV's public export for the PyPI ecosystem: advisories, and no packages."""
POPULAR_URL = "https://hugovk.github.io/top-pypi-packages/top-pypi-packages.min.json"
"""A public ranking of projects by downloads: names and numbers, and no packages."""
MAX_AGE = timedelta(days=1)
DEADLINE = timedelta(seconds=30)
ARTIFACT_STORE_LIMIT = 10 * 1000**3


@record
class Setting:
    """One key.

    Args:
        read: reads a place in a document.
        default: what holds where no layer says anything.
        tighter: which values are at least as strict as which.
    """

    read: Callable[[Node], object]
    default: Any
    tighter: Tighter


def ranked(*words: str) -> Tighter:
    """Words from the mildest to the strictest."""
    return lambda new, old: words.index(new) >= words.index(old)


def more(new: Any, old: Any) -> bool:  # noqa: ANN401 - whatever is ordered
    """More is stricter; for arrays, all that was there and perhaps more. Nothing is the least."""
    if isinstance(old, tuple):
        return set(new) >= set(old)
    return old is None or bool(new >= old)


def less(new: Any, old: Any) -> bool:  # noqa: ANN401 - whatever is ordered
    """Less is stricter; for arrays, nothing that was not there."""
    return more(old, new)


def same(new: object, old: object) -> bool:
    """Neither way is stricter: only the same value is not looser."""
    return new == old


def more_or_none(new: Any, old: Any) -> bool:  # noqa: ANN401 - whatever is ordered
    """More is stricter, and 0 means that there is no end to it."""
    return not new or (bool(old) and new >= old)


_DIRECTIONS: Mapping[str, Tighter] = MappingProxyType(
    {
        **dict.fromkeys(("longer", "higher", "more"), more),
        **dict.fromkeys(("shorter", "lower", "fewer"), less),
        "longer or 0": more_or_none,
    }
)
"""What a field's metadata says under ``tighter``."""

_UNKNOWN: tuple[Unknown, ...] = get_args(Unknown)
_ON_UNAVAILABLE: tuple[OnUnavailable, ...] = get_args(OnUnavailable)
_SOURCES: tuple[SourceName, ...] = get_args(SourceName)
_TRUST = ("private", "public")
BUILD_SANDBOXES: tuple[BuildSandbox, ...] = get_args(BuildSandbox)

PROFILE: Key = ("profile",)
MESSAGE: Key = ("message",)
BUILD_SANDBOX: Key = ("build-sandbox",)
USER_EXCEPTIONS: Key = ("user-exceptions",)

SETTINGS: Mapping[Key, Setting] = MappingProxyType(
    {
        PROFILE: Setting(values.choice(PROFILES), "balanced", ranked(*PROFILES)),
        ("unknown",): Setting(values.choice(_UNKNOWN), "allow", ranked(*_UNKNOWN)),
        ("min-score",): Setting(values.score, 0.0, more),
        MESSAGE: Setting(values.text, "", same),
        BUILD_SANDBOX: Setting(values.choice(BUILD_SANDBOXES), "auto", ranked("off", "auto", "require")),
        USER_EXCEPTIONS: Setting(values.choice(("yes", "ask", "no")), "yes", ranked("yes", "ask", "no")),
        **{
            ("on-unavailable", name): Setting(
                values.choice(_ON_UNAVAILABLE), DEFAULT_ON_UNAVAILABLE[name], ranked(*_ON_UNAVAILABLE)
            )
            for name in _SOURCES
        },
        ("sources", "advisories"): Setting(values.data_address, ADVISORIES_URL, same),
        ("sources", "popular"): Setting(values.data_address, POPULAR_URL, same),
        ("sources", "trust-root"): Setting(values.local_file, None, same),
        ("sources", "forges"): Setting(values.each(values.host), (), less),
        ("sources", "dependents"): Setting(values.service, None, same),
        ("sources", "max-age"): Setting(values.duration, MAX_AGE, less),
        ("sources", "deadline"): Setting(values.duration, DEADLINE, same),
        ("state", "artifact-store-limit"): Setting(values.size, ARTIFACT_STORE_LIMIT, same),
    }
)
"""The settings that stand once in a file, by their keys."""

INDEX: Mapping[str, Setting] = MappingProxyType(
    {
        "trust": Setting(values.choice(_TRUST), "public", ranked(*_TRUST)),
        "integrity": Setting(values.flag, False, more),
        "forbids-missing": Setting(values.flag, False, less),
    }
)
"""The settings of an ``[[index]]`` table, besides its names."""
ACTION = values.choice(tuple(Action), name=lambda action: action.name.lower())
"""Reads a check's action."""


@functools.cache
def settings_of(check: Check) -> Mapping[str, Setting]:
    """The keys of a check's own ``Settings``: the fields' names with hyphens.

    Raises:
        TypeError: the check is broken: a field has no default, or a type or direction that is not known.
    """
    hints = get_type_hints(check.settings_type)
    found = {}
    for part in fields(check.settings_type):
        direction = part.metadata.get("tighter")
        if part.default is MISSING or hints[part.name] not in values.BY_TYPE:
            raise TypeError(f"{check.id}: the setting {part.name} needs a default and one of the known types")
        if direction is not None and direction not in _DIRECTIONS:
            raise TypeError(f"{check.id}: {direction!r} is not a direction in which {part.name} gets tighter")
        read, tighter = values.BY_TYPE[hints[part.name]], _DIRECTIONS.get(direction or "", same)
        found[part.name.replace("_", "-")] = Setting(read, part.default, tighter)
    return found
