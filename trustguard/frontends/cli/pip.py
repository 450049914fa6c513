"""``trustguard pip …``: any pip command; those that install or build are guarded."""

from __future__ import annotations

import click

from trustguard.frontends.cli.guarded import run_pip
from trustguard.frontends.cli.options import Options


def command_for(name: str, summary: str) -> click.Command:
    """The command: all that stands behind it goes to pip."""

    @click.command(
        name,
        short_help=summary,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("args", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(options: Options, args: tuple[str, ...]) -> int:
        return run_pip(options, args)

    return command
