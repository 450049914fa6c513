"""What an interpreter runs by itself: ``.pth``, ``.start``, ``sitecustomize``, and others' start-up files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from trustguard.model.contents import StartUp, StartUpKind
from trustguard.sources.archive import Archive, Entry
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.faults import Faults
from trustguard.sources.contents.places import Place

_CODE = 2000
_READ = 1 << 20
"""Bytes of a ``.pth`` that are searched for lines; what has more is not whole."""
_EXECUTED = ("import ", "import\t")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_SINCE_3_13 = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""What ends a line as well where ``str.splitlines`` cuts them."""
_IMPORTED = re.compile(r"(sitecustomize|usercustomize)(?:\.py|\.pyc|\.[^/]*\.?(?:so|pyd)|/.*)")
_CONFIG = re.compile(
    r"etc/ipython/(?:startup/.*|ipython_(?:kernel_)?config\.py)|etc/jupyter/[^/]*_config\.py", re.IGNORECASE
)
_ACTIVATION = re.compile(r"etc/conda/(?:de)?activate\.d/.*|(?:pre|post)(?:de)?activate", re.IGNORECASE)
"""What a shell runs when an environment is activated: conda's scripts, and virtualenvwrapper's."""


def start_up_of(archive: Archive, found: Sequence[Place], *, windows: bool) -> Iterator[StartUp]:
    """What runs without being imported, in the order of the archive.

    Args:
        archive: the wheel.
        found: where its files end up.
        windows: whether it can be installed on Windows, where ``site`` treats the environment's top as it
            does site-packages (``site.getsitepackages``).
    """
    yield from _of_places(archive, found)
    if windows:
        yield from _of_places(archive, _at_the_top(found))


def _at_the_top(found: Sequence[Place]) -> list[Place]:
    """What is at the environment's top, as if that were site-packages."""
    return [replace(one, root="site") for one in found if one.root == "prefix"]


def check_added(archive: Archive, found: Sequence[Place], faults: Faults, *, windows: bool) -> None:
    """Metadata in a folder that a ``.pth`` adds counts as that of any distribution, its plug-ins included."""
    for places in (found, _at_the_top(found)) if windows else (found,):
        _, added = _added(archive, places, _folders(places))
        for place in places if added else ():
            if place.root == "site" and any(_is_metadata(place.path, one) for one in _above(place, added)):
                faults.add("foreign-metadata", f"it has metadata where its .pth leads: {shown(place.path)}")


def _is_metadata(path: str, folder: str) -> bool:
    """Whether ``importlib.metadata`` finds a file when it searches a folder; in an egg, by another name."""
    top = path.removeprefix(f"{folder}/").partition("/")[0].casefold()
    return top.endswith((".dist-info", ".egg-info")) or (
        top == "egg-info" and folder.casefold().endswith(".egg")
    )


def _above(place: Place, folders: Collection[str]) -> Iterator[str]:
    """Those of some folders that a file is in, however deep; there may be a hundred thousand of them."""
    every = accumulate(place.path.split("/")[:-1], "{}/{}".format)
    return (folder for folder in ("", *every) if folder in folders)


def _added(
    archive: Archive, found: Sequence[Place], folders: Collection[str]
) -> tuple[dict[str, dict[str, str | None]], set[str]]:
    """The lines of each ``.pth``, and which of the wheel's own folders they add to what is searched."""
    paths = {place.path: _lines(archive, place) for place in found if _is_pth(place)}
    return paths, {one for lines in paths.values() for one in lines.values() if one and one in folders}


def _of_places(archive: Archive, found: Sequence[Place]) -> Iterator[StartUp]:
    folders = _folders(found)
    paths, added = _added(archive, found, folders)
    searched = {"", *added}
    modules: set[str] = set()
    there = {place.path: place for place in reversed(found) if place.root == "site"}
    for place in found:
        path = place.path
        if place.root == "prefix" and _CONFIG.fullmatch(path):
            yield StartUp("config", path, *_beginning(archive, place.entry))
        elif place.root in ("prefix", "scripts") and _ACTIVATION.fullmatch(path):
            yield StartUp("activate", path, *_beginning(archive, place.entry))
        if place.root != "site":
            continue
        if _is_pth(place):
            yield from _of_pth(place, paths[path], folders)
        elif "/" not in path and path.endswith(".start"):
            yield StartUp("start", path, *_beginning(archive, place.entry))
        else:
            yield from _customize(archive, place, searched, there, modules)


