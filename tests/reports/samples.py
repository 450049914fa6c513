"""Reports written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.model.test_serial import EVIDENCE
from trustguard.model.evidence import Absent, Evidence, SourceName, Unavailable
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import Action
from trustguard.model.project import FileName
from trustguard.model.report import Package, Report
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict

HOSTILE = "\x1b[31mred\x1b]8;;https://evil.example\x07\r\nfake: line\u202eesrever\u2028\x9b2J\x00\ud800"
"""ESC sequences, a line break, a right-to-left override, a line separator, C1, NUL and a lone surrogate."""


def evidence(filename: str = "demo-1.0-py3-none-any.whl") -> Evidence:
    """Evidence on a file of that name."""
    file = replace(EVIDENCE.file, name=FileName.parse(filename))
    silent = (
        *("other_indexes", "metadata", "lookalike", "claims", "counterpart", "provenance", "lineage"),
        *("contents", "build", "owners_before", "rhythm", "dependents", "publishers"),
    )
    return replace(EVIDENCE, file=file, **dict.fromkeys(silent, Absent()))  # type: ignore[arg-type]


def judged(check: str, action: Action, message: str = "seen", remedy: str = "", **parts: Any) -> Judged:
    """A finding with an action."""
    finding = Finding(check, Severity.HIGH, Confidence.HIGH, message, remedy, parts.pop("evidence", ()))
    return Judged(finding, action, **parts)


def unanswered(check: str, source: SourceName, action: Action, reason: str = "no answer") -> Unanswered:
    """A check that could not be made."""
    return Unanswered(check, Unavailable(source, reason), action)


def package(
    *grounds: Judged | Unanswered,
    filename: str = "demo-1.0-py3-none-any.whl",
    decision: Decision | None = None,
    **parts: Any,
) -> Package:
    """A file with what was found, by default decided as the verdict says."""
    verdict = Verdict(
        tuple(g for g in grounds if isinstance(g, Judged)),
        tuple(g for g in grounds if isinstance(g, Unanswered)),
        ("release-age",),
    )
    return Package(evidence(filename), verdict, decision or verdict.decision, **parts)


def report(*packages: Package, exit_code: int = 0, command: str = "install", **parts: Any) -> Report:
    """A report on these files."""
    order = list(Decision)
    worst = max((p.decision for p in packages), key=order.index, default=Decision.ALLOW)
    return Report(command, worst, exit_code, packages, **parts)
