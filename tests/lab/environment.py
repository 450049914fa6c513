"""Environments to install into, and child processes that know nothing of ours."""

from __future__ import annotations

import os
import subprocess
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_SECONDS = 60.0
_INHERITED = ("PATH", "LANG", "SYSTEMROOT")  # without the last one, Windows has no sockets


@dataclass(frozen=True)
class VirtualEnvironment:
    """A virtual environment without pip: made in no time, and empty, so that what is in it was installed."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> VirtualEnvironment:
        """Make an environment of the interpreter that runs the tests, in a directory that does not exist."""
        venv.EnvBuilder(symlinks=os.name != "nt").create(path)
        return cls(path.resolve())

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def scripts(self) -> Path:
        """The folder of the interpreter and the console scripts."""
        return self._location("scripts")

    @property
    def purelib(self) -> Path:
        """The site-packages folder."""
        return self._location("purelib")

    def distributions(self) -> set[tuple[str, str]]:
        """Return the (normalized name, version) of what is installed, as the folder names tell."""
        folders = (path.name.removesuffix(".dist-info") for path in self.purelib.glob("*.dist-info"))
        pairs = (folder.rpartition("-") for folder in folders)
        return {(canonicalize_name(name), version) for name, _, version in pairs}

    def files(self) -> set[str]:
        """Return the relative paths of all files and folders, to be compared before and after."""
        return {path.relative_to(self.path).as_posix() for path in self.path.rglob("*")}

    def run_python(
        self, code: str, environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run code in the environment, as ``python -I -B -c``; it writes no bytecode. Return what came of it.

        Args:
            code: the source.
            environ: the environment variables; only those that every process needs when None.

        """
        variables = _inherited() if environ is None else dict(environ)
        return subprocess.run(
            [str(self.python), "-I", "-B", "-c", code],
            cwd=self.path,
            env=variables,
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )

    def _location(self, key: str) -> Path:
        scheme = "nt" if os.name == "nt" else "posix_prefix"
        base = str(self.path)
        return Path(sysconfig.get_path(key, scheme, vars={"base": base, "platbase": base}))


def isolated_environ(home: Path, **extra: str) -> dict[str, str]:
    """Return the variables for a child process, with a home of its own, whose folders are made.

    Only ``PATH`` and ``LANG`` are taken over: nothing that configures pip, Python, a proxy or trustguard
    gets through.

    Args:
        home: the home; caches, configuration, data, state and temporary files go below it.
        extra: further variables, which win.

    """
    folders = {
        "USERPROFILE" if os.name == "nt" else "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "TMPDIR": home / "tmp",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return _inherited() | {name: str(folder) for name, folder in folders.items()} | extra


def _inherited() -> dict[str, str]:
    return {"LANG": "C.UTF-8"} | {name: os.environ[name] for name in _INHERITED if name in os.environ}
