"""Opens a file that has been received, once, and makes facts of what is in it. It blocks: use a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from typing import BinaryIO

from trustguard.model.claims import Statement
from trustguard.model.contents import Contents, Laid, Occupied
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import Absent, Fact, Known, NotApplicable, Unavailable
from trustguard.model.project import FileKind, FileName
from trustguard.model.record import record
from trustguard.sources import core_metadata
from trustguard.sources.archive import Archive, open_archive
from trustguard.sources.contents import examine, unsound
from trustguard.sources.sdist import is_at_the_top, top_of_archive
from trustguard.vetting import Bytes


@record
class Inside:
    """What was learned.

    Args:
        received: the facts.
        statement: what the file says of origin and authors.
        metadata: the METADATA of a wheel, or the PKG-INFO of an sdist where it holds for whatever is built
            from it; otherwise empty.
        laid: what a wheel would put into an environment.
    """

    received: Bytes
    statement: Statement = field(default_factory=Statement)
    metadata: bytes = b""
    laid: Laid = field(default_factory=dict)


def look_inside(body: BinaryIO, name: FileName, received: Bytes, occupied: Callable[[], Occupied]) -> Inside:
    """Learn what a file's bytes tell.

    An archive that is not sound is no failure of a source: this is the first thing to know about it.

    Args:
        body: the file, which can be read at any place.
        name: its name on the index.
        received: what is known of the bytes so far.
        occupied: says whose the files of the target are.
    """
    try:
        with open_archive(body, name.filename, keep=is_at_the_top) as archive:
            examined = examine(archive, name, occupied)
            received = replace(received, contents=Known(examined.contents))
            read = _wheel if name.kind is FileKind.WHEEL else _sdist
            return replace(read(archive, name, received), laid=examined.laid)
    except SourceRefused as error:
        return Inside(_lost(received, name, error))


def _wheel(archive: Archive, name: FileName, received: Bytes) -> Inside:
    content = core_metadata.of_wheel(archive, name.project)
    received = replace(received, metadata=Known(core_metadata.parse(content)))
    return _with_claims(received, content, metadata=content)


def _sdist(archive: Archive, name: FileName, received: Bytes) -> Inside:  # noqa: ARG001 - as of a wheel
    top = top_of_archive(archive)
    stated, requires = core_metadata.binding(top), top.build_requires
    received = replace(
        received,
        metadata=Absent() if stated is None else Known(stated),
        build_requires=Absent() if requires is None else Known(requires),
        build=Known(top.build),
    )
    return _with_claims(received, top.pkg_info, metadata=core_metadata.static(top) or b"")


def _with_claims(received: Bytes, content: bytes | None, metadata: bytes = b"") -> Inside:
    """What a file says of origin and authors; nothing, where it has no metadata."""
    if content is None:
        return Inside(received)
    statement = core_metadata.statement(content)
    return Inside(replace(received, claims=Known(statement.claims)), statement, metadata)


def _lost(received: Bytes, name: FileName, error: SourceRefused) -> Bytes:
    """What is known of a file that could not be read to its end."""
    unreadable = Unavailable("artifact", str(error))
    what_is_wrong = unsound(error)
    contents: Fact[Contents] = unreadable
    if what_is_wrong is not None:
        seen = received.contents.value if isinstance(received.contents, Known) else Contents()
        contents = Known(replace(seen, faults=(*seen.faults, *what_is_wrong.faults)))
    return replace(
        received,
        metadata=unreadable,
        build_requires=unreadable if name.kind is FileKind.SDIST else received.build_requires,
        build=unreadable if name.kind is FileKind.SDIST else NotApplicable("it is built already"),
        claims=unreadable,
        contents=contents,
    )
