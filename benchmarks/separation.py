"""How far the trust score tells squats from honest projects, by their names and by facts that are assumed.

The names are real: known squats with a published target (gold), the credible ones besides (goldA), and honest
projects from outside of the popular list (tail). Each is compared with the popular names by weights that were
fitted without it (five folds, as in benchmarks/names.py). The month of an honest project's last release is
real too. No other fact is known of either, so they are drawn, from what is published where there is anything:

- An honest project has 6.93 releases on average, much skewed, one in 65.38 days (Bommarito and Bommarito,
  An Empirical Analysis of the Python Package Index, 2019): lognormal with a median of 3, and exponential.
- A squat has one to three releases, and is met when its project is a few days old (exponential, 3 days), or
  as old as those that were found in 2020 (exponential, 209 days: Ohm et al., Backstabber's Knife Collection).
- Assumed without any source: seven in ten honest projects name a repository and nine in ten an author, one in
  twenty is attested by it; of the squats half name one of their own, three in ten their target's, and two in
  ten have copied its description; one in ten is attested by a repository of its own.
"""

from __future__ import annotations

import csv
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from packaging.utils import NormalizedName
from packaging.version import Version

from benchmarks import names
from tests.model.samples import CLEAN
from trustguard.judging import Judge
from trustguard.model.claims import Claims, Counterpart
from trustguard.model.evidence import (
    NO_COUNTERPART,
    NO_HISTORY,
    NO_PROVENANCE,
    NOT_COMPARED,
    Absent,
    Evidence,
    History,
    Known,
    NotApplicable,
)
from trustguard.model.lineage import KnownPublishers, Lineage, Release
from trustguard.model.names import NameHit
from trustguard.model.policy import Policy
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository
from trustguard.model.score import score
from trustguard.sources.names.look import Names
from trustguard.sources.names.model import bundled_model
from trustguard.sources.popular import bundled

AT = datetime(2026, 12, 1, tzinfo=timezone.utc)
"""When the data was collected, about."""
DAY = timedelta(days=1)
SEEDS = 3
FRESH, LINGERING = 3.0, 209.0
OWN, THEIRS = Repository("github.com", "own/own"), Repository("github.com", "theirs/theirs")
_NEVER = NotApplicable("left out")


@dataclass(frozen=True)
class Named:
    """A name of the data.

    Args:
        name: the name.
        kind: ``gold``, ``silverA`` or ``tail``.
        month: of its last release, where that is known.
        hit: what it is taken for.
    """

    name: str
    kind: str
    month: str
    hit: NameHit | None


Removal = Callable[[Evidence], Evidence]
REMOVALS: Mapping[str, Removal] = {
    "all facts": lambda made: made,
    "without the name": lambda made: replace(made, lookalike=NOT_COMPARED),
    "without age and releases": lambda made: replace(made, history=NO_HISTORY, upload_time=_NEVER),
    "without claims and copies": lambda made: replace(made, claims=_NEVER, counterpart=NO_COUNTERPART),
    "without attestations": lambda made: replace(made, provenance=NO_PROVENANCE, lineage=_NEVER),
    "the name alone": lambda made: replace(
        made,
        history=NO_HISTORY,
        upload_time=_NEVER,
        claims=_NEVER,
        counterpart=NO_COUNTERPART,
        provenance=NO_PROVENANCE,
        lineage=_NEVER,
    ),
}


def load(folder: Path) -> list[Named]:
    """The names, each with the hit by weights that were fitted without it."""
    model = bundled_model()
    examples = names.load(folder, Names(bundled(), model))
    scored = names.by_name(examples, names.words_of_index(folder, Names(bundled(), model), examples), 0)
    months = _months(folder)
    return [
        Named(
            one.example.name,
            one.example.tier if one.example.squat else "tail",
            months.get(one.example.name, ""),
            _hit(one, model.suspicious, model.likely),
        )
        for one in sorted(scored, key=lambda one: one.example.name)
    ]


def _months(folder: Path) -> dict[str, str]:
    with (folder / "benign.csv").open(encoding="utf-8") as file:
        return {row["name"]: row["last_release_month"] for row in csv.DictReader(file)}


def _hit(one: names.Scored, suspicious: float, likely: float) -> NameHit | None:
    if one.odds < suspicious and not one.example.known:
        return None
    tier = "likely" if one.odds >= likely else "suspicious"
    return NameHit(NormalizedName(one.target), "edit1", tier, 0.5, "alike")  # type: ignore[arg-type]


def squat(one: Named, chance: random.Random, mean: float) -> Evidence:
    """A squat with the facts that a squat has, met at an age of so many days in the mean."""
    age = chance.expovariate(1 / mean)
    copies = chance.random() < 0.2 and one.hit is not None
    claimed = chance.choices([(OWN,), (THEIRS,), ()], [5, 3, 2])[0]
    counterpart: Any = NO_COUNTERPART
    if one.hit is not None:
        counterpart = Known(Counterpart(one.hit.target, (THEIRS,), description=0.95 if copies else None))
    uploaded = age * chance.random()
    made = _project(one, age, uploaded, chance.randint(1, 3))
    made = replace(made, claims=Known(Claims(claimed, ("somebody",))), counterpart=counterpart)
    return _signed(made, age, AT - uploaded * DAY) if chance.random() < 0.1 else made


