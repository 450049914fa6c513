r"""The form of a ledger: the first line its name and version, then one line a distribution, tab-separated.

Columns: distribution, version, verdict, score, sha256, file, index, time, policy digest, evidence reference,
import names (separated by spaces). Sorted by normalized name, so that the same entries are the same bytes.
File names, addresses and import names come from elsewhere: what is not printable in them, and the backslash,
is written as ``\u{…}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.project import project_name, sha256
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision

HEADER: Final = "trustguard-ledger\t1"
_ANY_HEADER = re.compile(r"trustguard-ledger\t(\d{1,6})", re.ASCII)
_COLUMNS: Final = 11
_SCORE = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})?)?", re.ASCII)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_RAW_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class OtherFormat(Exception):
    """The ledger is one, of a version that is not known here."""


def encode(entries: Mapping[NormalizedName, LedgerEntry]) -> bytes:
    """A whole ledger.

    Args:
        entries: each as :func:`storable` returned it.
    """
    return "".join(f"{line}\n" for line in (HEADER, *(_line(entries[n]) for n in sorted(entries)))).encode()


def decode(data: bytes) -> dict[NormalizedName, LedgerEntry]:
    """The entries of a ledger by normalized name.

    Raises:
        OtherFormat: its first line names another version.
        ValueError: it is damaged; the message names the line.
    """
    header, *lines = data.decode().split("\n")
    if header != HEADER:
        other = _ANY_HEADER.fullmatch(header)
        raise OtherFormat(other[1]) if other else ValueError("line 1: not the first line of a ledger")
    if not lines or lines.pop():
        raise ValueError("its last line is cut short")
    entries: dict[NormalizedName, LedgerEntry] = {}
    for number, line in enumerate(lines, start=2):
        try:
            entry = _entry(line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
        name = project_name(entry.distribution)
        if name in entries:
            raise ValueError(f"line {number}: a second line for {name}")
        entries[name] = entry
    return entries


def storable(entry: LedgerEntry) -> LedgerEntry:
    """The entry as it will be read back: its time in UTC, import names sorted, no secrets in the address.

    Raises:
        ValueError: it could not be read back; the message names the field.
    """
    if entry.time.utcoffset() is None:
        raise ValueError("its time has no zone")
    plain = replace(
        entry,
        index=_without_secrets(entry.index),
        time=entry.time.astimezone(timezone.utc),
        imports=tuple(sorted(set(entry.imports))),
    )
    if _entry(_line(plain)) != plain:
        raise ValueError("it would not read back the same")
    return plain


def _without_secrets(url: str) -> str:
    """The address without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("its index has no valid address") from None
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _line(entry: LedgerEntry) -> str:
    fields = (
        entry.distribution,
        entry.version,
        entry.decision.value,
        entry.score,
        entry.sha256,
        _escape(entry.file),
        _escape(entry.index),
        entry.time.isoformat(),
        entry.policy,
        entry.evidence,
        " ".join(_escape(name).replace(" ", r"\u{20}") for name in entry.imports),
    )
    return "\t".join(fields)


def _entry(line: str) -> LedgerEntry:
    fields = line.split("\t")
    if len(fields) != _COLUMNS:
        raise ValueError(f"{len(fields)} columns instead of {_COLUMNS}")
    if _RAW_CONTROL.search(line):
        raise ValueError("a control character")
    distribution, version, decision, score, digest, file, index, time, policy, evidence, imports = fields
    project_name(distribution)
    Version(version)
    if not _SCORE.fullmatch(score):
        raise ValueError(f"not a score: {score[:20]!r}")
    return LedgerEntry(
        distribution=distribution,
        version=version,
        decision=Decision(decision),
        score=score,
        sha256=sha256(digest),
        file=_unescape(file),
        index=_unescape(index),
        time=_time(time),
        policy=sha256(policy),
        evidence=sha256(evidence) if evidence else "",
        imports=tuple(_unescape(name) for name in imports.split(" ")) if imports else (),
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.utcoffset() is None:
        raise ValueError(f"a time without its zone: {text!r}")
    return time


def _escape(text: str) -> str:
    return "".join(c if c.isprintable() and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text)


def _unescape(text: str) -> str:
    # Digits beyond the last code point are a ValueError of chr.
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def by_name(entries: Iterable[LedgerEntry]) -> dict[NormalizedName, LedgerEntry]:
    """Entries by normalized name, the last of a name counting."""
    return {project_name(entry.distribution): entry for entry in entries}
