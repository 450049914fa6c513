"""Where the requirements of a command stand: in which file and line, as far as that can be told.

pip says the line of what stands in a requirement file. In a ``pyproject.toml``, a script or a lock file it is
looked for in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from trustguard.installers.pip.own_project import needs_of
from trustguard.installers.pip.plan import Group, Line, Plan, RequirementFile
from trustguard.installers.pip.references import is_url, looks_like_path
from trustguard.installers.requirement_lines import (
    EXTRAS,
    line_stating,
    lines_of,
    locked,
    project_of,
    section_of,
    stated,
    stated_in_script,
    typed,
)
from trustguard.model.origins import Place, applies
from trustguard.model.record import record

_NEEDS = re.compile(r"\s*(dependencies\s*=|\[project\.optional-dependencies\]|optional-dependencies\s*=)")


def places(plan: Plan, cwd: Path) -> tuple[Place, ...]:
    """Every requirement of a command that brings something in: no constraints, and none of other targets.

    Args:
        plan: what pip understood of the command.
        cwd: the user's working directory.
    """
    return tuple(_Finding(plan, cwd).all())


@record
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
                yield from locked(self.cwd / EXTRAS.sub("", name), "packages")
        for group in self.plan.groups:
            yield from self._group(group)
        for script in self.plan.scripts:
            yield from stated_in_script(self._applying(script.requirements), self.cwd / script.path)

    def _applying(self, texts: Iterable[str]) -> list[str]:
        return [text for text in texts if applies(text, self.plan.target.markers)]

    def _argument(self, text: str, *, editable: bool) -> Iterator[Place]:
        for one in self._applying([text]):
            yield from self._own(one, editable=editable) or [Place(project_of(one), text=typed(one))]

    def _line(self, line: Line, file: RequirementFile) -> Iterator[Place]:
        where = _without_credentials(file.location) if is_url(file.location) else file.location
        texts = [(text, False) for text in self._applying([line.requirement]) if text]
        texts += [(one.value, True) for one in line.occurrences if one.dest == "editables" and one.value]
        for text, editable in texts:
            yield from self._own(text, editable=editable) or [Place(project_of(text), where, line.number)]

    def _own(self, text: str, *, editable: bool) -> list[Place]:
        """What a folder of the user's own states that it needs; nothing where it is no such folder."""
        named = EXTRAS.sub("", text.partition(";")[0].strip())
        if is_url(text) or not (editable or looks_like_path(named)):
            return []
        folder = self.cwd / named
        path = folder / "pyproject.toml"
        lines = lines_of(path)
        start = next((n for n, line in enumerate(lines) if _NEEDS.match(line)), 0)
        return stated(self._applying(needs_of(folder, extras=True)), path, lines, start) if lines else []

    def _group(self, group: Group) -> Iterator[Place]:
        path = self.cwd / group.path
        if group.requirements is None:
            yield from locked(self.cwd / EXTRAS.sub("", group.path), "packages")
        lines = lines_of(path)
        start = section_of(lines, "dependency-groups")
        key = re.compile(rf"""\s*["']?{re.escape(group.name)}["']?\s*=""", re.IGNORECASE)
        own = next((n for n in range(start, len(lines)) if key.match(lines[n])), start)
        for text in self._applying(group.requirements or ()):
            # What another group brings in stands further up, or down.
            line = line_stating(text, lines, own) or line_stating(text, lines, start)
            yield Place(project_of(text), str(path), line)


def _without_credentials(address: str) -> str:
    """An address without user, password and query."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
