"""``trustguard check`` ÷ pip's own dry run, with warm caches, and ``trustguard --version``; interleaved.

usage: python -m benchmarks.check [--runs 9] [REQUIREMENT]

From the configured index, so the network is in it. Both resolve the same; ``check`` fetches and judges the
files as well, or has them from the last time. Medians of seconds; the machine's noise is in the spread.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys

from benchmarks.guarded import measure

_DRY = ("install", "--dry-run", "--ignore-installed", "--quiet", "--disable-pip-version-check")


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("requirement", nargs="?", default="requests")
    given = parser.parse_args()
    commands = {
        "pip, dry run": [sys.executable, "-m", "pip", *_DRY, given.requirement],
        "check": [sys.executable, "-m", "trustguard", "check", given.requirement],
        "--version": [sys.executable, "-m", "trustguard", "--version"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(given.runs + 1):
        for name, words in commands.items():
            taken = measure(words, dict(os.environ)).seconds
            if run:  # the first one warms the caches
                seconds[name].append(taken)
    print(f"{given.requirement}, {given.runs} runs each")
    for name, rows in seconds.items():
        print(f"  {name:14} {statistics.median(rows):6.2f} s ({min(rows):.2f} to {max(rows):.2f})")
    plain, check = (statistics.median(seconds[name]) for name in ("pip, dry run", "check"))
    print(f"  check / dry run = {check / plain:.2f}")


if __name__ == "__main__":
    main()