def _customize(
    archive: Archive, place: Place, searched: Collection[str], there: Mapping[str, Place], seen: set[str]
) -> Iterator[StartUp]:
    """A module that ``site`` imports by its name, in site-packages or in a folder that a ``.pth`` adds."""
    for folder in _above(place, searched):
        begin = f"{folder}/" if folder else ""
        match = _IMPORTED.fullmatch(place.path[len(begin) :])
        if match is None:
            continue
        package = f"{begin}{match[1]}/"
        main = place
        if place.path.startswith(package):
            main = there.get(f"{package}__init__.py", place)
            if package in seen:
                continue
            seen.add(package)
        kind: StartUpKind = "sitecustomize" if match[1] == "sitecustomize" else "usercustomize"
        text, whole = _beginning(archive, main.entry) if main.path.endswith(".py") else ("", False)
        yield StartUp(kind, main.path, text, whole)


def _is_pth(place: Place) -> bool:
    return place.root == "site" and "/" not in place.path and place.path.endswith(".pth")


def _lines(archive: Archive, place: Place) -> dict[str, str | None]:
    """The lines of a ``.pth``, each once, as Python reads them until 3.12, with the folders that they add."""
    content = archive.excerpt(place.entry.path, _READ)
    # utf-8-sig, as site decodes it since Python 3.13: behind a byte order mark an import is one as well.
    lines = dict.fromkeys(_LINE_END.split(content.decode("utf-8-sig", "replace")))
    return {line: _folder(line) if _is_path(line) else None for line in lines}


def _of_pth(place: Place, lines: Mapping[str, str | None], folders: Collection[str]) -> Iterator[StartUp]:
    """What ``site`` executes, and what leads elsewhere than into site-packages and folders of the wheel."""
    read = place.entry.size <= _READ
    executed = [line for line in lines if _is_executed(line) or _has_hidden(line)]
    code = "\n".join(executed)
    if code or not read:
        whole = read and len(code) <= _CODE and not any(map(_is_cut, executed))
        yield StartUp("pth", place.path, code[:_CODE], whole=whole)
    elsewhere = "\n".join(line for line, one in lines.items() if one is not None and one not in folders)
    if elsewhere:
        yield StartUp("path", place.path, elsewhere[:_CODE], whole=len(elsewhere) <= _CODE)


def _is_executed(line: str) -> bool:
    """Whether it is code; since Python 3.15 also where it is indented."""
    return line.lstrip().startswith(_EXECUTED)


def _is_cut(line: str) -> bool:
    """Whether it is one line for some Pythons and several for others: no honest file has such a line."""
    return _LINE_END_SINCE_3_13.search(line) is not None


def _has_hidden(line: str) -> bool:
    return _is_cut(line) and any(map(_is_executed, line.splitlines()[1:]))


def _is_path(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#") and not _is_executed(line)


def _folder(line: str) -> str:
    """The folder that a line adds, below site-packages and in one spelling; ``..`` where it leads out.

    Or where it is indented: since Python 3.15 that is another folder.
    """
    path = line.rstrip().replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith(("/", "~")) or path[1:2] == ":" or ".." in parts or path[:1].isspace():
        return ".."
    return "/".join(parts)


def _folders(found: Sequence[Place]) -> set[str]:
    """Every folder below site-packages that has a file of the wheel in it."""
    folders: set[str] = set()
    for place in found:
        folder = place.path.rpartition("/")[0]
        while place.root == "site" and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def _beginning(archive: Archive, entry: Entry) -> tuple[str, bool]:
    content = archive.excerpt(entry.path, 4 * _CODE)
    text = content.decode("utf-8-sig", "replace")
    return text[:_CODE], entry.size <= len(content) and len(text) <= _CODE
