"""``trustguard inspect``: what is inside one file, or what would be installed for a requirement."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.cli.output import columns
from trustguard.model.errors import UsageError
from trustguard.model.project import SDIST_ENDINGS

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from trustguard.model.report import Report
    from trustguard.reports.inspection_report import Inspected

_DRY = ("install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--quiet")


def _file(artifact: str) -> Path | None:
    """The file that is meant; None where it is a requirement.

    Raises:
        UsageError: it is the path of no file.
    """
    path = Path(artifact)
    if os.path.isfile(artifact):  # noqa: PTH113 - what was typed may be longer than any path
        return path
    separators = {os.sep, os.altsep or os.sep}
    looks_like_one = artifact.endswith((".whl", *SDIST_ENDINGS)) or any(one in artifact for one in separators)
    if not looks_like_one or " @ " in artifact:
        return None
    if os.path.isdir(artifact):  # noqa: PTH112 - likewise
        raise UsageError(f"{artifact} is a folder", hint="name one wheel or sdist")
    hint = "an address stands behind a name: NAME @ ADDRESS" if "://" in artifact else ""
    raise UsageError(f"there is no file {artifact}", hint=hint)


def _requirement(artifact: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - not for a file

    try:
        return Requirement(artifact)
    except InvalidRequirement as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{artifact!r} is neither a file nor a requirement: {reason}") from error


def _of_file(path: Path, options: Options) -> tuple[list[Inspected], Report]:
    from trustguard.frontends.advisories import stale  # noqa: PLC0415
    from trustguard.frontends.beside import exception_rules  # noqa: PLC0415 - not for the help
    from trustguard.frontends.inspection import exit_code, of_file  # noqa: PLC0415
    from trustguard.frontends.state import State  # noqa: PLC0415
    from trustguard.model.report import Report  # noqa: PLC0415

    configuration, state = options.configuration(), State.of_this_user()
    found = of_file(path, configuration.policy, state)
    verdict = found.package.verdict
    report = Report(
        command="inspect",
        decision=verdict.decision,
        exit_code=exit_code(verdict),
        packages=(found.package,),
        problems=(*configuration.warnings, *stale(configuration, state)),
        message=configuration.policy.message,
        exceptions=exception_rules(configuration),
    )
    return [found], report


def _of_requirement(requirement: Requirement, options: Options) -> tuple[list[Inspected], Report] | int:
    """What pip would take; its exit code where it ended by itself."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - not for a file

    from trustguard.frontends.cli.guarded import outcome_of  # noqa: PLC0415 - likewise

    outcome = outcome_of(options, (*_DRY, str(requirement)), check=True)
    if outcome.report is None:
        return outcome.exit_code
    from trustguard.frontends.inspection import of_packages  # noqa: PLC0415 - after pip has been started
    from trustguard.frontends.state import State  # noqa: PLC0415 - likewise

    report = replace(outcome.report, command="inspect")
    project = canonicalize_name(requirement.name)
    wanted = [one for one in report.packages if one.evidence.project == project]
    return of_packages(wanted, State.of_this_user()), report


def _show(files: Sequence[Inspected], report: Report, format_: str, *, every: bool) -> None:
    from trustguard.frontends.cli.terminal import wants_color  # noqa: PLC0415 - not for the help
    from trustguard.reports.inspection_json import to_json  # noqa: PLC0415
    from trustguard.reports.inspection_report import render  # noqa: PLC0415
    from trustguard.reports.json_report import as_text  # noqa: PLC0415

    if format_ == "json":
        sys.stdout.write(as_text(to_json(files, report)))
        return
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file may have characters that the terminal has not
        sys.stdout.reconfigure(errors="backslashreplace")
    width = columns(sys.stdout)
    color = wants_color(sys.stdout, os.environ)
    sys.stdout.write(render(files, report, width=width, color=color, every=every))


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.argument("artifact", metavar="FILE|REQUIREMENT")
    @click.option("--all", "every", is_flag=True, help="Leave nothing out, every entry included.")
    @click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown.")
    @click.pass_context
    def command(ctx: click.Context, artifact: str, format_: str | None, *, every: bool) -> int:
        """Show what is inside one wheel or sdist, with the verdict on it. Nothing is unpacked or installed.

        A FILE is judged as if it were asked for by its address; nobody is asked about it. For a REQUIREMENT,
        such as `requests<3`, it is the file that `pip install` would take, judged as an installation judges
        it; PIP_* variables and pip's configuration say where from.
        """
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        path = _file(artifact)
        found = _of_requirement(_requirement(artifact), options) if path is None else _of_file(path, options)
        if isinstance(found, int):
            return found
        files, report = found
        _show(files, report, options.format, every=every)
        return report.exit_code

    return command
