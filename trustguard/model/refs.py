"""What a repository's references tell of a project's releases: which are tagged, and where it lies by now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from packaging.version import InvalidVersion, Version

from trustguard.model.claims import ReleaseTags
from trustguard.model.record import record
from trustguard.model.repository import Repository

_LONGEST = 100
"""Characters of a tag that may hold a version."""
_START = re.compile(r"(?:^|[-_/@=. ])(?=[vV]?[0-9])")
"""Where a version may begin in a tag: ``v1.2``, ``name-1.2``, ``release/1.2``, ``name@1.2``."""
_UNDERSCORES = re.compile(r"[vV]?[0-9]+(?:_[0-9]+)+")


@record
class Refs:
    """What a forge says of a repository.

    Args:
        tags: the names of its tags.
        at: the repository that gave the answer: another one than was asked for where the forge led there,
            since that one was renamed or handed over. None where that is not known.
    """

    tags: frozenset[str]
    at: Repository | None = None


def tagged(versions: Iterable[Version], tags: Iterable[str]) -> int:
    """How many of these versions have a tag.

    Versions are compared by PEP 440, so that ``v1.2`` is the tag of 1.2.0; without their epoch and their
    local part, which tags seldom have.
    """
    found = {_bare(version) for tag in tags if (version := _version_in(tag)) is not None}
    return sum(1 for version in set(versions) if _bare(version) in found)


def release_tags(
    claimed: Refs, repository: Repository, others: Mapping[Repository, Refs], versions: Iterable[Version]
) -> ReleaseTags:
    """How a claimed repository goes with a project's releases.

    Two addresses are the same repository where their forges lead both to one. That their newest commits or
    their tags are equal proves nothing: so they are in every fresh fork, which anybody can make of anything.

    Args:
        claimed: what its forge says of the claimed repository.
        repository: the claimed repository.
        others: the repositories that it may be the same as, and what their forges say of them.
        versions: the released versions.
    """
    distinct = frozenset(versions)
    place = claimed.at or repository
    return ReleaseTags(
        repository=repository,
        same_as=tuple(other for other, refs in others.items() if (refs.at or other) == place),
        releases=len(distinct),
        tagged=tagged(distinct, claimed.tags),
    )


def _bare(version: Version) -> Version:
    return Version(version.public.rpartition("!")[2])


def _version_in(tag: str) -> Version | None:
    """The version in a tag's name: the longest part up to its end that is one."""
    if len(tag) > _LONGEST:
        return None
    for start in _START.finditer(tag):
        text = tag[start.end() :]
        try:
            return Version(text.replace("_", ".") if _UNDERSCORES.fullmatch(text) else text)
        except InvalidVersion:
            continue
    return None
