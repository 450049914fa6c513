"""The most downloaded projects, by rank, and the text in which such a list is kept.

The text is ASCII. Its first three lines are comments with the origin, the date and the number of names; then
come the names in rank order, normalized (PEP 503), one a line, each once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import cast

from packaging.utils import NormalizedName

FEWEST = 1_000
"""A list with fewer names than this is not believed to be one of the popular projects."""
MOST = 200_000
"""A list with more names than this is not read."""
_HEAD = ("# origin: ", "# date: ", "# names: ")
_ORIGIN = re.compile(r"[ -~]{1,400}")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAMES = re.compile(rf"(?:{_NAME.pattern}\n)*{_NAME.pattern}")
_NAME_LIMIT = 255


@dataclass(frozen=True)
class Popular:
    """Projects in the order of their rank.

    Args:
        names: the most popular one first, each once.
        date: the month or day that the ranking is of, as ``2026-11`` or ``2026-11-01`` (ISO 8601).
        origin: where it is from, for people: printable ASCII.
    """

    names: tuple[NormalizedName, ...]
    date: str
    origin: str

    def rank(self, project: NormalizedName) -> int | None:
        """The place of a project, from 1; None where it is not listed."""
        return self._ranks.get(project)

    @cached_property
    def _ranks(self) -> Mapping[NormalizedName, int]:
        return MappingProxyType({name: rank for rank, name in enumerate(self.names, start=1)})


def to_text(popular: Popular) -> str:
    """The text in which a list is kept."""
    values = (popular.origin, popular.date, str(len(popular.names)))
    head = (key + value for key, value in zip(_HEAD, values, strict=True))
    return "".join(f"{line}\n" for line in (*head, *popular.names))


def from_text(text: str) -> Popular:
    """Read a list back; nothing that :func:`to_text` does not write is understood.

    Raises:
        ValueError: it is not such a text, not all of it, or has too few names or too many.
    """
    lines = text.split("\n")
    if lines.pop() != "":
        raise ValueError("its last line is not complete")
    if len(lines) < len(_HEAD) or not all(map(str.startswith, lines, _HEAD)):
        raise ValueError("it does not begin as a list of popular projects does")
    origin, date, count = (line.removeprefix(key) for line, key in zip(lines, _HEAD, strict=False))
    names = lines[len(_HEAD) :]
    if not _ORIGIN.fullmatch(origin) or not _DATE.fullmatch(date):
        raise ValueError("its origin or its date cannot be read")
    if count != str(len(names)) or not FEWEST <= len(names) <= MOST:
        raise ValueError(f"it has {len(names)} names, and should have {count[:20]}, of {FEWEST} to {MOST}")
    return Popular(_names(names), date, origin)


def _names(lines: list[str]) -> tuple[NormalizedName, ...]:
    if not _NAMES.fullmatch("\n".join(lines)) or max(map(len, lines)) > _NAME_LIMIT:
        wrong = next(line for line in lines if len(line) > _NAME_LIMIT or not _NAME.fullmatch(line))
        raise ValueError(f"not a normalized project name: {wrong[:80]!r}")
    if len(set(lines)) != len(lines):
        raise ValueError("a name stands in it twice")
    return cast("tuple[NormalizedName, ...]", tuple(lines))
