"""What ran by itself in an earlier release of a project: whether it is new decides how much it says.

Nobody is asked anything unless a wheel has such code that is not known, or plug-ins. Then one wheel of the
newest earlier release that has been there for a while is fetched and looked into; nothing of it is kept but
what runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from packaging.utils import parse_wheel_filename

from trustguard.frontends.guard_index.bodies import Bodies, is_worth_a_guess
from trustguard.frontends.guard_index.catalogue import Listings
from trustguard.model.contents import Contents, StartUpBefore
from trustguard.model.errors import SourceError, SourceRefused, StoreError
from trustguard.model.evidence import NOTHING_BEFORE, Evidence, Fact, Known, NotApplicable, Unavailable
from trustguard.model.known_start_up import to_compare
from trustguard.model.project import DistributionFile, FileKind, Sha256
from trustguard.sources.archive import open_archive
from trustguard.sources.contents import examine
from trustguard.vetting import Candidate

STANDING = timedelta(days=30)
"""How long a release must have been there: whoever steals a token can upload two versions as well as one."""


class Before:
    """Looks into an earlier release.

    Args:
        catalogue: knows the project's other files.
        bodies: fetches one of them.
    """

    def __init__(self, catalogue: Listings, bodies: Bodies) -> None:
        self._catalogue = catalogue
        self._bodies = bodies

    async def of(self, candidate: Candidate, contents: Fact[Contents]) -> Fact[StartUpBefore]:
        """What ran by itself before; never fails.

        Args:
            candidate: the file that is to be compared.
            contents: what is inside it.
        """
        evidence = candidate.evidence
        if not isinstance(contents, Known) or not to_compare(contents.value, evidence.project):
            return NOTHING_BEFORE
        if isinstance(evidence.direct, Known):
            return NotApplicable("a direct reference has no earlier releases")
        try:
            earlier = _earlier(evidence, await self._catalogue.project(evidence.project) or [])
            if earlier is None:
                return NotApplicable(f"it has no earlier wheel that has been there for {STANDING.days} days")
            digest = await self._bodies.fetch(earlier)
            found = await asyncio.to_thread(self._look, earlier, digest)
        except (SourceError, StoreError) as error:
            return Unavailable("artifact", str(error))
        return Known(found)

    def _look(self, file: DistributionFile, digest: Sha256) -> StartUpBefore:
        if file.sha256 not in {None, digest}:
            raise SourceRefused(f"{file.filename} is not what its index announces")
        with (
            self._bodies.open(digest) as body,
            open_archive(body, file.filename) as archive,
        ):
            return StartUpBefore(file.name.version, examine(archive, file.name).contents.start_up)


def _earlier(own: Evidence, others: Sequence[Candidate]) -> DistributionFile | None:
    """The wheel to compare with: of the newest release that may set an example, the one most alike."""
    latest = (own.file.upload_time or own.at) - STANDING
    usable = [
        other.file
        for other in others
        if other.file.name.kind is FileKind.WHEEL
        and other.evidence.index == own.index
        and other.file.yanked is None
        and not other.verdict.refused
        and other.evidence.version < own.version
        and other.evidence.version.is_prerelease <= own.version.is_prerelease
        and other.file.upload_time is not None
        and other.file.upload_time <= latest
        and is_worth_a_guess(other.file)
    ]
    return max(usable, key=lambda file: (file.name.version, *_likeness(file, own.file)), default=None)


def _likeness(file: DistributionFile, own: DistributionFile) -> tuple[bool, int, str]:
    """How much a wheel is for what another one is for, and at equal measure the smaller one."""
    alike = parse_wheel_filename(file.filename)[3] == parse_wheel_filename(own.filename)[3]
    return alike, -(file.size or 0), file.filename
