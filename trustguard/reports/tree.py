"""What an archive holds, on one page: folders are summed, and opened as long as there is room."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trustguard.model.inspection import Item
from trustguard.model.record import record

_CHILDREN = 8


@record
class Row:
    """One line of the tree.

    Args:
        depth: how many folders it stands in that have lines of their own.
        name: below these; of a folder with ``/`` at its end; empty for what is left of a folder.
        files: how many there are in it; 1 for a file.
        size: bytes.
    """

    depth: int
    name: str
    files: int
    size: int


@dataclass(slots=True, eq=False)
class _Node:
    """A file, or a folder with all that is in it."""

    name: str
    files: int = 0
    size: int = 0
    children: dict[str, _Node] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        """Put a file in its place, and count it in every folder on the way."""
        node = self
        node.files, node.size = node.files + 1, node.size + item.size
        for part in item.path.split("/"):
            node = node.children.setdefault(part, _Node(part))
            node.files, node.size = node.files + 1, node.size + item.size

    def joined(self) -> _Node:
        """The same, where a folder that holds nothing but a folder is one line with it."""
        inner = [one.joined() for one in self.children.values()]
        if self.name and len(inner) == 1 and inner[0].children:
            return _Node(f"{self.name}/{inner[0].name}", self.files, self.size, inner[0].children)
        return _Node(self.name, self.files, self.size, {one.name: one for one in inner})

    def shown(self) -> tuple[list[_Node], list[_Node]]:
        """Its children, the largest first, as far as they get lines of their own; and the others."""
        ordered = sorted(self.children.values(), key=lambda one: (-one.size, one.name))
        # A line for one file that is left out would take as much room as the file's own.
        cut = _CHILDREN if len(ordered) > _CHILDREN + 1 else len(ordered)
        return ordered[:cut], ordered[cut:]


def folded(items: Iterable[Item], most: int) -> list[Row]:
    """The tree in so many lines at most; more only where the top alone has more.

    Args:
        items: everything in the archive; what is a folder by itself has nothing to add.
        most: lines.
    """
    root = _Node("")
    for item in items:
        if item.kind != "directory":
            root.add(item)
    root = root.joined()
    return list(_rows(root, _opened(root, most), 0))


def _opened(root: _Node, most: int) -> set[_Node]:
    """The folders whose children are shown: the outer ones first, then the larger, while there is room."""
    opened: set[_Node] = set()
    lines = number = 0
    waiting = [(0, 0, 0, root)]
    while waiting:
        depth, _, _, node = heapq.heappop(waiting)
        children, others = node.shown()
        more = len(children) + bool(others)
        if opened and lines + more > most:
            continue
        opened.add(node)
        lines += more
        for child in children:
            if child.children:
                number += 1
                heapq.heappush(waiting, (depth + 1, -child.size, number, child))
    return opened


def _rows(node: _Node, opened: set[_Node], depth: int) -> Iterator[Row]:
    children, others = node.shown()
    for child in children:
        slash = "/" if child.children else ""
        yield Row(depth, child.name + slash, child.files, child.size)
        if child in opened:
            yield from _rows(child, opened, depth + 1)
    if others:
        yield Row(depth, "", sum(one.files for one in others), sum(one.size for one in others))
