"""pdm's settings, where what it installs would be links to a cache.

Each run has a cache of its own, which is gone when it ends. uv is told by a variable not to link to it by
name; for pdm there is none (``install.cache_method``), so that is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from trustguard.installers.tools.command_line import plain_words
from trustguard.installers.tools.files import table, toml, values_of
from trustguard.model.errors import UsageError

_INSTALLING = frozenset({"install", "add", "sync", "update", "remove"})
_CONFIG, _PROJECT = ("-c", "--config"), ("-p", "--project")
_TRUE = frozenset({"true", "1", "yes", "on"})
_LINKS = "symlink"


def refuse(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> None:
    """Look for such settings, where something is to be installed.

    Args:
        cwd: the folder that pdm runs in; its project may be above it.
        environ: its environment.
        arguments: its command line.

    Raises:
        UsageError: there are some.
    """
    plain = plain_words(arguments, {*_CONFIG, *_PROJECT})
    if plain[:1] == [] or plain[0] not in _INSTALLING:
        return
    files = [*_files(cwd, environ, arguments)]
    if _setting("cache", files).lower() in _TRUE and _LINKS in (_setting("cache_method", files) or _LINKS):
        raise UsageError(
            "pdm's install.cache: what is installed would be links to this run's cache, which goes with it",
            hint="pdm config install.cache_method hardlink",
        )


def _setting(name: str, files: Sequence[Path]) -> str:
    """What the first file that says something says; nothing where none does."""
    found = (table(toml(file), "install").get(name) for file in files)
    return next((str(value) for value in found if value is not None), "")


def _files(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> Iterator[Path]:
    """Those that pdm reads, the one that has the last word first."""
    named = [
        *(one for name in _PROJECT for one in values_of(name, arguments)),
        environ.get("PDM_PROJECT", ""),
    ]
    folder = next(filter(None, named), None)
    for place in (cwd, *cwd.parents) if folder is None else (cwd / folder,):
        yield place / "pdm.toml"
    own = [
        *(one for name in _CONFIG for one in values_of(name, arguments)),
        environ.get("PDM_CONFIG_FILE", ""),
    ]
    yield cwd / next(filter(None, own), str(_home(environ) / "pdm" / "config.toml"))
    for above in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"):
        yield Path(above) / "pdm" / "config.toml"


def _home(environ: Mapping[str, str]) -> Path:
    home = Path(environ.get("HOME", ""))
    own = home / "Library" / "Application Support" if sys.platform == "darwin" else home / ".config"
    return Path(environ.get("XDG_CONFIG_HOME") or own)
