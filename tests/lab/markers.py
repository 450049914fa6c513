"""Marker files: how a test learns that code of a package has run.

Code that runs leaves a file behind, whichever process it runs in and whatever becomes of its output. A test
for "nothing runs" is worth something only beside a control that shows the same code leaving its marker.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Markers:
    """A directory of markers, and the code that leaves them."""

    def __init__(self, directory: Path) -> None:
        """Use a directory, which is made where it does not exist."""
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory.resolve()

    def snippet(self, label: str) -> str:
        """Return one line of Python which, executed anywhere, creates ``<directory>/<label>-<pid>``.

        It stands alone, so it fits into a ``setup.py``, a build backend, the body of a function, a module
        and a ``.pth`` file, and it is an ``import`` statement first because the last of these demands it.

        Raises:
            ValueError: the label has other characters than letters, digits, ``.``, ``_`` and ``-``.

        """
        if not re.fullmatch(r"[\w.-]+", label, re.ASCII):
            raise ValueError(f"not a label: {label!r}")
        stem = str(self.directory / label)
        return f"import os; open({stem!r} + '-' + str(os.getpid()), 'a').close()"

    def pth_line(self, label: str) -> str:
        """Return a whole ``.pth`` file whose line `site` executes at each interpreter start."""
        return self.snippet(label) + "\n"

    def ran(self) -> set[str]:
        """Return the labels of the code that has run so far."""
        return {path.name.rpartition("-")[0] for path in self.directory.iterdir()}

    def clear(self) -> None:
        """Forget what has run: what comes after is a new experiment."""
        for path in self.directory.iterdir():
            path.unlink()
