"""What pip did, from its own report, with the guard's addresses put back to those that they stand for."""

from __future__ import annotations

import base64
import codecs
import csv
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.installers.pip.plan import Plan
from trustguard.installers.pip.stamps import Stamps, stamps
from trustguard.installers.site_packages.files import compare
from trustguard.installers.site_packages.readable import of_folders
from trustguard.model.contents import Occupied
from trustguard.model.errors import InstallerError, StoreError
from trustguard.model.record import record

_BESIDE = re.compile(r"(?:\.\./)+")
"""How a path begins that leads out of site-packages, to the environment that this is in."""
Original = Callable[[str], str | None]
"""The address that one of the guard's stands for; None where it stands for none."""


@record
class Installed:
    """A distribution that pip has installed, or would install in a dry run."""

    name: str
    version: str
    filename: str
    """The wheel or sdist that it came from; empty for a folder of the user's own."""
    url: str
    guarded: bool
    """Whether it came through the guard; else it is a folder, or an archive that pip opened by itself."""
    imports: tuple[str, ...] = ()
    """Top-level import names."""


@record
class PipReport:
    """pip's installation report.

    Args:
        items: what pip has installed.
        document: the report with the addresses put back.
    """

    items: tuple[Installed, ...]
    document: Mapping[str, Any]

    def hand_on(self, plan: Plan, out: TextIO) -> None:
        """Write the report to where the user wants it, if he does.

        Args:
            plan: what the user asked for.
            out: what is meant by ``-``.

        Raises:
            StoreError: it cannot be written there.
        """
        wanted = plan.values.get("json_report_file")
        # It may end on a terminal, and what packages say of themselves is in it.
        text = json.dumps(self.document, indent=2, ensure_ascii=True)
        if wanted == "-":
            out.write(text + "\n")
        elif wanted:
            try:
                Path(wanted).write_text(text, encoding="utf-8")
            except OSError as error:
                raise StoreError(f"--report {wanted}: {error.strerror}") from error


def load_what_reading_needs() -> None:
    """Import what this module will need: parts of ``importlib.metadata`` are loaded on first use.

    So is the codec in which ``zipfile`` reads a name that does not say that it is in UTF-8.
    """
    codecs.lookup("cp437")
    for dist in distributions(name="pip"):
        if dist.metadata["Name"] and dist.files is not None and dist.requires is not None:
            return


