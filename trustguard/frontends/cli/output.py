"""Standard output of which it is told where it cannot be written, as on a full disk."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_COLUMNS = 100
"""Where nobody says how wide the output is: it is no terminal."""

_HELP_NARROWEST, _HELP_WIDEST = 50, 78


class OutputError(Exception):
    """The output cannot be written; it was not for want of a reader."""


class _Output(io.TextIOWrapper):
    def write(self, text: str) -> int:
        """Write, and tell what keeps this from being written from what keeps others."""
        try:
            return super().write(text)
        except OSError as error:
            raise _told(error) from error

    def flush(self) -> None:
        """Likewise."""
        try:
            super().flush()
        except OSError as error:
            raise _told(error) from error


def prepare() -> None:
    """Put it in the place of standard output.

    Where an output is closed (``>&-``) it goes nowhere: the next file to be opened would be taken for it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - as long as we run
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
    out = sys.stdout
    if type(out) is io.TextIOWrapper:
        how = (out.encoding, out.errors, None, out.line_buffering, out.write_through)
        sys.stdout = _Output(out.detach(), *how)


def columns(stream: TextIO) -> int:
    """How wide an output is, in characters: as ``COLUMNS`` says, or else its terminal."""
    try:
        told = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        told = 0
    try:
        return told if told > 0 else os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def columns_of_help(stream: TextIO) -> int:
    """How wide help is: as click has it, which cannot ask how wide an output is that it does not know."""
    return min(max(columns(stream) - 2, _HELP_NARROWEST), _HELP_WIDEST)


def finish() -> None:
    """Write what is left.

    Raises:
        OutputError: it cannot be.
        BrokenPipeError: nobody reads it any more.
    """
    try:
        sys.stdout.flush()
    except (OutputError, BrokenPipeError):
        drop()
        raise


def drop() -> None:
    """Have the rest go nowhere: the interpreter would try again, and complain."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: OSError) -> Exception:
    if isinstance(error, BrokenPipeError):
        return error
    return OutputError(f"the output cannot be written: {error.strerror or error}")
