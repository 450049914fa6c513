"""A uv that is guarded finds its configuration as it was, but for what stops it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frontends.enforcement.test_changes import tree
from trustguard.config.lines import loads
from trustguard.frontends.enforcement.passage import passage
from trustguard.frontends.enforcement.uv_toml import STOP_PLACE, stopped

MINE = b'find-links = ["./mine"]\n[[index]]\nurl = "https://me:secret@index.example/simple/"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of configurations in which uv is stopped."""
    home = tmp_path / "home"
    (home / "uv" / "mine").mkdir(parents=True)
    (home / "git").mkdir()
    (home / "git" / "config").write_bytes(b"[user]\n")
    (home / "uv" / "uv.toml").write_bytes(stopped(MINE, home / "uv" / "uv.toml", ""))
    return home


def test_what_stops_uv_is_gone_and_everything_else_is_there(tmp_path: Path, home: Path) -> None:
    before = tree(home)
    with passage({"XDG_CONFIG_HOME": str(home)}, tmp_path / "private") as variables:
        copy = Path(variables.pop("XDG_CONFIG_HOME"))
        assert variables == {}
        assert (copy / "uv" / "uv.toml").read_bytes() == MINE
        assert (copy / "uv" / "uv.toml").stat().st_mode & 0o777 == 0o600
        assert (copy / "uv" / "mine").is_dir()
        assert (copy / "git" / "config").read_bytes() == b"[user]\n"
    assert tree(home) == before


def test_what_a_program_writes_meanwhile_is_there_afterwards(tmp_path: Path, home: Path) -> None:
    with passage({"XDG_CONFIG_HOME": str(home)}, tmp_path / "private") as variables:
        copy = Path(variables["XDG_CONFIG_HOME"])
        (copy / "git" / "ignore").write_bytes(b"*.pyc\n")
        (copy / "editor").mkdir()
        (copy / "editor" / "settings").write_bytes(b"1")
        (copy / "uv" / "receipt").write_bytes(b"2")
    assert (home / "git" / "ignore").read_bytes() == b"*.pyc\n"
    assert (home / "editor" / "settings").read_bytes() == b"1"
    assert (home / "uv" / "receipt").read_bytes() == b"2"
    assert STOP_PLACE.encode() in (home / "uv" / "uv.toml").read_bytes()


@pytest.mark.parametrize("where", [".", "uv"])
def test_a_file_that_is_replaced_by_a_new_one_is_the_new_one(tmp_path: Path, home: Path, where: str) -> None:
    """That is how careful programs write; a link to the old one is replaced likewise."""
    for name in ("settings", "others"):
        (home / where / name).write_bytes(b"old")
    with passage({"XDG_CONFIG_HOME": str(home)}, tmp_path / "private") as variables:
        place = Path(variables["XDG_CONFIG_HOME"], where)
        (place / "new").write_bytes(b"new")
        (place / "new").replace(place / "settings")
    assert (home / where / "settings").read_bytes() == b"new"
    assert (home / where / "others").read_bytes() == b"old"
    assert STOP_PLACE.encode() in (home / "uv" / "uv.toml").read_bytes()


def test_a_systems_configuration_is_replaced_by_one_that_comes_first(tmp_path: Path, home: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "none"), "XDG_CONFIG_DIRS": f"/nowhere:{home}"}
    with passage(environ, tmp_path / "private") as variables:
        first, rest = variables.pop("XDG_CONFIG_DIRS").split(":", 1)
        assert variables == {}
        assert rest == environ["XDG_CONFIG_DIRS"]
        assert loads(Path(first, "uv", "uv.toml").read_text(encoding="utf-8")) == loads(MINE.decode())


def test_where_nothing_stops_uv_nothing_is_changed(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_CONFIG_DIRS": str(tmp_path / "d")}
    with passage(environ, tmp_path / "private") as variables:
        assert variables == {}
    assert tree(tmp_path) == {}
