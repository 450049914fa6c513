"""Who owns a project, and who did when it was last installed here.

A check waits for what the index says. An installation does not, unless the policy wants to know: it asks for
the projects that were named, and takes the answer if it is there before the installer wants the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from packaging.utils import NormalizedName

from trustguard.frontends.guard_index.abouts import Abouts, owners_in
from trustguard.model.errors import StoreError
from trustguard.model.evidence import (
    NO_OWNERS,
    NO_OWNERS_BEFORE,
    Absent,
    Evidence,
    Fact,
    Known,
    NotApplicable,
    Unavailable,
)
from trustguard.model.ownership import KnownOwners
from trustguard.model.project import IndexId
from trustguard.model.record import record
from trustguard.store.owners import OwnerStore

Names = tuple[str, ...]


@record
class Ownership:
    """Who owns a project, and who did before."""

    owners: Fact[Names]
    before: Fact[KnownOwners]


class Owners:
    """Learns who owns projects.

    Args:
        abouts: asks the indexes.
        history: who owned what was installed here.
        tell: is told, in one line, what is wrong with that.
        named: the projects that are asked about; None: all.
        patient: whether whoever wants to know waits, also while the installer does.
    """

    def __init__(
        self,
        abouts: Abouts,
        history: OwnerStore,
        tell: Callable[[str], object],
        named: Collection[NormalizedName] | None,
        *,
        patient: bool,
    ) -> None:
        self._abouts = abouts
        self._history = history
        self._tell = tell
        self._named = named
        self._patient = patient
        self._asked: dict[tuple[str, NormalizedName], asyncio.Task[Fact[Names]]] = {}
        self._wanted: dict[NormalizedName, asyncio.Event] = {}

    def begin(self, index: IndexId, but: Collection[NormalizedName]) -> None:
        """Ask before the listings are there, where no other index could have them.

        Args:
            index: the only one.
            but: what is likely not to be wanted in the end.
        """
        if index.trust == "public":
            for project in self._named or ():
                if project not in but:
                    self._asking(index, project)

    def expect(self, evidence: Evidence) -> None:
        """Begin to ask, where anybody is asked."""
        if self._asks(evidence):
            self._asking(evidence.index, evidence.project)

    def hurry(self, project: NormalizedName) -> None:
        """The installer wants a file of a project: nobody waits any longer who need not."""
        self._wanted.setdefault(project, asyncio.Event()).set()

    async def of(self, evidence: Evidence, known: Fact[Names] = NO_OWNERS) -> Ownership:
        """Who owns a project, and who did before.

        Args:
            evidence: what the listing tells of a file.
            known: who owns it, where somebody else had to ask.
        """
        owners = known
        if isinstance(known, NotApplicable) and self._asks(evidence):
            owners = await self._answer(evidence)
        if isinstance(owners, NotApplicable):
            return Ownership(owners, NO_OWNERS_BEFORE)
        return Ownership(owners, await self._before(evidence))

    def _asks(self, evidence: Evidence) -> bool:
        public = evidence.index.trust == "public"
        return public and (self._named is None or evidence.project in self._named)

    def _asking(self, index: IndexId, project: NormalizedName) -> asyncio.Task[Fact[Names]]:
        key = (index.url, project)
        if key not in self._asked:
            self._asked[key] = asyncio.create_task(self._said(index, project))
        return self._asked[key]

    async def _said(self, index: IndexId, project: NormalizedName) -> Fact[Names]:
        return owners_in(await self._abouts.of(index, project))

    async def _answer(self, evidence: Evidence) -> Fact[Names]:
        asking = self._asking(evidence.index, evidence.project)
        if self._patient:
            return await asyncio.shield(asking)
        wanted = asyncio.create_task(self._wanted.setdefault(evidence.project, asyncio.Event()).wait())
        try:
            await asyncio.wait({asking, wanted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wanted.cancel()
        if asking.done():
            return asking.result()
        return Unavailable(
            "project-api", f"{evidence.index} had not said in time who owns {evidence.project}"
        )

    async def _before(self, evidence: Evidence) -> Fact[KnownOwners]:
        try:
            known = await asyncio.to_thread(self._history.load, evidence.index, evidence.project)
        except StoreError as error:
            self._tell(str(error))
            return Unavailable("project-api", str(error))
        return Absent() if known is None else Known(known)
