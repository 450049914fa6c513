"""All or nothing: interrupted, killed or out of room, nothing is half installed, and nothing left running."""

from __future__ import annotations

import os
import pty
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from filelock import FileLock

from tests.conftest import MakeGuarded
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.faults import Hang
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.listing import LAST_YEAR
from tests.lab.markers import Markers

PROCESSES = Path("/proc")
PATIENCE = 30.0
"""Seconds after which what has not happened will not."""
WHEEL = build_wheel("slow", "1.0", requires=["leaf"])

pytestmark = pytest.mark.skipif(not PROCESSES.is_dir(), reason="looks for processes in /proc")


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.02)


def working_in(environment: VirtualEnvironment) -> list[int]:
    """The processes that run the environment's Python, or were told of it; those that ended have no words."""
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if words[0] == os.fsencode(environment.python):
            found.append(int(folder.name))
    return found


def children_of(parent: int) -> list[int]:
    """The processes that another one has started and not yet waited for."""
    found = []
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(status[1]) == parent:
            found.append(int(folder.name))
    return found


def credentials_left(run: Guarded) -> list[Path]:
    """The private folders of runs that have ended, which would hold their credentials."""
    return list((run.home / "tmp").glob("trustguard-*"))


class Running:
    """A guarded run that has been started, as the leader of a process group."""

    def __init__(
        self, run: Guarded, *args: str, options: tuple[str, ...] = (), limit_bytes: int | None = None
    ) -> None:
        self.run = run
        self.before = run.environment.files()
        self._out, self._err = run.home / f"out{id(self)}", run.home / f"err{id(self)}"

        def prepare() -> None:
            # Where the tests run in the background, Ctrl-C is ignored, and that would be inherited.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            if limit_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                run.command(*args, options=options),
                cwd=run.work,
                env=run.environ(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 - no threads of ours run
            )

    @property
    def out(self) -> str:
        """Standard output so far."""
        return self._out.read_text()

    def ended(self) -> Ended:
        """Wait for the end."""
        code = self.process.wait(SECONDS)
        return Ended(code, self._out.read_text(), self._err.read_text())

    def leaves_nothing(self) -> None:
        """Nothing runs any more, and nothing was installed."""
        until(lambda: not working_in(self.run.environment), "pip's process ends")
        assert self.run.environment.files() == self.before


@pytest.fixture
def run(index: LabIndex, guarded: MakeGuarded) -> Guarded:
    """The program, with an index whose largest file never comes to its end."""
    index.add_all(WHEEL, build_wheel("leaf", "1.0"))
    return guarded()


@contextmanager
def hanging(index: LabIndex, run: Guarded) -> Iterator[Running]:
    """A run that has come to the body which hangs; what is left of it is ended."""
    index.fault(f"/files/{WHEEL.filename}", Hang(after=100))
    running = Running(run, "install", "slow")
    try:
        until(lambda: f"/files/{WHEEL.filename}" in index.paths(), "the body is asked for")
        until(lambda: working_in(run.environment), "pip's process runs")
        yield running
    finally:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()


