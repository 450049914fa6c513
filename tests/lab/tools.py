"""Real programs that install, from the registry: each in an environment of its own, made once for a session.

uv and build come with the tests' own environment; the others would quarrel with it, and with one another.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from uv import find_uv_bin

from .environment import VirtualEnvironment

REQUIREMENTS = {
    "poetry": ["poetry"],
    # Later ones of pdm do not work with the newest of what they are made of.
    "pdm": ["pdm==2.26.9", "hishel<1.1", "unearth<0.18"],
    "pipx": ["pipx"],
    "nox": ["nox"],
    "tox": ["tox"],
    "hatch": ["hatch"],
    "pip-compile": ["pip-tools"],
    "pipenv": ["pipenv"],
}
_SECONDS = 100
_QUICKLY_OR_NOT = ("--quiet", "--no-compile", "--retries", "0", "--timeout", "20")


class Tools:
    """The programs, each installed when it is asked for.

    Args:
        folder: shared by all processes of a test session.

    """

    def __init__(self, folder: Path) -> None:
        """Nothing is installed yet."""
        self._folder = folder

    @property
    def uv(self) -> str:
        """The program of the tests' own environment."""
        return find_uv_bin()

    def path(self, name: str) -> str:
        """Return the program of this name; skip the test where it cannot be had.

        Args:
            name: one of :data:`REQUIREMENTS`.

        """
        folder = self._folder / name
        reason = folder.with_suffix(".failed")
        with FileLock(f"{folder}.lock", timeout=2 * _SECONDS):
            if not folder.is_dir() and not reason.exists():
                _make(folder, REQUIREMENTS[name], reason)
        if reason.exists():
            pytest.skip(f"{name} cannot be had: {reason.read_text(encoding='utf-8')}")
        return str(VirtualEnvironment(folder).scripts / name)


def _make(folder: Path, requirements: list[str], reason: Path) -> None:
    """Install with the configuration that pip has on this machine."""
    environment = VirtualEnvironment.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(environment.python), "install", *_QUICKLY_OR_NOT]
    try:
        done = subprocess.run(
            [*pip, *requirements],
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        failure = done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
    except subprocess.TimeoutExpired:
        failure = f"pip had not installed it after {_SECONDS} s"
    if failure:
        shutil.rmtree(folder)
        reason.write_text(failure, encoding="utf-8")
