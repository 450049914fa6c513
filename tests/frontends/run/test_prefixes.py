"""``trustguard run env X=Y nice uv …``: what stands before a program changes nothing of the guard."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.frontends.run.door import EVIL, GOOD, HELPER, LOCKS, Door, environment_of
from tests.lab.tools import Tools

USAGE = 2
WORDS = {
    "env": ("env", "A=1"),
    "nice": ("nice", "-n", "1"),
    "many": ("nohup", "timeout", "100", "env", "-u", "A", "B=2", "stdbuf", "-oL"),
}


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


@pytest.mark.parametrize("before", WORDS)
class TestHonest:
    """They are looked through."""

    def test_what_is_good_comes_in(self, door: Door, uv: str, before: str) -> None:
        project = door.project("uv", GOOD)
        ended = door.run(*WORDS[before], uv, "sync", cwd=project)
        assert ended.code == 0, ended
        door.vetted(environment_of(project), GOOD, HELPER)

    def test_what_is_evil_does_not(self, door: Door, uv: str, before: str) -> None:
        project = door.project("uv", EVIL)
        door.refused(door.run(*WORDS[before], uv, "sync", cwd=project), EVIL)


class TestFolder:
    """What ``env -C`` says."""

    def test_the_environment_there_gets_its_ledger(self, door: Door, uv: str) -> None:
        project = door.project("uv", GOOD)
        ended = door.run("env", "-C", str(project), uv, "sync")
        assert ended.code == 0, ended
        door.vetted(environment_of(project), GOOD, HELPER)

    def test_settings_there_that_lead_past_us_are_refused(self, door: Door, uv: str) -> None:
        project = door.project("uv", GOOD)
        (project / "uv.toml").write_text('http-proxy = "http://theirs.example"\n')
        ended = door.run("env", "-C", str(project), uv, "sync")
        assert (ended.code, environment_of(project).exists()) == (USAGE, False), ended


class TestPastUs:
    """What would lead past the guard is refused, and nothing is run."""

    def locked(self, door: Door, uv: str) -> Path:
        project = door.project("uv", EVIL)
        assert door.plain(uv, "lock", cwd=project).code == 0
        door.index.forget()
        return project

    @pytest.mark.parametrize(
        "before",
        [
            ("env", "HTTP_PROXY=", "http_proxy=", "ALL_PROXY=", "all_proxy="),
            ("env", "-i"),
            ("nice", "env", "-u", "HTTP_PROXY", "-u", "http_proxy", "-u", "ALL_PROXY", "-u", "all_proxy"),
        ],
        ids=["empty", "none", "unset"],
    )
    def test_variables_that_are_taken_away(self, door: Door, uv: str, before: tuple[str, ...]) -> None:
        project = self.locked(door, uv)
        ended = door.run(*before, uv, "sync", cwd=project)
        assert (ended.code, environment_of(project).exists()) == (USAGE, False), ended
        assert door.index.served_files() == set()

    def test_a_file_of_settings_in_a_variable(self, door: Door, uv: str) -> None:
        project = self.locked(door, uv)
        (project / "theirs").write_text('http-proxy = "http://theirs.example"\n')
        ended = door.run("env", "UV_CONFIG_FILE=theirs", uv, "sync", cwd=project)
        assert (ended.code, environment_of(project).exists()) == (USAGE, False), ended

    def test_a_cache_that_holds_what_nobody_vetted(self, door: Door, uv: str) -> None:
        project, cache = self.locked(door, uv), door.guarded.home / "theirs"
        assert door.plain(uv, "sync", "--cache-dir", str(cache), cwd=project).code == 0
        shutil.rmtree(environment_of(project))
        for words in (
            ("env", f"UV_CACHE_DIR={cache}", uv, "sync"),
            ("nice", uv, "sync", "--cache-dir", str(cache)),
        ):
            ended = door.run(*words, cwd=project)
            assert (ended.code, environment_of(project).exists()) == (USAGE, False), ended

    @pytest.mark.parametrize("before", [(), ("env",), ("timeout", "60", "nice")], ids=len)
    def test_a_script_that_is_not_here(self, door: Door, uv: str, before: tuple[str, ...]) -> None:
        ended = door.run(*before, uv, "run", "-")
        assert ended.code == USAGE, ended
        assert "standard input" in ended.err

    def test_what_hands_no_variables_on(self, door: Door, uv: str) -> None:
        """The one here does what the real one does by default."""
        sudo = door.guarded.home / "sudo"
        sudo.write_text(f'#!/bin/sh\ntouch "{door.guarded.home}/started"\nexec env -i "$@"\n')
        sudo.chmod(0o755)
        project = self.locked(door, uv)
        ended = door.run(str(sudo), uv, "sync", cwd=project)
        assert (ended.code, environment_of(project).exists()) == (USAGE, False), ended
        assert not (door.guarded.home / "started").exists()
        assert "sudo trustguard run" in ended.err

    def test_a_lock_is_not_made_either(self, door: Door, uv: str) -> None:
        project = door.project("uv", EVIL)
        assert door.run("env", "NO_PROXY=*", uv, "lock", cwd=project).code == USAGE
        assert not (project / LOCKS["uv"]).exists()
