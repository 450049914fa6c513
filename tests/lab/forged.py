"""Wheels that lie in what stands in them, or take what is not theirs: sound as zip files, wrong as wheels."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from .artifacts import Artifact, core_metadata, encoded, module_name
from .shipped.packer import dist_info_name, pack_zip, record_file, wheel_file, wheel_filename

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = "1.0"


def info(name: str) -> str:
    """The ``.dist-info`` folder of a project's wheel."""
    return dist_info_name(core_metadata(name, VERSION))


def data(name: str) -> str:
    """Its ``.data`` folder."""
    return f"{info(name).removesuffix('.dist-info')}.data"


def honest(name: str) -> dict[str, bytes]:
    """The files of an honest wheel, without its RECORD."""
    return {
        f"{module_name(name)}.py": f"VERSION = {VERSION!r}\n\n\ndef main():\n    pass\n".encode(),
        f"{info(name)}/METADATA": core_metadata(name, VERSION),
        f"{info(name)}/WHEEL": wheel_file("py3-none-any"),
    }


def forged(
    name: str,
    files: Mapping[str, str | bytes | None] | None = None,
    *,
    record: Callable[[str], str | None] | None = None,
) -> Artifact:
    """Return a wheel of version 1.0.

    Args:
        name: the project.
        files: further files, or others in the place of honest ones; None takes one away. They are in RECORD,
            unless that is among them.
        record: what becomes of RECORD once it is made; None takes it away.

    """
    contents: dict[str, str | bytes] = dict(honest(name))
    for path, content in (files or {}).items():
        if content is None:
            del contents[path]
        else:
            contents[path] = content
    everything = encoded(contents)
    path = f"{info(name)}/RECORD"
    if path in everything:
        return packed(name, everything)
    text = record_file(everything, path).decode()
    changed = text if record is None else record(text)
    if changed is not None:
        everything[path] = changed.encode()
    return packed(name, everything)


def packed(name: str, files: Mapping[str, bytes]) -> Artifact:
    """Return a wheel of just these files."""
    metadata = core_metadata(name, VERSION)
    return Artifact(wheel_filename(metadata), pack_zip(files), name, VERSION, metadata=metadata)


def digest(content: bytes) -> str:
    """Return a digest as RECORD has it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def changed(artifact: Artifact, content: bytes) -> Artifact:
    """Return the artifact with other bytes."""
    return Artifact(artifact.filename, content, artifact.project, artifact.version, artifact.metadata)
