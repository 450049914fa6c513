"""What is in an environment after ``trustguard run``, and did not come through trustguard."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.frontends.run.door import BUILT, EVIL, GOOD, HELPER, UNVETTED, Door, environment_of
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended
from tests.lab.tools import Tools

UNSEEN = "unseen"


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


class TestCache:
    """A cache that a program inside is told to use."""

    def locked(self, door: Door, uv: str, name: str) -> tuple[Path, str]:
        """A project with a lock, and a cache that holds what it pins."""
        project, cache = door.project("uv", name), str(door.guarded.home / "theirs")
        assert door.plain(uv, "sync", "--cache-dir", cache, cwd=project).code == 0
        shutil.rmtree(environment_of(project))
        door.index.forget()
        return project, cache

    @pytest.mark.parametrize("name", [EVIL, GOOD])
    def test_what_comes_from_there_is_no_success(self, door: Door, uv: str, name: str) -> None:
        project, cache = self.locked(door, uv, name)
        ended = door.run("sh", "-c", f'"{uv}" sync --frozen --cache-dir "{cache}"', cwd=project)
        assert ended.code == UNVETTED, ended
        told = " ".join(ended.err.split())
        assert f"{name} 1.0 in" in told
        assert "nobody vetted it" in told
        assert door.index.served_files() == set()

    def test_without_it_everything_comes_through_us(self, door: Door, uv: str) -> None:
        project, _ = self.locked(door, uv, GOOD)
        ended = door.run("sh", "-c", f'"{uv}" sync --frozen', cwd=project)
        assert ended.code == 0, ended
        door.vetted(environment_of(project), GOOD, HELPER)

    def test_what_a_wheel_says_of_where_it_is_from_does_not_count(self, door: Door, uv: str) -> None:
        """PEP 610 has that written by the installer; uv leaves what is there."""
        told = json.dumps({"url": "file:///nowhere/claims-1.0-py3-none-any.whl", "archive_info": {}})
        door.index.add(build_wheel("claims", "1.0", files={"claims-1.0.dist-info/direct_url.json": told}))
        project, cache = self.locked(door, uv, "claims")
        ended = door.run("sh", "-c", f'"{uv}" sync --frozen --cache-dir "{cache}"', cwd=project)
        assert ended.code == UNVETTED, ended


class TestOwnFiles:
    """Folders and files are the user's own: what is from there is named, and no failure."""

    @pytest.fixture
    def files(self, door: Door) -> Path:
        wheel = build_wheel(UNSEEN, "1.0")
        folder = door.guarded.work / "files"
        folder.mkdir()
        (folder / wheel.filename).write_bytes(wheel.content)
        return folder

    def named(
        self, door: Door, *words: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        ended = door.run(*words, cwd=cwd, environ=environ)
        assert ended.code == 0, ended
        told = " ".join(ended.err.split())
        assert f"{UNSEEN} 1.0 in" in told
        assert "nobody vetted it" in told

    @pytest.mark.parametrize("how", ["option", "attached", "variable", "list", "file", "file: address"])
    def test_it_is_named(self, door: Door, uv: str, files: Path, how: str) -> None:
        python = str(door.guarded.environment.python)
        words, environ = ["pip", "install", "--no-index", "--python", python], {}
        what = [UNSEEN]
        if how == "option":
            words += ["--find-links", "files"]
        elif how == "attached":
            words += [f"--find-links={files.as_uri()}"]
        elif how == "variable":
            environ = {"UV_FIND_LINKS": f"{door.guarded.home},files"}
        elif how == "list":
            (files / "list.txt").write_text(f"--find-links .\n{UNSEEN}\n")
            what = ["-r", "files/list.txt"]
        else:
            (wheel,) = files.iterdir()
            what = [f"files/{wheel.name}" if how == "file" else f"{UNSEEN} @ {wheel.as_uri()}"]
        environ["VIRTUAL_ENV"] = str(door.guarded.environment.path)
        self.named(door, uv, *words, *what, environ=environ)

    @pytest.mark.parametrize("flat", [True, False])
    def test_so_is_an_index_in_a_folder(self, door: Door, uv: str, files: Path, *, flat: bool) -> None:
        if not flat:
            (wheel,) = files.iterdir()
            (files / UNSEEN).mkdir()
            wheel.rename(files / UNSEEN / wheel.name)
            (files / UNSEEN / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
        form = 'format = "flat"\n' if flat else ""
        index = f'[[tool.uv.index]]\nname = "own"\nurl = "{files.as_uri()}"\n{form}'
        project = door.project("uv", UNSEEN, more=index)
        self.named(door, uv, "sync", cwd=project)

    def test_another_folder_is_none(self, door: Door, uv: str, files: Path) -> None:
        """It is not known before that a program inside will take something from there."""
        python = door.guarded.environment.python
        install = f'"{uv}" pip install --python "{python}" --find-links "{files}" --no-index {UNSEEN}'
        ended = door.run("sh", "-c", install, environ={"VIRTUAL_ENV": str(door.guarded.environment.path)})
        assert ended.code == UNVETTED, ended


class TestAnotherFileOfTheSameRelease:
    """One file of a release was vetted, and another one is what is there: name and version say nothing."""

    @pytest.fixture
    def vendored(self, door: Door) -> Path:
        """A wheel that is called as one on the index, and is another one."""
        wheel = build_wheel(GOOD, "1.0", files={"app_lib.py": door.markers.snippet(EVIL)})
        folder = door.guarded.work / "vendored"
        folder.mkdir()
        (folder / wheel.filename).write_bytes(wheel.content)
        return folder / wheel.filename

    def ended(self, door: Door, uv: str, *how: str, release: str = f"{GOOD}==1.0") -> Ended:
        """Install the vetted one somewhere, and then something into the environment."""
        install = f'"{uv}" pip install --quiet --no-deps --index-url {door.index.url} '
        there = f'{install} --target other "{release}"'
        here = f'{install} --python "{door.guarded.environment.python}" {" ".join(how)}'
        environ = {"VIRTUAL_ENV": str(door.guarded.environment.path)}
        return door.run("sh", "-ec", f"{there}; {here}", environ=environ)

    def not_vouched_for(self, door: Door, ended: Ended) -> None:
        """It is there; no ledger knows it, and with the import guard it does not run."""
        environment = door.guarded.environment
        assert (environment.purelib / "app_lib-1.0.dist-info").is_dir()
        assert not (environment.purelib / "trustguard-ledger.tsv").exists(), ended
        assert f"{GOOD} 1.0 in" in " ".join(ended.err.split())
        assert door.guarded.run("guard", "enable").code == 0
        environment.run_python("import app_lib")
        assert door.markers.ran() == set()

    def test_from_a_folder_that_nobody_named_it_is_no_success(
        self, door: Door, uv: str, vendored: Path
    ) -> None:
        ended = self.ended(door, uv, "--no-index", "--find-links", str(vendored.parent), GOOD)
        assert ended.code == UNVETTED, ended
        self.not_vouched_for(door, ended)

    def test_from_a_file_it_is_named(self, door: Door, uv: str, vendored: Path) -> None:
        ended = self.ended(door, uv, str(vendored))
        assert ended.code == 0, ended
        self.not_vouched_for(door, ended)

    def test_a_file_is_not_what_was_built_from_what_was_vetted(self, door: Door, uv: str) -> None:
        wheel = build_wheel(BUILT, "1.0")
        file = door.guarded.work / wheel.filename
        file.write_bytes(wheel.content)
        ended = self.ended(door, uv, str(file), release=f"{BUILT}==1.0")
        assert ended.code == 0, ended
        assert f"{BUILT} 1.0 in" in " ".join(ended.err.split())
        assert not (door.guarded.environment.purelib / "trustguard-ledger.tsv").exists(), ended

    def test_it_is_named_where_the_ledger_knows_the_release_from_before(
        self, door: Door, uv: str, vendored: Path
    ) -> None:
        environment = door.guarded.environment
        environ = {"VIRTUAL_ENV": str(environment.path)}
        words = [uv, "pip", "install", "--no-deps", "--python", str(environment.python)]
        done = door.run(*words, "--index-url", door.index.url, f"{GOOD}==1.0", environ=environ)
        assert done.code == 0, done
        assert "nobody vetted" not in done.err
        ended = door.run(*words, "--reinstall", str(vendored), environ=environ)
        assert "nobody vetted it" in " ".join(ended.err.split()), ended

    @pytest.mark.parametrize("release", [f"{GOOD}==1.0", BUILT])
    def test_the_one_that_was_vetted_is_in_the_ledger(self, door: Door, uv: str, release: str) -> None:
        ended = self.ended(door, uv, f'"{release}"', release=release)
        assert ended.code == 0, ended
        assert "nobody vetted" not in ended.err
        assert door.ledger(door.guarded.environment.path).keys() == {release.partition("==")[0]}


def test_a_version_may_be_written_in_more_than_one_way(door: Door, uv: str) -> None:
    """PEP 440: leading zeros are none."""
    metadata = "Metadata-Version: 2.1\nName: dated\nVersion: 2020.01.02\n"
    door.index.add(build_wheel("dated", "2020.1.2", files={"dated-2020.1.2.dist-info/METADATA": metadata}))
    project = door.project("uv", "dated")
    ended = door.run(uv, "sync", cwd=project)
    assert ended.code == 0, ended
    assert "nobody vetted" not in ended.err
    assert door.ledger(environment_of(project)).keys() == {"dated"}
