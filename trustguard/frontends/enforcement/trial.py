"""Whether pip and uv are stopped, by trying: what they are asked for installs nothing either way."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from trustguard.frontends.enforcement.uv_toml import UV_MESSAGE
from trustguard.installers.pip.enforcement import PIP_MESSAGE, STOP_NAME

_SECONDS = 60
_PIP_VARIABLES = ("PIP_CONFIG_FILE", "PIP_ISOLATED", "PIP_REQUIREMENT")
_UV_VARIABLES = ("UV_CONFIG_FILE", "UV_NO_CONFIG")

Row = tuple[str, str, bool]
"""What it is about, what was found, and whether it is stopped."""


def try_pip(interpreter: Path, environ: Mapping[str, str]) -> Row | None:
    """Ask the pip of an interpreter to install what the configuration says, and nothing else.

    Args:
        interpreter: whose pip.
        environ: the variables that it would have.

    Returns:
        None where there is no pip.
    """
    words = [str(interpreter), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    said = _said(words, environ)
    if said is None or "No module named pip" in said:
        return None
    stopped = PIP_MESSAGE in said or STOP_NAME in said
    return _row(f"pip of {interpreter}", environ, _PIP_VARIABLES, stopped=stopped)


def try_uv(environ: Mapping[str, str]) -> Row | None:
    """Ask uv to resolve nothing.

    Args:
        environ: the variables that it would have.

    Returns:
        None where there is no uv.
    """
    uv = shutil.which("uv", path=environ.get("PATH"))
    said = _said([uv, "pip", "compile", "--offline", "--no-cache", "-"], environ) if uv else None
    return None if said is None else _row(f"uv at {uv}", environ, _UV_VARIABLES, stopped=UV_MESSAGE in said)


def _said(words: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """What a program says on standard error; None where it cannot be run."""
    # Not in the user's folder, where files of a project decide what pip and uv do.
    with tempfile.TemporaryDirectory(prefix="trustguard-") as folder:
        try:
            done = subprocess.run(  # noqa: S603 - the user's own pip and uv
                words,
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return done.stderr.decode(errors="replace")


def _row(about: str, environ: Mapping[str, str], variables: Sequence[str], *, stopped: bool) -> Row:
    if stopped:
        return about, "stopped", True
    named = [f"{name}={environ[name]}" for name in variables if environ.get(name)]
    return about, f"not stopped{' (' + ', '.join(named) + ')' if named else ''}", False
