"""Everything that is worth showing of a distribution file's inside, from one open archive.

It decides nothing, so what cannot be read is left out and said, instead of raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from email.message import Message
from email.parser import HeaderParser
from typing import TypeVar

from packaging.utils import NormalizedName

from trustguard.model.contents import StartUp
from trustguard.model.errors import SourceRefused
from trustguard.model.finding import Finding
from trustguard.model.inspection import EntryPoint, Inspection, Item, Summary
from trustguard.model.project import FileKind, FileName
from trustguard.sources import core_metadata
from trustguard.sources.archive import Archive
from trustguard.sources.contents.compiled import compiled_parts
from trustguard.sources.contents.entry_points import pairs
from trustguard.sources.contents.excerpts import excerpts
from trustguard.sources.sdist import top_of_archive

T = TypeVar("T")

_LICENCE = 120
_CLASSIFIER = "License ::"


def inspect(
    archive: Archive,
    name: FileName,
    packed: int,
    findings: Iterable[Finding] = (),
    start_up: Sequence[StartUp] = (),
) -> Inspection:
    """Look at all that is inside.

    Args:
        archive: the file, open; an sdist best with :func:`trustguard.sources.sdist.is_at_the_top` kept.
        name: its name on the index.
        packed: its own size, in bytes.
        findings: what the checks have found, to be shown with the text that they are about.
        start_up: what runs by itself.
    """
    refusals: dict[str, None] = {}

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except SourceRefused as error:
            refusals[error.message] = None
            return None

    folder = _folder(archive)
    summary = attempt(lambda: _summary(archive, name))
    entry_points = attempt(lambda: tuple(_entry_points(archive, folder))) or ()
    compiled = attempt(lambda: tuple(compiled_parts(archive))) or ()
    return Inspection(
        packed=packed,
        items=tuple(_items(archive)),
        summary=summary,
        entry_points=entry_points,
        compiled=compiled,
        excerpts=tuple(excerpts(archive, folder, findings, start_up)),
        unread="; ".join(refusals),
    )


def _items(archive: Archive) -> Iterator[Item]:
    for entry in archive.entries:
        yield Item(entry.path, entry.kind.value, entry.size, entry.executable, entry.target)


def _folder(archive: Archive) -> str | None:
    """The first ``.dist-info`` folder; a file with several is refused, and shown all the same."""
    tops = dict.fromkeys(entry.path.partition("/")[0] for entry in archive.entries)
    return next((top for top in tops if top.casefold().endswith(".dist-info")), None)


def _entry_points(archive: Archive, folder: str | None) -> Iterator[EntryPoint]:
    path = f"{folder}/entry_points.txt"
    if folder is None or archive.entry(path) is None:
        return
    for group, name, value in pairs(archive.read(path).decode("utf-8", "replace")):
        if group:
            yield EntryPoint(group, name, value)


def _summary(archive: Archive, name: FileName) -> Summary | None:
    content = _metadata(archive, name.project, name.kind)
    if content is None:
        return None
    parsed, statement = core_metadata.parse(content), core_metadata.statement(content)
    message = HeaderParser().parsestr(content.decode("utf-8", "replace"))
    home = (f"Home-page, {statement.home_page}",) if statement.home_page else ()
    return Summary(
        metadata_version=_line(str(message.get("Metadata-Version", ""))),
        name=parsed.name,
        version=parsed.version,
        summary=statement.summary,
        licence=_licence(message),
        requires_python=parsed.requires_python,
        requires_dist=parsed.requires_dist,
        provides_extra=parsed.provides_extra,
        project_urls=(*home, *statement.project_urls),
    )


def _metadata(archive: Archive, project: NormalizedName, kind: FileKind) -> bytes | None:
    if kind is FileKind.WHEEL:
        return core_metadata.of_wheel(archive, project)
    return top_of_archive(archive).pkg_info


def _licence(message: Message) -> str:
    """The expression; before there was one, the classifiers, or the beginning of the licence itself."""
    stated = _line(str(message.get("License-Expression", "")))
    classifiers = (_line(str(one)) for one in message.get_all("Classifier", []))
    classified = [one.rpartition("::")[2].strip() for one in classifiers if one.startswith(_CLASSIFIER)]
    old = str(message.get("License", "")).strip().partition("\n")[0]
    return (stated or ", ".join(classified) or _line(old))[:_LICENCE]


def _line(text: str) -> str:
    return " ".join(text.split())
