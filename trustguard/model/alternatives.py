"""What there is instead of a project that is refused, given up, low-scored or missing.

Three sources, the surest first: the better known name that its name is taken for, the popular project that is
imported by the same name, and the successor that its own metadata names. The last one is only a claim: it is
believed of nobody who may be an impostor, and only where it names what is known otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Literal

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.evidence import Evidence, Known
from trustguard.model.finding import Severity
from trustguard.model.own_words import OwnWords
from trustguard.model.policy import Action
from trustguard.model.record import record
from trustguard.model.report import Package
from trustguard.model.score_weights import START
from trustguard.model.verdict import Verdict

AlternativeKind = Literal["name", "import-name", "successor"]
_MOST = 3
_MODULES = 20


@record
class Alternative:
    """A project that may have been meant, or that has taken another one's place.

    Args:
        project: what there was.
        instead: what there is instead.
        kind: how the two are related: by ``name``, by ``import-name``, or ``successor``, as the project
            itself says, which nobody has checked.
        reason: the same for people, one line.
    """

    project: NormalizedName
    instead: NormalizedName
    kind: AlternativeKind
    reason: str


@record
class Beside:
    """What is told beside a report: what was asked for, and what there is instead.

    Args:
        roots: the projects that were asked for; the others are what these depend on.
        alternatives: for the projects of the report.
        held_back: the newest file of each project that was asked for and withheld, so that there is none of
            it among those that were served or refused.
        offered: projects of which something is refused, each with the newest other version that is not, as
            far as its listing tells.
    """

    roots: frozenset[NormalizedName] = frozenset()
    alternatives: tuple[Alternative, ...] = ()
    held_back: tuple[Package, ...] = ()
    offered: tuple[tuple[NormalizedName, str], ...] = ()

    def version_of(self, project: str) -> str:
        """Another version of a project; empty where none is known."""
        return next((version for name, version in self.offered if name == project), "")

    def instead_of(self, project: str) -> tuple[Alternative, ...]:
        """What there is instead of a project."""
        return tuple(one for one in self.alternatives if one.project == project)

    def asked_for(self, evidence: Evidence) -> bool:
        """Whether a file was asked for, by its project or by its address."""
        return evidence.project in self.roots or isinstance(evidence.direct, Known)


_IMPOSTORS = frozenset(
    {"known-malicious", "typosquatting", "starjacking", "clone", "dependency-confusion"}
    | {"artifact-integrity", "provenance", "provenance-continuity"}
)
"""Whoever has such a finding, of medium severity or more, may say what he likes of his successor."""
_MUST_BE_KNOWN = frozenset({"known-malicious", "typosquatting"})
"""Where one of these could not be looked for, nobody can tell whether he is one."""


def may_be_impostor(verdict: Verdict) -> bool:
    """Whether what a project says of itself counts nothing."""
    found = any(
        one.finding.check in _IMPOSTORS and one.finding.severity >= Severity.MEDIUM
        for one in verdict.findings
    )
    unknown = any(one.check in _MUST_BE_KNOWN for one in verdict.unanswered)
    return found or unknown or any(one.finding.severity is Severity.CRITICAL for one in verdict.findings)


def is_doubtful(package: Package) -> bool:
    """Whether somebody may want something else: it is refused, given up or yanked, or scores low.

    What could only not be vetted is not the project's fault.
    """
    verdict, value = package.verdict, package.score.value
    refused = any(one.action >= Action.ASK for one in verdict.reasons)
    status = any(one.finding.check == "project-status" for one in verdict.reasons)
    return refused or status or (value is not None and value < START)


@record
class Surroundings:
    """What is known of names, apart from the project at hand.

    Args:
        imported_as: the popular project that is imported by a name, where there is one.
        is_known: whether there is a project of a name that is popular, or was seen in this run.
    """

    imported_as: Callable[[str], NormalizedName | None]
    is_known: Callable[[NormalizedName], bool]


def alternatives(package: Package, words: OwnWords | None, around: Surroundings) -> tuple[Alternative, ...]:
    """What there is instead of a file's project; nothing where nothing is wrong with it.

    Args:
        package: the file, and what was found.
        words: what it says of itself; None where that is not known.
        around: what is known of names.
    """
    believed = words is not None and not may_be_impostor(package.verdict)
    given_up = words is not None and believed and words.given_up(package.evidence.project)
    found: list[Alternative] = []
    if is_doubtful(package) or given_up:
        found += [*_by_import_name(package.evidence, around), *_by_name(package)]
    if words is not None and believed:
        found += _by_own_words(package.evidence.project, words, around)
    return _first_ones(found)


def of_missing(project: NormalizedName, meant: str | None, around: Surroundings) -> tuple[Alternative, ...]:
    """What there is instead of a project that no source has.

    Args:
        project: its name.
        meant: the popular project whose name may have been meant.
        around: what is known of names.
    """
    found = []
    if meant is not None:
        found.append(Alternative(project, canonicalize_name(meant), "name", "its name is nearly the same"))
    target = around.imported_as(project)
    if target is not None:
        found.insert(0, _imported(project, target, project))
    return _first_ones(found)


def _by_name(package: Package) -> Iterator[Alternative]:
    """The name that its name is taken for, as the check has found; a module needs no installing."""
    hit = package.evidence.lookalike
    found = any(one.finding.check == "typosquatting" for one in package.verdict.reasons)
    if found and isinstance(hit, Known) and hit.value.kind != "stdlib":
        yield Alternative(package.evidence.project, hit.value.target, "name", hit.value.reason)


def _by_import_name(evidence: Evidence, around: Surroundings) -> Iterator[Alternative]:
    """The popular projects that are imported by its name, or by a name that it brings along."""
    contents = evidence.contents
    modules = contents.value.top_level if isinstance(contents, Known) else ()
    for name in (evidence.project, *modules[:_MODULES]):
        target = around.imported_as(name)
        if target is not None:
            yield _imported(evidence.project, target, name)


def _imported(project: NormalizedName, target: NormalizedName, name: str) -> Alternative:
    return Alternative(project, target, "import-name", f"the popular project with the import name {name}")


def _by_own_words(project: NormalizedName, words: OwnWords, around: Surroundings) -> Iterator[Alternative]:
    for name in words.successors(project):
        if around.is_known(name):
            told = f"{project} itself says so; nobody has checked that"
            yield Alternative(project, name, "successor", told)


def _first_ones(found: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Each project once, and no more than three."""
    distinct: dict[NormalizedName, Alternative] = {}
    for one in found:
        if one.instead != one.project:
            distinct.setdefault(one.instead, one)
    return tuple(islice(distinct.values(), _MOST))
