"""What an archive holds, in words that fit every format; and how its parts say what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Protocol

from trustguard.model.record import record

__all__ = ["Content", "Digest", "Entry", "Kind", "Unsound", "shown"]


class Kind(Enum):
    """What an entry is. There is nothing else: devices, pipes and sparse files are refused."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    HARDLINK = "hard link"


@record
class Entry:
    """One entry of an archive.

    Args:
        path: with ``/`` between its parts, and none at the end, nor ``./`` at the beginning.
        kind: what it is.
        size: bytes of content, unpacked; 0 for what is not a file.
        packed: bytes that its content takes in a zip file; 0 in a tar archive, which is packed as a whole.
        executable: whether an installer makes the file executable.
        target: what a link says, as it is written.
        leads_to: the path at which a link ends, once all links on the way are followed; there may be nothing.
    """

    path: str
    kind: Kind
    size: int
    packed: int
    executable: bool
    target: str = ""
    leads_to: str = ""


@record
class Digest:
    """What the content of one file is.

    Args:
        path: of the entry.
        size: bytes.
        values: hexadecimal digests by the name of their algorithm.
    """

    path: str
    size: int
    values: dict[str, str]

    @property
    def sha256(self) -> str:
        """The digest that is always made."""
        return self.values["sha256"]


class Unsound(Exception):
    """What is wrong with an archive, as the end of a sentence that begins with its name."""


class Content(Protocol):
    """The entries of an archive, and the way to what they hold. Raises :class:`Unsound`."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that it holds, in the order of the archive."""

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """The content of one file; at its end it has been compared with what the archive says of it."""

    def walk(self, wanted: frozenset[str] | None) -> Iterator[tuple[Entry, Iterator[bytes]]]:
        """Files with their content, in one pass; None is for all of them."""


def shown(path: str) -> str:
    """A path as a message may show it: quoted, in ASCII, and not without end."""
    return f"{path[:80]!a}"
