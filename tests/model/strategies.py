"""Evidence of every shape that the model allows, for property tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, get_args

from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from trustguard.model.build import Build
from trustguard.model.claims import Claims, Counterpart, ReleaseTags
from trustguard.model.contents import Contents, Fault, FaultKind, Overlap, StartUp, StartUpBefore, StartUpKind
from trustguard.model.evidence import (
    Absent,
    Advisory,
    CoreMetadata,
    Dependents,
    DirectReference,
    Evidence,
    History,
    Known,
    NotApplicable,
    OtherIndex,
    SourceName,
    Unavailable,
)
from trustguard.model.lineage import Attested, KnownPublishers, Lineage, Release
from trustguard.model.names import Kind, NameHit, Tier
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.project import (
    DistributionFile,
    FileKind,
    FileName,
    IndexId,
    ProjectStatus,
    Sha256,
)
from trustguard.model.provenance import Attestation, Outcome, Provenance, Publisher, PublisherKind
from trustguard.model.repository import Repository
from trustguard.model.rhythm import Rhythm

texts = st.text(max_size=12)
names = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,6}[a-z0-9])?", fullmatch=True).map(canonicalize_name)
versions = st.sampled_from(
    [Version(text) for text in ("1", "1.0", "1!2.0rc1", "2024.1.post3.dev4", "0.1+local.7", "3.0a2")]
)
digests = st.from_regex(r"[0-9a-f]{64}", fullmatch=True).map(Sha256)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=zones,
)
sources = st.sampled_from(get_args(SourceName))
mappings = st.dictionaries(texts, texts, max_size=3).map(MappingProxyType)
text_tuples = st.lists(texts, max_size=3).map(tuple)


def facts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A fact in any of its four states."""
    return st.one_of(
        st.builds(Known, values),
        st.just(Absent()),
        st.builds(NotApplicable, texts),
        st.builds(Unavailable, source=sources, reason=texts),
    )


def many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few of them."""
    return st.lists(values, max_size=3).map(tuple)


file_names = st.builds(
    FileName, filename=texts, project=names, version=versions, kind=st.sampled_from(FileKind)
)
files = st.builds(
    DistributionFile,
    name=file_names,
    url=texts,
    hashes=st.one_of(mappings, st.builds(lambda d: MappingProxyType({"sha256": d}), digests)),
    size=st.none() | st.integers(min_value=0, max_value=2**40),
    upload_time=st.none() | times,
    requires_python=st.none() | texts,
    yanked=st.none() | texts,
    core_metadata=st.none() | mappings,
    provenance=st.none() | texts,
)
indexes = st.builds(IndexId, url=texts, trust=st.sampled_from(["public", "private"]))
advisories = st.builds(
    Advisory,
    id=texts,
    summary=texts,
    aliases=text_tuples,
    malicious=st.booleans(),
    fixed=text_tuples,
    severity=texts,
)
metadata = st.builds(
    CoreMetadata,
    name=texts,
    version=texts,
    requires_dist=text_tuples,
    requires_python=texts,
    provides_extra=text_tuples,
)
shares = st.none() | st.floats(min_value=0, max_value=1)
repositories = st.builds(Repository, host=texts, path=texts)
publishers = st.builds(
    Publisher,
    kind=st.sampled_from(get_args(PublisherKind)),
    issuer=texts,
    identity=texts,
    repository=st.none() | repositories,
    repository_id=texts,
    owner_id=texts,
    workflow=texts,
    workflow_repository=st.none() | repositories,
    ref=texts,
    commit=texts,
    trigger=texts,
    runner=texts,
    visibility=texts,
)
provenances = st.builds(
    Provenance,
    outcome=st.sampled_from(get_args(Outcome)),
    attestations=many(st.builds(Attestation, predicate=texts, publisher=publishers, logged_at=times)),
    reason=texts,
)
counterparts = st.builds(
    Counterpart,
    project=names,
    repositories=many(repositories),
    owners=text_tuples,
    family=st.booleans(),
    same_summary=st.booleans(),
    description=shares,
    people=text_tuples,
    fork=st.booleans(),
)
numbers = st.integers(min_value=0, max_value=9)
releases = st.builds(Release, version=versions, uploaded=times, attested=st.sampled_from(get_args(Attested)))
start_up = st.builds(
    StartUp,
    kind=st.sampled_from(get_args(StartUpKind)),
    name=texts,
    code=texts,
    whole=st.booleans(),
)
evidence = st.builds(
    Evidence,
    start_up_before=facts(st.builds(StartUpBefore, version=versions, start_up=many(start_up))),
    lineage=facts(st.builds(Lineage, own=releases, alternative=st.booleans(), earlier=many(releases))),
    publishers=facts(
        st.builds(
            KnownPublishers,
            publishers=many(publishers),
            origin=st.sampled_from(["seen", "index"]),
            since=times,
        )
    ),
    claims=facts(
        st.builds(
            Claims,
            repositories=many(repositories),
            people=text_tuples,
            development_status=texts | st.just("7 - Inactive"),
        )
    ),
    counterpart=facts(counterparts),
    owners=facts(text_tuples),
    owners_before=facts(
        st.builds(KnownOwners, owners=many(st.builds(KnownOwner, name=texts, since=times)), seen=times)
    ),
    rhythm=facts(st.builds(Rhythm, previous=st.none() | times, resumed=times)),
    dependents=facts(st.builds(Dependents, of=versions, direct=numbers, total=numbers)),
    tags=facts(
        st.builds(
            ReleaseTags,
            repository=repositories,
            same_as=many(repositories),
            releases=numbers,
            tagged=numbers,
        )
    ),
    provenance=facts(provenances),
    file=files,
    index=indexes,
    at=times,
    advisories=facts(many(advisories)),
    upload_time=facts(times),
    status=facts(
        st.builds(
            ProjectStatus,
            marker=st.sampled_from(["active", "archived", "quarantined", "deprecated"]),
            reason=texts,
        )
    ),
    other_indexes=facts(
        many(
            st.builds(
                OtherIndex,
                index=indexes,
                relation=st.sampled_from(["unrelated", "tracks", "alternate", "same-files"]),
            )
        )
    ),
    direct=facts(
        st.builds(
            DirectReference,
            url=texts,
            origin=st.sampled_from(["argument", "requirements-file", "lock-file"]),
            pinned=st.booleans(),
        )
    ),
    sha256=facts(digests),
    announced_metadata=facts(metadata),
    metadata=facts(metadata),
    build_requires=facts(text_tuples),
    build=facts(st.builds(Build, backend=texts, in_tree=st.booleans(), setup_py=st.booleans())),
    rank=facts(st.integers(min_value=1, max_value=200_000)),
    contents=facts(
        st.builds(
            Contents,
            files=numbers,
            size=numbers,
            compiled=numbers,
            faults=many(st.builds(Fault, kind=st.sampled_from(get_args(FaultKind)), detail=texts)),
            start_up=many(start_up),
            scripts=text_tuples,
            top_level=text_tuples,
            standard_library=text_tuples,
            overlaps=many(st.builds(Overlap, path=texts, project=names, same=st.booleans())),
        )
    ),
    lookalike=facts(
        st.builds(
            NameHit,
            target=names,
            kind=st.sampled_from(get_args(Kind)),
            tier=st.sampled_from(get_args(Tier)),
            confidence=st.floats(min_value=0, max_value=1),
            reason=texts,
        )
    ),
    history=facts(st.builds(History, first_upload=times, releases=st.integers(min_value=0, max_value=2**40))),
)
