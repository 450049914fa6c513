"""Packs a wheel with nothing but the standard library, the same bytes for the same input.

The lab itself builds its wheels with it, and so do the build backends inside the lab's sdists: a wheel that
pip built from a lab sdist has the same form as one that the lab put on its index.
"""

from __future__ import annotations

import base64
import email
import hashlib
import io
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every archive member: the oldest one that a zip file can tell."""


def escaped(name: str) -> str:
    """Return a project name as file names spell it (PEP 427, "Escaping and Unicode")."""
    return re.sub(r"[-_.]+", "_", name).lower()


def dist_info_name(metadata: bytes) -> str:
    """Return the name of the ``.dist-info`` folder that belongs to core metadata."""
    fields = email.message_from_bytes(metadata)
    return f"{escaped(fields['Name'])}-{fields['Version']}.dist-info"


def wheel_filename(metadata: bytes, tag: str = "py3-none-any") -> str:
    """Return the file name (PEP 427) of a wheel with this core metadata and this compatibility tag."""
    return f"{dist_info_name(metadata).removesuffix('.dist-info')}-{tag}.whl"


def wheel_file(tag: str) -> bytes:
    """Return the content of a ``WHEEL`` file for a pure wheel with one (possibly compressed) tag."""
    python, abi, platform = tag.split("-")
    tags = [f"{p}-{a}-{f}" for p in python.split(".") for a in abi.split(".") for f in platform.split(".")]
    lines = [
        "Wheel-Version: 1.0",
        "Generator: lab 1.0",
        "Root-Is-Purelib: true",
        *(f"Tag: {t}" for t in tags),
    ]
    return ("\n".join(lines) + "\n").encode()


def entry_points_file(entry_points: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the content of ``entry_points.txt``: groups of names, each with its object reference."""
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {reference}\n" for name, reference in entries.items())
        for group, entries in entry_points.items()
    )
    return "\n".join(groups).encode()


def record_file(files: Mapping[str, bytes], record_path: str) -> bytes:
    """Return a ``RECORD`` (PEP 376, PEP 427) of files, with sha256 digests; its own line has none."""
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}\n")
    return "".join([*lines, f"{record_path},,\n"]).encode()


def pack_wheel(
    files: Mapping[str, bytes],
    metadata: bytes,
    *,
    tag: str = "py3-none-any",
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    record: bool = True,
) -> bytes:
    """Return the bytes of a wheel.

    A file given under the path of one that would be written here (``METADATA``, ``WHEEL``, ``RECORD``)
    takes its place: so one can make a wheel that lies.

    Args:
        files: path inside the wheel -> content.
        metadata: the core metadata; its Name and Version name the ``.dist-info`` folder.
        tag: the compatibility tag.
        entry_points: group -> name -> object reference.
        record: whether there is a ``RECORD``.

    """
    folder = dist_info_name(metadata)
    written = {f"{folder}/METADATA": metadata, f"{folder}/WHEEL": wheel_file(tag)}
    if entry_points:
        written[f"{folder}/entry_points.txt"] = entry_points_file(entry_points)
    everything = {**files, **{path: content for path, content in written.items() if path not in files}}
    record_path = f"{folder}/RECORD"
    if record and record_path not in everything:
        everything[record_path] = record_file(everything, record_path)
    return pack_zip(everything)


def pack_zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files, in their order, with fixed dates and permissions."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content)
    return buffer.getvalue()
