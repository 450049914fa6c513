"""Where the files of a wheel end up: in site-packages, among the commands, or somewhere below the prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.project import FileName
from trustguard.model.record import record
from trustguard.sources.archive import Entry, Kind
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.faults import Faults

Root = Literal["site", "scripts", "prefix", "headers"]

_DATA = ".data"
_SCHEMES: dict[str, Root] = {
    "purelib": "site",
    "platlib": "site",
    "scripts": "scripts",
    "data": "prefix",
    "headers": "headers",
}
"""The folders below ``*.data`` (PEP 427, "The .data directory")."""
_SITE = re.compile(
    r"(?:lib(?:32|64)?/(?:python|pypy)[\d.]+t?/(?:site|dist)-packages|lib/site-packages)/(.+)", re.IGNORECASE
)
_PYTHON = re.compile(
    r"lib(?:32|64)?/(?:(?:python|pypy)[\d.]+t?/(?!(?:site|dist)-packages/)(?:.+/)?[^/]+\.(?:py[cdw]?|so)"
    r"|python\d+t?\.zip|libpython[\d.]+t?\.(?:so|dylib)[\d.]*)",
    re.IGNORECASE,
)
_PYTHON_OF_WINDOWS = re.compile(
    r"lib/(?!(?:site|dist)-packages/)(?:.+/)?[^/]+\.py[cdw]?|dlls/[^/]+\.(?:dll|py[cdw]?)|python\d+t?\.(?:zip|dll)",
    re.IGNORECASE,
)
"""What Python itself is made of, outside of virtual environments: the standard library, the zip file that is
searched before it (``sys.path``), and its shared library. Whatever else is in ``lib`` is nobody's."""
_COMMANDS = re.compile(r"(?:bin|scripts)/(.+)", re.IGNORECASE)
_SAYS_WHERE = re.compile(
    r"(?:etc/)?(?:pyvenv\.cfg|pip\.(?:conf|ini)|pydistutils\.cfg|[^/]*\._pth)", re.IGNORECASE
)
"""Files from which Python and pip learn where things are, and where to look: at the environment's top, and
some among the commands."""
_GUARD = re.compile(
    r"_trustguard_import_guard(?:/.*)?|!trustguard\.(?:pth|start)|trustguard-ledger\.tsv.*", re.IGNORECASE
)
"""What the import-time guard and the ledger are, in site-packages."""


@record
class Place:
    """A file and where an installer puts it.

    Args:
        entry: the file.
        root: below which folder.
        path: below that.
    """

    entry: Entry
    root: Root
    path: str


def is_of(stem: str, project: NormalizedName) -> bool:
    """Whether ``name-version`` is a project's, in old wheels with hyphens in the name as well."""
    cuts = (place for place, char in enumerate(stem) if char == "-")
    return any(canonicalize_name(stem[:cut]) == project for cut in cuts)


def is_read_as(stem: str, project: NormalizedName) -> bool:
    """Whether pip and ``importlib.metadata`` take ``name-version`` for a project's: to the first hyphen."""
    return canonicalize_name(stem.partition("-")[0]) == project


def fits_windows(name: FileName) -> bool:
    """Whether an installer on Windows would take the wheel, by the platforms in its name (PEP 425)."""
    platforms = name.filename.removesuffix(".whl").rpartition("-")[2].lower().split(".")
    return any(one == "any" or one.startswith("win") for one in platforms)


def places(entries: Iterable[Entry], name: FileName, faults: Faults) -> list[Place]:
    """Where every file of a wheel ends up."""
    found = []
    of_python = [_PYTHON, _PYTHON_OF_WINDOWS] if fits_windows(name) else [_PYTHON]
    taken: dict[tuple[Root, str], str] = {}
    spread = False
    for entry in entries:
        if entry.kind is Kind.DIRECTORY:
            continue
        top, _, rest = entry.path.partition("/")
        place = Place(entry, "site", entry.path)
        if top.endswith(_DATA):
            place = _of_data(entry, top, rest, name.project, faults)
            spread = True
        _protect(place, of_python, faults)
        found.append(place)
    for place in found if spread else ():
        key = (place.root, place.path.casefold())
        other = taken.setdefault(key, place.entry.path)
        if other != place.entry.path:
            faults.add("two-for-one", f"{shown(other)} and {shown(place.entry.path)} end up in one place")
    return found


def _of_data(entry: Entry, top: str, rest: str, project: NormalizedName, faults: Faults) -> Place:
    if not is_of(top.removesuffix(_DATA), project):
        faults.add("data-scheme", f"it has the data folder of another project: {shown(top)}")
    scheme, _, path = rest.partition("/")
    root = _SCHEMES.get(scheme)
    if root is None or not path:
        # pip stops there, with other files in place.
        faults.add("unsound", f"{shown(entry.path)} is of no kind that installers know")
        return Place(entry, "prefix", rest)
    place = _below_prefix(entry, path) if root == "prefix" else Place(entry, root, path)
    if place.root == "site" and place.path.partition("/")[0].casefold().endswith(".dist-info"):
        faults.add("dist-info", f"{shown(entry.path)} ends up among the metadata of what is installed")
    return place


def _protect(place: Place, of_python: Iterable[re.Pattern[str]], faults: Faults) -> None:
    """Some places are nobody's: what lies there decides for all that is in the environment."""
    path = shown(place.path)
    if place.root == "prefix" and any(one.fullmatch(place.path) for one in of_python):
        faults.add("escape", f"it has {path}, which would be a part of Python itself")
    if place.root in ("prefix", "scripts") and _SAYS_WHERE.fullmatch(place.path):
        faults.add("escape", f"it has {path}, from which Python or pip learns where to look")
    elif place.root == "site" and _GUARD.fullmatch(place.path):
        faults.add("escape", f"it has {path}, by which trustguard knows what was vetted")
    elif place.root == "site" and "/" not in place.path and place.path.casefold().endswith(".egg-link"):
        faults.add("foreign-metadata", f"it has {path}, by which another project is taken for installed")


def _below_prefix(entry: Entry, path: str) -> Place:
    """A file whose path is its own choice, anywhere in the environment."""
    site, command = _SITE.fullmatch(path), _COMMANDS.fullmatch(path)
    if site is not None:
        return Place(entry, "site", site[1])
    if command is not None:
        return Place(entry, "scripts", command[1])
    return Place(entry, "prefix", path)
