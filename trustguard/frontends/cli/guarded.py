"""``trustguard install``, ``download``, ``wheel`` and ``lock``: pip's commands, guarded."""

from __future__ import annotations

import os
import sys

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.cli.terminal import TransferProgress, ask, show
from trustguard.frontends.session import Request, run
from trustguard.frontends.state import State
from trustguard.installers.pip.run import target_interpreter


def run_pip(options: Options, args: tuple[str, ...]) -> int:
    """Run a pip command, guarded where it installs or builds; returns the exit code."""
    request = Request(
        configuration=options.configuration(),
        state=State.of_this_user(),
        interpreter=target_interpreter(options.python, os.environ),
        args=args,
        ask=ask,
        progress=TransferProgress(sys.stderr),
        quiet_stdout=options.format == "json",
    )
    outcome = run(request)
    if outcome.report is not None:
        show(outcome.report, options.format)
    return outcome.exit_code


def command_for(name: str, summary: str) -> click.Command:
    """The command of this name: all that stands behind it goes to pip."""

    @click.command(
        name,
        short_help=summary,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("args", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(options: Options, args: tuple[str, ...]) -> int:
        return run_pip(options, (name, *args))

    return command
