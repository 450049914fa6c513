"""In a folder that has been removed, what needs one says so, and what does not need one works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.environment import isolated_environ

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a folder that is in use cannot be removed there")
USAGE = 2


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A run whose folder is removed before it begins."""
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    return subprocess.run(
        [sys.executable, "-c", code, "-m", "trustguard", *words],
        cwd=gone,
        env=isolated_environ(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [("run", "true"), ("install", "x"), ("check", "x"), ("doctor",)])
def test_it_is_said_in_a_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = run(tmp_path, *words)
    assert ended.returncode == USAGE, ended
    assert "trustguard: the folder that it was started in has been removed\n" in ended.stderr
    assert "report it" not in ended.stderr


def test_a_program_that_reads_the_result_is_told_so(tmp_path: Path) -> None:
    ended = run(tmp_path, "--format", "json", "run", "true")
    assert json.loads(ended.stdout)["exit_code"] == ended.returncode == USAGE


def test_what_needs_no_folder_works(tmp_path: Path) -> None:
    ended = run(tmp_path, "--version")
    assert (ended.returncode, ended.stderr) == (0, "")
