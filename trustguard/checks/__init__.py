"""The checks: one file each, found by looking into this folder and nowhere else.

A module holds a docstring (its page in docs/checks.md), optionally a frozen dataclass ``Settings`` (the
table ``[checks.ID]``), and ``check(evidence, settings) -> list[Finding]``. The id is the file's name with
hyphens. Entry points are not consulted: a package under examination must not be able to register code.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trustguard.model.evidence import Evidence
from trustguard.model.finding import Finding


@dataclass(frozen=True, slots=True)
class NoSettings:
    """The settings of a check that has none."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check as it was discovered."""

    id: str
    summary: str
    settings_type: type[Any]
    run: Callable[[Evidence, Any], list[Finding]]

    def settings(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each check has a type of its own
        """The check's settings from the values of its table."""
        return self.settings_type(**values)


@functools.cache
def discover() -> Mapping[str, Check]:
    """Every check by its id, in the order of their names. A check that does not load stops the program."""
    found = {}
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        check_id = module_info.name.replace("_", "-")
        summary = (module.__doc__ or "").strip().splitlines()[0]
        found[check_id] = Check(check_id, summary, getattr(module, "Settings", NoSettings), module.check)
    return found
