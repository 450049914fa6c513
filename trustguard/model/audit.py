"""What an audit has found: what is installed in an environment, judged by the facts and policy of today."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.evidence import Advisory, Fact, Known
from trustguard.model.exit_codes import BLOCKED, NEEDS_APPROVAL, UNVETTED
from trustguard.model.policy import Action
from trustguard.model.record import record
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict

Origin = Literal["vetted", "replaced", "unvetted", "own", "unreadable"]
"""Where a distribution comes from, as far as is known: it is the one that the ledger knows; the ledger knows
another one of its name; the ledger does not know it; it is the user's own project; nobody can tell."""
DeviationKind = Literal["changed", "missing", "added", "record"]

_FIXES = 20
"""So many versions are looked at for one that no advisory is about."""


@record
class Deviation:
    """A file that is not as it was installed.

    Args:
        kind: ``changed``: it is not what RECORD says; ``missing``: RECORD has it, and it is gone; ``added``:
            it can be imported, and nobody has installed it; ``record``: RECORD says something else than that
            of the wheel.
        path: below site-packages.
    """

    kind: DeviationKind
    path: str


@record
class Comparison:
    """What came of holding the files of a distribution against its RECORD.

    Args:
        deviations: what is not as it should be.
        files: how many were compared.
        by_size: how many of these only by size and time of change, because they are large.
        with_wheel: whether RECORD itself was held against that of the wheel that was vetted.
        why_not: why nothing was compared, one line; empty where it was.
    """

    deviations: tuple[Deviation, ...] = ()
    files: int = 0
    by_size: int = 0
    with_wheel: bool = False
    why_not: str = ""


@record
class Audited:
    """One installed distribution.

    Args:
        name: normalized; of what is unreadable, as the folder has it.
        version: of the distribution; empty where nobody can tell.
        place: its ``.dist-info`` folder, or what stands for it.
        origin: where it comes from.
        remark: where the own project is; why it is unreadable, or not what the ledger knows, one line.
        verdict: of today; None for what is the user's own, and for what is unreadable.
        by_evidence: whether the verdict rests on what was seen when it was installed, and on the advisories;
            else on name and version, and on the advisories.
        approved: whether the verdict asks for nothing that somebody has not approved when it was installed.
        comparison: of its files.
        fixed: the version in which the vulnerabilities that have a fix are fixed; empty: there is none.
        editable: whether the user's own project runs from where it is.
    """

    name: str
    version: str
    place: str
    origin: Origin
    remark: str = ""
    verdict: Verdict | None = None
    by_evidence: bool = False
    approved: bool = False
    comparison: Comparison = Comparison()
    fixed: str = ""
    editable: bool = False

    @property
    def decision(self) -> Decision:
        """What an installation would do with it today; a file that was tampered with is not let in."""
        if self.comparison.deviations:
            return Decision.BLOCK
        if self.verdict is None:
            return Decision.ALLOW
        if self.approved and self.verdict.decision is Decision.ASK:
            return Decision.WARN
        return self.verdict.decision

    @property
    def malicious(self) -> bool:
        """Whether it is refused as malicious."""
        return any(j.finding.check == "known-malicious" for j in self.refusing)

    @property
    def refusing(self) -> tuple[Judged, ...]:
        """The findings for which it is refused."""
        reasons = () if self.verdict is None else self.verdict.reasons
        return tuple(j for j in reasons if j.action >= Action.WITHHOLD)

    @property
    def flaws(self) -> tuple[Judged, ...]:
        """The vulnerabilities that count."""
        reasons = () if self.verdict is None else self.verdict.reasons
        return tuple(j for j in reasons if j.finding.check == "vulnerability")

    @property
    def unchecked(self) -> bool:
        """Whether it is not known what it is, or a check could not be made that must be."""
        return self.origin == "unreadable" or (self.verdict is not None and self.verdict.unvetted)

    @property
    def unanswered(self) -> tuple[Unanswered, ...]:
        """The checks that could not be made, as far as the policy minds."""
        every = () if self.verdict is None else self.verdict.unanswered
        return tuple(one for one in every if one.action > Action.OFF)

    @property
    def never_vetted(self) -> bool:
        """Whether nobody has vetted what is there."""
        return self.origin in {"unvetted", "replaced"}


