"""How something that is refused can be allowed: the command that writes the exception, or why none helps."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

from trustguard.model.evidence import Evidence, Known, Unavailable
from trustguard.model.policy import DENIED, NEVER_EXCUSED_BY_DEFAULT, Action
from trustguard.model.report import ExceptionRules, Package
from trustguard.model.verdict import Judged, Verdict
from trustguard.reports.layout import Layout
from trustguard.reports.text import foreign

_NAME, _REASON = 120, 160
_OF_BYTES = frozenset(
    {"artifact-integrity", "direct-reference", "provenance", "provenance-continuity"}
    | {"source-only", "startup-code"}
)
"""Checks whose findings are about one file: under its address others may lie tomorrow, and to a release of an
index somebody may add a further file. What the others find is about the release or the project."""


def how_to_allow(package: Package, layout: Layout, rules: ExceptionRules) -> list[str]:
    """The command that writes the exception that lets a file in, or why there can be none.

    Args:
        package: a file that was refused, or needs approval.
        layout: makes the lines.
        rules: whether users may add exceptions.
    """
    evidence = package.evidence
    digest = _digest(evidence)
    return _how(evidence.project, str(evidence.version), package.verdict, layout, rules, digest)


def how_to_allow_release(
    project: str, version: str, verdict: Verdict, layout: Layout, rules: ExceptionRules
) -> list[str]:
    """The same for what was withheld: for any file of that version, since nobody knows which one is taken."""
    return _how(project, version, verdict, layout, rules, None)


def decisive(verdict: Verdict) -> list[Judged]:
    """The findings because of which a file does not get in by itself."""
    return [judged for judged in verdict.reasons if judged.action >= Action.ASK]


def _how(  # noqa: PLR0913 - all that the words depend on
    project: str, version: str, verdict: Verdict, layout: Layout, rules: ExceptionRules, digest: str | None
) -> list[str]:
    """The lines, if there are findings; outages are left out.

    An exception for a check that could not be made would also excuse what it finds once it can be made. But
    into an archive that is not sound nobody will ever look, and the exception is for those bytes alone.
    """
    found = decisive(verdict)
    if any(judged.finding.check == DENIED for judged in found):
        return layout.paragraph("no exception can allow it: a [[deny]] entry refuses it", 2)
    checks = list(dict.fromkeys(judged.finding.check for judged in found if not judged.excused))
    if digest is not None and "artifact-integrity" in checks:
        checks = list(dict.fromkeys((*checks, *_without_a_look(verdict))))
    if found and not checks:
        reason = foreign(found[0].excused, _REASON)
        told = f"an exception is there already ({reason}), and somebody has to agree: answer at a terminal"
        return layout.paragraph(told, 2)
    if not checks:
        return []
    if rules.users == "no":
        told = f"no exception of yours can allow it: ask whoever keeps {foreign(rules.place, _REASON)}"
        return layout.paragraph(told, 2)
    grave = [check for check in checks if check in NEVER_EXCUSED_BY_DEFAULT]
    lead = f"only if {' and '.join(grave)} is known to be wrong here" if grave else "to allow it, and say why"
    if rules.users == "ask":
        lead += f" (then somebody is asked at each use, by {foreign(rules.place, _REASON)})"
    of_bytes = digest if any(check in _OF_BYTES for check in checks) else None
    # On a line of its own, which is not broken: it is there to be copied.
    return [*layout.paragraph(f"{lead}:", 2), f"    {_command(project, version, checks, of_bytes)}"]


def _without_a_look(verdict: Verdict) -> list[str]:
    """The checks that keep a file out because nobody could look inside."""
    held = (one for one in verdict.unanswered if one.action >= Action.ASK)
    return [one.check for one in held if one.fact.source == "artifact"]


def _command(project: str, version: str, checks: Sequence[str], digest: str | None) -> str:
    """``trustguard allow``, as it is typed in a shell of this platform."""
    named = foreign(project, _NAME) + (f"=={foreign(version, _NAME)}" if version else "")
    words = ["trustguard", "allow", named]
    for check in checks:
        words += ["--check", foreign(check, _NAME)]
    if digest is not None:
        words += ["--sha256", foreign(digest, _NAME)]
    line = subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
    return f'{line} --reason "…"'


def _digest(evidence: Evidence) -> str | None:
    """The digest that an exception is compared with: of the bytes; before that, the announced one."""
    if isinstance(evidence.sha256, Unavailable):
        return None
    return evidence.sha256.value if isinstance(evidence.sha256, Known) else evidence.file.sha256
