"""Where each layer is found, and its bytes."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trustguard.config.document import Document, parse
from trustguard.config.lines import loads
from trustguard.model.errors import ConfigError
from trustguard.model.record import record

FILE_NAME = "trustguard.toml"
PYPROJECT = "pyproject.toml"
ENVIRONMENT_VARIABLE = "TRUSTGUARD_CONFIG"
BUILD_BACKEND = "build-backend"
"""The table in pyproject.toml that belongs to the build hook."""

_LIMIT = 1024**2
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_CLOSED = "nothing is done while the organisation's rules cannot be relied on"


@record
class Paths:
    """Where the two files are that do not depend on the folder or the environment.

    Args:
        org: the organisation's; in use always the fixed one of :meth:`of_this_machine`.
        user: the user's own.
    """

    org: Path
    user: Path

    @classmethod
    def of_this_machine(cls) -> Paths:
        """The real ones. No environment variable can move the organisation's."""
        from platformdirs import user_config_dir  # noqa: PLC0415 - tests and tools that give paths do without

        folder = "C:/ProgramData/trustguard" if sys.platform == "win32" else "/etc/trustguard"
        return cls(Path(folder) / FILE_NAME, Path(user_config_dir("trustguard")) / FILE_NAME)


def read_org(path: Path) -> bytes | None:
    """The organisation's file; None where there is none.

    Raises:
        ConfigError: it is there and cannot be read, or (POSIX) somebody else than root and the user who runs
            this could have written it.
    """
    content = read_file(path, str(path))
    if content is not None and os.name == "posix":
        for place in (path, path.resolve().parent):
            _only_admins_write(place)
    return content


def _only_admins_write(path: Path) -> None:
    try:
        status = path.stat()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be examined: {error.strerror}", hint=_CLOSED) from error
    if status.st_uid not in {0, os.geteuid()}:
        raise ConfigError(f"{path}: belongs to user {status.st_uid}, not to root", hint=_CLOSED)
    if status.st_mode & _WRITABLE_BY_OTHERS:
        raise ConfigError(f"{path}: group or others may write it", hint=f"chmod go-w; {_CLOSED}")


def read_file(path: Path, label: str) -> bytes | None:
    """The content of a file; None where there is none.

    Raises:
        ConfigError: there is something, and it is not a readable file of at most 1 MiB.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a FIFO must not hang us
    try:
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{label}: is not a regular file")
            content = file.read(_LIMIT + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise ConfigError(f"{label}: is a link to nothing") from None
        return None
    except OSError as error:
        raise ConfigError(f"{label}: cannot be read: {error.strerror}") from error
    if len(content) > _LIMIT:
        raise ConfigError(f"{label}: is larger than {_LIMIT} bytes")
    return content


def label_of(path: Path, cwd: Path) -> str:
    """How messages call a file: relative to the folder we are in, if it is in there."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


def find_project(cwd: Path, others: Sequence[Path]) -> tuple[Path, Document, bytes] | None:
    """The nearest project file, from a folder up to the root of the repository or of the file system.

    Args:
        cwd: where to begin.
        others: files that are another layer already, and so not the project's.

    Raises:
        ConfigError: a file is unreadable or malformed, or a folder has both kinds.
    """
    for folder in (cwd, *cwd.parents):
        found = [*_plain(folder, cwd, others), *_in_pyproject(folder, cwd)]
        if len(found) > 1:
            names = " and ".join(document.label for _, document, _ in found)
            raise ConfigError(f"{names}: two configurations for one project", hint="keep one of them")
        if found:
            return found[0]
        if os.path.lexists(folder / ".git"):
            break
    return None


def _plain(folder: Path, cwd: Path, others: Sequence[Path]) -> list[tuple[Path, Document, bytes]]:
    path = folder / FILE_NAME
    label = label_of(path, cwd)
    content = read_file(path, label)
    if content is None or any(_is_same(path, other) for other in others):
        return []
    return [(path, parse("project", label, content), content)]


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False  # one of the two is not there, or not for us to see


def _in_pyproject(folder: Path, cwd: Path) -> list[tuple[Path, Document, bytes]]:
    path = folder / PYPROJECT
    label = label_of(path, cwd)
    content = read_file(path, label)
    if content is None or b"trustguard" not in content:
        return []
    document = parse("project", label, content)
    tool = document.tree.get("tool")
    ours = tool.get("trustguard") if isinstance(tool, Mapping) else None
    if ours is None or (isinstance(ours, Mapping) and set(ours) <= {BUILD_BACKEND}):
        return []
    return [(path, replace(document, base=("tool", "trustguard")), content)]


def from_command_line(profile: str | None, settings: Sequence[str]) -> Document | None:
    """What the command line says, as a document; None where it says nothing.

    Args:
        profile: the value of ``--profile``.
        settings: ``KEY=VALUE`` each: a dotted key and a TOML value, or a word that needs no quotes.

    Raises:
        ConfigError: one of them is not of that form, or a key is given twice.
    """
    given = ([f"profile={profile}"] if profile is not None else []) + list(settings)
    if not given:
        return None
    lines = [_assignment(setting) for setting in given]
    for count, line in enumerate(lines, start=1):
        try:
            content = loads("\n".join(lines[:count]))
        except ValueError as error:
            key = line.partition("=")[0].strip()[:80]
            raise ConfigError(f"command line: {key}: is given twice, or is a table and a value") from error
    return Document("command line", "command line", content, {})


def _assignment(setting: str) -> str:
    """A setting as one line of TOML."""
    key, equals, value = setting.partition("=")
    usable = equals and setting.isprintable() and not setting.lstrip().startswith("[")
    as_text = f"{key}={json.dumps(value.strip(), ensure_ascii=False)}"
    found = next((line for line in (setting, as_text) if usable and _is_toml(line)), None)
    if found is None:
        shown = ascii(setting[:80])
        raise ConfigError(
            f"command line: {shown} is not KEY=VALUE", hint="such as checks.release-age.action=warn"
        )
    return found


def _is_toml(line: str) -> bool:
    try:
        loads(line)
    except (ValueError, RecursionError):
        return False
    return True
