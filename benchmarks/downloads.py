"""Fetches distribution files from the index that pip is configured with, and keeps them. Nothing is run.

Both the wheel and the sdist of a release are wanted; the wheel for CPython 3.11 on Linux where there is one,
so that it is the same on every machine. What the index says of them is kept with them (``index.json``), so
that a second run needs no network and has the same evidence.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.frontends.session import sources_of
from trustguard.model.evidence import History
from trustguard.model.project import DistributionFile, FileKind, FileName, IndexId, Listing, Sha256, sha256
from trustguard.model.request import Sources
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.simple_index import SimpleIndex

Wanted = Literal["wheel", "both"]
_LIMIT = 200_000_000
_SECONDS = 600.0
_AT_ONCE = 4


@dataclass(frozen=True)
class Kept:
    """A file that was fetched.

    Args:
        path: where it lies.
        digest: what the index announced, and what came.
        announced: the metadata that the index serves beside it; None where it serves none.
        history: what the project's page tells of its past.
    """

    path: Path
    digest: Sha256
    announced: bytes | None
    history: History

    @property
    def name(self) -> FileName:
        """Its name, taken apart."""
        return FileName.parse(self.path.name)


class Downloads:
    """Files in a folder, fetched where they are not there yet.

    Args:
        folder: where they are kept.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._known = folder / "index.json"
        self._entries: dict[str, list[Any]] = (
            json.loads(self._known.read_text()) if self._known.exists() else {}
        )

    def have(self, releases: Iterable[str], wanted: Wanted = "both") -> list[Kept]:
        """The files of releases, in order.

        Args:
            releases: each ``project==version``, normalized.
            wanted: which files.
        """
        releases = tuple(releases)
        keys = [f"{release} {wanted}" for release in releases]
        missing = [
            key for key in keys if not all(self._is_there(e) for e in self._entries.get(key) or [None])
        ]
        if missing:
            asyncio.run(self._fetch_all(missing))
            self._known.write_text(json.dumps(self._entries, indent=1, sort_keys=True))
        return [self._kept(entry) for key in keys for entry in self._entries[key]]

    def _is_there(self, entry: Any) -> bool:  # noqa: ANN401 - as it stands in the JSON
        return entry is not None and (self._folder / entry["filename"]).exists()

    def _kept(self, entry: Any) -> Kept:  # noqa: ANN401 - likewise
        beside = self._folder / f"{entry['filename']}.metadata"
        return Kept(
            self._folder / entry["filename"],
            sha256(entry["sha256"]),
            beside.read_bytes() if beside.exists() else None,
            History(datetime.fromisoformat(entry["first_upload"]), entry["releases"]),
        )

    async def _fetch_all(self, keys: list[str]) -> None:
        sources = _sources()
        credentials = CredentialStore(keyring=sources.keyring_provider)
        url = credentials.add(sources.indexes[0])
        async with HttpClient(HttpSettings.of(sources), credentials) as client:
            index, gate = SimpleIndex(client, IndexId(url), url), asyncio.Semaphore(_AT_ONCE)

            async def one(key: str) -> None:
                async with gate:
                    self._entries[key] = await self._fetch(client, index, key)

            await asyncio.gather(*map(one, keys))

    async def _fetch(self, client: HttpClient, index: SimpleIndex, key: str) -> list[Any]:
        release, _, wanted = key.partition(" ")
        project, _, version = release.partition("==")
        listing = await index.listing(NormalizedName(project))
        files = [] if listing is None else _chosen(listing, Version(version), wanted)
        if listing is None or not files:
            raise SystemExit(f"the index has no {release}")
        times = [file.upload_time for file in listing.files if file.upload_time is not None]
        past = {
            "first_upload": min(times).isoformat(),
            "releases": len({file.name.version for file in listing.files}),
        }
        return [await self._fetch_one(client, file) | past for file in files]

    async def _fetch_one(self, client: HttpClient, file: DistributionFile) -> dict[str, Any]:
        path, digest = self._folder / file.filename, hashlib.sha256()
        print(f"fetching {file.filename}, {(file.size or 0) / 1e6:.1f} MB", file=sys.stderr)
        if file.core_metadata is not None:
            path.with_name(f"{path.name}.metadata").write_bytes(await AnnouncedMetadata(client).of(file))
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as body:
            async with client.stream(
                file.url, limit=_LIMIT, deadline=_SECONDS, what=file.filename
            ) as download:
                async for chunk in download.chunks:
                    digest.update(chunk)
                    body.write(chunk)
        if digest.hexdigest() != file.sha256:
            raise SystemExit(f"{file.filename} is not what the index announced")
        part.replace(path)
        return {"filename": file.filename, "sha256": file.sha256}


def _sources() -> Sources:
    with tempfile.TemporaryDirectory() as folder:
        return sources_of(Path(sys.executable), Path(folder))[1]


def _chosen(listing: Listing, version: Version, wanted: str) -> list[DistributionFile]:
    files = [file for file in listing.files if file.name.version == version]
    wheels = sorted((f for f in files if f.name.kind is FileKind.WHEEL), key=_preferred)
    sdists = sorted((f for f in files if f.name.kind is FileKind.SDIST), key=lambda f: f.filename)
    return wheels[:1] + (sdists[-1:] if wanted == "both" else [])


def _preferred(file: DistributionFile) -> tuple[bool, bool, bool, str]:
    """The wheel for CPython 3.11 on Linux first, then one for every platform, then any."""
    python, _, platform = file.filename.removesuffix(".whl").split("-")[-3:]
    fits = python in {"cp311", "py3", "py2.py3"} or "-abi3-" in file.filename
    linux = "manylinux" in platform and "x86_64" in platform
    return not (fits and linux), platform != "any", not fits, file.filename
