"""Wheels and sdists of sixty well-known projects: ``python -m benchmarks.false_alarms [--cache FOLDER]``.

Each is fetched (benchmarks/downloads.py), opened and read to its end, and judged under the default policy by
the checks that look at bytes, as in an installation: with the project's past as its index tells it, its place
in the ranking that comes with trustguard, and the metadata that the index serves beside the file. An sdist is
judged as though there were no wheel: as something that would have to be built.

What is told, asked about or blocked is printed line by line; then what all of it costs in time, and two cases
by which it is held: a wheel of a hundred megabytes, and everything that one common installation takes. Each
of these is read in a process of its own, whose growth is measured (Linux only).

With ``--unranked`` no project counts as popular, and only its past speaks for it.

The exit code is 1 where anything is blocked, or more than two files are asked about.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.contents import examined
from benchmarks.downloads import Downloads, Kept
from benchmarks.releases import INSTALLATION, LARGE, SIXTY
from trustguard.judging import Judge
from trustguard.model.evidence import Absent, CoreMetadata, Evidence, Fact, Known
from trustguard.model.policy import Action, Policy
from trustguard.model.popular import Popular
from trustguard.model.project import DistributionFile, FileKind
from trustguard.model.verdict import Judged, Unanswered
from trustguard.sources.core_metadata import parse
from trustguard.sources.popular import bundled

CHECKS = ("artifact-integrity", "direct-reference", "source-only", "startup-code")
MOST_ASKED = 2
ACTIONS = ("off", "warn", "ask", "withhold", "block")


@dataclass(frozen=True)
class Result:
    """What came of one file."""

    kept: Kept
    seconds: float
    judged: tuple[Judged, ...]
    unanswered: tuple[Unanswered, ...]

    @property
    def action(self) -> Action:
        """The strictest one."""
        found = [one.action for one in self.judged] + [one.action for one in self.unanswered]
        return max(found, default=Action.OFF)


def judged(kept: Kept, judge: Judge, popular: Popular | None) -> Result:
    """Examine a file, and judge it."""
    one = examined(kept.path, popular)
    verdict = judge.vet(_completed(one.evidence, kept))
    return Result(
        kept,
        one.seconds,
        tuple(reason for reason in verdict.reasons if reason.finding.check in CHECKS),
        tuple(missing for missing in verdict.unanswered if missing.check in CHECKS),
    )


def _completed(evidence: Evidence, kept: Kept) -> Evidence:
    announced: Fact[CoreMetadata] = Absent() if kept.announced is None else Known(parse(kept.announced))
    return replace(
        evidence,
        file=DistributionFile(kept.name, kept.path.name, {"sha256": kept.digest}),
        sha256=Known(kept.digest),
        announced_metadata=announced,
        history=Known(kept.history),
    )


def report(results: list[Result]) -> bool:
    """Print everything, and say whether it is as it should be."""
    wheels = {result.kept.name.project for result in results if result.kept.name.kind is FileKind.WHEEL}
    for result in sorted(results, key=lambda result: -result.action):
        for reason in result.judged:
            finding, beside = reason.finding, result.kept.name.project in wheels
            if finding.check != "source-only" or reason.action > Action.WARN or not beside:
                print(f"{reason.action.name.lower():6} {finding.check}: {finding.message[:240]}")
        for missing in result.unanswered:
            print(f"{missing.action.name.lower():6} {missing.check}: not known, {missing.fact.reason[:240]}")
    table(results)
    asked = sum(Action.ASK <= result.action < Action.BLOCK for result in results)
    return asked <= MOST_ASKED and all(result.action < Action.BLOCK for result in results)


def table(results: list[Result]) -> None:
    """Print how many files come to what, and what that costs."""
    print(f"\n{'':8}{'files':>7}" + "".join(f"{action:>10}" for action in ("nothing", *ACTIONS[1:])))
    for kind in FileKind:
        counted = Counter(result.action for result in results if result.kept.name.kind is kind)
        columns = "".join(f"{counted[Action[action.upper()]]:>10}" for action in ACTIONS)
        print(f"{kind.value + 's':8}{counted.total():>7}{columns}")
    print("Every sdist is judged as what is built where no wheel fits, and the warning says by what; where a")
    print("wheel is here as well, that line is left out above.")
    slowest = max(results, key=lambda result: result.seconds)
    size, path = sum(result.kept.path.stat().st_size for result in results) / 1e6, slowest.kept.path
    seconds = sum(result.seconds for result in results)
    print(f"{seconds:.2f} s of one core for {len(results)} files of {size:.0f} MB; the slowest:")
    print(f"  {slowest.seconds:.2f} s for {path.stat().st_size / 1e6:.0f} MB: {path.name}")


def in_a_process_of_its_own(title: str, files: Iterable[Kept]) -> None:
    """Measure what files cost where nothing else was done."""
    command = [sys.executable, "-m", "benchmarks.false_alarms", "--measure"]
    paths = [str(kept.path) for kept in files]
    done = subprocess.run([*command, *paths], check=True, stdout=subprocess.PIPE, text=True)
    print(f"{title}: {done.stdout.strip()}")


def measure(paths: list[Path]) -> None:
    """Examine files one after the other, and print their time, and by how much the process grew."""
    before, seconds = peak(), 0.0
    for path in paths:
        seconds += examined(path).seconds
    size = sum(path.stat().st_size for path in paths) / 1e6
    many = f"{len(paths)} files" if len(paths) > 1 else "one file"
    print(f"{seconds:.2f} s of one core, {peak() - before:+.1f} MB of memory for {many} of {size:.0f} MB")


def peak() -> float:
    """The largest resident set of this process so far, in MB.

    Not ``ru_maxrss``: there a child begins with what its parent had when it was started.
    """
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def main() -> None:
    """Read the arguments, and do all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument(
        "--cache", type=Path, help="where files are kept (500 MB); a temporary folder otherwise"
    )
    parser.add_argument("--unranked", action="store_true", help="as if none of them were popular")
    parser.add_argument("--measure", type=Path, nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure)
        return
    temporary = tempfile.TemporaryDirectory() if chosen.cache is None else nullcontext(chosen.cache)
    with temporary as folder:
        downloads = Downloads(Path(folder))
        judge, popular = Judge(Policy()), None if chosen.unranked else bundled()
        releases = [release for some in SIXTY.values() for release in some]
        passed = report([judged(kept, judge, popular) for kept in downloads.have(releases)])
        in_a_process_of_its_own("a large wheel", downloads.have(LARGE, "wheel"))
        in_a_process_of_its_own("an installation", downloads.have(INSTALLATION, "wheel"))
    raise SystemExit(0 if passed else 1)


if __name__ == "__main__":
    main()
