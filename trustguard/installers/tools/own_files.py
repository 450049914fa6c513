"""Distribution files that lie on this machine, where a user has said that they may be taken from there.

Programs read such folders by themselves, and nobody vets what is in them: they are the user's own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.utils import NormalizedName
from packaging.version import InvalidVersion, Version

from trustguard.installers.tools.configured import folders as projects
from trustguard.installers.tools.files import UvFile, strings, table, tables, toml, uv_files, values_of
from trustguard.model.project import FileName

_VARIABLES = ("UV_FIND_LINKS", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_INDEX_URL")
_OPTIONS = ("-f", "--find-links", "--index", "--default-index", "--index-url", "--extra-index-url", "-i")
_LISTS = {".txt", ".in"}
_IN_LIST = re.compile(
    r"^[ \t]*(?:-f|--find-links|-i|--index-url|--extra-index-url)[ \t=]*(\S+)", re.MULTILINE
)


def folders(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> tuple[Path, ...]:
    """The folders of files that uv, pdm and what stands on the command line are configured with.

    Args:
        cwd: the folder that the program runs in.
        environ: its environment.
        arguments: its command line.
    """
    return tuple(dict.fromkeys(path for path in _named(cwd, environ, arguments) if os.path.isdir(path)))


def places(words: Iterable[str], cwd: Path) -> tuple[Path, ...]:
    """The folders on this machine among what pip is told of, by their paths or addresses."""
    return tuple(path for word in words for path in _places(word, (cwd,)) if os.path.isdir(path))


def is_from(
    place: Path, project: NormalizedName, version: str, own: Iterable[Path], urls: Container[str]
) -> bool:
    """Whether something that is installed may have come from a folder, a file, or an address.

    Args:
        place: the site-packages folder that it is in.
        project: what it is.
        version: as its metadata has it.
        own: folders of files.
        urls: addresses of archives.
    """
    url = next((address(one) for one in distributions(name=project, path=[str(place)])), "")
    if url in urls or _lies_in(own, project, version):
        return True
    file = Path(unquote(urlsplit(url).path))
    if not (url.startswith("file:") and _is_of(file.name, project, version)):
        return False
    # A wheel may bring such a claim along; it does not know where it will be. What tox builds is gone by now.
    return file.is_file() or any(above in file.parents for above in _around(place))


def normal(version: str) -> str:
    """A version as file names have it (PEP 440); as it is, where it is none."""
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def address(found: Distribution) -> str:
    """Where a distribution was installed from, as an archive, as its direct_url.json says; or nothing."""
    with suppress(ValueError, TypeError, KeyError):
        read = json.loads(found.read_text("direct_url.json") or "{}")
        return str(read["url"]) if "archive_info" in read else ""
    return ""


def _around(place: Path) -> Iterator[Path]:
    """The folder that an environment lies in."""
    yield from (above.parent for above in place.parents if (above / "pyvenv.cfg").is_file())


def _lies_in(places: Iterable[Path], project: NormalizedName, version: str) -> bool:
    """Whether a release's file is in one of the folders, or in one there that is named like its project."""
    return any(
        _is_of(file.name, project, version)
        for place in places
        for folder in (place, place / project)
        for file in folder.glob("*")
    )


def _is_of(filename: str, project: NormalizedName, version: str) -> bool:
    try:
        name = FileName.parse(filename)
    except ValueError:
        return False
    return name.project == project and str(name.version) == normal(version)


def _named(cwd: Path, environ: Mapping[str, str], arguments: Sequence[str]) -> Iterator[Path]:
    words = [word for name in _VARIABLES for word in re.split(r"[\s,]+", environ.get(name, ""))]
    words += [value for option in _OPTIONS for value in values_of(option, arguments)]
    for word in words:
        yield from _places(word, (cwd,))
    for file in uv_files(cwd, environ, arguments):
        yield from _of_uv(file)
    for folder in projects(cwd, arguments):
        pdm = table(table(toml(folder / "pyproject.toml"), "tool"), "pdm")
        for url in (url for source in tables(pdm.get("source")) for url in strings([source.get("url")])):
            yield from _places(url, (folder,))
    for argument in arguments:
        listing = cwd / argument.rpartition("=")[2]
        if listing.suffix in _LISTS:
            for word in _IN_LIST.findall(_text(listing)):
                yield from _places(word, (listing.parent, cwd))


def _of_uv(file: UvFile) -> Iterator[Path]:
    settings = file.readable()
    for one in (settings, table(settings, "pip")):
        links = [*strings(one.get("find-links")), *strings(one.get("extra-index-url"))]
        links += strings([one.get("index-url")])
        links += [url for index in tables(one.get("index")) for url in strings([index.get("url")])]
        for word in links:
            yield from _places(word, (file.path.parent,))


def _places(word: str, bases: Iterable[Path]) -> Iterator[Path]:
    word = word.rpartition("=")[2]  # an index may have a name before it
    if word and not word.startswith(("http:", "https:")):
        yield from (_local(word, base) for base in bases)


def _local(word: str, base: Path) -> Path:
    return base / (unquote(urlsplit(word).path) if word.startswith("file:") else word)


def _text(file: Path) -> str:
    try:
        return UvFile(file).text()
    except (OSError, ValueError):
        return ""
