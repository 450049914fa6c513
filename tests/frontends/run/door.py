"""``trustguard run`` as a user types it, projects for the programs behind it, and how an attack must end."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.forged import forged
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export

BLOCKED, NEEDS_APPROVAL, UNVETTED = 10, 11, 12
EVIL, GOOD, HELPER = "evil", "app-lib", "helper"
LEADS_TO_EVIL, BUILT_WITH_EVIL, BUILT, LYING = "leads-there", "built-there", "built-well", "lying"

_SOURCES = {
    "uv": '[[tool.uv.index]]\nname = "lab"\nurl = "{url}"\ndefault = true\n',
    "poetry": '[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "lab"\nurl = "{url}"\n'
    'priority = "primary"\n',
    "pdm": '[tool.pdm]\ndistribution = false\n[[tool.pdm.source]]\nname = "pypi"\nurl = "{url}"\n',
}
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
"""tox gives its standard error a colour, and takes it back where our first line begins."""
LOCKS = {"uv": "uv.lock", "poetry": "poetry.lock", "pdm": "pdm.lock"}


@dataclass
class Door:
    """trustguard, with an index on which there is good and evil, and a place for projects.

    Args:
        guarded: the program and its user's folders.
        index: the programs' index.
        markers: where what is evil tells that it ran.
    """

    guarded: Guarded
    index: LabIndex
    markers: Markers

    def __post_init__(self) -> None:
        requires = [HELPER]
        self.index.add_all(
            hostile.pth_wheel(self.markers, EVIL),
            build_wheel(GOOD, "1.0", requires=requires, entry_points=console(GOOD), files=module(GOOD)),
            build_wheel(HELPER, "1.0"),
            build_wheel(HELPER, "1.1"),
            build_wheel(LEADS_TO_EVIL, "1.0", requires=[EVIL], entry_points=console(LEADS_TO_EVIL)),
            build_in_tree_sdist(BUILT_WITH_EVIL, "1.0", build_requires=[EVIL]),
            build_in_tree_sdist(BUILT, "1.0", build_requires=[HELPER]),
            forged(
                LYING,
                {"more.py": "pass\n"},
                record=lambda text: "".join(
                    line for line in text.splitlines(keepends=True) if not line.startswith("more.py")
                ),
            ),
        )

    def environ(self, **extra: str) -> dict[str, str]:
        """The environment of a user whose programs reach nothing but the index, and make no Python."""
        own = {
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
            "PDM_CHECK_UPDATE": "0",
            "POETRY_VIRTUALENVS_IN_PROJECT": "1",
            "PIPX_DEFAULT_PYTHON": sys.executable,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        return self.guarded.environ(**{**own, **extra})

    def run(
        self,
        *words: str,
        cwd: Path | None = None,
        options: Iterable[str] = (),
        environ: Mapping[str, str] | None = None,
    ) -> Ended:
        """Run a program behind trustguard; ``options`` are those of ``trustguard run``."""
        front = (sys.executable, "-m", "trustguard", "run", *options, "--")
        return self.plain(*front, *words, cwd=cwd, environ=environ)

    def plain(self, *words: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> Ended:
        """Run a program by itself."""
        done = subprocess.run(
            words,
            cwd=cwd or self.guarded.work,
            env=self.environ(**(environ or {})),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def project(self, tool: str, *dependencies: str, more: str = "", url: str | None = None) -> Path:
        """Make a project for uv, poetry or pdm, in a new folder."""
        folder = self.guarded.work / f"project-{len(list(self.guarded.work.iterdir()))}"
        folder.mkdir()
        head = '[project]\nname = "mine"\nversion = "0.1"\nrequires-python = ">=3.10"\n'
        text = f"{head}dependencies = {json.dumps(dependencies)}\n"
        source = _SOURCES[tool].format(url=url or self.index.url)
        (folder / "pyproject.toml").write_text(text + source + more, encoding="utf-8")
        return folder

    def list_as_malicious(self, name: str) -> None:
        """Have it become known that a project is malicious, and trustguard learn that."""
        self.index.put_osv(osv_export([malicious(name), malicious(EVIL)]))
        done = self.guarded.run("update")
        assert done.code == 0, done

    def refused(self, ended: Ended, name: str, code: int = BLOCKED) -> None:
        """How an attack ends: nothing ran, nothing is there, the exit code and a line say so."""
        told = _COLOUR.sub("", ended.out + ended.err)
        assert ended.code == code, ended
        assert self.markers.ran() == set(), ended
        assert "trustguard/" not in told or "Traceback" not in told, ended
        assert any(name in line for line in told.splitlines() if line.startswith(("withheld:", "BLOCKED"))), (
            ended
        )
        module = name.replace("-", "_")
        left = [path for path in self.guarded.home.rglob(f"{module}*") if not path.name.endswith(".lock")]
        assert left == [], ended
        assert not [file for file in self.index.served_files() if file.startswith("evil")], ended

    def ledger(self, environment: Path) -> dict[str, tuple[str, str]]:
        """Version and digest by distribution, as an environment's ledger has them."""
        (file,) = environment.glob("lib/*/site-packages/trustguard-ledger.tsv")
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]
        return {row[0]: (row[1], row[4]) for row in rows}

    def vetted(self, environment: Path, *names: str) -> None:
        """These, and no others, are installed there, and the ledger has them with their true digests."""
        there = VirtualEnvironment(environment)
        own = {name for name, _ in there.distributions()} - {"mine", "pip", "setuptools", "wheel"}
        assert own == set(names)
        ledger = self.ledger(environment)
        assert ledger.keys() == set(names)
        files = [file for name in names for file in self.index.project(name).files]
        digests = {(file.artifact.project, file.artifact.version): file.artifact.sha256 for file in files}
        assert ledger == {name: (version, digests[name, version]) for name, (version, _) in ledger.items()}


def console(name: str) -> dict[str, dict[str, str]]:
    """The entry points of a project with a program of its own name."""
    return {"console_scripts": {name: f"{name.replace('-', '_')}:main"}}


def module(name: str) -> dict[str, str]:
    """A module with something to run."""
    return {f"{name.replace('-', '_')}.py": 'def main():\n    print("it runs")\n'}


def environment_of(project: Path) -> Path:
    """A project's virtual environment."""
    return project / ".venv"