def read_report(path: Path, plan: Plan, original: Original) -> PipReport:
    """Read pip's report.

    Args:
        path: where pip wrote it.
        plan: what the user asked for.
        original: puts addresses back.

    Raises:
        InstallerError: there is no report, or not in a form that is known.
    """
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
        items = [_installed(item, original) for item in report["install"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InstallerError(f"pip's installation report cannot be read: {error!r}") from error
    if not plan.values.get("dry_run"):
        items = [replace(item, imports=_imports_of(item, plan.destinations)) for item in items]
    return PipReport(tuple(items), report)


def _installed(item: Mapping[str, Any], original: Original) -> Installed:
    info = item["download_info"]
    behind = original(info["url"])
    info["url"] = url = behind or info["url"]
    filename = "" if "dir_info" in info else unquote(urlsplit(url).path.rpartition("/")[2])
    return Installed(item["metadata"]["name"], item["metadata"]["version"], filename, url, behind is not None)


def put_direct_urls_back(items: Iterable[Installed], folders: Iterable[str], original: Original) -> None:
    """Have each ``direct_url.json`` (PEP 610) name the address that the user gave, and correct RECORD."""
    for item in items:
        dist = _find(item.name, folders)
        path = None if dist is None else _folder(dist) / "direct_url.json"
        if path is None or not path.is_file():
            continue
        content = json.loads(path.read_bytes())
        url = original(content.get("url", ""))
        if url is not None:
            content["url"] = url
            _replace(path, json.dumps(content).encode())
            _record(path)


def _record(path: Path) -> None:
    """Correct the line of RECORD that speaks of a file in the same dist-info folder."""
    content = path.read_bytes()
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    name = f"{path.parent.name}/{path.name}"
    record = path.with_name("RECORD")
    lines = [
        f"{name},sha256={digest},{len(content)}" if line.startswith(f"{name},") else line
        for line in record.read_text(encoding="utf-8").splitlines()
    ]
    _replace(record, ("\n".join(lines) + "\n").encode())


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)


def come_since(items: Iterable[Installed], folders: Sequence[str], before: Stamps) -> tuple[Installed, ...]:
    """Those that pip has installed before it failed, or was interrupted.

    Args:
        items: what it was about to install.
        folders: where to.
        before: the RECORDs that were there before it ran.
    """
    fresh = {path.parent for path, stamp in stamps(folders).items() if before.get(path) != stamp}
    there = {
        (canonicalize_name(dist.metadata["Name"] or ""), dist.version)
        for dist in of_folders(folders)
        if _folder(dist) in fresh
    }
    return tuple(item for item in items if (canonicalize_name(item.name), item.version) in there)


def left_as_they_were(items: Iterable[Installed], folders: Iterable[str]) -> dict[Installed, str]:
    """Of each distribution that is not what was installed, a file that shows it.

    Args:
        items: what pip says that it has installed.
        folders: where to.
    """
    infos = {
        (canonicalize_name(dist.metadata["Name"] or ""), dist.version): _folder(dist)
        for dist in of_folders(folders)
    }
    left: dict[Installed, str] = {}
    for item in items:
        info = infos.get((canonicalize_name(item.name), item.version))
        if info is not None:
            deviations = compare(info, info.parent, lambda: None)[0].deviations
            if deviations:
                left[item] = deviations[0].path
    return left


def _imports_of(item: Installed, folders: Iterable[str]) -> tuple[str, ...]:
    dist = _find(item.name, folders)
    return () if dist is None else imports_of(dist)


def imports_of(dist: Distribution) -> tuple[str, ...]:
    """The top-level import names of a distribution, as its RECORD has them."""
    names = set()
    for file in dist.files or ():
        top = file.parts[0] if file.parts else ""
        if len(file.parts) == 1:
            stem, dot, ending = top.partition(".")
            top = stem if dot and ending.rpartition(".")[2] in ("py", "so", "pyd") else ""
        if top.isidentifier() and top != "__pycache__":
            names.add(top)
    return tuple(sorted(names))


def _find(name: str, folders: Iterable[str]) -> Distribution | None:
    wanted = canonicalize_name(name)
    for dist in of_folders(folders):
        if canonicalize_name(dist.metadata["Name"] or "") == wanted:
            return dist
    return None


def _folder(dist: Distribution) -> Path:
    if not isinstance(dist, PathDistribution):
        raise InstallerError(f"{dist.metadata['Name']} is installed in a way that is not known")
    return Path(str(dist._path))  # noqa: SLF001 - no public name for where the metadata lies


def relied_on(
    roots: Iterable[str], plan: Plan, vetted: Mapping[NormalizedName, str]
) -> tuple[tuple[str, str], ...]:
    """Distributions that were there already and that a command relies on, but that nobody vetted.

    Args:
        roots: what was asked for, as requirements.
        plan: knows the target.
        vetted: what the ledger knows, with the versions: another version came by another way.

    Returns:
        Name and version of each.
    """
    folders = dict.fromkeys((*plan.destinations, plan.target.purelib, plan.target.platlib))
    there = {canonicalize_name(d.metadata["Name"] or ""): d for d in of_folders(folders)}
    seen: dict[NormalizedName, None] = {}
    waiting = list(roots)
    while waiting:
        name = _name(waiting.pop(), plan.target.markers)
        if name is not None and name in there and name not in seen:
            seen[name] = None
            waiting += there[name].requires or ()
    versions = ((name, there[name].version) for name in sorted(seen))
    return tuple((name, version) for name, version in versions if vetted.get(name) != version)


def occupied(folders: Iterable[str]) -> Occupied:
    """Whose the files in some site-packages folders are, as the RECORDs there say (PEP 376, 627).

    What cannot be read says nothing: it is the target's own, and nobody is installing it now. Files of the
    ``.dist-info`` folders, and bytecode, are left out.

    Args:
        folders: site-packages folders; one that is not there is empty.
    """
    places = [Path(folder) for folder in folders]
    records = (record for place in places for record in sorted(place.glob("*.dist-info/RECORD")))
    return Occupied.of(
        ((canonicalize_name(record.parent.name.partition("-")[0]), _laid(record)) for record in records),
        folds=any(map(_folds, places)),
    )


def _folds(folder: Path) -> bool:
    """Whether a folder is found under its name in other letters too, and so is what is in it."""
    try:
        return folder.with_name(folder.name.swapcase()).samefile(folder)
    except (OSError, ValueError):
        return False


def _laid(record: Path) -> dict[str, str]:
    """The files that a RECORD lists, as :data:`.Laid` has them."""
    if not record.is_file():  # a pipe would be waited for
        return {}
    try:
        rows = csv.reader(record.read_text(encoding="utf-8").splitlines())
        listed = [(row[0], row[1]) for row in rows if len(row) > 1]
    except (OSError, ValueError, csv.Error):
        return {}
    return {
        _BESIDE.sub("../", path): digest
        for path, digest in listed
        if ".dist-info/" not in path and "__pycache__/" not in path
    }


def _name(text: str, markers: Mapping[str, str]) -> NormalizedName | None:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    if requirement.marker and not requirement.marker.evaluate({**markers, "extra": ""}):
        return None
    return canonicalize_name(requirement.name)
