"""Looks into one file for somebody who wants to know what it is: from this disk, or out of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from packaging.utils import canonicalize_name
from packaging.version import Version

from trustguard.frontends.advisories import advisory_store
from trustguard.frontends.guard_index.inside import look_inside
from trustguard.frontends.popular import ComparedNames
from trustguard.frontends.state import State
from trustguard.judging import vet
from trustguard.model.contents import Occupied
from trustguard.model.errors import SourceRefused, UsageError
from trustguard.model.evidence import Absent, DirectReference, Evidence, Known, NotApplicable, Unavailable
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.inspection import Inspection
from trustguard.model.policy import Policy
from trustguard.model.project import SDIST_ENDINGS, DistributionFile, FileKind, FileName, Sha256
from trustguard.model.report import Package
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.inspection_report import Inspected
from trustguard.sources import core_metadata
from trustguard.sources.archive import open_archive
from trustguard.sources.contents.inspection import inspect
from trustguard.sources.sdist import is_at_the_top
from trustguard.store.artifacts import ArtifactStore
from trustguard.vetting import Around, Bytes, Candidate, Vetter

UNKNOWN_VERSION = Version("0+unknown")
"""The version of an archive that does not say which it is."""
_BUILT = NotApplicable("it is built already")
_OF_WHEELS = ("build", "build_requires")
"""The facts that do not arise for a wheel, whoever is asked."""
_NOBODY: Any = Unavailable("index", "nobody was asked")
_UNREAD: Any = Unavailable("artifact", "it could not be read")
_STEP = 1 << 20


def of_file(path: Path, policy: Policy, state: State) -> Inspected:
    """Judge a file as one that is asked for by its address, asking nobody, and look into it.

    Args:
        path: the file.
        policy: the rules.
        state: our own folders, for the advisories.

    Raises:
        UsageError: it cannot be read, or its name is that of no distribution file.
    """
    try:
        with path.open("rb") as body:
            return _of_body(path, body, policy, state)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def of_packages(packages: Iterable[Package], state: State) -> list[Inspected]:
    """Look into files that were judged, as far as their bytes were fetched for that.

    Args:
        packages: the files.
        state: our own folders, for the store.
    """
    store = ArtifactStore(state.artifacts, None)
    return [_of_package(package, store) for package in packages]


def _of_body(path: Path, body: BinaryIO, policy: Policy, state: State) -> Inspected:
    digest = _digest(body)
    file = DistributionFile(_name(path, body), path.resolve().as_uri())
    advisories = advisory_store(state)
    vetter = Vetter(policy, advisories, ComparedNames(state), _now)
    judged = _judged(vetter, file, digest, body)
    checked, not_asked = _answered(judged, vetter.policy)
    verdict = replace(judged.verdict, checked=checked)
    package = Package(judged.evidence, verdict, verdict.decision)
    return replace(_inspected(package, body), not_asked=not_asked)


def _digest(body: BinaryIO) -> Sha256:
    found = hashlib.sha256()
    while piece := body.read(_STEP):
        found.update(piece)
    return Sha256(found.hexdigest())


def _name(path: Path, body: BinaryIO) -> FileName:
    """What its name says it is; of an archive by another name, such as a forge's, what stands in it."""
    try:
        return FileName.parse(path.name)
    except ValueError as error:
        if not path.name.endswith(SDIST_ENDINGS):
            hint = "give it the name that it has on an index"
            raise UsageError(f"{path}: {error}", hint=hint) from error
    provisional = FileName(path.name, canonicalize_name(_stem(path)), UNKNOWN_VERSION, FileKind.SDIST)
    try:
        content = core_metadata.top_of_sdist(body, path.name).pkg_info
        told = None if content is None else core_metadata.parse(content)
    except SourceRefused:  # that is the verdict's to tell
        return provisional
    if told is None:
        return provisional
    return FileName(path.name, canonicalize_name(told.name), Version(told.version), FileKind.SDIST)


def _stem(path: Path) -> str:
    return path.name[: path.name.index(next(one for one in SDIST_ENDINGS if path.name.endswith(one)))]


def _judged(vetter: Vetter, file: DistributionFile, digest: Sha256, body: BinaryIO) -> Candidate:
    reference = DirectReference(file.url, "argument", pinned=False)
    candidate = vetter.vet_direct(file, reference)
    received = Bytes(
        sha256=digest,
        announced_metadata=Absent(),
        metadata=Absent(),
        build_requires=_BUILT,
        build=_BUILT,
        claims=Absent(),
        contents=Absent(),
    )
    found = look_inside(body, file.name, received, Occupied)
    return vetter.vet_file(candidate, found.received, Around(candidate.evidence.provenance))


def _answered(judged: Candidate, policy: Policy) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which checks have reached a result, and which have found nothing because nobody was asked.

    Those need what only others know, or what could not be read; they are made once more, where all of that is
    unavailable instead of not applicable, to learn which they are.
    """
    evidence, verdict = judged.evidence, judged.verdict
    unknown = {
        part.name: _NOBODY
        for part in fields(Evidence)
        if part.name not in _OF_WHEELS and isinstance(getattr(evidence, part.name), NotApplicable)
    }
    if _is_unread(evidence):
        unknown["contents"] = _UNREAD
    needed = vet(replace(evidence, **unknown), policy).unanswered
    found = {one.finding.check for one in verdict.findings}
    made = sorted((*verdict.checked, *verdict.not_applicable))
    silent = [check for check in made if check not in found]
    not_asked = {one.check for one in needed if one.fact == _NOBODY}
    in_vain = not_asked | {one.check for one in needed if one.fact == _UNREAD}
    checked = tuple(check for check in verdict.checked if check not in silent or check not in in_vain)
    return checked, tuple(check for check in silent if check in not_asked)  # what never applies is left out


def _is_unread(evidence: Evidence) -> bool:
    contents = evidence.contents
    return isinstance(contents, Known) and any(fault.kind == "unsound" for fault in contents.value.faults)


def _of_package(package: Package, store: ArtifactStore) -> Inspected:
    digest = package.evidence.sha256
    if not isinstance(digest, Known):
        return Inspected(package, None, "its bytes were not fetched")
    body = store.open_verified(digest.value)
    if body is None:
        return Inspected(package, None, "its bytes are not in the store any more")
    with body:
        return _inspected(package, body)


def _inspected(package: Package, body: BinaryIO) -> Inspected:
    try:
        inspection = _inspection(package, body)
    except SourceRefused as error:
        return Inspected(package, None, error.message)
    return Inspected(package, inspection, inspection.unread)


def _inspection(package: Package, body: BinaryIO) -> Inspection:
    evidence, packed = package.evidence, body.seek(0, 2)
    findings = [judged.finding for judged in package.verdict.findings]
    start_up = evidence.contents.value.start_up if isinstance(evidence.contents, Known) else ()
    with open_archive(body, evidence.file.filename, keep=is_at_the_top) as archive:
        return inspect(archive, evidence.file.name, packed, findings, start_up)


def exit_code(verdict: Verdict) -> int:
    """That of an installation of the file."""
    if verdict.refused:
        return UNVETTED if verdict.unvetted else BLOCKED
    return NEEDS_APPROVAL if verdict.decision is Decision.ASK else 0


def _now() -> datetime:
    return datetime.now(timezone.utc)
