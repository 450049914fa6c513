"""Which indexes programs are configured with: in their variables, their files, and their lock files.

What is found here is only known sooner; an index that is not found is recognised once it is asked. A file
that cannot be read is the program's to complain of.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trustguard.installers.tools.files import strings, table, tables, toml, uv_files

_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "PDM_PYPI_URL")
_LOCKS = {"uv.lock": "registry", "poetry.lock": "url"}
"""By a lock file's name the key under which a package's ``source`` has the index."""
_WITH_SOURCES = ("poetry", "pdm")
_OPTIONS = frozenset({"-i", "--index", "--default-index", "--index-url", "--extra-index-url", "--pypi-url"})
_ADDRESS = re.compile(
    r"https?://([^@/?#\s]*@)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?(/[^\s{}<>$]*)?\Z", re.ASCII
)
"""Where an index can be; what holds a placeholder is for the program to complete."""


def indexes(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> tuple[str, ...]:
    """The http and https addresses of indexes, in the order in which they are found, each once.

    Args:
        cwd: the folder that the program runs in; its project may be above it.
        environ: the program's environment.
        arguments: its command line.
    """
    found = [*_in_texts(environ.get(name, "") for name in _VARIABLES), *_in_texts(_after_options(arguments))]
    for file in uv_files(cwd, environ, arguments):
        found += _of_uv(file.readable())
    for folder in folders(cwd, arguments):
        found += _in_project(folder)
    return tuple(dict.fromkeys(url for url in found if _ADDRESS.match(url)))


def folders(cwd: Path, arguments: Iterable[str]) -> Iterator[Path]:
    """Where a project may be: here, above, and in the folders that arguments name."""
    yield from (cwd, *cwd.parents)
    for argument in arguments:
        place = cwd / argument.rpartition("=")[2]
        if os.path.isdir(place):
            yield place


def _after_options(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments that name an index; another address is no index for being there."""
    for argument, following in zip(arguments, (*arguments[1:], ""), strict=False):
        option, equals, value = argument.partition("=")
        if option in _OPTIONS:
            yield value if equals else following


def _in_texts(texts: Iterable[str]) -> Iterator[str]:
    """Addresses in values, where a name may stand before each (``NAME=URL``)."""
    for text in texts:
        for word in text.split():
            place = min((at for at in (word.find("http://"), word.find("https://")) if at >= 0), default=-1)
            if place >= 0:
                yield word[place:]


def _in_project(folder: Path) -> Iterator[str]:
    tools = table(toml(folder / "pyproject.toml"), "tool")
    for name in _WITH_SOURCES:
        yield from _urls(table(tools, name).get("source"))
    for name, key in _LOCKS.items():
        for package in tables(toml(folder / name).get("package")):
            source = table(package, "source")
            yield from strings([source.get(key)])


def _of_uv(settings: Mapping[str, Any]) -> Iterator[str]:
    yield from _urls(settings.get("index"))
    for one in (settings, table(settings, "pip")):
        yield from strings([one.get("index-url")])
        yield from strings(one.get("extra-index-url"))


def _urls(value: object) -> Iterator[str]:
    yield from (url for one in tables(value) for url in strings([one.get("url")]))
