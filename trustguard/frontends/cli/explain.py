"""``trustguard explain``: how a verdict and a score come about, or what a check looks at."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustguard.frontends.cli.options import Options
from trustguard.frontends.cli.output import columns
from trustguard.model.errors import UsageError
from trustguard.model.project import SDIST_ENDINGS

if TYPE_CHECKING:
    from trustguard.frontends.explaining import Explaining
    from trustguard.frontends.explanation import Told

_LARGEST = 64 << 20
"""Bytes of saved evidence that are read; the largest is far smaller."""
_DRY = ("install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--quiet")


def command_for(name: str, summary: str) -> click.Command:
    """The command."""

    @click.command(name, short_help=summary)
    @click.argument("subject", required=False, metavar="NAME|REQUIREMENT|CHECK")
    @click.option(
        "--evidence", metavar="FILE", help="Saved evidence, judged again offline; - is standard input."
    )
    @click.option("--save", metavar="FILE", help="Write the evidence to FILE.")
    @click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown.")
    @click.pass_context
    def command(
        ctx: click.Context, subject: str | None, evidence: str | None, save: str | None, format_: str | None
    ) -> int:
        """Show how a verdict and a score come about, or what a check looks at.

        A NAME that is installed is explained by what was seen when it was installed, and the policy of today;
        anything else is a REQUIREMENT, and judged as `trustguard check` does, without its dependencies. A
        CHECK is explained by its own page: `trustguard explain typosquatting`.

        Exit codes: those of `trustguard check`; 0 for the page of a check.
        """
        if (subject is None) == (evidence is None):
            raise click.UsageError("name one thing to explain: NAME, REQUIREMENT, CHECK, or --evidence FILE")
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        if evidence is not None:
            return _replayed(evidence, save, options)
        return _of_subject(str(subject), save, options)

    return command


def _of_subject(subject: str, save: str | None, options: Options) -> int:
    from trustguard.frontends.check_pages import check_called, check_meant  # noqa: PLC0415 - not for the help

    check = check_called(subject)
    if check is not None:
        if save is not None:
            raise UsageError(f"{check} is a check, and has no evidence that could be saved")
        return _page(check, options)
    meant = check_meant(subject)
    if meant is not None:
        hint = f"a project of that name is asked for by '{subject}>=0'"
        raise UsageError(f"there is no check {subject}: did you mean the check {meant}?", hint=hint)
    from trustguard.frontends.explanation import installed, ledger_entry, requirement_of  # noqa: PLC0415
    from trustguard.model.errors import StoreError  # noqa: PLC0415

    if subject.endswith((".json", ".whl", *SDIST_ENDINGS)) and os.path.isfile(subject):  # noqa: PTH113 - as typed
        hint = "saved evidence is for --evidence, a wheel or sdist for trustguard inspect"
        raise UsageError(f"{subject} is a file", hint=hint)
    requirement, wanted = requirement_of(subject), subject
    problems: tuple[str, ...] = ()
    try:
        entry = ledger_entry(requirement, options.python, os.environ)
        if entry is not None:
            wanted = f"{entry.distribution}=={entry.version}"
            told = installed(entry, _explaining(options))
            return _show(replace(told, problems=_remarks(options)), save, options)
    except StoreError as error:
        problems = (f"{error}: {wanted} is judged anew",)
    return _judged(wanted, save, options, problems)


def _remarks(options: Options) -> tuple[str, ...]:
    from trustguard.frontends.advisories import stale  # noqa: PLC0415 - not for the help
    from trustguard.frontends.state import State  # noqa: PLC0415 - likewise

    return stale(options.configuration(), State.of_this_user())


def _judged(wanted: str, save: str | None, options: Options, problems: tuple[str, ...]) -> int:
    """Explain what pip would take; its exit code where it ended by itself."""
    from trustguard.frontends.cli.guarded import outcome_of  # noqa: PLC0415 - starts pip

    outcome = outcome_of(options, (*_DRY, wanted), check=True)
    if outcome.report is None:
        return outcome.exit_code
    from trustguard.frontends.explanation import of_outcome, requirement_of  # noqa: PLC0415 - after pip's start

    told = of_outcome(requirement_of(wanted), outcome, _explaining(options))
    return _show(replace(told, problems=(*problems, *told.problems)), save, options)


def _replayed(file: str, save: str | None, options: Options) -> int:
    from trustguard.frontends.explanation import replayed  # noqa: PLC0415 - not for the help

    return _show(replayed(_content(file), file, _explaining(options)), save, options)


def _content(file: str) -> bytes:
    try:
        if file == "-":
            content = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(file).open("rb") as stream:
                content = stream.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(content) > _LARGEST:
        raise UsageError(f"{file} is no evidence: it is larger than {_LARGEST >> 20} MiB")
    return content


def _explaining(options: Options) -> Explaining:
    """By the layers of today; whose word holds is read again, so that it can be told."""
    from trustguard.config.origins import origins  # noqa: PLC0415 - not for the help
    from trustguard.frontends.explaining import Explaining  # noqa: PLC0415

    said = origins(cwd=Path.cwd(), environ=os.environ, profile=options.profile, extra=options.settings)
    return Explaining(said.merged.policy(), said, datetime.now(timezone.utc).date())


def _page(subject: str, options: Options) -> int:
    from trustguard.frontends.check_pages import page_of  # noqa: PLC0415 - not for the help
    from trustguard.reports import check_page, explain_json  # noqa: PLC0415
    from trustguard.reports.json_report import as_text  # noqa: PLC0415

    by = _explaining(options)
    page = page_of(subject, by.policy, by.origins)
    if options.format == "json":
        _write(as_text(explain_json.of_check(page)))
    else:
        _write(check_page.render(page, width=columns(sys.stdout)))
    return 0


def _show(told: Told, save: str | None, options: Options) -> int:
    from trustguard.frontends.beside import exception_rules  # noqa: PLC0415 - not for the help
    from trustguard.frontends.cli.terminal import wants_color  # noqa: PLC0415
    from trustguard.reports import explain_json, explain_report, table  # noqa: PLC0415
    from trustguard.reports.json_report import as_text  # noqa: PLC0415

    if save is not None and told.exit_code and not told.explained:
        told = replace(told, problems=(*told.problems, f"{save} is not written: nothing was judged"))
    elif save is not None:
        from trustguard.frontends.explanation import save as save_evidence  # noqa: PLC0415 - rarely wanted

        save_evidence(told.explained, save)
    if options.format == "json":
        _write(as_text(explain_json.of_files(told.explained, told.beside, told.exit_code, told.problems)))
        return told.exit_code
    width, color = columns(sys.stdout), wants_color(sys.stdout, os.environ)
    rules = exception_rules(options.configuration())
    text = explain_report.render(
        told.explained, told.beside, told.problems, width=width, color=color, rules=rules
    )
    _write(text)
    if told.report is not None:
        _write(table.render(told.report, width=width, color=color, beside=told.beside))
    return told.exit_code


def _write(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):  # a message may have characters that the terminal has not
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(text)
