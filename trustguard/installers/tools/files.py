"""The files that configure programs.

What is only good to know is read as far as it can be; a file that cannot be is the program's to complain of.
uv's settings may lead past the guard: whoever wants to be sure that they do not asks for their text, whole.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from trustguard.model.record import record

_TAG = re.compile(rb"(?:\A|[\r\n])(# /// script\r?\n)")
"""Where uv takes a script's metadata (PEP 723) to begin."""
_LARGEST, _LARGEST_TOML = 64 * 1024 * 1024, 4 * 1024 * 1024
_WORKING = ("UV_WORKING_DIR", "UV_WORKING_DIRECTORY")
_NAMING = ("UV_PROJECT", "UV_CONFIG_FILE", *_WORKING)


@record
class UvFile:
    """A file that uv may take settings from.

    Args:
        path: where it is, or would be.
        below: the tables in which the settings are.
        script: whether they stand in a comment of a script.
    """

    path: Path
    below: tuple[str, ...] = ()
    script: bool = False

    def text(self) -> str:
        """The TOML in it, whole; nothing where there is no such file.

        Raises:
            OSError: it cannot be read.
            ValueError: it is too large, or no UTF-8.
        """
        content = _content(self.path)
        return _metadata(content) if self.script else content.decode("utf-8-sig")

    def settings(self) -> Mapping[str, Any]:
        """What it says.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no TOML of version 1.0 that we can read.
        """
        found = _parsed(self.text())
        for key in self.below:
            found = table(found, key)
        return found

    def readable(self) -> Mapping[str, Any]:
        """What it says; nothing where it cannot be read."""
        try:
            return self.settings()
        except (OSError, ValueError):
            return {}


def uv_files(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> Iterator[UvFile]:
    """Every file that uv may take its settings from, and more: which it takes depends on its command.

    Args:
        cwd: the folder that uv runs in.
        environ: its environment.
        arguments: its command line: folders of projects, files of settings, scripts.
    """
    bases = _bases(cwd, environ, arguments)
    named = [*(environ.get(name, "") for name in _NAMING), *arguments, *after_equals(arguments)]
    places = [base / name for base in bases for name in dict.fromkeys(named) if name]
    files = [place for place in places if os.path.isfile(place)]
    folders = [*bases, *(place for place in places if os.path.isdir(place)), *(file.parent for file in files)]
    spelt = dict.fromkeys(Path(spell(folder)) for folder in folders for spell in _SPELT)
    for folder in dict.fromkeys(one for at in spelt for one in (at, *at.parents)):
        yield UvFile(folder / "uv.toml")
        yield UvFile(folder / "pyproject.toml", ("tool", "uv"))
    settings = [environ.get("UV_CONFIG_FILE", ""), *values_of("--config-file", arguments)]
    for file in (
        *_of_user_and_system(environ),
        *(base / name for base in bases for name in settings if name),
    ):
        yield UvFile(file)
    for script in dict.fromkeys(files):
        yield UvFile(script, ("tool", "uv"), script=True)


_SPELT = (os.path.normpath, os.path.realpath)
"""uv goes up from a folder as it is named, or from where it really is."""


def _bases(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> list[Path]:
    """The folders that relative paths may be meant from."""
    named = [*(environ.get(name, "") for name in _WORKING), *values_of("--directory", arguments)]
    return list(dict.fromkeys((cwd, *(cwd / name for name in named if name))))


def values_of(option: str, arguments: Sequence[str]) -> list[str]:
    """What an option is given, wherever it stands, in either way of writing it."""
    following = [arguments[at + 1] for at, word in enumerate(arguments[:-1]) if word == option]
    return following + [word[len(option) + 1 :] for word in arguments if word.startswith(f"{option}=")]


def after_equals(arguments: Sequence[str]) -> list[str]:
    """What stands behind the first equals sign of each argument."""
    return [value for _, equals, value in (word.partition("=") for word in arguments) if equals]


def toml(file: Path) -> Mapping[str, Any]:
    """What a file says; nothing where it cannot be read."""
    return UvFile(file).readable()


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


def _content(file: Path) -> bytes:
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return b""  # who may not look there may not as uv either
    if not stat.S_ISREG(mode):
        if str(file) == os.devnull:
            return b""
        raise ValueError("it is no file")
    with file.open("rb") as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("it is too large")
    return content


def _metadata(content: bytes) -> str:
    """What a script says of itself: the lines of the comment, up to the last that can end it."""
    match = _TAG.search(content)
    if match is None:
        return ""
    lines: list[str] = []
    for line in content[match.end(1) :].decode("utf-8", "replace").split("\n"):
        text = line.removesuffix("\r")
        if text != "#" and not text.startswith("# "):
            break
        lines.append(text[2:])
    ends = [at for at, line in enumerate(lines) if line == "///"]
    return "\n".join(lines[: ends[-1]]) if ends else ""


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > _LARGEST_TOML:
        raise ValueError("it is too large")
    # By name: a type checker that is told of Python 3.10 would want tomli even where 3.11 runs it.
    library = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        read: dict[str, Any] = library.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    return read
