"""Pins: who must have published a project, as somebody has written down who knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trustguard.model.evidence import Absent, Fact, Known
from trustguard.model.provenance import Provenance, Publisher, PublisherKind
from trustguard.model.record import record
from trustguard.model.repository import Repository, parse_repository

_TOLD = {
    "kind": "kind",
    "issuer": "issuer",
    "identity": "identity",
    "repository": "repository",
    "repository_id": "repository id",
    "owner_id": "owner id",
    "workflow": "workflow",
    "ref": "ref",
}
"""What is compared, and how messages call it."""


@record
class PublisherPin:
    """One ``[[publisher]]`` table: the publisher of a project. Every part given must be the verified one.

    Args:
        project: a normalized name or a glob.
        kind: what sort of identity it is.
        repository: the source repository.
        repository_id: its number at its host.
        owner_id: the number of its owner.
        workflow: the build's definition: its path in the repository, or for GitHub its file name alone.
        issuer: who vouches for the identity; needed for kinds that have no issuer of their own.
        identity: the certificate's subject alternative name.
        ref: the Git reference that is built.
        by: the layer whose word it is. Pins of one layer are alternatives; no layer stands in for another.

    What is None or empty is not compared.
    """

    project: str
    kind: PublisherKind
    repository: Repository | None = None
    repository_id: str = ""
    owner_id: str = ""
    workflow: str = ""
    issuer: str = ""
    identity: str = ""
    ref: str = ""
    by: str = ""

    def differences(self, publisher: Publisher) -> tuple[str, ...]:
        """What a verified publisher has otherwise, one line each; none where it is the pinned one."""
        found = []
        for name, told in _TOLD.items():
            wanted, proven = getattr(self, name), getattr(publisher, name)
            if wanted and not (self._is_workflow(name, proven) or wanted == proven):
                found.append(f"its {told} is {proven or 'not stated'}, not {wanted}")
        return tuple(found)

    def _is_workflow(self, name: str, path: Any) -> bool:  # noqa: ANN401 - any of a publisher's parts
        """Whether it is a workflow's file name alone, as indexes state it, and belongs to this path."""
        return name == "workflow" and path == f".github/workflows/{self.workflow}"

    def __str__(self) -> str:
        stated = {told: getattr(self, name) for name, told in _TOLD.items() if name != "kind"}
        return ", ".join((self.kind, *(f"{told} {value}" for told, value in stated.items() if value)))


_HOSTS = {"GitHub": "https://github.com/", "GitLab": "https://gitlab.com/"}


def repository_of(kind: PublisherKind, text: str) -> Repository | None:
    """The repository that a pin names: its path at the forge of its kind, or for other kinds its address.

    Returns:
        None where it is no repository's.
    """
    host = _HOSTS.get(kind, "")
    found = parse_repository(host + text, labelled=True)
    return found if found is not None and (not host or found.path == text.lower()) else None


def violations(groups: Sequence[Sequence[PublisherPin]], provenance: Fact[Provenance]) -> Iterator[str]:
    """What a file's provenance does not fulfil, as the ends of sentences about it.

    Args:
        groups: the pins that concern its project, those of each layer by themselves.
        provenance: what came of verifying. Where it is invalid that is said by the check; where it is
            unavailable, or nobody has looked yet, there is nothing to compare.
    """
    if isinstance(provenance, Absent):
        yield from (f"has no attestation, and its publisher is pinned: {_of(group)}" for group in groups)
    elif isinstance(provenance, Known) and provenance.value.outcome == "unsupported":
        reason = provenance.value.reason
        yield from (f"is pinned to {_of(group)}, and cannot be verified: {reason}" for group in groups)
    elif isinstance(provenance, Known) and provenance.value.outcome == "verified":
        publishers = provenance.value.publishers
        for group in groups:
            differences = [pin.differences(one) for pin in group for one in publishers]
            if all(differences):
                yield f"is not by the pinned publisher {_of(group)}: {min(differences, key=len)[0]}"


def _of(group: Sequence[PublisherPin]) -> str:
    return " or ".join(str(pin) for pin in group)
