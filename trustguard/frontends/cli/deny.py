"""``trustguard deny``: a denial, written into ``trustguard.toml``."""

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
    @click.argument("target", metavar="X[SPEC]")
    @options_of_both
    @click.pass_context
    def command(  # noqa: PLR0913 - each is an option
        ctx: click.Context,
        target: str,
        reason: str,
        sha256: tuple[str, ...],
        index: str | None,
        named: Path | None,
        format_: str | None,
        *,
        dry_run: bool,
    ) -> int:
        """Write a denial of X into trustguard.toml: a name or a glob, and perhaps a set of versions.

        What it denies is refused, and no exception excuses that. A denial of the same project, version,
        digests and index gets the new reason. Any layer may deny: with --file, also a project's
        trustguard.toml or pyproject.toml.
        """
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        typed = Typed(target, reason, sha256=sha256, index=index)
        show(put("deny", typed, named, Machine.this_one(), dry_run=dry_run), options.format)
        return 0

    return command
