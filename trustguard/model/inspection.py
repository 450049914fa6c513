"""What one distribution file is, for somebody who wants to look into it; nothing is decided by this.

What the checks look at stands in :mod:`trustguard.model.contents`, and is not repeated here.
"""

from __future__ import annotations

from typing import Literal

from trustguard.model.record import record

ItemKind = Literal["file", "directory", "symbolic link", "hard link"]
CompiledKind = Literal[
    "ELF",
    "Mach-O",
    "PE",
    "WebAssembly",
    "static library",
    "bytecode",
    "bytecode without source",
    "unknown",
]
"""What a compiled part is by its first bytes; unknown: by its name alone, and its bytes are none of these."""


@record
class Item:
    """One entry of an archive.

    Args:
        path: with ``/`` between its parts.
        kind: what it is.
        size: bytes, unpacked; 0 for what is not a file.
        executable: whether an installer makes it executable.
        target: what a link says; empty for what is none.
    """

    path: str
    kind: ItemKind
    size: int
    executable: bool = False
    target: str = ""


@record
class EntryPoint:
    """One line of ``entry_points.txt``, such as a command.

    Args:
        group: such as ``console_scripts``.
        name: such as the command's.
        value: what it stands for, ``module:attribute``.
    """

    group: str
    name: str
    value: str


@record
class Compiled:
    """A file that is run and cannot be read.

    Args:
        path: in the archive.
        size: bytes.
        kind: what it is.
    """

    path: str
    size: int
    kind: CompiledKind


@record
class Excerpt:
    """The text that a finding is about.

    Args:
        about: the finding's message.
        path: the file in which the text stands.
        line: at which it does, from 1; None where it is gathered from several.
        text: some of it.
        whole: whether nothing was cut off.
    """

    about: str
    path: str
    line: int | None
    text: str
    whole: bool = True


@record
class Summary:
    """Core metadata, as far as people ask for it.

    Args:
        metadata_version: which version of the specification it keeps to.
        name: the project's name, as its author spells it.
        version: the release.
        summary: one line.
        licence: the SPDX expression (PEP 639), or what was usual before it.
        requires_python: the Pythons that it is for.
        requires_dist: what it depends on.
        provides_extra: its extras.
        project_urls: ``label, address`` each; the home page as ``Home-page, address``.
    """

    metadata_version: str
    name: str
    version: str
    summary: str = ""
    licence: str = ""
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    project_urls: tuple[str, ...] = ()


@record
class Inspection:
    """What is in a file.

    Args:
        packed: its own size, in bytes.
        items: everything in it, in the order of the archive.
        summary: what it says of itself; None where it has no metadata that can be read.
        entry_points: of a wheel, in order.
        compiled: what cannot be read, in the order of the archive.
        excerpts: the text that findings are about.
        unread: why something of this is not known, one line; empty where everything is.
    """

    packed: int
    items: tuple[Item, ...]
    summary: Summary | None = None
    entry_points: tuple[EntryPoint, ...] = ()
    compiled: tuple[Compiled, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    unread: str = ""

    @property
    def files(self) -> int:
        """How many files there are, links included, as they are counted elsewhere."""
        return sum(item.kind != "directory" for item in self.items)

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return sum(item.size for item in self.items)
