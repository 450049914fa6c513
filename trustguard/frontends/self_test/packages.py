"""Packages made on the spot: harmless, and each would leave a mark where its code runs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.record import record

VERSION = "1.0"
_TIME = (2020, 1, 1, 0, 0, 0)
_TAG = "py3-none-any"


@record
class Artifact:
    """A distribution file.

    Args:
        project: whose it is.
        filename: its name.
        content: its bytes.
    """

    project: NormalizedName
    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


@record
class Marks:
    """Where code tells that it has run.

    Args:
        folder: an empty folder.
    """

    folder: Path

    def line(self, label: str) -> str:
        """One line of Python that leaves a mark, also as a line of a ``.pth`` file."""
        return f"import os; open({str(self.folder / label)!r}, 'a').close()"

    def left(self) -> list[str]:
        """The marks that there are."""
        return sorted(path.name for path in self.folder.iterdir())


def wheel(name: str, line: str = "", *, start_up: bool = False, requires: str = "") -> Artifact:
    """A wheel with one module.

    Args:
        name: the project.
        line: what the module does.
        start_up: whether the same line stands in a ``.pth`` file, which runs whenever Python starts.
        requires: a project that it depends on; empty: none.
    """
    module = _escaped(name)
    files = {f"{module}.py": f"{line}\n"}
    if start_up:
        files[f"{module}.pth"] = f"{line}\n"
    info = f"{module}-{VERSION}.dist-info"
    files[f"{info}/METADATA"] = _metadata(name, "2.1", requires)
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: trustguard\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
    )
    rows = [f"{path},sha256={_digest(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    return Artifact(canonicalize_name(name), f"{module}-{VERSION}-{_TAG}.whl", _zipped(files))


def sdist(name: str, line: str) -> Artifact:
    """A source archive whose ``setup.py`` runs a line, which happens as soon as it is built.

    Args:
        name: the project.
        line: what it does.
    """
    root = f"{_escaped(name)}-{VERSION}"
    setup = f"{line}\nfrom setuptools import setup\nsetup(name={name!r}, version={VERSION!r})\n"
    files = {f"{root}/PKG-INFO": _metadata(name, "2.1", ""), f"{root}/setup.py": setup}
    return Artifact(canonicalize_name(name), f"{root}.tar.gz", _tarred(files))


def _metadata(name: str, version: str, requires: str) -> str:
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    summary = "Made by trustguard doctor --self-test"
    return f"Metadata-Version: {version}\nName: {name}\nVersion: {VERSION}\nSummary: {summary}\n{needs}\n"


def _escaped(name: str) -> str:
    return canonicalize_name(name).replace("-", "_")


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _zipped(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, _TIME), text)
    return buffer.getvalue()


def _tarred(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(text.encode()), 0o644
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()
