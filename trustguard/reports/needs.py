"""Why a run fails although what was asked for is fine: by what that needs."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from trustguard.model.evidence import Evidence, Known
from trustguard.model.report import Package, Report
from trustguard.model.verdict import Decision
from trustguard.reports.text import foreign

_NAME = 120
_MOST = 3
_WORDS = {
    Decision.ASK: "which needs approval",
    Decision.WITHHOLD: "which is withheld",
    Decision.BLOCK: "which is refused",
}


def needs(package: Package, report: Report) -> list[str]:
    """What a file needs, directly or not, and does not get; made safe.

    Requirements with a marker that names an extra are passed over: nobody says here which extras are wanted.

    Args:
        package: a file that is let in.
        report: of the run.
    """
    there: dict[str, Package] = {one.evidence.project: one for one in report.packages}
    lacking: dict[str, Decision] = {
        one.evidence.project: one.decision for one in report.packages if one.decision in _WORDS
    }
    if report.exit_code:
        lacking |= {w.project: w.verdict.decision for w in report.withheld if w.project not in there}
    way: dict[str, str] = {package.evidence.project: ""}
    waiting = [package]
    found: list[str] = []
    while waiting and lacking:
        one = waiting.pop(0)
        for name in _required(one.evidence):
            if name in way:
                continue
            way[name] = one.evidence.project
            if name in lacking:
                found.append(_told(name, way, lacking[name]))
            elif name in there:
                waiting.append(there[name])
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [*found[:_MOST], *more]


def _told(name: str, way: dict[str, str], decision: Decision) -> str:
    by = way[name]
    through = f" (by way of {foreign(by, _NAME)})" if way[by] else ""
    return f"{foreign(name, _NAME)}{through}, {_WORDS.get(decision, 'which could not be vetted')}"


def _required(evidence: Evidence) -> Iterator[str]:
    """The projects that a file says it needs."""
    told = evidence.metadata if isinstance(evidence.metadata, Known) else evidence.announced_metadata
    for text in told.value.requires_dist if isinstance(told, Known) else ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.marker is None or "extra" not in str(requirement.marker):
            yield canonicalize_name(requirement.name)
