"""``trustguard run`` where a project is on more than one of the indexes that a program asks."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.frontends.run.door import BLOCKED, GOOD, HELPER, NEEDS_APPROVAL, Door, environment_of
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.index import LabIndex
from tests.lab.tools import Tools

OURS = "ours"
_BEST_MATCH = '[tool.uv]\nindex-strategy = "unsafe-best-match"\n'


@pytest.fixture
def private(door: Door) -> Iterator[LabIndex]:
    """An index beside the one that everybody can write to; what is new there is a trap."""
    door.index.add(hostile.pth_wheel(door.markers, OURS, "99.0"))
    door.guarded.configure('[checks.startup-code]\naction = "off"\n')  # nothing else is against it
    with LabIndex() as private:
        private.add(build_wheel(OURS, "1.0"))
        yield private


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


def _source(index: LabIndex, name: str = "private") -> str:
    return f"[[tool.uv.index]]\nname = {json.dumps(name)}\nurl = {json.dumps(index.url)}\n"


def test_the_higher_version_of_somebody_else_is_not_installed(door: Door, private: LabIndex, uv: str) -> None:
    """The attack of Birsan, "Dependency Confusion", 2021: the program takes the best of all indexes."""
    project = door.project("uv", OURS, more=_source(private) + _BEST_MATCH)
    ended = door.run(uv, "sync", cwd=project)
    assert ended.code == NEEDS_APPROVAL, ended
    assert "dependency-confusion" in ended.err
    assert door.markers.ran() == set()
    assert list(environment_of(project).rglob(f"{OURS}*")) == []


def test_without_us_it_is_and_runs(door: Door, private: LabIndex, uv: str) -> None:
    """The control: the same project, the same indexes."""
    project = door.project("uv", OURS, more=_source(private) + _BEST_MATCH)
    assert door.plain(uv, "sync", "--no-cache", cwd=project).code == 0
    assert door.plain(str(environment_of(project) / "bin" / "python"), "-c", "").code == 0
    assert door.markers.ran() == {hostile.PTH}


def test_it_is_refused_where_the_policy_says_so(door: Door, private: LabIndex, uv: str) -> None:
    door.guarded.configure('[checks.dependency-confusion]\naction = "block"\n')
    project = door.project("uv", OURS, more=_source(private) + _BEST_MATCH)
    ended = door.run(uv, "sync", cwd=project)
    assert ended.code == BLOCKED, ended
    assert list(environment_of(project).rglob(f"{OURS}*")) == []


@pytest.mark.parametrize("pinned", [False, True])
def test_who_says_where_a_name_belongs_is_not_asked(
    door: Door, private: LabIndex, uv: str, *, pinned: bool
) -> None:
    """The first index that has a name is where uv stops; ``namespaces`` says it of all that ask for more."""
    more = _source(private)
    if pinned:
        more += _BEST_MATCH
        door.guarded.configure(f'[[index]]\nurl = {json.dumps(private.url)}\nnamespaces = ["{OURS}"]\n')
    project = door.project("uv", OURS, GOOD, more=more)
    ended = door.run(uv, "sync", cwd=project)
    assert ended.code == 0, ended
    assert door.ledger(environment_of(project)).keys() == {OURS, GOOD, HELPER}
    assert door.ledger(environment_of(project))[OURS][0] == "1.0"
    assert door.markers.ran() == set()


def test_a_mirror_is_no_second_project(door: Door, private: LabIndex, uv: str) -> None:
    """The same file on both."""
    for file in door.index.project(GOOD).files + door.index.project(HELPER).files:
        private.add(file.artifact)
    project = door.project("uv", GOOD, more=_source(private) + _BEST_MATCH)
    ended = door.run(uv, "sync", cwd=project)
    assert ended.code == 0, ended
    assert door.ledger(environment_of(project)).keys() == {GOOD, HELPER}
