"""What ``trustguard allow`` and ``deny`` have in common: an entry is written, and what was done is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from trustguard.checks import discover
from trustguard.config.editing import Edited, Entries
from trustguard.config.entries import Entry, Typed, allow_entry, deny_entry, is_same
from trustguard.config.superseding import covers, selects_as_much
from trustguard.frontends.rules_file import Kind, Machine, RulesFile
from trustguard.model.policy import DENIED, NEVER_EXCUSED_BY_DEFAULT, Allow, Deny
from trustguard.model.record import record
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import foreign

_LINE = 2000
_NAMED = {
    "known-malicious": "it excuses known-malicious: what is listed as malware gets in",
    "provenance": "it excuses provenance: what has a forged attestation gets in",
}


@record
class Done:
    """What was done to a file.

    Args:
        kind: of entry.
        file: which file.
        entry: the entry.
        outcome: "added", "replaced", or "unchanged" where it was there already.
        line: where it stands, from 1.
        text: its own lines.
        before: those of the one that it takes the place of.
        warnings: one line each.
        written: whether the file was changed.
    """

    kind: Kind
    file: RulesFile
    entry: Entry
    outcome: str
    line: int
    text: str
    before: str | None
    warnings: tuple[str, ...]
    written: bool


def put(kind: Kind, typed: Typed, named: Path | None, machine: Machine, *, dry_run: bool) -> Done:
    """Write an entry into a file, in the place of one about the same where there is one.

    Args:
        kind: of entry.
        typed: what was typed.
        named: the file; None: the user's own.
        machine: where files are looked for.
        dry_run: whether nothing is written.

    Raises:
        ConfigError: what was typed is wrong, or a file is, or the file may not say this.
        StoreError: the file cannot be written.
    """
    file = RulesFile.find(machine, named)
    if kind == "allow":
        entry = allow_entry(typed, file.layer, discover(), machine.today)
        answer = file.exceptions()
    else:
        entry, answer = deny_entry(typed, file.layer), "yes"
    with file.locked():
        before = file.content()
        entries, statement = file.entries(before, kind)
        there = [item for item, _ in (statement.allow if kind == "allow" else statement.deny)]
        entry = _with_digests_of(there, entry, machine.today)
        outcome, edited, old = _edited(entries, entry, there)
        file.check(edited.text)
        write = outcome != "unchanged" and not dry_run
        if write:
            file.write(before, edited.text)
    denied = file.configuration().policy.deny
    warnings = tuple(_warnings(entry.meaning, answer, there, entries, denied))
    return Done(kind, file, entry, outcome, edited.line, edited.entry, old, warnings, write)


def _with_digests_of(there: Sequence[Allow | Deny], entry: Entry, today: date) -> Entry:
    """An exception for one file more of a release of which others hold already: it must not undo those.

    A release has a file for each platform and Python, and a refusal names the digest of the one at hand.
    """
    before = next((one for one in there if is_same(one, entry.meaning)), None)
    own = entry.meaning.selector.sha256
    if not isinstance(before, Allow) or not before.active(today) or not own or not before.selector.sha256:
        return entry
    digests = tuple(dict.fromkeys((*before.selector.sha256, *own)))
    meaning = replace(entry.meaning, selector=replace(entry.meaning.selector, sha256=digests))
    return Entry({**entry.table, "sha256": list(digests)}, meaning)


def _edited(entries: Entries, entry: Entry, there: Sequence[Allow | Deny]) -> tuple[str, Edited, str | None]:
    number = next((n for n, other in enumerate(there) if is_same(other, entry.meaning)), None)
    if number is None:
        return "added", entries.added(entry.table), None
    shown = entries.shown(number)
    if _without_by(there[number]) == _without_by(entry.meaning):
        return "unchanged", Edited(entries.text, entries.lines()[number], shown), None
    return "replaced", entries.replaced(number, entry.table), shown


def _without_by(entry: Allow | Deny) -> Allow | Deny:
    return replace(entry, by="") if isinstance(entry, Allow) else entry


def _warnings(
    entry: Allow | Deny,
    answer: str,
    there: Sequence[Allow | Deny],
    entries: Entries,
    denied: Iterable[Deny],
) -> Iterator[str]:
    if not isinstance(entry, Allow):
        return
    yield from (said for check, said in _NAMED.items() if entry.checks and check in entry.checks)
    if entry.checks is None:
        rest = ", ".join(sorted(NEVER_EXCUSED_BY_DEFAULT - {DENIED}))
        yield f"no --check was given: it excuses whatever is found, but for {rest}"
    if answer == "ask":
        yield "user-exceptions is 'ask': it turns a refusal into a question, at each use"
    before = next((one for one in there if is_same(one, entry)), None)
    if isinstance(before, Allow) and _outlasts(entry, before):
        yield f"it lets in the file that was there already no longer only until {before.expires}"
    others = (n for n, o in enumerate(there) if isinstance(o, Allow) and covers(o, entry))
    broader = next((n for n in others if not is_same(there[n], entry)), None)
    if broader is not None:
        yield f"the entry on line {entries.lines()[broader]} lets in as much already"
    refusal = next((one for one in denied if selects_as_much(one.selector, entry.selector)), None)
    if refusal is not None:
        yield f"it excuses nothing while a [[deny]] for {refusal.selector.project} stands: {refusal.reason}"


def _outlasts(entry: Allow, before: Allow) -> bool:
    """Whether digests that an exception has taken over from another one hold for longer now."""
    kept, every = set(before.selector.sha256), set(entry.selector.sha256)
    longer = before.expires is not None and (entry.expires is None or entry.expires > before.expires)
    return longer and bool(kept) and kept < every


def show(done: Done, format_: str) -> None:
    """Tell what was done."""
    if format_ == "json":
        click.echo(as_text(_to_json(done)), nl=False)
        return
    where = f"{foreign(done.file.label, _LINE)}:{done.line}"
    told = {"added": f"added to {where}", "replaced": f"replaced in {where}"}
    would = "" if done.written or done.outcome == "unchanged" else "would be "
    click.echo(f"{would}{told.get(done.outcome, f'there already, in {where}')}")
    click.echo(indented(done.text))
    if done.before is not None:
        click.echo("in place of")
        click.echo(indented(done.before))
    for warning in done.warnings:
        click.echo(f"trustguard: warning: {foreign(warning, _LINE)}", err=True)


def indented(text: str) -> str:
    """Lines of a file, made safe to show."""
    return "\n".join(f"  {foreign(line, _LINE)}".rstrip() for line in text.splitlines())


def entry_as_json(entry: Allow | Deny) -> dict[str, Any]:
    """What an entry says; null where it says nothing."""
    selector = entry.selector
    checks = entry.checks if isinstance(entry, Allow) else None
    expires = entry.expires if isinstance(entry, Allow) else None
    return {
        "project": selector.project,
        "version": None if selector.version is None else str(selector.version),
        "sha256": list(selector.sha256),
        "index": selector.index,
        "checks": None if checks is None else list(checks),
        "reason": entry.reason,
        "expires": None if expires is None else expires.isoformat(),
    }


def _to_json(done: Done) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "command": done.kind,
        "exit_code": 0,
        "outcome": done.outcome,
        "written": done.written,
        "file": str(done.file.path),
        "layer": done.file.layer,
        "line": done.line,
        "entry": entry_as_json(done.entry.meaning),
        "text": done.text,
        "replaced": done.before,
        "warnings": list(done.warnings),
    }


def options_of_both(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both commands have."""
    for option in (
        click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown."),
        click.option("--dry-run", is_flag=True, help="Write nothing: tell what would be written, and where."),
        click.option(
            "--file", "named", type=click.Path(path_type=Path), help="Another file than the user's own."
        ),
        click.option("--index", metavar="URL", help="Only for files from this index."),
        click.option("--sha256", multiple=True, metavar="HEX", help="Only for the file with this digest."),
        click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the file with it."),
    ):
        command = option(command)
    return command
