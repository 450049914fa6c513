"""The options that stand before every command, and what they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustguard.model.errors import UsageError
from trustguard.model.record import record

if TYPE_CHECKING:
    from typing_extensions import Self

    from trustguard.config import Configuration

FORMS = ("json", "sarif")
"""The formats that programs read."""
REPORTING = ("install", "download", "wheel", "lock", "pip", "check", "run", "audit")
"""The commands that have SARIF, and a report that can be written into a file."""


def named(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """What ``--python`` names; an unset variable, in quotes, would otherwise mean another environment."""
    if value == "":
        raise click.BadParameter("it is empty: name an interpreter, or a virtual environment")
    return value


@record
class ReportFile:
    """Where a report is written to, besides what is shown.

    Args:
        path: absolute; what a link leads to, so that the link stays.
        form: ``json`` or ``sarif``.
    """

    path: Path
    form: str

    @classmethod
    def of(cls, name: str) -> Self:
        """The file of that name; how it ends says what is written.

        Raises:
            UsageError: the end says nothing, or it cannot be a file there.
        """
        lowered = name.lower()
        form = "sarif" if lowered.endswith((".sarif", ".sarif.json")) else "json"
        if form == "json" and not lowered.endswith(".json"):
            raise UsageError(f"--report-file {name}: the name must end in .json or .sarif")
        path = Path(os.path.realpath(name))
        # What was typed may be longer than any path: os.path then says no, and pathlib raises.
        if os.path.isdir(path):  # noqa: PTH112
            raise UsageError(f"--report-file {name} is a folder")
        if not os.path.isdir(path.parent):  # noqa: PTH112
            raise UsageError(f"--report-file {name}: there is no folder {path.parent}")
        return cls(path, form)


@record
class Options:
    """What was typed before the command."""

    format: str
    profile: str | None
    settings: tuple[str, ...]
    python: str | None
    report_file: ReportFile | None = None

    @property
    def wants_sarif(self) -> bool:
        """Whether SARIF is wanted anywhere."""
        return "sarif" in (self.format, self.report_file and self.report_file.form)

    def configuration(self) -> Configuration:
        """All layers of configuration, these options the last.

        Raises:
            ConfigError: a layer is wrong.
        """
        from trustguard.config import load  # noqa: PLC0415 - not before pip's process has been started

        return load(cwd=Path.cwd(), environ=os.environ, profile=self.profile, extra=self.settings)
