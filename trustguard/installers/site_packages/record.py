"""RECORD: what an installer has written down of the files that it has put there (PEP 376, 627)."""

from __future__ import annotations

import csv
import io
import os
import posixpath
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

_LIMIT: Final = 64 * 1024 * 1024
"""A RECORD larger than this (bytes) is not read; that of the largest honest distribution has 2 MB."""


class Entry(NamedTuple):
    """What RECORD says of a file. There may be a million of them.

    Args:
        digest: such as ``sha256=…``; empty where there is none.
        size: bytes; None where it does not say.
    """

    digest: str
    size: int | None


class NotARecord(Exception):
    """It cannot be read; the message says why."""


def of_folder(info: Path) -> dict[str, Entry]:
    """The entries of an installed RECORD, by path seen from site-packages.

    Raises:
        NotARecord: there is none that can be used.
    """
    path = info / "RECORD"
    try:
        if not path.is_file():
            raise NotARecord("it has no RECORD")
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        raise NotARecord(f"its RECORD cannot be read: {error.strerror or error}") from error
    return _entries(data)


def of_wheel(body: BinaryIO) -> dict[str, Entry]:
    """The entries of a wheel's RECORD, as they are once it is installed; without those of commands and data.

    Args:
        body: the wheel, whose digest was compared, and which was found sound when it was vetted.

    Raises:
        NotARecord: it has none that can be used.
    """
    try:
        with zipfile.ZipFile(body) as archive:
            names = [n for n in archive.namelist() if n.endswith(".dist-info/RECORD") and n.count("/") == 1]
            if len(names) != 1:
                raise NotARecord("the wheel has no RECORD")
            with archive.open(names[0]) as file:
                data = file.read(_LIMIT + 1)
    # zipfile does not implement every compression, and takes encryption for a runtime error.
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise NotARecord(f"the wheel cannot be read: {error}") from error
    entries = ((_installed(path), entry) for path, entry in _entries(data).items())
    return {path: entry for path, entry in entries if path}


def _installed(path: str) -> str:
    """Where a file of a wheel is installed, seen from site-packages; empty for what goes elsewhere."""
    top, _, below = path.partition("/")
    if not top.endswith(".data"):
        return path
    scheme, _, rest = below.partition("/")
    return rest if scheme in {"purelib", "platlib"} else ""


def _entries(data: bytes) -> dict[str, Entry]:
    if len(data) > _LIMIT:
        raise NotARecord("its RECORD is too large to be one")
    found: dict[str, Entry] = {}
    try:
        for row in csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True):
            if not row:
                continue
            path, digest, size = (*row, "", "")[:3]
            # Of two lines about one file the one with a digest counts: the other takes nothing back.
            place = _normal(path)
            digest = digest if digest.partition("=")[2] else ""  # pdm's links to its cache have ``sha256=``
            if digest or place not in found:
                found[place] = Entry(digest, int(size) if size.isascii() and size.isdecimal() else None)
    except (ValueError, csv.Error) as error:
        raise NotARecord("its RECORD is not CSV in UTF-8") from error
    return found


def _normal(path: str) -> str:
    return posixpath.normpath(path.replace(os.sep, "/"))


def differing(installed: Mapping[str, Entry], wheel: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """In what an installed RECORD says something else than that of the wheel.

    Installers add lines, for bytecode, for commands, for what they note in the ``.dist-info`` folder. None
    adds modules.

    Returns:
        ``record`` or ``added``, and the path, of each difference.
    """
    found = [
        ("record", path)
        for path, entry in wheel.items()
        if entry.digest and (path not in installed or installed[path].digest != entry.digest)
    ]
    more = (path for path in installed if path not in wheel and is_code(path))
    return [*found, *(("added", path) for path in more if not path.startswith(("../", "/")))]


CODE: Final = (".py", ".pyc", ".pyo", ".so", ".pyd", ".pth", ".start", ".dll", ".dylib")


def is_code(path: str) -> bool:
    """Whether a file can be imported or runs by itself, judged by its name; caches of bytecode apart."""
    return path.endswith(CODE) and "__pycache__/" not in path
