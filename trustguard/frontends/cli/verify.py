"""``trustguard verify``: who built a file, by its attestations, offline."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import click

from trustguard.config import Configuration
from trustguard.frontends import trust_root
from trustguard.frontends.cli.options import Options
from trustguard.frontends.state import State
from trustguard.judging import vet
from trustguard.model.errors import UsageError
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.pin import PublisherPin, repository_of
from trustguard.model.policy import Action, Policy
from trustguard.model.project import DistributionFile, FileName, IndexId, Sha256, sha256
from trustguard.model.provenance import Provenance, PublisherKind
from trustguard.model.record import record
from trustguard.reports.json_report import as_text
from trustguard.reports.provenance_report import Verified, lines, to_json
from trustguard.reports.text import foreign
from trustguard.sources.attestations import LIMIT, TrustRoot, verify

_STEP = 1 << 20
_KINDS: tuple[PublisherKind, ...] = ("GitHub", "GitLab", "Google", "CircleCI", "other")
_NOT_ASKED = NotApplicable("only its provenance is looked at")


@record
class Wanted:
    """What was typed: the file, and the publisher that it must have. What is None or empty was not typed."""

    artifact: Path | None
    filename: str | None
    sha256: str | None
    kind: PublisherKind | None
    repository: str
    repository_id: str
    owner_id: str
    workflow: str
    identity: str

    def file(self) -> tuple[str, Sha256]:
        """The file's name and digest: its own, or those that were given.

        Raises:
            UsageError: neither is there, both are, or one of them is none.
        """
        if self.artifact is not None:
            if self.filename is not None or self.sha256 is not None:
                raise UsageError("a file, and a name or digest besides", hint="leave one of the two away")
            return self.artifact.name, _digest(self.artifact)
        if self.filename is None or self.sha256 is None:
            raise UsageError("no file to verify", hint="give its path, or --filename and --sha256")
        try:
            return self.filename, sha256(self.sha256)
        except ValueError as error:
            raise UsageError(f"--sha256: {error}") from error

    def pin(self, project: str) -> PublisherPin | None:
        """The publisher; None where nothing was said of it.

        Raises:
            UsageError: it is not clear who is meant.
        """
        of_forge = any((self.repository, self.repository_id, self.owner_id, self.workflow))
        if not of_forge and not self.identity:
            if self.kind is not None:
                raise UsageError("--kind says nothing alone", hint="add --repository, or --identity")
            return None
        if not of_forge and self.kind is None:
            raise UsageError("--identity needs its --kind", hint="such as --kind Google")
        kind = self.kind or "GitHub"
        repository = repository_of(kind, self.repository) if self.repository else None
        if self.repository and repository is None:
            raise UsageError(f"--repository: {self.repository[:100]!r} is no repository", hint="OWNER/NAME")
        return PublisherPin(
            project,
            kind,
            repository=repository,
            repository_id=self.repository_id,
            owner_id=self.owner_id,
            workflow=self.workflow,
            identity=self.identity,
            by="verify",
        )


def judged(wanted: Wanted, document: bytes, root: TrustRoot, policy: Policy) -> Verified:
    """Verify a document, and judge what came of it as an installation would.

    Raises:
        UsageError: what was typed makes no sense.
        SourceRefused: the trust root is none.
    """
    filename, digest = wanted.file()
    try:
        name = FileName.parse(filename)
    except ValueError:
        reason = f"{filename!r} is not the name of a distribution file"
        return Verified(filename, digest, root.digest, "invalid", "block", reason, BLOCKED)
    pin = wanted.pin(name.project)
    fact = verify(document, filename, digest, root)
    pinned = replace(policy, publishers=(*policy.publishers, *([pin] if pin else [])))
    return _told(name, digest, root, fact, pinned)


def _told(
    name: FileName, digest: Sha256, root: TrustRoot, fact: Known[Provenance] | Absent, policy: Policy
) -> Verified:
    now = datetime.now(timezone.utc)
    verdict = vet(_evidence(name, digest, fact, now), policy.on(now.date()))
    word = _word(verdict.action)
    found = fact.value if isinstance(fact, Known) else None
    reasons = [judged.finding for judged in verdict.reasons]
    return Verified(
        name.filename,
        digest,
        root.digest,
        "absent" if found is None else found.outcome,
        word,
        reasons[0].message if reasons else found.reason if found else "it has no attestation",
        _exit_code(word, verified=found is not None and found.outcome == "verified"),
        () if found is None else found.attestations,
        tuple(reasons),
    )


def _word(action: Action) -> Literal["allow", "warn", "ask", "block"]:
    if action >= Action.WITHHOLD:
        return "block"
    return "ask" if action is Action.ASK else "warn" if action is Action.WARN else "allow"


def _exit_code(verdict: str, *, verified: bool) -> int:
    worse = {"block": BLOCKED, "ask": NEEDS_APPROVAL}
    return worse.get(verdict, 0 if verified else UNVETTED)


def _evidence(name: FileName, digest: Sha256, fact: Known[Provenance] | Absent, now: datetime) -> Evidence:
    return Evidence(
        file=DistributionFile(name, "", {"sha256": digest}),
        index=IndexId(""),
        at=now,
        advisories=_NOT_ASKED,
        upload_time=_NOT_ASKED,
        status=_NOT_ASKED,
        other_indexes=_NOT_ASKED,
        direct=_NOT_ASKED,
        sha256=Known(digest),
        provenance=fact,
    )


def _digest(path: Path) -> Sha256:
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_STEP):
                found.update(piece)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    return Sha256(found.hexdigest())


def _document(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def _root(path: Path | None, configuration: Configuration) -> TrustRoot:
    def warn(line: str) -> None:
        click.echo(f"trustguard: {foreign(line, 2000)}", err=True)

    if path is not None:
        return trust_root.from_file(path)
    return trust_root.in_use(configuration, State.of_this_user(), warn)


def command_for(name: str, summary: str) -> click.Command:
    """The command."""
    file = click.Path(path_type=Path)

    @click.command(name, short_help=summary, help=f"{summary[0].upper()}{summary[1:]}.")
    @click.argument("artifact", type=file, required=False)
    @click.option("--filename", metavar="NAME", help="The file's name, where the file is not here.")
    @click.option("--sha256", metavar="HEX", help="Its SHA-256, likewise.")
    @click.option(
        "--provenance", type=file, required=True, help="A provenance or attestation object, or a bundle."
    )
    @click.option("--trust-root", "root", type=file, help="The trust root, instead of the configured one.")
    @click.option("--kind", type=click.Choice(_KINDS), help="What the publisher must be; GitHub by default.")
    @click.option("--repository", default="", metavar="OWNER/NAME", help="Its repository.")
    @click.option("--repository-id", default="", metavar="N", help="The repository's number.")
    @click.option("--owner-id", default="", metavar="N", help="The number of the repository's owner.")
    @click.option("--workflow", default="", metavar="FILE", help="The build's definition.")
    @click.option("--identity", default="", metavar="NAME", help="The name in the certificate.")
    @click.option("--format", "format_", type=click.Choice(["table", "json"]), help="How it is shown.")
    @click.pass_context
    def command(
        ctx: click.Context,
        /,
        provenance: Path,
        root: Path | None,
        format_: str | None,
        **typed: Any,  # noqa: ANN401
    ) -> int:
        options: Options = ctx.obj
        if format_ is not None:
            options = ctx.find_root().obj = replace(options, format=format_)
        configuration = options.configuration()
        trusted = _root(root, configuration)
        verified = judged(Wanted(**typed), _document(provenance), trusted, configuration.policy)
        if options.format == "json":
            click.echo(as_text(to_json(verified)), nl=False)
        else:
            click.echo("\n".join(lines(verified)))
        return verified.exit_code

    return command