@record
class Stray:
    """Something in a site-packages folder that Python would take, and that no distribution lists.

    Args:
        path: seen from the folder.
        start_up: whether it runs whenever Python starts.
        code: what runs then, as far as it is kept.
    """

    path: str
    start_up: bool = False
    code: str = ""


@record
class Data:
    """The advisories that were used.

    Args:
        records: how many.
        fetched_at: when.
        origin: where from.
    """

    records: int
    fetched_at: datetime
    origin: str


@record
class Audit:
    """An environment.

    Args:
        interpreter: its Python.
        folders: its site-packages folders.
        at: when it was looked at.
        distributions: everything that is installed, the worst first.
        strays: what is there besides.
        advisories: what was known; None: nothing.
        incomplete: whether something could not be looked at: the problems say what.
        rewritten: what the ledger says something else of by now.
        problems: what went wrong, one line each.
        message: the organisation's own words.
        require_vetted: whether what was never vetted needs approval.
    """

    interpreter: str
    folders: tuple[str, ...]
    at: datetime
    distributions: tuple[Audited, ...]
    strays: tuple[Stray, ...] = ()
    advisories: Data | None = None
    incomplete: bool = False
    rewritten: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    message: str = ""
    require_vetted: bool = False

    @property
    def exit_code(self) -> int:
        """As that of an installation: refused or changed, unchecked, somebody is to be asked, or 0."""
        there = self.distributions
        if any(not one.unchecked and one.decision in _REFUSED for one in there):
            return BLOCKED
        if any(one.comparison.deviations for one in there):
            return BLOCKED
        if self.advisories is None or self.incomplete or any(one.unchecked for one in there):
            return UNVETTED
        if any(one.decision is Decision.ASK for one in there) or any(one.start_up for one in self.strays):
            return NEEDS_APPROVAL
        unwanted = any(one.never_vetted for one in there) or bool(self.strays)
        return NEEDS_APPROVAL if self.require_vetted and unwanted else 0

    @property
    def decision(self) -> Decision:
        """The worst of all."""
        return max((one.decision for one in self.distributions), key=_ORDER.index, default=Decision.ALLOW)


_ORDER = (Decision.ALLOW, Decision.WARN, Decision.ASK, Decision.WITHHOLD, Decision.BLOCK)
_REFUSED = frozenset({Decision.WITHHOLD, Decision.BLOCK})


def worst_first(distributions: Iterable[Audited]) -> tuple[Audited, ...]:
    """In the order in which they are told."""
    return tuple(sorted(distributions, key=_rank))


def _rank(one: Audited) -> tuple[bool, bool, int, bool, int, str]:
    return (
        not one.malicious,
        not one.comparison.deviations,
        -_ORDER.index(one.decision),
        one.origin != "unreadable",
        -len(one.flaws),
        one.name,
    )


def fixing(
    project: NormalizedName,
    version: Version,
    applying: Callable[[NormalizedName, Version], Fact[tuple[Advisory, ...]]],
) -> str:
    """The lowest version above one in which all is fixed that can be; empty where nothing is.

    A version in which one vulnerability is fixed may have another, or be malicious: each that comes into
    question is looked up in its turn.

    Args:
        project: the project.
        version: the one that is installed.
        applying: gives the advisories about a release.
    """
    found = version
    for _ in range(_FIXES):
        fact = applying(project, found)
        if not isinstance(fact, Known) or (found != version and any(a.malicious for a in fact.value)):
            return ""
        following = [after for a in fact.value if (after := _next(a, found)) is not None]
        if not following:
            return "" if found == version else str(found)
        found = max(following)
    return ""


def _next(advisory: Advisory, version: Version) -> Version | None:
    """The lowest version above one in which something is fixed."""
    return next(iter(advisory.fixes(version)), None)
