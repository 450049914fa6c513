"""Output that cannot be written is told in a line and by the exit code; a reader that left, by that alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.artifacts import build_wheel
from tests.lab.guard import SECONDS, Guarded
from tests.lab.index import LabIndex

TOLD = "trustguard: the output cannot be written: No space left on device\n"
FULL = Path("/dev/full")
COMMANDS = {
    "version": ["--version"],
    "help": ["--help"],
    "help of a command": ["run", "--help"],
    "explain": ["explain", "typosquatting"],
    "shell-init": ["shell-init", "bash"],
    "check": ["check", "good"],
    "check, JSON": ["--format", "json", "check", "good"],
    "check, SARIF": ["--format", "sarif", "check", "good"],
    "check, blocked": ["--format", "json", "check", "evil"],
    "audit": ["audit", "--format", "json"],
    "inspect": ["inspect", "good"],
    "names": ["names", "names.txt"],
    "doctor": ["doctor"],
}

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")


@pytest.fixture(scope="module")
def index() -> Iterator[LabIndex]:
    """An index with a good project and a malicious one."""
    with LabIndex() as running:
        running.add_all(build_wheel("good", "1.0"), build_wheel("evil", "1.0"))
        yield running


@pytest.fixture(scope="module")
def guard(index: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user with a list of names."""
    made = Guarded(tmp_path_factory.mktemp("output") / "home", index, malware=["evil"])
    (made.work / "names.txt").write_text("good\n")
    return made


def run(guard: Guarded, words: list[str], redirection: str) -> subprocess.CompletedProcess[str]:
    """Run trustguard in a shell, which knows how to close and to redirect."""
    return subprocess.run(
        ["bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-m", "trustguard", *words],
        cwd=guard.work,
        env=guard.environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_full_disk_is_told_and_is_no_success(guard: Guarded, words: list[str]) -> None:
    done = run(guard, words, ">/dev/full")
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines(keepends=True) if "trustguard" in line] == [TOLD]
    assert "expected" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_left_is_no_success_and_not_told(guard: Guarded, words: list[str]) -> None:
    done = run(guard, words, "| true; exit ${PIPESTATUS[0]}")
    assert done.returncode != 0
    for word in ("trustguard:", "Traceback", "Exception", "expected"):
        assert word not in done.stderr


def test_a_verdict_is_told_by_the_exit_code_all_the_same(guard: Guarded) -> None:
    for redirection in (">/dev/full", ">/dev/full 2>/dev/full", "| true; exit ${PIPESTATUS[0]}"):
        assert run(guard, COMMANDS["check, blocked"], redirection).returncode in {1, 10}
    assert run(guard, COMMANDS["check, blocked"], ">/dev/null").returncode == 10
    assert run(guard, ["no-such-command"], "2>/dev/full").returncode == 2


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", ">/dev/null", "2>/dev/full"])
@pytest.mark.parametrize("name", ["version", "explain", "check", "check, JSON"])
def test_what_nobody_wants_to_read_is_no_failure(guard: Guarded, name: str, redirection: str) -> None:
    done = run(guard, COMMANDS[name], redirection)
    assert (done.returncode, "trustguard:" in done.stderr) == (0, False), done


@pytest.mark.parametrize("redirection", [">/dev/full", "2>/dev/full", ">&-", "2>&-", "| true"])
def test_what_is_refused_is_not_installed_whatever_becomes_of_the_output(
    guard: Guarded, redirection: str
) -> None:
    run(guard, ["install", "evil"], redirection)
    assert guard.installed() == set()
