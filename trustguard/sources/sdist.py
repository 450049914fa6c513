"""What stands at the top of an sdist, read out of the archive without unpacking it.

That is what it needs to be built (``pyproject.toml``, PEP 518) and what it says of itself (``PKG-INFO``, PEP
643). What could become something else once it is unpacked (a link, another spelling on a file system that
ignores case, a second top folder) is refused.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from packaging.requirements import InvalidRequirement, Requirement

from trustguard.model.build import Build
from trustguard.model.errors import SourceRefused
from trustguard.model.project import SDIST_ENDINGS
from trustguard.model.record import record
from trustguard.sources.archive import Archive, Entry, Kind, open_archive

DEEPEST = 100
"""So many opening brackets a requirement may have: parsers descend into each, and their stack is bounded."""
_MOST = 1_000
"""So many build requirements may there be; honest projects have a dozen."""
_LONGEST = 1_000
"""So many characters one of them may have."""
_KEY = r"""(?:[\w-]+|"(?:[^"\\\n]|\\[^\n])*"|'[^'\n]*')"""
_PARTS = 32
_LEXEMES = re.compile(
    rf"""\"{{3}}(?:[^\\]|\\.)*?(?:\"{{3,5}}|\\?\Z) | '{{3}}.*?(?:'{{3,5}}|\Z) | \#[^\n]*
    | (?P<long>(?:{_KEY}[ \t]*\.[ \t]*){{{_PARTS}}}) | (?:{_KEY}[ \t]*\.[ \t]*)*{_KEY}
    | "(?:[^"\\\n]|\\[^\n])* | '[^'\n]*""",
    re.VERBOSE | re.DOTALL,
)
"""Strings, comments and dotted keys of a TOML document, from its beginning: so that a string is not taken for
a key, nor a key for a part of a string.

What tomllib does with a key takes the square of its parts, a minute for 64 KiB; no honest key has ten parts.
"""
_PYPROJECT = "pyproject.toml"
_PKG_INFO = "PKG-INFO"
_SETUP_PY = "setup.py"
_NOTHING_SAID = Build()
_WANTED = {name.casefold(): name for name in (_PYPROJECT, _PKG_INFO)}


@record
class SdistTop:
    """What stands at the top of an sdist.

    Args:
        build_requires: ``[build-system] requires``; None where there is no ``pyproject.toml`` or no
            ``build-system`` in it: an installer then takes setuptools (PEP 517).
        pkg_info: the ``PKG-INFO``; None where there is none, as in a forge's archives.
        build: what else decides how it is built.
    """

    build_requires: tuple[str, ...] | None
    pkg_info: bytes | None
    build: Build = _NOTHING_SAID


def top_of_sdist(sdist: Path | BinaryIO, filename: str) -> SdistTop:
    """Read what stands at the top of an sdist.

    Args:
        sdist: the archive, or its path.
        filename: its name, which says what kind of archive it is; a forge's archive has any stem.

    Raises:
        SourceRefused: it is not an archive that can be read in one way only
            (:func:`trustguard.sources.archive.open_archive`), it has not one folder at its top, or the table
            is malformed.
    """
    if not filename.endswith(SDIST_ENDINGS):
        raise SourceRefused(f"not an sdist's file name: {filename!r:.80}")
    with open_archive(sdist, filename, keep=is_at_the_top) as archive:
        return top_of_archive(archive)


def top_of_archive(archive: Archive) -> SdistTop:
    """Read what stands at the top of an sdist that is open, best with :func:`is_at_the_top` kept.

    Raises:
        SourceRefused: it has not one folder at its top, or the table is malformed.
    """
    found = _at_the_top(archive)
    pyproject = found.get(_PYPROJECT)
    table = None if pyproject is None else _build_system(archive, pyproject)
    requires = None if table is None else _requires(archive, table)
    return SdistTop(requires, found.get(_PKG_INFO), _build(archive, table or {}))


def is_at_the_top(path: str) -> bool:
    """Whether :func:`top_of_archive` will read the file of a path."""
    return _wanted(path) is not None


def _wanted(path: str) -> str | None:
    """Which of the wanted files a path is, however it is spelled."""
    folder, _, name = path.partition("/")
    return _WANTED.get(name.casefold()) if folder else None


def _at_the_top(archive: Archive) -> dict[str, bytes]:
    """The wanted files that there are."""
    tops = {entry.path.partition("/")[0] for entry in archive.entries}
    beside = [
        entry for entry in archive.entries if "/" not in entry.path and entry.kind is not Kind.DIRECTORY
    ]
    if len(tops) > 1 or beside:
        raise archive.refused("it has something beside its one top folder")
    return {
        meant: archive.read(_ordinary(archive, entry, meant).path)
        for entry in archive.entries
        if (meant := _wanted(entry.path)) is not None
    }


def _ordinary(archive: Archive, entry: Entry, meant: str) -> Entry:
    name = entry.path.rpartition("/")[2]
    if name != meant or entry.kind is not Kind.FILE:
        raise archive.refused(f"its {name!a} is not an ordinary {meant}")
    return entry


def _build_system(archive: Archive, content: bytes) -> dict[str, Any] | None:
    # By name: a type checker that is told of Python 3.10 would want tomli even where 3.11 runs it.
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        text = content.decode("utf-8")
        if _has_long_key(text):
            raise archive.refused(f"its {_PYPROJECT} has a key of more than {_PARTS} parts")
        table = toml.loads(text).get("build-system")
    except RecursionError as error:
        raise archive.refused(f"its {_PYPROJECT} is nested too deeply") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise archive.refused(f"its {_PYPROJECT} is not TOML") from error
    if table is not None and not isinstance(table, dict):
        raise archive.refused("its build-system is not a table")
    return table


def _has_long_key(text: str) -> bool:
    """Whether a TOML document has a dotted key of more than 32 parts, all of which stand in one line."""
    if all(line.count(".") < _PARTS for line in text.split("\n")):
        return False
    return any(lexeme.lastgroup for lexeme in _LEXEMES.finditer(text))


def _requires(archive: Archive, table: dict[str, Any]) -> tuple[str, ...]:
    requires = table.get("requires")
    if not isinstance(requires, list) or not all(isinstance(line, str) for line in requires):
        raise archive.refused("its build-system has no list of requirements")
    if len(requires) > _MOST:
        raise archive.refused(f"it has more than {_MOST:,} build requirements")
    for line in requires:
        if not _is_requirement(line):
            raise archive.refused(f"its build requirement {line[:80]!a} is not one")
    return tuple(requires)


def _is_requirement(line: str) -> bool:
    if len(line) > _LONGEST or line.count("(") > DEEPEST:
        return False
    try:
        Requirement(line)
    except InvalidRequirement:
        return False
    return True


def _build(archive: Archive, table: dict[str, Any]) -> Build:
    backend, path = table.get("build-backend", ""), table.get("backend-path", [])
    if not isinstance(backend, str):
        raise archive.refused("its build-backend is not a name")
    if not isinstance(path, list) or not all(isinstance(folder, str) for folder in path):
        raise archive.refused("its backend-path is not a list of folders")
    # Whatever kind of entry it is, and however it is spelled: the worse is assumed.
    setup_py = any(entry.path.partition("/")[2].casefold() == _SETUP_PY for entry in archive.entries)
    return Build(backend, in_tree=bool(path), setup_py=setup_py)
