"""Which commands of a shell go through trustguard, and which of a tool's commands need not.

A pattern is a tool and the first two words behind it, between slashes; ``*`` stands for anything. What
matches none goes through trustguard: a command that nobody here knows may install.
"""

from __future__ import annotations

from collections.abc import Mapping

_MINORS = range(10, 16)
"""Of Python 3: from the oldest that pip runs on, to one that there is not yet."""

PIPS = ("pip", "pip3", *(f"pip3.{minor}" for minor in _MINORS))
PYTHONS = ("python", "python3", *(f"python3.{minor}" for minor in _MINORS))
TOOLS = ("uv", "uvx", "poetry", "pdm", "pipx")
NAMES = (*PIPS, *PYTHONS, *TOOLS)

_ASKED = ("", "--version", "-V", "--help", "-h", "help")
"""What every tool may be asked; the first is no word at all."""

_READS = {
    # Interpreters and uv itself are no packages; `publish` sends, `init` writes a pyproject.toml.
    "uv": ("self", "cache", "python", "auth", "publish", "init", "venv", "generate-shell-completion"),
    "uvx": (),
    "poetry": (
        *("about", "list", "check", "config", "env", "new", "publish", "run", "search", "shell", "source"),
        *("version", "cache"),
    ),
    "pdm": ("cache", "completion", "config", "fix", "info", "search", "use"),
    "pipx": (
        "completions",
        "ensurepath",
        "environment",
        "list",
        "pin",
        "unpin",
        "uninstall",
        "uninstall-all",
    ),
}
"""The first words behind which a tool neither installs nor builds."""

_READS_BELOW: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "uv": {
        "pip": ("check", "freeze", "list", "show", "tree", "uninstall"),
        "tool": ("dir", "list", "uninstall", "update-shell"),
    },
    # The latest of what comes from version control, and the candidates of a lock, are built to be shown.
    "poetry": {"show": ("",)},
    "pdm": {"list": ("",), "venv": ("activate", "list", "purge", "remove")},
    "pipx": {"interpreter": ("list", "prune")},
}
"""Likewise, the second words; an empty one is no word at all."""

UNLESS = ("--seed", "--build")
"""Words that make one of these install or build: ``uv venv --seed``, ``poetry publish --build``."""


def straight() -> tuple[str, ...]:
    """Every pattern of what goes to the tool itself."""
    return tuple(
        pattern
        for tool in TOOLS
        for pattern in (
            *(f"{tool}/{word}/*" for word in (*_ASKED, *_READS[tool])),
            *(f"{tool}/{first}/{second}" for first, rest in _below(tool) for second in rest),
        )
    )


def _below(tool: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(_READS_BELOW.get(tool, {}).items())
