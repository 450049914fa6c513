"""Everything that can go wrong, in one tree.

::

    TrustguardError                 exit 1
    ├── UsageError                  exit 2   what was typed, or asked for, cannot be done
    ├── ConfigError                 exit 2   a configuration file: which one, which line, which key
    ├── SourceError                 exit 12  a source (index, advisories, …) did not give what it owes
    │   ├── SourceRefused                    it answered with something that is against the rules
    │   └── SourceUnreachable                it did not answer, or not in time
    ├── StoreError                  exit 1   our own files: damaged, locked, or no room left
    └── InstallerError              exit 1   the installer could not be started or understood

Adapters convert at the seam: no exception of httpx, zipfile or sqlite3 passes ``vetting``.
"""

from __future__ import annotations

from typing import ClassVar


class TrustguardError(Exception):
    """A failure that is told to the user in one line.

    Args:
        message: what happened, one line, naming the file, key or package.
        hint: what to do about it, one line; empty where there is nothing to say.
    """

    reference: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UsageError(TrustguardError):
    """The request itself cannot be carried out."""

    reference = "usage"
    exit_code = 2


class ConfigError(TrustguardError):
    """A configuration file is unreadable, malformed or contradicts itself."""

    reference = "config"
    exit_code = 2


class SourceError(TrustguardError):
    """A source did not give what was asked of it."""

    reference = "source"
    exit_code = 12


class SourceRefused(SourceError):
    """A source answered with something that is against the rules (size, scheme, form, digest)."""

    reference = "source-refused"


class SourceUnreachable(SourceError):
    """A source did not answer, or not within its time."""

    reference = "source-unreachable"


class StoreError(TrustguardError):
    """One of our own files cannot be read or written."""

    reference = "store"


class InstallerError(TrustguardError):
    """The installer could not be started, or did not keep to what we know of it."""

    reference = "installer"
