"""trustguard may run in the very environment that it changes: no fresh package may slip a module under it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex

# Runs the command line in this process, and prints which modules came after pip had ended. pip asks the guard
# for nothing once it installs, so what is loaded after that may come from what pip has just installed.
WATCH = """
import sys
from trustguard.installers.pip.run import PipProcess
from trustguard.frontends.cli import main

wait = PipProcess.wait
def waiting(self):
    code = wait(self)
    before.update(sys.modules)
    return code
before = set()
PipProcess.wait = waiting
try:
    main(sys.argv[1:])
finally:
    late = sorted(set(sys.modules) - before)
    print("late:", *late)
"""


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
            done = subprocess.run(
                [sys.executable, "-c", WATCH, *target, *words],
                cwd=lab.work,
                env=lab.environ(),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout.splitlines()[-1] == "late:"
