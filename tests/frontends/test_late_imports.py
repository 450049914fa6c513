"""trustguard may run in the very environment that it changes: no fresh package may slip a module under it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex

# Runs the command line in this process, and prints which modules came after the installer had ended. It asks
# the guard for nothing once it installs, so what is loaded after that may be what it has just installed.
PIP = """
from trustguard.installers.pip.run import PipProcess
wait = PipProcess.wait
def waiting(self):
    code = wait(self)
    before.update(sys.modules)
    return code
PipProcess.wait = waiting
"""
PROGRAM = """
import subprocess
wait = subprocess.Popen.wait
def waiting(self, timeout=None):
    code = wait(self, timeout)
    if self.args == tuple(words):
        before.update(sys.modules)
    return code
subprocess.Popen.wait = waiting
"""
WATCH = """
import sys
from trustguard.frontends.cli import main

before, words = set(), sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
{ended}
try:
    main(sys.argv[1:])
finally:
    print("late:", *(sorted(set(sys.modules) - before) if before else ["nothing ended"]))
"""


def late(lab: Guarded, ended: str, *words: str, **variables: str) -> str:
    """What came after the installer had ended."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH.format(ended=ended), *words],
        cwd=lab.work,
        env=lab.environ(UV_PYTHON=sys.executable, UV_PYTHON_DOWNLOADS="never", **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_nothing_is_imported_once_pip_has_installed(tmp_path: Path) -> None:
    with LabIndex() as index:
        index.add_all(build_wheel("good", "1.0", requires=["dep"]), build_wheel("dep", "1.0"))
        lab = Guarded(tmp_path / "home", index)
        for words in (
            ("install", "good"),
            ("install", "good"),
            ("--format", "json", "install", "dep"),
            ("--format", "sarif", "--report-file", "report.json", "install", "--force-reinstall", "dep"),
            ("--report-file", "report.sarif", "install", "--force-reinstall", "dep"),
        ):
            target = ("--python", str(lab.environment.python))
            assert late(lab, PIP, *target, *words) == "late:"


def test_nothing_is_imported_once_a_program_has_installed(tmp_path: Path) -> None:
    with LabIndex() as index:
        index.add_all(build_wheel("good", "1.0", requires=["dep"]), build_wheel("dep", "1.0"))
        lab = Guarded(tmp_path / "home", index)
        install = (find_uv_bin(), "pip", "install", "--reinstall", "--index-url", index.url)
        target = ("--python", str(lab.environment.python), "good")
        for options in ((), ("--format", "json"), ("--report-file", "report.sarif")):
            assert late(lab, PROGRAM, *options, "run", "--", *install, *target) == "late:"


def test_a_parser_that_happens_to_be_there_is_not_picked_up(tmp_path: Path) -> None:
    beside, marker = tmp_path / "beside", tmp_path / "marker"
    beside.mkdir()
    (beside / "httptools.py").write_text(f"open({str(marker)!r}, 'w').close()\n", encoding="utf-8")
    with LabIndex() as index:
        index.add_all(build_wheel("good", "1.0"))
        lab = Guarded(tmp_path / "home", index)
        target = ("--python", str(lab.environment.python))
        assert late(lab, PIP, *target, "install", "good", PYTHONPATH=str(beside)) == "late:"
        assert not marker.exists()
        run = [sys.executable, "-c", "import httptools"]
        subprocess.run(run, env=lab.environ(PYTHONPATH=str(beside)), check=True)
        assert marker.exists()  # it could have been
