"""What a ``setup.py`` told the stand-in for setuptools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

recorded: dict[str, Any] = {}
"""The keywords of the last call of :func:`setup` in this process."""


def setup(**keywords: Any) -> None:
    """Take the place of ``setuptools.setup``: record the keywords, build nothing."""
    recorded.clear()
    recorded.update(keywords)


def find_packages(where: str = ".") -> list[str]:
    """Return the packages, dotted, below a folder."""
    root = Path(where)
    return sorted(".".join(init.relative_to(root).parent.parts) for init in root.glob("*/**/__init__.py"))