def honest(one: Named, chance: random.Random) -> Evidence:
    """An honest project with the facts that one has of which few have heard."""
    year, month = map(int, one.month.split("-"))
    last = min(datetime(year, month, chance.randint(1, 28), tzinfo=timezone.utc), AT - DAY / 2)
    releases = max(round(chance.lognormvariate(1.0986, 1.294)), 1)
    span = sum(chance.expovariate(1 / 65.38) for _ in range(min(releases, 1000) - 1))
    uploaded = (AT - last) / DAY
    return _plain(_project(one, uploaded + span, uploaded, releases), chance, uploaded)


def newcomer(one: Named, chance: random.Random, mean: float) -> Evidence:
    """An honest project that is as young as a squat, and has as few releases."""
    age = chance.expovariate(1 / mean)
    uploaded = age * chance.random()
    return _plain(_project(one, age, uploaded, chance.randint(1, 3)), chance, uploaded)


def _plain(made: Evidence, chance: random.Random, uploaded: float) -> Evidence:
    claims = Claims((OWN,) if chance.random() < 0.7 else (), ("somebody",) if chance.random() < 0.9 else ())
    counterpart: Any = NO_COUNTERPART
    if isinstance(made.lookalike, Known):
        counterpart = Known(Counterpart(made.lookalike.value.target, (THEIRS,)))
    made = replace(made, claims=Known(claims), counterpart=counterpart)
    signs = chance.random() < 0.05 and claims.repositories
    return _signed(made, 200, AT - uploaded * DAY) if signs else made


def _project(one: Named, age: float, uploaded: float, releases: int) -> Evidence:
    when = AT - uploaded * DAY
    return replace(
        CLEAN,
        at=AT,
        upload_time=Known(when),
        history=Known(History(AT - age * DAY, releases)),
        rank=Absent(),
        lookalike=Absent() if one.hit is None else Known(one.hit),
        provenance=Absent(),
        lineage=Known(Lineage(Release(Version("1.0"), when, "none"), alternative=False)),
    )


def _signed(made: Evidence, days: float, uploaded: datetime) -> Evidence:
    own = Publisher("GitHub", "https://issuer.example", str(OWN), OWN, "7", "1")
    signed = Attestation("publish", own, uploaded)
    return replace(
        made,
        file=replace(made.file, provenance="https://files.example/provenance"),
        provenance=Known(Provenance("verified", (signed,))),
        publishers=Known(KnownPublishers((own,), "index", AT - days * DAY)),
    )


def area(bad: Sequence[float], good: Sequence[float]) -> float:
    """The chance that a bad one has the lower score of a pair; equal scores count half (Mann-Whitney)."""
    ordered = sorted(good)
    above = sum(2 * len(good) - bisect_left(ordered, x) - bisect_right(ordered, x) for x in bad)
    return above / (2 * len(bad) * len(good))


def report(folder: Path) -> None:
    """Print the areas under the curve, and what a smallest score would refuse."""
    missing = [name for name in names.FILES if not (folder / name).is_file()]
    if missing:
        print(f"separation: skipped, {folder} has no {', '.join(missing)} (make bench DATA=FOLDER)")
        return
    every = load(folder)
    print(f"{'area under the curve':28} {'squats':10} gold (seeds)          goldA    against the tail")
    for label, mean in (("fresh", FRESH), ("lingering", LINGERING)):
        _rows(every, label, mean, old=True)
    print("against honest projects that are as young, with as few releases")
    for label, mean in (("fresh", FRESH), ("lingering", LINGERING)):
        _rows(every, label, mean, old=False)


def _rows(every: Sequence[Named], label: str, mean: float, *, old: bool) -> None:
    judge = Judge(Policy())
    drawn = [_drawn(every, seed, mean, old=old) for seed in range(SEEDS)]
    for what, removal in REMOVALS.items():
        areas, shares = [], []
        for made in drawn:
            values = {kind: [_value(judge, removal(one)) for one in some] for kind, some in made.items()}
            gold, tail = values["gold"], values["tail"]
            areas.append((area(gold, tail), area(gold + values["silverA"], tail)))
            shares.append([sum(x < 4.0 for x in some) / len(some) for some in (gold, tail)])
        golds = [one for one, _ in areas]
        print(
            f"{what:28} {label:10} {_mean(golds):.3f} ({min(golds):.3f} to {max(golds):.3f})"
            f"  {_mean([one for _, one in areas]):.3f}"
            f"  below 4.0: gold {_mean([g for g, _ in shares]):.1%}, tail {_mean([t for _, t in shares]):.2%}"
        )


def _drawn(every: Sequence[Named], seed: int, mean: float, *, old: bool) -> dict[str, list[Evidence]]:
    chance = random.Random(f"{seed} {mean} {old}")  # noqa: S311 - nothing is secret
    made: dict[str, list[Evidence]] = {"gold": [], "silverA": [], "tail": []}
    for one in every:
        if one.kind != "tail":
            made[one.kind].append(squat(one, chance, mean))
        else:
            made["tail"].append(honest(one, chance) if old else newcomer(one, chance, mean))
    return made


def _value(judge: Judge, made: Evidence) -> float:
    return score(made, judge.vet(made)).value or 0.0  # nothing is unavailable, so that there is one


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
