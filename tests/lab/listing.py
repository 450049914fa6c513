"""What the index says of its projects: PEP 503 HTML and PEP 691 JSON from the same facts.

On top of these: PEP 592 (yanked), 658 and 714 (core-metadata), 700 (versions, size, upload-time), 708
(tracks, alternate locations), 740 (provenance) and 792 (project status).
"""

from __future__ import annotations

import email
import hashlib
import html
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from .legacy_json import legacy_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .artifacts import Artifact

OLD = datetime(2020, 1, 1, tzinfo=timezone.utc)
"""The default upload time: long ago, so that no rule about young files is met by accident."""
LAST_YEAR = datetime.now(timezone.utc) - timedelta(days=300)
"""An upload time that is too long ago for a rule about young files, and of which no years speak either."""

API_VERSION = "1.4"


@dataclass(frozen=True)
class ListedFile:
    """One file on a project's page: the artifact, and what the index says of it, true or not.

    Attributes:
        artifact: the bytes that are served.
        url: where they are said to be.
        upload_time: PEP 700; None leaves it out.
        yanked: PEP 592: a flag, or the reason.
        core_metadata: the bytes served as ``.metadata``; None announces none.
        hashes: the digests that are announced.
        requires_python: as announced.
        provenance: the URL of a PEP 740 provenance object.

    """

    artifact: Artifact
    url: str
    upload_time: datetime | None
    yanked: bool | str
    core_metadata: bytes | None
    hashes: Mapping[str, str]
    requires_python: str | None
    provenance: str | None

    def as_json(self, *, attesting: bool) -> dict[str, Any]:
        """Return the entry of a PEP 691 page; optional keys only where there is something to say.

        Args:
            attesting: whether the index speaks PEP 740, and says of every file what there is or is not.

        """
        entry: dict[str, Any] = {
            "filename": self.artifact.filename,
            "url": self.url,
            "hashes": dict(self.hashes),
            "size": len(self.artifact.content),
            "yanked": self.yanked,
        }
        if self.upload_time is not None:
            entry["upload-time"] = self.upload_time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if self.core_metadata is not None:
            entry["core-metadata"] = {"sha256": hashlib.sha256(self.core_metadata).hexdigest()}
        if self.requires_python is not None:
            entry["requires-python"] = self.requires_python
        if self.provenance is not None or attesting:
            entry["provenance"] = self.provenance
        return entry

    def as_html(self) -> str:
        """Return the anchor of a PEP 503 page; of several digests it can state one."""
        digest = next((f"#{name}={value}" for name, value in self.hashes.items()), "")
        attributes = {"href": self.url + digest}
        if self.core_metadata is not None:
            attributes["data-core-metadata"] = f"sha256={hashlib.sha256(self.core_metadata).hexdigest()}"
        if self.requires_python is not None:
            attributes["data-requires-python"] = self.requires_python
        if self.yanked is not False:
            attributes["data-yanked"] = self.yanked if isinstance(self.yanked, str) else ""
        if self.provenance is not None:
            attributes["data-provenance"] = self.provenance
        written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
        return f"<a{written}>{html.escape(self.artifact.filename)}</a><br>"


@dataclass
class Project:
    """One project of the index; a test sets what it needs to be other than usual.

    Attributes:
        name: as its author spells it.
        files: in the order in which they were added.
        status: PEP 792: ``active``, ``archived``, ``quarantined`` or ``deprecated``; None says nothing.
        status_reason: why.
        tracks: PEP 708: the projects elsewhere of which this is a mirror.
        alternate_locations: PEP 708: where else this project has files.
        versions: PEP 700; None lists those of the files.
        api_version: as announced.
        attesting: whether the index speaks PEP 740, and says of every file what there is or is not.
        json_api: whether ``/pypi/<project>/json`` exists; it does anyway where there is an `ownership`.
        ownership: what that says of its owners, such as one made with :func:`.legacy_json.ownership`.

    """

    name: str
    files: list[ListedFile] = field(default_factory=list)
    status: str | None = None
    status_reason: str | None = None
    tracks: list[str] = field(default_factory=list)
    alternate_locations: list[str] = field(default_factory=list)
    versions: list[str] | None = None
    api_version: str = API_VERSION
    attesting: bool = True
    json_api: bool = False
    ownership: dict[str, Any] | None = None

    def as_legacy_json(self) -> bytes | None:
        """Return what the legacy JSON API says of the project; None where there is none, or no file."""
        if not self.files or not (self.json_api or self.ownership is not None):
            return None
        return legacy_json((file.artifact for file in self.files), self.ownership)

    def as_json(self) -> bytes:
        """Return the project's page as PEP 691 JSON."""
        meta: dict[str, Any] = {"api-version": self.api_version}
        if self.tracks:
            meta["tracks"] = self.tracks
        page: dict[str, Any] = {
            "meta": meta,
            "name": canonicalize_name(self.name),
            "versions": self._versions(),
            "files": [file.as_json(attesting=self.attesting) for file in self.files],
        }
        if self.alternate_locations:
            page["alternate-locations"] = self.alternate_locations
        status = {"status": self.status, "reason": self.status_reason}
        if stated := {key: value for key, value in status.items() if value is not None}:
            page["project-status"] = stated
        return json.dumps(page).encode()

    def as_html(self) -> bytes:
        """Return the project's page as PEP 503 HTML."""
        meta = [("pypi:repository-version", self.api_version)]
        meta += [("pypi:tracks", url) for url in self.tracks]
        meta += [("pypi:alternate-locations", url) for url in self.alternate_locations]
        meta += [("pypi:project-status", self.status)] if self.status is not None else []
        meta += [("pypi:project-status-reason", self.status_reason)] if self.status_reason is not None else []
        return _document(meta, f"Links for {self.name}", [file.as_html() for file in self.files])

    def _versions(self) -> list[str]:
        if self.versions is not None:
            return self.versions
        return list(dict.fromkeys(file.artifact.version for file in self.files))


def root_as_json(projects: Iterable[Project]) -> bytes:
    """Return the list of projects as PEP 691 JSON."""
    names = [{"name": project.name} for project in projects]
    return json.dumps({"meta": {"api-version": API_VERSION}, "projects": names}).encode()


def root_as_html(projects: Iterable[Project]) -> bytes:
    """Return the list of projects as PEP 503 HTML."""
    anchors = [
        f'<a href="{canonicalize_name(project.name)}/">{html.escape(project.name)}</a><br>'
        for project in projects
    ]
    return _document([("pypi:repository-version", API_VERSION)], "Simple index", anchors)


def stated_requires_python(artifact: Artifact) -> str | None:
    """Return the ``Requires-Python`` of an artifact's own metadata, which is what an index announces."""
    fields = email.message_from_bytes(artifact.metadata or artifact.pkg_info or b"")
    return fields["Requires-Python"]


def _document(meta: Iterable[tuple[str, str]], title: str, anchors: Iterable[str]) -> bytes:
    head = "".join(f'<meta name="{name}" content="{html.escape(content)}">\n' for name, content in meta)
    body = "\n".join(anchors)
    page = f"<!DOCTYPE html>\n<html>\n<head>\n{head}<title>{html.escape(title)}</title>\n</head>\n"
    return f"{page}<body>\n{body}\n</body>\n</html>\n".encode()
