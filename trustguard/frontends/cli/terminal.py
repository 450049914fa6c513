"""The person in front of the terminal: questions, progress, and whether colours are wanted."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from trustguard.frontends.cli.output import columns
from trustguard.model.alternatives import Alternative, Beside
from trustguard.model.report import Package, Report
from trustguard.reports import check_report, json_report, question, table
from trustguard.reports.text import foreign

_ANSWER = 4096
"""Bytes of a line that is typed."""
_PATIENCE = 2.0
"""Seconds after which a transfer that is still going on is shown."""
_MEGA = 1_000_000


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to use colours: NO_COLOR and FORCE_COLOR decide, else whether it is a terminal."""
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or stream.isatty()


def show(report: Report, format_: str, beside: Beside | None = None, *, every: bool = False) -> None:
    """Print a report.

    Args:
        report: the report.
        format_: ``json`` goes to standard output; ``table`` to standard error, beside pip's own words.
        beside: what was asked for, and what there is instead of what was refused.
        every: whether the report is all there is to show: every package, to standard output.
    """
    if format_ == "json":
        sys.stdout.write(json_report.render(report, beside))
        return
    beside = beside or Beside()
    stream = sys.stdout if every else sys.stderr
    width, color = columns(stream), wants_color(stream, os.environ)
    if every:
        text = check_report.render(report, beside, width=width, color=color)
    else:
        text = table.render(report, width=width, color=color, beside=beside)
    if isinstance(stream, io.TextIOWrapper):  # a message may have characters that the terminal has not
        stream.reconfigure(errors="backslashreplace")
    stream.write(text.rstrip("\n") + "\n")


def ask(package: Package, alternatives: Sequence[Alternative]) -> bool | None:
    """Put a file that needs approval to the person at the terminal.

    Args:
        package: the file.
        alternatives: what there is instead of its project.

    Returns:
        Whether the answer was yes; None where there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    width, color = columns(sys.stderr), wants_color(sys.stderr, os.environ)
    sys.stderr.write(question.render(package, alternatives, width=width, color=color))
    sys.stderr.flush()
    # Not by way of sys.stdin: who is still waiting at it when Python ends makes that a crash.
    return os.read(sys.stdin.fileno(), _ANSWER).strip().lower() in (b"y", b"yes")


class TransferProgress:
    """Shows transfers that take long, on a terminal only."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._enabled = stream.isatty()
        self._lock = threading.Lock()
        self._begun: dict[str, float] = {}
        self._shown = 0.0

    def __call__(self, filename: str, received: int, total: int | None) -> None:
        """So many bytes of so many have arrived."""
        now = time.monotonic()
        with self._lock:
            begun = self._begun.setdefault(filename, now)
            if not self._enabled or now - begun < _PATIENCE or now - self._shown < 1:
                return
            self._shown = now
        of = f" of {total / _MEGA:.1f}" if total else ""
        self._stream.write(f"trustguard: fetching {foreign(filename, 80)}: {received / _MEGA:.1f}{of} MB\n")
        self._stream.flush()
