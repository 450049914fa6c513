"""What an attack on a build is judged by, and plain pip to compare with."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from tests.lab.environment import VirtualEnvironment
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.markers import Markers

BLOCKED, NEEDS_APPROVAL, UNVETTED = 10, 11, 12


@dataclass(frozen=True)
class Attack:
    """The state of things before an attack."""

    guarded: Guarded
    markers: Markers
    files: frozenset[str]

    @classmethod
    def begins(cls, guarded: Guarded, markers: Markers) -> Attack:
        """Remember what is in the environment; nothing has run so far."""
        markers.clear()
        return cls(guarded, markers, frozenset(guarded.environment.files()))

    def is_repelled(self, ended: Ended, *, code: int, named: str) -> None:
        """Nothing ran, nothing was installed, the exit code says so, and a line names the culprit."""
        assert self.markers.ran() == set(), ended
        assert self.guarded.environment.files() == self.files, ended
        assert ended.code == code, ended
        assert "Traceback" not in ended.err + ended.out, ended
        assert any(named in line for line in (ended.err + ended.out).splitlines()), ended


def plain_pip(
    guarded: Guarded, *args: str, environment: VirtualEnvironment | None = None, **environ: str
) -> Ended:
    """Run pip as it is, with the home and the sources of a guarded run, on an environment."""
    target = environment or guarded.environment
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(target.python), *args],
        cwd=guarded.work,
        env=guarded.environ(PIP_DISABLE_PIP_VERSION_CHECK="1", **environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
