"""Which names a name may be taken for: candidates, found by look-ups and not by comparing with every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from trustguard.model.names import Kind
from trustguard.sources.names.forms import core, in_order, squash, to_the_eye, without_digits

TWO_SLIPS = 5_000
"""Two slips are looked for among so many of the most popular names."""
WITHIN = 3_000
"""A name within a longer one is looked for among so many."""
_SHORTEST = 5
"""Characters of a target for which two slips are looked for."""
_CONTAINED, _CONTAINED_LONG, _FAMOUS = 4, 6, 50
"""Characters of a target that is looked for within a longer name: a short one is a word like others
(``build``), unless its rank is that of the best known."""
_NEAREST = 5

_SameKind = Literal["separator", "lookalike", "order", "prefix"]
_FORMS: Mapping[_SameKind, Callable[[str], str]] = {
    "separator": squash,
    "lookalike": to_the_eye,
    "order": in_order,
    "prefix": core,
}


def _in_order_all(names: str) -> str:
    return "\n".join(in_order(name) for name in names.split("\n"))


def _core_all(names: str) -> str:
    """Their cores; most names have nothing to take away, and squashing all of them at once is cheaper."""
    pairs = zip(names.split("\n"), squash(names).split("\n"), strict=True)
    return "\n".join(core(name) if "py" in name or "lib" in name else squashed for name, squashed in pairs)


_ALL_AT_ONCE: Mapping[_SameKind, Callable[[str], str]] = {
    "separator": squash,
    "lookalike": to_the_eye,
    "order": _in_order_all,
    "prefix": _core_all,
}
"""The same for many names, one a line."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that may have been meant.

    Args:
        target: the popular project, import name or module.
        kind: how the two are related.
        before: what stands before the target, where it is contained.
        behind: what stands behind it.
    """

    target: str
    kind: Kind
    before: str = ""
    behind: str = ""


class Index:
    """Names, so arranged that what is near another name is found at once.

    Args:
        ranks: every target with its rank, from 1; of two that are equally near, the first one counts.
        containable: the targets that are looked for within longer names.
    """

    def __init__(self, ranks: Mapping[str, int], containable: Collection[str]) -> None:
        self._ranks = ranks
        self._containable = containable
        self._lengths: dict[int, list[str]] = defaultdict(list)
        for name in ranks:
            self._lengths[len(name)].append(name)
        self._halves: dict[int, dict[str, list[str]]] = {}
        self._forms: dict[_SameKind, dict[str, str]] = {}

    def _halves_of(self, length: int) -> dict[str, list[str]]:
        """Names of a length by their first and by their last half, of which a slip leaves one whole."""
        if length not in self._halves:
            halves: dict[str, list[str]] = {}
            half = length // 2
            for name in self._lengths.get(length, ()):
                halves.setdefault(name[:half] + "<", []).append(name)
                halves.setdefault(">" + name[half + 1 :], []).append(name)
            self._halves[length] = halves
        return self._halves[length]

    @cached_property
    def _best_known(self) -> dict[int, list[str]]:
        """By length, the names for which two slips are looked for."""
        return {
            length: [name for name in names if self._ranks[name] <= TWO_SLIPS]
            for length, names in self._lengths.items()
            if length >= _SHORTEST
        }

    def _named(self, kind: _SameKind, form: str) -> str | None:
        """The best known name that has a form."""
        if kind not in self._forms:
            names = list(self._ranks)
            forms = _ALL_AT_ONCE[kind]("\n".join(names)).split("\n")
            self._forms[kind] = dict(zip(reversed(forms), reversed(names), strict=True))
        return self._forms[kind].get(form)

    def candidates(self, name: str) -> Iterator[Candidate]:
        """Everything that a name may be taken for; a target can come more than once."""
        yield from self._same(name)
        yield from self._slips(name)
        yield from self.within(name)

    def within(self, name: str) -> Iterator[Candidate]:
        """Those that are contained in a longer name."""
        yield from self._words_within(name)
        yield from self._glued_within(name)

    def _same(self, name: str) -> Iterator[Candidate]:
        plain = without_digits(name)
        if plain != name and plain in self._ranks:
            yield Candidate(plain, "digits")
        for kind, form in _FORMS.items():
            if kind == "order" and "-" not in name:
                continue
            target = self._named(kind, form(name)) or self._named(kind, form(plain))
            if target is not None and target not in (name, plain):
                yield Candidate(target, kind)

    def _slips(self, name: str) -> Iterator[Candidate]:
        found = set(self._one_slip(name))
        yield from (Candidate(target, "edit1") for target in sorted(found, key=self._ranks.__getitem__))
        if len(name) >= _SHORTEST:
            yield from (Candidate(target, "edit2") for target in self._two_slips(name) if target not in found)

    def _one_slip(self, name: str) -> Iterator[str]:
        """Names one slip away: whichever it is, it leaves the first or the last part of the target whole."""
        size = len(name)
        for length in (size - 1, size, size + 1):
            half = length // 2
            tail = max(length - half - 1, 0)
            halves = self._halves_of(length)
            for key in (name[:half] + "<", ">" + name[size - tail :]):
                for target in halves.get(key, ()):
                    if OSA.distance(name, target, score_cutoff=1) <= 1:
                        yield target

    def _two_slips(self, name: str) -> Iterator[str]:
        size = len(name)
        for length in range(size - 2, size + 3):
            bucket = self._best_known.get(length, ())
            near = extract(name, bucket, scorer=OSA.distance, score_cutoff=2, limit=_NEAREST)
            yield from (target for target, _, _ in near)

    def _words_within(self, name: str) -> Iterator[Candidate]:
        words = name.split("-")
        count = len(words)
        for start in range(count):
            for end in range(start + 1, count + 1):
                target = "-".join(words[start:end])
                if end - start < count and self._is_containable(target):
                    yield Candidate(target, "affix", "-".join(words[:start]), "-".join(words[end:]))

    def _glued_within(self, name: str) -> Iterator[Candidate]:
        for cut in range(2, len(name) - 1):
            left, right = name[:cut], name[cut:]
            if "-" in (left[-1], right[0]):
                continue
            if self._is_containable(left):
                yield Candidate(left, "glued", "", right)
            if self._is_containable(right):
                yield Candidate(right, "glued", left, "")

    def _is_containable(self, target: str) -> bool:
        if len(target) < _CONTAINED or target not in self._containable:
            return False
        return self._ranks[target] <= (WITHIN if len(target) >= _CONTAINED_LONG else _FAMOUS)
