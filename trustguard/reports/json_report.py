"""The JSON of every command, as ``docs/schema/trustguard-1.json`` describes it.

Values are what the sources said, unshortened; a program that shows them makes them safe itself. On the way
to a terminal they are: everything but printable ASCII is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from trustguard.model.errors import TrustguardError
from trustguard.model.evidence import Evidence, Known
from trustguard.model.report import Outage, Package, Report, Withheld
from trustguard.model.verdict import Judged, Unanswered, Verdict
from trustguard.reports.outages import outages

SCHEMA: Final = "trustguard/1"


def render(report: Report) -> str:
    """A report as indented JSON in printable ASCII, with a line end."""
    return as_text(to_json(report))


def as_text(told: Mapping[str, Any]) -> str:
    """A JSON object as indented text in printable ASCII, with a line end."""
    text = json.dumps(told, indent=2)
    # json leaves DEL as it is; it can only stand inside a string.
    return text.replace("\x7f", "\\u007f") + "\n"


def error_as_text(command: str, error: TrustguardError) -> str:
    """What stopped a command before there was anything to report."""
    told = {"reference": error.reference, "message": error.message, "hint": error.hint}
    return as_text({"schema": SCHEMA, "command": command, "exit_code": error.exit_code, "error": told})


def to_json(report: Report) -> dict[str, Any]:
    """A report as a JSON object."""
    return {
        "schema": SCHEMA,
        "command": report.command,
        "verdict": report.decision.value,
        "exit_code": report.exit_code,
        "packages": [_package(package) for package in report.packages],
        "withheld": [_withheld(withheld) for withheld in report.withheld],
        "unavailable": [_outage(outage) for outage in outages(report)],
        "unvetted": list(report.unvetted),
        "missing": [{"project": one.project, "suggestion": one.suggestion} for one in report.missing],
        "problems": list(report.problems),
        "message": report.message,
    }


def _package(package: Package) -> dict[str, Any]:
    evidence = package.evidence
    return {
        "project": evidence.project,
        "version": str(evidence.version),
        "file": evidence.file.filename,
        "sha256": _digest(evidence),
        "index": evidence.index.url,
        "verdict": package.decision.value,
        "approved": package.approved,
        "installed": package.installed,
        "score": None,
        **_grounds(package.verdict),
    }


def _digest(evidence: Evidence) -> str | None:
    """The digest of the bytes; before they are at hand, the announced one."""
    return evidence.sha256.value if isinstance(evidence.sha256, Known) else evidence.file.sha256


def _withheld(withheld: Withheld) -> dict[str, Any]:
    return {
        "project": withheld.project,
        "versions": list(withheld.versions),
        "verdict": withheld.verdict.decision.value,
        **_grounds(withheld.verdict),
    }


def _grounds(verdict: Verdict) -> dict[str, Any]:
    return {
        "coverage": {
            "checked": list(verdict.checked),
            "unavailable": [_unanswered(unanswered) for unanswered in verdict.unanswered],
        },
        "findings": [_finding(judged) for judged in verdict.findings],
    }


def _unanswered(unanswered: Unanswered) -> dict[str, Any]:
    return {
        "check": unanswered.check,
        "source": unanswered.fact.source,
        "reason": unanswered.fact.reason,
        "action": unanswered.action.name.lower(),
    }


def _finding(judged: Judged) -> dict[str, Any]:
    finding = judged.finding
    return {
        "check": finding.check,
        "severity": finding.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "action": judged.action.name.lower(),
        "excused": judged.excused,
        "message": finding.message,
        "remedy": finding.remedy,
        "evidence": list(finding.evidence),
    }


def _outage(outage: Outage) -> dict[str, Any]:
    return {
        "source": outage.source,
        "reason": outage.reason,
        "checks": list(outage.checks),
        "files": outage.files,
    }
