"""The bytes are not what was announced.

The digest of what was received must be the announced one; the project and version inside the file (a wheel,
or an sdist with metadata 2.2 or later, PEP 643) must be those of its name; and the metadata that the index
served beside a wheel (PEP 658), which decides what else is installed, must say the same as the wheel's own.

**What to do:** try again once, in case a transfer was cut short. If it stays, tell the index's operators:
either they or somebody on the way changes files.
"""

from __future__ import annotations

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.checks import NoSettings
from trustguard.model.evidence import CoreMetadata, Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """A finding for each disagreement between what was announced and what was received."""
    problems = [*_digest(evidence)]
    inside = read(evidence.metadata)
    if inside is not None:
        problems += _identity(evidence, inside)
        announced = read(evidence.announced_metadata)
        if announced is not None:
            problems += _dependencies(announced, inside)
    return [
        Finding(
            check="artifact-integrity",
            severity=Severity.CRITICAL,
            confidence=Confidence.HIGH,
            message=f"{evidence.file.filename}: {problem}",
            remedy="try again once; if it stays, tell the index's operators",
        )
        for problem in problems
    ]


def _digest(evidence: Evidence) -> list[str]:
    announced, received = evidence.file.sha256, read(evidence.sha256)
    if received is None or announced is None or received == announced:
        return []
    return [f"the index announced sha256 {announced}, and what came has {received}"]


def _identity(evidence: Evidence, inside: CoreMetadata) -> list[str]:
    problems = []
    if canonicalize_name(inside.name) != evidence.project:
        problems.append(f"its metadata says that it is {inside.name!r}")
    if not _same_version(inside.version, evidence.version):
        problems.append(f"its metadata says that it is version {inside.version!r}")
    return problems


def _same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def _dependencies(announced: CoreMetadata, inside: CoreMetadata) -> list[str]:
    differing = [
        label
        for label, one, other in (
            ("name", canonicalize_name(announced.name), canonicalize_name(inside.name)),
            ("version", announced.version, inside.version),
            ("dependencies", _requirements(announced), _requirements(inside)),
            ("supported Pythons", announced.requires_python, inside.requires_python),
            ("extras", frozenset(announced.provides_extra), frozenset(inside.provides_extra)),
        )
        if one != other
    ]
    return [f"the {label} that the index served beside it are not the file's own" for label in differing]


def _requirements(metadata: CoreMetadata) -> frozenset[str]:
    return frozenset(_requirement(text) for text in metadata.requires_dist)


def _requirement(text: str) -> str:
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        return text
