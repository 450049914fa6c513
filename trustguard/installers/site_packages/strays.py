"""What can be imported from a site-packages folder, or runs when Python starts, and that nobody installed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from trustguard.installers.site_packages.record import is_code
from trustguard.model.audit import Stray
from trustguard.model.contents import StartUp
from trustguard.model.errors import SourceUnreachable
from trustguard.model.known_start_up import explanation

_CODE_KEPT: Final = 300
_PTH_LIMIT: Final = 64 * 1024
_PLUG_INS: Final = ".dist-info/entry_points.txt"
_CUSTOM: Final = ("sitecustomize", "usercustomize")
_NOBODY: Final = canonicalize_name("-")
_READ_BY_SITE: Final = (".pth", ".start")
"""The second one since Python 3.15 (PEP 829)."""
_VIRTUALENV: Final = ("_virtualenv.py", "_virtualenv.pth")
_VIRTUALENV_LINE: Final = b"import _virtualenv"
_VIRTUALENV_DIGESTS: Final = frozenset(
    {
        "684b8c07932ba4a84ac2e5ae9afe49ef04e92bac3d8d4191d455cf09d093e5fc",  # 20.0 to 20.10
        "ce57d5e0d9b5d7356cb42da7450ba8f9359bdf693e335f4c921626943c77e64d",  # 20.16
        "c9199315871b11b12df226f890a38e66e63191e1adbfb11a66e6861151b33fca",  # 20.21
        "0aeb86546345c1d0fada097536e35525714d5cdbcc2d8eb3f9912a955044fcff",  # 20.24
        "0f20351ea7e90039c46d3fabdef991f28b1e3ff33eb13ee6f0d5cd21ea0e8b14",  # 20.26 to 20.34
        "07584d2a5d13e0811eb567d78ed2aca0fb60e7defff59a01ca7a48d907bdea51",  # 21
        "cfe56cafbd68fd31a0e87100f111d7d2f6b7157241096500013c07e88d80a22f",  # 21.15
    }
)
"""The SHA-256 of what virtualenv puts into each environment that it makes, as it is in its own releases."""


def unlisted(folder: Path, listed: Collection[str], spared: Collection[str]) -> list[str]:
    """Files with code in a folder that no distribution lists, seen from there.

    Args:
        folder: a site-packages folder.
        listed: what all RECORDs list.
        spared: modules at the top that belong to a distribution which lists nothing, and what is ours.

    Raises:
        SourceUnreachable: a folder cannot be read.
    """
    found, waiting = [], [""]
    while waiting:
        for path, is_folder in _entries(folder, waiting.pop()):
            if path in spared or path.endswith("__pycache__") or _is_module_of(path, spared):
                continue
            if is_folder:
                waiting.append(f"{path}/")
            elif path not in listed and (is_code(path) or path.endswith(_PLUG_INS)):
                found.append(path)
    return sorted(found)


def _is_module_of(path: str, names: Collection[str]) -> bool:
    return "/" not in path and not path.endswith(_READ_BY_SITE) and path.partition(".")[0] in names


def _entries(folder: Path, inner: str) -> Iterator[tuple[str, bool]]:
    try:
        with os.scandir(folder / inner) as entries:
            yield from ((f"{inner}{entry.name}", entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        raise SourceUnreachable(f"{folder / inner} cannot be read: {error.strerror or error}") from error


def attributed(
    paths: Collection[str], owners: Mapping[str, Collection[str]]
) -> tuple[dict[str, list[str]], list[str]]:
    """Whose the packages are that files were added to.

    Args:
        paths: of the files.
        owners: by folder, the distributions that have files in it or below it.

    Returns:
        The paths by distribution, and those in no folder that is one distribution's alone.
    """
    found: dict[str, list[str]] = {}
    others = []
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in owners:
            folder = folder.rpartition("/")[0]
        if folder and len(owners[folder]) == 1:
            found.setdefault(next(iter(owners[folder])), []).append(path)
        else:
            others.append(path)
    return found, others


def folders_of(listed: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """By folder, the distributions that have files in it or below it.

    Args:
        listed: the paths by distribution.
    """
    found: dict[str, set[str]] = {}
    for owner, paths in listed.items():
        for folder in {path.rpartition("/")[0] for path in paths if not path.startswith(("../", "/"))}:
            inner = folder
            while inner and owner not in found.setdefault(inner, set()):
                found[inner].add(owner)
                inner = inner.rpartition("/")[0]
    return found


def strays(folder: Path, paths: Collection[str]) -> list[Stray]:
    """What files that belong to nobody are: one for each name at the top, and each that runs at start."""
    found: dict[str, Stray] = {}
    known = _VIRTUALENV if _is_virtualenvs(folder) else ()
    for path in (path for path in paths if path not in known):
        top, _, below = path.partition("/")
        if below:
            found.setdefault(top, Stray(f"{top}/"))
        elif top.endswith(_READ_BY_SITE):
            code = _executed(folder / top)
            if code:
                found[top] = Stray(top, start_up=True, code=code[:_CODE_KEPT])
        else:
            custom = top.partition(".")[0] in _CUSTOM
            found[top] = Stray(top, start_up=custom)
    return list(found.values())


def _is_virtualenvs(folder: Path) -> bool:
    """Whether the start-up code that virtualenv puts into environments is there as virtualenv has it."""
    module, line = (folder / name for name in _VIRTUALENV)
    if not (module.is_file() and line.is_file()):
        return False
    try:
        digest = hashlib.sha256(module.read_bytes()).hexdigest()
        return digest in _VIRTUALENV_DIGESTS and line.read_bytes().strip() == _VIRTUALENV_LINE
    except OSError:
        return False


def _executed(path: Path) -> str:
    """What ``site`` does that a ``.pth`` or ``.start`` file says; nothing where it is known to do no harm."""
    if path.is_fifo():  # nobody may ever write to it
        return "(it is a pipe, for which Python waits)"
    try:
        with path.open("rb") as file:
            text = file.read(_PTH_LIMIT).decode("utf-8-sig", "replace")
    except OSError as error:
        return f"(it cannot be read: {error.strerror})"
    lines = list(map(str.strip, text.splitlines()))  # as Python 3.15 does, earlier ones leave indented lines
    if path.suffix == ".start":
        return "\n".join(line for line in lines if line and not line.startswith("#"))
    lines = [line for line in lines if line.startswith(("import ", "import\t"))]
    start = StartUp("pth", path.name, "\n".join(lines))
    return "" if not lines or explanation(start, _NOBODY) else start.code
