"""Lock files (PEP 751): every address in them is lifted; pip fetches what they pin through the guard.

Who must have published it, where they say so, is read from them as well.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trustguard.installers.pip.identities import Identities
from trustguard.installers.pip.references import STRONG_HASHES, References, is_url
from trustguard.model.errors import SourceRefused, UsageError

_EXTRAS = re.compile(r"(?P<path>.+?)(?P<extras>\[[^\]]*\])?")
_LIMIT = 32 * 1024 * 1024


def lift_lock(name: str, folder: Path, references: References, identities: Identities) -> str:
    """Copy a lock file with its addresses lifted.

    Args:
        name: what stands behind ``-r``: a path, with extras in brackets perhaps.
        folder: where the copy goes.
        references: collects the addresses.
        identities: collects who must have published what it names.

    Returns:
        The path of the copy, extras behind it.

    Raises:
        UsageError: the file cannot be read, is not TOML, or does not say whom it pins.
        SourceRefused: it names a place that cannot be vetted.
    """
    # pip's own copies: what pip will read must be read and written alike.
    from pip._internal.utils.compat import tomllib  # noqa: PLC0415
    from pip._vendor import tomli_w  # noqa: PLC0415

    match = _EXTRAS.fullmatch(name)
    location, extras = (match["path"], match["extras"] or "") if match else (name, "")
    if is_url(location):
        raise SourceRefused(f"{location}: a lock file is read from disk only", hint="download it first")
    path = references.cwd / location
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise UsageError(f"{location} is larger than {_LIMIT} bytes")
        lock: dict[str, Any] = tomllib.loads(content.decode())
    except OSError as error:
        raise UsageError(f"{location} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{location} is not a lock file (PEP 751): {error}") from error
    for number, package in enumerate(_tables(lock.get("packages"))):
        where = f"{location}: packages[{number}]"
        identities.read(package, where, f"lock file {location}")
        _lift_package(package, where, path.parent, references)
    # Its name stays, for it must be a lock file's; two of one name lie in folders of their own.
    copy = folder / hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16] / path.name
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    copy.write_bytes(tomli_w.dumps(lock).encode())
    return f"{copy}{extras}"


def _lift_package(package: dict[str, Any], where: str, beside: Path, references: References) -> None:
    marker = package.get("marker")
    if isinstance(marker, str) and not references.applies(f"it ; {marker}"):
        return  # it is for another target, and pip passes it by
    if "vcs" in package:
        raise SourceRefused(f"{where}: a version control reference cannot be vetted before it is fetched")
    directory = package.get("directory")
    if isinstance(directory, dict) and isinstance(directory.get("path"), str):
        folder = os.path.normpath(beside / directory["path"])
        if not os.path.isdir(folder):  # pip would take an archive there for what is to be installed
            raise UsageError(f"{where}.directory: {directory['path']} is no folder")
        directory["path"] = folder
    for kind in ("archive", "sdist"):
        if isinstance(package.get(kind), dict):
            _lift_file(package[kind], f"{where}.{kind}", beside, references)
    for number, wheel in enumerate(_tables(package.get("wheels"))):
        _lift_file(wheel, f"{where}.wheels[{number}]", beside, references)


def _lift_file(file: dict[str, Any], where: str, beside: Path, references: References) -> None:
    url, path = file.get("url"), file.pop("path", None)
    if isinstance(path, str):  # as in pip, a path comes before an address
        url = Path(os.path.normpath(beside / path)).as_uri()
    if not isinstance(url, str):
        raise UsageError(f"{where} has neither url nor path")
    hashes = file.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    pinned = f"{url.partition('#')[0]}#sha256={digest}" if isinstance(digest, str) else url
    # pip compares whichever there are.
    strong = isinstance(hashes, dict) and any(name in hashes for name in STRONG_HASHES)
    file["url"] = references.lift(pinned, "lock-file", where, pinned=strong).partition("#")[0]


def _tables(value: object) -> Iterator[dict[str, Any]]:
    yield from (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()
