"""Installed distributions whose metadata can be read, whatever encoding an old tool has written it in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path


class Readable(PathDistribution):
    """A distribution in a folder; what of its metadata is not UTF-8 is replaced."""

    def read_text(self, filename: str | os.PathLike[str]) -> str | None:
        """The text of a file of its metadata; None where there is none."""
        try:
            return super().read_text(filename)
        except UnicodeDecodeError:
            return Path(str(self._path), filename).read_bytes().decode("utf-8", "replace")


def of_folders(folders: Iterable[str]) -> Iterator[Distribution]:
    """The distributions in some site-packages folders."""
    for found in distributions(path=list(folders)):
        yield Readable(found._path) if isinstance(found, PathDistribution) else found  # noqa: SLF001 - it has no other name
