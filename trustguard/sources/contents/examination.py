"""Everything that is to be known of a distribution file's inside, from one open archive."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field

from trustguard.model.contents import Contents, Fault, Laid, Occupied, StartUp, module_of
from trustguard.model.errors import SourceRefused
from trustguard.model.project import FileKind, FileName
from trustguard.model.record import record
from trustguard.sources.archive import Archive, Kind
from trustguard.sources.contents.compiled import check_bytecode, is_named_compiled
from trustguard.sources.contents.entry_points import read_entry_points
from trustguard.sources.contents.faults import Faults
from trustguard.sources.contents.overlaps import laid_out, overlaps
from trustguard.sources.contents.places import Place, fits_windows, places
from trustguard.sources.contents.record import compare_record
from trustguard.sources.contents.start_up import check_added, start_up_of
from trustguard.sources.contents.wheel_file import check_wheel_file, own_folder

_NAMES = 1000
"""So many commands and top-level names are kept; the largest honest wheels have 150."""
_START_UP = 30
_DISTRIBUTION = (".dist-info", ".egg-info", ".data")


@record
class Examined:
    """What was found.

    Args:
        contents: what is to be known of it.
        laid: what a wheel would put into an environment.
    """

    contents: Contents
    laid: Laid = field(default_factory=dict)


def examine(archive: Archive, name: FileName, occupied: Callable[[], Occupied] = Occupied) -> Examined:
    """Look at all that is inside, reading every byte once.

    Args:
        archive: the file, open.
        name: its name on the index.
        occupied: says whose the files in the target are.

    Raises:
        SourceRefused: the content of a file is not what the archive states.
    """
    files = [entry for entry in archive.entries if entry.kind is not Kind.DIRECTORY]
    size, compiled = sum(entry.size for entry in files), sum(is_named_compiled(entry.path) for entry in files)
    if name.kind is FileKind.SDIST:
        for _ in archive.contents() if name.filename.endswith(".zip") else ():
            pass  # what the archive states of its content is compared on the way
        return Examined(Contents(len(files), size, compiled))
    faults = Faults()
    found = places(archive.entries, name, faults)
    folder = own_folder(archive, found, name, faults)
    digests = compare_record(archive, folder, faults) if folder else {}
    if folder:
        check_wheel_file(archive, folder, name, faults)
    check_bytecode(archive, faults)
    windows = fits_windows(name)
    check_added(archive, found, faults, windows=windows)
    commands, plug_ins = _entry_points(archive, folder, faults)
    start_up = [*start_up_of(archive, found, windows=windows), *plug_ins]
    laid = laid_out(found, commands, digests)
    commands += (place.path for place in found if place.root == "scripts")
    top = _top_level(found)
    contents = Contents(
        files=len(files),
        size=size,
        compiled=compiled,
        start_up=_bounded_start_up(start_up, faults),
        scripts=_bounded(commands, "commands", faults),
        top_level=_bounded(top, "top-level names", faults),
        standard_library=tuple(sorted(set(top) & sys.stdlib_module_names)),
        overlaps=overlaps(laid, name.project, occupied()),
        faults=faults.all(),
    )
    return Examined(contents, laid)


def unsound(refusal: SourceRefused) -> Contents | None:
    """What is to be known of an archive that was refused; None where it could just not be read."""
    if isinstance(refusal.__cause__, OSError):
        return None
    return Contents(faults=(Fault("unsound", refusal.message),))


def _entry_points(archive: Archive, folder: str | None, faults: Faults) -> tuple[list[str], list[StartUp]]:
    path = f"{folder}/entry_points.txt"
    if folder is None or archive.entry(path) is None:
        return [], []
    return read_entry_points(archive.read(path).decode("utf-8", "replace"), faults)


def _top_level(found: Iterable[Place]) -> list[str]:
    names: dict[str, None] = {}
    for place in found:
        if place.root == "site":
            top, slash, _ = place.path.partition("/")
            name = top if slash else module_of(top)
            if name and not top.endswith(_DISTRIBUTION):
                names[name] = None
    return sorted(names)


def _bounded(names: Iterable[str], what: str, faults: Faults) -> tuple[str, ...]:
    every = sorted(set(names))
    if len(every) > _NAMES:
        faults.add("crowded", f"it has {len(every):,} {what}")
    return tuple(every[:_NAMES])


def _bounded_start_up(found: Sequence[StartUp], faults: Faults) -> tuple[StartUp, ...]:
    if len(found) > _START_UP:
        faults.add("crowded", f"it has {len(found):,} files or groups of plug-ins that run by themselves")
    return tuple(found[:_START_UP])
