"""The lock file (PEP 751) that ``pip lock`` has written, with the guard's addresses put back."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trustguard.installers.pip.plan import Plan
from trustguard.model.errors import InstallerError, StoreError

Original = Callable[[str], str | None]
"""The address that one of the guard's stands for; None where it stands for none."""
_STDOUT = "-"


def lock_file(plan: Plan, cwd: Path, run: str) -> Path:
    """Where pip is to write its lock file.

    Args:
        plan: what the user asked for.
        cwd: the user's working directory.
        run: tells this run from all others. Where the lock file is to go to standard output, pip writes it
            under a name with this in it: into the same folder, because paths in it are relative to that.
    """
    wanted = str(plan.values.get("output_file"))
    return cwd / (f"pylock.trustguard-{run}.toml" if wanted == _STDOUT else wanted)


def hand_lock_on(path: Path, plan: Plan, original: Original) -> None:
    """Put the addresses back, and the file where the user wants it.

    Args:
        path: what pip has written.
        plan: what the user asked for.
        original: puts addresses back.

    Raises:
        InstallerError: it is not in a form that is known.
        StoreError: it cannot be written.
    """
    # pip's own copies: what pip has written must be read and written alike.
    from pip._internal.utils.compat import tomllib  # noqa: PLC0415
    from pip._vendor import tomli_w  # noqa: PLC0415

    try:
        lock: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        for package in lock["packages"]:
            _put_back(package, original)
        text = tomli_w.dumps(lock)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InstallerError(f"pip's lock file cannot be read: {error!r}") from error
    if plan.values.get("output_file") == _STDOUT:
        sys.stdout.write(text)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error


def _put_back(package: dict[str, Any], original: Original) -> None:
    files = [package[kind] for kind in ("archive", "sdist") if kind in package]
    for file in (*files, *package.get("wheels", ())):
        file["url"] = original(file["url"]) or file["url"]


def discard_lock(path: Path, plan: Plan) -> None:
    """Remove the file, if it was a temporary one."""
    if plan.values.get("output_file") == _STDOUT:
        path.unlink(missing_ok=True)
