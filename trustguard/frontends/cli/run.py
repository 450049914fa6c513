"""``trustguard run``: any program that installs, with the guard as every index that it asks."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import click

from trustguard.frontends.cli.guarded import run_pip, told
from trustguard.frontends.cli.options import Options
from trustguard.model.errors import UsageError

_PIP = ("pip", "pip3")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*|\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*\]?")
"""A name or an address, with neither a port nor a path."""


def _pip_of(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """The arguments of pip, where that is what would be run: it has a front door of its own."""
    name = Path(words[0]).stem if words[0].endswith(".exe") else Path(words[0]).name
    if name in _PIP or (name.startswith("pip3.") and name[5:].isdigit()):
        return words[1:]
    if name.startswith("python") and words[1:3] == ("-m", "pip"):
        return words[3:]
    return None


def _interpreter_of(word: str) -> str | None:
    """The environment of a program that was named by its path."""
    path = Path(word)
    return str(path.absolute().parent.parent) if path.parent != Path() else None


def _hosts(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """The names of hosts, as they are compared."""
    for value in values:
        if _HOST.fullmatch(value) is None:
            raise click.BadParameter(
                f"{value!r} is no name of a host, such as files.example", context, parameter
            )
    return frozenset(value.strip("[]").lower() for value in values)


def command_for(name: str, summary: str) -> click.Command:
    """The command: behind it stands another one."""

    @click.command(
        name,
        short_help=summary,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.option(
        "--allow-host",
        "hosts",
        multiple=True,
        metavar="HOST",
        callback=_hosts,
        help="A host that may be reached without anybody looking, such as one that serves no packages.",
    )
    @click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--] COMMAND...")
    @click.pass_obj
    def command(options: Options, hosts: frozenset[str], words: tuple[str, ...]) -> int:
        """Run a program; what it asks an index for is vetted on the way.

        The indexes are those that the program is configured with; its lock files are as they would be without
        trustguard. What is no index is not reached, unless --allow-host names it.
        """
        if not words:
            raise click.UsageError("name a command, such as: trustguard run uv sync")
        pip = _pip_of(words)
        if pip is not None:
            python = options.python or _interpreter_of(words[0])
            return run_pip(replace(options, python=python), pip)
        return _run(options, words, hosts)

    return command


def _run(options: Options, words: tuple[str, ...], hosts: frozenset[str]) -> int:
    from trustguard.installers.pip.run import CONFIGURED, PipProcess  # noqa: PLC0415 - not for the help
    from trustguard.installers.tools import detours, prefixes  # noqa: PLC0415

    if shutil.which(words[0]) is None:
        raise UsageError(f"there is no program {words[0]!r}")
    call = prefixes.behind(words, Path.cwd(), os.environ)
    detours.refuse(call.words, call.cwd, call.environ)
    with PipProcess(Path(sys.executable), CONFIGURED, elsewhere=True) as process:
        # All the rest is loaded while pip's process gets ready.
        from trustguard.frontends.cli import delivery  # noqa: PLC0415
        from trustguard.frontends.cli.terminal import TransferProgress, ask  # noqa: PLC0415
        from trustguard.frontends.command import Command, run  # noqa: PLC0415
        from trustguard.frontends.request import Request  # noqa: PLC0415
        from trustguard.frontends.state import State  # noqa: PLC0415

        delivery.load(options)
        request = Request(
            configuration=options.configuration(),
            state=State.of_this_user(),
            args=words,
            ask=ask,
            progress=TransferProgress(sys.stderr),
            quiet_stdout=options.format != "table",
            locate=options.wants_sarif,
        )
        outcome = run(request, Command(words, call, hosts), process)
    return told(options, outcome, "run")
