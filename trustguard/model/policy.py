"""What a finding means here: profiles, per-check settings, exceptions, curation.

A policy is the result of merging every layer of configuration; where it came from is ``config``'s matter.
"""

from __future__ import annotations

import fnmatch
import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass, replace
from datetime import date
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from trustguard.model.evidence import SourceName
from trustguard.model.finding import Severity
from trustguard.model.pin import PublisherPin
from trustguard.model.project import Sha256
from trustguard.model.record import record


class Action(IntEnum):
    """What is done about a finding, from the mildest to the strictest.

    ``WITHHOLD`` leaves the file out of the listing, so that the installer takes the next best; a file that
    was asked for by itself, and is withheld, is blocked.
    """

    OFF = 0
    WARN = 1
    ASK = 2
    WITHHOLD = 3
    BLOCK = 4


Profile = Literal["relaxed", "balanced", "strict"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
Unknown = Literal["allow", "ask", "block"]
OnUnavailable = Literal["ignore", "warn", "ask", "block"]

DENIED = "denied"
"""The id of the finding that a ``[[deny]]`` entry makes."""
LOW_SCORE = "min-score"
"""The finding that a score is lower than ``min-score``."""
NOT_LISTED = "not-listed"
"""The id of the finding that ``unknown`` makes of what no ``[[allow]]`` entry lists."""
INVALID_PROVENANCE = "provenance"
NEVER_EXCUSED_BY_DEFAULT = frozenset({"known-malicious", INVALID_PROVENANCE, DENIED})
"""Checks that an exception excuses only where it names them. A denial is excused by no exception at all."""


@record
class CheckPolicy:
    """One ``[checks.ID]`` table: an action for whatever the check finds, and projects it does not concern."""

    action: Action | None = None
    """None: what the profile says, by severity."""
    exempt: tuple[str, ...] = ()
    """Project globs that the check leaves alone."""
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Values for the check's own ``Settings``, already of their types."""


_UNCHANGED = CheckPolicy()


@record
class Selector:
    """Which files an ``[[allow]]`` or ``[[deny]]`` entry speaks of. Every part given must fit."""

    project: str
    """A normalized name or a glob."""
    version: SpecifierSet | None = None
    sha256: tuple[Sha256, ...] = ()
    index: str | None = None

    def covers(self, project: NormalizedName, version: Version, digest: Sha256 | None, index: str) -> bool:
        """Whether the entry speaks of this file. With ``sha256`` given, an unknown digest does not fit."""
        return (
            matches(self.project, project)
            and (self.version is None or self.version.contains(version, prereleases=True))
            and (not self.sha256 or digest in self.sha256)
            and (self.index is None or same_index(self.index, index))
        )


@record
class Allow:
    """An exception, or in a curated installation a listed project."""

    selector: Selector
    reason: str
    checks: tuple[str, ...] | None = None
    """Which findings it excuses; None: all but those in :data:`NEVER_EXCUSED_BY_DEFAULT`."""
    expires: date | None = None
    """The last day on which it holds."""
    by: str = ""
    """Who granted it: the layer, and the name where the entry gives one."""
    needs_approval: bool = False
    """Whether it turns a refusal into a question only, for each use (``user-exceptions = "ask"``)."""

    def active(self, today: date) -> bool:
        """Whether the exception still holds."""
        return self.expires is None or today <= self.expires

    def excuses(self, check: str) -> bool:
        """Whether it excuses findings of this check."""
        if check == DENIED:
            return False
        if self.checks is None:
            return check not in NEVER_EXCUSED_BY_DEFAULT
        return check in self.checks


@record
class Deny:
    """A refusal by name, version or digest."""

    selector: Selector
    reason: str


@record
class IndexPolicy:
    """One ``[[index]]`` table: what is known about an index that the installer is configured with."""

    url: str
    namespaces: tuple[str, ...] = ()
    """Project globs that come from here and from nowhere else."""
    trust: Literal["public", "private"] = "public"
    integrity: bool = False
    """Whether it has provenance documents where PEP 740 puts them, without saying so on its pages."""
    forbids_missing: bool = False
    """Whether it answers 403 for a project that it does not have, as storage without listings does."""


_W, _A, _H, _B, _O = Action.WARN, Action.ASK, Action.WITHHOLD, Action.BLOCK, Action.OFF

# By check: the action for INFO, LOW, MEDIUM, HIGH, CRITICAL findings, for each profile.
PROFILE_ACTIONS: Mapping[str, Mapping[Profile, tuple[Action, Action, Action, Action, Action]]] = {
    "known-malicious": dict.fromkeys(PROFILES, (_H, _H, _H, _H, _H)),
    "vulnerability": {
        "relaxed": (_O, _O, _O, _W, _W),
        "balanced": (_O, _W, _W, _W, _W),
        "strict": (_W, _A, _A, _A, _A),
    },
    "project-status": {
        "relaxed": (_O, _O, _W, _W, _H),
        "balanced": (_O, _W, _W, _W, _H),
        "strict": (_W, _W, _A, _A, _H),
    },
    "release-age": {
        "relaxed": (_O, _O, _W, _W, _W),
        "balanced": (_O, _W, _H, _H, _H),
        "strict": (_W, _W, _H, _H, _H),
    },
    "dependency-confusion": {
        "relaxed": (_O, _O, _W, _W, _A),
        "balanced": (_O, _O, _W, _A, _B),
        "strict": (_O, _W, _A, _B, _B),
    },
    "direct-reference": {
        "relaxed": (_O, _O, _W, _W, _B),
        "balanced": (_O, _O, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "typosquatting": {
        "relaxed": (_O, _O, _W, _A, _A),
        "balanced": (_O, _W, _A, _B, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "provenance-continuity": {
        "relaxed": (_O, _O, _W, _H, _B),
        "balanced": (_O, _W, _A, _H, _B),
        "strict": (_W, _W, _H, _B, _B),
    },
    "starjacking": {
        "relaxed": (_O, _O, _W, _W, _A),
        "balanced": (_O, _W, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "clone": {
        "relaxed": (_O, _O, _W, _W, _A),
        "balanced": (_O, _W, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "source-only": {
        "relaxed": (_O, _O, _W, _W, _A),
        "balanced": (_O, _W, _A, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "artifact-integrity": {
        "relaxed": (_O, _O, _W, _A, _B),
        "balanced": (_O, _W, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "startup-code": {
        "relaxed": (_O, _O, _W, _A, _B),
        "balanced": (_O, _W, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
    "reputation": {
        "relaxed": (_O, _O, _W, _W, _A),
        "balanced": (_O, _W, _W, _A, _A),
        "strict": (_W, _W, _A, _B, _B),
    },
    "provenance": {
        "relaxed": (_O, _O, _W, _W, _B),
        "balanced": (_O, _W, _W, _A, _B),
        "strict": (_W, _W, _A, _B, _B),
    },
}
"""What each profile does about each check's findings."""

_DEFAULT_ACTIONS: Mapping[Profile, tuple[Action, Action, Action, Action, Action]] = {
    "relaxed": (_O, _O, _W, _W, _A),
    "balanced": (_O, _W, _W, _A, _B),
    "strict": (_W, _W, _A, _B, _B),
}

DEFAULT_ON_UNAVAILABLE: Mapping[SourceName, OnUnavailable] = {
    "advisories": "warn",
    "index": "block",
    "upload-times": "warn",
    "artifact": "block",
    "provenance": "warn",
    "project-api": "warn",
    "forge": "ignore",
    "dependents": "ignore",
}
"""What happens when a source cannot answer, unless ``on-unavailable`` says otherwise."""

_WHEN_UNAVAILABLE: Mapping[OnUnavailable, Action] = {
    "ignore": Action.OFF,
    "warn": Action.WARN,
    "ask": Action.ASK,
    "block": Action.BLOCK,
}


@record
class Policy:
    """Every rule that holds for a run, all layers merged."""

    profile: Profile = "balanced"
    unknown: Unknown = "allow"
    min_score: float = 0.0
    """A file whose trust score is lower is refused; 0 is no such rule."""
    message: str = ""
    checks: Mapping[str, CheckPolicy] = field(default_factory=lambda: MappingProxyType({}))
    indexes: tuple[IndexPolicy, ...] = ()
    allow: tuple[Allow, ...] = ()
    deny: tuple[Deny, ...] = ()
    publishers: tuple[PublisherPin, ...] = ()
    on_unavailable: Mapping[SourceName, OnUnavailable] = field(
        default_factory=lambda: MappingProxyType(dict(DEFAULT_ON_UNAVAILABLE))
    )

    def check(self, check_id: str) -> CheckPolicy:
        """The settings of one check; those of the profile where no layer says anything."""
        return self.checks.get(check_id, _UNCHANGED)

    def action(self, check_id: str, severity: Severity) -> Action:
        """What is done about a finding of this check and severity; a denial is always a refusal."""
        if check_id == DENIED:
            return Action.BLOCK
        if check_id == LOW_SCORE:
            return Action.BLOCK if self.min_score else Action.OFF
        if check_id == NOT_LISTED:
            return {"allow": Action.OFF, "ask": Action.ASK, "block": Action.WITHHOLD}[self.unknown]
        chosen = self.check(check_id).action
        if chosen is not None:
            return chosen
        return PROFILE_ACTIONS.get(check_id, _DEFAULT_ACTIONS)[self.profile][severity]

    def when_unavailable(self, source: SourceName) -> Action:
        """What is done about a check that could not be made because this source did not answer."""
        says = self.on_unavailable.get(source, DEFAULT_ON_UNAVAILABLE[source])
        return _WHEN_UNAVAILABLE[says]

    def pinned_index(self, project: NormalizedName) -> IndexPolicy | None:
        """The one index whose namespaces claim this project, if any."""
        return next((i for i in self.indexes if any(matches(g, project) for g in i.namespaces)), None)

    def index(self, url: str) -> IndexPolicy:
        """What is known about an index; an index that no layer mentions is a public one."""
        return next((i for i in self.indexes if same_index(i.url, url)), IndexPolicy(url))

    def pins(self, project: NormalizedName) -> tuple[tuple[PublisherPin, ...], ...]:
        """The pins that concern a project, those of each layer by themselves; none where it is exempt."""
        found: dict[str, tuple[PublisherPin, ...]] = {}
        for pin in self.publishers:
            if matches(pin.project, project):
                found[pin.by] = (*found.get(pin.by, ()), pin)
        if found and any(matches(glob, project) for glob in self.check(INVALID_PROVENANCE).exempt):
            return ()
        return tuple(found.values())

    def demands_provenance(self, project: NormalizedName) -> bool:
        """Whether a file of this project must have been verified: it is pinned, or provenance is required."""
        required = self.check(INVALID_PROVENANCE).settings.get("required", ())
        return bool(self.pins(project)) or any(matches(glob, project) for glob in required)

    def on(self, today: date) -> Policy:
        """The policy without the exceptions that have expired."""
        return replace(self, allow=tuple(a for a in self.allow if a.active(today)))

    @property
    def digest(self) -> str:
        """SHA-256 over everything that can change a verdict, for the ledger and for caches."""
        judging = replace(self, message="", allow=tuple(replace(a, by="") for a in self.allow))
        return hashlib.sha256(json.dumps(_plain(judging), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def matches(glob: str, project: NormalizedName) -> bool:
    """Whether a project glob (``*``, ``?``, ``[…]``) fits a normalized name, itself normalized first."""
    return fnmatch.fnmatchcase(project, canonicalize_name(glob))


def same_index(one: str, other: str) -> bool:
    """Whether two index addresses are the same, a trailing slash apart."""
    return plain_address(one).rstrip("/") == plain_address(other).rstrip("/")


@functools.cache
def plain_address(url: str) -> str:
    """An address in one spelling (RFC 3986, 6.2): scheme and host in lower case, and no port of the scheme's.

    Args:
        url: an address; what is none stays as it is.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme, ":"))
    return parts._replace(netloc=host).geturl() if host else url


_PORTS = {"https": ":443", "http": ":80"}
