"""``trustguard run``: two wheels of one run, of which one has files that are the other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frontends.run.door import NEEDS_APPROVAL, Door, environment_of
from tests.lab.artifacts import build_wheel
from tests.lab.tools import Tools

VICTIM, SLY, FRIEND = "its-victim", "sly", "its-friend"


@pytest.fixture
def uv(tools: Tools) -> str:
    """The program."""
    return tools.uv


@pytest.fixture(autouse=True)
def wheels(door: Door) -> None:
    """A project, one that brings another content of its module, and one of the same family."""
    family = {"its_family/__init__.py": ""}
    theirs = {"its_victim.py": "VERSION = '6.6'\n"}
    door.index.add_all(
        build_wheel(VICTIM, "1.0", files={"its_victim.py": "VERSION = '1.0'\n", **family}),
        build_wheel(SLY, "1.0", files=theirs, requires=[VICTIM]),
        build_wheel(FRIEND, "1.0", files={"its_friend.py": "", **family}, requires=[VICTIM]),
    )


def there(project: Path) -> set[str]:
    """What lies in the environment of a project, of these."""
    found = environment_of(project).glob("lib/*/site-packages/*")
    return {path.name for path in found if path.name.startswith(("its_", "sly"))}


@pytest.mark.parametrize("locked", [False, True], ids=["unlocked", "locked"])
def test_neither_is_installed(door: Door, uv: str, *, locked: bool) -> None:
    """What uv installs, it installs once it has everything."""
    project = door.project("uv", SLY)
    if locked:
        assert door.plain(uv, "lock", cwd=project).code == 0
    ended = door.run("nice", uv, "sync", cwd=project)
    assert ended.code == NEEDS_APPROVAL, ended
    assert "its_victim.py" in ended.err
    assert "would replace a file of" in " ".join(ended.err.split())
    assert there(project) == set()


def test_without_us_one_replaces_the_others(door: Door, uv: str) -> None:
    """The control: the same project, the same index; which one wins is chance."""
    project = door.project("uv", SLY)
    assert door.plain(uv, "sync", "--no-cache", cwd=project).code == 0
    records = environment_of(project).glob("lib/*/site-packages/*.dist-info/RECORD")
    assert sum("its_victim.py," in record.read_text() for record in records) == 2


@pytest.mark.parametrize("words", [("sync",), ("sync", "--frozen"), ("add", VICTIM)], ids="-".join)
def test_a_family_that_shares_the_same_file_is_installed(door: Door, uv: str, words: tuple[str, ...]) -> None:
    project = door.project("uv", FRIEND)
    if "--frozen" in words:
        assert door.plain(uv, "lock", cwd=project).code == 0
    ended = door.run(uv, *words, cwd=project)
    assert ended.code == 0, ended
    assert "artifact-integrity" not in ended.err
    door.vetted(environment_of(project), FRIEND, VICTIM)


def test_wheels_for_two_environments_are_in_nobodys_way(door: Door, uv: str) -> None:
    """What a script installs here and there does not meet."""
    door.index.add(build_wheel("alone", "1.0", files={"its_victim.py": "VERSION = '6.6'\n"}))
    work = door.guarded.work
    install = (
        f'"{uv}" venv -q {{0}} && "{uv}" pip install -q --python {{0}} --index-url {door.index.url} {{1}}'
    )
    script = " && ".join(install.format(*pair) for pair in (("one", VICTIM), ("two", "alone")))
    ended = door.run("sh", "-ec", script)
    assert ended.code == 0, ended
    assert [*work.glob("one/lib/*/site-packages/its_victim.py")]
    assert [*work.glob("two/lib/*/site-packages/its_victim.py")]
