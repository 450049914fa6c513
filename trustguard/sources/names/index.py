"""Which names a name may be taken for: candidates, found by look-ups and not by comparing with every name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from trustguard.model.names import Kind
from trustguard.model.record import record
from trustguard.sources.names.forms import (
    core,
    decorated,
    reordered,
    squash,
    to_the_eye,
    without_digits,
)

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


@record
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
        lengths: dict[int, list[str]] = defaultdict(list)
        for name, rank in self._ranks.items():
            if rank <= TWO_SLIPS and len(name) >= _SHORTEST:
                lengths[len(name)].append(name)
        return lengths

    @cached_property
    def _squashed(self) -> dict[str, str]:
        return self._by_form(squash)

    @cached_property
    def _to_the_eye(self) -> dict[str, str]:
        return self._by_form(to_the_eye)

    def _by_form(self, form: Callable[[str], str]) -> dict[str, str]:
        """For every form the best known name that has it. All are made at once: ten times as fast."""
        names = list(self._ranks)
        forms = form("\n".join(names)).split("\n")
        return dict(zip(reversed(forms), reversed(names), strict=True))

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
        texts = (name, plain) if plain != name else (name,)
        for kind, targets in self._same_forms(texts):
            others = [target for target in targets if target is not None and target not in texts]
            if others:
                yield Candidate(min(others, key=self._ranks.__getitem__), kind)

    def _same_forms(self, texts: Iterable[str]) -> Iterator[tuple[Kind, list[str | None]]]:
        squashed, eye, ranks = self._squashed, self._to_the_eye, self._ranks
        yield "separator", [squashed.get(squash(text)) for text in texts]
        yield "lookalike", [eye.get(to_the_eye(text)) for text in texts]
        yield "order", [other for text in texts for other in reordered(text) if other in ranks]
        cores = [core(text) for text in texts]
        adorned = [squashed.get(form) for bare in cores for form in decorated(bare)]
        yield "prefix", adorned if any(adorned) else [squashed.get(bare) for bare in cores]

    def _slips(self, name: str) -> Iterator[Candidate]:
        found = set(self._one_slip(name))
        in_rank = sorted(found, key=lambda target: (self._ranks[target], target))  # some ranks are shared
        yield from (Candidate(target, "edit1") for target in in_rank)
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
