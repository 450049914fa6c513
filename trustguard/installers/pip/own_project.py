"""A folder of the user's own: what its ``pyproject.toml`` says that it needs, without running anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LIMIT = 4 * 1024 * 1024


def needs_of(folder: Path, *, extras: bool) -> Iterator[str]:
    """The requirements that a project states: to be built, to run, and of its extras.

    What cannot be read is left to pip, which explains it; what a build backend works out for itself is not
    known before the project's own code runs.

    Args:
        folder: the project.
        extras: whether any extra of it was asked for; those of all extras count then, as one may name others.
    """
    # pip's own reader: what pip will read must be read alike.
    from pip._internal.utils.compat import tomllib  # noqa: PLC0415

    try:
        with (folder / "pyproject.toml").open("rb") as file:
            content: dict[str, Any] = tomllib.loads(file.read(_LIMIT).decode())
    except (OSError, ValueError, RecursionError):
        return
    project = _table(content.get("project"))
    yield from _texts(_table(content.get("build-system")).get("requires"))
    yield from _texts(project.get("dependencies"))
    if extras:
        for texts in _table(project.get("optional-dependencies")).values():
            yield from _texts(texts)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> Iterator[str]:
    yield from (text for text in value if isinstance(text, str)) if isinstance(value, list) else ()
