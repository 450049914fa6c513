"""Which files are written, and that a system's are found below any folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frontends.enforcement.test_changes import tree
from trustguard.frontends.enforcement.changes import apply
from trustguard.frontends.enforcement.places import places, uv_home
from trustguard.installers.pip.enforcement import STOP, STOP_NAME, config_file
from trustguard.model.errors import UsageError


def system(root: Path) -> list[Path]:
    """The files of a system whose root is this folder."""
    return [place.path for place in places("system", {}, root=root)]


def test_a_systems_files_are_stopped_and_let_go_without_a_trace(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc" / "xdg" / "uv").mkdir(parents=True)
    (root / "etc" / "xdg" / "uv" / "uv.toml").write_bytes(b"offline = false\n")
    before = tree(tmp_path)
    for _ in "twice":
        apply([change for place in places("system", {}, root=root) for change in place.on()])
    found = places("system", {}, root=root)
    assert [(place.tool, place.in_force) for place in found] == [("pip", True), ("uv", True), ("uv", True)]
    assert found[0].path.with_name(STOP_NAME).read_bytes() == STOP
    assert {path.stat().st_mode & 0o777 for path in system(root)[:2]} == {0o644}
    for _ in "twice":
        apply([change for place in places("system", {}, root=root) for change in place.off()])
    assert tree(tmp_path) == before
    assert [place.in_force for place in places("system", {}, root=root)] == [False, False, False]


def test_a_systems_files_are_where_pip_and_uv_look_for_them(tmp_path: Path) -> None:
    """The pages on configuration files of pip and of uv."""
    pip = config_file("system")
    assert system(tmp_path) == [tmp_path / pip.relative_to("/"), tmp_path / "etc" / "uv" / "uv.toml"]
    assert [place.path for place in places("system", {})][:2] == [pip, Path("/etc/uv/uv.toml")]


def test_a_users_folder_of_configurations_is_the_one_that_is_named() -> None:
    """XDG Base Directory Specification: a relative path is invalid, and ignored."""
    assert uv_home({"XDG_CONFIG_HOME": "/c"}) == Path("/c/uv")
    assert uv_home({"XDG_CONFIG_HOME": "c"}) == uv_home({}) == Path.home() / ".config" / "uv"


def test_an_environment_has_a_file_of_pip_alone(tmp_path: Path) -> None:
    assert [(p.tool, p.path.parent) for p in places("venv", {}, prefix=tmp_path)] == [("pip", tmp_path)]
    with pytest.raises(UsageError, match="no virtual environment"):
        places("venv", {})


def test_where_the_second_file_is_wrong_the_first_is_not_touched(tmp_path: Path) -> None:
    bad = tmp_path / "etc" / "uv"
    bad.mkdir(parents=True)
    (bad / "uv.toml").mkdir()
    before = tree(tmp_path)
    with pytest.raises(Exception, match=r"uv\.toml"):
        apply([change for place in places("system", {}, root=tmp_path) for change in place.on()])
    assert tree(tmp_path) == before
