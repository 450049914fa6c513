"""What can be said in numbers of a name and one that it may be taken for: few, each with a meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Literal

from trustguard.sources.names.edits import cost, trimmed
from trustguard.sources.names.index import Candidate

Group = Literal["slip", "form", "affix"]
FEATURES: Mapping[Group, tuple[str, ...]] = {
    "slip": (
        *("one", "rank", "length", "cost", "exchanged", "first", "word", "odd", "family"),
        "imitated",
    ),
    "form": ("one", "rank", "digits", "order", "imitated"),
    "affix": (
        *("one", "rank", "decoy", "words", "common", "odd", "family", "host"),
        *("telling", "imitated"),
    ),
}
"""By group of kinds, the features in the order in which they are computed; those that come from known squats
are the last."""
FROM_SQUATS = frozenset({"telling", "imitated"})
DECOYS = frozenset(
    [
        "py",
        "python",
        "lib",
        "libs",
        "pkg",
        "pkgs",
        "package",
        "packages",
        "module",
        "modules",
        "new",
        "free",
        "install",
        "installer",
        "upgrade",
        "update",
        "fix",
        "fixed",
        "dev",
        "test",
        "tests",
        "pro",
        "plus",
        "tool",
        "tools",
        "util",
        "utils",
        "helper",
        "official",
        "latest",
        "lite",
        "fast",
        "advanced",
        "simple",
        "better",
        "real",
        "safe",
        "secure",
        "client",
        "api",
        "sdk",
        "core",
        "http",
        "https",
        "web",
        "url",
        "io",
        "x",
    ]
)
"""Words that say nothing, which are put before or behind a known name to make a new one."""
_LONG = 10
"""A target's characters beyond these say no more: who slips in so long a name meant it."""


def group_of(candidate: Candidate) -> Group:
    """Which model judges a candidate."""
    if candidate.kind in ("edit1", "edit2"):
        return "slip"
    return "affix" if candidate.kind in ("affix", "glued") else "form"


class Surroundings:
    """What is known besides the names of a pair.

    Args:
        ranks: every target with its rank, from 1.
        popular: the popular names alone: what words and letters they are made of is counted.
        imitated: targets, each with the number of malicious projects that are known to have imitated it.
        telling: words that stand around a target in known squats more often than in honest names, each with
            how much more often, as a logarithm.
    """

    def __init__(
        self,
        ranks: Mapping[str, int],
        popular: Collection[str],
        imitated: Mapping[str, int],
        telling: Mapping[str, float],
    ) -> None:
        self.ranks = ranks
        self.imitated = imitated
        self.telling = telling
        self._popular = popular
        self._pairs: dict[str, int] = {}

    @cached_property
    def words(self) -> Counter[str]:
        """In how many places of popular names a word stands."""
        return Counter("-".join(self._popular).split("-"))

    @cached_property
    def families(self) -> Counter[str]:
        """How many popular names begin with a word and go on with another: ``pytest-…``, ``types-…``."""
        return Counter(name.partition("-")[0] for name in self._popular if "-" in name)

    @cached_property
    def _text(self) -> str:
        return f" {' '.join(self._popular)} "

    def _seen(self, pair: str) -> int:
        """How often two neighbouring characters stand in popular names, counted when first asked."""
        if pair not in self._pairs:
            self._pairs[pair] = self._text.count(pair)
        return self._pairs[pair]

    def oddness(self, name: str) -> float:
        """How rare the rarest pair of letters is in popular names: 0 is never seen, -10 frequent."""
        text = f" {name} "
        return -math.log(1 + min(self._seen(text[i : i + 2]) for i in range(len(text) - 1)))

    def family(self, name: str) -> float:
        """The size of the family that the first word of a name stands for, as a logarithm."""
        return math.log(1 + self.families[name.partition("-")[0]])

    def attacks(self, target: str) -> float:
        """How often a target was imitated, as a logarithm."""
        return math.log(1 + self.imitated.get(target, 0))


def _slip(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    target = candidate.target
    new = set(name.split("-")) - set(target.split("-"))
    return (
        1.0,
        math.log(around.ranks[target]),
        min(len(target), _LONG),
        cost(name, target),
        _exchanged(name, target),
        float(name[0] != target[0]),
        math.log(1 + min((around.words.get(word, 0) for word in new), default=0)),
        around.oddness(name),
        around.family(target) if name.partition("-")[0] == target.partition("-")[0] != name else 0.0,
        around.attacks(target),
    )


def _exchanged(name: str, target: str) -> int:
    """How many characters stand in place of others: ``flick`` is another word than ``click``."""
    _, new, old = trimmed(name, target)
    for character in new:
        old = old.replace(character, "", 1)
    return min(len(old), len(old) + len(name) - len(target))


def _form(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:  # noqa: ARG001 - one form
    target, kind = candidate.target, candidate.kind
    return (
        1.0,
        math.log(around.ranks[target]),
        float(kind == "digits"),
        float(kind == "order"),
        around.attacks(target),
    )


def words_around(candidate: Candidate) -> list[str]:
    """The words of a name besides the target within it."""
    return [word for part in (candidate.before, candidate.behind) if part for word in part.split("-")]


def _affix(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    target, rest = candidate.target, words_around(candidate)
    letters = [word.strip("0123456789") for word in rest]
    return (
        1.0,
        math.log(around.ranks[target]),
        float(all(word in DECOYS or not word for word in letters)),
        float(len(rest)),
        math.log(1 + max(around.words.get(word, 0) for word in rest)),
        around.oddness("-".join(rest)),
        0.0 if candidate.before else around.family(target),
        around.family(name) if candidate.before else 0.0,
        max(around.telling.get(word, 0.0) for word in rest),
        around.attacks(target),
    )


_EXTRACT: Mapping[Group, Callable[[str, Candidate, Surroundings], tuple[float, ...]]] = {
    "slip": _slip,
    "form": _form,
    "affix": _affix,
}


def features(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    """The numbers for a pair, in the order of :data:`FEATURES` for its group."""
    return _EXTRACT[group_of(candidate)](name, candidate, around)
