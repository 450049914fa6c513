"""What is told beside a run's report: what was asked for, what did not apply, and what there is instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.checks import discover
from trustguard.config import Configuration
from trustguard.frontends.alternatives import Gathering
from trustguard.frontends.guard_index.assembly import constraints, requirements
from trustguard.frontends.popular import ComparedNames
from trustguard.frontends.request import Request
from trustguard.installers.pip.plan import Plan
from trustguard.judging import Judge
from trustguard.model.alternatives import Beside
from trustguard.model.evidence import Evidence, Known, Unavailable, not_looked_at
from trustguard.model.origins import applies
from trustguard.model.policy import Policy, matches
from trustguard.model.report import ExceptionRules, Package, Report
from trustguard.model.verdict import Decision, Verdict
from trustguard.store.artifacts import ArtifactStore
from trustguard.vetting import Candidate

_NAMED = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:[\[(<>=!~;,@]|$)")
"""A requirement that begins with a name (PEP 508), and is no path."""
_NOBODY_LOOKED = Unavailable("index", "nobody has looked")
_ROOTS = 20
"""So many projects that were asked for are looked at for what there is instead, where they are let in."""


def roots_of(plan: Plan) -> frozenset[NormalizedName]:
    """The projects that were asked for by name; an address and a folder need not say theirs.

    What is for other targets than this one was not asked for: ``pywin32; sys_platform == "win32"``.
    """
    asked = (line for line in requirements(plan) if applies(line, plan.target.markers))
    found = (_NAMED.match(line) for line in asked)
    return frozenset(canonicalize_name(one[1]) for one in found if one)


def ranges_of(plan: Plan) -> Mapping[NormalizedName, SpecifierSet]:
    """Which versions were asked for, constraints included, of the projects that were asked for by name."""
    found: dict[NormalizedName, SpecifierSet] = {}
    for text in (*requirements(plan), *constraints(plan)):
        if not applies(text, plan.target.markers):
            continue
        with suppress(InvalidRequirement, RecursionError):  # pip explains it
            requirement = Requirement(text)
            name = canonicalize_name(requirement.name)
            found[name] = found.get(name, SpecifierSet()) & requirement.specifier
    return found


def exception_rules(configuration: Configuration) -> ExceptionRules:
    """Whether users may add exceptions, and who says so."""
    paths = (str(one.path) for one in configuration.layers if one.name == "org" and one.present)
    return ExceptionRules(configuration.user_exceptions, next(paths, ""))


def covered(packages: tuple[Package, ...], policy: Policy) -> tuple[Package, ...]:
    """Files of which it is said which checks did not apply, were not looked at, and leave the project alone.

    Args:
        packages: what was served or refused.
        policy: the rules of the run.
    """
    policy = policy.on(datetime.now(timezone.utc).date())
    judge = Judge(policy)
    return tuple(replace(one, verdict=_covered(one, judge)) for one in packages)


def _covered(package: Package, judge: Judge) -> Verdict:
    evidence, verdict = package.evidence, package.verdict
    if not isinstance(evidence.sha256, Known):
        again = judge.vet(evidence, coverage=True)
        verdict = replace(verdict, checked=again.checked, not_applicable=again.not_applicable)
    unseen = _unseen(evidence, judge) if verdict.not_applicable else frozenset()
    return replace(
        verdict,
        not_applicable=tuple(check for check in verdict.not_applicable if check not in unseen),
        not_looked_at=tuple(check for check in verdict.not_applicable if check in unseen),
        exempt=_exempt(verdict, judge.policy, evidence.project),
    )


def _unseen(evidence: Evidence, judge: Judge) -> frozenset[str]:
    """The checks that ask for what nobody has looked at: they miss it where it is unavailable."""
    lost: dict[str, Any] = dict.fromkeys(not_looked_at(evidence), _NOBODY_LOOKED)
    if not lost:
        return frozenset()
    missing = judge.vet(replace(evidence, **lost)).unanswered
    return frozenset(one.check for one in missing if one.fact == _NOBODY_LOOKED)


def _exempt(verdict: Verdict, policy: Policy, project: NormalizedName) -> tuple[str, ...]:
    made = {*verdict.checked, *verdict.not_applicable, *(one.check for one in verdict.unanswered)}
    return tuple(
        check
        for check in discover()
        if check not in made and any(matches(glob, project) for glob in policy.check(check).exempt)
    )


def unreached(
    roots: frozenset[NormalizedName], packages: Iterable[Package], told: Iterable[str]
) -> tuple[str, ...]:
    """What was asked for, and a run that failed has not come to.

    Args:
        roots: what was asked for.
        packages: what was served or refused.
        told: projects of which it is said otherwise why there is nothing.
    """
    return tuple(sorted(roots - {one.evidence.project for one in packages} - set(told)))


def beside_of(  # noqa: PLR0913 - all that a run knows when it ends
    report: Report,
    left_out: Sequence[Package],
    roots: frozenset[NormalizedName],
    request: Request,
    names: ComparedNames,
    seen: frozenset[NormalizedName],
) -> Beside:
    """What is told beside a report; of what is let in, and was not asked for, nothing is looked for.

    Args:
        report: of the run.
        left_out: the newest file of each project of which something was withheld.
        roots: what was asked for.
        request: the command.
        names: compares names.
        seen: projects that an index has.
    """
    asked = [one for one in report.packages if one.evidence.project in roots][:_ROOTS]
    told = [one for one in report.packages if one in asked or _is_told(one, check=request.check)]
    if report.exit_code:
        told += left_out
    if not told and not report.missing:
        return Beside(roots)
    artifacts = ArtifactStore(request.state.artifacts, None)
    alternatives = Gathering(names, artifacts, seen).of(told, report.missing)
    held_back = _held_back(report, left_out, roots) if request.check else ()
    return Beside(roots, alternatives, held_back)


def _held_back(
    report: Report, left_out: Iterable[Package], roots: frozenset[NormalizedName]
) -> tuple[Package, ...]:
    there = {one.evidence.project for one in report.packages}
    return tuple(one for one in left_out if one.evidence.project in roots - there)


def _is_told(package: Package, *, check: bool) -> bool:
    """Whether a report has more than one line on a file, also where nobody has asked for it by its name."""
    return package.decision not in ({Decision.ALLOW} if check else {Decision.ALLOW, Decision.WARN})


def other_versions(
    refused: Iterable[Package], offered: Mapping[NormalizedName, Sequence[Candidate]]
) -> tuple[tuple[NormalizedName, str], ...]:
    """For each project the newest other version that would be let in, as far as its listing tells.

    Args:
        refused: what is not let in.
        offered: what the listings held.
    """
    found: dict[NormalizedName, str] = {}
    for one in refused:
        project = one.evidence.project
        rows = [row.evidence for row in offered.get(project, ()) if _is_fine(row, one)]
        stable = [row.version for row in rows if not row.version.is_prerelease]
        if newest := max(stable, default=None):
            found[project] = str(newest)
    return tuple(found.items())


def _is_fine(row: Candidate, other: Package) -> bool:
    let_in = row.verdict.decision in {Decision.ALLOW, Decision.WARN}
    return let_in and row.file.yanked is None and row.evidence.version != other.evidence.version
