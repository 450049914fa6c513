"""What tox hands on to the environments that it makes: few variables, and so not those that are the guard's.

tox lets its configuration be added to in a variable. What is added to a section holds for those that inherit
from it; a section that says by itself what is handed on is added to by its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from trustguard.installers.tools.configured import folders
from trustguard.installers.tools.files import UvFile, table, toml

_VARIABLE = "TOX_OVERRIDE"
_BASES = (
    "testenv",
    "pkgenv",
    "env_run_base",
    "env_pkg_base",
    "tool.tox.env_run_base",
    "tool.tox.env_pkg_base",
)
"""Sections that others inherit from: of tox.ini, of tox.toml, and of pyproject.toml."""
_KEYS = ("pass_env", "passenv")
_NAMES = ("tox.ini", "setup.cfg", "tox.toml", "pyproject.toml")
_SUFFIXES = {Path(name).suffix for name in _NAMES}
_CHOICE = re.compile(r"\{([^{}]*)\}")


def handing_on(
    names: Iterable[str], cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]
) -> dict[str, str]:
    """The variable that makes tox hand on others.

    Args:
        names: which.
        cwd: the folder that it runs in; its project may be above it.
        environ: its environment; what the user adds there is kept.
        arguments: its command line, which may name a file or a folder.
    """
    added = ",".join(sorted(names))
    sections = dict.fromkeys((*_BASES, *_sections(cwd, arguments)))
    parts = [environ.get(_VARIABLE, ""), *(f"{name}.pass_env+={added}" for name in sections)]
    return {_VARIABLE: ";".join(filter(None, parts))}


def _sections(cwd: Path, arguments: Sequence[str]) -> Iterator[str]:
    """The sections that say by themselves what is handed on, as tox wants to be told of them."""
    places = [cwd / word.rpartition("=")[2] for word in arguments]
    for folder in folders(cwd, arguments):
        for name in _NAMES:
            yield from _of_file(folder / name)
    for place in places:
        if place.suffix in _SUFFIXES:
            yield from _of_file(place)


def _of_file(file: Path) -> Iterator[str]:
    text = _text(file)
    if not any(key in text for key in _KEYS):
        return
    if file.suffix != ".toml":
        yield from _of_ini(text)
        return
    top = toml(file)
    yield from _of_toml(top, "")
    tox = table(table(top, "tool"), "tox")
    yield from _of_toml(tox, "tool.tox.")
    legacy = tox.get("legacy_tox_ini")
    if isinstance(legacy, str):
        yield from _of_ini(legacy)


def _of_toml(top: Mapping[str, Any], before: str) -> Iterator[str]:
    for name in top:
        section = table(top, name)
        if any(key in section for key in _KEYS):
            yield before + _escaped(name)
        for below in section:
            if any(key in table(section, below) for key in _KEYS):
                yield f"{before}{_escaped(name)}.{_escaped(below)}"


def _of_ini(text: str) -> Iterator[str]:
    import configparser  # noqa: PLC0415 - few have it to read

    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        if any(parser.has_option(section, key) for key in _KEYS):
            yield from map(_escaped, _names(section))


def _names(section: str) -> Iterator[str]:
    """The sections that one heading stands for: ``py{310,311}`` is two."""
    words = _CHOICE.split(section)
    choices = [[word] if at % 2 == 0 else word.split(",") for at, word in enumerate(words)]
    for chosen in product(*choices):
        yield "".join(word.strip() for word in chosen)


def _escaped(name: str) -> str:
    return name.replace(".", "\\.")


def _text(file: Path) -> str:
    try:
        return UvFile(file).text()
    except (OSError, ValueError):
        return ""
