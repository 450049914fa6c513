"""In which line of a text a project is named: no reader of TOML tells lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, unquote

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.installers.pip.references import is_url, names_file
from trustguard.model.origins import Place
from trustguard.model.project import FileName

EXTRAS = re.compile(r"\[[^\]]*\]$")
"""The extras behind a path."""
_LIMIT = 64 * 1024 * 1024
_QUOTED = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)""")
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\]]+?)\s*\]")
_NAMED = re.compile(r"""\s*name\s*=\s*["']([A-Za-z0-9][A-Za-z0-9._-]*)["']""")


def locked(path: Path, table: str) -> Iterator[Place]:
    """Each package of a lock file.

    Args:
        path: the file.
        table: what the tables of its packages are called.
    """
    inside = False
    for number, line in enumerate(lines_of(path), start=1):
        header, named = _HEADER.match(line), _NAMED.match(line)
        if header is not None:
            inside = header[2] == table
        elif inside and named is not None:
            yield Place(canonicalize_name(named[1]), str(path), number)


def stated(texts: Iterable[str], path: Path, lines: Sequence[str], start: int) -> list[Place]:
    """Where requirements stand that a file states, from a line on, or else wherever they are named first."""
    found = []
    for text in texts:
        line = line_stating(text, lines, start) or line_stating(text, lines, 0)
        found.append(Place(project_of(text), str(path), line))
    return found


def stated_in_script(texts: Sequence[str], path: Path) -> list[Place]:
    """Where the requirements of a script stand in the comment that states them (PEP 723)."""
    lines = lines_of(path) if texts else []
    start = next((n for n, line in enumerate(lines) if line.startswith("# /// script")), 0)
    return stated(texts, path, lines, start)


def section_of(lines: Sequence[str], name: str) -> int:
    """Where a table of a TOML file begins; 0 where there is none of that name."""
    headers = ((number, _HEADER.match(line)) for number, line in enumerate(lines))
    return next((number for number, header in headers if header is not None and header[2] == name), 0)


def line_stating(text: str, lines: Sequence[str], start: int) -> int | None:
    """The first line from a place on, from 1, that has a requirement, or else names its project."""
    quoted = (f'"{text}"', f"'{text}'")
    for number in range(start, len(lines)):
        if any(one in lines[number] for one in quoted):
            return number + 1
    return line_of(project_of(text), lines, start)


def line_of(project: NormalizedName | None, lines: Sequence[str], start: int) -> int | None:
    """The first line from a place on in which a quoted text begins with a project's name, from 1."""
    for number in range(start, len(lines)):
        if any(canonicalize_name(found) == project for found in _QUOTED.findall(lines[number])):
            return number + 1
    return None


def lines_of(path: Path) -> list[str]:
    """The lines of a file; none where it cannot be read: who reads it knows better."""
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode().splitlines()
    except (OSError, ValueError):
        return []


def project_of(text: str) -> NormalizedName | None:
    """The project that a requirement names, or whose file it is; None where only the file can tell."""
    if not names_file(text):
        with suppress(InvalidRequirement, RecursionError):
            return canonicalize_name(Requirement(text).name)
    body = text.partition("; ")[0].strip()
    address, _, fragment = body.partition("#")
    egg = parse_qs(fragment).get("egg", [""])[0].partition("[")[0]
    if egg:
        return canonicalize_name(egg)
    try:
        return FileName.parse(_last_part(address)).project
    except ValueError:
        return None


def _last_part(address: str) -> str:
    """The name of the file that an address or a path leads to."""
    path = address.partition("?")[0] if is_url(address) else EXTRAS.sub("", address)
    return unquote(re.split(r"[/\\]", path)[-1])


def typed(text: str) -> str:
    """A requirement as it was typed; of an address, which may hold a password, the name of the file alone."""
    name, at, rest = text.partition("@")
    address = rest.strip()
    if not is_url(text) and at and is_url(address):
        return f"{name}@ {_last_part(address.partition('#')[0])}"
    return _last_part(text.partition("#")[0]) if is_url(text) or Path(text).is_absolute() else text
