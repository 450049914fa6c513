"""``trustguard audit``: what is installed, judged by the facts and the policy of today."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from trustguard.frontends.cli.options import FORMS, Options, named
from trustguard.frontends.cli.output import columns
from trustguard.model.record import record

if TYPE_CHECKING:
    from trustguard.import_guard.placing import Target


def _show(text: str) -> None:
    if hasattr(sys.stdout, "reconfigure"):  # a name may have characters that the terminal has not
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(text)


@record
class Shown:
    """What of an audit is shown: what to type about it, and whether nothing is left out."""

    fix: bool
    every: bool


def _audited(options: Options, shown: Shown, *, deep: bool, require_vetted: bool) -> int:
    """Audit the target, show what was found, and return the exit code."""
    from trustguard.frontends.audit import Wanted, audit  # noqa: PLC0415 - not for the help
    from trustguard.frontends.cli import delivery  # noqa: PLC0415
    from trustguard.frontends.state import State  # noqa: PLC0415

    configuration = options.configuration()
    state = State.of_this_user()
    found = audit(Wanted(_target(options), configuration, state, deep=deep, require_vetted=require_vetted))
    document = delivery.OfAudit(found, configuration.policy)
    if not delivery.printed(options, document):
        from trustguard.frontends.cli.terminal import wants_color  # noqa: PLC0415 - one of them
        from trustguard.reports.audit_report import render  # noqa: PLC0415

        width = columns(sys.stdout)
        color = wants_color(sys.stdout, os.environ)
        _show(render(found, width=width, color=color, fix=shown.fix, every=shown.every))
    return delivery.written(options, document, found.exit_code)


def _target(options: Options) -> Target:
    from trustguard.import_guard.placing import NotAnInterpreterError, Target  # noqa: PLC0415 - as above
    from trustguard.installers.pip.run import target_interpreter  # noqa: PLC0415
    from trustguard.model.errors import UsageError  # noqa: PLC0415

    try:
        return Target.of(target_interpreter(options.python, os.environ))
    except NotAnInterpreterError as error:
        raise UsageError(str(error)) from error


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.option("--python", metavar="PATH", callback=named, help="The interpreter, or virtual environment.")
    @click.option("--format", "format_", type=click.Choice(["table", *FORMS]), help="How it is shown.")
    @click.option("--fix", is_flag=True, help="Say what to type about it; nothing is run.")
    @click.option("--all", "every", is_flag=True, help="Leave nothing out.")
    @click.option("--deep", is_flag=True, help="Hash large files too that were not touched.")
    @click.option("--require-vetted", is_flag=True, help="Exit with 11 where something was never vetted.")
    @click.pass_context
    def command(  # noqa: PLR0913 - one for each option
        ctx: click.Context,
        python: str | None,
        format_: str | None,
        *,
        fix: bool,
        every: bool,
        deep: bool,
        require_vetted: bool,
    ) -> int:
        """Judge what is installed by the facts and the policy of today.

        Nothing of the environment runs, and nothing of it is changed, but for the verdicts in its ledger:
        what is refused now, the import-time guard refuses from now on.

        Exit codes: 0 nothing is refused, 10 something is refused, malicious or changed, 11 something would be
        asked about, 12 something could not be checked, 2 usage.
        """
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        options = replace(options, python=python or options.python)
        return _audited(options, Shown(fix=fix, every=every), deep=deep, require_vetted=require_vetted)

    return command
