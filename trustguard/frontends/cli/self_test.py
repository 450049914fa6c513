"""How ``trustguard doctor --self-test`` is shown."""

from __future__ import annotations

import sys
import textwrap

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.cli.output import columns
from trustguard.frontends.self_test.steps import steps
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import counted, foreign

_INDENT = " " * 6
_NARROWEST = 40


def self_test(options: Options) -> int:
    """Run the self-test, and show each step as soon as it is done.

    Args:
        options: what stood before the command; of it, only the format counts.

    Returns:
        The exit code: 0, or 1 where something is not as it must be.
    """
    from trustguard.config import Paths  # noqa: PLC0415 - with all that it loads
    from trustguard.config.layers import read_org  # noqa: PLC0415 - likewise

    organisation = read_org(Paths.of_this_machine().org) is not None
    done = []
    for step in steps(organisation=organisation):
        done.append(step)
        if options.format != "json":
            click.echo(f"{step.result}  {step.name}\n{_folded(step.detail)}")
    failed = sum(step.result == "FAIL" for step in done)
    if options.format == "json":
        rows = [{"about": s.name, "found": f"{s.result}: {s.detail}", "ok": s.result != "FAIL"} for s in done]
        click.echo(as_text({"schema": SCHEMA, "command": "doctor", "findings": rows}), nl=False)
    else:
        passed = sum(step.result == "PASS" for step in done)
        click.echo(
            f"trustguard: {counted(passed, 'step')} passed, {failed} failed; all that was made is removed"
        )
    return 1 if failed else 0


def _folded(detail: str) -> str:
    """What was seen, safe to show and as wide as the terminal."""
    width = max(columns(sys.stdout), _NARROWEST)
    return textwrap.fill(foreign(detail, 500), width, initial_indent=_INDENT, subsequent_indent=_INDENT)
