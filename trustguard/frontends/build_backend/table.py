"""Which backend is the real one: ``[tool.trustguard.build-backend]`` in ``pyproject.toml``."""

from __future__ import annotations

import re
from pathlib import Path

from trustguard.config.document import Document, Node, parse, show
from trustguard.config.layers import BUILD_BACKEND, PYPROJECT, read_file
from trustguard.model.errors import ConfigError
from trustguard.model.record import record

_NAME, _PATH = "build-backend", "backend-path"
_TABLE = ("tool", "trustguard", BUILD_BACKEND)
_HINT = 'it names the real backend, such as build-backend = "hatchling.build"'
_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_REFERENCE = re.compile(rf"({_DOTTED})(?::({_DOTTED}))?")
_OURSELVES = "trustguard"


@record
class RealBackend:
    """What the table says, in the terms of PEP 517.

    Args:
        module: the module that is imported.
        attributes: the way from there to the object that has the hooks.
        path: the folders in which the module must be, in-tree; empty where it is installed.
        node: where the table names it, for messages.
    """

    module: str
    attributes: tuple[str, ...]
    path: tuple[Path, ...]
    node: Node

    @property
    def name(self) -> str:
        """As the table has it."""
        return str(self.node.value)


def read(root: Path) -> RealBackend:
    """Read the table.

    Args:
        root: the root of the source tree.

    Raises:
        ConfigError: there is none, or what it says cannot be meant; naming the file and the key.
    """
    content = read_file(root / PYPROJECT, PYPROJECT)
    if content is None:
        raise ConfigError(f"{PYPROJECT}: there is none in the source tree")
    nodes = _table(parse("project", PYPROJECT, content)).table((_NAME, _PATH))
    if _NAME not in nodes:
        raise ConfigError(f"{PYPROJECT}: {'.'.join(_TABLE)}.{_NAME} is missing", hint=_HINT)
    node = nodes[_NAME]
    module, attributes = _reference(node)
    path = _folders(nodes[_PATH], root.resolve()) if _PATH in nodes else ()
    return RealBackend(module, attributes, path, node)


def _table(document: Document) -> Node:
    node = Node(document, (), document.tree)
    for part in _TABLE:
        inside = node.table()
        if part not in inside:
            raise ConfigError(f"{PYPROJECT}: there is no [{'.'.join(_TABLE)}] table", hint=_HINT)
        node = inside[part]
    return node


def _reference(node: Node) -> tuple[str, tuple[str, ...]]:
    """A module, and perhaps an object in it."""
    found = _REFERENCE.fullmatch(node.value) if isinstance(node.value, str) else None
    if found is None:
        raise node.error(f"{show(node.value)} is not a module, or module:object")
    if found[1].partition(".")[0] == _OURSELVES:
        raise node.error(f"{show(node.value)} is trustguard's own, which leads back here", _HINT)
    return found[1], tuple(found[2].split(".")) if found[2] else ()


def _folders(node: Node, root: Path) -> tuple[Path, ...]:
    """PEP 517: relative to the project's root, and inside of the source tree once links are followed."""
    if not isinstance(node.value, list) or not node.value:
        raise node.error(f"{show(node.value)} is not a list of folders")
    return tuple(_folder(node.child(number, value), root) for number, value in enumerate(node.value))


def _folder(node: Node, root: Path) -> Path:
    if not isinstance(node.value, str):
        raise node.error(f"{show(node.value)} is not a folder's name")
    folder = (root / node.value).resolve()
    if Path(node.value).is_absolute() or not folder.is_relative_to(root):
        raise node.error(f"{show(node.value)} leads out of the source tree")
    if not folder.is_dir():
        raise node.error(f"there is no folder {show(node.value)} in the source tree")
    return folder
