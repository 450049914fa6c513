"""What a distribution says of itself: METADATA of a wheel, ``.metadata`` of an index, build requirements.

Read with the parser that pip's metadata goes through (:mod:`email`), so that both see the same lines. Reading
blocks; callers in an event loop use a thread.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from email.parser import HeaderParser
from email.utils import getaddresses
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from trustguard.model.claims import Statement
from trustguard.model.errors import SourceRefused
from trustguard.model.evidence import CoreMetadata
from trustguard.model.project import FileName, project_name
from trustguard.model.record import record
from trustguard.sources.archive import LIMITS, Archive, open_archive
from trustguard.sources.sdist import DEEPEST, SdistTop, top_of_sdist

__all__ = [
    "METADATA_LIMIT",
    "SdistTop",
    "binding",
    "from_wheel",
    "of_wheel",
    "parse",
    "people",
    "statement",
    "static",
    "top_of_sdist",
]

METADATA_LIMIT = LIMITS.metadata_bytes
"""Bytes of a METADATA file."""
_SUFFIX = ".dist-info"

_URLS_LIMIT = 100
_PEOPLE_LIMIT = 4_000
"""Characters of addresses that are taken apart, which takes the square of their number at worst."""
_PLACEHOLDER = re.compile(
    r"unknown|none|n/?a|author|me|your name|example author|first last|you@.*"
    r"|[^@]*@(?:[^@]*\.)?example\.(?:com|org|net)"
)
"""What stands where nobody has written who it was."""

_DEVELOPMENT_STATUS = "Development Status :: "
"""How a classifier begins that says how far a project is."""
_STATUS_LIMIT = 40
"""Characters; the longest that there is has 21."""

_BINDING = Version("2.2")
"""From this metadata version on, what an sdist's PKG-INFO says holds for what is built from it (PEP 643)."""

