"""Evidence in, verdict out: the one decision path of every frontend.

``Vetter`` gathers the evidence, first what a listing tells (``page``), then what the bytes tell
(``vet_file``), and has it judged each time (:mod:`trustguard.judging`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, Protocol

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.judging import Judge
from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents, Overlap, StartUpBefore
from trustguard.model.evidence import (
    NO_COUNTERPART,
    NO_DEPENDENTS,
    NO_OWNERS,
    NO_OWNERS_BEFORE,
    NO_PROVENANCE,
    NO_PUBLISHERS,
    NO_TAGS,
    NOTHING_BEFORE,
    TO_BE_ASKED_FOR,
    TO_BE_FETCHED,
    Absent,
    Advisory,
    CoreMetadata,
    Dependents,
    DirectReference,
    Evidence,
    Fact,
    History,
    Known,
    NotApplicable,
    OtherIndex,
    Unavailable,
)
from trustguard.model.lineage import KnownPublishers, Lineage, lineages
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwners
from trustguard.model.policy import (
    Policy,
)
from trustguard.model.project import DistributionFile, IndexId, Listing, Sha256
from trustguard.model.provenance import Provenance
from trustguard.model.record import record
from trustguard.model.rhythm import Rhythm, rhythms
from trustguard.model.verdict import Verdict


class Names(Protocol):
    """Who compares a project's name with better known ones."""

    def lookalike(self, project: NormalizedName) -> Fact[NameHit]:
        """The name that a project's name may be taken for."""

    def rank(self, project: NormalizedName) -> Fact[int]:
        """A project's place among the most downloaded ones."""


