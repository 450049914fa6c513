"""What can be said in numbers of a name and one that it may be taken for: few, each with a meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Literal

from trustguard.sources.names.edits import cost
from trustguard.sources.names.index import Candidate

Group = Literal["slip", "form", "affix"]
FEATURES: Mapping[Group, tuple[str, ...]] = {
    "slip": (
        *("one", "rank", "length", "cost", "rate", "two", "first", "digits"),
        *("word", "odd", "family", "compound", "imitated", "ever"),
    ),
    "form": ("one", "rank", "length", "digits", "order", "prefix", "imitated", "ever"),
    "affix": (
        *("one", "rank", "length", "behind", "glued", "decoy", "number", "words"),
        *("family", "common", "host", "imitated", "ever"),
    ),
}
"""By group of kinds, the features in the order in which they are computed."""
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
_LONG = 16
_KNOWN_WORD = 2


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
    """

    def __init__(
        self, ranks: Mapping[str, int], popular: Collection[str], imitated: Mapping[str, int]
    ) -> None:
        self.ranks = ranks
        self.imitated = imitated
        self._popular = popular

    @cached_property
    def words(self) -> Counter[str]:
        """In how many places of popular names a word stands."""
        return Counter("-".join(self._popular).split("-"))

    @cached_property
    def families(self) -> Counter[str]:
        """How many popular names begin with a word and go on with another: ``pytest-…``, ``types-…``."""
        return Counter(name.partition("-")[0] for name in self._popular if "-" in name)

    @cached_property
    def _pairs(self) -> Counter[str]:
        text = " ".join(self._popular)
        return Counter(map(str.__add__, text, text[1:]))

    def oddness(self, name: str) -> float:
        """How rare the rarest pair of letters is in popular names: 0 is never seen, -10 frequent."""
        text = f" {name} "
        return -math.log(1 + min(self._pairs[text[i : i + 2]] for i in range(len(text) - 1)))

    def is_compound(self, name: str) -> bool:
        """Whether a name is two known words, written as one."""
        words = self.words
        return any(
            words.get(name[:i], 0) > _KNOWN_WORD and words.get(name[i:], 0) > _KNOWN_WORD
            for i in range(3, len(name) - 2)
        )

    def family(self, name: str) -> float:
        """The size of the family that the first word of a name stands for, as a logarithm."""
        return math.log(1 + self.families[name.partition("-")[0]])

    def attacks(self, target: str) -> tuple[float, float]:
        """How often a target was imitated, as a logarithm, and whether it ever was."""
        count = self.imitated.get(target, 0)
        return math.log(1 + count), float(count > 0)


def _slip(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    target = candidate.target
    slips = cost(name, target)
    new = set(name.split("-")) - set(target.split("-"))
    return (
        1.0,
        math.log(around.ranks[target]),
        min(len(target), _LONG),
        slips,
        slips / len(target),
        float(candidate.kind == "edit2"),
        float(name[0] != target[0]),
        float(_letters(name) == _letters(target)),
        math.log(1 + min((around.words.get(word, 0) for word in new), default=0)),
        around.oddness(name),
        around.family(target) if name.partition("-")[0] == target.partition("-")[0] != name else 0.0,
        float(around.is_compound(name)),
        *around.attacks(target),
    )


def _letters(name: str) -> str:
    return "".join(character for character in name if not character.isdigit())


def _form(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:  # noqa: ARG001 - one form
    target, kind = candidate.target, candidate.kind
    return (
        1.0,
        math.log(around.ranks[target]),
        min(len(target), _LONG),
        float(kind == "digits"),
        float(kind == "order"),
        float(kind == "prefix"),
        *around.attacks(target),
    )


def _affix(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    target = candidate.target
    rest = [word for part in (candidate.before, candidate.behind) if part for word in part.split("-")]
    letters = [word.strip("0123456789") for word in rest]
    return (
        1.0,
        math.log(around.ranks[target]),
        min(len(target), _LONG),
        float(bool(candidate.before)),
        float(candidate.kind == "glued"),
        float(all(word in DECOYS or not word for word in letters)),
        float(not all(letters)),
        float(len(rest)),
        around.family(target),
        math.log(1 + max(around.words.get(word, 0) for word in rest)),
        around.family(name) if candidate.before else 0.0,
        *around.attacks(target),
    )


_EXTRACT: Mapping[Group, Callable[[str, Candidate, Surroundings], tuple[float, ...]]] = {
    "slip": _slip,
    "form": _form,
    "affix": _affix,
}


def features(name: str, candidate: Candidate, around: Surroundings) -> tuple[float, ...]:
    """The numbers for a pair, in the order of :data:`FEATURES` for its group."""
    return _EXTRACT[group_of(candidate)](name, candidate, around)
