"""``[[publisher]]``: who must have published a project, in the words of publisher objects (PEP 740).

The keys are those of ``attestation-identities`` in lock files (PEP 751), which has them from PEP 740, with a
project and, for forges, the numbers that a new repository of the same name does not get.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from trustguard.config import values
from trustguard.config.document import Node, show
from trustguard.model.pin import PublisherPin, repository_of
from trustguard.model.provenance import PublisherKind

_FORGE = ("repository", "repository-id", "owner-id")
_OF_KIND: Mapping[PublisherKind, tuple[str, ...]] = MappingProxyType(
    {
        "GitHub": (*_FORGE, "workflow"),
        "GitLab": (*_FORGE, "workflow_filepath"),
        "Google": ("email",),
        "CircleCI": ("project_id", "pipeline_definition_id", "vcs_origin", "vcs_ref"),
        "other": ("issuer", "identity", "repository"),
    }
)
"""The keys of each kind."""
_NEEDED: Mapping[PublisherKind, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "GitHub": (("repository", "repository-id"),),
        "GitLab": (("repository", "repository-id"),),
        "Google": (("email",),),
        "CircleCI": (("project_id",), ("pipeline_definition_id",)),
        "other": (("issuer",), ("identity", "repository")),
    }
)
"""Of each of these there must be one: a pin that fits everybody is none."""
KEYS = ("project", "kind", *dict.fromkeys(key for keys in _OF_KIND.values() for key in keys))


def read_publisher(node: Node, parts: Mapping[str, Node]) -> PublisherPin:
    """One table.

    Raises:
        ConfigError: a key is missing, belongs to another kind, or has a bad value.
    """
    for name in ("project", "kind"):
        if name not in parts:
            raise node.child(name).error("is missing")
    project, kind = values.glob(parts["project"]), values.choice(tuple(_OF_KIND))(parts["kind"])
    for name, part in parts.items():
        if name not in (*_OF_KIND[kind], "project", "kind"):
            raise part.error(f"is not a key of kind {kind}", f"its keys are {', '.join(_OF_KIND[kind])}")
    for names in _NEEDED[kind]:
        if not any(name in parts for name in names):
            raise node.error(f"a publisher of kind {kind} needs {' or '.join(names)}")
    found = {name: values.text(part) for name, part in parts.items() if name in _OF_KIND[kind]}
    return PublisherPin(project, kind, by=node.layer, **_MADE[kind](parts, found))


def _of_forge(parts: Mapping[str, Node], found: Mapping[str, str]) -> dict[str, Any]:
    return {
        "repository_id": found.get("repository-id", ""),
        "owner_id": found.get("owner-id", ""),
        "workflow": found.get("workflow", found.get("workflow_filepath", "")),
        **_repository(parts, found, "repository"),
    }


def _of_google(_: Mapping[str, Node], found: Mapping[str, str]) -> dict[str, Any]:
    return {"identity": found["email"]}


def _of_circleci(parts: Mapping[str, Node], found: Mapping[str, str]) -> dict[str, Any]:
    project = f"https://circleci.com/api/v2/projects/{found['project_id']}"
    return {
        "identity": f"{project}/pipeline-definitions/{found['pipeline_definition_id']}",
        "ref": found.get("vcs_ref", ""),
        **_repository(parts, found, "vcs_origin"),
    }


def _of_others(parts: Mapping[str, Node], found: Mapping[str, str]) -> dict[str, Any]:
    identity = {"issuer": found["issuer"], "identity": found.get("identity", "")}
    return {**identity, **_repository(parts, found, "repository")}


def _repository(parts: Mapping[str, Node], found: Mapping[str, str], name: str) -> dict[str, Any]:
    if name not in found:
        return {}
    repository = repository_of(parts["kind"].value, found[name])
    if repository is None:
        raise parts[name].error(f"{show(found[name])} is not a repository, such as 'acme/widget'")
    return {"repository": repository}


_MADE: Mapping[PublisherKind, Callable[[Mapping[str, Node], Mapping[str, str]], dict[str, Any]]] = (
    MappingProxyType(
        {
            "GitHub": _of_forge,
            "GitLab": _of_forge,
            "Google": _of_google,
            "CircleCI": _of_circleci,
            "other": _of_others,
        }
    )
)
