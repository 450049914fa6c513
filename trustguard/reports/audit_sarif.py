"""The SARIF 2.1.0 of ``trustguard audit``: what is installed, at its place below site-packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from trustguard.model.audit import Audit, Audited, Deviation, Stray
from trustguard.model.evidence import Unavailable
from trustguard.model.policy import Action
from trustguard.model.verdict import Judged
from trustguard.reports.json_report import as_text
from trustguard.reports.sarif_background import Background, Part
from trustguard.reports.sarif_parts import (
    ACTION_LEVELS,
    REACHED,
    SITE_PACKAGES,
    document,
    level_of,
    notification,
    result,
    text_of,
)

CHANGED, NEVER_VETTED, STRAY = "installed-files", "never-vetted", "stray"
_LISTED = 1000
"""So many deviations of a distribution are told; how many more there are is said."""
_DEVIATIONS = {
    "changed": "is not what was installed",
    "missing": "was installed, and is gone",
    "added": "can be imported, and nobody has installed it",
    "record": "is listed otherwise than in the wheel",
}


def render(audit: Audit, background: Background) -> str:
    """An audit as indented SARIF in printable ASCII, with a line end."""
    return as_text(to_sarif(audit, background))


def to_sarif(audit: Audit, background: Background) -> Part:
    """An audit as a SARIF document."""
    results = [found for one in audit.distributions for found in _distribution(one, audit, background)]
    results += [_stray(stray, background) for stray in audit.strays]
    return document(background, "audit", audit.exit_code, results, list(_notifications(audit, background)))


def _distribution(one: Audited, audit: Audit, background: Background) -> Iterator[Part]:
    for judged in () if one.verdict is None else one.verdict.findings:
        yield _finding(judged, one, background)
    for deviation in one.comparison.deviations[:_LISTED]:
        yield _deviation(deviation, one, background)
    more = len(one.comparison.deviations) - _LISTED
    if more > 0:
        text = f"{_release(one)}: {more} more files are not as they were installed"
        yield _about(one, background, CHANGED, text, ["more"])
    if one.never_vetted:
        yield _never_vetted(one, audit, background)


def _finding(judged: Judged, one: Audited, background: Background) -> Part:
    finding, text = judged.finding, text_of(judged)
    fixed = f" (fixed in {one.fixed})" if one.fixed and judged in one.flaws else ""
    told = {
        "severity": finding.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "action": judged.action.name.lower(),
        "evidence": finding.evidence,
        "approved": one.approved,
        "byEvidence": one.by_evidence,
    }
    return result(
        background,
        finding.check,
        level_of(judged),
        (text if one.name in text else f"{_release(one)}: {text}") + fixed,
        [_release(one), *(finding.evidence[:1] or (finding.message,))],
        [_place(one)],
        suppressions=background.suppression(judged, None),
        properties=background.properties(**_properties(one), **told),
    )


def _deviation(deviation: Deviation, one: Audited, background: Background) -> Part:
    text = f"{_release(one)}: {deviation.path} {_DEVIATIONS[deviation.kind]}"
    location = {**_located(deviation.path), "logicalLocations": [_package(one)]}
    return result(
        background,
        CHANGED,
        "error",
        text,
        [_release(one), deviation.kind, deviation.path],
        [location],
        properties=background.properties(**_properties(one), deviation=deviation.kind),
    )


def _about(one: Audited, background: Background, rule: str, text: str, identity: list[str]) -> Part:
    """An error about a whole distribution."""
    properties = background.properties(**_properties(one))
    told = [_release(one), *identity]
    return result(background, rule, "error", text, told, [_place(one)], properties=properties)


def _never_vetted(one: Audited, audit: Audit, background: Background) -> Part:
    why = f": {one.remark}" if one.remark else ""
    return result(
        background,
        NEVER_VETTED,
        "warning" if audit.require_vetted else "note",
        f"{_release(one)} was never vetted{why}",
        [_release(one)],
        [_place(one)],
        properties=background.properties(**_properties(one)),
    )


def _stray(stray: Stray, background: Background) -> Part:
    runs = ", and runs whenever Python starts" if stray.start_up else ""
    return result(
        background,
        STRAY,
        "warning" if stray.start_up else "note",
        f"{stray.path} belongs to nothing that is installed{runs}",
        [stray.path],
        [_located(stray.path)],
        properties=background.properties(startUp=stray.start_up, code=stray.code),
    )


def _notifications(audit: Audit, background: Background) -> Iterator[Part]:
    """What could not be looked at, or not be checked: each fact once."""
    if audit.advisories is None:
        text = "there is no advisory data: run trustguard update"
        yield notification(background, "unavailable", "error", text)
    for one in audit.distributions:
        if one.origin == "unreadable":
            text = f"{_release(one)} cannot be read: {one.remark}"
            yield notification(background, "unavailable", "error", text)
    for (fact, action), checks in _unanswered(audit).items():
        level = ACTION_LEVELS[action]
        text = f"could not be checked ({fact.source}): {fact.reason}"
        told = background.properties(source=fact.source, checks=sorted(checks))
        yield notification(background, "unavailable", level, text, sorted(checks), told)
    failed = audit.incomplete or audit.exit_code not in REACHED
    for line in audit.problems:
        yield notification(background, "problem", "error" if failed else "warning", line)


def _unanswered(audit: Audit) -> dict[tuple[Unavailable, Action], set[str]]:
    found: dict[tuple[Unavailable, Action], set[str]] = {}
    for one in audit.distributions:
        for unanswered in one.unanswered:
            found.setdefault((unanswered.fact, unanswered.action), set()).add(unanswered.check)
    return found


def _properties(one: Audited) -> Part:
    return {
        "project": one.name,
        "version": one.version,
        "verdict": one.decision.value,
        "origin": one.origin,
    }


def _release(one: Audited) -> str:
    return f"{one.name} {one.version}".strip()


def _package(one: Audited) -> Part:
    return {"name": _release(one), "kind": "package"}


def _place(one: Audited) -> Part:
    """Where a distribution is: its ``.dist-info`` folder, of which only the name is told."""
    return {**_located(Path(one.place).name), "logicalLocations": [_package(one)]}


def _located(path: str) -> Part:
    """A place below site-packages; a path that says it is elsewhere is told as it is."""
    uri = quote(path.replace("\\", "/"))
    place = {"uri": f"file://{uri}"} if uri.startswith("/") else {"uri": uri, "uriBaseId": SITE_PACKAGES}
    return {"physicalLocation": {"artifactLocation": place}}
