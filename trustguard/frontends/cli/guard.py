"""``trustguard guard``: puts the import-time guard into an environment, and takes it out again."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from trustguard.frontends.cli.options import Options, named
from trustguard.import_guard import guard
from trustguard.import_guard.placing import (
    NotAnInterpreterError,
    Target,
    faults,
    look,
    mode_of,
    place,
    remove,
)
from trustguard.import_guard.survey import Owner, is_info
from trustguard.installers.pip.run import target_interpreter
from trustguard.model.errors import StoreError, UsageError
from trustguard.reports.json_report import SCHEMA, as_text
from trustguard.reports.text import foreign

Row = tuple[str, str, bool]
"""What it is about, what was found, and whether that is as it should be."""
T = TypeVar("T")

_REFUSED = {
    "unvetted": "nobody has vetted it",
    "refused": "trustguard refuses it by now",
    "changed": "installed anew since it was vetted",
}
_SHOWN = 20
FAULT = "fault"
"""What a row is about that says why the guard cannot be relied on."""
_UNRELIABLE = 12


def _target(options: Options, python: str | None) -> Target:
    try:
        return Target.of(target_interpreter(python or options.python, os.environ))
    except NotAnInterpreterError as error:
        raise UsageError(str(error)) from error


def _on_disk(doing: str, work: Callable[[], T]) -> T:
    """Do something to the environment's files.

    Raises:
        StoreError: the operating system does not let us.
        UsageError: the interpreter cannot run the guard.
    """
    try:
        return work()
    except NotAnInterpreterError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        place = f" {error.filename}" if error.filename else ""
        hint = "the environment's owner may" if isinstance(error, PermissionError) else ""
        raise StoreError(f"cannot {doing}{place}: {error.strerror or error}", hint=hint) from error


def _named(owner: Owner) -> str:
    return f"{owner.name} {owner.version}".strip()


def _listed(owners: list[Owner]) -> str:
    names = sorted({_named(owner) for owner in owners})
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _rows(target: Target) -> Iterator[Row]:
    for folder in target.folders:
        mode = mode_of(folder)
        yield from _of_guard(target, folder, mode)
        there = _on_disk("read", lambda folder=folder: look(target, folder))  # type: ignore[misc]
        odd = [path.name for path in sorted(folder.glob("*.dist-info")) if not is_info(path.name)]
        if odd:
            yield (
                "unvetted",
                f"{len(odd)}, by names that no distribution has: {', '.join(odd[:_SHOWN])}",
                False,
            )
        counted = Counter(owner.state for owner in there)
        yield "vetted", str(counted["vetted"]), True
        for state, what in (("accepted", "accepted as they were"), ("own", "the user's own projects")):
            if counted[state]:
                yield (
                    state,
                    f"{counted[state]}, {what}: {_listed([o for o in there if o.state == state])}",
                    True,
                )
        for state, why in _REFUSED.items():
            of_state = [owner for owner in there if owner.state == state]
            if of_state:
                yield state, f"{len(of_state)}, {why}: {_listed(of_state)}", False
        for owner in there:
            for path, intruder, *_ in owner.entries:
                if intruder:
                    yield "intruder", f"{intruder} has put something into {path} of {_named(owner)}", False


def _of_guard(target: Target, folder: Path, mode: str | None) -> Iterator[Row]:
    if mode is None:
        yield "guard", f"not in {folder}: trustguard guard enable", False
    else:
        yield "guard", f"mode {mode}, in {folder}", True
        before = sorted(path.name for path in folder.glob("*.pth") if path.name < guard.PTH)
        if before:
            yield "start-up", f"runs before the guard: {', '.join(before)}", False
    for fault in _on_disk("read", lambda: faults(target, folder)):
        yield FAULT, fault, False
    ledger = target.folders[0] / guard.LEDGER
    there = ledger.is_file()
    yield "ledger", str(ledger) if there else f"{ledger} (none: nothing was installed guarded)", there


def _show(options: Options, rows: list[Row]) -> int:
    """Show what was found. Returns the exit code: 12 where the guard cannot be relied on."""
    code = _UNRELIABLE if any(about == FAULT for about, _, _ in rows) else 0
    if options.format == "json":
        findings = [{"about": about, "found": found, "ok": fine} for about, found, fine in rows]
        click.echo(as_text({"schema": SCHEMA, "command": "guard", "findings": findings}), nl=False)
        return code
    width = max(len(about) for about, _, _ in rows)
    for about, found, fine in rows:
        click.echo(f"{'  ' if fine else '! '}{about:<{width}}  {foreign(found, 2000)}")
    return code


def _not_to_lock_ourselves_out(target: Target) -> None:
    """Refuse to guard the environment that trustguard runs in, as long as it would then not start any more.

    Raises:
        UsageError: it would not.
    """
    home = Path(guard.__file__).resolve().parents[2]
    if home not in target.folders and Path(sys.prefix).resolve() != target.prefix.resolve():
        return
    bad = [o for folder in target.folders for o in look(target, folder) if o.state in _REFUSED]
    if bad:
        raise UsageError(
            f"trustguard itself runs in {target.prefix}, where nobody has vetted {_listed(bad)}",
            hint="add --accept-installed, or --mode warn, or give trustguard an environment of its own",
        )


def _python_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--python", metavar="PATH", callback=named, help="The interpreter, or virtual environment."
    )(command)


@click.command("enable", short_help="put the guard in place, or bring it up to date")
@_python_option
@click.option(
    "--mode",
    type=click.Choice(guard.MODES),
    help="block (the default): what nobody vetted cannot be imported; warn: a line on stderr says so.",
)
@click.option(
    "--accept-installed", is_flag=True, help="Let in what is there now, as it is now, although unvetted."
)
@click.pass_obj
def _enable(options: Options, python: str | None, mode: str | None, accept_installed: bool) -> int:
    """Put the guard into an environment, or bring up to date what is there.

    Without --mode the mode stays as it is. pip and setuptools are let in as they are when the guard is
    enabled for the first time, and so is start-up code that belongs to no distribution.
    """
    target = _target(options, python)
    mode = mode or mode_of(target.folders[0]) or "block"
    if mode == "block" and not accept_installed:
        _on_disk("read", lambda: _not_to_lock_ourselves_out(target))
    _on_disk("enable the guard", lambda: place(target, mode, everything=accept_installed))
    return _show(options, list(_rows(target)))


@click.command("disable", short_help="take the guard out again")
@_python_option
@click.pass_obj
def _disable(options: Options, python: str | None) -> int:
    """Take the guard out of an environment. The ledger stays."""
    target = _target(options, python)
    found = _on_disk("disable the guard", lambda: remove(target))
    text = "removed from" if found else "there was none in"
    return _show(options, [("guard", f"{text} {folder}", True) for folder in target.folders])


@click.command("status", short_help="tell whether it is there, and what it lets in")
@_python_option
@click.pass_obj
def _status(options: Options, python: str | None) -> int:
    """Tell whether the guard is there, its mode, and what it lets in. Nothing of the environment runs.

    Ends with 12 where the guard is not whole, was changed, or a distribution has brought files of its own
    in the place of the guard's.
    """
    return _show(options, list(_rows(_target(options, python))))


def command_for(name: str, summary: str) -> click.Command:
    """The command."""
    commands = {str(command.name): command for command in (_enable, _disable, _status)}
    return click.Group(name, commands, short_help=summary, help=f"{summary[0].upper()}{summary[1:]}.")
