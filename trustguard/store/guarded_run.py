"""The sign of a guarded run, for what is started in it: what is installed there is vetted already.

It is a file in the run's private folder which the run holds locked, and a variable that names it. A variable
alone proves nothing: a project's own files can set one for its build (``extra-build-variables`` of uv, the
``environment`` of other tools). None of them can hold a lock, and the folder's name is made up in each run.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "TRUSTGUARD_GUARDED_RUN"
_NAME = "guarded-run"
_CONTENT = b"trustguard: a guarded run is under way while this file is locked\n"


@contextlib.contextmanager
def under_way(folder: Path) -> Iterator[Mapping[str, str]]:
    """Give the sign of a guarded run, as long as it lasts.

    Args:
        folder: the run's private folder.

    Returns:
        The variables that what is started in the run must have.
    """
    path = folder / _NAME
    with path.open("xb", buffering=0) as file:
        file.write(_CONTENT)
        _lock(file.fileno())
        yield {VARIABLE: str(path)}


def is_under_way(environ: Mapping[str, str], *, outside: Path) -> bool:
    """Whether a process runs in a guarded run. Where that cannot be told (on Windows), it does not.

    Args:
        environ: the variables that it was started with.
        outside: a folder that the sign must not be in: what lies there, a project has put there.
    """
    named = environ.get(VARIABLE)
    if not named or Path(named).resolve().is_relative_to(outside.resolve()):
        return False
    try:
        descriptor = os.open(named, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    try:
        return (
            _is_ours(descriptor)
            and os.read(descriptor, 2 * len(_CONTENT)) == _CONTENT
            and _locked(descriptor)
        )
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    """Whether it is a file of this user's."""
    status = os.fstat(descriptor)
    return stat.S_ISREG(status.st_mode) and (os.name != "posix" or status.st_uid == os.geteuid())


def _lock(descriptor: int) -> None:
    if sys.platform != "win32":
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _locked(descriptor: int) -> bool:
    """Whether somebody else holds a file's lock."""
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no locks are to be had there
    return False
