"""``trustguard update``: fetch the advisory data."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import timedelta

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.state import State
from trustguard.model.errors import UsageError
from trustguard.store.advisories import AdvisoryInfo


async def _refresh(url: str, state: State, deadline: timedelta) -> AdvisoryInfo:
    from trustguard.frontends.guard_index.assembly import advisory_store  # noqa: PLC0415 - loads httpx
    from trustguard.frontends.guard_index.freshness import refresh  # noqa: PLC0415
    from trustguard.sources.http import HttpClient, HttpSettings  # noqa: PLC0415

    async with HttpClient(HttpSettings()) as client:
        return await refresh(client, advisory_store(state), url, deadline)


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary, help=f"{summary[0].upper()}{summary[1:]}.")
    @click.option("--deadline", type=float, metavar="SECONDS", help="How long fetching may take.")
    @click.pass_obj
    def command(options: Options, deadline: float | None) -> int:
        configuration = options.configuration()
        if configuration.advisories_url is None:
            raise UsageError("no source of advisories is configured", hint="set sources.advisories")
        limit = timedelta(seconds=deadline) if deadline else configuration.update_deadline
        info = asyncio.run(_refresh(configuration.advisories_url, State.of_this_user(), limit))
        if options.format == "json":
            told = {"schema": "trustguard/1", "command": "update", "advisories": asdict(info)}
            click.echo(json.dumps(told, default=str))
        else:
            click.echo(f"advisories: {info.records} records from {info.origin}")
        return 0

    return command
