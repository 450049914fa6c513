"""Which files say what pip and uv do: for a user, a virtual environment, a system."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from trustguard.frontends.enforcement import uv_toml
from trustguard.frontends.enforcement.changes import Change, missing_folders, read
from trustguard.installers.pip import enforcement as pip_conf
from trustguard.model.errors import UsageError
from trustguard.model.record import record

Scope = Literal["user", "venv", "system"]

_MADE_FILE = " (with this file"
_MADE_FOLDERS = "{}, folders: {})"


@record
class Place:
    """A configuration file of a tool.

    Args:
        tool: the tool's name.
        path: the file.
        is_stopped: whether what stands in it stops the tool.
        stopped: what stands in it, with what stops the tool.
        started: what stands in it, without that, and the remark that was put beside it.
        beside: files that are needed beside it.
    """

    tool: str
    path: Path
    is_stopped: Callable[[bytes, Path], bool]
    stopped: Callable[[bytes, Path, str], bytes]
    started: Callable[[bytes, Path], tuple[bytes, str]]
    beside: Mapping[str, bytes]

    @property
    def in_force(self) -> bool:
        """Whether the tool is stopped here.

        Raises:
            TrustguardError: the file cannot be read.
        """
        return self.is_stopped(read(self.path) or b"", self.path)

    def on(self) -> list[Change]:
        """What has to be done to stop the tool.

        Raises:
            TrustguardError: it cannot be done with this file.
        """
        before, folders = read(self.path), missing_folders(self.path)
        made = "" if before is not None else _MADE_FOLDERS.format(_MADE_FILE, folders)
        after = self.stopped(before or b"", self.path, made)
        files = [self.path.with_name(name) for name in self.beside]
        needed = [Change(file, read(file), self.beside[file.name], folders) for file in files]
        return [*needed, Change(self.path, before, after, folders)]

    def off(self) -> list[Change]:
        """What has to be done to let the tool go again.

        Raises:
            TrustguardError: it cannot be done with this file.
        """
        changes, folders = [], 0
        before = read(self.path)
        if before is not None:
            after, made = self.started(before, self.path)
            folders = int(made.rpartition(" ")[2].removesuffix(")")) if made else 0
            gone = made.startswith(_MADE_FILE) and not after
            changes.append(Change(self.path, before, None if gone else after, folders if gone else 0))
        beside = [self.path.with_name(name) for name in self.beside]
        # The folders go with what was put into them last.
        return [*changes, *(Change(file, read(file), None, folders) for file in beside)]


def places(
    scope: Scope, environ: Mapping[str, str], *, prefix: Path | None = None, root: Path | None = None
) -> list[Place]:
    """The configuration files of a scope.

    Args:
        scope: whose.
        environ: the environment variables, some of which say where.
        prefix: the virtual environment, where it is one's.
        root: a folder below which a system's files are; None: the system's own.
    """
    if scope == "venv":
        if prefix is None:
            raise UsageError("no virtual environment", hint="activate it, or name it with --python")
        return [_pip(pip_conf.config_file(scope, prefix))]
    uv = [] if os.name == "nt" else _uv_files(scope, environ, root)
    return [_pip(_below(root, pip_conf.config_file(scope))), *map(_uv, uv)]


def _pip(path: Path) -> Place:
    beside = {pip_conf.STOP_NAME: pip_conf.STOP}
    return Place("pip", path, pip_conf.is_stopped, pip_conf.stopped, pip_conf.started, beside)


def _uv(path: Path) -> Place:
    return Place("uv", path, uv_toml.is_stopped, uv_toml.stopped, uv_toml.started, {})


def _uv_files(scope: Scope, environ: Mapping[str, str], root: Path | None) -> list[Path]:
    """The configuration files of uv, as its documentation names them; of a system's, it reads the first."""
    if scope == "user":
        return [uv_home(environ) / "uv.toml"]
    system = [_below(root, Path("/etc/xdg/uv/uv.toml")), _below(root, Path("/etc/uv/uv.toml"))]
    return [system[-1], *(file for file in system[:-1] if file.is_file())]


def uv_home(environ: Mapping[str, str]) -> Path:
    """The folder of a user's configuration of uv."""
    named = environ.get("XDG_CONFIG_HOME", "")
    return (Path(named) if named.startswith("/") else Path.home() / ".config") / "uv"


def _below(root: Path | None, path: Path) -> Path:
    return path if root is None else root / path.relative_to(path.anchor)
