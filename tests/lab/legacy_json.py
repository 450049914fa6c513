"""What an index says of a project besides its files: the legacy JSON API, ``/pypi/<project>/json``.

Of its many keys those are served that somebody might look at; ``releases`` holds empty lists, as it does for
releases without files.
"""

from __future__ import annotations

import email
import json
from typing import TYPE_CHECKING, Any

from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from .artifacts import Artifact

LEGACY_JSON_TYPE = 'application/json; charset="UTF-8"'

_TEXTS = {
    "author": "Author",
    "author_email": "Author-email",
    "home_page": "Home-page",
    "maintainer": "Maintainer",
    "maintainer_email": "Maintainer-email",
    "requires_python": "Requires-Python",
    "summary": "Summary",
}


def ownership(
    *owners: str, maintainers: Iterable[str] = (), organization: str | None = None
) -> dict[str, Any]:
    """Return an ``ownership`` object: users in their roles, and the organization that the project is in."""
    roles = [{"role": "Owner", "user": user} for user in owners]
    roles += [{"role": "Maintainer", "user": user} for user in maintainers]
    return {"roles": roles, "organization": organization}


def legacy_json(artifacts: Iterable[Artifact], owned: dict[str, Any] | None) -> bytes:
    """Return the document about a project.

    Args:
        artifacts: its files, of which the newest says what the document says; a final release goes before a
            pre-release.
        owned: the ``ownership`` object; without one the document has no such key.

    """
    by_version = {Version(artifact.version): artifact for artifact in artifacts}
    newest = max(by_version, key=lambda version: (not version.is_prerelease, version))
    document: dict[str, Any] = {
        "info": _info(by_version[newest]),
        "last_serial": 1,
        "releases": {str(version): [] for version in by_version},
        "urls": [],
        "vulnerabilities": [],
    }
    if owned is not None:
        document["ownership"] = owned
    return json.dumps(document).encode()


def _info(artifact: Artifact) -> dict[str, Any]:
    fields = email.message_from_string((artifact.metadata or artifact.pkg_info or b"").decode())
    urls = (str(line).partition(",") for line in fields.get_all("Project-URL", []))
    return {
        "name": artifact.project,
        "version": artifact.version,
        "description": _description(fields),
        "project_urls": {label: url.strip() for label, _, url in urls} or None,
        "yanked": False,
        **{key: fields[field] for key, field in _TEXTS.items()},
    }


def _description(fields: Message) -> str:
    stated = fields["Description"]
    return str(fields.get_payload()) if stated is None else str(stated)
