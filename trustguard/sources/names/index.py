"""Which names a name may be taken for: candidates, found by look-ups and not by comparing with every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
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
        self._halves: dict[str, list[str]] = {}
        self._lengths: dict[int, list[str]] = defaultdict(list)
        self._forms: dict[_SameKind, dict[str, str]] = {kind: {} for kind in _FORMS}
        self._enter_parts()
        self._enter_forms()

    def _enter_parts(self) -> None:
        halves, lengths = self._halves, self._lengths
        for name, rank in self._ranks.items():
            length = len(name)
            half = length // 2
            halves.setdefault(name[:half] + "<", []).append(name)
            halves.setdefault(">" + name[half + 1 :], []).append(name)
            if rank <= TWO_SLIPS and length >= _SHORTEST:
                lengths[length].append(name)

    def _enter_forms(self) -> None:
        separator, eye, order, prefix = self._forms.values()
        for name in self._ranks:
            eye.setdefault(to_the_eye(name), name)
            if "-" in name:
                separator.setdefault(squash(name), name)
                order.setdefault(in_order(name), name)
            if "py" in name or "lib" in name:  # otherwise there is nothing to take away
                prefix.setdefault(core(name), name)

    def candidates(self, name: str) -> Iterator[Candidate]:
        """Everything that a name may be taken for; a target can come more than once."""
        yield from self._same(name)
        yield from self._slips(name)
        yield from self._words_within(name)
        yield from self._glued_within(name)

    def _same(self, name: str) -> Iterator[Candidate]:
        plain = without_digits(name)
        if plain != name and plain in self._ranks:
            yield Candidate(plain, "digits")
        for kind, form in _FORMS.items():
            target = self._same_as(kind, form(name)) or self._same_as(kind, form(plain))
            if target is not None and target != name:
                yield Candidate(target, kind)

    def _same_as(self, kind: _SameKind, form: str) -> str | None:
        found = self._forms[kind].get(form)
        if found is None and kind == "prefix":
            return form if form in self._ranks else self._forms["separator"].get(form)
        return found

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
            for key in (name[:half] + "<", ">" + name[size - tail :]):
                for target in self._halves.get(key, ()):
                    if len(target) == length and OSA.distance(name, target, score_cutoff=1) <= 1:
                        yield target

    def _two_slips(self, name: str) -> Iterator[str]:
        size = len(name)
        for length in range(size - 2, size + 3):
            bucket = self._lengths.get(length, ())
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
