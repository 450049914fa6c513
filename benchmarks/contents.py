"""Examines real files and judges what is inside: ``python -m benchmarks.contents [--unknown] FOLDER …``.

Every wheel and sdist of the folders is opened and read to its end, as in an installation, and judged in each
profile by artifact-integrity and startup-code alone. Of the projects only their place in the ranking that
comes with trustguard is known; with ``--unknown`` not even that, as if each were new.

What is told, asked about or blocked in the profile ``balanced`` is printed line by line; then the sums of all
profiles, the time of one core in all, that of the slowest files, and the peak of Python's own memory.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from trustguard.frontends.guard_index.inside import look_inside
from trustguard.judging import vet
from trustguard.model.contents import Occupied
from trustguard.model.evidence import Absent, Evidence, Known, NotApplicable
from trustguard.model.policy import PROFILES, Policy, Profile
from trustguard.model.popular import Popular
from trustguard.model.project import DistributionFile, FileName, IndexId, sha256
from trustguard.model.verdict import Judged
from trustguard.sources.popular import bundled
from trustguard.vetting import Bytes

CHECKS = ("artifact-integrity", "startup-code")
NOW = datetime.now(timezone.utc)
NOTHING = NotApplicable("only what is inside is judged")
DIGEST = sha256("0" * 64)


@dataclass(frozen=True)
class Examined:
    """A file, what is known of it, and the seconds of one core that this took."""

    path: Path
    evidence: Evidence
    seconds: float


def examined(path: Path, popular: Popular | None = None) -> Examined:
    """Open a file and learn what is inside."""
    began = time.process_time()
    with path.open("rb") as body:
        evidence = evidence_of(body, FileName.parse(path.name))
    seconds = time.process_time() - began
    if popular is not None:
        rank = popular.rank(evidence.project)
        evidence = replace(evidence, rank=Absent() if rank is None else Known(rank))
    return Examined(path, evidence, seconds)


def evidence_of(body: BinaryIO, name: FileName) -> Evidence:
    """What is known of a file of which nothing is known but what is inside."""
    received = Bytes(DIGEST, Absent(), Absent(), NOTHING, claims=Absent(), contents=Absent(), build=NOTHING)
    inside = look_inside(body, name, received, Occupied).received
    return Evidence(
        file=DistributionFile(name, name.filename),
        index=IndexId("https://index.example/simple/"),
        at=NOW,
        advisories=Known(()),
        upload_time=NOTHING,
        status=Absent(),
        other_indexes=Known(()),
        direct=NOTHING,
        metadata=inside.metadata,
        build_requires=inside.build_requires,
        build=inside.build,
        claims=inside.claims,
        rank=Absent(),
        contents=inside.contents,
    )


def files(folders: list[Path]) -> Iterator[Path]:
    """The distribution files of some folders."""
    for folder in folders:
        for path in sorted(folder.iterdir()):
            try:
                FileName.parse(path.name)
            except ValueError:
                continue
            yield path


def found(one: Examined, profile: Profile) -> list[Judged]:
    """What the checks on the inside find."""
    verdict = vet(one.evidence, Policy(profile=profile))
    return [judged for judged in verdict.reasons if judged.finding.check in CHECKS]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--unknown", action="store_true")
    chosen = parser.parse_args()
    popular = None if chosen.unknown else bundled()
    everything = [examined(path, popular) for path in files(chosen.folders)]
    if not everything:
        print("contents: skipped, there are no wheels or sdists (make bench WHEELS=FOLDER)")
        return
    for one in everything:
        for judged in found(one, "balanced"):
            finding = judged.finding
            print(f"{judged.action.name.lower():6} {finding.check}: {finding.message[:200]}")
    for profile in PROFILES:
        worst = Counter(
            max((judged.action.name.lower() for judged in found(one, profile)), key=_rank, default="nothing")
            for one in everything
        )
        print(f"{profile}, {len(everything)} files:", ", ".join(f"{n} {what}" for what, n in worst.items()))
    print(f"{sum(one.seconds for one in everything):.2f} s of one core for {len(everything)} files")
    for one in sorted(everything, key=lambda one: -one.seconds)[:5]:
        print(f"  {one.seconds:.2f} s for {one.path.stat().st_size / 1e6:.0f} MB: {one.path.name}")
    largest = max(everything, key=lambda one: one.path.stat().st_size).path
    tracemalloc.start()
    examined(largest)
    print(f"{tracemalloc.get_traced_memory()[1] / 1e6:.1f} MB of Python's memory at most, for {largest.name}")


def _rank(action: str) -> int:
    return ("nothing", "off", "warn", "ask", "withhold", "block").index(action)


if __name__ == "__main__":
    main()
