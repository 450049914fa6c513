"""What others make of an archive: the standard library, and pip's own code for wheels and source trees."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pip._internal.models.scheme import Scheme
from pip._internal.operations.install.wheel import install_wheel
from pip._internal.utils.unpacking import unpack_file

from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import Kind, open_archive

INFO = "demo-1.0.dist-info"
_WRITTEN = {f"lib/{INFO}/INSTALLER", f"lib/{INFO}/RECORD"}
"""What pip writes itself."""


@dataclass(frozen=True)
class Seen:
    """What a reader finds: files with their content, and folders."""

    files: dict[str, bytes]
    folders: frozenset[str] = frozenset()


def by_us(content: bytes, filename: str) -> Seen | None:
    """What trustguard finds, after a look at every byte; None where it refuses the archive."""
    try:
        with open_archive(io.BytesIO(content), filename) as archive:
            files = {entry.path: b"".join(pieces) for entry, pieces in archive.contents()}
            links = {one.path: files[one.leads_to] for one in archive.entries if one.kind is Kind.HARDLINK}
            folders = (one.path for one in archive.entries if one.kind is Kind.DIRECTORY)
            return Seen(files | links, frozenset(folders))
    except SourceRefused:
        return None


def by_zipfile(content: bytes) -> Seen:
    """What the standard library finds in a zip file; it compares each CRC."""
    with zipfile.ZipFile(io.BytesIO(content)) as peer:
        listed = peer.infolist()
        files = {one.filename: peer.read(one) for one in listed if not one.is_dir()}
        folders = frozenset(one.filename.rstrip("/") for one in listed if one.is_dir())
        assert len(files) + len(folders) == len(listed)
        return Seen(files, folders)


def by_tarfile(content: bytes) -> Seen:
    """What the standard library finds in a packed tar archive."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz", encoding="utf-8") as peer:
        members = [one for one in peer.getmembers() if one.name not in {"", "."}]
        files = {
            one.name: file.read() for one in members if not one.issym() and (file := peer.extractfile(one))
        }
        return Seen(
            {os.path.normpath(name): data for name, data in files.items()},
            frozenset(os.path.normpath(one.name) for one in members if one.isdir()),
        )


def unpacked_by_tarfile(content: bytes, folder: Path) -> tuple[dict[str, bytes], dict[str, str]] | None:
    """What the standard library unpacks of a packed tar archive as data (PEP 706).

    Returns:
        Files with their content, and symbolic links with the places where they end; None where it refuses.
    """
    folder.mkdir(parents=True)
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz", encoding="utf-8") as peer:
            peer.extractall(folder, filter="data")
    except tarfile.TarError:
        return None
    root = folder.resolve()
    found = [one for one in root.rglob("*") if one.is_symlink() or not one.is_dir()]
    return (
        {one.relative_to(root).as_posix(): one.read_bytes() for one in found if not one.is_symlink()},
        {
            one.relative_to(root).as_posix(): one.resolve().relative_to(root).as_posix()
            for one in found
            if one.is_symlink()
        },
    )


def links_by_us(content: bytes, filename: str) -> dict[str, str]:
    """Symbolic links, and where trustguard says that they end, in an archive that it accepts."""
    with open_archive(io.BytesIO(content), filename) as archive:
        return {one.path: one.leads_to for one in archive.entries if one.kind is Kind.SYMLINK}


def by_pip(content: bytes, filename: str, folder: Path) -> dict[str, bytes] | None:
    """What pip installs of a wheel: files by ``lib/…``, ``data/…`` and so on; None where it refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / filename
    path.write_bytes(content)
    root = folder / "installed"
    scheme = Scheme(
        platlib=str(root / "lib"),
        purelib=str(root / "lib"),
        headers=str(root / "headers"),
        scripts=str(root / "scripts"),
        data=str(root / "data"),
    )
    try:
        install_wheel("demo", str(path), scheme, "demo", pycompile=False, warn_script_location=False)
    except Exception:  # noqa: BLE001 - pip fails in many ways where RECORD or WHEEL is missing
        return None
    found = {one.relative_to(root).as_posix(): one.read_bytes() for one in root.rglob("*") if one.is_file()}
    return {name: data for name, data in found.items() if name not in _WRITTEN}


def installed(seen: Seen) -> dict[str, bytes]:
    """What is installed of a wheel, by its specification ("Installing a wheel", PEP 427)."""
    found = {}
    for path, content in seen.files.items():
        top, _, rest = path.partition("/")
        if top.endswith(".data"):
            scheme, _, rest = rest.partition("/")
            place = "lib" if scheme in {"purelib", "platlib"} else scheme
            found[f"{place}/{rest}"] = content
        else:
            found[f"lib/{path}"] = content
    return {name: content for name, content in found.items() if name not in _WRITTEN}


def without_shebang(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files; of scripts, without the first line, in which pip puts the interpreter."""
    return {
        name: content.partition(b"\n")[2]
        if name.startswith("scripts/") and content.startswith(b"#!")
        else content
        for name, content in files.items()
    }


def unpacked_by_pip(content: bytes, filename: str, folder: Path) -> dict[str, bytes] | None:
    """What pip unpacks of a source tree, links by what they lead to; None where it refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / filename
    path.write_bytes(content)
    root = folder / "unpacked"
    try:
        unpack_file(str(path), str(root))
    except Exception:  # noqa: BLE001 - likewise, also by errors of tarfile
        return None
    return {
        one.relative_to(root).as_posix(): one.read_bytes()
        for one in root.rglob("*")
        if one.is_file() and not one.is_symlink()
    }


def below_the_top(files: dict[str, bytes], everything: frozenset[str]) -> dict[str, bytes]:
    """Files without the folder at the top, where all are in one, as pip leaves it out."""
    tops = {path.partition("/")[0] for path in everything}
    if len(tops) != 1:
        return files
    return {path.partition("/")[2] or path: content for path, content in files.items()}
