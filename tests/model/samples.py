"""Evidence written by hand: one file against which nothing speaks, and ways to change one thing about it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timezone
from types import MappingProxyType
from typing import Any

from trustguard.model.contents import Contents
from trustguard.model.evidence import (
    Absent,
    Advisory,
    CoreMetadata,
    Evidence,
    Known,
    NotApplicable,
    SourceName,
    Unavailable,
)
from trustguard.model.project import DistributionFile, FileName, IndexId, Sha256

AT = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
UPLOADED = datetime(2025, 3, 1, 12, 0, tzinfo=timezone.utc)
DIGEST = Sha256("ab" * 32)
OTHER_DIGEST = Sha256("cd" * 32)
INDEX = IndexId("https://index.example/simple/")
METADATA = CoreMetadata("Demo", "1.0", ("other>=2",), ">=3.10", ("fast",))

CLEAN = Evidence(
    file=DistributionFile(
        name=FileName.parse("demo-1.0-py3-none-any.whl"),
        url="https://files.example/demo-1.0-py3-none-any.whl",
        hashes=MappingProxyType({"sha256": DIGEST}),
        upload_time=UPLOADED,
    ),
    index=INDEX,
    at=AT,
    advisories=Known(()),
    upload_time=Known(UPLOADED),
    status=Absent(),
    other_indexes=Known(()),
    direct=NotApplicable("it comes from an index"),
    sha256=Known(DIGEST),
    announced_metadata=Known(METADATA),
    metadata=Known(METADATA),
    build_requires=NotApplicable("it is built already"),
    build=NotApplicable("it is built already"),
    contents=Known(Contents(files=4, size=700, top_level=("demo",))),
)
"""A year old, on one index, its bytes as announced, and no advisory."""

MALICIOUS = Advisory("MAL-2026-1", "steals keys", ("GHSA-1",), malicious=True)
FLAW = Advisory("PYSEC-2026-2", "a flaw", ("CVE-2026-3",), fixed=("1.1", "2.0"))

SOURCE_OF: dict[str, SourceName] = {
    "advisories": "advisories",
    "upload_time": "upload-times",
    "status": "index",
    "other_indexes": "index",
    "direct": "index",
    "sha256": "artifact",
    "announced_metadata": "index",
    "metadata": "artifact",
    "build_requires": "artifact",
    "build": "artifact",
    "contents": "artifact",
    "lookalike": "index",
    "rank": "index",
    "history": "upload-times",
    "claims": "artifact",
    "counterpart": "project-api",
    "owners": "project-api",
    "owners_before": "project-api",
    "rhythm": "upload-times",
    "dependents": "dependents",
    "tags": "forge",
    "provenance": "provenance",
    "lineage": "upload-times",
    "publishers": "provenance",
    "start_up_before": "artifact",
}
"""Who can say, for each fact of the evidence."""


def lost(evidence: Evidence, *facts: str) -> Evidence:
    """The evidence where nobody could say these facts."""
    gone: dict[str, Any] = {name: Unavailable(SOURCE_OF[name], f"no {name}") for name in facts}
    return replace(evidence, **gone)


def named(filename: str) -> Evidence:
    """The clean evidence for a file of another name, with metadata to match."""
    name = FileName.parse(filename)
    metadata = Known(replace(METADATA, name=name.project, version=str(name.version)))
    file = replace(CLEAN.file, name=name, url=f"https://files.example/{filename}")
    return replace(CLEAN, file=file, metadata=metadata, announced_metadata=metadata)


def fact_names() -> set[str]:
    """The names of the parts of evidence that are facts."""
    return {part.name for part in fields(Evidence)} - {"file", "index", "at"}
