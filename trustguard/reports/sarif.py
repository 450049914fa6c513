"""The SARIF 2.1.0 of a guarded command: findings at the requirement that brought the package in.

docs/output.md says what becomes of what.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustguard.model.errors import TrustguardError
from trustguard.model.evidence import Known
from trustguard.model.policy import Action
from trustguard.model.report import Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Judged
from trustguard.reports.json_report import as_text
from trustguard.reports.outages import outages
from trustguard.reports.sarif_background import Background, Part
from trustguard.reports.sarif_parts import (
    ACTION_LEVELS,
    REACHED,
    document,
    level_of,
    notification,
    result,
    text_of,
)

UNVETTED, MISSING = "unvetted", "no-such-project"


def render(report: Report, background: Background) -> str:
    """A report as indented SARIF in printable ASCII, with a line end."""
    return as_text(to_sarif(report, background))


def error_as_text(command: str, exit_code: int, error: TrustguardError, background: Background) -> str:
    """What stopped a command before there was anything to report, as :func:`render` has it."""
    text = f"{error.message}. {error.hint}" if error.hint else error.message
    told = notification(background, "stopped", "error", text, properties={"reference": error.reference})
    return as_text(document(background, command, exit_code, None, [told]))


def to_sarif(report: Report, background: Background) -> Part:
    """A report as a SARIF document."""
    results, told = list(_results(report, background)), list(_notifications(report, background))
    return document(background, report.command, report.exit_code, results, told)


def _results(report: Report, background: Background) -> Iterator[Part]:
    for package in report.packages:
        for judged in package.verdict.findings:
            yield _finding(background, judged, package, text_of(judged))
    newest = {str(package.evidence.project): package for package in background.left_out}
    for withheld in report.withheld:
        for judged in withheld.verdict.findings:
            yield _withheld(background, judged, withheld, newest.get(withheld.project))
    for missing in report.missing:
        yield _missing(background, missing)
    for release in report.unvetted:
        yield _unvetted(background, release)


def _finding(background: Background, judged: Judged, package: Package, text: str, **more: object) -> Part:
    evidence, finding = package.evidence, judged.finding
    release = f"{evidence.project} {evidence.version}"
    told = {
        "project": evidence.project,
        "version": str(evidence.version),
        "file": evidence.file.filename,
        "sha256": evidence.sha256.value if isinstance(evidence.sha256, Known) else evidence.file.sha256,
        "index": evidence.index.url,
        "verdict": package.decision.value,
        "score": package.score.value,
        "approved": package.approved,
        "installed": package.installed,
    }
    return result(
        background,
        finding.check,
        level_of(judged),
        text if evidence.project in text else f"{release}: {text}",
        [release, *_identity(judged)],
        background.asked_for(evidence.project, _package(release)),
        suppressions=background.suppression(judged, package),
        properties=background.properties(**told, **_details(judged), **more),
    )


def _details(judged: Judged) -> Part:
    finding = judged.finding
    return {
        "severity": finding.severity.name.lower(),
        "confidence": finding.confidence.name.lower(),
        "action": judged.action.name.lower(),
        "evidence": finding.evidence,
    }


def _identity(judged: Judged) -> tuple[str, ...]:
    """What tells a finding from others of its check: a fact that it rests on, or its words."""
    finding = judged.finding
    return finding.evidence[:1] or (finding.message,)


def _withheld(background: Background, judged: Judged, withheld: Withheld, file: Package | None) -> Part:
    text = f"{withheld.project} is left out of what pip is offered: {text_of(judged)}"
    if file is not None:
        return _finding(background, judged, file, text, versions=withheld.versions)
    release = " ".join([withheld.project, *withheld.versions[:1]])
    told = {"project": withheld.project, "verdict": withheld.verdict.decision.value}
    return result(
        background,
        judged.finding.check,
        level_of(judged),
        text,
        [release, *_identity(judged)],
        background.asked_for(withheld.project, _package(release)),
        suppressions=background.suppression(judged, None),
        properties=background.properties(**told, **_details(judged), versions=withheld.versions),
    )


def _missing(background: Background, missing: Missing) -> Part:
    meant = f"; was {missing.suggestion} meant?" if missing.suggestion else ""
    return result(
        background,
        MISSING,
        "error",
        f"no source has {missing.project}{meant}",
        [missing.project],
        background.asked_for(missing.project, _package(missing.project)),
        properties=background.properties(project=missing.project, suggestion=missing.suggestion),
    )


def _unvetted(background: Background, release: str) -> Part:
    project = release.partition(" ")[0]
    return result(
        background,
        UNVETTED,
        "note",
        f"{release} was there already, and nobody has vetted it",
        [release],
        background.asked_for(project, _package(release)),
        properties=background.properties(project=project),
    )


def _notifications(report: Report, background: Background) -> Iterator[Part]:
    for outage in outages(report):
        told = {"source": outage.source, "checks": outage.checks, "files": outage.files}
        yield notification(
            background,
            "unavailable",
            ACTION_LEVELS[_action(report, outage)],
            f"could not be checked ({outage.source}): {outage.reason}",
            outage.checks,
            background.properties(**told),
        )
    reached = report.exit_code in REACHED
    for line in report.problems:
        yield notification(background, "problem", "warning" if reached else "error", line)
    if not reached:
        text = f"the command ended with exit code {report.exit_code}"
        yield notification(background, "stopped", "error", text)


def _action(report: Report, outage: Outage) -> Action:
    """What the policy does about an outage, where it does most; a warning, where nothing says."""
    verdicts = [*(one.verdict for one in report.packages), *(one.verdict for one in report.withheld)]
    actions = [
        one.action
        for verdict in verdicts
        for one in verdict.unanswered
        if (one.fact.source, one.fact.reason) == (outage.source, outage.reason)
    ]
    return max(actions, default=Action.WARN)


def _package(release: str) -> Part:
    return {"name": release, "kind": "package"}
