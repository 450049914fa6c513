"""Files in which a program has written where the guard was, as if that were an index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = (".txt", ".in", ".toml", ".lock", ".json", ".cfg", ".ini", "Pipfile")
"""Of lists of requirements, and locks."""
_LARGEST = 4 * 1024 * 1024
_DEPTH, _MOST = 3, 10_000


def naming(folder: Path, address: str, since: float) -> Iterator[Path]:
    """The files below a folder that name an address, as far as they were written since a moment.

    Args:
        folder: where to look; not in environments, nor in what is hidden, nor far below.
        address: host and port.
        since: that moment, in seconds since the epoch.
    """
    seen = 0
    for place, below, files in os.walk(folder):
        here = Path(place)
        seen += len(files)
        deep = len(here.relative_to(folder).parts) >= _DEPTH
        if seen > _MOST or deep or (here / "pyvenv.cfg").is_file():
            below.clear()
        below[:] = [name for name in below if not name.startswith(".") and name != "node_modules"]
        for file in (here / name for name in files if name.endswith(_SUFFIXES)):
            if _names(file, address.encode(), since):
                yield file


def _names(file: Path, address: bytes, since: float) -> bool:
    try:
        status = file.stat()
        recent = status.st_mtime >= since - 1 and status.st_size <= _LARGEST and file.is_file()
        return recent and address in file.read_bytes()
    except OSError:
        return False
