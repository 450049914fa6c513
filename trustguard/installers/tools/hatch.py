"""hatch's settings, where they would keep the guard's variables from the environments that it makes.

They may set variables (``env-vars``), and say which ones are handed on (``env-include``, ``env-exclude``),
and hatch installs by what comes of that. Nothing from outside has the last word, so they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from trustguard.installers.tools.configured import folders
from trustguard.installers.tools.files import UvFile
from trustguard.installers.tools.variables import EMPTY, GUARDING
from trustguard.model.errors import UsageError

_NAMED = re.compile(r"env-(?:vars|include|exclude)|\\[uU]")
_NAMES = GUARDING | EMPTY


def refuse(cwd: Path, arguments: Sequence[str]) -> None:
    """Look for such settings.

    Args:
        cwd: the folder that hatch runs in; its project may be above it.
        arguments: its command line, which may name a folder.

    Raises:
        UsageError: there are some, or they cannot be looked into.
    """
    for folder in folders(cwd, arguments):
        for file in (UvFile(folder / "hatch.toml"), UvFile(folder / "pyproject.toml", ("tool", "hatch"))):
            try:
                named = _NAMED.search(file.text())
                found = next(_changed(file.settings()), None) if named else None
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else str(error)
                raise UsageError(f"{file.path} cannot be looked into ({why}), as hatch would") from error
            if found is not None:
                raise UsageError(
                    f"{file.path}: {found}, so that hatch would not come to trustguard",
                    hint="set the variable before trustguard, which heeds it",
                )


def _changed(settings: Mapping[str, Any]) -> Iterator[str]:
    """What is said of our variables, anywhere: environments have overrides, and inherit from each other."""
    for key, value in settings.items():
        option = key.removeprefix("set-")  # as overrides have it that replace what there is
        if option == "env-vars":
            set_to = value.items() if isinstance(value, dict) else map(_pair, _listed(value))
            yield from (
                f"it sets {name}" for name, text in set_to if name in _NAMES and not _is_same(name, text)
            )
        elif option in {"env-exclude", "env-include"}:
            yield from _filtered(option, [text for _, text in map(_pair, _listed(value)) if text])
        elif isinstance(value, dict):
            yield from _changed(value)


def _filtered(option: str, patterns: list[str]) -> Iterator[str]:
    met = {name for name in GUARDING if any(fnmatch(name, pattern) for pattern in patterns)}
    wrong = met if option == "env-exclude" else GUARDING - met if patterns else set()
    yield from (f"{option} leaves {name} out" for name in sorted(wrong)[:1])


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _pair(entry: object) -> tuple[str, str]:
    """Name and value of an override: a table, or both in one word; of a pattern there is no name."""
    if isinstance(entry, dict):
        return str(entry.get("key", "")), str(entry.get("value", ""))
    name, equals, value = str(entry).partition("=")
    return name, value if equals else name


def _is_same(name: str, value: object) -> bool:
    """Whether a variable is set to what it is."""
    text = str(value)
    return text.startswith((f"{{env:{name}}}", f"{{env:{name}:")) and text.find("}") == len(text) - 1
