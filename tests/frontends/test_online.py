"""Real packages from the index that pip is configured with, whatever that configuration is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.environment import VirtualEnvironment

pytestmark = [pytest.mark.online, pytest.mark.timeout(600)]


class Online:
    """trustguard with the user's own pip configuration, and data of its own.

    Args:
        folder: an empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = VirtualEnvironment.create(folder / "environment")

    def run(self, *words: str) -> int:
        """Run one command in ``folder``; returns its exit code."""
        own = {f"XDG_{kind}_HOME": str(self.folder / kind) for kind in ("CACHE", "DATA")}
        target = ("--python", str(self.environment.python))
        done = subprocess.run(
            [sys.executable, "-m", "trustguard", *target, *words],
            cwd=self.folder,
            env={**os.environ, **own},
            timeout=500,
            check=False,
        )
        return done.returncode

    def installed(self) -> set[str]:
        """The distributions in the environment."""
        return {name for name, _ in self.environment.distributions()}


@pytest.fixture
def online(tmp_path: Path) -> Online:
    """A fresh one."""
    return Online(tmp_path)


def test_requests_installs_with_all_that_it_needs_and_can_be_imported(online: Online) -> None:
    assert online.run("install", "requests") == 0
    assert {"requests", "urllib3", "idna", "certifi"} <= online.installed()
    assert online.environment.run_python("import requests").returncode == 0
    ledger = (online.environment.purelib / "trustguard-ledger.tsv").read_text(encoding="utf-8")
    assert {line.split("\t")[0] for line in ledger.splitlines()[1:]} == online.installed()


def test_extras_and_a_target_folder(online: Online) -> None:
    assert online.run("install", "--target", "T", "httpx[http2]", "rich") == 0
    folders = {path.name for path in (online.folder / "T").iterdir()}
    assert {"httpx", "h2", "rich"} <= folders
    assert online.installed() == set()


def test_a_requirement_file(online: Online) -> None:
    (online.folder / "requirements.txt").write_text("six==1.16.0  # pinned\nidna<4\n", encoding="utf-8")
    assert online.run("install", "-r", "requirements.txt") == 0
    assert online.installed() == {"six", "idna"}


def test_an_sdist_is_built_with_vetted_build_requirements(online: Online) -> None:
    assert online.run("wheel", "--no-binary", "docopt", "--wheel-dir", "built", "docopt") == 0
    (wheel,) = (online.folder / "built").iterdir()
    assert wheel.name.startswith("docopt-")
    assert wheel.suffix == ".whl"


def test_download_saves_what_would_be_installed(online: Online) -> None:
    assert online.run("download", "--dest", "saved", "rich") == 0
    names = {path.name.partition("-")[0] for path in (online.folder / "saved").iterdir()}
    assert {"rich", "pygments", "markdown_it_py", "mdurl"} <= names
