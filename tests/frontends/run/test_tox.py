"""``trustguard run tox``: what is started inside its environments is guarded as it would be outside."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.frontends.run.door import EVIL, GOOD, HELPER, Door, environment_of
from tests.frontends.run.test_uv_settings import started
from tests.lab import hostile
from tests.lab.guard import Ended
from tests.lab.installed import with_dependencies
from tests.lab.tools import Tools

pytestmark = pytest.mark.slow

INI = """
[tox]
no_package = true
env_list = one
{above}
[testenv{own}]
deps = {dep}
allowlist_externals = *
{more}
commands = {command}
"""
PACKAGE = """
[build-system]
requires = ["setuptools"{more}]
build-backend = "setuptools.build_meta"
[project]
name = "mine"
version = "1.0"
"""
SETUP = "from setuptools import setup\nsetup(name='there', version='1', py_modules=[])\n"
SECTIONS = {
    "base": {"own": "", "more": "", "above": ""},
    "base, pass_env": {"own": "", "more": "pass_env = SOMETHING", "above": ""},
    "own": {"own": ":one", "more": "", "above": "[testenv]\npass_env = SOMETHING"},
    "own, pass_env": {"own": ":{one,two}", "more": "pass_env = SOMETHING", "above": ""},
}


@pytest.fixture
def tox(tools: Tools) -> str:
    return tools.path("tox")


def _ini(folder: Path, where: str, dep: str = "", command: str = "python -c pass") -> None:
    (folder / "tox.ini").write_text(INI.format(dep=dep, command=command, **SECTIONS[where]))


@pytest.fixture
def repository(door: Door) -> str:
    """Where a git has a project whose setup.py tells that it ran."""
    door.index.add_all(*with_dependencies("setuptools"))
    folder = door.guarded.home / "repository"
    folder.mkdir()
    (folder / "setup.py").write_text(f"{door.markers.snippet('git')}\n{SETUP}")
    who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return f"git+file://{folder}"


class TestGit:
    """Nobody vets what comes from there."""

    @pytest.mark.parametrize("where", SECTIONS)
    def test_a_dependency_from_there_is_refused(
        self, door: Door, tox: str, repository: str, where: str
    ) -> None:
        _ini(door.guarded.work, where, dep=repository)
        ended = door.run(tox, "run")
        assert (door.markers.ran(), ended.code != 0) == (set(), True), ended

    def test_without_us_it_is_not(self, door: Door, tox: str, repository: str) -> None:
        """The control."""
        _ini(door.guarded.work, "base", dep=repository)
        ended = door.plain(tox, "run", environ={"PIP_INDEX_URL": door.index.url})
        assert "git" in door.markers.ran(), ended

    def test_nor_is_a_build_requirement(self, door: Door, tox: str, repository: str) -> None:
        """What builds a project is in an environment of its own."""
        (door.guarded.work / "pyproject.toml").write_text(PACKAGE.format(more=f', "there @ {repository}"'))
        (door.guarded.work / "tox.ini").write_text("[tox]\nenv_list = one\n[pkgenv]\npass_env = SOMETHING\n")
        ended = door.run(tox, "run")
        assert (door.markers.ran(), ended.code != 0) == (set(), True), ended


class TestCache:
    """What uv has in the user's own."""

    def synced(self, door: Door, tools: Tools, tox: str, where: str, name: str) -> tuple[Path, Ended]:
        """What a uv in an environment makes of a lock, where its user has installed from it before."""
        project = door.project("uv", name)
        assert door.plain(tools.uv, "sync", cwd=project).code == 0
        shutil.rmtree(environment_of(project))
        door.index.forget()
        _ini(project, where, command=f"{tools.uv} sync --frozen --no-active")
        ended = door.run(tox, "run", cwd=project)
        started(project)
        return project, ended

    @pytest.mark.parametrize("where", SECTIONS)
    def test_what_is_malicious_does_not_come_from_there(
        self, door: Door, tools: Tools, tox: str, where: str
    ) -> None:
        _, ended = self.synced(door, tools, tox, where, EVIL)
        assert (door.markers.ran(), ended.code != 0) == (set(), True), ended

    @pytest.mark.parametrize("where", SECTIONS)
    def test_what_is_honest_comes_through_us(self, door: Door, tools: Tools, tox: str, where: str) -> None:
        project, ended = self.synced(door, tools, tox, where, GOOD)
        assert ended.code == 0, ended
        assert len(door.index.served_files()) == len({GOOD, HELPER})
        there = [*project.glob(".venv/lib/*/site-packages/app_lib.py")]
        there += project.glob(".tox/one/lib/*/site-packages/app_lib.py")
        assert there


def test_the_project_itself_is_built_and_installed(door: Door, tox: str) -> None:
    """From a file that tox makes: that is the user's own."""
    door.index.add_all(*with_dependencies("setuptools"))
    (door.guarded.work / "pyproject.toml").write_text(
        PACKAGE.format(more="") + f"dependencies = ['{GOOD}']\n"
    )
    (door.guarded.work / "app.py").touch()
    (door.guarded.work / "tox.ini").write_text("[tox]\nenv_list = one\n")
    ended = door.run(tox, "run")
    assert ended.code == 0, ended
    assert door.ledger(door.guarded.work / ".tox" / "one").keys() >= {GOOD, HELPER}


@pytest.mark.parametrize("where", SECTIONS)
def test_what_the_user_hands_on_is_handed_on_still(door: Door, tox: str, where: str) -> None:
    command = "python -c \"import os; print(*sorted({'SOMETHING', 'MORE', 'OTHER'} & set(os.environ)))\""
    _ini(door.guarded.work, where, command=command)
    theirs = {"SOMETHING": "1", "OTHER": "1", "MORE": "1"}
    for extra in ({}, {"TOX_OVERRIDE": "testenv.pass_env+=MORE"}):
        outs = [run(tox, "-qq", "run", environ={**theirs, **extra}) for run in (door.plain, door.run)]
        assert [ended.code for ended in outs] == [0, 0], outs
        assert outs[0].out == outs[1].out
    assert hostile.PTH not in door.markers.ran()
