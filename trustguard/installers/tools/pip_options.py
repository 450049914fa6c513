"""What would lead a pip past the guard: in its own words, or in those that another program hands to it.

pip-tools, pipx and pipenv take such words on their command lines, pip-tools in its settings as well, which
are anybody's who can change the project.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from trustguard.installers.tools.files import UvFile, after_equals, table, values_of
from trustguard.model.errors import UsageError

_PAST_US = {"--proxy": 6, "--no-proxy-env": 6, "--cache-dir": 4, "--isolated": 4}
"""Options that come before variables, or make pip heed none; and how much of them has to be written."""
_HANDING_ON = {"--pip-args": 5, "--extra-pip-args": 5}
"""Options with words for pip; likewise."""
_NAMED = re.compile(r"pip[-_]args|\\[uUx]", re.IGNORECASE)
_KEYS = frozenset({"pip_args", "pip_args_str"})
_HINT = "leave it out; trustguard heeds HTTPS_PROXY"


def refuse(words: Sequence[str], where: str = "", hint: str = _HINT) -> None:
    """Look for such options among pip's own.

    Args:
        words: pip's arguments.
        where: what hands them to pip, where something does.
        hint: the way out.

    Raises:
        UsageError: there is one.
    """
    for word in words:
        option = word.partition("=")[0]
        if any(len(option) >= least and name.startswith(option) for name, least in _PAST_US.items()):
            raise UsageError(
                f"{where}{option}: pip would not come to trustguard, or take what nobody vetted from a cache",
                hint=hint,
            )


def refuse_handed_on(words: Sequence[str]) -> None:
    """Look for them in what a program is told to hand on.

    Args:
        words: its arguments.

    Raises:
        UsageError: there is one.
    """
    for word, following in zip(words, (*words[1:], ""), strict=False):
        option, equals, value = word.partition("=")
        if any(len(option) >= least and name.startswith(option) for name, least in _HANDING_ON.items()):
            refuse(_split(value if equals else following), f"{option} ")


def refuse_settings(cwd: Path, words: Sequence[str]) -> None:
    """Look for them in the settings of pip-tools.

    Args:
        cwd: the folder that it runs in.
        words: its arguments: lists of requirements, beside which its settings may be.

    Raises:
        UsageError: there is one, or the settings cannot be looked into.
    """
    if "--no-config" in takewhile(lambda word: word != "--", words):
        return
    for file in _files(cwd, words):
        try:
            found = list(_handed_on(file.settings())) if _NAMED.search(file.text()) else []
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"{file.path} cannot be looked into ({why}), as pip-tools would") from error
        for text in found:
            refuse(_split(text), f"{file.path}: ")


def _files(cwd: Path, words: Sequence[str]) -> Iterator[UvFile]:
    """Beside each list, with links followed, here, or what the command line names."""
    folders = dict.fromkeys((cwd, *(_folder(cwd, word) for word in (*words, *after_equals(words)))))
    named = [folder / name for folder in folders for name in (".pip-tools.toml", "pyproject.toml")]
    for path in (*named, *(cwd / name for name in values_of("--config", words))):
        yield UvFile(path, ("tool", "pip-tools"))


def _folder(cwd: Path, word: str) -> Path:
    """Where a word leads, taken for a path."""
    try:
        at = (cwd / word).resolve()
        return at if at.is_dir() else at.parent
    except (OSError, ValueError):  # it can be none
        return cwd


def _handed_on(settings: Mapping[str, Any]) -> Iterator[str]:
    for one in (settings, table(settings, "compile"), table(settings, "sync")):
        for key, value in one.items():
            if key.lstrip("-").replace("-", "_").lower() in _KEYS:
                yield str(value)  # as pip-tools makes a text of anything


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # so it is to the program, too
        return text.split()
