"""Which distributions are installed in a folder: their metadata, read and not run (PEP 376, 610, 627).

An environment may be in the hands of somebody hostile, or half written: what cannot be read is a distribution
of which that is said, and never none at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.model.errors import SourceUnreachable
from trustguard.model.project import project_name
from trustguard.model.record import record

_HEAD: Final = 1 << 20
"""So many bytes of METADATA are read: name and version stand at its beginning."""
_FIELD = re.compile(rb"^(Name|Version)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)


@record
class There:
    """An installed distribution.

    Args:
        name: normalized; where it is unreadable, as the folder has it.
        version: None where it is unreadable.
        place: its ``.dist-info`` folder, or the file or folder of an older kind.
        own: where the user's own project is that it was installed from; empty where it is none.
        editable: whether it runs from there.
        unreadable: why nobody can tell what it is, one line; empty where somebody can.
    """

    name: NormalizedName
    version: Version | None
    place: Path
    own: str = ""
    editable: bool = False
    unreadable: str = ""

    @property
    def has_record(self) -> bool:
        """Whether it is of the kind that lists its files."""
        return self.place.name.endswith(".dist-info")


@record
class OwnProjects:
    """What makes a project the user's own: the rule of the import guard, which the caller has.

    Args:
        of: the folder that a distribution was installed from, by the text of its ``direct_url.json`` and its
            name; empty where that is no project of the user's.
        are: whether a folder holds a project of a name, and is none that an installation writes to.
    """

    of: Callable[[str, str], str]
    are: Callable[[str, str], bool]


def distributions(folder: Path, own: OwnProjects) -> list[There]:
    """Everything that says of itself that it is installed in a folder, in the order of the names.

    Args:
        folder: a site-packages folder.
        own: which are the user's own.

    Raises:
        SourceUnreachable: the folder cannot be read.
    """
    try:
        places = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SourceUnreachable(f"{folder} cannot be read: {error.strerror or error}") from error
    return [found for place in places for found in _of(place, own)]


def left_behind(folder: Path) -> list[str]:
    """What pip has set aside and could not remove: its name begins with ``~``, and nothing imports it."""
    try:
        return sorted(path.name for path in folder.glob("~*"))
    except OSError:  # `distributions` has said so
        return []


def _of(place: Path, own: OwnProjects) -> Iterator[There]:
    stem, _, ending = place.name.rpartition(".")
    if place.name.startswith("~"):
        return
    if ending == "dist-info":
        yield _read(place, place / "METADATA", stem, own)
    elif ending == "egg-info":
        yield _read(place, place / "PKG-INFO" if place.is_dir() else place, stem, own)
    elif ending == "egg":
        yield _unreadable(place, stem, "it is an egg, and eggs are not looked into")
    elif ending == "egg-link":
        yield _linked(place, stem, own)


def _read(place: Path, metadata: Path, stem: str, own: OwnProjects) -> There:
    try:
        name, version = _identity(_text(metadata))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return _unreadable(place, stem, f"{metadata.name} cannot be used: {reason or error}")
    if place.name.endswith(".dist-info") and not _is_of(stem, name, version):
        return _unreadable(
            place, stem, f"its folder is that of {stem!r}, {metadata.name} of {name} {version}"
        )
    project, editable = _origin(place, name, own)
    return There(name, version, place, project, editable)


def _identity(text: bytes) -> tuple[NormalizedName, Version]:
    """Name and version.

    Raises:
        ValueError: there is not exactly one of each, or it is none.
    """
    head = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0]
    found: dict[str, list[str]] = {"name": [], "version": []}
    for field, value in _FIELD.findall(head):
        found[field.decode().lower()].append(value.decode("utf-8", "replace").strip())
    for field, values in found.items():
        if len(values) != 1:
            raise ValueError(f"it states {len(values)} {field}s instead of one")
    return project_name(found["name"][0]), Version(found["version"][0])


def _unreadable(place: Path, stem: str, why: str) -> There:
    return There(canonicalize_name(stem), None, place, unreadable=why)


def _is_of(stem: str, name: NormalizedName, version: Version) -> bool:
    """Whether a ``.dist-info`` folder is called as one of this release is (PEP 427, 625)."""
    told, _, told_version = stem.rpartition("-")
    try:
        return canonicalize_name(told) == name and Version(told_version.replace("_", "-")) == version
    except InvalidVersion:
        return False


def _origin(place: Path, name: NormalizedName, own: OwnProjects) -> tuple[str, bool]:
    """The user's own project that it was installed from, and whether it runs from there (PEP 610)."""
    try:
        told = _text(place / "direct_url.json").decode("utf-8", "surrogateescape")
    except OSError:
        return "", False
    folder = own.of(told, name)
    return folder, folder != "" and json.loads(told)["dir_info"].get("editable") is True


def _linked(place: Path, stem: str, own: OwnProjects) -> There:
    """What ``setup.py develop`` leaves: a file with the path of the project."""
    name = canonicalize_name(stem)
    try:
        folder = _text(place).decode().splitlines()[0].strip()
    except (OSError, ValueError, IndexError):
        return _unreadable(place, stem, "it is a link that cannot be read")
    if "\0" in folder or not own.are(folder, name):
        return _unreadable(place, stem, "it is a link to what is no project of that name")
    return There(name, None, place, folder, editable=True)


def _text(path: Path) -> bytes:
    """The beginning of a regular file.

    Raises:
        OSError: it cannot be read, or is something else.
    """
    if not path.is_file():  # a pipe would be waited for
        path.stat()
        raise OSError(f"{path.name} is not a file")
    with path.open("rb") as file:
        return file.read(_HEAD)
