"""What an interpreter runs by itself: ``.pth``, ``.start``, ``sitecustomize``, and others' start-up files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trustguard.model.contents import StartUp, StartUpKind
from trustguard.sources.archive import Archive, Entry
from trustguard.sources.contents.places import Place

_CODE = 2000
_READ = 1 << 20
"""Bytes of a ``.pth`` that are searched for lines; what has more is not whole."""
_IMPORTED = re.compile(r"(sitecustomize|usercustomize)(?:\.py|\.pyc|\.[^/]*\.?(?:so|pyd)|/.*)")
_CONFIG = re.compile(
    r"etc/ipython/(?:startup/.*|ipython_(?:kernel_)?config\.py)|etc/jupyter/[^/]*_config\.py", re.IGNORECASE
)


def start_up_of(archive: Archive, found: Sequence[Place]) -> Iterator[StartUp]:
    """What runs without being imported, in the order of the archive."""
    modules: set[str] = set()
    for place in found:
        path = place.path
        if place.root == "prefix" and _CONFIG.fullmatch(path):
            yield StartUp("config", path, *_beginning(archive, place.entry))
        if place.root != "site":
            continue
        if "/" not in path and path.endswith(".pth"):
            yield from _of_pth(archive, place)
        elif "/" not in path and path.endswith(".start"):
            yield StartUp("start", path, *_beginning(archive, place.entry))
        elif (match := _IMPORTED.fullmatch(path)) and match[1] not in modules:
            modules.add(match[1])
            main = next((one for one in found if one.path == f"{match[1]}/__init__.py"), place)
            kind: StartUpKind = "sitecustomize" if match[1] == "sitecustomize" else "usercustomize"
            text, whole = _beginning(archive, main.entry) if main.path.endswith(".py") else ("", False)
            yield StartUp(kind, main.path, text, whole)


def _of_pth(archive: Archive, place: Place) -> Iterator[StartUp]:
    """The lines of a ``.pth`` that ``site`` executes, and those that lead out of site-packages."""
    content = archive.excerpt(place.entry.path, _READ)
    whole = place.entry.size <= _READ
    # utf-8-sig, as site decodes it since Python 3.13: behind a byte order mark an import is one as well.
    lines = content.decode("utf-8-sig", "replace").splitlines()
    code = "\n".join(line for line in lines if line.startswith(("import ", "import\t")))
    if code or not whole:
        yield StartUp("pth", place.path, code[:_CODE], whole=whole and len(code) <= _CODE)
    outside = "\n".join(line for line in lines if _leads_out(line))
    if outside:
        yield StartUp("path", place.path, outside[:_CODE], whole=len(outside) <= _CODE)


def _leads_out(line: str) -> bool:
    path = line.strip()
    if not path or path.startswith(("#", "import ", "import\t")):
        return False
    if path.startswith(("/", "\\", "~")) or path[1:2] == ":":
        return True
    return ".." in path and ".." in re.split(r"[/\\]", path)


def _beginning(archive: Archive, entry: Entry) -> tuple[str, bool]:
    content = archive.excerpt(entry.path, 4 * _CODE)
    text = content.decode("utf-8-sig", "replace")
    return text[:_CODE], entry.size <= len(content) and len(text) <= _CODE
