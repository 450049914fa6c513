"""From a plan of pip to the wiring of the guard index that will serve it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from itertools import chain, filterfalse

from trustguard.frontends import trust_root
from trustguard.frontends.advisories import advisory_store
from trustguard.frontends.alternatives import Gathering
from trustguard.frontends.guard_index.freshness import FreshAdvisories
from trustguard.frontends.guard_index.journal import Journal
from trustguard.frontends.guard_index.prefetch import Expectation, installed_projects
from trustguard.frontends.guard_index.wiring import Wiring
from trustguard.frontends.popular import ComparedNames
from trustguard.frontends.request import Request
from trustguard.installers.pip.installed import occupied
from trustguard.installers.pip.lift import Lifted
from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.references import names_file
from trustguard.model.report import Package
from trustguard.model.verdict import Decision
from trustguard.sources.http_settings import HttpSettings
from trustguard.store.artifacts import ArtifactStore
from trustguard.store.forge import RefsStore
from trustguard.store.owners import OwnerStore
from trustguard.store.publishers import PublisherStore
from trustguard.store.verified import VerifiedStore
from trustguard.vetting import Candidate


def wiring_for(request: Request, plan: Plan, lifted: Lifted, journal: Journal) -> Wiring:
    """What the guard index needs to know to serve this plan."""
    configuration, state = request.configuration, request.state
    tell = partial(journal.problem, failed=False)
    names, artifacts = (
        ComparedNames(state),
        ArtifactStore(state.artifacts, configuration.artifact_store_limit),
    )
    gathering = Gathering(names, artifacts)

    def ask(candidate: Candidate) -> bool | None:
        package = Package(candidate.evidence, candidate.verdict, Decision.ASK)
        return request.ask(package, gathering.of([package]))

    return Wiring(
        policy=configuration.policy,
        sources=lifted.sources,
        directs=dict(lifted.directs),
        expectation=_expectation(plan),
        advisories=FreshAdvisories(
            advisory_store(state),
            configuration.advisories_url,
            configuration.max_age,
            configuration.update_deadline,
            HttpSettings.of(lifted.sources),
        ),
        names=names,
        trust_root=cache(lambda: trust_root.in_use(configuration, state, tell)),
        verified=VerifiedStore(state.verified),
        publishers=PublisherStore(state.publishers, state.locks),
        owners=OwnerStore(state.owners, state.locks),
        thorough=request.check,
        dependents_url=configuration.dependents_url,
        dependents=state.dependents,
        forges=configuration.forges,
        refs=RefsStore(state.forges),
        artifacts=artifacts,
        ask=ask,
        progress=request.progress,
        occupied=cache(partial(occupied, plan.destinations)),
        together=plan.command == "install",
    )


def _expectation(plan: Plan) -> Expectation:
    values = plan.values
    installed = installed_projects(plan.target.purelib, plan.target.platlib)
    # What is there already is not asked for again, unless the user says that it should be.
    again = any(values.get(name) for name in ("upgrade", "ignore_installed", "force_reinstall", "target_dir"))
    formats = values.get("format_control") or {}
    naming = ("platforms", "python_version", "abis", "implementation")
    other_target = any(values.get(name) for name in naming)
    return Expectation(
        markers=plan.target.markers,
        follow=not values.get("ignore_dependencies"),
        tags=() if other_target else plan.target.tags,
        python=plan.target.python,
        roots=tuple(requirements(plan)),
        constraints=tuple(constraints(plan)),
        installed=frozenset() if again or plan.command != "install" else installed,
        no_binary=frozenset(formats.get("no_binary", ())),
        only_binary=frozenset(formats.get("only_binary", ())),
        prefers_wheels=_prefers_wheels(plan),
        locks=plan.command == "lock",
    )


def _prefers_wheels(plan: Plan) -> bool:
    """Whether pip takes a wheel rather than the sdist of a release, whichever there are.

    It need not where somebody does not want wheels, says which digests may come, or from which time on files
    are too young; and a lock may name all files of a release.
    """
    values = plan.values
    if plan.command == "lock" or values.get("require_hashes") or values.get("uploaded_prior_to"):
        return False
    if (values.get("format_control") or {}).get("no_binary"):
        return False
    of_files = {one.option for file in plan.files for line in file.lines for one in line.occurrences}
    return of_files.isdisjoint({"--hash", "--no-binary", "--require-hashes"})


def requirements(plan: Plan) -> Iterator[str]:
    """What was asked for: on the command line, in requirement files, groups and scripts; no files by path."""
    groups = (text for group in plan.groups for text in group.requirements or ())
    scripts = (text for script in plan.scripts for text in script.requirements)
    every = chain(plan.arguments, groups, scripts, _lines(plan, constraint=False))
    return filterfalse(names_file, every)


def constraints(plan: Plan) -> Iterator[str]:
    """What narrows what was asked for."""
    return _lines(plan, constraint=True)


def _lines(plan: Plan, *, constraint: bool) -> Iterator[str]:
    for file in plan.files:
        if file.constraint is constraint:
            yield from (line.requirement for line in file.lines if line.requirement)
