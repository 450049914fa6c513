"""``trustguard update``: fetch the advisory data, the ranking of popular projects and the trust root."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

import click

from trustguard.config import Configuration
from trustguard.frontends.cli.options import Options
from trustguard.frontends.state import State
from trustguard.model.errors import SourceError, StoreError, UsageError
from trustguard.model.popular import Popular
from trustguard.model.record import record
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import foreign
from trustguard.store.advisories import AdvisoryInfo
from trustguard.store.trust_root import KeptTrustRoot

T = TypeVar("T")
_LONGEST = 86_400
"""Seconds that somebody may be ready to wait."""


@record
class _Updated:
    """What became of each; none stands in the way of another."""

    advisories: AdvisoryInfo | SourceError | StoreError
    popular: Popular | SourceError | StoreError
    trust_root: KeptTrustRoot | SourceError | StoreError | None
    """None: a file is configured, which is not ours to refresh."""
    rewritten: tuple[str, ...] = ()
    """What the ledgers of this user's environments say something else of by now."""
    unwritten: tuple[str, ...] = ()
    """Why one of them does not, one line each."""

    @property
    def failures(self) -> dict[str, SourceError | StoreError]:
        """What could not be refreshed, by its name."""
        results = {"advisories": self.advisories, "popular": self.popular, "trust root": self.trust_root}
        return {name: one for name, one in results.items() if isinstance(one, (SourceError, StoreError))}

    @property
    def exit_code(self) -> int:
        """0, or that of the worse failure."""
        return max((error.exit_code for error in self.failures.values()), default=0)

    @property
    def problems(self) -> list[str]:
        """One line for each failure."""
        failures = [f"{name}: not refreshed, what is there stays: {e}" for name, e in self.failures.items()]
        return [*failures, *self.unwritten]


async def _update(configuration: Configuration, url: str, state: State, deadline: timedelta) -> _Updated:
    from trustguard.frontends import popular, trust_root  # noqa: PLC0415 - not before it is needed
    from trustguard.frontends.advisories import advisory_store  # noqa: PLC0415 - not for the help
    from trustguard.frontends.guard_index.freshness import refresh  # noqa: PLC0415
    from trustguard.sources.http import HttpClient, HttpSettings  # noqa: PLC0415

    async with HttpClient(HttpSettings()) as client:
        advisories, ranking, trusted = await asyncio.gather(
            _attempt(refresh(client, advisory_store(state), url, deadline)),
            _attempt(popular.refresh(client, state, configuration.popular_url, deadline)),
            _attempt(
                trust_root.refresh(client, state, deadline)
                if configuration.trust_root is None
                else _nothing()
            ),
        )
    return _Updated(advisories, ranking, trusted)


def _judge_again(updated: _Updated, state: State) -> _Updated:
    """What is installed in the environments of this user, judged by what is known now."""
    from trustguard.frontends.advisories import advisory_store  # noqa: PLC0415 - has been loaded
    from trustguard.frontends.rejudging import Today, lasting_policy, revise_all, summaries  # noqa: PLC0415
    from trustguard.store.evidence import EvidenceStore  # noqa: PLC0415 - likewise

    store, now = EvidenceStore(state.evidence), datetime.now(timezone.utc)
    today = Today(lasting_policy(os.environ), advisory_store(state), store, now)
    problems: list[str] = []
    changed = revise_all(state, today, problems.append)
    return replace(updated, rewritten=tuple(summaries(changed)), unwritten=tuple(problems))


async def _nothing() -> None:
    """What there is to do about a configured file."""


async def _attempt(work: Awaitable[T]) -> T | SourceError | StoreError:
    try:
        return await work
    except (SourceError, StoreError) as error:
        return error


def _to_json(updated: _Updated) -> dict[str, Any]:
    info, popular, root = updated.advisories, updated.popular, updated.trust_root
    return {
        "schema": SCHEMA,
        "command": "update",
        "exit_code": updated.exit_code,
        "advisories": {
            "records": info.records,
            "fetched_at": info.fetched_at.isoformat(),
            "origin": info.origin,
            "newest": info.newest and info.newest.isoformat(),
        }
        if isinstance(info, AdvisoryInfo)
        else None,
        "popular": {"names": len(popular.names), "date": popular.date, "origin": popular.origin}
        if isinstance(popular, Popular)
        else None,
        "trust_root": {
            "sha256": hashlib.sha256(root.content).hexdigest(),
            "fetched_at": root.fetched_at.isoformat(),
            "origin": root.origin,
        }
        if isinstance(root, KeptTrustRoot)
        else None,
        "rewritten": list(updated.rewritten),
        "problems": updated.problems,
    }


def _lines(updated: _Updated) -> Iterator[str]:
    info, popular = updated.advisories, updated.popular
    if isinstance(info, AdvisoryInfo):
        yield f"advisories: {info.records} records from {info.origin}"
    if isinstance(popular, Popular):
        yield f"popular: {len(popular.names)} names of {popular.date} from {popular.origin}"
    if isinstance(updated.trust_root, KeptTrustRoot):
        yield f"trust root: from {updated.trust_root.origin}"
    yield from (f"ledger: {line}" for line in updated.rewritten)


def _span(seconds: float) -> timedelta:
    if not 0 < seconds <= _LONGEST:  # nor is it one where it is no number (NaN)
        raise UsageError(f"--deadline: {seconds:g} is no number of seconds above 0, and {_LONGEST} at most")
    return timedelta(seconds=seconds)


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary, help=f"{summary[0].upper()}{summary[1:]}.")
    @click.option("--deadline", type=float, metavar="SECONDS", help="How long fetching may take.")
    @click.pass_obj
    def command(options: Options, deadline: float | None) -> int:
        configuration = options.configuration()
        if configuration.advisories_url is None:
            raise UsageError("no source of advisories is configured", hint="set sources.advisories")
        limit = configuration.update_deadline if deadline is None else _span(deadline)
        state = State.of_this_user()
        updated = asyncio.run(_update(configuration, configuration.advisories_url, state, limit))
        if isinstance(updated.advisories, AdvisoryInfo):
            updated = _judge_again(updated, state)
        if options.format == "json":
            click.echo(as_text(_to_json(updated)), nl=False)
            return updated.exit_code
        for line in _lines(updated):
            click.echo(foreign(line, 500))
        for line in updated.problems:
            click.echo(f"trustguard: {foreign(line, 2000)}", err=True)
        return updated.exit_code

    return command
