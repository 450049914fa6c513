"""The way past what stops uv, for a uv that we guard: its configuration without the one line that stops it.

No variable and no option of uv's takes a place out of ``find-links``; which file uv reads, variables say.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trustguard.frontends.enforcement import uv_toml
from trustguard.frontends.enforcement.changes import read
from trustguard.frontends.enforcement.places import uv_home

_SYSTEM = "/etc/xdg"


@contextmanager
def passage(environ: Mapping[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """Give the variables under which uv is not stopped, and finds everything else as it was.

    There are none where nothing stops uv. A program that uv starts has them as well: what it writes into the
    user's folder of configurations is there afterwards.

    Args:
        environ: the variables that uv would have had.
        folder: a private folder, which lasts as long as uv runs.

    Raises:
        TrustguardError: a configuration of uv's cannot be read, or was changed since.
    """
    above, variables = uv_home(environ).parent, {}
    user = _without_stop(above / "uv" / "uv.toml")
    system = next((file for file in _system_files(environ) if file.is_file()), None)
    below = _without_stop(system) if system else None
    copy = folder / "config"
    if user is not None:
        _mirror(above, copy)
        _mirror(above / "uv", copy / "uv", but="uv.toml")
        _private(copy / "uv" / "uv.toml", user)
        variables["XDG_CONFIG_HOME"] = str(copy)
    if system and below is not None:
        place = folder / "system" / "uv"
        _mirror(system.parent, place, but="uv.toml")
        _private(place / "uv.toml", below)
        named = environ.get("XDG_CONFIG_DIRS") or _SYSTEM
        variables["XDG_CONFIG_DIRS"] = f"{place.parent}{os.pathsep}{named}"
    try:
        yield variables
    finally:
        for made, place in ((copy / "uv", above / "uv"), (copy, above)):
            _bring_back(made, place)


def _without_stop(file: Path) -> bytes | None:
    """What stands in a configuration file but what stops uv; None where nothing does."""
    data = read(file)
    if data is None or uv_toml.STOP_PLACE.encode() not in data:
        return None
    return uv_toml.started(data, file)[0]


def _system_files(environ: Mapping[str, str]) -> list[Path]:
    folders = (environ.get("XDG_CONFIG_DIRS") or _SYSTEM).split(os.pathsep)
    return [*(Path(one, "uv", "uv.toml") for one in folders if one), Path("/etc/uv/uv.toml")]


def _mirror(folder: Path, copy: Path, but: str = "uv") -> None:
    """Make a folder in which everything of another one is, by links."""
    copy.mkdir(mode=0o700, parents=True)
    for entry in folder.iterdir():
        if entry.name != but:
            (copy / entry.name).symlink_to(entry)


def _private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _bring_back(copy: Path, folder: Path) -> None:
    """What was made in the copy meanwhile belongs to the user; a file may have taken the place of another."""
    for entry in copy.iterdir() if copy.is_dir() else ():
        place = folder / entry.name
        written = not entry.is_symlink() and entry.name != "uv.toml"
        if written and (not place.exists() or (entry.is_file() and place.is_file())):
            shutil.move(entry, place)
