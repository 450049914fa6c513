"""What would lead a program past the guard although it is pointed there: refused before it is run.

uv takes a proxy from its settings in the place of the one in its environment, and those of a project are
anybody's who can change the project. A cache that is named on its command line comes before the one that it
is given, and holds what nobody vetted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from trustguard.installers.tools.files import uv_files
from trustguard.model.errors import UsageError

_PROXIES = ("http-proxy", "https-proxy", "no-proxy")
_OF_UV = frozenset({"uv", "uvx"})


def refuse(command: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> None:
    """Look for detours.

    Args:
        command: what is to be run.
        cwd: the folder in which it will be run.
        environ: its environment.

    Raises:
        UsageError: there is one.
    """
    for file, settings in uv_files(cwd, environ, command[1:]):
        found = next((name for name in _PROXIES if name in settings), None)
        if found is not None:
            raise UsageError(
                f"{file}: with {found}, uv would not come to trustguard",
                hint="set HTTPS_PROXY instead: trustguard heeds it",
            )
    if Path(command[0]).stem in _OF_UV:
        named = next((word for word in command[1:] if word.partition("=")[0] == "--cache-dir"), None)
        if named is not None:
            raise UsageError(f"{named}: nobody vetted what lies in a cache; each run has one of its own")
