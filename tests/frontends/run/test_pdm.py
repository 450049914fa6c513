"""``trustguard run pdm …``: what pdm installs and locks."""

from __future__ import annotations

from pathlib import Path

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
def pdm(tools: Tools) -> str:
    return tools.path("pdm")


@pytest.mark.parametrize("name", [EVIL, LEADS_TO_EVIL, BUILT_WITH_EVIL])
def test_what_is_malicious_is_not_added(door: Door, pdm: str, name: str) -> None:
    """By itself, as a dependency, as a build requirement."""
    door.refused(door.run(pdm, "add", name, cwd=door.project("pdm")), EVIL)


def test_without_us_it_is_and_runs(door: Door, pdm: str) -> None:
    """The control: the same project, the same index."""
    project = door.project("pdm", LEADS_TO_EVIL)
    ended = door.plain(pdm, "install", cwd=project)
    assert ended.code == 0, ended
    assert door.plain(str(environment_of(project) / "bin" / "python"), "-c", "").code == 0
    assert door.markers.ran() == {hostile.PTH}


def test_a_wheel_that_lies_is_refused(door: Door, pdm: str) -> None:
    door.refused(door.run(pdm, "add", LYING, cwd=door.project("pdm")), LYING)


@pytest.mark.parametrize("strategy", ["inherit_metadata", "static_urls"])
def test_a_lock_that_pins_what_is_refused_by_now_is_refused(
    door: Door, pdm: str, tmp_path: Path, strategy: str
) -> None:
    """The files by their digests, and by their addresses."""
    project = door.project("pdm", GOOD)
    assert (
        door.plain(pdm, "lock", "-S", strategy, cwd=project, environ={"PDM_CACHE_DIR": str(tmp_path)}).code
        == 0
    )
    door.list_as_malicious(HELPER)
    locked = (project / "pdm.lock").read_bytes()
    ended = door.run(pdm, "install", "--frozen-lockfile", cwd=project)
    door.refused(ended, HELPER)
    assert "known-malicious" in ended.err
    assert (project / "pdm.lock").read_bytes() == locked


def test_a_project_is_locked_as_without_us_and_installed(door: Door, pdm: str) -> None:
    locks = []
    for run in (door.plain, door.run):
        project = door.project("pdm", GOOD, BUILT)
        ended = run(pdm, "lock", cwd=project)
        assert ended.code == 0, ended
        locks.append((project / "pdm.lock").read_bytes())
    assert locks[0] == locks[1]
    ended = door.run(pdm, "install", cwd=project)
    assert ended.code == 0, ended
    door.vetted(environment_of(project), GOOD, HELPER, BUILT)
    assert door.plain(str(environment_of(project) / "bin" / GOOD)).out == "it runs\n"


@pytest.mark.parametrize(("method", "code"), [("symlink", 2), ("hardlink", 0)])
def test_nothing_is_linked_to_the_cache_of_a_run_that_is_over(
    door: Door, pdm: str, method: str, code: int
) -> None:
    project = door.project("pdm", GOOD)
    (project / "pdm.toml").write_text(f'[install]\ncache = true\ncache_method = "{method}"\n')
    ended = door.run(pdm, "install", cwd=project)
    assert ended.code == code, ended
    if code == 0:
        program = environment_of(project) / "bin" / GOOD
        assert "it runs" in door.plain(str(program), cwd=project).out
        door.vetted(environment_of(project), GOOD, HELPER)
    else:
        assert "hardlink" in ended.err
