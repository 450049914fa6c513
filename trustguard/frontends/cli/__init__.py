"""The command line. Options of our own stand before the command; behind ``install`` everything is pip's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from trustguard import __version__
from trustguard.frontends.cli import output
from trustguard.frontends.cli.options import FORMS, REPORTING, Options, ReportFile, named
from trustguard.model.errors import TrustguardError, UsageError

COMMANDS = {
    "install": "install packages, each vetted before any of its code runs",
    "download": "download packages that have been vetted",
    "wheel": "build wheels from packages that have been vetted",
    "lock": "write a lock file (pip lock), from packages that have been vetted",
    "pip": "run any pip command; those that install or build are guarded",
    "check": "tell the verdict on what would be installed, and install nothing",
    "explain": "show how a verdict and a score come about, or what a check looks at",
    "inspect": "show what is inside one file, or what would be installed for a requirement",
    "run": "run uv, poetry, pdm, pipx, build or any program, with all that it installs vetted",
    "audit": "judge what is installed by today's facts and policy",
    "update": "fetch the advisory data, the ranking of popular projects and the trust root",
    "names": "tell which names may be taken for those of popular projects, offline",
    "verify": "verify who built a file, by its attestations, offline",
    "shell-init": "print what makes pip, uv, poetry, pdm and pipx in a shell go through trustguard",
    "enforce": "have pip and uv refuse to install where trustguard does not guard them",
    "guard": "put the import-time guard into an environment, or take it out",
    "allow": "write an exception into trustguard.toml",
    "deny": "write a denial into trustguard.toml",
    "prune": "remove exceptions from trustguard.toml that are expired or needless",
    "doctor": "show what trustguard sees: interpreter, pip, indexes, data, configuration",
}
"""Every command, in the order of the help, with its summary; each lives in the module of its name."""


class LazyGroup(click.Group):
    """Loads a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's form
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - likewise
        """One of them."""
        if cmd_name not in COMMANDS:
            return None
        module = "guarded" if cmd_name in ("install", "download", "wheel", "lock", "pip") else cmd_name
        module = module.replace("-", "_")
        loaded = importlib.import_module(f"trustguard.frontends.cli.{module}")
        command: click.Command = loaded.command_for(cmd_name, COMMANDS[cmd_name])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; where there is none, what may have been meant is told."""
        word = args[0]
        if word not in COMMANDS and not word.startswith("-"):
            from trustguard.frontends.cli.unknown import meant  # noqa: PLC0415 - rarely needed

            hint = meant(word, COMMANDS)
            told = f" Did you mean: trustguard {hint}" if hint else ""
            ctx.fail(f"No such command {word[:80]!r}.{told}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; where a program reads the result, what stopped it is told in the same form."""
        try:
            with _from_somewhere():
                return super().invoke(ctx)
        except TrustguardError as error:
            if isinstance(ctx.obj, Options):
                from trustguard.frontends.cli.delivery import stopped  # noqa: PLC0415 - rarely needed

                stopped(ctx.obj, str(ctx.invoked_subcommand), error)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextmanager
def _from_somewhere() -> Iterator[None]:
    """A folder that was removed while somebody is in it cannot be named; that is told as a usage error."""
    try:
        yield
    except FileNotFoundError as error:
        try:
            Path.cwd()
        except FileNotFoundError:
            raise UsageError(
                "the folder that it was started in has been removed", hint="go to another one"
            ) from error
        raise


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="trustguard %(version)s")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", *FORMS]),
    default="table",
    help="How results are shown.",
)
@click.option(
    "--report-file", metavar="FILE", help="Write the report to FILE as well: .json or .sarif, as it ends."
)
@click.option("--profile", type=click.Choice(["relaxed", "balanced", "strict"]), help="How strict to be.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting, as in trustguard.toml."
)
@click.option(
    "--python",
    metavar="PATH",
    callback=named,
    help="The interpreter, or virtual environment, to install into.",
)
@click.pass_context
def cli(  # noqa: PLR0913 - one for each option
    ctx: click.Context,
    format_: str,
    report_file: str | None,
    profile: str | None,
    settings: tuple[str, ...],
    python: str | None,
) -> None:
    """An install firewall for Python.

    trustguard install X does what pip install X does, except that nothing is installed, and no line of a
    package's code runs, before there is a verdict on the exact bytes.

    Exit codes: 0 done, 1 error, 2 usage, 10 blocked, 11 needs approval and nobody to ask (or the answer was
    no), 12 could not be vetted, otherwise pip's own.
    """
    if ctx.invoked_subcommand not in REPORTING:
        _refuse_reports(ctx.invoked_subcommand, format_, report_file)
    file = None if report_file is None else ReportFile.of(report_file)
    ctx.obj = Options(format_, profile, settings, python, file)


def _refuse_reports(command: str | None, format_: str, report_file: str | None) -> None:
    """Refuse what only some commands have, rather than leave it undone without a word."""
    typed = "--format sarif" if format_ == "sarif" else "--report-file" if report_file is not None else ""
    if typed and command is not None:
        raise UsageError(f"{typed} is for {', '.join(REPORTING)}, and not for {command}")


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit; no traceback reaches a user."""
    output.prepare()
    code = 1
    try:
        code = _run(args)
        output.finish()
    except (KeyboardInterrupt, click.Abort):
        _interrupted()
    except BrokenPipeError:  # nobody reads it any more, or wants to hear of that
        sys.exit(code or 1)
    except output.OutputError as error:
        _say(f"trustguard: {error}")
        output.drop()
        sys.exit(code or 1)
    except Exception as error:  # noqa: BLE001 - the last line of defence: nothing is installed, and it is said
        if isinstance(error.__cause__, KeyboardInterrupt):  # within a `__set_name__`, before Python 3.12
            _interrupted()
        _say(f"trustguard: an error that nobody expected, please report it: {describe(error)}")
        sys.exit(1)
    sys.exit(code)


def _interrupted() -> NoReturn:
    _say("trustguard: interrupted; nothing was installed")
    sys.exit(130)


def _run(args: list[str] | None) -> int:
    try:
        width = output.columns_of_help(sys.stdout)
        code = cli.main(args, prog_name="trustguard", standalone_mode=False, terminal_width=width)
    except TrustguardError as error:
        _say(f"trustguard: {error.message}")
        if error.hint:
            _say(f"  {error.hint}")
        return error.exit_code
    except click.ClickException as error:
        with suppress(OSError):  # where nothing can be said, the exit code says it
            error.show()
        return 2
    return code if isinstance(code, int) else 0


def describe(error: BaseException) -> str:
    """An unexpected error in one line, with the place where it happened."""
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = (
        f" at {trace.tb_frame.f_code.co_filename.rpartition('trustguard')[2]}:{trace.tb_lineno}"
        if trace
        else ""
    )
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}{place}"


def _say(line: str) -> None:
    from trustguard.reports.text import foreign  # noqa: PLC0415 - only where something went wrong

    with suppress(OSError):  # where nothing can be said, the exit code says it
        click.echo(foreign(line, 2000), err=True)
