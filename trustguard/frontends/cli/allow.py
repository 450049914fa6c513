"""``trustguard allow``: an exception, written into ``trustguard.toml``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from trustguard.config.entries import Typed
from trustguard.frontends.cli.entry import options_of_both, put, show
from trustguard.frontends.cli.options import Options
from trustguard.frontends.rules_file import Machine


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.argument("target", metavar="X[==V]")
    @click.option(
        "--check", "checks", multiple=True, metavar="ID", help="A check whose findings are excused."
    )
    @click.option(
        "--expires", metavar="30d|DAY|never", help="The last day on which it holds, such as 2027-06-30."
    )
    @options_of_both
    @click.pass_context
    def command(  # noqa: PLR0913 - each is an option
        ctx: click.Context,
        target: str,
        checks: tuple[str, ...],
        expires: str | None,
        reason: str,
        sha256: tuple[str, ...],
        index: str | None,
        named: Path | None,
        format_: str | None,
        *,
        dry_run: bool,
    ) -> int:
        """Write an exception for X into trustguard.toml: a name or a glob, and perhaps a set of versions.

        It excuses the findings of the checks that are named. Without --check, these are all but those of
        known-malicious and provenance. An exception for the same project, version, index and checks is
        replaced. The rest of the file stays as it is, comments included.

        The file is the user's own. Where the organisation's rules allow no exceptions, nothing is written; a
        project's file can have none.
        """
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        typed = Typed(target, reason, checks, expires, sha256, index)
        show(put("allow", typed, named, Machine.this_one(), dry_run=dry_run), options.format)
        return 0

    return command
