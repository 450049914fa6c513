"""Puts the parts of a guard index together, in the event loop in which they will live."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from trustguard.frontends.guard_index.attestations import Attestations
from trustguard.frontends.guard_index.before import Before
from trustguard.frontends.guard_index.bodies import Bodies, Progress
from trustguard.frontends.guard_index.catalogue import Catalogue
from trustguard.frontends.guard_index.counterparts import Counterparts
from trustguard.frontends.guard_index.directs import Directs
from trustguard.frontends.guard_index.forges import Forges
from trustguard.frontends.guard_index.freshness import FreshAdvisories
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.predecessors import Predecessors
from trustguard.frontends.guard_index.prefetch import Expectation, Prefetch
from trustguard.frontends.guard_index.publishers import Publishers
from trustguard.frontends.guard_index.shelf import Ask, Shelf
from trustguard.frontends.guard_index.surroundings import Surroundings
from trustguard.frontends.popular import ComparedNames
from trustguard.model.contents import Occupied
from trustguard.model.policy import Policy
from trustguard.model.project import IndexId
from trustguard.model.request import Direct, Sources
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.sources.attestations import TrustRoot
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.forge import Forge
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.project_api import ProjectApi
from trustguard.sources.provenance_documents import ProvenanceDocuments
from trustguard.sources.simple_index import FileIndex, FindLinks, SimpleIndex
from trustguard.store.artifacts import ArtifactStore
from trustguard.store.forge import RefsStore
from trustguard.store.publishers import PublisherStore
from trustguard.store.verified import VerifiedStore
from trustguard.vetting import Vetter


@dataclass(frozen=True, slots=True)
class Parts:
    """A guard index, put together."""

    catalogue: Catalogue
    shelf: Shelf
    directs: Directs
    prefetch: Prefetch
    publishers: Publishers


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that a guard index needs to know before it starts.

    Args:
        policy: the rules.
        sources: every place that the installer was told to look at.
        directs: the direct references of the command line, by key.
        expectation: what is known of the installation, for looking ahead.
        advisories: where advisories come from.
        names: compares names with those of popular projects.
        trust_root: says who is believed to vouch for builds.
        verified: keeps what came of verifying attestations.
        publishers: keeps who has published what was installed before.
        forges: the hosts of the forges that may be asked.
        refs: keeps what forges have said.
        artifacts: keeps the bodies.
        ask: asks a person.
        progress: is told how far transfers have come.
        occupied: says whose the files of the target are.
    """

    policy: Policy
    sources: Sources
    directs: dict[str, Direct]
    expectation: Expectation
    advisories: FreshAdvisories
    names: ComparedNames
    trust_root: Callable[[], TrustRoot]
    verified: VerifiedStore
    publishers: PublisherStore
    forges: tuple[str, ...]
    refs: RefsStore
    artifacts: ArtifactStore
    ask: Ask
    progress: Progress
    occupied: Callable[[], Occupied]

    @asynccontextmanager
    async def assemble(self, journal: Journal) -> AsyncIterator[Parts]:
        """The parts, with open connections that are closed at the end."""
        credentials = CredentialStore(keyring=self.sources.keyring_provider)
        indexes = [credentials.add(url) for url in self.sources.indexes]
        find_links = [credentials.add(url) for url in self.sources.find_links]
        vetter = Vetter(self.policy, self.advisories, self.names, _now)
        async with (
            HttpClient(HttpSettings.of(self.sources), credentials) as client,
            HttpClient(HttpSettings.of(self.sources), _nobody()) as anonymous,
            self.advisories.keep(),
        ):
            catalogue = Catalogue(
                [self._index(client, url) for url in indexes],
                [FindLinks(client, IndexId(url, "private"), url) for url in find_links],
                vetter,
                journal,
                self.advisories.ready,
            )
            announced = AnnouncedMetadata(client)
            apis = {url: ProjectApi(client, url, IndexId(url)) for url in indexes if _has_api(url)}
            attestations = Attestations(ProvenanceDocuments(client), self.trust_root, self.verified)
            tell = partial(journal.problem, failed=False)
            surroundings = Surroundings(
                attestations,
                Counterparts(self.names, apis, catalogue, announced),
                Predecessors(attestations, catalogue, self.publishers, tell),
                self._forges(anonymous, catalogue),
            )
            bodies = Bodies(client, self.artifacts, self.progress)
            before = Before(catalogue, bodies)
            shelf = Shelf(bodies, announced, surroundings, before, vetter, journal, self.ask, self.occupied)
            directs = Directs(self.directs, catalogue, bodies, vetter, self.advisories.ready)
            prefetch = Prefetch(catalogue, shelf, self.expectation, journal)
            asyncio.get_running_loop().run_in_executor(None, self.names.prepare)
            if self.artifacts.is_due():
                asyncio.get_running_loop().run_in_executor(None, self.artifacts.prune)
            yield Parts(catalogue, shelf, directs, prefetch, Publishers(surroundings, vetter, journal))

    def _forges(self, client: HttpClient, catalogue: Catalogue) -> Forges | None:
        if not self.forges:
            return None
        return Forges(Forge(client, hosts=self.forges), self.refs, catalogue, _now)

    def _index(self, client: HttpClient, url: str) -> SimpleIndex | FileIndex:
        known = self.policy.index(url)
        index = IndexId(url, known.trust)
        if url.lower().startswith("file:"):
            return FileIndex(index, url)
        return SimpleIndex(client, index, url, integrity=known.integrity)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _nobody() -> CredentialStore:
    """What a stranger's address is asked with: a forge that says 401 is to learn no user's password."""
    return CredentialStore(keyring="disabled", netrc_file=Path(os.devnull))


def _has_api(url: str) -> bool:
    """Whether an index may have a JSON API beside its listings: then its address says where."""
    return not url.lower().startswith("file:") and url.rstrip("/").endswith("/simple")
