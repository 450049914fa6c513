"""``trustguard enforce``: stop pip and uv where nobody guards them, by their own configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import click

from trustguard.frontends.cli.options import Options, named
from trustguard.frontends.enforcement.changes import apply
from trustguard.frontends.enforcement.places import Place, Scope, places
from trustguard.frontends.enforcement.trial import Row, try_pip, try_uv
from trustguard.installers.pip.run import target_interpreter
from trustguard.model.errors import StoreError, UsageError
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import foreign

_NOT_ENFORCED = 1
_SCOPES: tuple[Scope, ...] = ("user", "venv", "system")
_LIMITS = (
    "not stopped: pip with --isolated or PIP_CONFIG_FILE, uv with --no-config or --config-file,"
    " and tools that read neither's configuration (poetry, pdm, conda)"
)


def _prefix(interpreter: Path) -> Path:
    """The virtual environment of an interpreter.

    Raises:
        UsageError: it is in none.
    """
    # As bytes: the locale may not have the characters of a path.
    told = "os.fsencode(sys.prefix if sys.prefix != sys.base_prefix else '')"
    code = f"import os, sys; sys.stdout.buffer.write({told})"
    words = [str(interpreter), "-I", "-c", code]
    try:
        done = subprocess.run(words, capture_output=True, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(f"{interpreter} cannot be run: {error}") from error
    prefix = os.fsdecode(done.stdout)
    if not prefix:
        hint = "activate one, or name it with --python"
        raise UsageError(f"{interpreter} is in no virtual environment", hint=hint)
    return Path(prefix)


def _carry_out(scope: Scope, found: Iterable[Place], *, off: bool) -> None:
    try:
        apply([change for place in found for change in (place.off() if off else place.on())])
    except StoreError as error:
        rights = "a system's files need root's rights" if scope == "system" else ""
        raise StoreError(f"nothing was changed: {error}", hint=error.hint or rights) from error


def _states(found: Iterable[Place], scope: str) -> Iterator[Row]:
    for place in found:
        stopped = place.in_force
        told = f"{'stopped' if stopped else 'not stopped'} by {place.path}"
        yield f"{place.tool}, {scope}", told, stopped


def _found(scope: Scope, interpreter: Path) -> list[Place]:
    """The files of a scope.

    Raises:
        UsageError: it has none for this interpreter.
    """
    return places(scope, os.environ, prefix=_prefix(interpreter) if scope == "venv" else None)


def _all_states(interpreter: Path) -> Iterator[Row]:
    """Of every scope; an interpreter may be in no virtual environment."""
    for scope in _SCOPES:
        with suppress(UsageError):
            yield from _states(_found(scope, interpreter), scope)


def _status(interpreter: Path, scope: Scope | None, options: Options) -> int:
    """Tell, and try. Of all scopes none has to have it all: what comes of it counts."""
    states = [*(_states(_found(scope, interpreter), scope) if scope else _all_states(interpreter))]
    tried = [*_trials(interpreter)]
    _show([*states, *tried], options)
    if options.format != "json":
        click.echo(_LIMITS, err=True)
    counts = [*states, *tried] if scope or not tried else tried
    return 0 if all(stopped for _, _, stopped in counts) else _NOT_ENFORCED


def _trials(interpreter: Path) -> Iterator[Row]:
    yield from filter(None, (try_pip(interpreter, os.environ), try_uv(os.environ)))


def _show(rows: Iterable[Row], options: Options) -> None:
    if options.format == "json":
        findings = [{"about": about, "found": found, "ok": stopped} for about, found, stopped in rows]
        click.echo(as_text({"schema": SCHEMA, "command": "enforce", "findings": findings}), nl=False)
        return
    rows = list(rows)
    width = max(len(about) for about, _, _ in rows)
    for about, found, stopped in rows:
        click.echo(f"{'  ' if stopped else '! '}{about:<{width}}  {foreign(found, 500)}")


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.argument("scope", type=click.Choice(_SCOPES), required=False)
    @click.option("--off", is_flag=True, help="Take it back: every file is as it was.")
    @click.option("--status", is_flag=True, help="Change nothing: tell, and try, what is stopped.")
    @click.option("--python", metavar="PATH", callback=named, help="The interpreter, or virtual environment.")
    @click.pass_obj
    def command(options: Options, scope: Scope | None, off: bool, status: bool, python: str | None) -> int:
        """Have pip and uv say what to type instead of installing what nobody has vetted.

        It stands in their own configuration files: the user's, a virtual environment's (pip alone), or the
        system's. trustguard goes on to use the indexes that are configured there.

        With --status, the exit code is 0 where all of them are stopped, and 1 otherwise.
        """
        if off and status:
            raise click.UsageError("--off and --status are two things")
        if scope is None and not status:
            raise click.UsageError("say whose configuration: user, venv or system")
        interpreter = target_interpreter(python or options.python, os.environ)
        if scope is None or status:
            return _status(interpreter, scope, options)
        found = _found(scope, interpreter)
        _carry_out(scope, found, off=off)
        _show(_states(found, scope), options)
        return 0

    return command
