"""The weights of the trust score: data, each with its reason. Whoever changes one raises :data:`VERSION`.

A point is about one unit of log-odds: how much more often a good release shows the signal than a bad one.
They are judgements, held against known cases (tests/model/test_score.py) and against the separation of known
squats from honest projects (docs/accuracy.md), not fitted to either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from trustguard.model.finding import Severity
from trustguard.model.record import record

VERSION: Final = 1
"""Of the model. Scores of different versions are not to be compared."""
START: Final = 5.0
"""Where nothing is known."""
LOWEST: Final = 1.0
HIGHEST: Final = 10.0
FORGEABLE: Final = 0.5
"""What everything that anybody could write himself may add up to."""
YOUNG: Final = 1.0
"""Points taken away from a project on its first day; none any more after :data:`GROWN`."""
GROWN: Final = 90
"""Days after which a project is not young any more."""
PATIENCE: Final = 365
"""Days up to which a project's age says nothing for it: so long somebody might wait who means harm."""
SETTLED: Final = 3 * 365
"""Days from which on a project's age says all that age can say."""
RELEASES: Final = 10
"""So many releases are enough."""
DEPENDENTS: Final = 1_000
"""So many projects that depend on it are enough; they count by their logarithm."""
TOP, RANKS = 1_000, 20_000
"""The place among popular projects up to which that counts in full, and from which on it counts nothing."""
PROVEN: Final = 90
"""Days after which somebody who signs for a project is taken for one of its people."""
UNKNOWN_PROVENANCE: Final = 8.0
"""The most that the score may be where the index says nothing of attestations, so that nobody can know."""

Group = Literal[
    "provenance",
    "source",
    "history",
    "adoption",
    "name",
    "ownership",
    "artifact",
    "vulnerabilities",
    "status",
    "cosmetics",
]


@record
class Caps:
    """What a group may add at most, and take away at most."""

    up: float
    down: float


CAPS: Final[Mapping[Group, Caps]] = {
    "provenance": Caps(1.5, 3.0),
    "source": Caps(0.6, 2.5),
    "history": Caps(1.5, 1.5),
    "adoption": Caps(2.0, 0.0),
    "name": Caps(0.0, 3.0),
    "ownership": Caps(0.3, 2.0),
    "artifact": Caps(0.0, 3.0),
    "vulnerabilities": Caps(0.0, 2.0),
    "status": Caps(0.0, 2.0),
    "cosmetics": Caps(0.3, 0.0),
}
"""No group alone makes a package good, and no heap of small doubts of one kind makes it worse than one."""


@record
class Signal:
    """Something that speaks for a release.

    Args:
        id: its name.
        group: to which it belongs.
        points: at its strongest.
        reason: why it says something, one line.
        facts: the facts of the evidence that it rests on.
        forgeable: whether whoever uploads a package can simply write it.
    """

    id: str
    group: Group
    points: float
    reason: str
    facts: tuple[str, ...]
    forgeable: bool = False


_STANDING = ("provenance", "publishers", "rank", "history")
SIGNALS: Final = (
    Signal(
        "attested",
        "provenance",
        0.3,
        "a verified attestation proves where it is from; anybody can get one",
        ("provenance",),
    ),
    Signal(
        "attested-standing",
        "provenance",
        1.2,
        "the project stands, and who signs has signed for it for months: a stolen token is not enough",
        _STANDING,
    ),
    Signal(
        "proven-source",
        "source",
        0.4,
        "the same, and the repository that it claims is the one that it is proven to be from",
        ("claims", *_STANDING),
    ),
    Signal(
        "tagged-releases",
        "source",
        0.2,
        "the same, and the proven repository has tags for what was released",
        ("tags", *_STANDING),
    ),
    Signal(
        "claimed-source",
        "source",
        0.1,
        "it names a repository; nobody has checked that",
        ("claims",),
        forgeable=True,
    ),
    Signal(
        "age", "history", 1.0, "bad projects are found within weeks; few stand for three years", ("history",)
    ),
    Signal(
        "releases",
        "history",
        0.5,
        "it has been kept up over the years, release by release",
        ("history",),
    ),
    Signal(
        "popular",
        "adoption",
        2.0,
        "many would have noticed; it cannot be had by writing something",
        ("rank",),
    ),
    Signal(
        "depended-on",
        "adoption",
        0.5,
        "others build on it, and have done so while it grew old",
        ("dependents", "history"),
    ),
    Signal(
        "owned-by-organisation",
        "ownership",
        0.3,
        "the index names an organisation as owner, which it has approved",
        ("owners",),
    ),
    Signal(
        "described",
        "cosmetics",
        0.3,
        "it says who made it, and for which Pythons",
        ("metadata", "claims"),
        forgeable=True,
    ),
)
"""What speaks for a release. That one of these is missing speaks against nothing."""


