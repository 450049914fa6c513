"""Tries and measures the reader: ``python -m benchmarks.archive [--wheels|--trees|--inputs N] [FILE …]``.

Differential: N wheels are made with up to three things wrong in their structure or their bytes, or with none
(tests/sources/archive/mutants.py). Each that the reader accepts is read by zipfile as well, and installed by
pip's own code for wheels (its function ``install_wheel``, with folders of its own, in this process). All
three must have the same paths with the same bytes; of scripts the first line is left out, where pip puts the
interpreter. What pip refuses is counted: then nothing was installed that was not seen.

The same with N source trees: each that the reader accepts is unpacked by tarfile, with the filter for data
(PEP 706), and what is on disk then has to be what was seen, files with their bytes and links with their ends.

Fuzzing: N inputs, in turn mutated wheels, the same as zipped source trees, mutated source trees in gzip, and
random bytes with the frame of an archive around them. Every byte of what is accepted is read. An exception
that is not a refusal ends the run; the slowest input is printed with its seed.

Then what opening costs for each number of entries, and, for each FILE, opening, digests of everything, and
peak memory of Python's objects.
"""

from __future__ import annotations

import argparse
import gzip
import io
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path

from tests.sources.archive import mutants, peers
from tests.sources.archive.zips import Part, zipped
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import open_archive

ROUNDS = 5
FUZZED = (mutants.WHEEL, mutants.ZIP, mutants.SDIST, mutants.SDIST, mutants.WHEEL)


def differential(wheels: int, seed: int) -> None:
    """Compare what is seen with what is installed."""
    counted: Counter[str] = Counter()
    for number in range(seed, seed + wheels):
        content = mutants.mutated_wheel(mutants.random_of(number))
        ours = peers.by_us(content, mutants.WHEEL)
        if ours is None:
            counted["refused here"] += 1
            continue
        if peers.by_zipfile(content) != ours:
            raise SystemExit(f"seed {number}: zipfile sees something else")
        with tempfile.TemporaryDirectory() as folder:
            theirs = peers.by_pip(content, mutants.WHEEL, Path(folder))
        if theirs is None:
            counted["accepted here, refused by pip"] += 1
        elif peers.without_shebang(theirs) != peers.without_shebang(peers.installed(ours)):
            raise SystemExit(f"seed {number}: pip installs something else")
        else:
            counted["accepted here, installed by pip as seen"] += 1
    print(
        f"differential, {wheels:,} wheels:", ", ".join(f"{many:,} {what}" for what, many in counted.items())
    )


def differential_of_trees(trees: int, seed: int) -> None:
    """Compare what is seen with what is unpacked."""
    counted: Counter[str] = Counter()
    for number in range(seed, seed + trees):
        content = gzip.compress(mutants.mutated_tar(mutants.random_of(number)), 1, mtime=0)
        ours = peers.by_us(content, mutants.SDIST)
        if ours is None:
            counted["refused here"] += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            theirs = peers.unpacked_by_tarfile(content, Path(folder) / "unpacked")
        if theirs != (ours.files, peers.links_by_us(content, mutants.SDIST)):
            raise SystemExit(f"seed {number}: tarfile unpacks something else")
        counted["accepted here, unpacked by tarfile as seen"] += 1
    print(
        f"differential, {trees:,} source trees:",
        ", ".join(f"{many:,} {what}" for what, many in counted.items()),
    )


def fuzzed(number: int) -> tuple[bytes, str]:
    """One input, and the name under which it is opened."""
    random = mutants.random_of(number)
    filename = FUZZED[number % len(FUZZED)]
    if filename != mutants.SDIST:
        framed = random.randbytes(random.randrange(400)) + zipped()
        return (framed if number % len(FUZZED) > 2 else mutants.mutated_wheel(random)), filename
    if number % len(FUZZED) == 2:
        return mutants.mutated_sdist(random), filename
    blocks = random.randbytes(512 * random.randrange(4)) if number % 2 else mutants.mutated_tar(random)
    return gzip.compress(blocks, 1), filename


def fuzz(inputs: int, seed: int) -> None:
    """Find an exception that is not a refusal, and what takes longest."""
    accepted, times = 0, []
    for number in range(seed, seed + inputs):
        content, filename = fuzzed(number)
        began = time.process_time()
        accepted += peers.by_us(content, filename) is not None
        times.append((time.process_time() - began, number))
    slowest, number = max(times)
    print(
        f"fuzzing, {inputs:,} inputs: {accepted:,} accepted; slowest {slowest * 1e3:.2f} ms (seed {number})"
    )


def opening() -> None:
    """Print what opening a wheel costs."""
    for count in (100, 1_000, 10_000):
        folders = (b"demo/sub%d/module%d.py" % (number % 50, number) for number in range(count))
        content = zipped(*(Part(name, b"x = 1\n" * 20) for name in folders))
        print(f"opening {count:,} entries: {fastest(content, mutants.WHEEL) * 1e3:.2f} ms")


def fastest(content: bytes, filename: str) -> float:
    """Seconds of processor time in the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        open_archive(io.BytesIO(content), filename)
        times.append(time.process_time() - began)
    return min(times)


def measure(path: Path) -> None:
    """Print what it takes to read a real archive."""
    began = time.process_time()
    try:
        with open_archive(path, path.name) as archive:
            opened = time.process_time()
            size = sum(one.size for one in archive.digests())
            done = time.process_time()
        tracemalloc.start()
        with open_archive(path, path.name) as archive:
            entries = len(archive.entries)
            for _ in archive.digests():
                pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    except SourceRefused as refused:
        print(f"REFUSED: {refused}")
        return
    print(
        f"{path.name[:60]}: {path.stat().st_size / 2**20:.1f} MiB, {entries:,} entries, "
        f"opened in {(opened - began) * 1e3:.1f} ms, digests of {size / 2**20:.1f} MiB in "
        f"{done - opened:.2f} s, peak {peak / 2**20:.1f} MiB"
    )


def main() -> None:
    """Read the arguments, and do all of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--wheels", type=int, default=5_000)
    parser.add_argument("--trees", type=int, default=5_000)
    parser.add_argument("--inputs", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("files", nargs="*", type=Path)
    chosen = parser.parse_args()
    opening()
    for path in chosen.files:
        measure(path)
    differential(chosen.wheels, chosen.seed)
    differential_of_trees(chosen.trees, chosen.seed)
    fuzz(chosen.inputs, chosen.seed)


if __name__ == "__main__":
    main()
