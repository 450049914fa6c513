"""Audits an environment: what is installed, by the facts and the policy of today. Nothing of it runs."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.frontends.advisories import advisory_store
from trustguard.frontends.popular import ComparedNames
from trustguard.frontends.rejudging import Advisories, Today, lasting_policy, revise, summaries
from trustguard.import_guard import guard, placing
from trustguard.import_guard.survey import is_project, project_of
from trustguard.installers.site_packages.files import LARGE, compare
from trustguard.installers.site_packages.reading import OwnProjects, There, distributions, left_behind
from trustguard.installers.site_packages.strays import attributed, folders_of, strays, unlisted
from trustguard.model.audit import Audit, Audited, Comparison, Data, Deviation, Stray, fixing, worst_first
from trustguard.model.errors import SourceError, SourceUnreachable, StoreError
from trustguard.model.project import Sha256
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry
from trustguard.sources.osv import AdvisoryRecord
from trustguard.store.advisories import AdvisoryInfo, AdvisoryStore
from trustguard.store.artifacts import ArtifactStore
from trustguard.store.evidence import EvidenceStore
from trustguard.store.ledger import Ledger

if TYPE_CHECKING:
    from trustguard.config import Configuration
    from trustguard.frontends.guard_index.freshness import FreshAdvisories
    from trustguard.frontends.state import State

_OWN = (guard.NAME, guard.PTH, guard.LEDGER)
"""What trustguard puts into a site-packages folder."""
_THREADS = 4


@record
class Wanted:
    """What is audited, and how.

    Args:
        target: the environment.
        configuration: all layers.
        state: our own folders.
        deep: whether large files are hashed that were not touched since they were installed.
        require_vetted: whether what was never vetted needs approval.
    """

    target: placing.Target
    configuration: Configuration
    state: State
    deep: bool = False
    require_vetted: bool = False


def audit(wanted: Wanted) -> Audit:
    """Look at everything that is installed, judge it, and bring the ledger's verdicts up to date.

    Raises:
        SourceUnreachable: the environment cannot be read.
        StoreError: there is no list of names to compare with.
    """
    return _Auditing(wanted).run()


@dataclass
class _Auditing:
    wanted: Wanted
    problems: list[str] = field(default_factory=list)
    incomplete: bool = False

    def run(self) -> Audit:
        target, configuration = self.wanted.target, self.wanted.configuration
        self.problems += configuration.warnings
        ledger = self._ledger()
        there = [one for folder in target.folders for one in distributions(folder, self._own(folder))]
        for folder in target.folders:
            ledger = self._reliable(folder, ledger)
        self.problems += [f"left behind by pip: {name}" for f in target.folders for name in left_behind(f)]
        compared, stray = self._files(there, ledger)
        advisories, info = self._advisories()
        store, now = EvidenceStore(self.wanted.state.evidence), datetime.now(timezone.utc)
        today = Today(configuration.policy, advisories, store, now)
        judged = list(self._judged(there, ledger, compared, today))
        return Audit(
            interpreter=str(target.python),
            folders=tuple(map(str, target.folders)),
            at=now,
            distributions=worst_first(judged),
            strays=tuple(stray),
            advisories=None if info is None else Data(info.records, info.fetched_at, info.origin),
            incomplete=self.incomplete,
            rewritten=tuple(self._revised(today)) if ledger else (),
            problems=tuple(self.problems),
            message=configuration.policy.message,
            require_vetted=self.wanted.require_vetted,
        )

    def _failed(self, error: SourceError | StoreError) -> None:
        self.problems.append(str(error))
        self.incomplete = True

    @property
    def _place(self) -> Path:
        return self.wanted.target.folders[0] / guard.LEDGER

    def _ledger(self) -> dict[NormalizedName, LedgerEntry]:
        try:
            return Ledger(self._place, self.wanted.state.locks).read()
        except StoreError as error:
            self._failed(error)
            return {}

    def _reliable(
        self, folder: Path, ledger: dict[NormalizedName, LedgerEntry]
    ) -> dict[NormalizedName, LedgerEntry]:
        """The ledger, as long as no distribution has brought it; say what is wrong with the import guard."""
        target = self.wanted.target
        try:
            found = placing.faults(target, folder)
            forged = placing.forged(target, folder)
        except OSError as error:
            self._failed(SourceUnreachable(f"{folder} cannot be read: {error.strerror or error}"))
            return ledger
        self.problems += [f"the import guard in {folder}: {fault}" for fault in found]
        self.incomplete = self.incomplete or bool(found)
        return {} if forged else ledger

    def _own(self, folder: Path) -> OwnProjects:
        """What the import guard would believe to be the user's own, of what is installed in a folder."""
        below = (str(folder), *placing.prefixes(self.wanted.target))
        return OwnProjects(partial(project_of, below=below), partial(is_project, below=below))

    def _advisories(self) -> tuple[Advisories, AdvisoryInfo | None]:
        """The advisories of today: fetched, where there are none or they are stale."""
        configuration = self.wanted.configuration
        store = advisory_store(self.wanted.state)
        if configuration.advisories_url is not None and _is_stale(store, configuration):
            import asyncio  # noqa: PLC0415 - it and the network take longer than all the rest

            from trustguard.frontends.guard_index.freshness import FreshAdvisories  # noqa: PLC0415

            fresh = FreshAdvisories(
                store, configuration.advisories_url, configuration.max_age, configuration.update_deadline
            )
            asyncio.run(_refreshed(fresh))
            self.problems += filter(None, [fresh.remark()])
            return fresh, self._info(store)
        return store, self._info(store)

    def _info(self, store: AdvisoryStore[AdvisoryRecord]) -> AdvisoryInfo | None:
        try:
            return store.info()
        except StoreError as error:
            self._failed(error)
            return None

    def _files(
        self, there: list[There], ledger: dict[NormalizedName, LedgerEntry]
    ) -> tuple[dict[Path, Comparison], list[Stray]]:
        """What came of comparing the files, by the place of each distribution, and what belongs to none."""
        artifacts = ArtifactStore(self.wanted.state.artifacts, None)
        listing = [one for one in there if one.has_record]
        work = partial(self._compared, artifacts, ledger)
        with ThreadPoolExecutor(_THREADS) as pool:
            done = dict(zip((one.place for one in listing), pool.map(work, listing), strict=True))
        self.problems += artifacts.problems
        compared = {place: comparison for place, (comparison, _) in done.items()}
        found: list[Stray] = []
        for folder in self.wanted.target.folders:
            listed = {str(p): paths for p, (_, paths) in done.items() if p.parent == folder}
            found += self._added(
                folder, listed, [one for one in there if one.place.parent == folder], compared
            )
        return compared, found

    def _compared(
        self, artifacts: ArtifactStore, ledger: dict[NormalizedName, LedgerEntry], one: There
    ) -> tuple[Comparison, frozenset[str]]:
        entry = ledger.get(one.name)
        wheel: partial[BinaryIO | None] = partial(_nothing)
        until = 0.0 if self.wanted.deep else math.inf
        if entry is not None and entry.file.endswith(".whl") and one.version == Version(entry.version):
            wheel = partial(_wheel, artifacts, Sha256(entry.sha256), deep=self.wanted.deep)
            until = min(until, entry.time.timestamp() + 1)
        return compare(one.place, self.wanted.target.prefix, wheel, until=until)

    def _added(
        self,
        folder: Path,
        listed: dict[str, frozenset[str]],
        there: list[There],
        compared: dict[Path, Comparison],
    ) -> list[Stray]:
        """Note what was added to the packages of each distribution, and return what is nobody's."""
        spared = [
            *_OWN,
            *(name for one in there if one.place.name in _silent(compared, one) for name in _tops(one)),
        ]
        try:
            paths = unlisted(folder, frozenset().union(*listed.values()), spared)
        except SourceError as error:
            self._failed(error)
            return []
        added, others = attributed(paths, folders_of(listed))
        for owner, of_owner in added.items():
            place = Path(owner)
            more = tuple(Deviation("added", path) for path in of_owner)
            compared[place] = replace(compared[place], deviations=(*compared[place].deviations, *more))
        return strays(folder, others)

    def _judged(
        self,
        there: list[There],
        ledger: dict[NormalizedName, LedgerEntry],
        compared: dict[Path, Comparison],
        today: Today,
    ) -> Iterator[Audited]:
        names = ComparedNames(self.wanted.state)
        old = Comparison(why_not="it is of a kind that has no RECORD")
        for one in there:
            comparison = compared.get(one.place, old)
            found = Audited(
                one.name, str(one.version or ""), str(one.place), "unvetted", comparison=comparison
            )
            if one.own:
                yield replace(found, origin="own", remark=one.own, editable=one.editable)
            elif one.version is None:
                yield replace(found, origin="unreadable", remark=one.unreadable)
            else:
                fixed = fixing(one.name, one.version, today.advisories.applying)
                found = replace(found, fixed=fixed)
                yield self._released(found, one.name, one.version, ledger.get(one.name), today, names)
        self.problems += names.problems

    def _released(  # noqa: PLR0913 - all that there is to know of it
        self,
        found: Audited,
        name: NormalizedName,
        version: Version,
        entry: LedgerEntry | None,
        today: Today,
        names: ComparedNames,
    ) -> Audited:
        """A distribution with the verdict on it."""
        if entry is None:
            return replace(found, verdict=today.of_name(name, version, names))
        other = _another(found, version, entry)
        if other:
            verdict = today.of_name(name, version, names)
            return replace(found, origin="replaced", remark=other, verdict=verdict)
        found = replace(found, origin="vetted")
        try:
            verdict, approved = today.of_entry(entry), today.was_approved(entry)
        except StoreError as error:
            self.problems.append(f"{name} {version}: {error}")
            return replace(found, verdict=today.of_name(name, version, names, entry))
        return replace(found, verdict=verdict, by_evidence=True, approved=approved)

    def _revised(self, today: Today) -> list[str]:
        policy = lasting_policy(os.environ)
        try:
            return summaries({self._place: revise(self._place, self.wanted.state, today.under(policy))})
        except StoreError as error:
            self.problems.append(f"the ledger goes on saying what it said: {error}")
            return []


