"""Fits and measures the comparison of names: ``python -m benchmarks.names DATA [--write]``.

DATA is a folder with positives.csv (known squats), benign.csv (honest names) and universe.txt.gz (every name
of an index, to count what words stand around a name). The weights are those of
logistic regressions, one for each group of kinds of resemblance, found by Newton's method; of a name with
several candidates only the one with the best odds counts, as it does when names are judged, so that fitting
and choosing take turns.

Two cross-validations of five folds are printed. In the first the names of the test fold are new, but their
targets may have been imitated before, as it is with most of what appears. In the second neither a name nor a
target of the test fold was in training: not as an example, and not among what is known of squats. The
thresholds are set by the first, on honest names that the model had not seen. Then come the shares of squats
that are found where as many honest names are found as by each of other detectors.

``--write`` puts weights, thresholds and what is known of squats into trustguard/data/names.json.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trustguard.model.names import Tier
from trustguard.sources.names.features import (
    FEATURES,
    FROM_SQUATS,
    Group,
    Surroundings,
    features,
    group_of,
    words_around,
)
from trustguard.sources.names.index import Candidate
from trustguard.sources.names.look import Names
from trustguard.sources.names.model import NAMES, Model, bundled_model
from trustguard.sources.popular import bundled

FILES = ("positives.csv", "benign.csv", "universe.txt.gz")
FOLDS, DIVISIONS = 5, 4
"""Names and targets are divided into folds so many times; the figures are those of all divisions together."""
RIDGE = 1.0
RECENT, RECENT_WEIGHT = "2026-05", 2.0
"""Honest names released since then count twice: they are what is installed."""
SUSPICIOUS_TAIL, SUSPICIOUS_RECENT, LIKELY_TAIL = 0.0185, 0.0097, 0.0017
"""Shares of honest names that the thresholds leave, in cross-validation."""
PEERS = {
    "typosnyper, top 15,000": (0.011, 0.53, 0.47),
    "TypoGard": (0.0125, 0.53, 0.47),
    "typomania, settings of crates.io": (0.0196, 0.55, 0.48),
    "ecosyste-ms gem": (0.0203, 0.62, 0.60),
    "OSSGadget": (0.043, 0.67, 0.69),
    "GuardDog 3.2": (0.048, 0.67, 0.71),
    "npq": (0.17, 0.80, 0.86),
}
"""Other detectors: the shares that they find of honest names, of squats and of those with a published target,
measured on the half of the same data that is not in DATA."""

Weights = Mapping[Group, tuple[float, ...]]


@dataclass(frozen=True)
class Pair:
    """A name with one of its candidates."""

    candidate: Candidate
    group: Group
    numbers: tuple[float, ...]
    """The features that known squats have no part in."""
    words: tuple[str, ...]
    """The words around the target."""
    offered: str
    """The project that is offered for the target."""


@dataclass(frozen=True)
class Example:
    """One name of the data."""

    name: str
    squat: bool
    tier: str
    published: str
    target: str
    """What it imitates, as far as known; empty for honest names."""
    relation: str
    """How the data calls the relation between the two."""
    recent: bool
    known: str
    """The target, where the name is suspicious without any estimate."""
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Lore:
    """What examples tell besides the weights."""

    imitated: Mapping[str, int]
    """How often each target was imitated."""
    squats: Mapping[str, int]
    """In how many squats a word stands around the target."""
    anywhere: Mapping[str, int]
    """In how many names of the index it stands around what could be a target."""
    sample: float
    """The number of honest examples, as a share of the index."""

    def telling(self, word: str, own: Example | None = None) -> float:
        """How much more often a word stands around a target in squats than could be expected."""
        mine = own is not None and word in around(own)
        squats = self.squats.get(word, 0) - (own is not None and own.squat and mine)
        anywhere = self.anywhere.get(word, 0) - (own is not None and not own.squat and mine)
        expected = max(anywhere, 0) * self.sample
        return max(0.0, math.log((squats + 0.5) / (expected + 0.1))) if squats > 0 else 0.0

    def attacks(self, target: str, own: Example | None = None) -> float:
        """How often a target was imitated, as a logarithm; without the example itself."""
        mine = own is not None and own.squat and own.target == target
        return math.log(1 + max(self.imitated.get(target, 0) - mine, 0))


@dataclass(frozen=True)
class Scored:
    """The best odds of an example, and the target that they are for, with the kind of resemblance."""

    example: Example
    odds: float
    target: str
    kind: str = "a module or import name"


def load(folder: Path, names: Names) -> list[Example]:
    """The squats that count (gold and silverA) and the honest names, with all that does not change."""
    surroundings = Surroundings(names.ranks, bundled().names, {}, {})
    popular = set(bundled().names)

    def example(row: Mapping[str, str], name: str, *, squat: bool) -> Example:
        known = None if name in popular else names.known(name)
        guesses = () if name in popular or known else tuple(guess.candidate for guess in names.guesses(name))
        pairs = tuple(
            Pair(
                c, group_of(c), fixed(name, c, surroundings), tuple(words_around(c)), names.offered(c.target)
            )
            for c in guesses
        )
        one = Example(
            name=name,
            squat=squat,
            tier=row.get("tier", ""),
            published=row.get("intended_target", ""),
            target="",
            relation=row.get("category_oracle", ""),
            recent=row.get("last_release_month", "") >= RECENT,
            known=known.target if known else "",
            pairs=pairs,
        )
        return replace(one, target=_target(one, row.get("nearest_target_oracle", ""))) if squat else one

    with (folder / "positives.csv").open(encoding="utf-8") as file:
        squats = [
            example(r, r["squat_name"], squat=True) for r in csv.DictReader(file) if r["tier"] != "silverB"
        ]
    with (folder / "benign.csv").open(encoding="utf-8") as file:
        tail = [example(r, r["name"], squat=False) for r in csv.DictReader(file) if r["stratum"] != "popular"]
    return [*squats, *tail]


def _target(one: Example, oracle: str) -> str:
    if one.published:
        return one.published
    slips = [pair.candidate.target for pair in one.pairs if pair.candidate.kind == "edit1"]
    return slips[0] if slips else oracle


def fixed(name: str, candidate: Candidate, surroundings: Surroundings) -> tuple[float, ...]:
    """The features that known squats have no part in; they are the first."""
    count = len([one for one in FEATURES[group_of(candidate)] if one not in FROM_SQUATS])
    return tuple(map(float, features(name, candidate, surroundings)[:count]))


def complete(pair: Pair, lore: Lore, own: Example | None = None) -> tuple[float, ...]:
    """All features; an example that is trained with does not count as one of those known before."""
    attacks = lore.attacks(pair.candidate.target, own)
    if pair.group != "affix":
        return (*pair.numbers, attacks)
    return (*pair.numbers, max(lore.telling(word, own) for word in pair.words), attacks)


def around(one: Example) -> set[str]:
    """The words of a name besides what may be its target; in a squat the target is known."""
    pairs = (p for p in one.pairs if not one.squat or p.candidate.target == one.target)
    return {word for pair in pairs if pair.group == "affix" for word in pair.words}


def learn(examples: Iterable[Example], before: Lore) -> Lore:
    """What examples tell besides the weights, and what is known of the index."""
    squats = [one for one in examples if one.squat]
    return replace(
        before,
        imitated=Counter(one.target for one in squats if one.target),
        squats=Counter(word for one in squats for word in around(one)),
    )


def words_of_index(folder: Path, names: Names, examples: Sequence[Example]) -> Lore:
    """In how many names of the index a word stands around what could be a target; squats do not count."""
    known = {one.name for one in examples if one.squat}.union(bundled().names)
    with gzip.open(folder / "universe.txt.gz", "rt", encoding="ascii") as file:
        index = [name for line in file if (name := line.strip()) not in known]
    counts: Counter[str] = Counter()
    for name in index:
        counts.update({word for one in names.index.within(name) for word in words_around(one)})
    return Lore({}, {}, counts, sum(not one.squat for one in examples) / len(index))


def odds(weights: Weights, group: Group, numbers: Sequence[float]) -> float:
    """The logarithm of the odds."""
    return sum(map(float.__mul__, weights[group], numbers))


def fit(examples: Iterable[Example], lore: Lore) -> Weights:
    """Weights for these examples, where that much is known of squats."""
    rows = [(one, [(p, complete(p, lore, one)) for p in one.pairs]) for one in examples if one.pairs]
    weights: Weights = {}
    for _ in range(3):
        chosen: dict[Group, list[tuple[tuple[float, ...], float, float]]] = {group: [] for group in FEATURES}
        for one, pairs in rows:
            for pair, numbers in _chosen(one, pairs, weights):
                weight = RECENT_WEIGHT if one.recent and not one.squat else 1.0
                chosen[pair.group].append((numbers, float(one.squat), weight))
        weights = {group: newton(chosen[group]) for group in FEATURES}
    return weights


def _chosen(
    one: Example, pairs: list[tuple[Pair, tuple[float, ...]]], weights: Weights
) -> list[tuple[Pair, tuple[float, ...]]]:
    """The pairs that count: at first all, or those of the known target, then the best."""
    named = [p for p in pairs if p[0].candidate.target == one.target]
    if not weights:
        return named or pairs
    if one.published and named:
        pairs = named
    return [max(pairs, key=lambda p: odds(weights, p[0].group, p[1]))]


def newton(rows: Sequence[tuple[Sequence[float], float, float]]) -> tuple[float, ...]:
    """Ridge logistic regression by Newton's method; the first feature is the intercept, and is free."""
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(12):
        slope = [-RIDGE * w if i else 0.0 for i, w in enumerate(weights)]
        curve = [[RIDGE * (i == j and i > 0) + 1e-9 * (i == j) for j in range(size)] for i in range(size)]
        for numbers, truth, weight in rows:
            z = sum(map(float.__mul__, weights, numbers))
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
            for i, x in enumerate(numbers):
                if x:
                    slope[i] += weight * (truth - p) * x
                    v = weight * p * (1 - p) * x
                    row = curve[i]
                    for j in range(size):
                        row[j] += v * numbers[j]
        step = solve(curve, slope)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-5:
            break
    return tuple(weights)


def solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """A system of linear equations, by Gauss's elimination."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(size):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def score(one: Example, weights: Weights, lore: Lore, among: Collection[str] | None = None) -> Scored:
    """The best odds of a name that the weights were not fitted to."""
    best = Scored(one, -math.inf, one.known)
    for pair in one.pairs:
        if among is None or pair.candidate.target in among:
            value = odds(weights, pair.group, complete(pair, lore))
            if value > best.odds:
                best = Scored(one, value, pair.offered, pair.candidate.kind)
    return best


def fold(text: str, division: int) -> int:
    """Which fold a name or target belongs to, always the same."""
    return hashlib.sha256(f"{division} {text}".encode()).digest()[0] % FOLDS


def by_name(examples: list[Example], before: Lore, division: int) -> list[Scored]:
    """Every example, scored by what the other folds of names teach."""
    folds = {one.name: fold(one.name, division) for one in examples}
    scored = []
    for k in range(FOLDS):
        train = [one for one in examples if folds[one.name] != k]
        lore = learn(train, before)
        weights = fit(train, lore)
        scored += [score(one, weights, lore) for one in examples if folds[one.name] == k]
    return scored


def by_target(examples: list[Example], before: Lore, division: int) -> list[Scored]:
    """Every example, its candidates each scored by what teaches nothing of their target, nor of the name."""
    best: dict[str, Scored] = {}
    targets = {p.candidate.target for one in examples for p in one.pairs}
    for k in range(FOLDS):
        outside = {target for target in targets if fold(target, division) == k}
        others = [_without(one, outside) for one in examples if one.target not in outside]
        for f in range(FOLDS):
            train = [one for one in others if fold(one.name, division) != f]
            lore = learn(train, before)
            weights = fit(train, lore)
            for one in examples:
                if fold(one.name, division) == f:
                    found = score(one, weights, lore, outside)
                    if one.name not in best or found.odds > best[one.name].odds:
                        best[one.name] = found
    return list(best.values())


def _without(one: Example, targets: Collection[str]) -> Example:
    return replace(one, pairs=tuple(p for p in one.pairs if p.candidate.target not in targets))


def threshold(scored: list[Scored], tail_share: float, recent_share: float, *, known: bool = True) -> float:
    """The lowest odds from which on no more than these shares of honest names are hits."""
    bounds = []
    for share, kind in ((tail_share, lambda _: True), (recent_share, lambda one: one.recent)):
        honest = [s for s in scored if not s.example.squat and kind(s.example)]
        values = sorted((s.odds for s in honest), reverse=True)
        bounds.append(values[int(share * len(honest)) - sum(known and bool(s.example.known) for s in honest)])
    return max(bounds) + 1e-6


def tell(label: str, scored: list[Scored], limits: Mapping[Tier, float]) -> None:
    """Print the figures of one evaluation."""
    for tier, limit in limits.items():
        shares: dict[str, Callable[[Scored], bool]] = {
            "goldA": lambda s: s.example.squat,
            "gold": lambda s: s.example.tier == "gold",
            "tail": lambda s: not s.example.squat,
            "recent": lambda s: not s.example.squat and s.example.recent,
        }
        parts = []
        for name, belongs in shares.items():
            hits = [_is_hit(s, tier, limit) for s in scored if belongs(s)]
            parts.append(f"{name} {sum(hits) / len(hits):.4f}")
        named = [s for s in scored if s.example.published]
        right = sum(_is_hit(s, tier, limit) and s.target == s.example.published for s in named) / len(named)
        print(f"{label:22} {tier:10} {'  '.join(parts)}  target {right:.4f}")


def _is_hit(one: Scored, tier: str, limit: float) -> bool:
    return one.odds >= limit or (tier == "suspicious" and bool(one.example.known))


def compare(scored: list[Scored]) -> None:
    """Print what is found where as many honest names are found as by each of the others."""
    print(f"{'at the share of':34} honest  goldA (theirs)  gold (theirs)")
    honest = sorted((_order(s) for s in scored if not s.example.squat), reverse=True)
    for peer, (rate, *theirs) in PEERS.items():
        limit = honest[int(rate * len(honest))]
        of = ([s for s in scored if s.example.squat], [s for s in scored if s.example.tier == "gold"])
        ours = [sum(_order(s) > limit for s in some) / len(some) for some in of]
        shares = "   ".join(f"{our:.3f} ({their:.2f})" for our, their in zip(ours, theirs, strict=True))
        print(f"{peer:34} {rate:.2%}  {shares}")


def _order(one: Scored) -> float:
    return math.inf if one.example.known else one.odds


def worst(scored: list[Scored], limit: float) -> None:
    """Print what is missed and what is wrongly found, the worst first."""
    missed = sorted(
        (s for s in scored if s.example.squat and not _is_hit(s, "suspicious", limit)), key=lambda s: s.odds
    )
    wrong = sorted(
        (s for s in scored if not s.example.squat and _is_hit(s, "suspicious", limit)), key=lambda s: -s.odds
    )
    of = Counter(s.example.relation for s in scored if s.example.squat)
    shares = Counter(s.example.relation for s in missed).most_common()
    print("missed, by relation:", ", ".join(f"{name} {count} of {of[name]}" for name, count in shares))
    print(
        "wrong, by kind:",
        ", ".join(f"{name} {count}" for name, count in Counter(s.kind for s in wrong).most_common()),
    )
    print(f"missed {len(missed)}:", " ".join(f"{s.example.name}<{s.example.target}>" for s in missed[:60]))
    print(f"wrong {len(wrong)}:", " ".join(f"{s.example.name}<{s.target}>" for s in wrong[:60]))


def as_text(model: Model) -> str:
    """The data file."""
    weights = {
        group: dict(zip(names, (round(w, 4) for w in model.weights[group]), strict=True))
        for group, names in FEATURES.items()
    }
    data = {
        "about": "fitted by python -m benchmarks.names DATA --write; see docs/accuracy.md",
        "odds": {"suspicious": round(model.suspicious, 4), "likely": round(model.likely, 4)},
        "weights": weights,
        "imitated": dict(sorted(model.imitated.items())),
        "telling": {word: round(weight, 2) for word, weight in sorted(model.telling.items())},
        "modules": sorted(model.modules),
    }
    return json.dumps(data, indent=1) + "\n"


def main() -> None:
    """Fit, measure, print, and perhaps write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--write", action="store_true", help="put what was fitted into the package")
    arguments = parser.parse_args()
    missing = [name for name in FILES if not (arguments.data / name).is_file()]
    if missing:
        print(f"names: skipped, {arguments.data} has no {', '.join(missing)} (make bench DATA=FOLDER)")
        return
    old = bundled_model()
    names = Names(bundled(), old)
    examples = load(arguments.data, names)
    before = words_of_index(arguments.data, names, examples)
    squats = sum(one.squat for one in examples)
    recent = sum(one.recent for one in examples)
    print(f"{squats} squats, {len(examples) - squats} honest names, {recent} of them recent")
    fresh = [one for division in range(DIVISIONS) for one in by_name(examples, before, division)]
    limits = _limits(fresh)
    tell("new names", fresh, limits)
    disjoint = [one for division in range(DIVISIONS) for one in by_target(examples, before, division)]
    tell("new names and targets", disjoint, limits)
    tell("the same, own limits", disjoint, _limits(disjoint))
    compare(fresh)
    worst(fresh[: len(examples)], limits["suspicious"])
    lore = learn(examples, before)
    telling = {word: weight for word in lore.squats if (weight := lore.telling(word)) > 0}
    model = Model(
        fit(examples, lore),
        suspicious=limits["suspicious"],
        likely=limits["likely"],
        imitated=lore.imitated,
        telling=telling,
        modules=old.modules,
        import_names=old.import_names,
    )
    for group, features_ in FEATURES.items():
        print(group, {n: round(w, 2) for n, w in zip(features_, model.weights[group], strict=True)})
    tell("fitted to (optimistic)", [score(one, model.weights, lore) for one in examples], limits)
    if arguments.write:
        NAMES.write_text(as_text(model), encoding="ascii")
        print(f"written: {NAMES}")


def _limits(scored: list[Scored]) -> dict[Tier, float]:
    return {
        "suspicious": threshold(scored, SUSPICIOUS_TAIL, SUSPICIOUS_RECENT),
        "likely": threshold(scored, LIKELY_TAIL, LIKELY_TAIL * 2, known=False),
    }


if __name__ == "__main__":
    main()