_RESOLUTION = {"requires-dist", "requires-python", "provides-extra"}
"""The fields that a resolver asks for, in lower case; Name and Version are never dynamic."""
_QUOTED = ("Requires-Dist", "Requires-Python", "Provides-Extra")
"""What pip quotes as it stands when it has something to say of it."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_FOLD = frozenset("\t\r\n")


@record
class _Message:
    """What :mod:`email` makes of metadata: fields by their names in lower case, and the text behind them."""

    fields: Mapping[str, Sequence[str]]
    body: str

    def every(self, field: str) -> tuple[str, ...]:
        """The values of a field, unfolded."""
        return tuple(_line(value) for value in self.fields.get(field.lower(), ()))

    def one(self, field: str) -> str:
        """The first of them; empty where there is none."""
        return _line(next(iter(self.fields.get(field.lower(), ())), ""))


@lru_cache(maxsize=1)
def _read(content: bytes) -> _Message:
    """Read metadata. The same is asked for several things, one after the other, and may be long."""
    message = HeaderParser().parsestr(content.decode("utf-8", "replace"))
    fields: dict[str, list[str]] = {}
    for name, value in message.items():
        fields.setdefault(name.lower(), []).append(str(value))
    return _Message(fields, str(message.get_payload()))


def binding(top: SdistTop) -> CoreMetadata | None:
    """What an sdist says of itself, where that holds for what is built from it.

    Returns:
        None where there is no PKG-INFO, or one from before PEP 643, when it was anybody's guess.

    Raises:
        SourceRefused: it should hold, and cannot be read.
    """
    if top.pkg_info is None:
        return None
    try:
        holds = Version(_read(top.pkg_info).one("Metadata-Version")) >= _BINDING
    except ValueError:  # not a version, or one with numbers that Python does not read
        return None
    return parse(top.pkg_info) if holds else None


def static(top: SdistTop) -> bytes | None:
    """The PKG-INFO of an sdist, where nothing that decides what it depends on is left to the build (PEP 643).

    Returns:
        None where there is none, it is older than that, or has one of these fields among the dynamic ones.
    """
    if top.pkg_info is None or binding(top) is None:
        return None
    dynamic = {field.casefold() for field in _read(top.pkg_info).every("Dynamic")}
    return None if dynamic & _RESOLUTION else top.pkg_info


def parse(content: bytes) -> CoreMetadata:
    """Read core metadata (https://packaging.python.org/specifications/core-metadata/).

    Bytes that are not UTF-8 do no harm where they stand in a description; in a field they are replaced.

    Raises:
        SourceRefused: too large, or Name or Version is missing, there twice, or not one; or a requirement is
            nested too deeply for parsers, or has characters that a terminal obeys or does not show. One that
            is malformed otherwise is the installer's to pass over: old releases have such.
    """
    if len(content) > METADATA_LIMIT:
        raise _refused(f"it is larger than {METADATA_LIMIT:,} bytes")
    message = _read(content)
    name, version = _only(message.every("Name"), "Name"), _only(message.every("Version"), "Version")
    try:
        project_name(name)
    except ValueError as error:
        raise _refused(f"its Name is {name!r:.80}") from error
    try:
        Version(version)
    except ValueError as error:  # not a version, or one with numbers that Python does not read
        raise _refused(f"its Version is {version!r:.80}") from error
    _check_what_is_quoted(message.fields)
    requires_dist = message.every("Requires-Dist")
    if any(line.count("(") > DEEPEST for line in requires_dist):
        raise _refused(f"a requirement of it has more than {DEEPEST} brackets")
    return CoreMetadata(
        name=name,
        version=version,
        requires_dist=requires_dist,
        requires_python=message.one("Requires-Python"),
        provides_extra=message.every("Provides-Extra"),
    )


def _check_what_is_quoted(fields: Mapping[str, Sequence[str]]) -> None:
    for field in _QUOTED:
        for value in fields.get(field.lower(), ()):
            if not value.isprintable() and any(map(_is_unseen, value)):
                raise _refused(
                    f"its {field} has a character in it that cannot be seen: {_line(value)[:80]!a}"
                )


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN and char not in _FOLD


def statement(content: bytes) -> Statement:
    """What core metadata says of origin and authors. Nothing of it can be malformed: it is only text.

    Args:
        content: a METADATA or PKG-INFO that :func:`parse` accepts.
    """
    message = _read(content)
    description = next(iter(message.fields.get("description", ())), "")
    return Statement(
        summary=message.one("Summary"),
        description=description or message.body,
        project_urls=message.every("Project-URL")[:_URLS_LIMIT],
        home_page=message.one("Home-page"),
        people=people(
            names=(message.one("Author"), message.one("Maintainer")),
            emails=(message.one("Author-email"), message.one("Maintainer-email")),
        ),
        development_status=_development_status(message.every("Classifier")),
    )


def _development_status(classifiers: Iterable[str]) -> str:
    """The last one that there is: they are numbered, and whoever states two has forgotten the earlier."""
    stated = (one for one in classifiers if one.startswith(_DEVELOPMENT_STATUS))
    return max((one.removeprefix(_DEVELOPMENT_STATUS)[:_STATUS_LIMIT] for one in stated), default="")


def people(names: Iterable[str], emails: Iterable[str]) -> tuple[str, ...]:
    """Authors and maintainers in one form: folded, each once, and nobody who is a placeholder.

    Args:
        names: of ``Author`` and ``Maintainer``, each perhaps a list with commas.
        emails: of ``Author-email`` and ``Maintainer-email``, each perhaps with names.
    """
    found = [name.strip() for line in names for name in line.split(",")]
    for line in emails:
        found += _addresses(line[:_PEOPLE_LIMIT])
    folded = (" ".join(one.casefold().split()) for one in found)
    real = (one for one in folded if one and not _PLACEHOLDER.fullmatch(one))
    return tuple(dict.fromkeys(real))[:_URLS_LIMIT]


def _addresses(line: str) -> Iterable[str]:
    """The names and addresses of a line; the line itself where nobody can take it apart."""
    try:
        found = [*chain.from_iterable(getaddresses([line]))]
    except RecursionError:  # it has comments in comments, thousands of them
        found = []
    # Newer Pythons find nothing in what is not well-formed, older ones a part of it (CVE-2023-27043).
    return found if any(found) or not any(map(str.isalnum, line)) else [line]


def from_wheel(wheel: Path | BinaryIO, filename: str) -> bytes:
    """The METADATA of a wheel, without unpacking anything else.

    Args:
        wheel: the file, or its path.
        filename: its name on the index, which says whose metadata it must be.

    Raises:
        SourceRefused: it is not a zip file that can be read in one way only
            (:func:`trustguard.sources.archive.open_archive`), or there is not exactly one ``.dist-info``
            folder with a METADATA and of the project's name.
    """
    try:
        project = FileName.parse(filename).project
    except ValueError as error:
        raise SourceRefused(f"not a wheel's file name: {filename!r:.80}") from error
    with open_archive(wheel, filename) as archive:
        return of_wheel(archive, project)


def of_wheel(archive: Archive, project: NormalizedName) -> bytes:
    """The METADATA of a wheel that is open.

    Raises:
        SourceRefused: there is not exactly one ``.dist-info`` folder with a METADATA and of the project's
            name.
    """
    return archive.read(f"{_folder(archive, project)}/METADATA")


def _folder(archive: Archive, project: NormalizedName) -> str:
    """The one ``.dist-info`` folder, which must be the project's."""
    tops = {entry.path.partition("/")[0] for entry in archive.entries}
    folders = [top for top in tops if top.lower().endswith(_SUFFIX)]
    if len(folders) != 1:
        raise archive.refused(f"it has {len(folders)} .dist-info folders instead of one")
    if not _is_of(folders[0], project):
        raise archive.refused(f"its metadata is in {folders[0][:80]!a}, which is another project's")
    return folders[0]


def _is_of(folder: str, project: NormalizedName) -> bool:
    """Whether a ``.dist-info`` folder is the project's, in old wheels with hyphens in the name as well."""
    stem = folder[: -len(_SUFFIX)]
    cuts = (place for place, char in enumerate(stem) if char == "-")
    return any(canonicalize_name(stem[:cut]) == project for cut in cuts)


def _only(values: tuple[str, ...], field: str) -> str:
    if len(values) != 1:
        raise _refused(f"it has {len(values)} fields {field} instead of one")
    return values[0]


def _line(value: str) -> str:
    """A field's value, unfolded."""
    return " ".join(value.split())


def _refused(why: str) -> SourceRefused:
    return SourceRefused(f"core metadata is malformed: {why}")
