"""What would lead a program past the guard although it is pointed there: refused before it is run.

uv takes a proxy from its settings in the place of the one in its environment, and those of a project are
anybody's who can change the project. So they are read before it runs, and what cannot be read as uv reads it
is refused where it may name one. A cache that is named on its command line comes before the one that it is
given, and holds what nobody vetted; a script that is not here yet cannot be looked into. What pip-tools, pipx
and pipenv hand to pip (``--pip-args``) may be such a detour as well, and pip-tools takes it from a project's
settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from trustguard.installers.tools import hatch, pdm, pip_options, tox
from trustguard.installers.tools.command_line import plain_words
from trustguard.installers.tools.files import UvFile, uv_files, values_of
from trustguard.model.errors import UsageError

_PROXIES = ("http-proxy", "https-proxy", "no-proxy")
_NAMED = re.compile(r"proxy|\\[uUx]")
"""TOML has no other way to write a key than to the letter, or with the numbers of its letters."""
_OF_UV = frozenset({"uv", "uvx"})
_PIP = re.compile(r"pip[\d.]*", re.ASCII)
_OF_PIP_TOOLS = frozenset({"pip-compile", "pip-sync", "piptools"})
_HANDING_ON = _OF_PIP_TOOLS | {"pipx", "pipenv"}
_BEFORE = "put what stands before pip before trustguard: nice trustguard pip …"


def refuse(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> None:
    """Look for detours.

    Args:
        command: what is to be run.
        cwd: the folder in which it will be run.
        environ: its environment.

    Raises:
        UsageError: there is one.
    """
    program = Path(command[0]).stem
    if program in _OF_UV:
        _refuse_words(command[1:])
    elif program == "tox":
        tox.refuse(command[0], command[1:])
    elif program == "hatch":
        hatch.refuse(cwd, command[1:])
    elif program == "pdm":
        pdm.refuse(cwd, environ, command[1:])
    elif _PIP.fullmatch(program):
        # Without something before it, pip comes in by its own door, where these are lifted.
        pip_options.refuse(command[1:], hint=_BEFORE)
    elif program in _HANDING_ON:
        pip_options.refuse_handed_on(command[1:])
        if program in _OF_PIP_TOOLS:
            pip_options.refuse_settings(cwd, command[1:])
    for file in uv_files(cwd, environ, command[1:]):
        _refuse_proxy(file)


def _refuse_words(words: Sequence[str]) -> None:
    named = next((word for word in words if word.partition("=")[0] == "--cache-dir"), None)
    if named is not None:
        raise UsageError(f"{named}: nobody vetted what lies in a cache; each run has one of its own")
    if "symlink" in values_of("--link-mode", words):
        raise UsageError(
            "--link-mode symlink: what is installed would be links to this run's cache, which goes with it",
            hint="leave it out: files are linked to so that they stay",
        )
    script = _target(words)
    if script == "-":
        raise UsageError(
            "uv run -: nobody can look into a script on standard input before uv does",
            hint="write it into a file, and run that",
        )
    if script.startswith(("http:/", "https:/")):
        raise UsageError(
            f"uv run {script}: nobody vets a script that uv fetches",
            hint="fetch it, look into it, and run the file",
        )


def _target(words: Sequence[str]) -> str:
    """What ``uv run`` runs; nothing where the command is another one."""
    plain = plain_words(words)
    return plain[1] if plain[:1] == ["run"] and len(plain) > 1 else ""


def _refuse_proxy(file: UvFile) -> None:
    try:
        text = file.text()
        if _NAMED.search(text) is None:
            return
        found = next((name for name in _PROXIES if name in file.settings()), None)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"{file.path} cannot be looked into ({why}): uv might find a proxy in it",
            hint="put the file right; what uv reads beyond TOML 1.0 has to be written as that",
        ) from error
    if found is not None:
        raise UsageError(
            f"{file.path}: with {found}, uv would not come to trustguard",
            hint="set HTTPS_PROXY instead: trustguard heeds it",
        )
