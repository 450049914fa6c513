"""What is known about one file before it is judged.

Every fact is in one of four states. The difference between the last three is what keeps an outage from
reading as a clean bill of health::

    Known(value)                  somebody who can know has said so
    Absent()                      the source answered: there is none
    NotApplicable(why)            the question does not arise here
    Unavailable(source, reason)   nobody could say
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Generic, Literal, TypeVar

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents, StartUpBefore
from trustguard.model.lineage import KnownPublishers, Lineage
from trustguard.model.names import NameHit
from trustguard.model.ownership import KnownOwners
from trustguard.model.project import DistributionFile, FileKind, IndexId, ProjectStatus, Sha256
from trustguard.model.provenance import Provenance
from trustguard.model.record import record
from trustguard.model.rhythm import Rhythm

T = TypeVar("T")

SourceName = Literal[
    "advisories",
    "index",
    "upload-times",
    "artifact",
    "provenance",
    "project-api",
    "forge",
    "dependents",
]


@record
class Known(Generic[T]):
    """A fact."""

    value: T


@record
class Absent:
    """The source was asked, answered, and has none."""


@record
class NotApplicable:
    """The question does not arise."""

    why: str


@record
class Unavailable:
    """Nobody could say: which source failed, and how, in one line."""

    source: SourceName
    reason: str


Fact = Known[T] | Absent | NotApplicable | Unavailable


class Inconclusive(Exception):
    """A check needed a fact that is unavailable. Raised by :func:`read`, caught by ``judging``."""

    def __init__(self, fact: Unavailable) -> None:
        super().__init__(fact.reason)
        self.fact = fact


def read(fact: Fact[T]) -> T | None:
    """The value of a fact, or None where there is none or the question does not arise.

    Raises:
        Inconclusive: the fact is unavailable. A check that lets this pass is inconclusive by itself.
    """
    if isinstance(fact, Known):
        return fact.value
    if isinstance(fact, Unavailable):
        raise Inconclusive(fact)
    return None


@record
class Advisory:
    """One OSV record that applies to the version at hand (https://ossf.github.io/osv-schema/)."""

    id: str
    summary: str
    aliases: tuple[str, ...] = ()
    malicious: bool = False
    fixed: tuple[str, ...] = ()
    """Versions in which it is fixed, in order."""
    severity: str = ""
    """The CVSS vector, where the record has one."""

    def fixes(self, version: Version) -> tuple[Version, ...]:
        """The versions above one in which it is fixed, the lowest first: the others are no help there."""
        return tuple(sorted(fix for fix in map(_version, self.fixed) if fix is not None and fix > version))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@record
class OtherIndex:
    """Another configured index that has a project of the same name."""

    index: IndexId
    relation: Literal["unrelated", "tracks", "alternate", "same-files"]
    """PEP 708's relations, or a file with the same digest on both; otherwise unrelated."""


@record
class DirectReference:
    """A file that was asked for by its address, not by a project's name."""

    url: str
    """Without credentials."""
    origin: Literal["argument", "requirements-file", "lock-file"]
    pinned: bool
    """Whether a digest stands beside the address."""


@record
class CoreMetadata:
    """The part of a distribution's METADATA or PKG-INFO that decides what is installed with it."""

    name: str
    version: str
    requires_dist: tuple[str, ...] = ()
    requires_python: str = ""
    provides_extra: tuple[str, ...] = ()


@record
class History:
    """What a project's listing tells of its past."""

    first_upload: datetime
    """When the oldest file that is still listed was uploaded."""
    releases: int
    """How many versions are listed."""


@record
class Dependents:
    """How many public projects depend on one, as somebody has counted who resolves them all.

    Args:
        of: the release that was looked at: the one that is taken where nobody asks for another.
        direct: how many depend on it by their own requirements.
        total: how many depend on it directly or through others.
    """

    of: Version
    direct: int
    total: int


_BODY = NotApplicable("the file has not been fetched")
NOT_COMPARED: NotApplicable = NotApplicable("its name was not compared with others")
NO_RANK: NotApplicable = NotApplicable("nobody asked how popular it is")
NO_HISTORY: NotApplicable = NotApplicable("its listing was not looked at")
NO_COUNTERPART: NotApplicable = NotApplicable("there is no project to compare it with")
NO_PROVENANCE: NotApplicable = NotApplicable("its provenance was not looked for")
TO_BE_FETCHED: NotApplicable = NotApplicable("its provenance document has not been fetched")
TO_BE_ASKED_FOR: NotApplicable = NotApplicable("the index was not asked for a provenance document")
NO_OWNERS: NotApplicable = NotApplicable("nobody was asked who owns it")
NO_OWNERS_BEFORE: NotApplicable = NotApplicable("nobody was asked who owned it before")
NO_RHYTHM: NotApplicable = NotApplicable("nobody looked when it was released before")
NO_DEPENDENTS: NotApplicable = NotApplicable("nobody was asked what depends on it")
NO_LINEAGE: NotApplicable = NotApplicable("its earlier releases were not looked at")
NO_PUBLISHERS: NotApplicable = NotApplicable("nobody was asked who has published it before")
NO_TAGS: NotApplicable = NotApplicable("no forge was asked")
NOTHING_BEFORE: NotApplicable = NotApplicable("no earlier release was looked into")
_NOT_LOOKED_AT = frozenset(
    {_BODY, NOT_COMPARED, NO_RANK, NO_HISTORY, NO_PROVENANCE, TO_BE_FETCHED, TO_BE_ASKED_FOR, NO_OWNERS}
    | {NO_OWNERS_BEFORE, NO_RHYTHM, NO_DEPENDENTS, NO_LINEAGE, NO_PUBLISHERS, NO_TAGS, NOTHING_BEFORE}
)
_OF_SDISTS = frozenset({"build", "build_requires"})


@record
class Evidence:
    """Everything that the checks may look at, for one file. Immutable, and can be saved.

    The facts below ``sha256`` concern the bytes; while only the listing is at hand they do not apply.
    """

    file: DistributionFile
    index: IndexId
    at: datetime
    """The time of the judgement, with its zone."""
    advisories: Fact[tuple[Advisory, ...]]
    upload_time: Fact[datetime]
    status: Fact[ProjectStatus]
    other_indexes: Fact[tuple[OtherIndex, ...]]
    direct: Fact[DirectReference]
    sha256: Fact[Sha256] = _BODY
    """The digest of the bytes that were received."""
    announced_metadata: Fact[CoreMetadata] = _BODY
    """What the index served beside the file (PEP 658)."""
    metadata: Fact[CoreMetadata] = _BODY
    """What stands in the file itself."""
    build_requires: Fact[tuple[str, ...]] = _BODY
    """``[build-system] requires`` of an sdist (PEP 518)."""
    build: Fact[Build] = _BODY
    """How an sdist is built (PEP 517)."""
    contents: Fact[Contents] = _BODY
    """What is inside the file."""
    lookalike: Fact[NameHit] = NOT_COMPARED
    """The better known name that the project's name may be taken for."""
    history: Fact[History] = NO_HISTORY
    rank: Fact[int] = NO_RANK
    """The project's place among the most downloaded ones, from 1; absent where it is not among them."""
    claims: Fact[Claims] = _BODY
    """What its core metadata says of origin and authors."""
    counterpart: Fact[Counterpart] = NO_COUNTERPART
    """The popular project that it may pass itself off as."""
    owners: Fact[tuple[str, ...]] = NO_OWNERS
    """Who may upload the project, as the index says: ``user NAME`` and ``organization NAME``."""
    owners_before: Fact[KnownOwners] = NO_OWNERS_BEFORE
    """Who owned it when it was last installed here; absent where it never was, or nobody said."""
    rhythm: Fact[Rhythm] = NO_RHYTHM
    """The pause before it, if there was one."""
    dependents: Fact[Dependents] = NO_DEPENDENTS
    """How many projects depend on its project; absent where nobody has counted."""
    tags: Fact[ReleaseTags] = NO_TAGS
    """What the claimed repository's forge says."""
    provenance: Fact[Provenance] = NO_PROVENANCE
    """What came of verifying its attestations (PEP 740); absent where it has none."""
    lineage: Fact[Lineage] = NO_LINEAGE
    """Which releases before it were attested."""
    publishers: Fact[KnownPublishers] = NO_PUBLISHERS
    """Who has published the project before."""
    start_up_before: Fact[StartUpBefore] = NOTHING_BEFORE
    """What ran by itself in an earlier release."""

    @property
    def project(self) -> NormalizedName:
        """The project's normalized name."""
        return self.file.name.project

    @property
    def version(self) -> Version:
        """The release's version."""
        return self.file.name.version


def not_looked_at(evidence: Evidence) -> frozenset[str]:
    """The names of the facts that do not apply only because nobody has looked, and may hold anything."""
    wheel = evidence.file.name.kind is FileKind.WHEEL
    facts = {part.name: getattr(evidence, part.name) for part in fields(evidence)}
    unseen = {
        name
        for name, fact in facts.items()
        if isinstance(fact, NotApplicable) and fact in _NOT_LOOKED_AT and not (wheel and name in _OF_SDISTS)
    }
    if evidence.claims == _BODY and evidence.counterpart == NO_COUNTERPART:  # which is found by its claims
        unseen.add("counterpart")
    return frozenset(unseen)
