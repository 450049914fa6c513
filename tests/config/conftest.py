"""A machine of our own: a file for each layer, and the checks of this release with one more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from trustguard.checks import Check, discover
from trustguard.config import Configuration, LayerName, Paths, load
from trustguard.model.errors import ConfigError
from trustguard.model.evidence import Evidence
from trustguard.model.finding import Finding

TODAY = date(2026, 3, 1)


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """One field of each type that a check's settings may have, and of each direction."""

    longest: timedelta = field(default=timedelta(hours=2), metadata={"tighter": "shorter"})
    least_count: int = field(default=3, metadata={"tighter": "higher"})
    ratio: float = field(default=0.5, metadata={"tighter": "lower"})
    thorough: bool = field(default=False, metadata={"tighter": "higher"})
    refused: tuple[str, ...] = field(default=("bad",), metadata={"tighter": "more"})
    accepted: tuple[str, ...] = field(default=("a", "b"), metadata={"tighter": "fewer"})
    label: str = "plain"


def _nothing(evidence: Evidence, settings: SampleSettings) -> list[Finding]:  # noqa: ARG001 - a check's form
    return []


CHECKS = {**discover(), "sample": Check("sample", "Nothing is ever found", SampleSettings, _nothing)}


@dataclass(frozen=True)
class Machine:
    """A folder for each layer's file. ``work`` is a repository, and the folder we are in."""

    root: Path

    @property
    def work(self) -> Path:
        """The project's folder."""
        return self.root / "work"

    @property
    def paths(self) -> Paths:
        """The organisation's and the user's files."""
        return Paths(self.root / "etc" / "trustguard.toml", self.root / "home" / "trustguard.toml")

    def file(self, layer: LayerName) -> Path:
        """A layer's file."""
        files = {"org": self.paths.org, "user": self.paths.user, "project": self.work / "trustguard.toml"}
        return files.get(layer, self.root / "more" / "extra.toml")

    def label(self, layer: LayerName) -> str:
        """How messages call a layer's file."""
        return "trustguard.toml" if layer == "project" else str(self.file(layer))

    def write(self, layer: LayerName, *lines: str) -> Path:
        """Write a layer's file, readable as the organisation's has to be."""
        path = self.file(layer)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        path.chmod(0o644)
        return path

    def load(self, cwd: Path | None = None, **options: Any) -> Configuration:
        """Read all layers; ``TRUSTGUARD_CONFIG`` names the environment's file if it has been written."""
        extra = self.file("environment")
        environ = {"TRUSTGUARD_CONFIG": str(extra)} if extra.exists() else {}
        given = {"environ": environ, "paths": self.paths, "checks": CHECKS, "today": TODAY, **options}
        return load(cwd=cwd or self.work, **given)

    def error(self, **options: Any) -> str:
        """The message, without its hint, with which reading stops."""
        return self.failure(**options).message

    def failure(self, **options: Any) -> ConfigError:
        """The error with which reading stops."""
        with pytest.raises(ConfigError) as caught:
            self.load(**options)
        return caught.value

    def state(self, layer: LayerName, line: str) -> tuple[str, ...]:
        """Have a layer state one line, which on the command line is a setting; returns the settings."""
        if layer == "command line":
            return (line,)
        self.write(layer, line)
        return ()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without any configuration."""
    for name in ("etc", "home", "work/.git", "more"):
        (tmp_path / name).mkdir(parents=True, mode=0o755)
    return Machine(tmp_path.resolve())
