"""Which distributions are installed in a folder: their metadata, read and not run (PEP 376, 610, 627).

An environment may be in the hands of somebody hostile, or half written: what cannot be read is a distribution
of which that is said, and never none at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.model.errors import SourceUnreachable
from trustguard.model.project import project_name

_HEAD: Final = 1 << 20
"""So many bytes of METADATA are read: name and version stand at its beginning."""
_FIELD = re.compile(rb"^(Name|Version)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_PROJECT_FILES: Final = ("pyproject.toml", "setup.cfg", "setup.py")


@dataclass(frozen=True, slots=True)
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


def distributions(folder: Path, prefix: Path) -> list[There]:
    """Everything that says of itself that it is installed in a folder, in the order of the names.

    Args:
        folder: a site-packages folder.
        prefix: of the environment: what lies in it is not the user's own.

    Raises:
        SourceUnreachable: the folder cannot be read.
    """
    try:
        places = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SourceUnreachable(f"{folder} cannot be read: {error.strerror or error}") from error
    return [found for place in places for found in _of(place, (folder, prefix))]


def left_behind(folder: Path) -> list[str]:
    """What pip has set aside and could not remove: its name begins with ``~``, and nothing imports it."""
    try:
        return sorted(path.name for path in folder.glob("~*"))
    except OSError:  # `distributions` has said so
        return []


def _of(place: Path, installed: tuple[Path, ...]) -> Iterator[There]:
    stem, _, ending = place.name.rpartition(".")
    if place.name.startswith("~"):
        return
    if ending == "dist-info":
        yield _read(place, place / "METADATA", stem, installed)
    elif ending == "egg-info":
        yield _read(place, place / "PKG-INFO" if place.is_dir() else place, stem, installed)
    elif ending == "egg":
        yield _unreadable(place, stem, "it is an egg, and eggs are not looked into")
    elif ending == "egg-link":
        yield _linked(place, stem, installed)


def _read(place: Path, metadata: Path, stem: str, installed: tuple[Path, ...]) -> There:
    try:
        name, version = _identity(_text(metadata))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return _unreadable(place, stem, f"{metadata.name} cannot be used: {reason or error}")
    if place.name.endswith(".dist-info") and not _is_of(stem, name, version):
        return _unreadable(
            place, stem, f"its folder is that of {stem!r}, {metadata.name} of {name} {version}"
        )
    own, editable = _origin(place, name, installed)
    return There(name, version, place, own, editable)


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


def _origin(place: Path, name: NormalizedName, installed: tuple[Path, ...]) -> tuple[str, bool]:
    """The user's own project that it was installed from, and whether it runs from there (PEP 610).

    A wheel can bring such a file itself. So the folder must be outside of everything that an installation
    writes to, and hold a project of that name.
    """
    try:
        told: Any = json.loads(_text(place / "direct_url.json"))
        info, url = told["dir_info"], urlsplit(told["url"])
        folder = Path(unquote(url.path))
    except (OSError, ValueError, KeyError, TypeError):
        return "", False
    if url.scheme != "file" or not isinstance(info, dict) or not _is_project(folder, name, installed):
        return "", False
    return str(folder), info.get("editable") is True


def _linked(place: Path, stem: str, installed: tuple[Path, ...]) -> There:
    """What ``setup.py develop`` leaves: a file with the path of the project."""
    name = canonicalize_name(stem)
    try:
        folder = Path(_text(place).decode().splitlines()[0].strip())
    except (OSError, ValueError, IndexError):
        return _unreadable(place, stem, "it is a link that cannot be read")
    if not _is_project(folder, name, installed):
        return _unreadable(place, stem, "it is a link to what is no project of that name")
    return There(name, None, place, str(folder), editable=True)


def _is_project(folder: Path, name: NormalizedName, installed: tuple[Path, ...]) -> bool:
    try:
        real = folder.resolve()
        if any(real.is_relative_to(place.resolve()) for place in installed):
            return False
        texts = [_text(real / file) for file in _PROJECT_FILES if (real / file).is_file()]
    except (OSError, ValueError):
        return False
    return any(name in canonicalize_name(text.decode("utf-8", "replace")) for text in texts)


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
