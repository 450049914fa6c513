"""Evidence in, verdict out: the one decision path of every frontend.

``vet`` runs the checks and asks the policy; ``Vetter`` gathers the evidence, first what a listing tells
(``vet_listing``), then what the bytes tell (``vet_file``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.checks import Check, discover
from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents
from trustguard.model.evidence import (
    NO_COUNTERPART,
    NO_OWNERS,
    NO_PROVENANCE,
    NO_PUBLISHERS,
    NO_TAGS,
    TO_BE_ASKED_FOR,
    TO_BE_FETCHED,
    Absent,
    Advisory,
    CoreMetadata,
    DirectReference,
    Evidence,
    Fact,
    History,
    Inconclusive,
    Known,
    NotApplicable,
    OtherIndex,
    Unavailable,
    read,
)
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.lineage import KnownPublishers, Lineage, lineages
from trustguard.model.names import NameHit
from trustguard.model.pin import violations
from trustguard.model.policy import (
    DENIED,
    INVALID_PROVENANCE,
    NOT_LISTED,
    Action,
    Allow,
    Deny,
    Policy,
    Selector,
    matches,
)
from trustguard.model.project import DistributionFile, IndexId, Listing, ProjectStatus, Sha256
from trustguard.model.provenance import Provenance
from trustguard.model.verdict import Judged, Unanswered, Verdict


def vet(evidence: Evidence, policy: Policy) -> Verdict:
    """Judge one file: :class:`Judge` for a single one."""
    return Judge(policy).vet(evidence)


class Judge:
    """The decision path: checks find, the policy says what that means.

    Args:
        policy: the rules, without expired exceptions (:meth:`Policy.on`).
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # What does not depend on the evidence is worked out once: a project may have thousands of files.
        self._checks = [
            (check, check.settings(policy.check(check.id).settings), policy.check(check.id).exempt)
            for check in discover().values()
        ]

    def vet(self, evidence: Evidence) -> Verdict:
        """Judge one file. The same evidence and policy always give the same verdict."""
        policy = self.policy
        evidence = _as_pinned(evidence, policy)
        allowed = [a for a in policy.allow if _covers(a, evidence)]
        findings = [_judge(f, policy, allowed) for f in _by_policy(evidence, policy)]
        worse_with: dict[str, tuple[str, ...]] = {}
        unanswered: list[Unanswered] = []
        checked: list[str] = []
        for check, settings, exempt in self._checks:
            if exempt and any(matches(glob, evidence.project) for glob in exempt):
                continue
            found, missing = _run(check, evidence, settings)
            findings += [_judge(f, policy, allowed) for f in found]
            worse_with[check.id] = getattr(settings, "worse_with", ())
            unanswered += [
                Unanswered(check.id, fact, _when_unavailable(check.id, fact, evidence, policy, allowed))
                for fact in missing
            ]
            if not missing:
                checked.append(check.id)
        together = [_together(one, findings, worse_with, policy, allowed) for one in findings]
        return Verdict(tuple(together), tuple(unanswered), tuple(checked))


def _as_pinned(evidence: Evidence, policy: Policy) -> Evidence:
    """The evidence without the publishers before that are not the pinned one: the project has moved since.

    What a pin leaves open is still compared with those that it fits. A project's own file may come from
    whoever is attacking, so a pin of its takes nothing away.
    """
    known = evidence.publishers
    if not isinstance(known, Known):
        return evidence
    groups = [group for group in policy.pins(evidence.project) if group[0].by in _TRUSTED]
    fitting = tuple(
        one
        for one in known.value.publishers
        if all(any(not pin.differences(one) for pin in group) for group in groups)
    )
    return replace(evidence, publishers=Known(replace(known.value, publishers=fitting)))


_TRUSTED = frozenset({"org", "user", "environment", "command line"})
"""The layers whose pins go before what was seen."""


def _together(
    one: Judged,
    others: Iterable[Judged],
    worse_with: Mapping[str, tuple[str, ...]],
    policy: Policy,
    allowed: Iterable[Allow],
) -> Judged:
    """A finding judged once more where others make it worse; what is excused makes nothing worse."""
    finding = one.finding
    beside = dict.fromkeys(
        other.finding.check
        for other in others
        if other.finding.check in worse_with.get(finding.check, ())
        and other.finding.severity >= Severity.MEDIUM
        and not other.excused
    )
    if not beside or finding.severity < Severity.MEDIUM:
        return one
    worse = replace(
        finding,
        severity=Severity(min(finding.severity + 1, Severity.CRITICAL)),
        message=f"{finding.message}; and there is {' and '.join(beside)}",
    )
    return _judge(worse, policy, allowed)


