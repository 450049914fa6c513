"""What a project's earlier releases tell of a file: which of them were attested, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from packaging.version import Version

from trustguard.model.project import DistributionFile
from trustguard.model.provenance import Publisher

Attested = Literal["all", "some", "none"]
_EARLIER = 10
"""So many earlier releases are kept as evidence."""
_EVERYWHERE = "-none-any.whl"


@dataclass(frozen=True, slots=True)
class Release:
    """A release, as the listing tells.

    Args:
        version: its version.
        uploaded: when its first file was uploaded.
        attested: which of its files have provenance, by what the index says; nothing of it is verified.
    """

    version: Version
    uploaded: datetime
    attested: Attested


@dataclass(frozen=True, slots=True)
class Lineage:
    """A file among the releases of its project.

    Args:
        own: the release that it belongs to.
        alternative: whether another file of that release has provenance and fits every platform.
        earlier: the other releases that there were when it was uploaded, the newest first and not more than
            ten; final releases for a file of a final release, pre-releases for one of a pre-release.
    """

    own: Release
    alternative: bool
    earlier: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownPublishers:
    """Who has published a project before, as far as that was verified.

    Args:
        publishers: the identities, the newest first.
        origin: whether they were seen here before, or are those of earlier releases on the index.
        since: when the first of them was seen, or logged.
    """

    publishers: tuple[Publisher, ...]
    origin: Literal["seen", "index"]
    since: datetime


def lineages(files: Iterable[DistributionFile]) -> Mapping[str, Lineage]:
    """The lineage of every file of a project whose upload time is known, by the file's name.

    Earlier is what was uploaded earlier, whatever its version says: a file that is added to an old release is
    held against what had been released by then.
    """
    by_version: dict[Version, list[DistributionFile]] = {}
    for file in files:
        if file.upload_time is not None:
            by_version.setdefault(file.name.version, []).append(file)
    releases = {version: _release(version, rows) for version, rows in by_version.items()}
    newest = sorted(releases.values(), key=lambda one: one.uploaded, reverse=True)
    return {
        file.filename: Lineage(
            own=releases[version],
            alternative=any(_fits_everywhere(one) for one in rows if one is not file),
            earlier=_earlier(file, newest),
        )
        for version, rows in by_version.items()
        for file in rows
    }


def _release(version: Version, files: Sequence[DistributionFile]) -> Release:
    count = sum(file.provenance is not None for file in files)
    attested: Attested = "none" if count == 0 else "all" if count == len(files) else "some"
    return Release(version, min(file.upload_time for file in files if file.upload_time), attested)


def _fits_everywhere(file: DistributionFile) -> bool:
    return file.provenance is not None and file.filename.endswith(_EVERYWHERE)


def _earlier(file: DistributionFile, newest: Sequence[Release]) -> tuple[Release, ...]:
    own, uploaded = file.name.version, file.upload_time
    before = (
        release
        for release in newest
        if uploaded is not None
        and release.uploaded < uploaded
        and release.version != own
        and release.version.is_prerelease == own.is_prerelease
    )
    return tuple(islice(before, _EARLIER))
