"""The publisher object beside an attestation: nobody has signed it, so it may not contradict the certificate.

PEP 740 has the index state who is said to have published. Where it says something else than the verified
certificate, one of the two is not about this file. What the object alone says is not used for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from trustguard.model.repository import parse_repository
from trustguard.sources.attestations import certificate
from trustguard.sources.attestations.certificate import Identity
from trustguard.sources.attestations.document import NotUnderstood, Rejected

_SHOWN = 120


def known_kind(publisher: Mapping[str, Any]) -> None:
    """See that a publisher object is of a kind that can be compared.

    Raises:
        Rejected: it has no kind.
        NotUnderstood: it is of another kind.
    """
    kind = publisher.get("kind")
    if not isinstance(kind, str):
        raise Rejected("its publisher has no kind")
    if kind not in _KINDS:
        raise NotUnderstood(f"its publisher is of a kind that is not known here: {kind[:_SHOWN]}")


def agree(publisher: Mapping[str, Any], identity: Identity) -> None:
    """Compare a publisher object of a known kind with a verified certificate.

    Raises:
        Rejected: they contradict each other, or the object is malformed.
    """
    issuer, contradictions = _KINDS[publisher["kind"]]
    if identity.publisher.issuer != issuer:
        raise Rejected(
            f"its publisher is said to be {publisher['kind']}, and its certificate was issued for "
            f"{_short(identity.publisher.issuer)}"
        )
    for key, said, signed in contradictions(publisher, identity):
        raise Rejected(
            f"the {key} of its publisher is said to be {_short(said)}, and its certificate says "
            f"{_short(signed) or 'nothing of it'}"
        )


Contradiction = tuple[str, str, str]
"""The key, what the object says, and what the certificate says."""


def _github(publisher: Mapping[str, Any], identity: Identity) -> Iterator[Contradiction]:
    workflow = f".github/workflows/{_text(publisher, 'workflow')}"
    return _of_forge(publisher, identity, "https://github.com/", ("workflow", workflow))


def _gitlab(publisher: Mapping[str, Any], identity: Identity) -> Iterator[Contradiction]:
    path = _text(publisher, "workflow_filepath")
    return _of_forge(publisher, identity, "https://gitlab.com/", ("workflow_filepath", path))


def _of_forge(
    publisher: Mapping[str, Any], identity: Identity, host: str, workflow: tuple[str, str]
) -> Iterator[Contradiction]:
    """The repository, and the definition that was started: in that repository, at what was built."""
    proven = identity.publisher
    repository = _text(publisher, "repository")
    said = parse_repository(host + repository)
    if said is None or said.path != repository.lower() or said != proven.repository:
        yield "repository", repository, str(proven.repository or "")
    started = identity.definition
    if started is None or started.repository != proven.repository or started.path != workflow[1]:
        yield workflow[0], workflow[1], identity.claims.get(certificate.CONFIG, "")
    elif started.version not in {proven.ref, proven.commit} - {""}:
        yield workflow[0], workflow[1], f"{started.path} at {started.version}, which was not what was built"
    yield from _of_environment(publisher, identity)


def _of_environment(publisher: Mapping[str, Any], identity: Identity) -> Iterator[Contradiction]:
    """A publisher without one allows any; a certificate from before 2026 does not say."""
    said = _text(publisher, "environment", needed=False)
    knows = certificate.ENVIRONMENT in identity.claims or identity.environment
    if said and knows and said.lower() != identity.environment.lower():
        yield "environment", said, identity.environment


def _google(publisher: Mapping[str, Any], identity: Identity) -> Iterator[Contradiction]:
    yield from _differing(publisher, email=identity.publisher.identity)


def _circleci(publisher: Mapping[str, Any], identity: Identity) -> Iterator[Contradiction]:
    project, pipeline = _text(publisher, "project_id"), _text(publisher, "pipeline_definition_id")
    expected = f"https://circleci.com/api/v2/projects/{project}/pipeline-definitions/{pipeline}"
    signer = identity.claims.get(certificate.SIGNER, "")
    if signer != expected:
        yield "project_id and pipeline_definition_id", expected, signer
    source = identity.claims.get(certificate.SOURCE, "")
    yield from _differing(publisher, needed=False, vcs_origin=source, vcs_ref=identity.publisher.ref)


def _differing(
    publisher: Mapping[str, Any], *, needed: bool = True, **signed: str
) -> Iterator[Contradiction]:
    for key, value in signed.items():
        said = _text(publisher, key, needed=needed)
        if said != value and (needed or said):
            yield key, said, value


def _text(publisher: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
    value = publisher.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise Rejected(f"the {key} of its publisher is not a text")
    return value


def _short(text: str) -> str:
    return text[:_SHOWN]


_KINDS: Mapping[str, tuple[str, Callable[[Mapping[str, Any], Identity], Iterator[Contradiction]]]] = (
    MappingProxyType(
        {
            "GitHub": (certificate.GITHUB, _github),
            "GitLab": (certificate.GITLAB, _gitlab),
            "Google": (certificate.GOOGLE, _google),
            "CircleCI": (certificate.CIRCLECI, _circleci),
        }
    )
)
"""Of each kind the issuer that its certificates have, and what there is to compare."""
