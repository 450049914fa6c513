"""All five layers, from their files to one configuration."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from trustguard.checks import Check, discover
from trustguard.config.document import Document, LayerName, parse
from trustguard.config.layers import (
    BUILD_BACKEND,
    ENVIRONMENT_VARIABLE,
    Paths,
    find_project,
    from_command_line,
    label_of,
    read_file,
    read_org,
)
from trustguard.config.merge import Merged
from trustguard.config.reader import read
from trustguard.config.settings import BUILD_SANDBOX
from trustguard.model.build import BuildSandbox
from trustguard.model.errors import ConfigError
from trustguard.model.policy import Policy
from trustguard.model.project import Sha256, sha256
from trustguard.model.record import record


@record
class Layer:
    """One layer, present or not.

    Args:
        name: which one.
        path: its file, where it has one or would have.
        present: whether it says anything.
        sha256: the digest of its file.
    """

    name: LayerName
    path: Path | None = None
    present: bool = False
    sha256: Sha256 | None = None


@record
class Configuration:
    """Everything that the layers say together.

    Args:
        policy: what a finding means.
        layers: all five, from the first word to the last.
        warnings: one line each, such as an exception that has expired.
        advisories_url: where the advisory data comes from.
        popular_url: where the ranking of popular projects comes from.
        trust_root: the file of a private Sigstore's trust root; None: Sigstore's public one.
        forges: the hosts of the forges that may be asked.
        dependents_url: the address of a service that counts dependents; None where none is asked.
        max_age: when advisory data is stale.
        update_deadline: how long fetching it may take.
        build_sandbox: whether packages are built without network and without the user's secrets.
        user_exceptions: whether user, environment and command line may add exceptions: "yes", "ask" or "no".
        artifact_store_limit: how large the store of files may grow, in bytes.
    """

    policy: Policy
    layers: tuple[Layer, ...]
    warnings: tuple[str, ...]
    advisories_url: str | None
    popular_url: str
    trust_root: Path | None
    forges: tuple[str, ...]
    dependents_url: str | None
    max_age: timedelta
    update_deadline: timedelta
    build_sandbox: BuildSandbox
    user_exceptions: str
    artifact_store_limit: int


def load(  # noqa: PLR0913 - by keyword, and each one is a door that a test must be able to open
    *,
    cwd: Path,
    environ: Mapping[str, str],
    profile: str | None = None,
    extra: Sequence[str] = (),
    paths: Paths | None = None,
    checks: Mapping[str, Check] | None = None,
    today: date | None = None,
) -> Configuration:
    """Read and join all layers.

    Args:
        cwd: the folder from which the project's file is looked for.
        environ: the environment; ``TRUSTGUARD_CONFIG`` in it names one more file.
        profile: what ``--profile`` says.
        extra: further settings of the command line, ``KEY=VALUE`` each.
        paths: where the organisation's and the user's files are; None: the real ones.
        checks: the checks that can be configured, by id; None: those of this release.
        today: the day on which exceptions expire or not; None: today, UTC.

    Raises:
        ConfigError: a file is unreadable or malformed, a key is unknown, a value is bad, two settings
            contradict each other, or a layer loosens what it must not.
    """
    known = discover() if checks is None else checks
    found = list(every_layer(cwd.resolve(), environ, from_command_line(profile, extra), paths))
    merged = Merged(known, has_org=any(layer.name == "org" and layer.present for layer, _ in found))
    for layer, document in found:
        if document is not None:
            reserved = (BUILD_BACKEND,) if document.base else ()
            merged.add(layer.name, read(document.root, known, reserved=reserved))
    merged.check_together()
    today = today or datetime.now(timezone.utc).date()
    return _configuration(merged, tuple(layer for layer, _ in found), today)


def every_layer(
    cwd: Path, environ: Mapping[str, str], command_line: Document | None, paths: Paths | None
) -> Iterator[tuple[Layer, Document | None]]:
    """Every layer, and what it says; the organisation's first, so that a bad one stops all else."""
    paths = paths or Paths.of_this_machine()
    named = environ.get(ENVIRONMENT_VARIABLE)
    environment = cwd / named if named else None
    yield _from_file("org", paths.org, str(paths.org), read_org(paths.org))
    label = label_of(paths.user, cwd)
    yield _from_file("user", paths.user, label, read_file(paths.user, label))
    yield _project(cwd, [paths.org, paths.user, *([environment] if environment else [])])
    if environment is None:
        yield Layer("environment"), None
    else:
        yield _from_environment(environment, label_of(environment, cwd))
    yield Layer("command line", present=command_line is not None), command_line


def _from_file(
    name: LayerName, path: Path, label: str, content: bytes | None
) -> tuple[Layer, Document | None]:
    if content is None:
        return Layer(name, path), None
    return Layer(name, path, present=True, sha256=_digest(content)), parse(name, label, content)


def _project(cwd: Path, others: Sequence[Path]) -> tuple[Layer, Document | None]:
    found = find_project(cwd, others)
    if found is None:
        return Layer("project"), None
    path, document, content = found
    return Layer("project", path, present=True, sha256=_digest(content)), document


def _from_environment(path: Path, label: str) -> tuple[Layer, Document | None]:
    content = read_file(path, label)
    if content is None:
        raise ConfigError(f"{label}: does not exist", hint=f"{ENVIRONMENT_VARIABLE} names it")
    return _from_file("environment", path, label, content)


def _digest(content: bytes) -> Sha256:
    return sha256(hashlib.sha256(content).hexdigest())


def _configuration(merged: Merged, layers: tuple[Layer, ...], today: date) -> Configuration:
    return Configuration(
        policy=merged.policy(),
        layers=layers,
        warnings=tuple(
            f"{node.place}: {node.key}: the exception for {allow.selector.project} expired on {allow.expires}"
            for allow, node in merged.allow
            if not allow.active(today)
        ),
        advisories_url=merged.value(("sources", "advisories")),
        popular_url=merged.value(("sources", "popular")),
        trust_root=merged.value(("sources", "trust-root")),
        forges=merged.value(("sources", "forges")),
        dependents_url=merged.value(("sources", "dependents")),
        max_age=merged.value(("sources", "max-age")),
        update_deadline=merged.value(("sources", "deadline")),
        build_sandbox=merged.value(BUILD_SANDBOX),
        user_exceptions=merged.user_exceptions,
        artifact_store_limit=merged.value(("state", "artifact-store-limit")),
    )
