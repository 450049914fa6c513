"""Which RECORDs there are, and what tells one from another that has taken its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

Stamps = Mapping[Path, tuple[int, int]]
"""By the RECORD's path, its inode and when it was written, in nanoseconds."""


def stamps(folders: Iterable[str]) -> Stamps:
    """The RECORDs in some site-packages folders: pip writes one when all else of a distribution is there."""
    found = {}
    for path in (path for folder in folders for path in Path(folder).glob("*.dist-info/RECORD")):
        with suppress(OSError):  # somebody else has just removed it
            status = path.stat()
            found[path] = (status.st_ino, status.st_mtime_ns)
    return found
