"""The ``.dist-info`` folder and the WHEEL file in it: whose it is, and for which Pythons (PEP 427, 425)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from email.parser import HeaderParser
from math import prod

from packaging.tags import parse_tag
from packaging.utils import parse_wheel_filename
from packaging.version import InvalidVersion, Version

from trustguard.model.project import FileName
from trustguard.sources.archive import Archive
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.faults import Faults
from trustguard.sources.contents.places import Place, is_of, is_read_as

_SUFFIX = ".dist-info"
_EGG = ".egg-info"
_VERSION = re.compile(r"1\.\d+")
_ONCE = ("Wheel-Version", "Root-Is-Purelib")
_PLATFORM = re.compile(r"-[^-]+$")
_LINUX = re.compile(r"(?:many|musl)linux(?:\d+|_\d+_\d+)_(.+)$")
_LIMIT = 16_384
"""Bytes of a WHEEL file; honest ones have up to 2,000."""
_TAGS = 1_000
"""So many tags are looked at; honest wheels have up to 30."""


def own_folder(archive: Archive, found: Iterable[Place], name: FileName, faults: Faults) -> str | None:
    """The one ``.dist-info`` folder of a wheel; None where there is not exactly one, of the project."""
    tops = dict.fromkeys(place.path.partition("/")[0] for place in found if place.root == "site")
    folders = [top for top in tops if top.casefold().endswith(_SUFFIX)]
    for top in tops:
        if top.casefold().endswith(_EGG):
            own = is_read_as(top[: -len(_EGG)], name.project)
            whose = "its own" if own else "another project's"
            old = f"it has metadata of an old kind, {whose}: {shown(top)}"
            faults.add("record-quirk" if own else "foreign-metadata", old)
    if len(folders) != 1:
        faults.add("dist-info", f"it has {len(folders)} .dist-info folders instead of one")
        return None
    stem = folders[0][: -len(_SUFFIX)]
    if not is_of(stem, name.project):
        faults.add("dist-info", f"its metadata is in {shown(folders[0])}, which is another project's")
        return None
    if not _is_version(stem.rpartition("-")[2], name.version):
        faults.add("foreign-metadata", f"its metadata is in {shown(folders[0])}, which is another version's")
    if not is_read_as(stem, name.project):
        other, _, rest = stem.partition("-")
        what = f"its metadata is in {shown(folders[0])}, which is taken for {other[:80]!a}"
        faults.add("dist-info" if _is_any_version(rest) else "foreign-metadata", what)
    if archive.entry(f"{folders[0]}/direct_url.json") is not None:
        faults.add("foreign-metadata", "it has a direct_url.json, which says where an installer got it from")
    return folders[0]


def _is_any_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _is_version(text: str, version: Version) -> bool:
    try:
        return Version(text.replace("_", "-")) == version
    except InvalidVersion:
        return False


def check_wheel_file(archive: Archive, folder: str, name: FileName, faults: Faults) -> None:
    """Compare WHEEL with what is understood here and with the file's name."""
    path = f"{folder}/WHEEL"
    entry = archive.entry(path)
    if entry is None or entry.size > _LIMIT:
        missing = "it has no WHEEL file" if entry is None else f"its WHEEL has more than {_LIMIT:,} bytes"
        faults.add("wheel-file", missing)
        return
    message = HeaderParser().parsestr(archive.read(path).decode("utf-8", "replace"))
    for field in _ONCE:
        if len(message.get_all(field, [])) != 1:
            faults.add("wheel-file", f"its WHEEL has not exactly one {field}")
    if not _VERSION.fullmatch(str(message.get("Wheel-Version", "")).strip()):
        faults.add("wheel-file", "its WHEEL is of a version that nobody knows")
    if str(message.get("Root-Is-Purelib", "")).strip().lower() not in {"true", "false"}:
        faults.add("wheel-file", "its WHEEL does not say whether it is pure")
    stated, named = _stated_tags(message), {str(tag) for tag in parse_wheel_filename(name.filename)[3]}
    if stated != named and not _only_renamed(stated, named):
        faults.add("tags", f"its WHEEL is for {shown(', '.join(sorted(stated)) or 'nothing')}")


def _only_renamed(stated: Iterable[str], named: Iterable[str]) -> bool:
    """Whether the name is just more exact on the platform: large projects rename what they have built.

    Installers go by the name alone. Of a wheel for Linux in general they would take none from an index.
    """
    general = {_LINUX.sub(r"linux_\1", tag) for tag in named}
    return bool(set(stated)) and set(stated) in (general, {_PLATFORM.sub("-any", tag) for tag in named})


def _stated_tags(message: Message) -> set[str]:
    found: set[str] = set()
    room = _TAGS
    for value in message.get_all("Tag", [])[:_TAGS]:
        text = str(value).strip()
        room -= prod(part.count(".") + 1 for part in text.split("-"))  # each of one goes with each of another
        try:
            found |= {str(tag) for tag in parse_tag(text)} if room >= 0 else {text}
        except ValueError:
            found.add(text)
    return found
