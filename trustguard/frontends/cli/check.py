"""``trustguard check``: the verdict on what would be installed; nothing is installed."""

from __future__ import annotations

import os
import sys

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.cli.terminal import TransferProgress, show
from trustguard.frontends.session import Request, run
from trustguard.frontends.state import State
from trustguard.installers.pip.run import target_interpreter

_DRY = ("install", "--dry-run", "--ignore-installed", "--quiet", "--quiet")


def command_for(name: str, summary: str) -> click.Command:
    """The command: behind it stand requirements, and options of ``pip install``."""

    @click.command(
        name,
        short_help=summary,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="REQUIREMENT...")
    @click.pass_obj
    def command(options: Options, args: tuple[str, ...]) -> int:
        """Tell the verdict on what `pip install REQUIREMENT...` would install, and install nothing.

        Where an sdist has to be built to learn what it depends on, its code runs only if the verdict on it is
        allow or warn.
        """
        if not args:
            raise click.UsageError("name at least one requirement")
        request = Request(
            configuration=options.configuration(),
            state=State.of_this_user(),
            interpreter=target_interpreter(options.python, os.environ),
            args=(*_DRY, *args),
            ask=lambda candidate: False,  # noqa: ARG005 - nobody is asked: the verdict is told
            progress=TransferProgress(sys.stderr),
            quiet_stdout=True,
            check=True,
        )
        outcome = run(request)
        if outcome.report is not None:
            show(outcome.report, options.format, every=True)
        return outcome.exit_code

    return command
