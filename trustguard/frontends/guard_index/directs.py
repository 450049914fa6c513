"""Direct references and what lock files pin: files that are asked for by their address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from trustguard.frontends.guard_index.bodies import Bodies
from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import DirectReference
from trustguard.model.project import DistributionFile, FileKind, FileName
from trustguard.model.request import Direct
from trustguard.sources import core_metadata
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
        bodies: fetches.
        vetter: judges.
        ready: returns once what the judging needs is there.
    """

    def __init__(
        self,
        directs: Mapping[str, Direct],
        catalogue: Catalogue,
        bodies: Bodies,
        vetter: Vetter,
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._ready = ready
        self._directs = directs
        self._catalogue = catalogue
        self._bodies = bodies
        self._vetter = vetter
        self._candidates: dict[str, asyncio.Task[Candidate]] = {}

    async def candidate(self, key: str, filename: str) -> Candidate | None:
        """The file behind a key, with the verdict on what is known before its bytes are read.

        Raises:
            SourceError: it cannot be had, or is not a distribution file.
        """
        direct = self._directs.get(key)
        return None if direct is None or direct.filename != filename else await self.identify(direct)

    async def identify(self, direct: Direct) -> Candidate:
        """The file that a direct reference leads to; otherwise as :meth:`candidate`."""
        if direct.key not in self._candidates:
            self._candidates[direct.key] = asyncio.create_task(self._identify(direct))
        return await asyncio.shield(self._candidates[direct.key])

    async def _identify(self, direct: Direct) -> Candidate:
        # What is known of a file is saved, and handed on: no password belongs there.
        direct = replace(direct, url=self._bodies.without_credentials(direct.url))
        name = await self._name(direct)
        file = DistributionFile(name, direct.url, direct.hashes)
        if direct.origin == "lock-file":
            listed = await self._listed(file)
            if listed is not None:
                return listed
        reference = DirectReference(redact(direct.url), direct.origin, pinned=direct.pinned)
        await self._ready()
        return self._vetter.vet_direct(file, reference)

    async def _listed(self, file: DistributionFile) -> Candidate | None:
        """The same file on a configured index: what the index knows of it counts for a lock file's entry."""
        if file.sha256 is None:
            return None

        def is_same(other: DistributionFile) -> bool:
            return other.filename == file.filename and other.sha256 == file.sha256

        return next(iter(await self._catalogue.project(file.name.project, is_same) or ()), None)

    async def _name(self, direct: Direct) -> FileName:
        project = canonicalize_name(direct.project) if direct.project else None
        try:
            return FileName.parse(direct.filename, project)
        except ValueError as error:
            if direct.filename.endswith(".whl"):
                raise SourceRefused(f"{redact(direct.url)}: {error}") from error
        # An archive by another name, such as a forge's: it must be fetched to learn what it is.
        provisional = FileName(direct.filename, project or _stem(direct), UNKNOWN_VERSION, FileKind.SDIST)
        digest = await self._bodies.fetch(DistributionFile(provisional, direct.url, direct.hashes))
        body = await asyncio.to_thread(self._bodies.open, digest)
        with body:
            top = await asyncio.to_thread(core_metadata.top_of_sdist, body, direct.filename)
        if top.pkg_info is None:
            return provisional
        told = core_metadata.parse(top.pkg_info)
        return FileName(
            direct.filename, project or canonicalize_name(told.name), Version(told.version), FileKind.SDIST
        )


def _stem(direct: Direct) -> NormalizedName:
    match = _STEM.fullmatch(direct.filename)
    return canonicalize_name(match["stem"] if match else direct.filename)
