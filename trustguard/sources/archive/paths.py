"""Which paths may stand in an archive: those that mean one place, in the tree, on every system."""

from __future__ import annotations

import re

from trustguard.sources.archive.entry import Unsound, shown
from trustguard.sources.archive.limits import Limits

__all__ = ["check_path", "decoded"]

_PLAIN = re.compile(r"[\w+@=,-]+(?:\.[\w+@=,-]+)*(?:/[\w+@=,-]+(?:\.[\w+@=,-]+)*)*", re.ASCII)
"""Most paths: nothing in them needs a second look, but for the length."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BELOW = 2
_DRIVE = re.compile(r"[A-Za-z]:")


def decoded(raw: bytes) -> str:
    """A name that an archive holds as bytes.

    Raises:
        Unsound: it is not UTF-8, so that its characters depend on who reads it.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unsound(f"the name {shown(raw.decode('latin-1'))} is not UTF-8") from error


def check_path(path: str, limits: Limits, *, source: bool) -> None:
    r"""Refuse a path that leaves the tree, or that one system takes for another one than the next.

    Args:
        path: without the slash at the end of a folder's.
        limits: of its length.
        source: whether it is in a source tree. On Windows ``a.py::$DATA`` and ``a.py.`` are other names of
            ``a.py``; but source trees for other systems have manual pages such as ``man/Foo::Bar.3``, and
            below their first two levels, where builds are defined, files such as ``core/logging.``.

    Raises:
        Unsound: it is empty, too long or absolute; has ``..``, ``.`` or empty parts, a drive letter,
            backslashes, control characters, or parts whose end Windows drops.
    """
    if not _PLAIN.fullmatch(path):
        _check_characters(path, colons=source)
    elif len(path) <= min(limits.part_bytes, limits.path_bytes) and path.count("/") < limits.depth:
        return
    encoded = len(path.encode())
    if encoded > limits.path_bytes:
        raise Unsound(f"the path {shown(path)} has {encoded:,} bytes, more than {limits.path_bytes:,}")
    parts = path.split("/")
    if len(parts) > limits.depth:
        raise Unsound(f"the path {shown(path)} has {len(parts):,} parts, more than {limits.depth:,}")
    for level, part in enumerate(parts):
        _check_part(part, path, limits, cut=source and level >= _BELOW)


def _check_characters(path: str, *, colons: bool) -> None:
    if not path:
        raise Unsound("an entry has no name")
    if "\x00" in path:
        raise Unsound(f"the path {shown(path)} has a NUL in it")
    if _CONTROL.search(path):
        raise Unsound(f"the path {shown(path)} has a control character in it")
    if "\\" in path:
        raise Unsound(f"the path {shown(path)} has a backslash in it")
    if path.startswith("/"):
        raise Unsound(f"the path {shown(path)} is absolute: it leads out of it")
    if any(_DRIVE.match(part) for part in path.split("/")):
        raise Unsound(f"the path {shown(path)} has a drive letter in it")
    if ":$" in path or (":" in path and not colons):
        raise Unsound(
            f"the path {shown(path)} has a colon in it, which Windows takes for another file's name"
        )


def _check_part(part: str, path: str, limits: Limits, *, cut: bool) -> None:
    if part == "..":
        raise Unsound(f"the path {shown(path)} leads out of it")
    if part in {"", "."}:
        raise Unsound(f"the path {shown(path)} has a part that is empty or a dot")
    if part[-1] in ". " and not (cut and part.strip(". ")):
        raise Unsound(f"the path {shown(path)} has a part that ends in {part[-1]!r}, which Windows drops")
    if len(part) > limits.part_bytes // 4 and len(part.encode()) > limits.part_bytes:
        raise Unsound(f"the path {shown(path)} has a part of more than {limits.part_bytes:,} bytes")
