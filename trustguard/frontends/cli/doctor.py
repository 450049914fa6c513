"""``trustguard doctor``: what trustguard sees, and what protects this shell."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import click

from trustguard import __version__
from trustguard.config import Configuration
from trustguard.frontends.cli.options import Options
from trustguard.frontends.outcome import LEDGER
from trustguard.frontends.session import sources_of
from trustguard.frontends.state import State
from trustguard.installers.pip.run import target_interpreter
from trustguard.model.errors import StoreError, TrustguardError
from trustguard.model.request import Sources
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import foreign

Row = tuple[str, str, bool]
"""What it is about, what was found, and whether that is as it should be."""


def _program() -> Iterator[Row]:
    yield "trustguard", f"{__version__} in {sys.executable}", True
    yield "pip", f"{version('pip')}, trustguard's own copy, which runs in the target", True


def _target(interpreter: Path, purelib: str, python: str) -> Iterator[Row]:
    yield "target", f"Python {python}, {interpreter}", True
    ledger = Path(purelib) / LEDGER
    yield "ledger", f"{ledger}{'' if ledger.is_file() else ' (none: nothing was installed guarded)'}", True


def _sources(sources: Sources) -> Iterator[Row]:
    from trustguard.sources.urls import redact  # noqa: PLC0415 - a source is loaded only where it is needed

    for number, url in enumerate(sources.indexes, start=1):
        yield f"index {number}", redact(url), True
    for place in sources.find_links:
        yield "find-links", redact(place), True
    if not sources.indexes and not sources.find_links:
        yield "indexes", "none: pip is configured with --no-index and without find-links", False
    if sources.proxy:
        yield "proxy", redact(sources.proxy), True


def _advisories(configuration: Configuration, state: State) -> Iterator[Row]:
    from trustguard.frontends.advisories import advisory_store  # noqa: PLC0415 - not for the help

    try:
        info = advisory_store(state).info()
    except StoreError as error:
        yield "advisories", str(error), False
        return
    if info is None:
        yield "advisories", "none: run `trustguard update`", False
        return
    age = datetime.now(timezone.utc) - info.fetched_at
    hours = int(age.total_seconds() // 3600)
    told = f"{info.records} records, {hours} hours old, from {info.origin}"
    yield "advisories", told, age <= configuration.max_age


def _popular(state: State) -> Iterator[Row]:
    from trustguard.frontends.popular import in_use  # noqa: PLC0415 - likewise

    problems: list[str] = []
    popular = in_use(state, problems.append)
    for problem in problems:
        yield "popular", problem, False
    if popular is not None:
        yield "popular", f"{len(popular.names)} names of {popular.date}, from {popular.origin}", True


def _trust_root(configuration: Configuration, state: State) -> Iterator[Row]:
    from trustguard.frontends.trust_root import in_use  # noqa: PLC0415 - likewise

    problems: list[str] = []
    try:
        found = in_use(configuration, state, problems.append)
    except TrustguardError as error:
        yield "trust root", str(error), False
        return
    for problem in problems:
        yield "trust root", problem, False
    origin = found.origin.removeprefix("that ")
    yield "trust root", f"{origin}, sha256 {found.digest[:16]}", True


def _configuration(configuration: Configuration) -> Iterator[Row]:
    for layer in configuration.layers:
        place = "" if layer.path is None else f" ({layer.path})"
        yield f"config: {layer.name}", f"{'in force' if layer.present else 'says nothing'}{place}", True
    policy = configuration.policy
    yield "policy", f"profile {policy.profile}, unknown = {policy.unknown}, digest {policy.digest[:16]}", True
    for warning in configuration.warnings:
        yield "warning", warning, False


def _protection() -> Iterator[Row]:
    pip = shutil.which("pip")
    if pip is not None:
        yield "this shell", f"`pip` is {pip} and is not guarded: type `trustguard install`", False


def _rows(options: Options) -> Iterator[Row]:
    configuration, state = options.configuration(), State.of_this_user()
    interpreter = target_interpreter(options.python, os.environ)
    yield from _program()
    try:
        with tempfile.TemporaryDirectory(prefix="trustguard-") as folder:
            plan, sources = sources_of(interpreter, Path(folder))
    except TrustguardError as error:
        yield "target", str(error), False
    else:
        yield from _target(interpreter, plan.target.purelib, plan.target.python)
        yield from _sources(sources)
    yield from _advisories(configuration, state)
    yield from _popular(state)
    yield from _trust_root(configuration, state)
    yield from _configuration(configuration)
    yield from _protection()


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary, help=f"{summary[0].upper()}{summary[1:]}.")
    @click.option(
        "--self-test",
        "tested",
        is_flag=True,
        help="Have harmless packages refused that must be: in a throw-away environment, and offline.",
    )
    @click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown.")
    @click.pass_context
    def command(ctx: click.Context, format_: str | None, *, tested: bool) -> int:
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        if tested:
            from trustguard.frontends.cli.self_test import self_test  # noqa: PLC0415 - with all that it loads

            return self_test(options)
        rows = list(_rows(options))
        if options.format == "json":
            findings = [{"about": about, "found": found, "ok": fine} for about, found, fine in rows]
            click.echo(as_text({"schema": SCHEMA, "command": "doctor", "findings": findings}), nl=False)
        else:
            width = max(len(about) for about, _, _ in rows)
            for about, found, fine in rows:
                click.echo(f"{'  ' if fine else '! '}{about:<{width}}  {foreign(found, 500)}")
        return 0

    return command
