"""``trustguard check``: the verdict on what would be installed; nothing is installed."""

from __future__ import annotations

from dataclasses import replace

import click

from trustguard.frontends.cli.guarded import run_pip
from trustguard.frontends.cli.options import FORMS, Options

_DRY = ("install", "--dry-run", "--ignore-installed", "--quiet", "--quiet")


def command_for(name: str, summary: str) -> click.Command:
    """The command: behind it stand requirements, and options of ``pip install``."""

    @click.command(
        name,
        short_help=summary,
        # Not `-h`: it would be found in what pip has behind a letter, such as `-rhere.txt`.
        context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
    )
    @click.option("--format", "format_", type=click.Choice(["table", *FORMS]), help="How it is shown.")
    @click.argument("args", nargs=-1, type=click.UNPROCESSED, metavar="REQUIREMENT...")
    @click.pass_context
    def command(ctx: click.Context, format_: str | None, args: tuple[str, ...]) -> int:
        """Tell the verdict on what `pip install REQUIREMENT...` would install, and install nothing.

        Where an sdist has to be built to learn what it depends on, its code runs only if the verdict on it is
        allow or warn.
        """
        if "-h" in args:
            click.echo(ctx.get_help())
            return 0
        if not args:
            raise click.UsageError("name at least one requirement")
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        return run_pip(options, (*_DRY, *args), check=True)

    return command
