"""Who built a file, as far as that is proven: verified attestations (PEP 740), and what came of verifying."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from trustguard.model.record import record
from trustguard.model.repository import Repository

Outcome = Literal["verified", "invalid", "unsupported"]
PublisherKind = Literal["GitHub", "GitLab", "Google", "CircleCI", "ActiveState", "other"]


@record
class Publisher:
    """The identity in a verified signing certificate, Fulcio's extensions; not the unsigned publisher object.

    Args:
        kind: what sort of identity it is.
        issuer: who vouched for it: the OIDC issuer's URL.
        identity: the certificate's subject alternative name.
        repository: the source repository; None where the identity is no repository's.
        repository_id: the repository's number at its host; a new repository of the same name gets another.
        owner_id: the number of the repository's owner.
        workflow: the path of the build's definition in its repository: ``.github/workflows/release.yml``.
        workflow_repository: the repository that the build's definition is from, where that is another one.
        ref: the Git reference that was built.
        commit: the commit that was built.
        trigger: what set the build off, such as ``push`` or ``pull_request_target``.
        runner: where it ran: ``github-hosted``, ``self-hosted``, …
        visibility: whether the source repository was public at that time.

    A text is empty where the certificate does not say.
    """

    kind: PublisherKind
    issuer: str
    identity: str
    repository: Repository | None = None
    repository_id: str = ""
    owner_id: str = ""
    workflow: str = ""
    workflow_repository: Repository | None = None
    ref: str = ""
    commit: str = ""
    trigger: str = ""
    runner: str = ""
    visibility: str = ""


@record
class Attestation:
    """One attestation that has verified for the file at hand.

    Args:
        predicate: the type of what it states.
        publisher: who signed it.
        logged_at: when the transparency log, or a timestamping authority, saw it.
    """

    predicate: str
    publisher: Publisher
    logged_at: datetime


@record
class Provenance:
    """What came of verifying a file's attestations. That there are none is not said here: the fact is absent.

    Args:
        outcome: ``verified`` where at least one attestation with a supported predicate has verified and none
            has failed; ``unsupported`` where none failed, and none could be understood.
        attestations: those that have verified.
        reason: why the outcome is what it is, one line.
    """

    outcome: Outcome
    attestations: tuple[Attestation, ...] = ()
    reason: str = ""

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        """Who signed, each once; nobody unless the outcome is ``verified``."""
        if self.outcome != "verified":
            return ()
        return tuple(dict.fromkeys(one.publisher for one in self.attestations))

    @property
    def repositories(self) -> tuple[Repository, ...]:
        """The repositories that the file is proven to come from."""
        return tuple(dict.fromkeys(p.repository for p in self.publishers if p.repository is not None))
