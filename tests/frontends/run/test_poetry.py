"""``trustguard run poetry …``: what poetry installs and locks."""

from __future__ import annotations

import socket

import pytest

from tests.frontends.run.door import (
    BUILT,
    BUILT_WITH_EVIL,
    EVIL,
    GOOD,
    HELPER,
    LEADS_TO_EVIL,
    LYING,
    Door,
    environment_of,
)
from tests.lab import hostile
from tests.lab.tools import Tools

pytestmark = pytest.mark.slow


@pytest.fixture
def poetry(tools: Tools) -> str:
    return tools.path("poetry")


@pytest.mark.parametrize("name", [EVIL, LEADS_TO_EVIL, BUILT_WITH_EVIL])
def test_what_is_malicious_is_not_added(door: Door, poetry: str, name: str) -> None:
    """By itself, as a dependency, as a build requirement."""
    door.refused(door.run(poetry, "add", name, cwd=door.project("poetry")), EVIL)


def test_without_us_it_is_and_runs(door: Door, poetry: str) -> None:
    """The control: the same project, the same index."""
    project = door.project("poetry", LEADS_TO_EVIL)
    ended = door.plain(poetry, "install", "--no-cache", cwd=project)
    assert ended.code == 0, ended
    assert door.plain(str(environment_of(project) / "bin" / "python"), "-c", "").code == 0
    assert door.markers.ran() == {hostile.PTH}


def test_a_wheel_that_lies_is_refused(door: Door, poetry: str) -> None:
    door.refused(door.run(poetry, "add", LYING, cwd=door.project("poetry")), LYING)


def test_a_lock_that_pins_what_is_refused_by_now_is_refused(door: Door, poetry: str) -> None:
    project = door.project("poetry", GOOD)
    assert door.plain(poetry, "lock", "--no-cache", cwd=project).code == 0
    door.list_as_malicious(HELPER)
    locked = (project / "poetry.lock").read_bytes()
    ended = door.run(poetry, "install", cwd=project)
    door.refused(ended, HELPER)
    assert "known-malicious" in ended.err
    assert (project / "poetry.lock").read_bytes() == locked


def test_version_control_is_not_reached(door: Door, poetry: str) -> None:
    """It has a git of its own, which knows nothing of the variable that stops the other one."""
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        address = f"git://127.0.0.1:{theirs.getsockname()[1]}/theirs.git"
        project = door.project("poetry", f"theirs @ git+{address}")
        ended = door.run(poetry, "lock", cwd=project)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.accept()
    assert ended.code != 0, ended
    assert not (project / "poetry.lock").exists()


def test_a_project_is_locked_as_without_us_and_installed(door: Door, poetry: str) -> None:
    locks = []
    for run in (door.plain, door.run):
        project = door.project("poetry", GOOD, BUILT)
        ended = run(poetry, "lock", cwd=project)
        assert ended.code == 0, ended
        locks.append((project / "poetry.lock").read_bytes())
    assert locks[0] == locks[1]
    ended = door.run(poetry, "install", cwd=project)
    assert ended.code == 0, ended
    door.vetted(environment_of(project), GOOD, HELPER, BUILT)
    assert door.plain(str(environment_of(project) / "bin" / GOOD)).out == "it runs\n"


def test_an_environment_of_poetrys_own_folder_stays_where_it_is(door: Door, poetry: str) -> None:
    """Its cache is one of the run, and would take it along."""
    project = door.project("poetry", HELPER)
    ended = door.run(poetry, "install", cwd=project, environ={"POETRY_VIRTUALENVS_IN_PROJECT": "0"})
    assert ended.code == 0, ended
    (environment,) = (door.guarded.home / ".cache" / "pypoetry" / "virtualenvs").glob("mine-*")
    door.vetted(environment, HELPER)


@pytest.mark.parametrize("option", ["-C", "--directory", "-P", "--project"])
def test_an_environment_of_another_project_is_found(door: Door, poetry: str, option: str) -> None:
    """Where that project wants it, and not where the one that we are in would have it."""
    project = door.project("poetry", HELPER)
    (project / "poetry.toml").write_text(f"[virtualenvs]\npath = '{project}/there'\n")
    environ = {"POETRY_VIRTUALENVS_IN_PROJECT": "0"}
    ended = door.run(poetry, option, project.name, "install", environ=environ)
    assert ended.code == 0, ended
    (environment,) = (project / "there").glob("mine-*")
    door.vetted(environment, HELPER)