class Advisories(Protocol):
    """Where advisories come from."""

    def applying(self, project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        """The advisories that apply to a release."""


@record
class Bytes:
    """What was learned from a file's bytes."""

    sha256: Sha256
    announced_metadata: Fact[CoreMetadata]
    metadata: Fact[CoreMetadata]
    build_requires: Fact[tuple[str, ...]]
    claims: Fact[Claims]
    contents: Fact[Contents]
    build: Fact[Build]


@record
class Around:
    """What was learned of a file from others than its listing and its bytes."""

    provenance: Fact[Provenance]
    counterpart: Fact[Counterpart] = NO_COUNTERPART
    owners: Fact[tuple[str, ...]] = NO_OWNERS
    tags: Fact[ReleaseTags] = NO_TAGS
    publishers: Fact[KnownPublishers] = NO_PUBLISHERS
    start_up_before: Fact[StartUpBefore] = NOTHING_BEFORE
    owners_before: Fact[KnownOwners] = NO_OWNERS_BEFORE
    dependents: Fact[Dependents] = NO_DEPENDENTS


@record
class Candidate:
    """A file of a listing with the verdict on what the listing tells."""

    evidence: Evidence
    verdict: Verdict

    @property
    def file(self) -> DistributionFile:
        """The file."""
        return self.evidence.file


class Page:
    """Judges files of a project by what its page tells of all of them, which is worked out once, and of each.

    Args:
        listing: the whole page; what it tells of one file may matter to another one.
        facts: what it tells of all of them, by the names of the evidence.
        provenance: what is known of a file with a link to a document, and of a file without.
        advisories: where advisories come from.
        judge: the decision path.
    """

    def __init__(
        self,
        listing: Listing,
        facts: Mapping[str, Any],
        provenance: tuple[Fact[Provenance], Fact[Provenance]],
        advisories: Advisories,
        judge: Judge,
    ) -> None:
        self._listing = listing
        self._facts = facts
        self._linked, self._unlinked = provenance
        self._advisories = advisories
        self._judge = judge
        self._ancestry = lineages(listing.files) if listing.has_provenance else {}
        self._past = rhythms(listing.files)
        self._releases: dict[Version, Fact[tuple[Advisory, ...]]] = {}

    def vet(self, files: Sequence[DistributionFile]) -> list[Candidate]:
        """Judge some of its files.

        Returns:
            One for each, in the same order.
        """
        return [self._vet(file) for file in files]

    def _vet(self, file: DistributionFile) -> Candidate:
        listing, version = self._listing, file.name.version
        if version not in self._releases:
            self._releases[version] = self._advisories.applying(listing.project, version)
        evidence = Evidence(
            file=file,
            advisories=self._releases[version],
            upload_time=_upload_time(file, listing),
            provenance=self._unlinked if file.provenance is None else self._linked,
            lineage=_lineage(file, listing, self._ancestry),
            rhythm=_rhythm(file, listing, self._past),
            **self._facts,
        )
        return Candidate(evidence, self._judge.vet(evidence))


class Vetter:
    """Gathers evidence and judges it.

    Args:
        policy: the rules of this run.
        advisories: where advisories come from.
        names: who compares names.
        clock: gives the time of the judgement, with its zone.
    """

    def __init__(
        self, policy: Policy, advisories: Advisories, names: Names, clock: Callable[[], datetime]
    ) -> None:
        self._clock = clock
        self._advisories = advisories
        self._names = names
        self.policy = policy.on(clock().date())
        self._judge = Judge(self.policy)

    def page(self, listing: Listing, others: Fact[tuple[OtherIndex, ...]]) -> Page:
        """A project's page, to judge its files by.

        Args:
            listing: the whole page.
            others: which other indexes have the project.
        """
        facts = {
            "index": listing.index,
            "at": self._clock(),
            "status": Absent() if listing.status is None else Known(listing.status),
            "other_indexes": others,
            "direct": NotApplicable("it comes from an index"),
            "lookalike": self._lookalike(listing),
            "history": _history(listing),
            "rank": self._rank(listing),
        }
        return Page(listing, facts, self._provenance(listing), self._advisories, self._judge)

    def _lookalike(self, listing: Listing) -> Fact[NameHit]:
        if listing.index.trust == "private":
            return NotApplicable("on a private index nobody else takes a name")
        return self._names.lookalike(listing.project)

    def _rank(self, listing: Listing) -> Fact[int]:
        if listing.index.trust == "private":
            return NotApplicable("on a private index nobody counts downloads")
        return self._names.rank(listing.project)

    def _provenance(self, listing: Listing) -> tuple[Fact[Provenance], Fact[Provenance]]:
        """While no document is fetched: of a file with a link to one, and of a file without."""
        if listing.has_provenance:
            return TO_BE_FETCHED, Absent()
        if listing.index.trust == "private" and not self.policy.demands_provenance(listing.project):
            return TO_BE_ASKED_FOR, NotApplicable("a private index is not expected to have attestations")
        return TO_BE_ASKED_FOR, Unavailable(
            "provenance", f"{listing.index} does not say what is attested (PEP 740)"
        )

    def vet_direct(self, file: DistributionFile, reference: DirectReference) -> Candidate:
        """Judge a file that was asked for by its address, before its bytes are at hand."""
        no_page = NotApplicable("a direct reference has no project page")
        evidence = Evidence(
            file=file,
            index=IndexId(reference.url, "private"),
            at=self._clock(),
            advisories=self._advisories.applying(file.name.project, file.name.version),
            upload_time=no_page,
            status=no_page,
            other_indexes=no_page,
            direct=Known(reference),
            # A publisher that is pinned is not got round by an address that no attestation comes with.
            provenance=Absent() if self.policy.demands_provenance(file.name.project) else NO_PROVENANCE,
        )
        return Candidate(evidence, self._judge.vet(evidence))

    def vet_metadata(self, candidate: Candidate, announced: CoreMetadata) -> Candidate:
        """Judge a file by the metadata that the index serves beside it, before anybody acts on that."""
        evidence = replace(candidate.evidence, metadata=Known(announced))
        return Candidate(evidence, self._judge.vet(evidence))

    def vet_beside(
        self, candidate: Candidate, listings: Sequence[Listing], overlaps: tuple[Overlap, ...]
    ) -> Candidate:
        """Judge a file again, by what stands beside it: that is known once an installer wants it.

        Args:
            candidate: the file, with what its bytes tell.
            listings: its project's pages on several indexes, its own first; empty where it is on one alone.
            overlaps: what of it is in the way of others that the installer has got already.
        """
        evidence = candidate.evidence
        if listings:
            evidence = replace(evidence, other_indexes=Known(supplier(listings)[1]))
        if overlaps and isinstance(evidence.contents, Known):
            contents = evidence.contents.value
            evidence = replace(
                evidence, contents=Known(replace(contents, overlaps=(*overlaps, *contents.overlaps)))
            )
        return Candidate(evidence, self._judge.vet(evidence, coverage=True))

    def vet_provenance(self, candidate: Candidate, around: Around) -> Candidate:
        """Judge a file again by who has published it, where its bytes are not fetched."""
        evidence = replace(candidate.evidence, provenance=around.provenance, publishers=around.publishers)
        return Candidate(evidence, self._judge.vet(evidence))

    def vet_kin(self, candidate: Candidate, around: Around) -> Candidate:
        """Judge a file again by whose its project is, before its bytes are at hand."""
        evidence = replace(
            candidate.evidence,
            provenance=around.provenance,
            counterpart=around.counterpart,
            owners=around.owners,
        )
        return Candidate(evidence, self._judge.vet(evidence))

    def vet_file(self, candidate: Candidate, received: Bytes, around: Around) -> Candidate:
        """Judge a file again, now with what its bytes tell, and what stands around them."""
        evidence = replace(
            candidate.evidence,
            at=self._clock(),
            sha256=Known(received.sha256),
            announced_metadata=received.announced_metadata,
            metadata=received.metadata,
            build_requires=received.build_requires,
            build=received.build,
            claims=received.claims,
            contents=received.contents,
            counterpart=around.counterpart,
            owners=around.owners,
            tags=around.tags,
            provenance=around.provenance,
            publishers=around.publishers,
            start_up_before=around.start_up_before,
            owners_before=around.owners_before,
            dependents=around.dependents,
        )
        return Candidate(evidence, self._judge.vet(evidence, coverage=True))


def supplier(listings: Sequence[Listing]) -> tuple[Listing, tuple[OtherIndex, ...]]:
    """Which index supplies a project that several have: the first in the order of configuration.

    Args:
        listings: the project's pages, at least one, in that order.

    Returns:
        The listing that supplies the project, and the other indexes with their relation to it.
    """
    first, *others = listings
    return first, tuple(OtherIndex(other.index, _relation(first, other)) for other in others)


def _relation(one: Listing, other: Listing) -> Literal["unrelated", "tracks", "alternate", "same-files"]:
    pages = [f"{listing.index.url.rstrip('/')}/{listing.project}" for listing in (one, other)]
    named = [[url.rstrip("/") for url in x.tracks] for x in (one, other)]
    if pages[1] in named[0] or pages[0] in named[1]:
        return "tracks"
    # PEP 708: alternate locations count only where both sides name each other.
    named = [[url.rstrip("/") for url in x.alternate_locations] for x in (one, other)]
    if pages[1] in named[0] and pages[0] in named[1]:
        return "alternate"
    digests = [{file.sha256 for file in x.files} - {None} for x in (one, other)]
    return "same-files" if digests[0] & digests[1] else "unrelated"


def _upload_time(file: DistributionFile, listing: Listing) -> Fact[datetime]:
    if file.upload_time is not None:
        return Known(file.upload_time)
    if listing.index.trust == "private":
        return NotApplicable("a private index is not expected to give upload times")
    return Unavailable("upload-times", f"{listing.index} gives no upload time for it (PEP 700)")


def _lineage(file: DistributionFile, listing: Listing, ancestry: Mapping[str, Lineage]) -> Fact[Lineage]:
    if not listing.has_provenance:
        return NotApplicable("the index says nothing of attestations")
    if file.filename not in ancestry:
        return NotApplicable("its upload time is not known")
    return Known(ancestry[file.filename])


def _rhythm(file: DistributionFile, listing: Listing, past: Mapping[str, Rhythm]) -> Fact[Rhythm]:
    if listing.index.trust == "private":
        return NotApplicable("a private index has what is needed when it is needed")
    if file.filename not in past:
        return NotApplicable("its upload time is not known")
    return Known(past[file.filename])


def _history(listing: Listing) -> Fact[History]:
    times = [file.upload_time for file in listing.files if file.upload_time is not None]
    if not times:
        return Unavailable("upload-times", f"{listing.index} gives no upload times (PEP 700)")
    return Known(History(min(times), len({file.name.version for file in listing.files})))
