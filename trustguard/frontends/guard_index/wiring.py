"""Puts the parts of a guard index together, in the event loop in which they will live."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timezone
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from trustguard.frontends.guard_index.abouts import Abouts
from trustguard.frontends.guard_index.attestations import Attestations
from trustguard.frontends.guard_index.before import Before
from trustguard.frontends.guard_index.bodies import Bodies, Progress
from trustguard.frontends.guard_index.catalogue import Catalogue, Listings
from trustguard.frontends.guard_index.counterparts import Counterparts
from trustguard.frontends.guard_index.dependents import Counts
from trustguard.frontends.guard_index.directs import Directs
from trustguard.frontends.guard_index.forges import Forges
from trustguard.frontends.guard_index.freshness import FreshAdvisories
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.neighbours import Neighbours
from trustguard.frontends.guard_index.owners import Owners
from trustguard.frontends.guard_index.predecessors import Predecessors
from trustguard.frontends.guard_index.prefetch import Expectation, Prefetch
from trustguard.frontends.guard_index.publishers import Publishers
from trustguard.frontends.guard_index.shelf import Ask, Shelf
from trustguard.frontends.guard_index.surroundings import Surroundings
from trustguard.frontends.guard_proxy.indexes import AskedIndexes
from trustguard.frontends.popular import ComparedNames
from trustguard.model.contents import Occupied
from trustguard.model.errors import SourceRefused
from trustguard.model.policy import Action, Policy
from trustguard.model.project import IndexId
from trustguard.model.record import record
from trustguard.model.request import Direct, Sources
from trustguard.sources.announced import AnnouncedMetadata
from trustguard.sources.attestations import TrustRoot
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.deps_dev import DepsDev
from trustguard.sources.forge import Forge
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.project_api import ProjectApi
from trustguard.sources.provenance_documents import ProvenanceDocuments
from trustguard.sources.simple_index import FileIndex, FindLinks, SimpleIndex
from trustguard.store.artifacts import ArtifactStore
from trustguard.store.dependents import DependentsStore
from trustguard.store.forge import RefsStore
from trustguard.store.owners import OwnerStore
from trustguard.store.publishers import PublisherStore
from trustguard.store.verified import VerifiedStore
from trustguard.vetting import Vetter

if TYPE_CHECKING:
    from trustguard.frontends.guard_proxy.app import Proxied
    from trustguard.frontends.guard_proxy.authority import Authority


_LOOKED_UP = 20
"""Of so many projects that an installation names, it asks who owns them: each answer lists all files."""


@record
class Proxying:
    """What is needed to answer programs that ask their own indexes.

    Args:
        indexes: the addresses of those that are known before anybody asks, in order.
        passes: whether a host is left alone.
        authority: vouches for the guard.
    """

    indexes: tuple[str, ...]
    passes: Callable[[str], bool]
    authority: Authority


@record
class Parts:
    """A guard index, put together."""

    proxied: Proxied | None

    catalogue: Catalogue
    shelf: Shelf
    directs: Directs
    prefetch: Prefetch
    publishers: Publishers


@record
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
        owners: keeps who owned what was installed before.
        thorough: whether more is asked than an installation waits for.
        dependents_url: the address of the service that counts dependents; None where none is asked.
        dependents: where what it said is kept.
        forges: the hosts of the forges that may be asked.
        refs: keeps what forges have said.
        artifacts: keeps the bodies.
        ask: asks a person.
        progress: is told how far transfers have come.
        occupied: says whose the files of the target are.
        together: whether all that is handed out ends up in the target.
        proxying: where programs are answered that ask their own indexes; None where there are none.
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
    owners: OwnerStore
    thorough: bool
    dependents_url: str | None
    dependents: Path
    forges: tuple[str, ...]
    refs: RefsStore
    artifacts: ArtifactStore
    ask: Ask
    progress: Progress
    occupied: Callable[[], Occupied]
    together: bool
    proxying: Proxying | None = None

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
            make = partial(self._alone, client, vetter, journal)
            asked = None if self.proxying is None else AskedIndexes(make, self.proxying.indexes)
            listings = asked or catalogue
            announced = AnnouncedMetadata(client)
            apis = {url: ProjectApi(client, url, IndexId(url)) for url in indexes if _has_api(url)}
            abouts = Abouts(apis)
            owners = self._owners(abouts, partial(journal.problem, failed=False))
            if len(indexes) == 1:
                only = IndexId(indexes[0], self.policy.index(indexes[0]).trust)
                owners.begin(only, self.expectation.installed)
            counterparts = Counterparts(self.names, abouts, listings, announced)
            surroundings = self._surroundings(client, anonymous, listings, counterparts, owners, journal)
            bodies = Bodies(client, self.artifacts, self.progress)
            before = Before(listings, bodies)
            neighbours = Neighbours(together=self.together, folds=lambda: self.occupied().folds)
            shelf = Shelf(
                bodies, announced, surroundings, before, vetter, journal, self.ask, self.occupied, neighbours
            )
            directs = Directs(self.directs, catalogue, bodies, vetter, self.advisories.ready)
            prefetch = Prefetch(catalogue, shelf, self.expectation, journal)
            asyncio.get_running_loop().run_in_executor(
                None, self.names.prepare, tuple(self.expectation.named())
            )
            if self.artifacts.is_due():
                asyncio.get_running_loop().run_in_executor(None, self.artifacts.prune)
            proxied = None
            if self.proxying is not None and asked is not None:
                from trustguard.frontends.guard_proxy.app import Proxied  # noqa: PLC0415 - not for pip

                passes = self.proxying.passes
                pinned = self.policy.pinned_index
                proxied = Proxied(asked, shelf, directs, prefetch, journal, client, passes, pinned)
                _prepare(client, self.proxying.indexes)
            publishers = Publishers(surroundings, vetter, journal)
            yield Parts(proxied, catalogue, shelf, directs, prefetch, publishers)

    def _surroundings(  # noqa: PLR0913 - the parts that it joins
        self,
        client: HttpClient,
        anonymous: HttpClient,
        listings: Listings,
        counterparts: Counterparts,
        owners: Owners,
        journal: Journal,
    ) -> Surroundings:
        attestations = Attestations(ProvenanceDocuments(client), self.trust_root, self.verified)
        tell = partial(journal.problem, failed=False)
        return Surroundings(
            attestations,
            counterparts,
            Predecessors(attestations, listings, self.publishers, tell),
            owners,
            self._forges(anonymous, listings),
            self._counts(anonymous),
        )

    def _alone(self, client: HttpClient, vetter: Vetter, journal: Journal, url: str) -> Catalogue:
        """The listings of one index, by its address."""
        index = self._index(client, client.credentials.add(url))
        return Catalogue([index], [], vetter, journal, self.advisories.ready, alone=True)

    def _forges(self, client: HttpClient, catalogue: Listings) -> Forges | None:
        if not self.forges:
            return None
        forge = Forge(client, hosts=self.forges)
        return Forges(forge, self.refs, catalogue, _now, thorough=self.thorough)

    def _owners(self, abouts: Abouts, tell: Callable[[str], object]) -> Owners:
        named = None if self.thorough else tuple(islice(self.expectation.named(), _LOOKED_UP))
        patient = self.thorough or self.policy.when_unavailable("project-api") >= Action.ASK
        return Owners(abouts, self.owners, tell, named, patient=patient)

    def _counts(self, client: HttpClient) -> Counts | None:
        if self.dependents_url is None or not self.thorough:
            return None
        kept = DependentsStore(self.dependents, self.dependents_url)
        return Counts(DepsDev(client, self.dependents_url), kept, _now)

    def _index(self, client: HttpClient, url: str) -> SimpleIndex | FileIndex:
        known = self.policy.index(url)
        index = IndexId(url, known.trust)
        if url.lower().startswith("file:"):
            return FileIndex(index, url)
        integrity, forbids_missing = known.integrity, known.forbids_missing
        return SimpleIndex(client, index, url, integrity=integrity, forbids_missing=forbids_missing)


def _prepare(client: HttpClient, indexes: tuple[str, ...]) -> None:
    """While the program starts, load what its first request needs."""
    for url in indexes[:1]:
        with suppress(SourceRefused):  # whoever asks for it is told
            client.prepare(url)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _nobody() -> CredentialStore:
    """What a stranger's address is asked with: a forge that says 401 is to learn no user's password."""
    return CredentialStore(keyring="disabled", netrc_file=Path(os.devnull))


def _has_api(url: str) -> bool:
    """Whether an index may have a JSON API beside its listings: then its address says where."""
    return not url.lower().startswith("file:") and url.rstrip("/").endswith("/simple")