def _another(found: Audited, version: Version, entry: LedgerEntry) -> str:
    """Why what is there is not what the ledger knows, one line; empty where it is."""
    if version != Version(entry.version):
        return f"the ledger knows {entry.version}"
    try:
        written = (Path(found.place) / "RECORD").stat().st_mtime
    except OSError:
        return ""
    if found.comparison.with_wheel or int(written) <= int(entry.time.timestamp()):
        return ""
    return "it was installed again since it was vetted"


def _silent(compared: dict[Path, Comparison], one: There) -> tuple[str, ...]:
    """The name of a distribution that lists no files, and so has nothing that could be somebody else's."""
    return (one.place.name,) if one.place not in compared or compared[one.place].why_not else ()


def _tops(one: There) -> list[str]:
    """The names at the top of site-packages that a distribution without RECORD may have."""
    listed = one.place / "top_level.txt"
    try:
        told = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
    except (OSError, ValueError):
        told = []
    stems = told or [one.name.replace("-", "_")]
    return [name for stem in stems for name in (stem, f"{stem}.py")] + [one.place.name]


def _nothing() -> BinaryIO | None:
    return None


def _wheel(artifacts: ArtifactStore, digest: Sha256, *, deep: bool) -> BinaryIO | None:
    """The wheel that was vetted; a large one only where everything is read."""
    size = artifacts.size(digest)
    return artifacts.open_verified(digest) if size is not None and (deep or size <= LARGE) else None


def _is_stale(store: AdvisoryStore[AdvisoryRecord], configuration: Configuration) -> bool:
    try:
        info = store.info()
    except StoreError:
        return True  # it has been set aside, so that there is none
    return info is None or datetime.now(timezone.utc) - info.fetched_at > configuration.max_age


async def _refreshed(fresh: FreshAdvisories) -> None:
    async with fresh.keep():
        await fresh.refreshed()
