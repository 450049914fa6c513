"""``trustguard run tox``: what is started inside its environments is guarded as it would be outside."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.frontends.run.door import BLOCKED, EVIL, GOOD, HELPER, Door, environment_of
from tests.frontends.run.test_uv_settings import started
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended
from tests.lab.index import LabIndex
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


PAST_US = """
    HTTP_PROXY =
    http_proxy =
    NO_PROXY = *
    no_proxy = *
    ALL_PROXY =
    PIP_NO_PROXY_ENV = 1
    PIP_INDEX_URL = {url}
"""
HEAD = "[tox]\nno_package = true\nenv_list = one\n"
DEPS = "deps = {dep}\ncommands = python -c \"import os; assert os.environ['KEPT']\"\n"
SET = {
    "base": f"{HEAD}[testenv]\n{DEPS}set_env =\n    KEPT = 1{PAST_US}",
    "own": f"{HEAD}[testenv:one]\n{DEPS}setenv =\n    KEPT = 1{PAST_US}",
    "pasted": f"{HEAD}[common]\nset_env =\n    KEPT = 1{PAST_US}"
    f"[testenv:one]\n{DEPS}set_env = {{{{[common]set_env}}}}\n",
    "from a file": f"{HEAD}[testenv]\n{DEPS}set_env =\n    file|there.env\n    KEPT = 1\n",
    "no base": f"{HEAD}[testenv:one]\nbase =\n{DEPS}set_env =\n    KEPT = 1{PAST_US}",
    "another base": f"{HEAD}[common]\nset_env =\n    KEPT = 1{PAST_US}[testenv:one]\nbase = common\n{DEPS}",
    "computed": f"{HEAD}[testenv:{{{{one,two}}}}]\n{DEPS}set_env =\n    KEPT = 1"
    + PAST_US.replace("HTTP", "{{env:NOTHING:HTTP}}").replace("http", "{{env:NOTHING:http}}"),
    "a range": f"{HEAD}".replace("one", "one12") + f"[testenv:one{{{{11-}}}}]\n{DEPS}"
    f"set_env =\n    KEPT = 1{PAST_US}",
}


class TestSetEnv:
    """What a project's own settings set."""

    def install(self, door: Door, tox: str, text: str, dep: str) -> Ended:
        past_us = PAST_US.format(url=door.index.url).replace("    ", "")
        (door.guarded.work / "there.env").write_text(past_us.replace(" = ", "=").replace(" =", "="))
        (door.guarded.work / "tox.ini").write_text(text.format(dep=dep, url=door.index.url))
        return door.run(tox, "run")

    @pytest.mark.parametrize("where", SET)
    def test_does_not_lead_past_us(self, door: Door, tox: str, where: str) -> None:
        ended = self.install(door, tox, SET[where], EVIL)
        assert ended.code == BLOCKED, ended
        assert door.markers.ran() == set()
        assert not [*door.guarded.work.glob(f".tox/*/lib/*/site-packages/{EVIL}*")]
        assert not [file for file in door.index.served_files() if file.startswith(EVIL)]

    @pytest.mark.parametrize("where", SET)
    def test_is_set_still_and_what_is_honest_comes_through_us(self, door: Door, tox: str, where: str) -> None:
        ended = self.install(door, tox, SET[where], GOOD)
        assert ended.code == 0, ended
        (environment,) = door.guarded.work.glob(".tox/one*")
        assert door.ledger(environment).keys() == {GOOD, HELPER}

    def test_nor_does_what_sets_up_toxs_own_environment(self, door: Door, tox: str) -> None:
        door.index.add(build_wheel("tox", "99.0"))
        text = f"[tox]\nno_package = true\nrequires = {EVIL}\n[testenv:.tox]\nset_env ={PAST_US}"
        ended = self.install(door, tox, text, "")
        assert (door.markers.ran(), ended.code != 0) == (set(), True), ended
        assert not [*door.guarded.work.glob(f".tox/.tox/lib/*/site-packages/{EVIL}*")]

    def test_nor_does_an_index_on_this_machine_of_which_nobody_else_knows(
        self, door: Door, tox: str, index: LabIndex
    ) -> None:
        """What is on loopback is reached directly, unless an index is there."""
        text = f"{HEAD}[testenv]\n{DEPS}set_env =\n    KEPT = 1\n    PIP_INDEX_URL = {{url}}\n"
        (door.guarded.work / "tox.ini").write_text(text.format(dep=EVIL, url=index.url))
        ended = door.run(tox, "run", environ={"PIP_INDEX_URL": "https://index.example/simple/"})
        assert (door.markers.ran(), ended.code != 0) == (set(), True), ended
        assert not [*door.guarded.work.glob(f".tox/*/lib/*/site-packages/{EVIL}*")]

    def test_without_us_it_decides(self, door: Door, tox: str) -> None:
        """The control."""
        (door.guarded.work / "tox.ini").write_text(SET["base"].format(dep=EVIL, url=door.index.url))
        ended = door.plain(tox, "run", environ={"PIP_INDEX_URL": "http://127.0.0.1:1/"})
        assert [*door.guarded.work.glob(f".tox/one/lib/*/site-packages/{EVIL}*")], ended

    def test_a_tox_that_would_let_it_decide_is_not_used(self, door: Door, tox: str) -> None:
        """It is asked for another one; the index here has none."""
        text = SET["base"].replace("[tox]", "[tox]\nrequires = tox<4.65")
        ended = self.install(door, tox, text, EVIL)
        assert ended.code != 0, ended
        assert "tox>=4.65" in ended.err + ended.out
        assert door.markers.ran() == set()


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
