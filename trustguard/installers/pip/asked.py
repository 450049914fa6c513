"""Where the requirements of a command stand: in which file and line, as far as that can be told.

pip says the line of what stands in a requirement file. In a ``pyproject.toml``, a script or a lock file it is
looked for in the text, because no reader of TOML tells lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.installers.pip.own_project import needs_of
from trustguard.installers.pip.plan import Group, Line, Plan, RequirementFile, Script
from trustguard.installers.pip.references import is_url, looks_like_path
from trustguard.model.origins import Place
from trustguard.model.project import FileName

_LIMIT = 4 * 1024 * 1024
_QUOTED = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)""")
_HEADER = re.compile(r"\s*\[(\[)?\s*([^\]]+?)\s*\]")
_NAME = re.compile(r"""\s*name\s*=\s*["']([A-Za-z0-9][A-Za-z0-9._-]*)["']""")
_NEEDS = re.compile(r"\s*(dependencies\s*=|\[project\.optional-dependencies\]|optional-dependencies\s*=)")
_EXTRAS = re.compile(r"\[[^\]]*\]$")


def places(plan: Plan, cwd: Path) -> tuple[Place, ...]:
    """Every requirement of a command, constraints left out: they bring nothing in.

    Args:
        plan: what pip understood of the command.
        cwd: the user's working directory.
    """
    return tuple(_Finding(plan, cwd).all())


@dataclass(frozen=True, slots=True)
class _Finding:
    plan: Plan
    cwd: Path

    def all(self) -> Iterator[Place]:
        for text in self.plan.arguments:
            yield from self._argument(text, editable=False)
        for text in self.plan.values.get("editables") or ():
            yield from self._argument(str(text), editable=True)
        for file in self.plan.files:
            if not file.constraint:
                for line in file.lines:
                    yield from self._line(line, file)
        for name, place in self.plan.requirements:
            if place is None:
                yield from self._lock(name)
        for group in self.plan.groups:
            yield from self._lock(group.path) if group.requirements is None else self._group(group)
        for script in self.plan.scripts:
            yield from self._script(script)

    def _argument(self, text: str, *, editable: bool) -> Iterator[Place]:
        yield from self._own(text, editable=editable) or [Place(_project(text), text=_typed(text))]

    def _line(self, line: Line, file: RequirementFile) -> Iterator[Place]:
        where = _without_credentials(file.location) if is_url(file.location) else file.location
        texts = [(line.requirement, False)] if line.requirement else []
        texts += [(one.value, True) for one in line.occurrences if one.dest == "editables" and one.value]
        for text, editable in texts:
            yield from self._own(text, editable=editable) or [Place(_project(text), where, line.number)]

    def _own(self, text: str, *, editable: bool) -> list[Place]:
        """What a folder of the user's own states that it needs; nothing where it is no such folder."""
        named = _EXTRAS.sub("", text.partition(";")[0].strip())
        if is_url(text) or not (editable or looks_like_path(named)):
            return []
        folder = self.cwd / named
        path = folder / "pyproject.toml"
        lines = _lines(path)
        start = next((n for n, line in enumerate(lines) if _NEEDS.match(line)), 0)
        return _stated(needs_of(folder, extras=True), path, lines, start) if lines else []

    def _group(self, group: Group) -> Iterator[Place]:
        path = self.cwd / group.path
        lines = _lines(path)
        start = _section(lines, "dependency-groups")
        key = re.compile(rf"""\s*["']?{re.escape(group.name)}["']?\s*=""", re.IGNORECASE)
        own = next((n for n in range(start, len(lines)) if key.match(lines[n])), start)
        for text in group.requirements or ():
            project = _project(text)
            # What another group brings in stands further up, or down.
            line = _line_of(project, lines, own) or _line_of(project, lines, start)
            yield Place(project, str(path), line)

    def _script(self, script: Script) -> Iterator[Place]:
        path = self.cwd / script.path
        lines = _lines(path)
        start = next((n for n, line in enumerate(lines) if line.startswith("# /// script")), 0)
        yield from _stated(script.requirements, path, lines, start)

    def _lock(self, name: str) -> Iterator[Place]:
        """Each package of a lock file (PEP 751)."""
        path = self.cwd / _EXTRAS.sub("", name)
        inside = False
        for number, line in enumerate(_lines(path), start=1):
            header, named = _HEADER.match(line), _NAME.match(line)
            if header is not None:
                inside = header[2] == "packages"
            elif inside and named is not None:
                yield Place(canonicalize_name(named[1]), str(path), number)


def _stated(texts: Iterable[str], path: Path, lines: Sequence[str], start: int) -> list[Place]:
    found = []
    for project in map(_project, texts):
        line = _line_of(project, lines, start) or _line_of(project, lines, 0)
        found.append(Place(project, str(path), line))
    return found


def _section(lines: Sequence[str], name: str) -> int:
    """Where a table of a TOML file begins; 0 where there is none of that name."""
    headers = ((number, _HEADER.match(line)) for number, line in enumerate(lines))
    return next((number for number, header in headers if header is not None and header[2] == name), 0)


def _line_of(project: NormalizedName | None, lines: Sequence[str], start: int) -> int | None:
    """The first line from a place on in which a quoted text begins with a project's name, from 1."""
    for number in range(start, len(lines)):
        if any(canonicalize_name(found) == project for found in _QUOTED.findall(lines[number])):
            return number + 1
    return None


def _lines(path: Path) -> list[str]:
    """The lines of a file; none where it cannot be read: pip has read it, and knows better."""
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode().splitlines()
    except (OSError, ValueError):
        return []


def _project(text: str) -> NormalizedName | None:
    """The project that a requirement names, or whose file it is; None where only the file can tell."""
    try:
        return canonicalize_name(Requirement(text).name)
    except (InvalidRequirement, RecursionError):
        pass
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
    path = address.partition("?")[0] if is_url(address) else _EXTRAS.sub("", address)
    return unquote(re.split(r"[/\\]", path)[-1])


def _typed(text: str) -> str:
    """A requirement as it was typed; of an address, which may hold a password, the name of the file alone."""
    name, at, rest = text.partition("@")
    address = rest.strip()
    if not is_url(text) and at and is_url(address):
        return f"{name}@ {_last_part(address.partition('#')[0])}"
    return _last_part(text.partition("#")[0]) if is_url(text) or Path(text).is_absolute() else text


def _without_credentials(address: str) -> str:
    """An address without user, password and query."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
