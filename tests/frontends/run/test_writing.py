"""``trustguard run`` before programs that call pip, and write into files that last where pip looks."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.frontends.run.door import EVIL, GOOD, HELPER, LEADS_TO_EVIL, Door
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.index import LabIndex
from tests.lab.tools import Tools

pytestmark = pytest.mark.slow

PIPENV = {"PIPENV_VENV_IN_PROJECT": "1", "PIPENV_IGNORE_VIRTUALENVS": "1"}


def configured(door: Door) -> dict[str, str]:
    """The index is in pip's own file, and nowhere else."""
    door.guarded.pip_conf.write_text(f"[global]\nindex-url = {door.index.url}\n")
    return {"PIP_INDEX_URL": ""}


class TestPipCompile:
    """Requirements with all that they need, and the indexes that they are from."""

    @pytest.fixture
    def words(self, tools: Tools) -> list[str]:
        return [tools.path("pip-compile"), "--quiet", "--strip-extras", "list.in"]

    def project(self, door: Door, requirement: str) -> Path:
        folder = door.guarded.work / requirement
        folder.mkdir()
        (folder / "list.in").write_text(f"{requirement}\n")
        return folder

    @pytest.mark.parametrize("where", ["variable", "file"])
    def test_what_it_writes_is_what_it_writes_without_us(
        self, door: Door, words: list[str], where: str
    ) -> None:
        environ = configured(door) if where == "file" else {"PIP_EXTRA_INDEX_URL": f"{door.index.base}/more/"}
        folder, texts = self.project(door, GOOD), []
        for run in (door.plain, door.run):
            (folder / "list.txt").unlink(missing_ok=True)
            ended = run(*words, cwd=folder, environ=environ)
            assert ended.code == 0, ended
            texts.append((folder / "list.txt").read_text())
        assert texts[0] == texts[1]
        assert f"--index-url {door.index.url}\n" in texts[1]

    def test_what_is_refused_is_in_no_list(self, door: Door, words: list[str]) -> None:
        folder = self.project(door, LEADS_TO_EVIL)
        door.refused(door.run(*words, cwd=folder), EVIL)
        assert not (folder / "list.txt").exists()

    def test_a_proxy_among_what_a_project_hands_to_pip_is_refused(self, door: Door, words: list[str]) -> None:
        """The controls: without us the build of what comes from there runs; other words are let be."""
        with LabIndex() as theirs:
            theirs.add(hostile.in_tree_backend_sdist(door.markers, "theirs"))
            folder = self.project(door, GOOD)
            (folder / "list.in").write_text("--index-url http://index.example/simple/\ntheirs\n")
            settings = folder / ".pip-tools.toml"
            handed = f"--proxy {theirs.base} --trusted-host index.example"
            settings.write_text(f'[tool.pip-tools]\npip-args = "{handed}"\n')
            ended = door.run(*words, cwd=folder)
            assert (ended.code, door.markers.ran(), theirs.paths()) == (2, set(), [])
            door.plain(*words, cwd=folder)
            assert door.markers.ran() != set()
        settings.write_text('[tool.pip-tools]\npip-args = "--no-cache-dir"\n')
        (folder / "list.in").write_text(f"{GOOD}\n")
        assert door.run(*words, cwd=folder).code == 0

    def test_what_it_has_written_is_installed_through_us(self, door: Door, words: list[str]) -> None:
        folder = self.project(door, GOOD)
        assert door.run(*words, cwd=folder).code == 0
        there = door.guarded.home / "there"
        made = door.plain(sys.executable, "-m", "venv", str(there))
        assert made.code == 0, made
        sync = (
            str(Path(words[0]).with_name("pip-sync")),
            "--python-executable",
            str(there / "bin" / "python"),
        )
        ended = door.run(*sync, str(folder / "list.txt"))
        assert ended.code == 0, ended
        door.vetted(there, GOOD, HELPER)

    @pytest.mark.parametrize("how", ["$1 -q list.in", "echo done > list.txt"])
    def test_where_something_else_calls_it_what_is_wrong_with_the_file_is_said(
        self, door: Door, words: list[str], how: str
    ) -> None:
        """It has the guard as pip's index there, as every pip that something calls."""
        folder = self.project(door, GOOD)
        ended = door.run("sh", "-c", how, "sh", words[0], cwd=folder)
        assert ended.code == 0, ended
        line = f"{folder / 'list.txt'} names the guard of this run"  # which may be folded anywhere
        told = "".join(line.split()) in "".join(ended.err.split())
        assert told is ("127.0.0.2" in (folder / "list.txt").read_text())
        assert told is (how[0] == "$")


class TestPipenv:
    """A ``Pipfile`` and its lock."""

    @pytest.fixture
    def pipenv(self, tools: Tools) -> str:
        return tools.path("pipenv")

    def test_what_it_writes_is_what_it_writes_without_us(self, door: Door, pipenv: str) -> None:
        texts = []
        for number, run in enumerate((door.plain, door.run)):
            folder = door.guarded.work / str(number)
            folder.mkdir()
            ended = run(pipenv, "install", GOOD, cwd=folder, environ=PIPENV)
            assert ended.code == 0, ended
            texts.append([(folder / name).read_text() for name in ("Pipfile", "Pipfile.lock")])
        assert texts[0] == texts[1]
        door.vetted(door.guarded.work / "1" / ".venv", GOOD, HELPER)

    def test_what_is_refused_is_not_installed(self, door: Door, pipenv: str) -> None:
        folder = door.guarded.work / "project"
        folder.mkdir()
        door.refused(door.run(pipenv, "install", LEADS_TO_EVIL, cwd=folder, environ=PIPENV), EVIL)

    def test_a_folder_of_the_users_own_is_named(self, door: Door, pipenv: str) -> None:
        """As it is before uv and pdm: pip reads it by itself, and nobody vets what is in it."""
        environ, wheel = {**configured(door), **PIPENV}, build_wheel("unseen", "1.0")
        folder, files = door.guarded.work / "project", door.guarded.home / "files"
        for one in (folder, files):
            one.mkdir()
        (files / wheel.filename).write_bytes(wheel.content)
        with door.guarded.pip_conf.open("a") as file:
            file.write(f"find-links = {files}\n")
        ended = door.run(pipenv, "run", "pip", "install", "unseen", cwd=folder, environ=environ)
        assert ended.code == 0, ended
        assert "unseen 1.0 in" in " ".join(ended.err.split())
