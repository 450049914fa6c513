"""The guard's own addresses, and what each of them stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from urllib.parse import quote, urlsplit

from trustguard.model.project import DistributionFile
from trustguard.model.request import Direct
from trustguard.sources.credentials import split_userinfo

_OF_ONE_RUN = re.compile(r"(/files/\w+)\.\w+(/.+)")


def file_key(file: DistributionFile) -> str:
    """What stands for a file: the same in every run, so that pip's own cache of built wheels can find it."""
    return file.sha256 or "u" + sha256(file.url.encode()).hexdigest()


def file_path(file: DistributionFile, run: str = "") -> str:
    """The path at which a file of an index is served.

    Args:
        file: the file.
        run: what stands for the run, where the address is to be of one run alone; hexadecimal.
    """
    return f"/files/{file_key(file)}{f'.{run}' if run else ''}/{quote(file.filename)}"


def of_any_run(path: str) -> str:
    """The path at which a file is served, without the run that it may be of."""
    match = _OF_ONE_RUN.fullmatch(path)
    return match[1] + match[2] if match else path


def direct_path(direct: Direct) -> str:
    """The path at which a direct reference is served."""
    return f"/direct/{direct.key}/{quote(direct.filename)}"


class Originals:
    """Puts the guard's addresses back to those that they stand for.

    Args:
        origin: the guard's scheme, host and port.
        files: the files that were offered.
        directs: the direct references.
    """

    def __init__(self, origin: str, files: Iterable[DistributionFile], directs: Mapping[str, Direct]) -> None:
        self._origin = origin
        self._urls = {file_path(file): file.url for file in files}
        self._urls |= {direct_path(direct): split_userinfo(direct.url)[0] for direct in directs.values()}

    def __call__(self, url: str) -> str | None:
        """The address behind one of ours, its fragment kept; None for any other."""
        if not url.startswith(self._origin + "/"):
            return None
        parts = urlsplit(url)
        original = self._urls.get(of_any_run(parts.path))
        if original is None:
            return None
        return f"{original}#{parts.fragment}" if parts.fragment else original
