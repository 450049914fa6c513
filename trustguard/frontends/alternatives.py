"""Gathers what there is instead of projects: from the list in use, and from their own words."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.frontends.popular import ComparedNames
from trustguard.model.alternatives import (
    Alternative,
    Surroundings,
    alternatives,
    is_doubtful,
    may_be_impostor,
    of_missing,
)
from trustguard.model.errors import StoreError
from trustguard.model.evidence import Known
from trustguard.model.own_words import OwnWords
from trustguard.model.record import record
from trustguard.model.report import Missing, Package
from trustguard.sources.own_words import own_words
from trustguard.store.artifacts import ArtifactStore

_LARGEST = 10_000_000
"""Bytes of a file that is read, all of it, for what its metadata may say of a successor."""


@record
class Gathering:
    """Where is looked.

    Args:
        names: compares names, and knows the popular ones.
        artifacts: the files that were fetched.
        seen: projects that an index has, and that were met in this run.
    """

    names: ComparedNames
    artifacts: ArtifactStore
    seen: frozenset[NormalizedName] = frozenset()

    def of(self, packages: Iterable[Package], missing: Iterable[Missing] = ()) -> tuple[Alternative, ...]:
        """What there is instead of what is doubtful, given up or missing.

        Args:
            packages: the files that are told in full.
            missing: what no source has.
        """
        found: dict[Alternative, None] = {}
        try:
            for package in packages:
                found |= dict.fromkeys(alternatives(package, self._words(package), self._around))
            for one in missing:
                project = canonicalize_name(one.project)
                found |= dict.fromkeys(of_missing(project, one.suggestion, self._around))
        except StoreError:  # there is no list of names, which has been told: that is no reason to fail now
            return ()
        return tuple(found)

    @property
    def _around(self) -> Surroundings:
        return Surroundings(self.names.imported_as, self._is_known)

    def _is_known(self, project: NormalizedName) -> bool:
        return project in self.seen or self.names.is_popular(project)

    def _words(self, package: Package) -> OwnWords | None:
        """What a file says of itself, where that can count."""
        evidence = package.evidence
        if may_be_impostor(package.verdict) or not isinstance(evidence.sha256, Known):
            return None
        digest = evidence.sha256.value
        size = self.artifacts.size(digest)
        if size is None or (size > _LARGEST and not is_doubtful(package)):
            return None
        body = self.artifacts.open_verified(digest)
        if body is None:
            return None
        with body:
            return own_words(body, evidence.file.name)
