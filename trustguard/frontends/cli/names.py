"""``trustguard names``: which of many names may be taken for those of popular projects, offline."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.state import State
from trustguard.model.project import project_name
from trustguard.reports.text import foreign

if TYPE_CHECKING:
    from trustguard.sources.names import Names

_EVERY = 5_000
_PATIENCE = 1.0
"""After so many names, and seconds, it is told how far it has come; on a terminal only."""
_IMPOSSIBLE = "no project can have this name"
_SHOWN = 120
_LONGEST_LINE = 100_000


def _answer(name: str, names: Names) -> dict[str, Any]:
    """What is to be said of one name, as it was given."""
    nothing = {"name": name, "tier": None, "target": None, "kind": None, "confidence": 0.0}
    try:
        hit = names.look(project_name(name))
    except ValueError as error:
        return {**nothing, "reason": foreign(f"{_IMPOSSIBLE}: {error}", 2 * _SHOWN)}
    if hit is None:
        return {**nothing, "reason": ""}
    return {
        "name": name,
        "tier": hit.tier,
        "target": hit.target,
        "kind": hit.kind,
        "confidence": hit.confidence,
        "reason": hit.reason,
    }


def _row(answer: dict[str, Any]) -> str:
    name = foreign(answer["name"], _SHOWN)
    if answer["tier"] is None:
        return f"{name:30}  {answer['reason'] or '-'}"
    return (
        f"{name:30}  {answer['tier']:10}  {answer['target']}  "
        f"({answer['confidence']:.2f}, {answer['kind']}): {answer['reason']}"
    )


def _lines(stream: TextIO) -> Iterator[str]:
    """The names, one a line, without empty lines; of a line without end only the beginning is kept."""
    while line := stream.readline(_LONGEST_LINE):
        name = line.strip("\r\n")
        while not line.endswith("\n") and (line := stream.readline(_LONGEST_LINE)):
            pass
        if name.strip():
            yield name


class _Progress:
    """Tells how far it has come, on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._told = stream, time.monotonic()

    def __call__(self, count: int) -> None:
        now = time.monotonic()
        if count % _EVERY == 0 and self._stream.isatty() and now - self._told >= _PATIENCE:
            self._told = now
            self._stream.write(f"trustguard: {count:,} names\n")


def _run(stream: TextIO, format_: str) -> int:
    """Answer for every name; returns the exit code, 1 where a line held none."""
    from trustguard.frontends.popular import names_in_use  # noqa: PLC0415 - not before it is needed

    def warn(line: str) -> None:
        click.echo(f"trustguard: {foreign(line, 2000)}", err=True)

    names = names_in_use(State.of_this_user(), warn)
    progress = _Progress(sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name may have characters that the terminal has not
        sys.stdout.reconfigure(errors="backslashreplace")
    impossible = 0
    for count, name in enumerate(_lines(stream), start=1):
        answer = _answer(name, names)
        impossible += answer["tier"] is None and answer["reason"].startswith(_IMPOSSIBLE)
        sys.stdout.write((json.dumps(answer) if format_ == "jsonl" else _row(answer)) + "\n")
        progress(count)
    if impossible:
        warn(f"{impossible:,} of the lines held no project's name")
    return int(impossible > 0)


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, help=f"{summary[0].upper()}{summary[1:]}.", epilog="FILE has one name a line.")
    @click.argument("file", type=click.File(encoding="utf-8-sig", errors="backslashreplace"), default="-")
    @click.option("--format", "format_", type=click.Choice(["table", "jsonl"]), help="How results are shown.")
    @click.pass_obj
    def command(options: Options, file: TextIO, format_: str | None) -> int:
        return _run(file, format_ or ("jsonl" if options.format == "json" else "table"))

    return command
