"""An environment with distributions in it, vetted or not, and the guard where a test wants it."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from tests.lab.artifacts import Artifact
from tests.lab.environment import VirtualEnvironment, isolated_environ
from trustguard.import_guard import guard, placing
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision
from trustguard.store.ledger_lines import encode

SECONDS = 60
ALLOW, WARN, ASK, BLOCK = Decision.ALLOW, Decision.WARN, Decision.ASK, Decision.BLOCK


@dataclass
class House:
    """An environment.

    Args:
        home: an empty folder.
    """

    home: Path
    environment: VirtualEnvironment = field(init=False)
    ledger: dict[NormalizedName, LedgerEntry] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = VirtualEnvironment.create(self.home / "environment")

    @property
    def purelib(self) -> Path:
        """The site-packages folder."""
        return self.environment.purelib

    @property
    def target(self) -> placing.Target:
        """As the guard is put there."""
        return placing.Target.of(self.environment.python)

    def put(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        self,
        name: str,
        files: Mapping[str, str],
        *,
        version: str = "1.0",
        decision: Decision | None = ALLOW,
        info: Mapping[str, str] | None = None,
        unhashed: Iterable[str] = (),
    ) -> None:
        """Install a distribution as an installer does; the ledger knows it, unless there is no decision.

        Args:
            name: the project's.
            files: by their path in the site-packages folder.
            version: the project's.
            decision: what the ledger says.
            info: further files of the ``.dist-info`` folder.
            unhashed: further paths for RECORD, without a digest.
        """
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        inside = {"METADATA": metadata, "INSTALLER": "pip\n", **(info or {})}
        rows = [f"{folder}/RECORD,,", *(f"{path},," for path in unhashed)]
        for path, text in {**files, **{f"{folder}/{file}": text for file, text in inside.items()}}.items():
            place, data = self.purelib / path, text.encode()
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}")
        (self.purelib / folder / "RECORD").write_text("\n".join(rows) + "\n", encoding="utf-8")
        if decision is not None:
            self.decide(name, version, decision)

    def decide(self, name: str, version: str, decision: Decision) -> None:
        """Write a line of the ledger, as after an installation at this moment."""
        self.ledger[canonicalize_name(name)] = LedgerEntry(
            distribution=canonicalize_name(name),
            version=version,
            decision=decision,
            score="",
            sha256="ab" * 32,
            file=f"{name}-{version}-py3-none-any.whl",
            index="https://index.example/simple/",
            time=datetime.now(timezone.utc),
            policy="cd" * 32,
            evidence="",
            imports=(),
        )
        (self.purelib / guard.LEDGER).write_bytes(encode(self.ledger))

    def judge_anew(self, name: str, decision: Decision) -> None:
        """Rewrite the verdict of a line, and leave the rest, as `trustguard audit` does."""
        text = (self.purelib / guard.LEDGER).read_text(encoding="utf-8")
        line = next(line for line in text.split("\n") if line.startswith(f"{name}\t"))
        fields = line.split("\t")
        fields[2] = decision.value
        (self.purelib / guard.LEDGER).write_text(text.replace(line, "\t".join(fields)), encoding="utf-8")

    def enable(self, mode: str = "block", *, everything: bool = False) -> None:
        """Put the guard in place."""
        placing.place(self.target, mode, everything=everything)

    def run(self, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python."""
        variables = isolated_environ(self.home / "user", PYTHONDONTWRITEBYTECODE="1", **environ)
        command = [str(self.environment.python), *args]
        return subprocess.run(
            command,
            cwd=self.home,
            env=variables,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def imports(self, name: str, *flags: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Import a module; nothing else happens in that process."""
        return self.run(*flags, "-c", f"import {name}", **environ)

    def pip(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a real pip for the environment, by itself: the other door."""
        variables = isolated_environ(self.home / "user", PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
        command = [sys.executable, "-m", "pip", "--python", str(self.environment.python), *args]
        return subprocess.run(
            command,
            cwd=self.home,
            env=variables,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def pip_install(self, wheel: Artifact, *options: str) -> None:
        """Install a wheel with pip by itself."""
        path = self.home / wheel.filename
        path.write_bytes(wheel.content)
        done = self.pip("install", "--no-deps", *options, str(path))
        assert done.returncode == 0, done

    def backdate(self, path: str, seconds: int = 3600) -> None:
        """Give a file another time of change."""
        found = (self.purelib / path).stat()
        os.utime(self.purelib / path, ns=(found.st_atime_ns, found.st_mtime_ns - seconds * 10**9))


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why an import was refused."""
    assert done.returncode == 1, done
    last = done.stderr.strip().split("\n")[-1]
    assert last.startswith("ImportError: trustguard: "), done
    return last.removeprefix("ImportError: trustguard: ")
