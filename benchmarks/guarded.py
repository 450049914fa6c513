"""Guarded install ÷ plain pip: wall time and peak memory of the process tree, interleaved.

usage: python -m benchmarks.guarded [--runs 5]

Two cases, both from an index on loopback and with cold caches: one small wheel from an index that answers at
once, and 25 wheels that need one another from an index that answers after 40 ms. Times are seconds, memory is
the largest sum of the resident sets of all processes of a run (Linux only), in MB. Medians are compared; the
machine's noise is in the spread that is printed beside them.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex

_PAGE_MB = 4096 / 1e6


@dataclass(frozen=True)
class Measured:
    """One run."""

    seconds: float
    megabytes: float


def tree(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    try:
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:  # it has just ended
        return
    for child in chain.from_iterable(children):
        yield from tree(int(child))


def resident(pid: int) -> float:
    """The resident set of a process and its children, in MB; shared pages count in each."""
    pages = 0
    for one in tree(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:  # it has just ended
            continue
    return pages * _PAGE_MB


def measure(command: list[str], environ: dict[str, str]) -> Measured:
    """Run a command that must succeed."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            peak.append(resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{output}")
    return Measured(seconds, max(peak))


def wheels(count: int) -> list[Artifact]:
    """Wheels of which each needs the next two, as in a tree."""
    names = [f"measured-{number:02d}" for number in range(count)]
    return [
        build_wheel(name, "1.0", requires=names[2 * number + 1 : 2 * number + 3])
        for number, name in enumerate(names)
    ]


def case(title: str, count: int, latency: float, runs: int) -> None:
    """Measure one case and print its line."""
    plain: list[Measured] = []
    guarded: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder, LabIndex(latency=latency) as index:
        artifacts = wheels(count)
        index.add_all(*artifacts)
        lab = Guarded(Path(folder) / "home", index)
        if lab.run("update").code:
            raise SystemExit("the advisory data could not be loaded")
        for run in range(runs):
            for name, program, kept in (("plain", "pip", plain), ("guarded", "trustguard", guarded)):
                target = VirtualEnvironment.create(Path(folder) / f"{name}-{run}")
                shutil.rmtree(lab.home / ".cache", ignore_errors=True)
                command = [sys.executable, "-m", program, "--python", str(target.python)]
                kept.append(measure([*command, "install", artifacts[0].project], lab.environ()))
    print(f"{title}, {runs} runs each, interleaved")
    for name, rows in (("plain", plain), ("guarded", guarded)):
        seconds = [row.seconds for row in rows]
        print(
            f"  {name:8} {statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
            f"  peak {statistics.median(row.megabytes for row in rows):6.0f} MB"
        )
    one, other = (statistics.median(row.seconds for row in rows) for rows in (guarded, plain))
    print(f"  guarded - plain = {one - other:+.2f} s, guarded / plain = {one / other:.2f}")


def main() -> None:
    """Measure both cases."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    case("one small wheel, index on loopback", 1, 0.0, runs)
    case("25 wheels, index that answers after 40 ms", 25, 0.04, runs)


if __name__ == "__main__":
    main()