def _run(check: Check, evidence: Evidence, settings: object) -> tuple[list[Finding], list[Unavailable]]:
    """What a check finds, and the facts that it needed and nobody could give.

    What is unavailable must not hide what the other facts show, such as an archive that cannot be read that
    its digest is wrong: the check is made again without it.
    """
    missing: list[Unavailable] = []
    while True:
        try:
            return check.run(evidence, settings), missing
        except Inconclusive as inconclusive:
            fact = inconclusive.fact
        if fact in missing:  # it is none of the evidence's, so there is no making the check without it
            return [], missing
        missing.append(fact)
        lost = {name: _LOST for name in _PARTS if getattr(evidence, name) == fact}
        evidence = replace(evidence, **lost)


_PARTS = tuple(part.name for part in fields(Evidence))
_LOST: Any = NotApplicable("it is unavailable, which is said already")


def _covers(allow: Allow, evidence: Evidence) -> bool:
    return _fits(allow.selector, evidence, _digest(evidence))


def _denies(deny: Deny, evidence: Evidence) -> bool:
    # An exception is for the bytes that came; a denial is also for those that were announced.
    return any(_fits(deny.selector, evidence, d) for d in {_digest(evidence), evidence.file.sha256})


def _digest(evidence: Evidence) -> Sha256 | None:
    """The digest of the bytes; before they are fetched, the announced one."""
    if isinstance(evidence.sha256, Unavailable):
        return None
    return read(evidence.sha256) or evidence.file.sha256


def _fits(selector: Selector, evidence: Evidence, digest: Sha256 | None) -> bool:
    return selector.covers(evidence.project, evidence.version, digest, evidence.index.url)


def _by_policy(evidence: Evidence, policy: Policy) -> list[Finding]:
    """What the policy says by itself: denials, in a curated installation what nothing lists, and pins."""
    findings = [
        _of_policy(DENIED, f"{evidence.project} {evidence.version} is denied: {deny.reason}", "")
        for deny in policy.deny
        if _denies(deny, evidence)
    ]
    listed = (a for a in policy.allow if a.excuses(NOT_LISTED) and not a.needs_approval)
    if policy.unknown != "allow" and not any(_covers(a, evidence) for a in listed):
        findings.append(
            _of_policy(
                NOT_LISTED,
                f"{evidence.project} {evidence.version} is not on the list of what may be installed",
                "ask for an [[allow]] entry that names it",
            )
        )
    findings += (
        Finding(
            INVALID_PROVENANCE,
            Severity.CRITICAL,
            Confidence.HIGH,
            f"{evidence.file.filename} {violation}",
            "if the project has really moved, change its pin ([[publisher]], lock file); otherwise report it",
        )
        for violation in violations(policy.pins(evidence.project), evidence.provenance)
    )
    return findings


def _of_policy(check_id: str, message: str, remedy: str) -> Finding:
    return Finding(check_id, Severity.HIGH, Confidence.HIGH, message, remedy)


def _judge(finding: Finding, policy: Policy, allowed: Iterable[Allow]) -> Judged:
    action = policy.action(finding.check, finding.severity)
    excuses = [a for a in allowed if a.excuses(finding.check)]
    if not excuses or action is Action.OFF:
        return Judged(finding, action)
    # One that holds by itself counts, wherever it stands among those that need approval.
    excuse = min(excuses, key=lambda a: a.needs_approval)
    return Judged(finding, _excused(action, excuse), excuse.reason)


def _excused(action: Action, excuse: Allow) -> Action:
    return min(action, Action.ASK) if excuse.needs_approval else Action.OFF