@record
class Weight:
    """What one finding does.

    Args:
        points: taken away.
        most: the ceiling of the score with such a finding.
    """

    points: float
    most: float = HIGHEST


_NOTHING = Weight(0.0)


@record
class Doubt:
    """What findings of a check take away. INFO counts nothing; CRITICAL is a blocker, always.

    Args:
        check: its id.
        group: to which it belongs.
        reason: why, one line.
        weights: by severity; the check finds no other.
        blocks: whether the check can find something critical, or make what another one finds critical: if it
            could not be made, there is no score.
    """

    check: str
    group: Group
    reason: str
    weights: Mapping[Severity, Weight]
    blocks: bool = False

    def of(self, severity: Severity) -> Weight:
        """The weight of a finding; one of an unlisted severity counts like the next milder one."""
        return (
            self.weights[max(milder)] if (milder := [s for s in self.weights if s <= severity]) else _NOTHING
        )

    @property
    def worst(self) -> Weight:
        """The weight of the worst that is no blocker."""
        return self.of(Severity.HIGH)


_L, _M, _H = Severity.LOW, Severity.MEDIUM, Severity.HIGH
DOUBTS: Final = (
    Doubt("known-malicious", "status", "an advisory calls it malicious", {}, blocks=True),
    Doubt("vulnerability", "vulnerabilities", "a flaw of it is known", {_M: Weight(0.5, 9.0)}),
    Doubt(
        "project-status",
        "status",
        "its own people or the index warn of it",
        {_L: Weight(0.3), _M: Weight(1.0, 6.0), _H: Weight(2.0, 3.0)},
        blocks=True,
    ),
    Doubt("release-age", "history", "nobody has had time to look at it", {_M: Weight(0.5, 7.0)}),
    Doubt("dependency-confusion", "source", "another index has this name too", {_H: Weight(2.5, 3.0)}),
    Doubt(
        "direct-reference",
        "source",
        "it comes from an address of its own",
        {_L: Weight(0.2), _M: Weight(0.5, 8.0), _H: Weight(1.0, 6.0)},
        blocks=True,
    ),
    Doubt(
        "typosquatting",
        "name",
        "its name is taken for a better known one",
        {_M: Weight(1.5, 4.0), _H: Weight(3.0, 2.5)},
        blocks=True,
    ),
    Doubt(
        "starjacking",
        "source",
        "it claims a repository that is another project's",
        {_L: Weight(0.3), _M: Weight(1.5, 5.0), _H: Weight(2.5, 3.0)},
        blocks=True,
    ),
    Doubt(
        "clone",
        "source",
        "it has copied the page of a better known project",
        {_L: Weight(0.3), _M: Weight(1.0, 5.0), _H: Weight(2.5, 3.0)},
        blocks=True,
    ),
    Doubt(
        "source-only",
        "artifact",
        "its code runs in order to install it",
        {_L: Weight(0.2), _M: Weight(0.6, 7.0)},
    ),
    Doubt(
        "startup-code",
        "artifact",
        "code of it runs without being imported",
        {_L: Weight(0.1), _H: Weight(2.0, 4.0)},
        blocks=True,
    ),
    Doubt(
        "artifact-integrity",
        "artifact",
        "the file is not what it should be",
        {_L: Weight(0.2), _M: Weight(1.0, 6.0), _H: Weight(3.0, 3.0)},
        blocks=True,
    ),
    Doubt(
        "provenance",
        "provenance",
        "its attestations do not say what they should",
        {_L: Weight(0.2), _M: Weight(1.0, 6.0), _H: Weight(2.0, 4.0)},
        blocks=True,
    ),
    Doubt(
        "provenance-continuity",
        "provenance",
        "it has lost its attestations, or somebody else has published it",
        {_L: Weight(0.3), _M: Weight(1.5, 4.0), _H: Weight(3.0, 2.5)},
        blocks=True,
    ),
    Doubt(
        "reputation",
        "ownership",
        "something about its past has changed",
        {_L: Weight(0.3), _M: Weight(1.0, 6.0), _H: Weight(2.0, 4.0)},
    ),
)
"""What speaks against a release."""
