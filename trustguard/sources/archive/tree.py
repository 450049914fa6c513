"""The paths of an archive as one tree: each place once, on every file system, and no link that leaves it."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from trustguard.sources.archive.entry import Entry, Kind, Unsound, shown
from trustguard.sources.archive.limits import Limits

__all__ = ["check_tree", "folded", "with_links"]


_DROPPED = re.compile(r"(?<=[^/])[. ]+(?=/|$)")


def folded(path: str) -> str:
    """What a path is to a file system that ignores case and the Unicode form (Unicode 3.13, D146).

    Or to one that drops dots and spaces at the end of a part.
    """
    if path[-1:] in {".", " "} or "./" in path or " /" in path:
        path = _DROPPED.sub("", path)
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def check_tree(entries: Iterable[Entry]) -> None:
    """Refuse paths that get in each other's way.

    Raises:
        Unsound: two entries have one path, perhaps on a file system that ignores case; or what is not a
            folder has something in it.
    """
    places: dict[str, Entry] = {}
    parents: set[str] = set()
    for entry in entries:
        place = folded(entry.path)
        if place in places:
            raise _twice(places[place].path, entry.path)
        places[place] = entry
        cut = place.rfind("/")
        while cut > 0 and (parent := place[:cut]) not in parents:
            parents.add(parent)
            cut = place.rfind("/", 0, cut)
    for parent in parents & places.keys():
        if places[parent].kind is not Kind.DIRECTORY:
            entry = places[parent]
            raise Unsound(f"{shown(entry.path)} is a {entry.kind.value}, and other entries are in it")


def _twice(one: str, other: str) -> Unsound:
    if one == other:
        return Unsound(f"it has two entries {shown(one)}")
    return Unsound(f"{shown(one)} and {shown(other)} are one path on some file systems")


def with_links(entries: Iterable[Entry], limits: Limits) -> tuple[Entry, ...]:
    """The same entries, with the place to which each link leads.

    Raises:
        Unsound: a symbolic link leads out of the folder at the top that it is in, or over too many others; a
            hard link leads to what is not a file before it; or there are too many of them.
    """
    whole = tuple(entries)
    links = {folded(entry.path): entry for entry in whole if entry.kind is Kind.SYMLINK}
    if len(links) > limits.links:
        raise Unsound(f"it has {len(links):,} symbolic links, more than {limits.links:,}")
    ends = _Ends(links, limits)
    files: dict[str, str] = {}
    found = []
    for entry in whole:
        leads_to = ""
        if entry.kind is Kind.SYMLINK:
            leads_to = ends.of(entry)
        elif entry.kind is Kind.HARDLINK:
            leads_to = _linked(entry, files)
        if entry.kind in {Kind.FILE, Kind.HARDLINK}:
            files[entry.path] = leads_to or entry.path
        found.append(replace(entry, leads_to=leads_to) if leads_to else entry)
    return tuple(found)


def _linked(entry: Entry, files: Mapping[str, str]) -> str:
    target = files.get(entry.target)
    if target is None:
        raise Unsound(
            f"{shown(entry.path)} is a hard link to {shown(entry.target)}, which is no file before it"
        )
    return target


class _Ends:
    """Where symbolic links end. Every link on the way is followed, as a file system does, and each once.

    Args:
        links: by their folded paths.
        limits: of links on the way to one end, and of targets.
    """

    def __init__(self, links: Mapping[str, Entry], limits: Limits) -> None:
        self._links = links
        self._limits = limits
        self._known: dict[str, tuple[str, int]] = {}

    def of(self, link: Entry) -> str:
        """The path at which a link ends, whether ``a/..`` in its target is left out first or followed.

        Newer versions of Python's tarfile leave it out when they unpack; file systems follow ``a``.
        """
        end = self._followed(link, 0)[0]
        plain = posixpath.normpath(link.target)
        if (
            ".." in link.target
            and plain != link.target
            and self._walked(replace(link, target=plain), 0)[0] != end
        ):
            raise Unsound(
                f"{shown(link.path)} leads to another place where links on its way are not followed"
            )
        return end

    def _followed(self, link: Entry, depth: int) -> tuple[str, int]:
        """The end of a link, and how many links are on the way to it, one behind the other."""
        if link.path not in self._known:
            self._known[link.path] = self._walked(link, depth)
        return self._known[link.path]

    def _walked(self, link: Entry, depth: int) -> tuple[str, int]:
        top = link.path.partition("/")[0]
        at, hops = link.path.rpartition("/")[0], 0
        for part in _steps(link, self._limits):
            at = at.rpartition("/")[0] if part == ".." else f"{at}/{part}"
            onward = self._links.get(folded(at))
            if onward is not None and depth < self._limits.link_hops:
                at, more = self._followed(onward, depth + 1)
                hops = max(hops, 1 + more)
            if (onward is not None and depth >= self._limits.link_hops) or hops > self._limits.link_hops:
                raise Unsound(f"{shown(link.path)} leads in a circle, or over too many links")
            if at != top and not at.startswith(f"{top}/"):
                raise _leads_out(link)
        return at, hops


def _steps(link: Entry, limits: Limits) -> list[str]:
    """The parts of a link's target."""
    target = link.target
    if not target or target[0] == "/" or target[1:2] == ":" or "\\" in target or "\x00" in target:
        raise _leads_out(link)
    if target.count("/") >= limits.depth or len(target.encode()) > limits.path_bytes:
        raise Unsound(f"the symbolic link {shown(link.path)} leads to a path that is too long, or too deep")
    return [part for part in target.split("/") if part not in {"", "."}]


def _leads_out(entry: Entry) -> Unsound:
    return Unsound(f"the symbolic link {shown(entry.path)} leads out of it, to {shown(entry.target)}")
