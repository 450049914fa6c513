"""Whether the files of a distribution are those that were installed, quickly and within bounds."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from trustguard.installers.site_packages.record import Entry, NotARecord, differing, of_folder, of_wheel
from trustguard.model.audit import Comparison, Deviation, DeviationKind

LARGE: Final = 64 * 1024 * 1024
"""Files larger than this (bytes) are hashed only where they were touched since RECORD was written."""
_LARGEST: Final = 8 * 1024**3
"""No file larger than this is hashed: nothing that anybody installs is."""
_NOTES: Final = frozenset(
    {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json", "uv_build.json"}
)
"""What installers write into the ``.dist-info`` folder, and correct."""
_ALGORITHMS: Final = frozenset({"sha256", "sha384", "sha512"})
_STEP: Final = 1 << 20

Wheel = Callable[[], BinaryIO | None]
"""Opens the wheel that was vetted; None where it is not at hand."""


@dataclass(slots=True)
class _Found:
    deviations: dict[str, Deviation] = field(default_factory=dict)
    files: int = 0
    by_size: int = 0

    def add(self, kind: DeviationKind, path: str) -> None:
        self.deviations.setdefault(path, Deviation(kind, path))


def compare(
    info: Path, prefix: Path, wheel: Wheel, *, until: float = math.inf
) -> tuple[Comparison, frozenset[str]]:
    """Hold the files of a distribution against its RECORD, and that against the wheel.

    Args:
        info: its ``.dist-info`` folder.
        prefix: of the environment: nothing outside is opened.
        wheel: opens the wheel that was vetted.
        until: a large file that was touched later is hashed, as is one that was since RECORD was: whoever
            has changed it can touch RECORD too. In seconds since the epoch; 0: each is.

    Returns:
        What came of it, and the files that RECORD lists.
    """
    try:
        entries = of_folder(info)
    except NotARecord as error:
        return Comparison(why_not=str(error)), frozenset()
    found = _Found()
    written = min(until, _changed_at(info / "RECORD"))
    theirs = _of_wheel(wheel())
    whole = {**entries, **_undigested(entries, theirs or {})}
    for path, entry in whole.items():
        if entry.digest and not _is_note(path, info):
            _compare((info.parent, prefix), path, entry, written, found)
    _differ(whole, theirs or whole, info, found)
    comparison = Comparison(
        tuple(found.deviations.values()), found.files, found.by_size, with_wheel=theirs is not None
    )
    return comparison, frozenset(entries)


def _undigested(entries: Mapping[str, Entry], theirs: Mapping[str, Entry]) -> dict[str, Entry]:
    """What the wheel says of the files of which RECORD says no digest: they are compared with that."""
    return {path: entry for path, entry in theirs.items() if path in entries and not entries[path].digest}


def is_of(info: Path, body: BinaryIO) -> bool | None:
    """Whether a distribution lists what is in a wheel; None where the wheel does not say what is in it.

    Args:
        info: its ``.dist-info`` folder.
        body: the wheel, which is closed.
    """
    theirs, found = _of_wheel(body), _Found()
    if theirs is None:
        return None
    try:
        entries = of_folder(info)
    except NotARecord:
        return False
    missing = _undigested(entries, theirs)
    for path, entry in missing.items():
        if entry.digest and not _is_note(path, info):
            _compare((info.parent, info.parent), path, entry, 0.0, found)
    _differ({**entries, **missing}, theirs, info, found)
    return not found.deviations


def _is_note(path: str, info: Path) -> bool:
    folder, _, name = path.rpartition("/")
    return folder == info.name and name in _NOTES


def _changed_at(path: Path) -> float:
    """When anything of a file was last changed; nobody can set that, as they can the time of writing.

    Windows does not tell it: there every large file counts as touched.
    """
    return path.stat().st_ctime if os.name == "posix" else 0.0


def _compare(places: tuple[Path, Path], path: str, entry: Entry, written: float, found: _Found) -> None:
    folder, prefix = places
    file = os.path.normpath(folder / path)
    if not Path(file).is_relative_to(prefix) and not Path(file).is_relative_to(folder):
        return  # what an installer puts elsewhere, such as a manual page of the system
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        if not path.partition("/")[0].endswith(".data"):  # what pip does not install, it leaves in RECORD
            found.add("missing", path)
        return
    except OSError:
        found.add("changed", path)
        return
    with os.fdopen(descriptor, "rb", buffering=0) as opened:
        found.files += 1
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (entry.size is not None and status.st_size != entry.size):
            found.add("changed", path)
        elif status.st_size > _LARGEST or (status.st_size > LARGE and status.st_ctime <= written):
            found.by_size += 1
        elif not _has_digest(opened, entry.digest):
            found.add("changed", path)


def _has_digest(file: BinaryIO, digest: str) -> bool:
    name, _, expected = digest.partition("=")
    if name not in _ALGORITHMS:
        return False
    one = hashlib.new(name)
    while piece := file.read(_STEP):
        one.update(piece)
    return base64.urlsafe_b64encode(one.digest()).rstrip(b"=").decode() == expected.rstrip("=")


def _of_wheel(body: BinaryIO | None) -> dict[str, Entry] | None:
    """What a wheel's RECORD says, once it is installed; None where it cannot be told. The wheel is closed."""
    if body is None:
        return None
    with body:
        try:
            return of_wheel(body)
        except NotARecord:
            return None


def _differ(entries: Mapping[str, Entry], theirs: Mapping[str, Entry], info: Path, found: _Found) -> None:
    """Note in what RECORD says something else than that of the wheel."""
    for kind, path in differing(entries, theirs):
        if not _is_note(path, info):
            found.add("added" if kind == "added" else "record", path)
