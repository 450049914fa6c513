"""OSV's export for PyPI: one zip with one JSON record a file, read in bounds.

One bad record costs that record and no more.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.record import record
from trustguard.sources.osv.reading import one_line, record_from_json
from trustguard.sources.osv.record import ECOSYSTEM, AdvisoryRecord

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

_STORED, _DEFLATED = 0, 8
_HINT = "the previous advisories, if any, stay in use; try again, or check the configured address"


@record
class Limits:
    """How much of an export is read before it is refused; well above what PyPI's has.

    Args:
        archive: bytes of the zip.
        entries: files in the zip.
        record: bytes of one record, unpacked; a larger one is skipped.
        total: bytes of all records, unpacked.
    """

    archive: int = 256 << 20
    entries: int = 500_000
    record: int = 8 << 20
    total: int = 2 << 30


def read_export(
    source: Path | BinaryIO, *, skipped: Callable[[str], object], limits: Limits | None = None
) -> Iterator[AdvisoryRecord]:
    """Read an export, record by record. Trust nothing of it before the iteration has ended without an error.

    Args:
        source: the zip: its path, or a seekable binary file, which stays open.
        skipped: is called with one line for each entry that could not be used; ``list.append`` will do.
        limits: how much is read at most.

    Yields:
        The records that concern projects on PyPI, withdrawn ones included.

    Raises:
        SourceRefused: it is no zip, is over a limit, holds no such record, or is unusable for the most part.
        SourceUnreachable: it cannot be read.
    """
    import zipfile  # noqa: PLC0415 - slow to import, and only an update needs it

    bounds = limits or Limits()
    try:
        with ExitStack() as stack:
            file = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
            if file.seek(0, 2) > bounds.archive:
                raise _refused(f"is larger than {bounds.archive} bytes")
            archive = stack.enter_context(zipfile.ZipFile(file))
            yield from _records(archive, _entries(archive, bounds), skipped, bounds.record)
    # NotImplementedError is what zipfile raises for a compression that it does not know.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, EOFError) as error:
        raise _refused(f"is not a readable zip: {one_line(str(error))}") from error
    except OSError as error:
        reason = one_line(error.strerror or str(error))
        raise SourceUnreachable(f"the advisory export cannot be read: {reason}", hint=_HINT) from error


def _entries(archive: ZipFile, bounds: Limits) -> list[ZipInfo]:
    """The zip's files. Their declared sizes bound what is read: zipfile gives out no byte more."""
    entries = [info for info in archive.infolist() if not info.is_dir()]
    if len(entries) > bounds.entries:
        raise _refused(f"has more than {bounds.entries} entries")
    if sum(info.file_size for info in entries) > bounds.total:
        raise _refused(f"unpacks to more than {bounds.total} bytes")
    return entries


def _records(
    archive: ZipFile, entries: list[ZipInfo], skipped: Callable[[str], object], limit: int
) -> Iterator[AdvisoryRecord]:
    from zipfile import BadZipFile  # noqa: PLC0415 - as above

    bad = ours = 0
    for info in entries:
        try:
            record = record_from_json(_unpacked(archive, info, limit))
        except (ValueError, NotImplementedError, EOFError, struct.error, zlib.error, BadZipFile) as error:
            bad += 1
            skipped(f"{one_line(info.filename)}: {one_line(str(error))}")
            continue
        if record.affected:
            ours += 1
            yield record
    if 2 * bad > len(entries):
        raise _refused(f"is unusable: {bad} of its {len(entries)} entries cannot be read as OSV records")
    if not ours:
        raise _refused(f"has no record about {ECOSYSTEM}")


def _unpacked(archive: ZipFile, info: ZipInfo, limit: int) -> bytes:
    if info.file_size > limit:
        raise ValueError(f"larger than {limit} bytes")
    if info.flag_bits & 0x1 or info.compress_type not in (_STORED, _DEFLATED):
        raise ValueError("encrypted, or neither stored nor deflated")
    with archive.open(info) as stream:
        return stream.read(info.file_size)


def _refused(what: str) -> SourceRefused:
    return SourceRefused(f"the advisory export {what}", hint=_HINT)
