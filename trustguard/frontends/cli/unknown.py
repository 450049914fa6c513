"""What may have been meant by a command that there is none of."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from trustguard.frontends.shell.table import TOOLS

PIP = frozenset(
    {"uninstall", "freeze", "list", "show", "config", "search"}
    | {"cache", "index", "hash", "completion", "debug"}
)
"""Those of pip that are none of ours, but for its ``help``."""
_PROGRAMS = frozenset({*TOOLS, "hatch", "tox", "nox", "python", "python3", "pip3"})
_OTHERWISE = {
    "help": "--help",
    "version": "--version",
    "add": "install",
    "upgrade": "install --upgrade",
    "remove": "pip uninstall",
}
"""What other programs call what there is."""


def meant(word: str, commands: Iterable[str]) -> str:
    """What to type in place of a command that there is none of; empty where nobody can tell.

    Args:
        word: as it was typed.
        commands: those that there are.
    """
    if word in PIP:
        return f"pip {word}"
    if word in _PROGRAMS:
        return f"run {word}"
    lower = word.lower()
    return _OTHERWISE.get(lower) or next(iter(get_close_matches(lower, list(commands), n=1)), "")
