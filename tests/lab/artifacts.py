"""Wheels and sdists, built in memory: correct by default, wrong only where a test asks for it.

The same arguments give the same bytes, so a digest can be compared between two builds.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from .shipped.packer import dist_info_name, escaped, pack_wheel, wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EPOCH = 315532800  # 1980-01-01, as in the wheels


@dataclass(frozen=True)
class Artifact:
    """One distribution file, in memory.

    Attributes:
        filename: its name on an index.
        content: its bytes.
        project: the project's name as its author spells it.
        version: the version as the file states it.
        metadata: the ``METADATA`` of a wheel; none for an sdist.
        pkg_info: the ``PKG-INFO`` of an sdist; none for a wheel.

    """

    filename: str
    content: bytes
    project: str
    version: str
    metadata: bytes | None = None
    pkg_info: bytes | None = None

    @property
    def sha256(self) -> str:
        """The digest of the bytes, in lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


def core_metadata(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    name: str,
    version: str,
    *,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    extra_metadata: Iterable[str] = (),
    metadata_version: str = "2.1",
) -> bytes:
    """Return core metadata. `extra_metadata` are whole lines, ``"Summary: a thing"``."""
    lines = [f"Metadata-Version: {metadata_version}", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    return ("\n".join([*lines, *extra_metadata]) + "\n").encode()


def module_name(name: str) -> str:
    """Return the import name of a project's default payload."""
    return escaped(name)


def payload(name: str, version: str) -> dict[str, bytes]:
    """Return the default payload: one module, named after the project, with its ``VERSION``."""
    return {f"{module_name(name)}.py": f"VERSION = {version!r}\n".encode()}


def build_wheel(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    name: str,
    version: str,
    *,
    files: Mapping[str, str | bytes] | None = None,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    extra_metadata: Iterable[str] = (),
    tag: str = "py3-none-any",
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    record: bool = True,
) -> Artifact:
    """Return a wheel (PEP 427).

    Args:
        name: the project's name; file names get the escaped form.
        version: any PEP 440 version; written in its normal form.
        files: path inside the wheel -> content, instead of the default payload. A path of the
            ``.dist-info`` folder replaces the file that would be written there.
        requires: the ``Requires-Dist`` lines.
        requires_python: the ``Requires-Python`` line.
        extra_metadata: further whole lines of metadata.
        tag: the compatibility tag, which may be a compressed set.
        entry_points: group -> name -> object reference.
        record: whether there is a ``RECORD``.

    """
    version = str(Version(version))
    metadata = core_metadata(
        name, version, requires=requires, requires_python=requires_python, extra_metadata=extra_metadata
    )
    contents = payload(name, version) if files is None else encoded(files)
    content = pack_wheel(contents, metadata, tag=tag, entry_points=entry_points, record=record)
    served = contents.get(f"{dist_info_name(metadata)}/METADATA", metadata)
    return Artifact(wheel_filename(metadata, tag), content, name, version, metadata=served)


def build_sdist(  # noqa: PLR0913 - each is one thing that a test may want otherwise
    name: str,
    version: str,
    *,
    files: Mapping[str, str | bytes] | None = None,
    pyproject: str | None = None,
    setup_py: str | None = None,
    requires: Iterable[str] = (),
    requires_python: str | None = None,
    extra_metadata: Iterable[str] = (),
    metadata_version: str = "2.1",
) -> Artifact:
    """Return an sdist (PEP 625 name, PEP 643 metadata from `metadata_version` 2.2 on).

    Without `pyproject` and `setup_py` it is one that no installer can build.

    Args:
        name: the project's name.
        version: any PEP 440 version; written in its normal form.
        files: path below the root folder -> content, instead of the default payload.
        pyproject: the content of ``pyproject.toml``.
        setup_py: the content of ``setup.py``.
        requires: the ``Requires-Dist`` lines of ``PKG-INFO``.
        requires_python: its ``Requires-Python`` line.
        extra_metadata: further whole lines of it, such as ``Dynamic: Requires-Dist``.
        metadata_version: 2.2 and later make every field static that is not listed as ``Dynamic``.

    """
    version = str(Version(version))
    pkg_info = core_metadata(
        name,
        version,
        requires=requires,
        requires_python=requires_python,
        extra_metadata=extra_metadata,
        metadata_version=metadata_version,
    )
    contents = {"PKG-INFO": pkg_info}
    contents |= {"pyproject.toml": pyproject.encode()} if pyproject is not None else {}
    contents |= {"setup.py": setup_py.encode()} if setup_py is not None else {}
    contents |= payload(name, version) if files is None else encoded(files)
    root = f"{escaped(name)}-{version}"
    packed = pack_tar_gz({f"{root}/{path}": content for path, content in contents.items()})
    return Artifact(f"{root}.tar.gz", packed, name, version, pkg_info=contents["PKG-INFO"])


def pack_tar_gz(files: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar archive of files, in their order, with fixed dates, owners and permissions."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mtime, member.mode = len(content), _EPOCH, 0o644
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def encoded(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """Return files with their texts as UTF-8."""
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
