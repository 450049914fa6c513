"""The program under test, run as a user runs it: a process, with a home and a target of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.environment import VirtualEnvironment, isolated_environ
from tests.lab.index import LabIndex
from tests.lab.osv import malicious, osv_export
from tests.lab.popular import ranking
from trustguard.sources.attestations import bundled_trust_root

NOBODY = "a-project-that-does-not-exist"
SECONDS = 100


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is one JSON document."""
        return json.loads(self.out)


@dataclass
class Guarded:
    """trustguard with a target environment, an index and advisories of its own.

    Args:
        home: an empty folder; everything that a user's folders hold is under it.
        index: where the projects are.
        malware: the projects that the advisories call malicious.
        popular: the most downloaded projects.
        sandbox: whether packages are built in a sandbox, from inside which no marker can be left; None:
            nothing is said of that.
        building: what is done about what has to be built; None: what the profile says. No project of the
            lab's has been there for long, and few tests are about that.
    """

    home: Path
    index: LabIndex
    malware: Iterable[str] = ()
    popular: Sequence[str] = ()
    building: str | None = "off"
    sandbox: str | None = "off"
    environment: VirtualEnvironment = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(parents=True)
        self.environment = VirtualEnvironment.create(self.home / "environment")
        records = [malicious(name) for name in (*self.malware, NOBODY)]
        advisories = self.index.put_osv(osv_export(records))
        popular = self.index.put("popular.json", ranking(self.popular))
        self.trust_root.write_bytes(bundled_trust_root().content)
        data = {"advisories": advisories, "popular": popular, "trust-root": self.trust_root}
        lines = (f"{name} = {json.dumps(str(value))}\n" for name, value in data.items())
        self.configure("[sources]\n" + "".join(lines))
        if self.building is not None:
            self.configure(f"[checks.source-only]\naction = {json.dumps(self.building)}\n")

    @property
    def trust_root(self) -> Path:
        """The trust root that attestations are verified on: a test may write another one."""
        return self.home / "trusted_root.json"

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.home / "work"

    @property
    def config(self) -> Path:
        """The user's configuration file."""
        return self.home / "trustguard.toml"

    def configure(self, text: str) -> None:
        """Add to the user's configuration."""
        top = "" if self.sandbox is None else f"build-sandbox = {json.dumps(self.sandbox)}\n"
        old = self.config.read_text(encoding="utf-8").removeprefix(top) if self.config.exists() else ""
        self.config.write_text(top + text + old, encoding="utf-8")

    def environ(self, **extra: str) -> dict[str, str]:
        """The environment of a run: pip is told of the lab's index alone."""
        own = {"TRUSTGUARD_CONFIG": str(self.config), "PIP_CONFIG_FILE": str(self.home / "pip.conf")}
        self.pip_conf.touch()
        return isolated_environ(self.home, **{**own, "PIP_INDEX_URL": self.index.url, **extra})

    @property
    def pip_conf(self) -> Path:
        """The configuration file of pip."""
        return self.home / "pip.conf"

    def command(self, *args: str, options: Iterable[str] = ()) -> list[str]:
        """The words of a run; ``options`` stand before the command."""
        target = ("--python", str(self.environment.python))
        return [sys.executable, "-m", "trustguard", *target, *options, *args]

    def run(self, *args: str, options: Iterable[str] = (), stdin: str | None = None, **environ: str) -> Ended:
        """Run trustguard to its end, without a terminal."""
        done = subprocess.run(
            self.command(*args, options=options),
            cwd=self.work,
            env=self.environ(**environ),
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def installed(self) -> set[str]:
        """The distributions in the target environment."""
        return {name for name, _ in self.environment.distributions()}
