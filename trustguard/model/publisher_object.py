"""Publisher objects (PEP 740): how indexes, lock files (PEP 751) and our configuration name a publisher.

The keys are those of PEP 740's objects, which PEP 751 has taken over for its ``attestation-identities``. For
forges there are two more, the numbers that a new repository of the same name does not get, and there is a
kind for those that PEP 740 does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from trustguard.model.pin import PublisherPin, repository_of
from trustguard.model.provenance import Publisher, PublisherKind
from trustguard.model.repository import Repository

_FORGE = ("repository", "repository-id", "owner-id")
KEYS: Mapping[PublisherKind, tuple[str, ...]] = MappingProxyType(
    {
        "GitHub": (*_FORGE, "workflow"),
        "GitLab": (*_FORGE, "workflow_filepath"),
        "Google": ("email",),
        "CircleCI": ("project_id", "pipeline_definition_id", "vcs_origin", "vcs_ref"),
        "other": ("issuer", "identity", "repository"),
    }
)
"""The kinds, and the keys of each that are compared."""
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
_REPOSITORY = {"CircleCI": "vcs_origin"}
"""How a kind calls the repository, where that is not ``repository``."""
_CIRCLECI = re.compile(
    r"https://circleci\.com/api/v2/projects/(?P<project_id>[^/]+)"
    r"/pipeline-definitions/(?P<pipeline_definition_id>[^/]+)"
)
_WORKFLOWS = ".github/workflows/"
_SHOWN = 80


class Malformed(ValueError):
    """An object does not name a publisher.

    Args:
        message: what is wrong.
        key: with which value; empty where it is the object as a whole.
    """

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def pin_of(project: str, kind: PublisherKind, stated: Mapping[str, str], by: str) -> PublisherPin:
    """The pin that an object makes.

    Args:
        project: whose publisher it is: a normalized name or a glob.
        kind: one of :data:`KEYS`.
        stated: its other values; those of keys that are not of this kind are passed by.
        by: whose word it is.

    Raises:
        Malformed: something is missing, or names no repository.
    """
    for names in _NEEDED[kind]:
        if not any(name in stated for name in names):
            raise Malformed(f"a publisher of kind {kind} needs {' or '.join(names)}")
    parts = _PARTS[kind](stated)
    return PublisherPin(project, kind, repository=_repository(kind, stated), by=by, **parts)


def _repository(kind: PublisherKind, stated: Mapping[str, str]) -> Repository | None:
    key = _REPOSITORY.get(kind, "repository")
    if key not in KEYS[kind] or key not in stated:
        return None
    repository = repository_of(kind, stated[key])
    if repository is None:
        raise Malformed(f"{stated[key][:_SHOWN]!a} is not a repository, such as 'acme/widget'", key)
    return repository


def _of_github(stated: Mapping[str, str]) -> dict[str, Any]:
    return {**_numbers(stated), "workflow": stated.get("workflow", "")}


def _of_gitlab(stated: Mapping[str, str]) -> dict[str, Any]:
    return {**_numbers(stated), "workflow": stated.get("workflow_filepath", "")}


def _numbers(stated: Mapping[str, str]) -> dict[str, Any]:
    return {"repository_id": stated.get("repository-id", ""), "owner_id": stated.get("owner-id", "")}


def _of_google(stated: Mapping[str, str]) -> dict[str, Any]:
    return {"identity": stated["email"]}


def _of_circleci(stated: Mapping[str, str]) -> dict[str, Any]:
    project = f"https://circleci.com/api/v2/projects/{stated['project_id']}"
    identity = f"{project}/pipeline-definitions/{stated['pipeline_definition_id']}"
    return {"identity": identity, "ref": stated.get("vcs_ref", "")}


def _of_others(stated: Mapping[str, str]) -> dict[str, Any]:
    return {"issuer": stated["issuer"], "identity": stated.get("identity", "")}


_PARTS: Mapping[PublisherKind, Callable[[Mapping[str, str]], dict[str, Any]]] = MappingProxyType(
    {
        "GitHub": _of_github,
        "GitLab": _of_gitlab,
        "Google": _of_google,
        "CircleCI": _of_circleci,
        "other": _of_others,
    }
)


def object_of(publisher: Publisher) -> dict[str, str] | None:
    """The object by which others recognise a verified publisher: what identifies it, and not the one build.

    Of CircleCI's optional ``vcs_origin`` and ``vcs_ref`` there is none: the one is compared with its capital
    letters, which are not kept here, and the other changes with each release.

    Returns:
        None where PEP 740 has no words for it.
    """
    found = _STATED[publisher.kind](publisher) if publisher.kind in _STATED else None
    return None if found is None or not all(found.values()) else {"kind": publisher.kind, **found}


def _github(publisher: Publisher) -> dict[str, str] | None:
    if not publisher.workflow.startswith(_WORKFLOWS):
        return None
    return {"repository": _spelled(publisher), "workflow": publisher.workflow[len(_WORKFLOWS) :]}


def _gitlab(publisher: Publisher) -> dict[str, str]:
    return {"repository": _spelled(publisher), "workflow_filepath": publisher.workflow}


def _google(publisher: Publisher) -> dict[str, str]:
    return {"email": publisher.identity}


def _circleci(publisher: Publisher) -> dict[str, str] | None:
    found = _CIRCLECI.fullmatch(publisher.identity)
    return found.groupdict() if found else None


def _spelled(publisher: Publisher) -> str:
    """The path of the repository, with the capital letters that it has in the certificate's name.

    Others may compare them. Where another repository's workflow has signed, they are not known.
    """
    if publisher.repository is None:
        return ""
    start, path = len(f"https://{publisher.repository.host}/"), publisher.repository.path
    signed = publisher.identity[: start + len(path) + 1]
    return signed[start:-1] if signed.lower() == f"https://{publisher.repository}/" else path


_STATED: Mapping[PublisherKind, Callable[[Publisher], dict[str, str] | None]] = MappingProxyType(
    {"GitHub": _github, "GitLab": _gitlab, "Google": _google, "CircleCI": _circleci}
)
