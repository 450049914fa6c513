"""Projects, their files and their indexes, as the simple repository API describes them.

PEP 503 and 691 (listing), 592 (yanked), 658 and 714 (core metadata), 700 (size, upload time, versions),
708 (tracks, alternate locations), 740 (provenance) and 792 (project status).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum
from math import prod
from types import MappingProxyType
from typing import Literal, NewType

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from trustguard.model.record import record

Sha256 = NewType("Sha256", str)

_NAME = re.compile(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.IGNORECASE | re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME_LIMIT = 255


def project_name(text: str) -> NormalizedName:
    """The normalized form of a project's name (PEP 503).

    Raises:
        ValueError: the text is not a valid project name (PEP 508), or longer than 255 characters.
    """
    if len(text) > _NAME_LIMIT or not _NAME.fullmatch(text):
        msg = f"not a project name: {text[:80]!r}"
        raise ValueError(msg)
    return canonicalize_name(text)


def sha256(text: str) -> Sha256:
    """A SHA-256 digest from its hexadecimal form, in lower case.

    Raises:
        ValueError: the text is not 64 hexadecimal digits.
    """
    lowered = text.lower()
    if not _SHA256.fullmatch(lowered):
        msg = f"not a SHA-256 digest: {text[:80]!r}"
        raise ValueError(msg)
    return Sha256(lowered)


class FileKind(Enum):
    """What a distribution file is: built, or source."""

    WHEEL = "wheel"
    SDIST = "sdist"


@record
class FileName:
    """A distribution file's name taken apart (the wheel and sdist file name specifications)."""

    filename: str
    project: NormalizedName
    version: Version
    kind: FileKind

    @classmethod
    def parse(cls, filename: str, project: NormalizedName | None = None) -> FileName:
        """Take a file name apart.

        Args:
            filename: such as ``flask-3.1.0-py3-none-any.whl``.
            project: the project it is listed under; helps with old sdist names that hold more hyphens.

        Raises:
            ValueError: the name is that of neither a wheel nor an sdist, holds no project's name, or
                belongs to another project.
        """
        try:
            if filename.endswith(".whl"):
                parsed = cls(filename, *_parse_wheel(filename), FileKind.WHEEL)
            else:
                parsed = _parse_sdist(filename, project)
        except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion) as error:
            raise ValueError(str(error)) from error
        if project is None:
            project_name(parsed.project)
        elif parsed.project != project:
            msg = f"{filename!r} is a file of {parsed.project}, not of {project}"
            raise ValueError(msg)
        return parsed


_TAGS = 1000
"""For so many tags may a wheel's name stand at most; honest ones stand for some dozen."""


def _parse_wheel(filename: str) -> tuple[NormalizedName, Version]:
    """The project and the version in a wheel's name.

    A page has thousands of wheels, of some hundred releases, for some hundred targets: both halves of a name
    are looked at once each.
    """
    release, *tags = filename.removesuffix(".whl").rsplit("-", 3)
    try:
        _check_tags(*tags)
        return _release(release)
    except (InvalidWheelFilename, InvalidVersion):
        return parse_wheel_filename(filename)[:2]  # which says what is wrong with the whole


@functools.lru_cache(maxsize=10_000)
def _release(text: str) -> tuple[NormalizedName, Version]:
    """Name and version in what stands before the tags of a wheel, a build number included."""
    name, version, _, _ = parse_wheel_filename(f"{text}-py3-none-any.whl")
    return name, version


@functools.lru_cache(maxsize=10_000)
def _check_tags(*tags: str) -> None:
    """Refuse what cannot be the tags of a wheel; each part may have several values (PEP 425).

    Raises:
        InvalidWheelFilename: they are malformed.
        ValueError: they stand for tags without end.
    """
    if prod(part.count(".") + 1 for part in tags) > _TAGS:
        raise ValueError(f"{'-'.join(tags)[:80]!r} stands for more than {_TAGS:,} tags")
    parse_wheel_filename(f"a-0-{'-'.join(tags)}.whl")


SDIST_ENDINGS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
"""How the names of source archives end (PEP 625, and what was usual before it)."""


def _parse_sdist(filename: str, project: NormalizedName | None) -> FileName:
    for ending in SDIST_ENDINGS:
        if filename.endswith(ending):
            stem = filename[: -len(ending)]
            break
    else:
        msg = f"neither a wheel nor an sdist: {filename[:80]!r}"
        raise ValueError(msg)
    if project is not None:
        # Names from before PEP 625 may hold hyphens: the prefix that is the project's name decides. There is
        # one at most, since a longer prefix has a longer normalized form.
        for cut in (i for i, char in enumerate(stem) if char == "-"):
            if canonicalize_name(stem[:cut]) == project:
                return FileName(filename, project, Version(stem[cut + 1 :]), FileKind.SDIST)
    name, version = parse_sdist_filename(stem + ".tar.gz")
    return FileName(filename, name, version, FileKind.SDIST)


@record
class DistributionFile:
    """One file of a project as an index announces it; nothing here has been checked against its bytes."""

    name: FileName
    url: str
    hashes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    size: int | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: str | None = None
    """The reason, possibly empty; None where the file is not yanked (PEP 592)."""
    core_metadata: Mapping[str, str] | None = None
    """Digests of the ``.metadata`` file, possibly none; None where there is no such file (PEP 658, 714)."""
    provenance: str | None = None
    """URL of the provenance document (PEP 740)."""

    @property
    def filename(self) -> str:
        """The file's name."""
        return self.name.filename

    @property
    def sha256(self) -> Sha256 | None:
        """The announced SHA-256 digest, if there is a well-formed one."""
        announced = self.hashes.get("sha256", "").lower()
        return Sha256(announced) if _SHA256.fullmatch(announced) else None


StatusMarker = Literal["active", "archived", "quarantined", "deprecated"]


@record
class ProjectStatus:
    """The state of a project (PEP 792)."""

    marker: StatusMarker
    reason: str = ""


@record
class IndexId:
    """A source of files: its address without credentials, and what is expected of it."""

    url: str
    trust: Literal["public", "private"] = "public"

    def __str__(self) -> str:
        return self.url


@record
class Listing:
    """A project's page on one index."""

    project: NormalizedName
    index: IndexId
    files: tuple[DistributionFile, ...]
    status: ProjectStatus | None = None
    """None where the index does not state one (PEP 792 counts that as active)."""
    tracks: tuple[str, ...] = ()
    alternate_locations: tuple[str, ...] = ()
    has_upload_times: bool = False
    """Whether the index speaks PEP 700 at all: at least one file has an upload time."""
    has_provenance: bool = False
    """Whether it speaks PEP 740 at all: it says of at least one file where its provenance is, or that it has
    none."""
    skipped: tuple[str, ...] = ()
    """One line for each entry that was left out because it is against the rules."""