class TestSignals:
    """In the middle of a transfer that does not go on."""

    def test_ctrl_c_ends_everything(self, index: LabIndex, run: Guarded) -> None:
        """The terminal sends it to the whole group; pip ends by itself, and then the guard."""
        with hanging(index, run) as running:
            os.killpg(running.process.pid, signal.SIGINT)
            ended = running.ended()
            running.leaves_nothing()
        assert ended.code not in (0, -signal.SIGINT), ended
        assert "Traceback" not in ended.err, ended
        assert "cancel" in ended.err.lower() or "interrupted" in ended.err, ended
        assert credentials_left(run) == []

    def test_ctrl_c_before_pip_has_begun_ends_everything(self, run: Guarded) -> None:
        """While the command line is still being understood."""
        running = Running(run, "install", "slow")
        until(lambda: working_in(run.environment), "pip's process runs")
        os.killpg(running.process.pid, signal.SIGINT)
        ended = running.ended()
        running.leaves_nothing()
        assert ended.code != 0, ended
        assert "Traceback" not in ended.err, ended
        assert credentials_left(run) == []

    def test_a_termination_signal_before_pip_has_begun_ends_everything(self, run: Guarded) -> None:
        """Pip's process finds nobody to talk with, and says so in a line."""
        running = Running(run, "install", "slow")
        until(lambda: working_in(run.environment), "pip's process runs")
        running.process.terminate()
        running.process.wait()
        running.leaves_nothing()
        ended = running.ended()
        assert ended.code != 0, ended
        assert "Traceback" not in ended.err, ended
        assert len(ended.err.splitlines()) <= 1, ended

    def test_a_termination_signal_ends_pip_and_the_guard(self, index: LabIndex, run: Guarded) -> None:
        """Sent to trustguard alone, as a service manager does: pip's process ends with it."""
        with hanging(index, run) as running:
            running.process.terminate()
            ended = running.ended()
            running.leaves_nothing()
        assert ended.code not in (0, -signal.SIGTERM), ended
        assert "Traceback" not in ended.err, ended
        assert credentials_left(run) == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_what_is_installed_already_is_written_down_all_the_same(
        self, number: signal.Signals, index: LabIndex, run: Guarded
    ) -> None:
        """Pip is done, and somebody else is writing in the ledger."""
        index.add(build_wheel("quick", "1.0"))
        assert run.run("install", "quick").code == 0
        (run.environment.purelib / "trustguard-ledger.tsv").unlink()
        (lock,) = (run.home / ".cache" / "trustguard" / "locks").glob("ledger-*.lock")
        with FileLock(lock):
            running = Running(run, "install", "--force-reinstall", "quick")
            until(lambda: "Successfully installed" in running.out, "pip has installed")
            until(lambda: not children_of(running.process.pid), "pip's process has ended, and that is known")
            running.process.send_signal(number)
        ended = running.ended()
        assert (ended.code, run.installed()) == (0, {"quick"}), ended
        assert "1 installed" in ended.err, ended
        assert "quick" in (run.environment.purelib / "trustguard-ledger.tsv").read_text()

    def test_ctrl_c_is_an_answer_to_a_question(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Nobody has to type one as well for the run to end."""
        run = guarded(building=None)
        index.add(hostile.in_tree_backend_sdist(markers, "asked"), upload_time=LAST_YEAR)
        before, (master, terminal) = run.environment.files(), pty.openpty()
        with subprocess.Popen(
            run.command("install", "asked"),
            cwd=run.work,
            env=run.environ(),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - as above
        ) as process:
            os.close(terminal)
            shown = b""
            while b"[y/N]" not in shown:
                shown += os.read(master, 65536)
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
            with suppress(OSError):  # the other end is closed
                while more := os.read(master, 65536):
                    shown += more
        os.close(master)
        assert process.returncode > 0, shown
        assert b"nothing installed" in shown
        assert b"Traceback" not in shown
        assert b"Fatal" not in shown
        assert (run.environment.files(), markers.ran(), credentials_left(run)) == (before, set(), [])

    def test_pip_killed_in_the_middle_is_a_failure(self, index: LabIndex, run: Guarded) -> None:
        """Shells tell a signal as 128 and its number; so does trustguard."""
        with hanging(index, run) as running:
            for process in working_in(run.environment):
                os.kill(process, signal.SIGKILL)
            ended = running.ended()
            running.leaves_nothing()
        assert ended.code == 128 + signal.SIGKILL, ended
        assert "Traceback" not in ended.err, ended
        assert "nothing" in ended.err, ended

    def test_without_the_guard_pip_gets_nothing(self, index: LabIndex, run: Guarded) -> None:
        """Trustguard killed outright: pip's connection breaks, and there is no other source for it."""
        with hanging(index, run) as running:
            running.process.kill()
            running.process.wait()
            running.leaves_nothing()
        assert run.installed() == set()

    def test_the_next_run_succeeds(self, index: LabIndex, run: Guarded) -> None:
        """The control: what was left behind by a run that was killed is in nobody's way."""
        with hanging(index, run) as running:
            running.process.kill()
            running.process.wait()
            running.leaves_nothing()
        index.clear_faults()
        ended = run.run("install", "slow")
        assert ended.code == 0, ended
        assert run.installed() == {"slow", "leaf"}


def large_wheel(size: int) -> Artifact:
    """A wheel of about so many bytes, which nothing can compress."""
    return build_wheel("large", "1.0", files={"large.bin": random.Random(1).randbytes(size)})  # noqa: S311


class TestRoom:
    """Folders that cannot be written to."""

    def test_an_artifact_that_does_not_fit_installs_nothing(self, index: LabIndex, run: Guarded) -> None:
        """A limit on the size of files stands for a full disk: the write fails in the middle of the file."""
        index.add(large_wheel(3_000_000))
        running = Running(run, "install", "large", limit_bytes=1_000_000)
        ended = running.ended()
        running.leaves_nothing()
        assert ended.code in (1, 12), ended
        assert "Traceback" not in ended.err, ended
        assert any("artifacts" in line for line in ended.err.splitlines()), ended
        assert run.run("install", "large").code == 0

    @pytest.mark.parametrize("folder", [".cache/trustguard", ".local/share/trustguard"])
    def test_a_folder_that_cannot_be_used_is_said(self, run: Guarded, folder: str) -> None:
        """Root may write anywhere, so a file stands in the folder's place."""
        place = run.home / folder
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        before = run.environment.files()
        ended = run.run("install", "slow")
        assert "Traceback" not in ended.err, ended
        assert any(str(place) in line for line in ended.err.splitlines()), ended
        assert ended.code == 1, ended
        assert run.environment.files() == before
        place.unlink()
        assert run.run("install", "slow").code == 0

    def test_a_ledger_that_cannot_be_written_is_an_error(self, run: Guarded) -> None:
        """What is installed would be unknown to it, so the command does not end as if all was well."""
        (run.environment.purelib / "trustguard-ledger.tsv").mkdir()
        ended = run.run("install", "slow")
        assert ended.code == 1, ended
        assert "Traceback" not in ended.err, ended
        assert any("trustguard-ledger.tsv" in line for line in ended.err.splitlines()), ended


class TestConcurrency:
    """One user, several runs at once."""

    def test_two_runs_of_one_user_do_not_disturb_each_other(self, index: LabIndex, run: Guarded) -> None:
        """The guard's usual port can be had once; first advisories, caches and locks are shared."""
        second = VirtualEnvironment.create(run.home / "second")
        index.latency = 0.2
        runs = [
            Running(run, "install", "slow"),
            Running(run, "install", "slow", options=("--python", str(second.python))),
        ]
        for running in runs:
            ended = running.ended()
            assert ended.code == 0, ended
        assert run.environment.distributions() == second.distributions() == {("slow", "1.0"), ("leaf", "1.0")}
        for environment in (run.environment, second):
            assert (environment.purelib / "trustguard-ledger.tsv").is_file()
