"""The files that configure programs, as far as they can be read; one that cannot is theirs to complain of."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

_SCRIPT = re.compile(r"^# /// script[ \t]*\r?\n(?P<lines>(^#(| .*)\r?\n)+?)^# ///[ \t]*$", re.MULTILINE)
"""What a script says of itself (PEP 723)."""
_LARGEST = 4 * 1024 * 1024


def uv_files(
    cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every file that uv may take its settings from, with what it says there.

    Args:
        cwd: the folder that uv runs in.
        environ: its environment.
        arguments: its command line: folders of projects, files of settings, scripts.
    """
    named = [environ.get(name, "") for name in ("UV_PROJECT", "UV_WORKING_DIR", "UV_CONFIG_FILE")]
    named += [argument.rpartition("=")[2] for argument in arguments]
    places = [cwd / name for name in named if name]
    folders = [place for place in places if os.path.isdir(place)]
    for folder in dict.fromkeys((cwd, *cwd.parents, *(one for at in folders for one in (at, *at.parents)))):
        yield folder / "uv.toml", toml(folder / "uv.toml")
        project = folder / "pyproject.toml"
        yield project, table(table(toml(project), "tool"), "uv")
    for file in (*_of_user_and_system(environ), *(p for p in places if p.suffix == ".toml")):
        yield file, toml(file)
    for script in places:
        if script.suffix in {".py", ".pyw", ""} and os.path.isfile(script):
            yield script, table(table(_of_script(script), "tool"), "uv")


def toml(file: Path) -> Mapping[str, Any]:
    """What a file says; nothing where it cannot be read."""
    return _parsed(_text(file))


def table(of: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table of a table; an empty one where it is none."""
    value = of.get(key)
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[Mapping[str, Any]]:
    """The tables of an array."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def strings(value: object) -> list[str]:
    """The texts of an array."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _of_user_and_system(environ: Mapping[str, str]) -> Iterator[Path]:
    home = environ.get("XDG_CONFIG_HOME") or f"{environ.get('HOME', '')}/.config"
    above = [home, *environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep), "/etc", "/etc/xdg"]
    above += [environ.get(name, "") for name in ("APPDATA", "PROGRAMDATA")]
    yield from (Path(folder) / "uv" / "uv.toml" for folder in above if folder)


def _of_script(file: Path) -> Mapping[str, Any]:
    match = _SCRIPT.search(_text(file))
    if match is None:
        return {}
    lines = match["lines"].splitlines()
    return _parsed("\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST).decode()
    except (OSError, ValueError):
        return ""


def _parsed(text: str) -> Mapping[str, Any]:
    # By name: a type checker that is told of Python 3.10 would want tomli even where 3.11 runs it.
    library = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        read: dict[str, Any] = library.loads(text)
    except (ValueError, RecursionError):
        return {}
    return read
