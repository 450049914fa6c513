"""Its attestations do not prove what they should, or prove an unusual build.

An attestation (PEP 740) is a signed statement that these very bytes were published by a certain workflow of a
certain repository. It is verified with the Sigstore libraries on the pinned trust root, for the file's name
and SHA-256, and its publisher is read from the signing certificate. That proves where a file is from, and not
that it is any good: nothing that another check finds is cancelled by it. Most good projects have none, and
that alone is no finding.

- **critical**: an attestation does not verify, is about another file or other bytes, or contradicts the
  publisher that the index states; the publisher is not the one that a `[[publisher]]` entry pins; or there is
  nothing verified although a pin or `required` demands it.
- **high**: somebody else than the project's own people may have had a hand in the build. What set it off is
  open to outsiders (`pull_request_target`, `issue_comment`, `workflow_run`, …); it was built from a proposed
  change (`refs/pull/…`), or from a branch while the project's files before were built from tags; it ran on a
  self-hosted runner, which may keep what an earlier run has left; or its build is defined in a repository of
  another owner that is not among the `builders`.
- **medium**: the attestation is of a kind that cannot be judged here; the source repository is not public; or
  what was built is neither a branch nor a tag, or another branch than before.
- **low**: it would be high or medium, and the project's files were built like that before: those that were
  installed here, or else the newest earlier release on the index that is attested.
- **info**: it would be high, and the project is among those that are `usual`.

A reason that speaks of the trust root means that the file was signed by authorities or logs that are not
known here: Sigstore replaces its keys from time to time, and `trustguard update` fetches them.

**What to do:** do not install what does not verify, and tell the project and the index: the file may have
been uploaded with a stolen token. Where a project is known to build in an unusual way, put it among those
that are `usual`; an `[[allow]]` with `checks = ["provenance"]` would excuse a forged attestation too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from trustguard.checks import Glob
from trustguard.model.evidence import Absent, Evidence, Known, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.policy import matches
from trustguard.model.provenance import Publisher
from trustguard.model.record import record
from trustguard.model.repository import Repository, parse_repository

_OPEN = frozenset(
    {
        # GitHub's events that somebody without write access can cause
        *("discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issues", "pull_request"),
        *("pull_request_review", "pull_request_review_comment", "pull_request_target", "watch"),
        "workflow_run",  # follows upon whatever set off the run before it
        *("merge_request_event", "external_pull_request_event"),  # GitLab's sources of pipelines
    }
)
_PROPOSED = ("refs/pull/", "refs/merge-requests/")
_BRANCH = "refs/heads/"
_KEPT = (_BRANCH, "refs/tags/")
_CLOSED = frozenset({"private", "internal"})


@record
class Settings:
    """What must have provenance, and what is not unusual here."""

    required: tuple[Glob, ...] = field(default=(), metadata={"tighter": "more"})
    """Project globs: a file of theirs must have an attestation that verifies."""
    usual: tuple[Glob, ...] = field(default=(), metadata={"tighter": "fewer"})
    """Project globs: that they build in an unusual way is known, and accepted."""
    builders: tuple[str, ...] = field(
        default=("github.com/slsa-framework/slsa-github-generator",), metadata={"tighter": "fewer"}
    )
    """Repositories whose workflows may build for anybody."""


def check(evidence: Evidence, settings: Settings) -> list[Finding]:
    """A finding for whatever is not proven and should be, and for each way in which a build is unusual."""
    provenance = read(evidence.provenance)
    if isinstance(evidence.provenance, Absent):
        lacking = "it has no attestation"
    elif provenance is None:
        return []
    elif provenance.outcome == "verified":
        return [*_of_builds(evidence, provenance.publishers, settings)]
    elif provenance.outcome == "invalid":
        return [_finding(evidence, Severity.CRITICAL, f"its provenance is not valid: {provenance.reason}")]
    else:
        lacking = f"its provenance cannot be judged: {provenance.reason}"
    if any(matches(glob, evidence.project) for glob in settings.required):
        return [_finding(evidence, Severity.CRITICAL, f"provenance is required, and {lacking}")]
    return [] if provenance is None else [_finding(evidence, Severity.MEDIUM, lacking)]


def _of_builds(evidence: Evidence, publishers: Iterable[Publisher], settings: Settings) -> Iterator[Finding]:
    usual = any(matches(glob, evidence.project) for glob in settings.usual)
    # Not read(): what nobody could say of the past takes nothing away from what is seen now.
    known = evidence.publishers.value.publishers if isinstance(evidence.publishers, Known) else ()
    before = set(_unusual(known, settings))
    found = (*_unusual(publishers, settings), *_new_branch(publishers, known))
    for severity, what in dict.fromkeys(found):
        if usual and severity is Severity.HIGH:
            yield _finding(evidence, Severity.INFO, what)
        elif (severity, what) in before:
            yield _finding(evidence, Severity.LOW, f"{what}, as the project's files were before")
        else:
            yield _finding(evidence, severity, what)


Seen = tuple[Severity, str]


def _unusual(publishers: Iterable[Publisher], settings: Settings) -> Iterator[Seen]:
    for publisher in publishers:
        yield from _foreign_hands(publisher, settings.builders)
        yield from _odd(publisher)


def _new_branch(publishers: Iterable[Publisher], known: Iterable[Publisher]) -> Iterator[Seen]:
    """A branch that nothing was released from before, as far as is known; tags are new with every release."""
    refs = [one.ref for one in known if one.ref]
    branches = [ref for ref in refs if ref.startswith(_BRANCH)]
    for publisher in publishers:
        if refs and publisher.ref.startswith(_BRANCH) and publisher.ref not in refs:
            was = ", ".join(dict.fromkeys(ref.removeprefix(_BRANCH) for ref in branches)) or "tags alone"
            branch = publisher.ref.removeprefix(_BRANCH)
            severity = Severity.MEDIUM if branches else Severity.HIGH
            yield (
                severity,
                f"it was built from the branch {branch}, and the project's files before from {was}",
            )


def _foreign_hands(publisher: Publisher, builders: tuple[str, ...]) -> Iterator[Seen]:
    """What lets somebody else than the project's own people into a build."""
    if publisher.trigger in _OPEN:
        yield Severity.HIGH, f"its build was set off by {publisher.trigger}, which outsiders can cause"
    if publisher.ref.startswith(_PROPOSED):
        yield Severity.HIGH, f"it was built from a proposed change: {publisher.ref}"
    if publisher.runner == "self-hosted":
        yield Severity.HIGH, "it was built on a self-hosted runner"
    other, own = publisher.workflow_repository, publisher.repository
    trusted = {parse_repository(builder, labelled=True) for builder in builders}
    if other is not None and other not in trusted and (own is None or _owner(other) != _owner(own)):
        yield Severity.HIGH, f"its build is defined in another owner's repository: {other}"


def _odd(publisher: Publisher) -> Iterator[Seen]:
    if publisher.visibility in _CLOSED:
        yield Severity.MEDIUM, f"its source repository was {publisher.visibility} when it was built"
    if publisher.ref and not publisher.ref.startswith(_KEPT + _PROPOSED):
        yield Severity.MEDIUM, f"what was built is neither a branch nor a tag: {publisher.ref}"


def _owner(repository: Repository) -> tuple[str, str]:
    return repository.host, repository.owner


def _finding(evidence: Evidence, severity: Severity, what: str) -> Finding:
    return Finding(
        check="provenance",
        severity=severity,
        confidence=Confidence.HIGH,
        message=f"{evidence.file.filename}: {what}",
        remedy=_REMEDIES.get(severity, ""),
    )


_REMEDIES = {
    Severity.CRITICAL: "do not install it; tell the project and the index",
    Severity.HIGH: "compare it with earlier releases; if they were built so too, set checks.provenance.usual",
}
