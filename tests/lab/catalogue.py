"""What an index has: projects with their files, and other bytes at fixed paths.

Paths: ``/simple/``, ``/simple/<normalized>/``, ``/files/<filename>``, ``/files/<filename>.metadata``,
``/pypi/<project>/json`` where a test asks for it, ``/integrity/<project>/<version>/<filename>/provenance``,
``/raw/<name>`` and ``/osv/all.zip``.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from packaging.utils import canonicalize_name

from .faults import JSON_TYPE
from .legacy_json import LEGACY_JSON_TYPE
from .listing import OLD, ListedFile, Project, root_as_html, root_as_json, stated_requires_python
from .reply import Reply, redirect, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .artifacts import Artifact

BINARY_TYPE = "application/octet-stream"
PROVENANCE_TYPE = "application/vnd.pypi.integrity.v1+json"
HTML_TYPE = "text/html; charset=utf-8"


class Catalogue:
    """The content of an index, and the honest answer to a path.

    Attributes:
        base: the URL of the server, without a slash at its end.
        representation: whether pages are PEP 691 JSON or PEP 503 HTML.

    """

    def __init__(self, base: str, representation: Literal["json", "html"]) -> None:
        """Start with nothing."""
        self.base = base
        self.representation = representation
        self._projects: dict[str, Project] = {}
        self._contents: dict[str, Reply] = {}

    def add(  # noqa: PLR0913 - each is one thing that a test may want otherwise
        self,
        artifact: Artifact,
        *,
        upload_time: datetime | None = OLD,
        yanked: bool | str = False,
        core_metadata: bool | bytes = True,
        hashes: Mapping[str, str] | None = None,
        requires_python: str | None = None,
        provenance: str | None = None,
        url: str | None = None,
    ) -> ListedFile:
        """Put a file on its project's page, and its bytes below ``/files/``.

        Args:
            artifact: the file.
            upload_time: when it was uploaded (aware); None says nothing about it.
            yanked: a flag, or the reason.
            core_metadata: True serves a wheel's own metadata (an sdist has none to serve); bytes serve
                those instead, under their own digest; False serves and announces none.
            hashes: digests to announce instead of the true sha256; an empty mapping announces none.
            requires_python: instead of what the artifact's own metadata says.
            provenance: the URL of a provenance object (PEP 740), perhaps one made with :meth:`put`.
            url: a URL to announce instead of ours, absolute or relative.

        """
        path = f"/files/{artifact.filename}"
        metadata = core_metadata if isinstance(core_metadata, bytes) else None
        if core_metadata is True:
            metadata = artifact.metadata
        listed = ListedFile(
            artifact=artifact,
            url=f"{self.base}{quote(path)}" if url is None else url,
            upload_time=upload_time,
            yanked=yanked,
            core_metadata=metadata,
            hashes={"sha256": artifact.sha256} if hashes is None else hashes,
            requires_python=stated_requires_python(artifact) if requires_python is None else requires_python,
            provenance=provenance,
        )
        self._contents[path] = _content(artifact.content, BINARY_TYPE)
        if metadata is not None:
            self._contents[f"{path}.metadata"] = _content(metadata, BINARY_TYPE)
        self.project(artifact.project).files.append(listed)
        return listed

    def add_all(self, *artifacts: Artifact) -> None:
        """Put several files on the index, each as :meth:`add` does by default."""
        for artifact in artifacts:
            self.add(artifact)

    def project(self, name: str) -> Project:
        """Return a project, to be set as a test needs it; it is made where it does not exist."""
        return self._projects.setdefault(canonicalize_name(name), Project(name))

    def remove(self, name: str) -> None:
        """Take a project's page off the index; the bytes of its files stay."""
        del self._projects[canonicalize_name(name)]

    def put(self, name: str, content: bytes, content_type: str = BINARY_TYPE) -> str:
        """Serve any bytes at ``/raw/<name>``, with an ETag; return the URL."""
        return self._put(f"/raw/{name}", content, content_type)

    def put_integrity(self, artifact: Artifact, document: bytes) -> str:
        """Serve a provenance document where the integrity API has it (PEP 740); return the URL."""
        place = f"{canonicalize_name(artifact.project)}/{artifact.version}/{artifact.filename}"
        return self._put(f"/integrity/{place}/provenance", document, PROVENANCE_TYPE)

    def put_osv(self, export: bytes) -> str:
        """Serve an OSV export at ``/osv/all.zip``, with an ETag; return the URL."""
        return self._put("/osv/all.zip", export, "application/zip")

    def honest(self, path: str, etag: str | None) -> Reply:
        """Return the answer to a path (decoded, no query) for a client which holds what has this ETag."""
        if path in self._contents:
            reply = self._contents[path]
            unchanged = etag is not None and etag == reply.headers.get("ETag")
            return Reply(304, {"ETag": reply.headers["ETag"]}, announce=False) if unchanged else reply
        if path == "/simple":
            return redirect(301, "/simple/")
        if path.startswith("/simple/"):
            return self._page(path.removeprefix("/simple/"))
        if path.startswith("/pypi/") and path.endswith("/json"):
            return self._about(path.removeprefix("/pypi/").removesuffix("/json"))
        return text(404, "not here")

    def _page(self, rest: str) -> Reply:
        as_json = self.representation == "json"
        media_type = JSON_TYPE if as_json else HTML_TYPE
        if not rest:
            projects = list(self._projects.values())
            return _content(root_as_json(projects) if as_json else root_as_html(projects), media_type)
        name = canonicalize_name(rest.removesuffix("/"))
        if name not in self._projects:
            return text(404, "no such project")
        if rest != f"{name}/":
            return redirect(301, f"/simple/{name}/")
        project = self._projects[name]
        return _content(project.as_json() if as_json else project.as_html(), media_type)

    def _about(self, name: str) -> Reply:
        project = self._projects.get(canonicalize_name(name))
        document = project.as_legacy_json() if project is not None else None
        if document is None:
            return text(404, "no such project")
        if name != canonicalize_name(name):
            return redirect(301, f"/pypi/{canonicalize_name(name)}/json")
        return _content(document, LEGACY_JSON_TYPE)

    def _put(self, path: str, content: bytes, content_type: str) -> str:
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        self._contents[path] = Reply(200, {"Content-Type": content_type, "ETag": etag}, content)
        return f"{self.base}{quote(path)}"


def _content(content: bytes, content_type: str) -> Reply:
    return Reply(200, {"Content-Type": content_type}, content)
