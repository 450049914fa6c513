"""What came of verifying one file's attestations: as JSON, and as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from trustguard.model.finding import Finding
from trustguard.model.project import Sha256
from trustguard.model.provenance import Attestation, Outcome, Publisher
from trustguard.model.record import record
from trustguard.reports.json_report import SCHEMA
from trustguard.reports.text import foreign

_SHOWN = 400


@record
class Verified:
    """A file, what is proven about it, and what the policy says to that.

    Args:
        filename: the file's name.
        sha256: the digest of its bytes.
        trust_root: the SHA-256 of the trust root that it was verified on.
        outcome: what came of verifying.
        verdict: what an installation would do.
        reason: why, one line.
        exit_code: 0 for what is verified and allowed, and for nothing else.
        attestations: those that have verified.
        findings: what counts, the worst first.
    """

    filename: str
    sha256: Sha256
    trust_root: Sha256
    outcome: Outcome | Literal["absent"]
    verdict: Literal["allow", "warn", "ask", "block"]
    reason: str
    exit_code: int
    attestations: tuple[Attestation, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def publisher(self) -> Publisher | None:
        """Who published it, as the first attestation says; None unless it is verified."""
        return self.attestations[0].publisher if self.outcome == "verified" else None


def to_json(verified: Verified) -> dict[str, Any]:
    """As a JSON object."""
    return {
        "schema": SCHEMA,
        "command": "verify",
        "exit_code": verified.exit_code,
        "file": verified.filename,
        "sha256": verified.sha256,
        "outcome": verified.outcome,
        "verdict": verified.verdict,
        "reason": verified.reason,
        "publisher": _publisher(verified.publisher),
        "attestations": [
            {
                "predicate": one.predicate,
                "logged_at": one.logged_at.isoformat(),
                "publisher": _publisher(one.publisher),
            }
            for one in verified.attestations
        ],
        "findings": [
            {
                "check": one.check,
                "severity": one.severity.name.lower(),
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in verified.findings
        ],
        "trust_root": verified.trust_root,
    }


def _publisher(publisher: Publisher | None) -> dict[str, Any] | None:
    if publisher is None:
        return None
    named = {"repository": publisher.repository, "workflow_repository": publisher.workflow_repository}
    texts = {key: getattr(publisher, key) for key in _TEXTS}
    return {**texts, **{key: None if one is None else str(one) for key, one in named.items()}}


_TEXTS = (
    *("kind", "issuer", "identity", "repository_id", "owner_id", "workflow", "ref", "commit", "trigger"),
    *("runner", "visibility"),
)


def lines(verified: Verified) -> Iterator[str]:
    """For people, one line each, safe for a terminal."""
    yield foreign(f"{verified.filename}: {verified.outcome}, {verified.verdict}: {verified.reason}", _SHOWN)
    for one in verified.attestations if verified.outcome == "verified" else ():
        yield foreign(f"  {one.predicate}, signed {one.logged_at:%Y-%m-%d %H:%M} UTC", _SHOWN)
        for key, value in (_publisher(one.publisher) or {}).items():
            if value:
                yield foreign(f"    {key.replace('_', ' ')}: {value}", _SHOWN)
    for finding in verified.findings:
        if finding.message != verified.reason:
            yield foreign(f"  {finding.check}: {finding.message}", _SHOWN)
        if finding.remedy:
            yield foreign(f"  {finding.remedy}", _SHOWN)
