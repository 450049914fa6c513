"""Direct references and what lock files pin: files that are asked for by their address."""

from __future__ import annotations

import asyncio
import re
import tarfile
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from typing import BinaryIO

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.shelf import Shelf
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import DirectReference
from trustguard.model.project import DistributionFile, FileKind, FileName
from trustguard.model.request import Direct
from trustguard.sources.urls import redact
from trustguard.vetting import Candidate, Vetter

UNKNOWN_VERSION = Version("0+unknown")
"""The version of an archive that does not say which it is."""
_STEM = re.compile(r"(?P<stem>.+?)(\.tar)?\.[A-Za-z0-9]+")


class Directs:
    """Finds out what a direct reference is, so that it can be vetted like any other file.

    Args:
        directs: those of the command line, by key.
        catalogue: knows the configured indexes; what a lock file pins is looked up there first.
        shelf: fetches.
        vetter: judges.
        ready: returns once what the judging needs is there.
    """

    def __init__(
        self,
        directs: Mapping[str, Direct],
        catalogue: Catalogue,
        shelf: Shelf,
        vetter: Vetter,
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._ready = ready
        self._directs = directs
        self._catalogue = catalogue
        self._shelf = shelf
        self._vetter = vetter
        self._candidates: dict[str, asyncio.Task[Candidate]] = {}

    async def candidate(self, key: str, filename: str) -> Candidate | None:
        """The file behind a key, with the verdict on what is known before its bytes are read.

        Raises:
            SourceError: it cannot be had, or is not a distribution file.
        """
        direct = self._directs.get(key)
        if direct is None or direct.filename != filename:
            return None
        if key not in self._candidates:
            self._candidates[key] = asyncio.create_task(self._identify(direct))
        return await asyncio.shield(self._candidates[key])

    async def _identify(self, direct: Direct) -> Candidate:
        name = await self._name(direct)
        file = DistributionFile(name, direct.url, direct.hashes)
        if direct.origin == "lock-file":
            listed = await self._listed(file)
            if listed is not None:
                return listed
        reference = DirectReference(redact(direct.url), direct.origin, pinned=bool(direct.hashes))
        await self._ready()
        return self._vetter.vet_direct(file, reference)

    async def _listed(self, file: DistributionFile) -> Candidate | None:
        """The same file on a configured index: what the index knows of it counts for a lock file's entry."""
        candidates = await self._catalogue.project(file.name.project) or []
        same = (c for c in candidates if c.file.filename == file.filename and c.file.sha256 == file.sha256)
        return next(same, None) if file.sha256 else None

    async def _name(self, direct: Direct) -> FileName:
        project = canonicalize_name(direct.project) if direct.project else None
        try:
            return FileName.parse(direct.filename, project)
        except ValueError as error:
            if direct.filename.endswith(".whl"):
                raise SourceRefused(f"{redact(direct.url)}: {error}") from error
        # An archive by another name, such as a forge's: it must be fetched to learn what it is.
        provisional = FileName(direct.filename, project or _stem(direct), UNKNOWN_VERSION, FileKind.SDIST)
        digest = await self._shelf.fetch(DistributionFile(provisional, direct.url, direct.hashes))
        body = await asyncio.to_thread(self._shelf.open, digest)
        with body:
            told = await asyncio.to_thread(_pkg_info, body, direct.filename)
        try:
            return FileName(
                direct.filename,
                canonicalize_name(told.get("name") or provisional.project),
                Version(told.get("version") or str(UNKNOWN_VERSION)),
                FileKind.SDIST,
            )
        except InvalidVersion as error:
            raise SourceRefused(f"{redact(direct.url)}: {error}") from error


def _stem(direct: Direct) -> NormalizedName:
    match = _STEM.fullmatch(direct.filename)
    return canonicalize_name(match["stem"] if match else direct.filename)


_PKG_INFO_LIMIT = 256 * 1024


def _pkg_info(body: BinaryIO, filename: str) -> dict[str, str]:
    """Name and version from the PKG-INFO at the top of a source archive; nothing where there is none."""
    try:
        content = _from_zip(body) if filename.endswith(".zip") else _from_tar(body)
    except (
        OSError,
        EOFError,
        tarfile.TarError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise SourceRefused(f"{filename} is not a source archive: {error}") from error
    told: dict[str, str] = {}
    for line in content.decode(errors="replace").splitlines():
        if not line:
            break
        key, separator, value = line.partition(": ")
        if separator and key in ("Name", "Version"):
            told.setdefault(key.lower(), value.strip())
    return told


def _from_zip(body: BinaryIO) -> bytes:
    with zipfile.ZipFile(body) as archive:
        for info in archive.infolist():
            if _is_top_pkg_info(info.filename):
                with archive.open(info) as entry:
                    return entry.read(_PKG_INFO_LIMIT)
    return b""


def _from_tar(body: BinaryIO) -> bytes:
    with tarfile.open(fileobj=body, mode="r:*") as archive:
        for member in archive:
            if member.isfile() and _is_top_pkg_info(member.name):
                entry = archive.extractfile(member)
                return entry.read(_PKG_INFO_LIMIT) if entry else b""
    return b""


def _is_top_pkg_info(path: str) -> bool:
    parts = path.removeprefix("./").split("/")
    return len(parts) == 2 and parts[1] == "PKG-INFO"  # noqa: PLR2004 - one folder deep
