"""What pip understood of the user's command line, as the child reported it (see child.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustguard.model.errors import InstallerError
from trustguard.model.record import record


@record
class Occurrence:
    """An option as it was met."""

    dest: str
    option: str
    value: str | None


@record
class Line:
    """A line of a requirement file, comments and continuations resolved, variables expanded."""

    number: int
    requirement: str
    occurrences: tuple[Occurrence, ...]
    includes: Mapping[int, int]
    """Which file each ``-r`` or ``-c`` means: the place of the occurrence to the place of the file."""


@record
class RequirementFile:
    """A requirement or constraint file."""

    location: str
    constraint: bool
    lines: tuple[Line, ...]


@record
class Group:
    """A dependency group that was asked for (PEP 735)."""

    path: str
    name: str
    requirements: tuple[str, ...] | None
    """None where it is a group of a lock file."""


@record
class Script:
    """A script whose dependencies were asked for (PEP 723)."""

    path: str
    requires_python: str
    requirements: tuple[str, ...]


@record
class Target:
    """The interpreter that is installed into."""

    executable: str
    python: str
    prefix: str
    purelib: str
    platlib: str
    markers: Mapping[str, str]
    tags: tuple[str, ...]


@record
class Plan:
    """A guarded command, as pip understands it."""

    command: str
    occurrences: tuple[Occurrence, ...]
    arguments: tuple[str, ...]
    settings: tuple[tuple[str, str | None, str], ...]
    """Name, option and value of each setting of pip's configuration files and variables."""
    values: Mapping[str, Any]
    """Every option's value, configuration and command line merged."""
    requirements: tuple[tuple[str, int | None], ...]
    """Each ``-r``, and the file it means; None for a pylock file."""
    constraints: tuple[tuple[str, int | None], ...]
    build_constraints: tuple[tuple[str, int | None], ...]
    groups: tuple[Group, ...]
    scripts: tuple[Script, ...]
    files: tuple[RequirementFile, ...]
    target: Target
    destinations: tuple[str, ...]
    """The folders that packages go to, that of pure ones first; none where nothing is installed."""

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Plan:
        """Read the child's report.

        Raises:
            InstallerError: it does not have the form that we know.
        """
        try:
            return cls(
                command=message["command"],
                occurrences=_occurrences(message["occurrences"]),
                arguments=tuple(message["arguments"]),
                settings=tuple((key, dest, value) for key, dest, value in message["settings"]),
                values=message["values"],
                requirements=tuple((name, place) for name, place in message["requirements"]),
                constraints=tuple((name, place) for name, place in message["constraints"]),
                build_constraints=tuple((name, place) for name, place in message["build_constraints"]),
                groups=tuple(_group(*row) for row in message["groups"]),
                scripts=tuple(_script(*row) for row in message["scripts"]),
                files=tuple(_file(entry) for entry in message["files"]),
                target=_target(message["target"]),
                destinations=tuple(message["destinations"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            hint = "this trustguard and this pip do not fit together: update both"
            raise InstallerError(
                f"pip described the command in a form that is not known: {error!r}", hint=hint
            ) from error


def _occurrences(rows: list[Any]) -> tuple[Occurrence, ...]:
    return tuple(Occurrence(dest or "", option, value) for dest, option, value in rows)


def _file(entry: Mapping[str, Any]) -> RequirementFile:
    lines = tuple(
        Line(
            line["number"],
            line["requirement"],
            _occurrences(line["occurrences"]),
            {int(at): place for at, place in line["includes"].items()},
        )
        for line in entry["lines"]
    )
    return RequirementFile(entry["location"], entry["constraint"], lines)


def _group(path: str, name: str, requirements: list[Any] | None) -> Group:
    return Group(path, name, None if requirements is None else _texts(requirements))


def _script(path: str, requires_python: str, requirements: list[Any]) -> Script:
    return Script(path, str(requires_python), _texts(requirements))


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError("requirements are not a list of strings")
    return tuple(values)


def _target(entry: Mapping[str, Any]) -> Target:
    return Target(
        executable=entry["executable"],
        python=entry["python"],
        prefix=entry["prefix"],
        purelib=entry["purelib"],
        platlib=entry["platlib"],
        markers=entry["markers"],
        tags=tuple(entry["tags"]),
    )
