"""A throw-away home and environment, and real runs of trustguard in it."""

from __future__ import annotations

import json
import os
import site
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from trustguard.config.layers import FILE_NAME
from trustguard.model.errors import InstallerError
from trustguard.model.record import record
from trustguard.sources.osv import record_from_json
from trustguard.store.advisories import AdvisoryStore

_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "COMSPEC", "PATHEXT", "WINDIR")
"""What every process needs. Nothing that configures pip, Python, a proxy or trustguard is taken over."""
_FOLDERS = {
    "HOME": "home",
    "USERPROFILE": "home",
    "APPDATA": "home/roaming",
    "LOCALAPPDATA": "home/local",
    "XDG_CONFIG_HOME": "home/.config",
    "XDG_CACHE_HOME": "home/.cache",
    "XDG_DATA_HOME": "home/.local/share",
    "XDG_STATE_HOME": "home/.local/state",
    "TMPDIR": "tmp",
    "TMP": "tmp",
    "TEMP": "tmp",
}
_STATE = (
    "from trustguard.frontends.state import State as S; s = S.of_this_user(); print(s.cache); print(s.data)"
)
_ROOT = Path(__file__).parents[3]
"""Where trustguard itself is imported from."""
_SECONDS = 120.0
"""So long may one run take: a machine may be slow, and the first run loads everything."""


@record
class Ended:
    """How a run ended.

    Args:
        code: its exit code; None where it did not end in time.
        report: the JSON that it printed; empty where it printed none.
        said: the last line for people.
    """

    code: int | None
    report: dict[str, Any]
    said: str

    @property
    def checks(self) -> frozenset[str]:
        """The checks for which something was refused or asked about."""
        found = [*self.report.get("packages", ()), *self.report.get("withheld", ())]
        judged = [finding for one in found for finding in one["findings"]]
        return frozenset(one["check"] for one in judged if one["action"] in {"ask", "withhold", "block"})


@record
class House:
    """A folder with all that a run needs, so that it touches nothing else.

    Args:
        folder: private, empty, and removed by the caller.
        index_url: the one index that pip is told of.
    """

    folder: Path
    index_url: str

    def build(self) -> None:
        """Make the folders and the environment.

        Raises:
            InstallerError: they cannot be made, or what a run writes down would not stay in them.
        """
        try:
            for name in {*_FOLDERS.values(), "work"}:
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._configuration.touch()
            # A project's file of its own, so that none is looked for in the folders above.
            (self.folder / "work" / FILE_NAME).touch()
            venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(self._environment)
        except (OSError, UnicodeError, subprocess.SubprocessError) as error:
            raise InstallerError(f"no environment can be made for the self-test: {error}") from error
        for place in self._state():
            if self.folder.resolve() not in place.resolve().parents:
                hint = "on this platform no variable moves them"
                raise InstallerError(f"a run would use {place}, which is not the self-test's own", hint=hint)

    def advise(self, *records: dict[str, Any]) -> None:
        """Have the advisory data hold these records (OSV), and nothing else.

        Raises:
            StoreError: they cannot be written.
        """
        store = AdvisoryStore(self._state()[1] / "advisories.sqlite", record_from_json)
        found = [record_from_json(json.dumps(record)) for record in records]
        store.replace(found, origin="the self-test", fetched_at=datetime.now(timezone.utc))

    def install(self, *requirements: str) -> Ended:
        """Run ``trustguard install`` in the environment, to its end, as a process of its own."""
        words = (
            "-m",
            "trustguard",
            "--python",
            str(self.python),
            "--format",
            "json",
            "install",
            *requirements,
        )
        try:
            done = self._run(sys.executable, *words)
        except subprocess.TimeoutExpired:
            return Ended(None, {}, f"it did not end within {_SECONDS:g} seconds")
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        try:
            report = json.loads(done.stdout)
        except ValueError:
            report = {}
        return Ended(done.returncode, report, said[-1].strip())

    def runs(self, code: str) -> bool:
        """Run a line of Python in the environment; whether it ended without an error."""
        return self._run(str(self.python), "-I", "-B", "-c", code).returncode == 0

    def files(self) -> frozenset[str]:
        """Everything that there is in the environment, to be compared before and after."""
        found = (path.relative_to(self._environment).as_posix() for path in self._environment.rglob("*"))
        return frozenset(found)

    def installed(self) -> list[str]:
        """The distributions in the environment, as the names of their folders tell."""
        return sorted(path.name for path in self._location("purelib").glob("*.dist-info"))

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self._location("scripts") / ("python.exe" if os.name == "nt" else "python")

    @property
    def _environment(self) -> Path:
        return self.folder / "environment"

    @property
    def _configuration(self) -> Path:
        return self.folder / "trustguard.toml"

    def _location(self, key: str) -> Path:
        scheme, base = "nt" if os.name == "nt" else "posix_prefix", str(self._environment)
        return Path(sysconfig.get_path(key, scheme, vars={"base": base, "platbase": base}))

    def _state(self) -> tuple[Path, Path]:
        """Where a run keeps what it knows: its cache, and its data."""
        done = self._run(sys.executable, "-c", _STATE)
        lines = done.stdout.splitlines()
        if done.returncode or len(lines) != 2:  # noqa: PLR2004 - the two that are printed
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise InstallerError(f"trustguard cannot be run from {sys.executable}: {last}")
        return Path(lines[0]), Path(lines[1])

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own interpreter, or the one just made
            words,
            cwd=self.folder / "work",
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )

    def _environ(self) -> dict[str, str]:
        own = {name: str(self.folder / path) for name, path in _FOLDERS.items()}
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            **own,
            # The home is another one; what is installed for this user is still to be found.
            "PYTHONUSERBASE": site.getuserbase(),
            "PYTHONPATH": str(_ROOT),
            "PYTHONIOENCODING": "utf-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": self.index_url,
            "PIP_NO_INPUT": "1",
            "TRUSTGUARD_CONFIG": str(self._configuration),
            "NO_COLOR": "1",
        }


def malicious(project: str, number: int) -> dict[str, Any]:
    """An advisory by which every version of a project is malicious (OSV)."""
    return {
        "schema_version": "1.7.0",
        "id": f"MAL-0000-{number}",
        "modified": "2020-01-01T00:00:00Z",
        "summary": f"{project} is made by trustguard's self-test, to be refused",
        "affected": [
            {
                "package": {"name": project, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    }


def named(items: Iterable[str]) -> str:
    """Items for a sentence."""
    return ", ".join(sorted(items)) or "nothing"
