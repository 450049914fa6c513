"""Whether a name may be taken for that of another, better known project."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from packaging.utils import NormalizedName

from trustguard.model.names import Kind, NameHit, Tier
from trustguard.model.popular import Popular
from trustguard.model.record import record
from trustguard.sources.names.features import Surroundings, features, group_of
from trustguard.sources.names.index import Candidate, Index
from trustguard.sources.names.model import Model, bundled_model, probability

LONGEST = 100
"""A name with more characters than this is not looked at: no popular one comes near."""
_MODULE_RANK = 400
"""Modules of the standard library count as projects of this rank."""
_MODULE_SHORTEST = 5
_FAMILY = 10
"""So many popular projects whose names have a target's at one end make it the head of a family."""
_CERTAIN = 0.5
"""The confidence of what is known and not estimated: that a name is a module's, or one that is imported."""

_REASONS: dict[Kind, str] = {
    "separator": "it is {target} with other separators",
    "lookalike": "it looks like {target}",
    "order": "it is {target} with its words in another order",
    "prefix": "it is {target} with py, python or lib moved, added or left out",
    "digits": "it is {target} with digits at the end",
    "edit1": "one slip of the hand leads from {target} to it",
    "edit2": "two slips of the hand lead from {target} to it",
    "affix": "it is {target} with other words",
    "glued": "it is {target} with something glued to it",
    "stdlib": "it is the name of a module of the standard library, which need not be installed",
    "import-name": "this is what {target} is imported as; the project is called {target}",
}


@record
class Guess:
    """A candidate with its odds."""

    candidate: Candidate
    odds: float


class Names:
    """Compares names with those of popular projects. What it needs is built at first use.

    Args:
        popular: the popular projects; none of them is ever a hit.
        model: what was fitted; None: that of this release.
    """

    def __init__(self, popular: Popular, model: Model | None = None) -> None:
        self._popular = popular
        self.model = model or bundled_model()

    def look(self, project: NormalizedName) -> NameHit | None:
        """The better known name that a project's name may be taken for.

        Args:
            project: a name; one that is popular itself is never a hit.

        Returns:
            None where it resembles none enough.
        """
        if self._popular.rank(project) is not None or len(project) > LONGEST:
            return None
        return self.known(project) or self._guessed(project)

    def _guessed(self, project: NormalizedName) -> NameHit | None:
        guess = max(self.guesses(project), key=lambda one: one.odds, default=None)
        if guess is None or guess.odds < self.model.suspicious:
            return None
        tier: Tier = "likely" if guess.odds >= self.model.likely else "suspicious"
        target = self.offered(guess.candidate.target)
        return _hit(target, guess.candidate.kind, tier, probability(guess.odds))

    def guesses(self, name: str) -> Iterator[Guess]:
        """Every name that a name resembles, with the odds that it was meant."""
        for candidate in self.index.candidates(name):
            if candidate.target != name:
                numbers = features(name, candidate, self._around)
                yield Guess(candidate, self.model.odds(group_of(candidate), numbers))

    def known(self, name: str) -> NameHit | None:
        """What needs no estimate: that the name is one that is imported, or a module's."""
        if name in self.model.import_names:
            return _hit(self.model.import_names[name], "import-name", "suspicious", _CERTAIN)
        if name in self.model.modules:
            return _hit(name, "stdlib", "suspicious", _CERTAIN)
        return None

    def offered(self, target: str) -> str:
        """The project to offer for a target: for what is only imported by that name, the one behind it."""
        if self._popular.rank(NormalizedName(target)) is None:
            return self.model.import_names.get(target, target)
        return target

    def rank(self, project: NormalizedName) -> int | None:
        """The place of a project among those that names are compared with, from 1; None for others."""
        return self._popular.rank(project)

    def is_popular(self, project: NormalizedName) -> bool:
        """Whether a project is one of those that names are compared with."""
        return self.rank(project) is not None

    def family(self, name: NormalizedName, target: NormalizedName) -> bool:
        """Whether a project is called as those are that belong to another one: ``pytest-…``, ``…-django``.

        That says nothing of who made it: the name is free for anybody.

        Args:
            name: the project; its own place in the list does not count.
            target: the project that it may belong to, whose name is its first or last words.
        """
        if not _has_at_an_end(name, target):
            return False
        others = (one for one in self._popular.names if _has_at_an_end(one, target) and one != name)
        return len(tuple(islice(others, _FAMILY))) == _FAMILY

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Every target with its rank. An import name is as well known as the project that it stands for."""
        ranks: dict[str, int] = {name: rank for rank, name in enumerate(self._popular.names, start=1)}
        for name, project in self.model.import_names.items():
            if project in ranks:
                ranks[name] = min(ranks.get(name, ranks[project]), ranks[project])
        for module in sorted(self.model.modules):
            if len(module) >= _MODULE_SHORTEST:
                ranks.setdefault(module, _MODULE_RANK)
        return ranks

    @cached_property
    def index(self) -> Index:
        """What finds the candidates."""
        return Index(self.ranks, frozenset(self._popular.names))

    @cached_property
    def _around(self) -> Surroundings:
        return Surroundings(self.ranks, self._popular.names, self.model.imitated, self.model.telling)

    def prepare(self) -> None:
        """Build what the first look would otherwise have to wait for."""
        self.look(NormalizedName(f"{self._popular.names[0]}-x"))
        self.look(NormalizedName(f"{self._popular.names[0]}x"))


def _has_at_an_end(name: str, words: str) -> bool:
    return name.startswith(f"{words}-") or name.endswith(f"-{words}")


def _hit(target: str, kind: Kind, tier: Tier, confidence: float) -> NameHit:
    reason = _REASONS[kind].format(target=target)
    return NameHit(NormalizedName(target), kind, tier, round(confidence, 3), reason)
