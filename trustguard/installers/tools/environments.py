"""Where a program may have installed: the environments that it works on."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution
from pathlib import Path

from trustguard.installers.site_packages.readable import Readable
from trustguard.installers.tools.command_line import plain_words
from trustguard.installers.tools.files import values_of

_ASKED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "poetry": (("env", "info", "--path"), ""),
    # The default one; the project's others lie beside it.
    "hatch": (("env", "find"), "../*"),
    "pipx": (("environment", "--value", "PIPX_LOCAL_VENVS"), "*"),
    "uv": (("tool", "dir"), "*"),
    "uvx": (("tool", "dir"), "*"),
}
"""What a program is asked for the folder of its environments, and which ones below that there are; without
a pattern the folder is one itself."""
_HANDED_ON: Mapping[str, tuple[str, ...]] = {"poetry": ("-C", "--directory", "-P", "--project")}
"""The options that say which project is meant."""
_NAMING = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "PDM_PROJECT")
"""The variables that do."""
_HOLDING = ("TOX_WORK_DIR", "TOX_CONFIG_FILE", "TOX_ROOT_DIR")
"""The variables in the place of options that say where the environments are, or whose they are."""
_INTO_ONE: Mapping[str, frozenset[tuple[str, ...]]] = {
    "uv": frozenset({("sync",), ("add",), ("pip", "install"), ("pip", "sync"), ("tool", "install")}),
    "poetry": frozenset({("install",), ("sync",), ("add",), ("update",)}),
    "pdm": frozenset({("install",), ("sync",), ("add",), ("update",)}),
    "pip": frozenset({("install",)}),
}
"""The commands that install into one environment. ``uv run`` and ``uvx`` may start what makes others."""
_BESIDE = (".venv", "venv", "__pypackages__/*", ".tox/*", ".nox/*")
_OFFLINE = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}
_SECONDS = 30.0


def site_packages(
    command: Sequence[str], cwd: Path, environ: Mapping[str, str], started: float
) -> list[Path]:
    """The site-packages folders in which something was written since a moment.

    Args:
        command: what was run.
        cwd: the folder in which it was run.
        environ: the environment that it had: it may install something even where it is only asked.
        started: that moment, in seconds since the epoch.
    """
    prefixes = dict.fromkeys(path.resolve() for path in _prefixes(command, cwd, environ))
    folders = [folder for prefix in prefixes for folder in _folders(prefix)]
    return [folder for folder in dict.fromkeys(folders) if folder.stat().st_mtime >= started - 1]


def kept(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that leave a program's environments where they are, though its cache is elsewhere.

    Args:
        command: what is to be run.
        cwd: the folder in which it will be run.
        environ: the environment that it would have without us.
    """
    if Path(command[0]).stem != "poetry" or "POETRY_VIRTUALENVS_PATH" in environ:
        return {}
    folder = _folder(command, ("config", "virtualenvs.path"), cwd, environ)
    return {} if folder is None else {"POETRY_VIRTUALENVS_PATH": str(folder)}


def is_one(command: Sequence[str]) -> bool:
    """Whether all that a program installs is known to end up in the same environment.

    Args:
        command: what is to be run.
    """
    plain = tuple(plain_words(command[1:]))
    name = re.sub(r"^pip[\d.]+$", "pip", Path(command[0]).stem)
    return any(plain[: len(words)] == words for words in _INTO_ONE.get(name, ()))


def fresh(folder: Path, started: float) -> Iterator[tuple[Path, Distribution]]:
    """The distributions of a folder that were written since a moment, and their ``.dist-info`` folders."""
    for entry in folder.glob("*.dist-info"):
        if not (entry / "METADATA").is_file():
            continue
        status = entry.stat()
        # What was copied with its times has changed now all the same.
        if max(status.st_mtime, status.st_ctime) >= started - 1:
            yield entry, Readable(entry)


def _prefixes(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            yield Path(environ[name])
    named = (cwd / environ[name] for name in _NAMING if environ.get(name))
    for folder in (above for base in (cwd, *named) for above in (base, *base.parents)):
        if environ.get("UV_PROJECT_ENVIRONMENT"):
            yield folder / environ["UV_PROJECT_ENVIRONMENT"]
        for pattern in _BESIDE:
            yield from folder.glob(pattern)
    yield from _within(cwd)
    holding = (environ[name] for name in _HOLDING if environ.get(name))
    for argument in (*command[1:], *holding):
        path = cwd / argument.rpartition("=")[2]
        if os.path.exists(path):  # it may be longer than any path: pathlib raises
            yield from _named(path)
    yield from _asked(command, cwd, environ)


def _within(folder: Path) -> Iterator[Path]:
    """The environments that lie in a folder, whatever they are called."""
    yield from (file.parent for file in folder.glob("*/pyvenv.cfg"))


def _named(path: Path) -> Iterator[Path]:
    """The environments that an argument may name: by a folder, theirs or their project's, or by a file."""
    yield path
    yield from _within(path)  # ``nox --envdir``
    for pattern in _BESIDE:
        yield from (path.parent if path.is_file() else path).glob(pattern)
    if path.name.startswith("python") and path.parent.name in {"bin", "Scripts"}:
        yield path.parent.parent


def _asked(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    question, pattern = _ASKED.get(Path(command[0]).stem, ((), ""))
    # hatch installs a project's plugins first, whatever it is asked; the guard is gone by now.
    answer = _folder(command, question, cwd, {**environ, **_OFFLINE}) if question else None
    if answer is not None:
        yield from answer.glob(pattern) if pattern else (answer,)


def _folder(
    command: Sequence[str], question: Sequence[str], cwd: Path, environ: Mapping[str, str]
) -> Path | None:
    """What a program says of a folder of its own; None where it says none that there is."""
    options = _HANDED_ON.get(Path(command[0]).stem, ())
    project = [word for option in options for value in values_of(option, command) for word in (option, value)]
    try:
        done = subprocess.run(  # noqa: S603 - the program that the user runs
            [command[0], *question, *project],
            cwd=cwd,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    answer = Path(os.fsdecode(done.stdout.strip()))
    return answer if done.returncode == 0 and answer.is_absolute() else None


def _folders(prefix: Path) -> Iterator[Path]:
    if (prefix / "pyvenv.cfg").is_file() or (prefix / "conda-meta").is_dir():
        yield from prefix.glob("lib/python*/site-packages")
        yield from prefix.glob("lib/pypy*/site-packages")
        yield from prefix.glob("Lib/site-packages")
