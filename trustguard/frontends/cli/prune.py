"""``trustguard prune``: exceptions that have expired, or are not needed any more, taken out of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click
from packaging.version import Version

from trustguard.config.superseding import idle
from trustguard.frontends.cli.entry import entry_as_json, indented
from trustguard.frontends.cli.options import Options
from trustguard.frontends.rules_file import Machine, RulesFile
from trustguard.frontends.state import State
from trustguard.model.errors import StoreError, UsageError
from trustguard.model.policy import Allow, Selector
from trustguard.model.project import Sha256, project_name
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import counted, foreign

Why = Literal["expired", "superseded", "unused"]
_LINE = 2000
_WILD = frozenset("*?[")


@record
class Removed:
    """An exception that went.

    Args:
        line: where it stood, from 1.
        why: the reason.
        by: the line of the one that lets in as much.
        entry: what it said.
        text: its own lines.
    """

    line: int
    why: Why
    by: int | None
    entry: Allow
    text: str


def prune(file: RulesFile, installed: Sequence[LedgerEntry] | None, *, dry_run: bool) -> tuple[Removed, ...]:
    """Take exceptions out of a file.

    Args:
        file: the file.
        installed: what all environments have; None: nothing goes for not being used.
        dry_run: whether nothing is written.

    Raises:
        ConfigError: the file is wrong.
        StoreError: it cannot be written.
    """
    with file.locked():
        before = file.content()
        entries, statement = file.entries(before, "allow")
        there, lines = [allow for allow, _ in statement.allow], entries.lines()
        found: dict[int, tuple[Why, int | None]] = {}
        for number, other in idle(there, file.machine.today):
            found[number] = ("expired", None) if other is None else ("superseded", lines[other])
        for number in _unused(there, installed):
            found.setdefault(number, ("unused", None))
        removed = []
        for number in sorted(found, reverse=True):  # from the end, so that the places of the others hold
            edited = entries.removed(number)
            entries = replace(entries, text=edited.text)
            removed.append(Removed(lines[number], *found[number], there[number], edited.entry))
        if removed and not dry_run:
            file.check(entries.text)
            file.write(before, entries.text)
    return tuple(reversed(removed))


def _unused(entries: Sequence[Allow], installed: Sequence[LedgerEntry] | None) -> Iterator[int]:
    """The exceptions that are for files which no environment has.

    One that names neither a version nor a digest, or no one project, is for files that are yet to come.
    """
    for number, entry in enumerate(entries):
        selector = entry.selector
        is_pinned = selector.version is not None or bool(selector.sha256)
        if installed is None or not is_pinned or _WILD & set(selector.project):
            continue
        if not any(_is_for(selector, one) for one in installed):
            yield number


def _is_for(selector: Selector, one: LedgerEntry) -> bool:
    # Which index a file is from is no reason to take out an exception: a mirror has another address.
    anywhere = replace(selector, index=None)
    return anywhere.covers(project_name(one.distribution), Version(one.version), Sha256(one.sha256), "")


def installed_everywhere(state: State) -> list[LedgerEntry] | None:
    """What the ledgers of all environments of this user know; None where there is none, and nobody can tell.

    Raises:
        StoreError: one of them cannot be read, so that what it knows cannot be told.
    """
    from trustguard.store.environments import Environments  # noqa: PLC0415 - only where it is asked for
    from trustguard.store.ledger import Ledger  # noqa: PLC0415 - likewise

    ledgers = Environments(state.environments).ledgers()
    if not ledgers:
        return None
    return [one for path in ledgers for one in Ledger(path, state.locks).read().values()]


def _show(file: RulesFile, removed: Sequence[Removed], *, written: bool) -> None:
    label = foreign(file.label, _LINE)
    if not removed:
        click.echo(f"nothing to remove from {label}")
        return
    would = "" if written else "would be "
    click.echo(f"{would}removed from {label}: {counted(len(removed), 'exception')}")
    for one in removed:
        reason = {
            "expired": f"expired on {one.entry.expires}",
            "superseded": f"the one on line {one.by} lets in as much",
            "unused": "no environment has what it is for",
        }[one.why]
        click.echo(f"line {one.line}: {reason}")
        click.echo(indented(one.text))


def _to_json(file: RulesFile, removed: Sequence[Removed], problems: list[str], *, written: bool) -> Any:  # noqa: ANN401 - JSON
    found = [
        {
            "line": one.line,
            "why": one.why,
            "superseded_by": one.by,
            "entry": entry_as_json(one.entry),
            "text": one.text,
        }
        for one in removed
    ]
    return {
        "schema": SCHEMA,
        "command": "prune",
        "exit_code": 0,
        "written": written,
        "file": str(file.path),
        "layer": file.layer,
        "removed": found,
        "problems": problems,
    }


def _installed(problems: list[str]) -> list[LedgerEntry] | None:
    try:
        found = installed_everywhere(State.of_this_user())
    except StoreError as error:
        problems.append(f"what is unused cannot be told: {error}")
        return None
    if found is None:
        problems.append("what is unused cannot be told: no environment with a ledger is known")
    return found


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.option("--unused", is_flag=True, help="Also those for files that no environment's ledger knows.")
    @click.option(
        "--file", "named", type=click.Path(path_type=Path), help="Another file than the user's own."
    )
    @click.option("--dry-run", is_flag=True, help="Write nothing: tell what would be removed.")
    @click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown.")
    @click.pass_context
    def command(
        ctx: click.Context, named: Path | None, format_: str | None, *, unused: bool, dry_run: bool
    ) -> int:
        """Remove exceptions from trustguard.toml that have expired, or that another one makes needless.

        What is removed is shown with its lines. Comments above and below it, and all other lines, stay.

        With --unused, also those that are bound to a version or digest which no environment of this user
        has. An exception for something that is yet to be installed is among them: look with --dry-run.
        """
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        problems: list[str] = []
        file = RulesFile.find(Machine.this_one(), named)
        if named is not None and file.content() is None:
            raise UsageError(f"{file.label}: there is no such file")
        removed = prune(file, _installed(problems) if unused else None, dry_run=dry_run)
        written = bool(removed) and not dry_run
        if options.format == "json":
            click.echo(as_text(_to_json(file, removed, problems, written=written)), nl=False)
            return 0
        _show(file, removed, written=written)
        for problem in problems:
            click.echo(f"trustguard: {foreign(problem, _LINE)}", err=True)
        return 0

    return command
