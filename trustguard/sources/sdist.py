"""What stands at the top of an sdist, read out of the archive without unpacking it.

That is what it needs to be built (``pyproject.toml``, PEP 518) and what it says of itself (``PKG-INFO``, PEP
643). An archive is scanned to its end: a second file of the name behind the first one would be the one that
counts once it is unpacked. What could become something else once it is unpacked (a link, another spelling
on a file system that ignores case, a second top folder) is refused.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

from packaging.requirements import InvalidRequirement, Requirement

from trustguard.model.errors import SourceRefused
from trustguard.model.project import SDIST_ENDINGS
from trustguard.sources.bounded import BoundedReader, Pieces, of_file, of_xz

_PYPROJECT = "pyproject.toml"
_PKG_INFO = "PKG-INFO"
_WANTED = {name.casefold(): name for name in (_PYPROJECT, _PKG_INFO)}
_CONTENT_LIMIT = 2 << 20
_MEMBERS_LIMIT = 200_000
_ENCRYPTED = 0x1
_ERRORS = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@dataclass(frozen=True, slots=True)
class SdistTop:
    """What stands at the top of an sdist.

    Args:
        build_requires: ``[build-system] requires``; None where there is no ``pyproject.toml`` or no
            ``build-system`` in it: an installer then takes setuptools (PEP 517).
        pkg_info: the ``PKG-INFO``; None where there is none, as in a forge's archives.
    """

    build_requires: tuple[str, ...] | None
    pkg_info: bytes | None


def top_of_sdist(sdist: Path | IO[bytes], filename: str) -> SdistTop:
    """Read what stands at the top of an sdist.

    Args:
        sdist: the archive, or its path.
        filename: its name, which says what kind of archive it is; a forge's archive has any stem.

    Raises:
        SourceRefused: it is not an archive, it has not one folder at its top, it is too large, or the table
            is malformed.
    """
    if not filename.endswith(SDIST_ENDINGS):
        raise SourceRefused(f"not an sdist's file name: {filename!r:.80}")
    with _archive_errors(filename), _opened(sdist) as raw:
        found = _from_zip(raw) if filename.endswith(".zip") else _from_tar(raw, filename)
        pyproject = found.get(_PYPROJECT)
        return SdistTop(None if pyproject is None else _requires(pyproject), found.get(_PKG_INFO))


def _opened(sdist: Path | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    return sdist.open("rb") if isinstance(sdist, Path) else nullcontext(sdist)


class _Unsound(Exception):
    """What is wrong with an archive, as the end of a sentence."""


@contextmanager
def _archive_errors(filename: str) -> Iterator[None]:
    name = f"{filename[:120]!a}"
    try:
        yield
    except _Unsound as error:
        raise SourceRefused(f"{name} is not a sound sdist: {error}") from error
    except RecursionError as error:
        raise SourceRefused(f"{name} is not a sound sdist: it is nested too deeply") from error
    except _ERRORS as error:
        raise SourceRefused(f"{name} is not a sound sdist: it cannot be read as an archive") from error


class _Scan:
    """Watches the names of an archive go by."""

    def __init__(self) -> None:
        self._members = 0
        self._top: str | None = None
        self.found: dict[str, bytes] = {}

    def wanted(self, name: str, *, folder: bool, plain: bool) -> str | None:
        """Which of the wanted files a member is.

        Args:
            name: its path in the archive.
            folder: whether it is a folder.
            plain: whether it is an ordinary file.
        """
        self._members += 1
        if self._members > _MEMBERS_LIMIT:
            raise _Unsound(f"it has more than {_MEMBERS_LIMIT:,} files")
        parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", "."}]
        if name.startswith("/") or ".." in parts:
            raise _Unsound(f"the path {name[:80]!a} leads out of it")
        if not parts:
            return None
        self._top = self._top or parts[0]
        if parts[0] != self._top or (len(parts) == 1 and not folder):
            raise _Unsound("it has something beside its one top folder")
        if len(parts) != 2:  # noqa: PLR2004 - folder and name
            return None
        meant = _WANTED.get(parts[1].casefold())
        if meant is not None and (parts[1] != meant or not plain):
            raise _Unsound(f"its {parts[1]!a} is not an ordinary {meant}")
        if meant in self.found:
            raise _Unsound(f"it has two files {meant}")
        return meant

    def keep(self, name: str, content: bytes) -> None:
        """Take the content of a wanted file."""
        if len(content) > _CONTENT_LIMIT:
            raise _Unsound(f"its {name} is larger than {_CONTENT_LIMIT:,} bytes")
        self.found[name] = content


def _from_zip(raw: IO[bytes]) -> dict[str, bytes]:
    scan = _Scan()
    with zipfile.ZipFile(raw) as archive:
        for member in archive.infolist():
            plain = not member.is_dir() and member.external_attr >> 28 in {0, 0o10}
            wanted = scan.wanted(member.filename, folder=member.is_dir(), plain=plain)
            if wanted is None:
                continue
            usual = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            if member.flag_bits & _ENCRYPTED or not usual:
                raise _Unsound(f"its {wanted} is encrypted, or packed in an unusual way")
            with archive.open(member) as file:
                scan.keep(wanted, file.read(_CONTENT_LIMIT + 1))
    return scan.found


def _from_tar(raw: IO[bytes], filename: str) -> dict[str, bytes]:
    scan = _Scan()
    reader = BoundedReader(_unpacked(raw, filename))
    with tarfile.TarFile(fileobj=reader, mode="r") as archive:
        for member in archive:
            wanted = scan.wanted(member.name, folder=member.isdir(), plain=member.isreg())
            if wanted is None:
                continue
            file = archive.extractfile(member)
            scan.keep(wanted, file.read(_CONTENT_LIMIT + 1) if file else b"")
    return scan.found


def _unpacked(raw: IO[bytes], filename: str) -> Pieces:
    if filename.endswith(".tar.xz"):
        return of_xz(raw)
    if filename.endswith(".tar.bz2"):
        return of_file(bz2.BZ2File(raw))
    return of_file(gzip.open(raw))


def _requires(content: bytes) -> tuple[str, ...] | None:
    # By name: a type checker that is told of Python 3.10 would want tomli even where 3.11 runs it.
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        table = toml.loads(content.decode("utf-8")).get("build-system")
    except ValueError as error:  # not TOML, or not UTF-8
        raise _Unsound(f"its {_PYPROJECT} is not TOML") from error
    if table is None:
        return None
    requires = table.get("requires") if isinstance(table, dict) else None
    if not isinstance(requires, list) or not all(isinstance(line, str) for line in requires):
        raise _Unsound("its build-system has no list of requirements")
    for line in requires:
        try:
            Requirement(line)
        except InvalidRequirement as error:
            raise _Unsound(f"its build requirement {line[:80]!a} is not one") from error
    return tuple(requires)
