"""Results for programs: as JSON or SARIF to standard output, and into the file of ``--report-file``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from trustguard.frontends.cli.options import FORMS, Options, ReportFile
from trustguard.model.errors import InstallerError, StoreError, TrustguardError
from trustguard.model.record import record
from trustguard.reports import json_report
from trustguard.reports.text import foreign
from trustguard.store.files import store_error, write_whole

if TYPE_CHECKING:
    from trustguard.frontends.outcome import Outcome
    from trustguard.model.audit import Audit
    from trustguard.model.policy import Policy
    from trustguard.model.report import Report

_READABLE = 0o644
"""A report is for others: no secret stands in it."""


class Document(Protocol):
    """A result in the forms that programs read."""

    def json(self) -> str:
        """As docs/schema describes it."""

    def sarif(self) -> str:
        """As SARIF 2.1.0."""


@record
class OfRun:
    """What a guarded command did."""

    report: Report
    outcome: Outcome

    def json(self) -> str:
        """As JSON."""
        return json_report.render(self.report, self.outcome.beside)

    def sarif(self) -> str:
        """As SARIF, at the requirements that brought the packages in."""
        from trustguard.frontends.sarif import background  # noqa: PLC0415 - see load()
        from trustguard.reports.sarif import render  # noqa: PLC0415

        outcome = self.outcome
        return render(
            self.report, background(outcome.policy, wanted=outcome.wanted, left_out=outcome.left_out)
        )


@record
class OfAudit:
    """What an audit has found."""

    found: Audit
    policy: Policy

    def json(self) -> str:
        """As JSON."""
        from trustguard.reports.audit_json import to_json  # noqa: PLC0415 - not where others are wanted

        return json_report.as_text(to_json(self.found))

    def sarif(self) -> str:
        """As SARIF, at the places below site-packages."""
        from trustguard.frontends.sarif import background  # noqa: PLC0415 - likewise
        from trustguard.reports.audit_sarif import render  # noqa: PLC0415

        return render(self.found, background(self.policy, folders=self.found.folders))


@record
class OfError:
    """What stopped a command before there was anything to report."""

    command: str
    exit_code: int
    error: TrustguardError

    def json(self) -> str:
        """As JSON."""
        return json_report.error_as_text(self.command, self.error, self.exit_code)

    def sarif(self) -> str:
        """As SARIF without results, so that nobody takes it for a clean run."""
        from trustguard.frontends.sarif import background  # noqa: PLC0415 - rarely needed
        from trustguard.model.policy import Policy  # noqa: PLC0415
        from trustguard.reports.sarif import error_as_text  # noqa: PLC0415

        return error_as_text(self.command, self.exit_code, self.error, background(Policy()))


def load(options: Options) -> None:
    """Import what a result will need: nothing may be imported once pip has begun to install.

    Args:
        options: what stood before the command.
    """
    if options.wants_sarif:
        import trustguard.frontends.sarif  # noqa: PLC0415
        import trustguard.reports.sarif  # noqa: F401, PLC0415


def printed(options: Options, document: Document) -> bool:
    """Print a document, if a form for programs is wanted; False where it is people who read it."""
    if options.format not in FORMS:
        return False
    sys.stdout.write(_text(document, options.format))
    return True


def written(options: Options, document: Document, exit_code: int) -> int:
    """Write a document into the file of ``--report-file``, if there is one.

    Returns:
        The exit code: that of the command. Where the file cannot be written that is said, and what would
        have been a success is an error.
    """
    if options.report_file is None:
        return exit_code
    try:
        _write(options.report_file, document)
    except StoreError as error:
        _say(f"the report is not written: {error}")
        return exit_code or error.exit_code
    return exit_code


def stopped(options: Options, command: str, error: TrustguardError) -> None:
    """Tell programs what stopped a command before there was anything to report."""
    document = OfError(command, error.exit_code, error)
    printed(options, document)
    written(options, document, error.exit_code)


def nothing(options: Options, command: str, exit_code: int) -> int:
    """See to the file where pip has ended without anything having been vetted.

    Returns:
        The exit code.
    """
    if options.report_file is None:
        return exit_code
    if not exit_code:
        _say(f"{options.report_file.path} is not written: nothing was installed or built")
        return exit_code
    error = InstallerError("pip ended by itself, and nothing was vetted")
    return written(options, OfError(command, exit_code, error), exit_code)


def _text(document: Document, form: str) -> str:
    return document.sarif() if form == "sarif" else document.json()


def _write(file: ReportFile, document: Document) -> None:
    try:
        write_whole(file.path, _text(document, file.form).encode(), mode=_READABLE)
    except OSError as error:
        raise store_error(error, "write", file.path) from error


def _say(line: str) -> None:
    sys.stderr.write(f"trustguard: {foreign(line, 2000)}\n")
