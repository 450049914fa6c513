"""``trustguard check``: the verdict on what would be installed; nothing is installed."""

from __future__ import annotations

import click

from trustguard.frontends.cli.guarded import run_pip
from trustguard.frontends.cli.options import Options

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
        return run_pip(options, (*_DRY, *args), check=True)

    return command
