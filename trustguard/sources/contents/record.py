"""RECORD (PEP 376, 627): every file of a wheel, with its digest; and what honest old wheels do otherwise."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.record import record
from trustguard.sources.archive import LIMITS, Archive, Kind
from trustguard.sources.archive.entry import shown
from trustguard.sources.contents.compiled import BYTECODE, source_of
from trustguard.sources.contents.faults import Faults

_GOOD = frozenset(
    {"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"},
)
""""sha256 or better" (PEP 427); of what is in every Python."""
_NOT_LISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_COLUMNS = 3


@record
class Line:
    """A line of RECORD: the path, the name of an algorithm, the digest in base64, and the size as text."""

    path: str
    algorithm: str
    digest: str
    size: str


def compare_record(archive: Archive, folder: str, faults: Faults) -> dict[str, str]:
    """Hold a wheel against its RECORD, reading every byte of it.

    Args:
        archive: the wheel.
        folder: its ``.dist-info``.
        faults: is told what is wrong.

    Returns:
        The digest of every file by its path, in the form of RECORD (``sha256=…``).

    Raises:
        SourceRefused: the content of a file is not what the archive states.
    """
    path = f"{folder}/RECORD"
    entry = archive.entry(path)
    if entry is None:
        faults.add("record", "it has no RECORD")
        return dict(_digests(archive, {}))
    own = canonicalize_name(folder.partition("-")[0])
    lines = _lines(archive, archive.read(path, LIMITS.record_bytes), own, faults)
    found = dict(_digests(archive, lines))
    exempt = {f"{folder}/{name}" for name in _NOT_LISTED}
    for one, digest in found.items():
        if one in exempt:
            continue
        line = lines.get(one)
        if line is None:
            faults.add("record-unlisted", f"{shown(one)} is not in its RECORD")
        else:
            _compare(archive, line, digest, faults)
    return found


def _compare(archive: Archive, line: Line, digest: str, faults: Faults) -> None:
    if not line.digest:
        faults.add("record-weak", f"its RECORD has no digest of {shown(line.path)}")
    elif line.algorithm not in _GOOD:
        faults.add("record-weak", f"its RECORD has a digest of a weak or unknown kind for {shown(line.path)}")
    elif digest != f"{line.algorithm}={line.digest}":
        faults.add("record-digest", f"{shown(line.path)} is not what its RECORD says")
    entry = archive.entry(line.path)
    if entry is not None and line.size and line.size != str(entry.size):
        faults.add("record-quirk", f"its RECORD gives another size for {shown(line.path)}")


def _digests(archive: Archive, lines: dict[str, Line]) -> Iterator[tuple[str, str]]:
    for entry, pieces in archive.contents():
        line = lines.get(entry.path)
        algorithm = line.algorithm if line is not None and line.algorithm in _GOOD else "sha256"
        one = hashlib.new(algorithm)
        for piece in pieces:
            one.update(piece)
        yield entry.path, f"{algorithm}={_base64(one.digest())}"


def _base64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _lines(archive: Archive, content: bytes, own: NormalizedName, faults: Faults) -> dict[str, Line]:
    """The lines by the files that they speak of."""
    found: dict[str, Line] = {}
    folders = _Folders(_folders(archive), own)
    for line in _rows(content, faults):
        path = _path(archive, line, folders, faults)
        if path is None:
            continue
        if path in found:
            same = (found[path].algorithm, found[path].digest) == (line.algorithm, line.digest)
            what = "a line twice" if same else "two lines that contradict each other"
            faults.add("record-quirk" if same else "record-digest", f"its RECORD has {what}: {shown(path)}")
            continue
        found[path] = Line(path, line.algorithm, line.digest, line.size)
    return found


def _rows(content: bytes, faults: Faults) -> Iterator[Line]:
    try:
        text = content.decode("utf-8")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        faults.add("record", "its RECORD is not CSV in UTF-8")
        return
    # pip splits before it reads, also where a form feed stands, or a line end in quotes.
    if list(csv.reader(text.splitlines())) != rows:
        faults.add("record-outside", "its RECORD has other lines for pip than for other programs")
    for row in rows:
        if not row:
            continue
        if len(row) != _COLUMNS or not row[0]:
            faults.add("record", f"a line of its RECORD has not three parts: {shown(','.join(row))}")
            continue
        if row[2] and not (row[2].isascii() and row[2].isdigit()):
            faults.add("record", f"a line of its RECORD has a size that is no number: {shown(row[2])}")
        algorithm, _, digest = row[1].partition("=")
        yield Line(row[0], algorithm.lower(), digest.rstrip("="), row[2])


def _path(archive: Archive, line: Line, folders: _Folders, faults: Faults) -> str | None:
    """The file that a line speaks of; None where there is none."""
    path = line.path
    entry = archive.entry(path)
    if entry is None and "\\" in path:  # as setuptools on Windows once wrote them
        path = path.replace("\\", "/")
        entry = archive.entry(path)
        if entry is not None:
            faults.add("record-quirk", f"its RECORD has backslashes: {shown(line.path)}")
    if entry is None:
        entry = archive.entry(path.rstrip("/"))
    if entry is None or entry.kind is Kind.DIRECTORY:
        _without_file(archive, path, folders, faults)
        return None
    return entry.path


def _without_file(archive: Archive, path: str, folders: _Folders, faults: Faults) -> None:
    """A line that an uninstallation follows all the same: to a folder, with all that is in it."""
    folder = path.removesuffix("/")
    parts = folder.split("/")
    if path.startswith(("/", "\\")) or {"", ".", ".."} & set(parts) or ":" in parts[0]:
        faults.add("record-outside", f"its RECORD has a line for what is not in it: {shown(path)}")
    elif folder in folders.every:
        faults.add("record-quirk", f"its RECORD lists a folder: {shown(path)}")
    elif path.endswith("/") or archive.entry(folder) is not None:
        faults.add("record-outside", f"its RECORD lists a folder that it has no files in: {shown(path)}")
    elif path.endswith(BYTECODE) and archive.entry(source_of(path)) is not None:
        faults.add("record-quirk", f"its RECORD has a line for bytecode that is not there: {shown(path)}")
    elif folders.are_own(parts[0]):
        faults.add("record-quirk", f"its RECORD has a line without a file: {shown(path)}")
    else:
        faults.add("record-missing", f"its RECORD has a line without a file: {shown(path)}")


@record
class _Folders:
    """The folders that files of the wheel are in, and whose it is."""

    every: AbstractSet[str]
    project: NormalizedName

    def are_own(self, top: str) -> bool:
        """Whether a folder is called as the project is, so that nobody else's files are expected there."""
        return top in self.every and canonicalize_name(top) == self.project


def _folders(archive: Archive) -> set[str]:
    """Every folder that a file is in, however deep."""
    found: set[str] = set()
    for entry in archive.entries:
        folder = entry.path.rpartition("/")[0] if entry.kind is not Kind.DIRECTORY else ""
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
