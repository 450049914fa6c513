"""What a project's earlier releases tell of a file: which of them were attested, and by whom."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Literal, get_args

from packaging.version import Version

from trustguard.model.project import DistributionFile
from trustguard.model.provenance import Publisher
from trustguard.model.record import record

Attested = Literal["all", "some", "none"]
_EARLIER = 10
"""So many earlier releases are kept as evidence."""
_STANDING = timedelta(days=30)
_NEVER = datetime.max.replace(tzinfo=timezone.utc)
_EVERYWHERE = "-none-any.whl"


@record
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


@record
class Lineage:
    """A file among the releases of its project.

    Args:
        own: the release that it belongs to.
        alternative: whether another file of that release has provenance and fits every platform.
        earlier: the other releases that there were when it was uploaded, the newest first and not more than
            ten; final releases for a file of a final release, pre-releases for one of a pre-release. A file
            without provenance counts once it had stood for 30 days, or the project had signed another one
            after it; what two thefts of a day have in common is not what the project does.
    """

    own: Release
    alternative: bool
    earlier: tuple[Release, ...] = ()


@record
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


@record
class _Record:
    """A release with the times from which on it counts, as one that is attested and as one that is not."""

    whole: Release
    everywhere: int
    """How many of its files have provenance and fit every platform."""
    attested: datetime
    unattested: datetime
    states: Mapping[Attested, Release]

    @property
    def is_prerelease(self) -> bool:
        return self.whole.version.is_prerelease

    @property
    def counts_from(self) -> datetime:
        """When it counts at all."""
        return min(self.attested, self.unattested)

    @property
    def began(self) -> datetime:
        return self.whole.uploaded

    def at(self, moment: datetime) -> Release:
        """The release as it counts at a moment, at which it does."""
        if self.unattested >= moment:
            return self.states["all"]
        return self.states["none" if self.attested >= moment else "some"]


def lineages(files: Iterable[DistributionFile]) -> Mapping[str, Lineage]:
    """The lineage of every file of a project whose upload time is known, by the file's name.

    Earlier is what was uploaded earlier, whatever its version says: a file that is added to an old release is
    held against what had been released by then.
    """
    dated = sorted(((file.upload_time, file) for file in files if file.upload_time), key=itemgetter(0))
    by_version: dict[Version, list[tuple[datetime, DistributionFile]]] = {}
    for uploaded, file in dated:
        by_version.setdefault(file.name.version, []).append((uploaded, file))
    proven = [uploaded for uploaded, file in dated if file.provenance is not None]
    records = {version: _record(version, rows, proven) for version, rows in by_version.items()}
    pending = deque(sorted(records.values(), key=attrgetter("counts_from")))
    standing: Mapping[bool, list[_Record]] = {False: [], True: []}
    found = {}
    for uploaded, file in dated:
        while pending and pending[0].counts_from < uploaded:
            record = pending.popleft()
            insort(standing[record.is_prerelease], record, key=attrgetter("began"))
        own = records[file.name.version]
        before = (one for one in reversed(standing[own.is_prerelease]) if one is not own)
        found[file.filename] = Lineage(
            own=own.whole,
            alternative=own.everywhere > _fits_everywhere(file),
            earlier=tuple(one.at(uploaded) for one in islice(before, _EARLIER)),
        )
    return found


def _record(
    version: Version, rows: Sequence[tuple[datetime, DistributionFile]], proven: Sequence[datetime]
) -> _Record:
    """A release from its files, the oldest first, and the times of all that is attested in its project."""
    attested = next((uploaded for uploaded, file in rows if file.provenance is not None), _NEVER)
    unattested = next((uploaded for uploaded, file in rows if file.provenance is None), _NEVER)
    states = {state: Release(version, rows[0][0], state) for state in get_args(Attested)}
    whole: Attested = "all" if unattested is _NEVER else "none" if attested is _NEVER else "some"
    everywhere = sum(_fits_everywhere(file) for _, file in rows)
    return _Record(states[whole], everywhere, attested, _stands(unattested, proven), states)


def _stands(uploaded: datetime, proven: Sequence[datetime]) -> datetime:
    """When a file without provenance counts: whoever has stolen a token can upload two as well as one."""
    after = bisect_right(proven, uploaded)
    signed = proven[after] if after < len(proven) else _NEVER
    return min(signed, uploaded + _STANDING if uploaded < _NEVER - _STANDING else _NEVER)


def _fits_everywhere(file: DistributionFile) -> bool:
    """Whether an installer that wants this release will find a proven file in it."""
    if file.provenance is None or file.yanked is not None or not file.filename.endswith(_EVERYWHERE):
        return False
    pythons = file.filename.removesuffix(_EVERYWHERE).rpartition("-")[2]
    return "py3" in pythons.split(".")