def _when_unavailable(
    check_id: str, fact: Unavailable, evidence: Evidence, policy: Policy, allowed: Iterable[Allow]
) -> Action:
    if policy.check(check_id).action is Action.OFF:
        return Action.OFF
    action = policy.when_unavailable(fact.source)
    if check_id == INVALID_PROVENANCE and policy.demands_provenance(evidence.project):
        action = Action.BLOCK  # whoever can keep an answer away must not get past a pin by that
    # Whoever names the check has said that its findings do not count, so neither does their absence. An
    # exception that names none was made for what had been seen, and not for what nobody could see.
    named = (a for a in allowed if a.checks is not None and a.excuses(check_id))
    return min((_excused(action, a) for a in named), default=action)


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


@dataclass(frozen=True, slots=True)
class Bytes:
    """What was learned from a file's bytes."""

    sha256: Sha256
    announced_metadata: Fact[CoreMetadata]
    metadata: Fact[CoreMetadata]
    build_requires: Fact[tuple[str, ...]]
    claims: Fact[Claims]
    contents: Fact[Contents]
    build: Fact[Build]


@dataclass(frozen=True, slots=True)
class Around:
    """What was learned of a file from others than its listing and its bytes."""

    provenance: Fact[Provenance]
    counterpart: Fact[Counterpart] = NO_COUNTERPART
    owners: Fact[tuple[str, ...]] = NO_OWNERS
    tags: Fact[ReleaseTags] = NO_TAGS
    publishers: Fact[KnownPublishers] = NO_PUBLISHERS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of a listing with the verdict on what the listing tells."""

    evidence: Evidence
    verdict: Verdict

    @property
    def file(self) -> DistributionFile:
        """The file."""
        return self.evidence.file


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

    def vet_listing(self, listing: Listing, others: Fact[tuple[OtherIndex, ...]]) -> list[Candidate]:
        """Judge every file of a project by what its listing tells, in the order of the listing."""
        now = self._clock()
        lookalike, history = self._lookalike(listing), _history(listing)
        rank = self._rank(listing)
        ancestry = lineages(listing.files) if listing.has_provenance else {}
        releases: dict[Version, Fact[tuple[Advisory, ...]]] = {}
        candidates = []
        for file in listing.files:
            version = file.name.version
            if version not in releases:
                releases[version] = self._advisories.applying(listing.project, version)
            evidence = Evidence(
                file=file,
                index=listing.index,
                at=now,
                advisories=releases[version],
                upload_time=_upload_time(file, listing),
                status=_status(listing),
                other_indexes=others,
                direct=NotApplicable("it comes from an index"),
                lookalike=lookalike,
                history=history,
                rank=rank,
                provenance=self._provenance(file, listing),
                lineage=_lineage(file, listing, ancestry),
            )
            candidates.append(Candidate(evidence, self._judge.vet(evidence)))
        return candidates

    def _lookalike(self, listing: Listing) -> Fact[NameHit]:
        if listing.index.trust == "private":
            return NotApplicable("on a private index nobody else takes a name")
        return self._names.lookalike(listing.project)

    def _rank(self, listing: Listing) -> Fact[int]:
        if listing.index.trust == "private":
            return NotApplicable("on a private index nobody counts downloads")
        return self._names.rank(listing.project)

    def _provenance(self, file: DistributionFile, listing: Listing) -> Fact[Provenance]:
        if file.provenance is not None:
            return TO_BE_FETCHED if listing.has_provenance else TO_BE_ASKED_FOR
        if listing.has_provenance:
            return Absent()
        if listing.index.trust == "private" and not self.policy.demands_provenance(listing.project):
            return NotApplicable("a private index is not expected to have attestations")
        return Unavailable("provenance", f"{listing.index} does not say what is attested (PEP 740)")

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

    def vet_provenance(self, candidate: Candidate, around: Around) -> Candidate:
        """Judge a file again by who has published it, where its bytes are not fetched."""
        evidence = replace(candidate.evidence, provenance=around.provenance, publishers=around.publishers)
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
        )
        return Candidate(evidence, self._judge.vet(evidence))


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


def _history(listing: Listing) -> Fact[History]:
    times = [file.upload_time for file in listing.files if file.upload_time is not None]
    if not times:
        return Unavailable("upload-times", f"{listing.index} gives no upload times (PEP 700)")
    return Known(History(min(times), len({file.name.version for file in listing.files})))


def _status(listing: Listing) -> Fact[ProjectStatus]:
    return Absent() if listing.status is None else Known(listing.status)
