"""What a distribution file says of its project's successor: out of its metadata, and nothing else of it."""

from __future__ import annotations

from email.parser import HeaderParser
from typing import BinaryIO

from trustguard.model.errors import SourceRefused
from trustguard.model.own_words import OwnWords
from trustguard.model.project import FileKind, FileName
from trustguard.sources import core_metadata
from trustguard.sources.archive import Archive, open_archive
from trustguard.sources.sdist import is_at_the_top, top_of_archive

_CLASSIFIERS = 200


def own_words(body: BinaryIO, name: FileName) -> OwnWords | None:
    """What a file says.

    Args:
        body: the file, which can be read at any place.
        name: its name on the index.

    Returns:
        None where it has no metadata, or cannot be read: that is the verdict's to tell.
    """
    try:
        with open_archive(body, name.filename, keep=is_at_the_top) as archive:
            content = _metadata(archive, name)
    except SourceRefused:
        return None
    return None if content is None or len(content) > core_metadata.METADATA_LIMIT else read(content)


def read(content: bytes) -> OwnWords:
    """What core metadata says. Nothing of it can be malformed: it is only text."""
    statement = core_metadata.statement(content)
    message = HeaderParser().parsestr(content.decode("utf-8", "replace"), headersonly=True)
    classifiers = (" ".join(str(one).split()) for one in message.get_all("Classifier", [])[:_CLASSIFIERS])
    return OwnWords(statement.summary, statement.description, tuple(classifiers))


def _metadata(archive: Archive, name: FileName) -> bytes | None:
    if name.kind is FileKind.WHEEL:
        return core_metadata.of_wheel(archive, name.project)
    return top_of_archive(archive).pkg_info
