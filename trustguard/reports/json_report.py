"""The JSON of every command, as ``docs/schema/trustguard-1.json`` describes it.

Values are what the sources said, unshortened; a program that shows them makes them safe itself. On the way
to a terminal they are: everything but printable ASCII is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from trustguard.model.alternatives import Beside
from trustguard.model.errors import TrustguardError
from trustguard.model.evidence import Evidence, Known
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.report import Outage, Package, Report, Withheld
from trustguard.model.score import Score, score
from trustguard.model.score_weights import START
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict
from trustguard.reports.alternatives import to_json as alternatives_to_json
from trustguard.reports.outages import outages
from trustguard.reports.score_lines import binding, summed

SCHEMA: Final = "trustguard/1"


def render(report: Report, beside: Beside | None = None) -> str:
    """A report, and what is told beside it, as indented JSON in printable ASCII, with a line end."""
    return as_text(to_json(report, beside))


def as_text(told: Mapping[str, Any]) -> str:
    """A JSON object as indented text in printable ASCII, with a line end."""
    text = json.dumps(told, indent=2)
    # json leaves DEL as it is; it can only stand inside a string.
    return text.replace("\x7f", "\\u007f") + "\n"


def error_as_text(command: str, error: TrustguardError, exit_code: int | None = None) -> str:
    """What stopped a command before there was anything to report.

    Args:
        command: the command.
        error: what happened.
        exit_code: how the command ends; None: as the error says.
    """
    told = {"reference": error.reference, "message": error.message, "hint": error.hint}
    code = error.exit_code if exit_code is None else exit_code
    return as_text({"schema": SCHEMA, "command": command, "exit_code": code, "error": told})


def to_json(report: Report, beside: Beside | None = None) -> dict[str, Any]:
    """A report, and what is told beside it, as a JSON object."""
    beside = beside or Beside()
    return {
        "schema": SCHEMA,
        "command": report.command,
        "verdict": _verdict(report),
        "exit_code": report.exit_code,
        "packages": [package_to_json(package, beside) for package in report.packages],
        "withheld": [_withheld(withheld) for withheld in report.withheld],
        "unavailable": [_outage(outage) for outage in outages(report)],
        "unvetted": list(report.unvetted),
        "missing": [{"project": one.project, "suggestion": one.suggestion} for one in report.missing],
        "not_looked_at": list(report.unreached),
        "alternatives": alternatives_to_json(beside.alternatives),
        "problems": list(report.problems),
        "message": report.message,
    }


def _verdict(report: Report) -> str | None:
    """The worst of all, and no milder than the exit code; None where nobody can tell.

    That is so where the run failed for a reason that is none of ours, such as a project that no index has:
    what it did not come to is not vetted, however clean all else is.
    """
    least = _LEAST.get(report.exit_code, Decision.ALLOW)
    worst = max(report.decision, least, key=_MILDEST_FIRST.index)
    untold = report.exit_code != 0 and worst in {Decision.ALLOW, Decision.WARN}
    return None if untold else worst.value


_MILDEST_FIRST = tuple(Decision)
_LEAST = {BLOCKED: Decision.BLOCK, NEEDS_APPROVAL: Decision.ASK, UNVETTED: Decision.BLOCK}


def package_to_json(package: Package, beside: Beside) -> dict[str, Any]:
    """One file, and what was decided about it."""
    evidence = package.evidence
    return {
        "project": evidence.project,
        "version": str(evidence.version),
        "file": evidence.file.filename,
        "sha256": _digest(evidence),
        "index": evidence.index.url,
        "verdict": package.decision.value,
        "requested": beside.asked_for(evidence),
        "approved": package.approved,
        "installed": package.installed,
        "score": package.score.value,
        "derivation": derivation(package.score),
        **grounds(package.verdict),
    }


def derivation(score: Score) -> dict[str, Any]:
    """How a score comes about; numbers have three decimals."""
    lowest = binding(score)
    return {
        "model": score.model,
        "start": START,
        "sum": round(summed(score), 3),
        "groups": [{"group": group, "points": round(points, 3)} for group, points in score.groups],
        "terms": [
            {
                "group": term.group,
                "id": term.id,
                "points": round(term.points, 3),
                "forgeable": term.forgeable,
                "reason": term.reason,
            }
            for term in score.terms
        ],
        "ceilings": [
            {"most": one.most, "id": one.id, "binds": one in lowest, "reason": one.reason}
            for one in score.ceilings
        ],
        "blockers": list(score.blockers),
        "missing": list(score.missing),
        "unknown": list(score.unknown),
    }


def _digest(evidence: Evidence) -> str | None:
    """The digest of the bytes; before they are at hand, the announced one."""
    return evidence.sha256.value if isinstance(evidence.sha256, Known) else evidence.file.sha256


def _withheld(withheld: Withheld) -> dict[str, Any]:
    evidence = withheld.evidence
    weighed = None if evidence is None else score(evidence, withheld.verdict)
    return {
        "project": withheld.project,
        "versions": list(withheld.versions),
        "file": None if evidence is None else evidence.file.filename,
        "sha256": None if evidence is None else _digest(evidence),
        "index": None if evidence is None else evidence.index.url,
        "verdict": withheld.verdict.decision.value,
        "score": None if weighed is None else weighed.value,
        "derivation": None if weighed is None else derivation(weighed),
        **grounds(withheld.verdict),
    }


def grounds(verdict: Verdict) -> dict[str, Any]:
    """What a verdict rests on."""
    return {
        "coverage": {
            "checked": list(verdict.checked),
            "not_applicable": list(verdict.not_applicable),
            "not_looked_at": list(verdict.not_looked_at),
            "exempt": list(verdict.exempt),
            "unavailable": [unanswered_to_json(unanswered) for unanswered in verdict.unanswered],
        },
        "findings": [finding_to_json(judged) for judged in verdict.findings],
    }


def unanswered_to_json(unanswered: Unanswered) -> dict[str, Any]:
    """A check that could not be made."""
    return {
        "check": unanswered.check,
        "source": unanswered.fact.source,
        "reason": unanswered.fact.reason,
        "action": unanswered.action.name.lower(),
    }


def finding_to_json(judged: Judged) -> dict[str, Any]:
    """What was found, and what is done about it."""
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
