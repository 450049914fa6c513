"""``trustguard install``, ``download``, ``wheel`` and ``lock``: pip's commands, guarded."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from trustguard.frontends.cli.options import Options
from trustguard.installers.pip.run import PipProcess, target_interpreter

if TYPE_CHECKING:
    from trustguard.frontends.outcome import Outcome


_USAGE = 2
_OF_PIP = frozenset({"install", "download", "wheel", "lock"})
"""The commands of pip that have no option which is called as one of ours is."""
_OURS = frozenset({"--format", "--report-file", "--profile", "--set"})


def run_pip(options: Options, args: tuple[str, ...], *, check: bool = False) -> int:
    """Run a pip command, guarded where it installs or builds, and show what came of it.

    Args:
        options: what stood before the command.
        args: pip's command line, from the command on.
        check: whether only the verdicts are wanted; ``args`` are then those of a dry run.

    Returns:
        The exit code.
    """
    outcome = outcome_of(options, args, check=check)
    command = "check" if check else args[0] if args else "pip"
    if outcome.report is None and outcome.exit_code == _USAGE and args[0] in _OF_PIP:
        _hint(command, args)
    return told(options, outcome, command, every=check)


def _hint(command: str, args: tuple[str, ...]) -> None:
    """Where pip knows no such option because it is ours, say where it stands."""
    for option in (word.partition("=")[0] for word in args):
        if option in _OURS:
            hint = f"{option} is an option of trustguard's: trustguard {option} … {command} …"
            click.echo(f"  {hint}", err=True)


def told(options: Options, outcome: Outcome, command: str, *, every: bool = False) -> int:
    """Show what came of a command, and write it into the file that was named.

    Args:
        options: what stood before the command.
        outcome: what came of it.
        command: what it is called.
        every: whether the report is all there is to show.

    Returns:
        The exit code.
    """
    from trustguard.frontends.cli import delivery  # noqa: PLC0415 - it has been loaded before
    from trustguard.frontends.cli.terminal import show  # noqa: PLC0415 - likewise

    if outcome.report is None:
        return delivery.nothing(options, command, outcome.exit_code)
    document = delivery.OfRun(outcome.report, outcome)
    if not delivery.printed(options, document):
        show(outcome.report, options.format, outcome.beside, every=every)
    return delivery.written(options, document, outcome.exit_code)


def outcome_of(options: Options, args: tuple[str, ...], *, check: bool = False) -> Outcome:
    """Run a pip command, guarded where it installs or builds.

    Args:
        options: what stood before the command.
        args: pip's command line, from the command on.
        check: whether only the verdicts are wanted; ``args`` are then those of a dry run.
    """
    with PipProcess(target_interpreter(options.python, os.environ), args, elsewhere=False) as process:
        # All the rest is loaded while pip's process gets ready.
        from trustguard.frontends.cli import delivery  # noqa: PLC0415
        from trustguard.frontends.cli.terminal import TransferProgress, ask  # noqa: PLC0415
        from trustguard.frontends.request import Request  # noqa: PLC0415
        from trustguard.frontends.session import run  # noqa: PLC0415
        from trustguard.frontends.state import State  # noqa: PLC0415

        delivery.load(options)
        request = Request(
            configuration=options.configuration(),
            state=State.of_this_user(),
            args=args,
            # In a check nobody is asked: that somebody would be is the verdict.
            ask=(lambda *_: None) if check else ask,
            progress=TransferProgress(sys.stderr),
            quiet_stdout=check or options.format != "table",
            check=check,
            locate=options.wants_sarif,
        )
        return run(request, process)


def command_for(name: str, summary: str) -> click.Command:
    """The command of this name: all that stands behind it goes to pip."""

    @click.command(
        name,
        short_help=summary,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("args", nargs=-1, type=click.UNPROCESSED)
    @click.pass_obj
    def command(options: Options, args: tuple[str, ...]) -> int:
        # ``pip`` is any command of pip's; the others are the command themselves.
        return run_pip(options, args if name == "pip" else (name, *args))

    return command
