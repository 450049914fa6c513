"""The laws of the trust score, tried on evidence by chance, and how far it tells squats from honest projects.

usage: python -m benchmarks.score [--trials 200000] [--names FOLDER]

The trials have a fixed seed, and each has its own: a violation is told with the number that makes it again.
FOLDER is that of benchmarks/names.py; without it, only the laws are tried. Ends with exit code 1 where a law
is violated, or a weight never counted.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import separation
from tests.model.chance import evidence
from tests.model.score_laws import LAWS
from trustguard.judging import vet
from trustguard.model.policy import Policy
from trustguard.model.score import score
from trustguard.model.score_weights import DOUBTS, SIGNALS

SEED = 2026
OFTEN = {"worse never raises it": 6, "less never raises it": 6}
"""How many times as often as the others a law is tried: those that have many cases."""
WEIGHED = 20_000
"""In so much evidence every weight must have counted."""


def try_laws(trials: int) -> int:
    """Try every law, and print what was violated; how often that was."""
    names = [name for name in LAWS for _ in range(OFTEN.get(name, 1))]
    begun, violated, told = time.process_time(), Counter[str](), 0
    for number in range(trials):
        name = names[number % len(names)]
        violation = LAWS[name](random.Random(f"{SEED} {number}"))  # noqa: S311 - nothing is secret
        violated[name] += bool(violation)
        if violation and told < 20:
            told += 1
            print(f"  trial {number}, {name}: {violation}")
    seconds = time.process_time() - begun
    for name in LAWS:
        tried = trials * names.count(name) // len(names)
        print(f"{name:40} {violated[name]} violations in about {tried:,}")
    print(f"{trials:,} trials in {seconds:.0f} s of one core")
    return violated.total()


def never_counted() -> Iterator[str]:
    """The weights that counted in none of much evidence; prints how its scores are distributed."""
    chance = random.Random(SEED)  # noqa: S311 - nothing is secret
    signals, found, values = set[str](), set[tuple[str, int]](), Counter[str]()
    for _ in range(WEIGHED):
        made = evidence(chance)
        verdict = vet(made, Policy())
        derived = score(made, verdict)
        signals |= {term.id for term in derived.terms}
        found |= {(one.finding.check, one.finding.severity) for one in verdict.findings}
        values["none" if derived.value is None else f"{derived.value:04.1f}"[:2]] += 1
    print("scores:", ", ".join(f"{band} {count / WEIGHED:.1%}" for band, count in sorted(values.items())))
    yield from (signal.id for signal in SIGNALS if signal.id not in signals)
    for doubt in DOUBTS:
        yield from (
            f"{doubt.check} {one.name.lower()}" for one in doubt.weights if (doubt.check, one) not in found
        )


def main() -> None:
    """Try, measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trials", type=int, default=200_000)
    parser.add_argument("--names", type=Path, nargs="?", default=Path("data"), const=Path("data"))
    arguments = parser.parse_args()
    violations = try_laws(arguments.trials)
    unread = list(never_counted())
    if unread:
        print("never counted:", ", ".join(unread))
    separation.report(arguments.names)
    sys.exit(1 if violations or unread else 0)


if __name__ == "__main__":
    main()
