"""The index says something about the project or the file: quarantined, archived, deprecated, yanked.

Quarantined (PEP 792) means that the index itself suspects the project: nothing of it is offered. Archived
and deprecated projects get no fixes, which is said and no more. A yanked file (PEP 592) is one whose
maintainers took it back; installers pass it by unless exactly that version is asked for, so whoever sees
this has pinned it.

**What to do:** for a yanked version, ask for the next one. For an archived or deprecated project, look for
its successor.
"""

from __future__ import annotations

from trustguard.checks import NoSettings
from trustguard.model.evidence import Evidence, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.project import ProjectStatus

_QUARANTINED = "do not install it before the index has cleared it"
_SEVERITY = {"quarantined": Severity.CRITICAL, "archived": Severity.LOW, "deprecated": Severity.MEDIUM}


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """A finding for the project's status, and one for a yanked file."""
    findings = []
    status = read(evidence.status)
    if status is not None and status.marker != "active":
        findings.append(_of_project(evidence, status))
    if evidence.file.yanked is not None:
        findings.append(_of_file(evidence, evidence.file.yanked))
    return findings


def _of_project(evidence: Evidence, status: ProjectStatus) -> Finding:
    reason = f": {status.reason}" if status.reason else ""
    return Finding(
        check="project-status",
        severity=_SEVERITY[status.marker],
        confidence=Confidence.HIGH,
        message=f"{evidence.project} is {status.marker} on {evidence.index}{reason}",
        remedy=_QUARANTINED if status.marker == "quarantined" else "it gets no fixes: look for a successor",
    )


def _of_file(evidence: Evidence, reason: str) -> Finding:
    told = f": {reason}" if reason else ""
    return Finding(
        check="project-status",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        message=f"{evidence.project} {evidence.version} was yanked by its maintainers{told}",
        remedy="ask for another version",
    )
