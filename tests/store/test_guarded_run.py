"""The sign of a guarded run holds while the run lasts, and nothing but a run can give it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trustguard.store.guarded_run import VARIABLE, is_under_way, under_way

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no sign on Windows")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture
def content(run: Path) -> Iterator[bytes]:
    """What the file of a sign holds."""
    with under_way(run) as sign:
        yield Path(sign[VARIABLE]).read_bytes()


def test_a_sign_holds_as_long_as_the_run_lasts(run: Path, project: Path) -> None:
    with under_way(run) as sign:
        assert is_under_way(sign, outside=project)
        assert is_under_way(sign, outside=project), "to look at it does not take it away"
    assert not is_under_way(sign, outside=project)


def test_a_sign_is_seen_by_other_processes_and_ends_with_the_one_that_gave_it(
    run: Path, project: Path
) -> None:
    """However that ends: a lock does not outlive its process."""
    code = (
        "import sys; from pathlib import Path; from trustguard.store.guarded_run import under_way\n"
        "with under_way(Path(sys.argv[1])) as sign:\n"
        "    print(*sign.values(), flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        sign = {VARIABLE: process.stdout.readline().strip()}
        assert is_under_way(sign, outside=project)
        process.kill()
    assert not is_under_way(sign, outside=project)


def test_without_the_variable_there_is_no_sign(project: Path) -> None:
    assert not is_under_way({}, outside=project)
    assert not is_under_way({VARIABLE: ""}, outside=project)


@pytest.mark.parametrize("named", ["/nothing/there", "relative", "/", "/dev/zero"])
def test_what_is_no_file_is_no_sign(project: Path, named: str) -> None:
    assert not is_under_way({VARIABLE: named}, outside=project)


def test_a_pipe_is_no_sign_and_does_not_hang(tmp_path: Path, project: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_under_way({VARIABLE: str(tmp_path / "pipe")}, outside=project)


def test_a_file_of_the_same_content_that_nobody_holds_is_no_sign(
    tmp_path: Path, project: Path, content: bytes
) -> None:
    """What a project can write into a repository, and a variable that its files set."""
    (tmp_path / "sign").write_bytes(content)
    assert not is_under_way({VARIABLE: str(tmp_path / "sign")}, outside=project)


def test_a_locked_file_of_other_content_is_no_sign(tmp_path: Path, project: Path) -> None:
    """Other programs lock files too, in places that a project may know."""
    import fcntl  # noqa: PLC0415 - not on Windows

    with (tmp_path / "lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not is_under_way({VARIABLE: str(tmp_path / "lock")}, outside=project)


def test_a_file_in_the_project_is_no_sign_whoever_holds_it(project: Path) -> None:
    with under_way(project) as sign:
        assert not is_under_way(sign, outside=project)
        link = project.parent / "link"
        link.symlink_to(sign[VARIABLE])
        assert not is_under_way({VARIABLE: str(link)}, outside=project)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_is_no_sign(run: Path, project: Path) -> None:
    with under_way(run) as sign:
        os.chown(sign[VARIABLE], 12345, 12345)
        assert not is_under_way(sign, outside=project)
