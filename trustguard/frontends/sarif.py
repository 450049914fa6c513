"""What a SARIF document tells besides what was found: trustguard's rules, and what is kept out of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

from trustguard import __version__
from trustguard.checks import Check, discover
from trustguard.model.origins import Wanted
from trustguard.model.policy import DENIED, LOW_SCORE, NOT_LISTED, Policy
from trustguard.model.report import Package
from trustguard.reports.audit_sarif import CHANGED, NEVER_VETTED, STRAY
from trustguard.reports.private_paths import PrivatePaths
from trustguard.reports.sarif import MISSING, UNVETTED
from trustguard.reports.sarif_background import Background, Rule

_CONFIGURATION, _AUDIT, _OUTPUT = "docs/configuration.md", "docs/audit.md", "docs/output.md"
_OTHERS = (
    Rule(DENIED, "A [[deny]] entry names it.", page=_CONFIGURATION),
    Rule(LOW_SCORE, "Its trust score is lower than min-score.", page=_CONFIGURATION),
    Rule(NOT_LISTED, "Only what an [[allow]] entry lists may be installed.", page=_CONFIGURATION),
    Rule(MISSING, "No source has the project.", page=_OUTPUT),
    Rule(UNVETTED, "It was installed already, and nobody has vetted it.", page=_OUTPUT),
    Rule(CHANGED, "Its files are not as they were installed.", page=_AUDIT),
    Rule(NEVER_VETTED, "It is installed, and nobody has vetted it.", page=_AUDIT),
    Rule(
        STRAY,
        "It can be imported, or runs when Python starts, and belongs to nothing installed.",
        page=_AUDIT,
    ),
)
"""What can be found besides by checks."""


def rules() -> tuple[Rule, ...]:
    """One rule for each check, and for what else can be found."""
    return (*(_of_check(check) for check in discover().values()), *_OTHERS)


def _of_check(check: Check) -> Rule:
    text = (sys.modules[check.run.__module__].__doc__ or "").strip()
    return Rule(check.id, check.summary, text, f"docs/checks.md#{check.id}")


def background(
    policy: Policy,
    *,
    wanted: Wanted | None = None,
    left_out: Sequence[Package] = (),
    folders: Sequence[str] = (),
) -> Background:
    """What a document of this process tells besides what was found.

    Args:
        policy: the rules that were in force.
        wanted: where everything was asked for.
        left_out: the newest file of each project of which something was withheld.
        folders: the site-packages folders that were looked at.
    """
    others = [(folder, "site-packages") for folder in folders]
    return Background(
        version=__version__,
        rules=rules(),
        allow=policy.on(datetime.now(timezone.utc).date()).allow,
        wanted=wanted or Wanted(),
        left_out=tuple(left_out),
        paths=PrivatePaths(os.fspath(Path.cwd()), (*others, *_home())),
    )


def _home() -> Iterator[tuple[str, str]]:
    with suppress(RuntimeError):  # nobody's: then there is nothing to keep out
        yield os.fspath(Path.home()), "~"
