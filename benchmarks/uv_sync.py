"""``trustguard run uv sync`` ÷ ``uv sync``: wall time and peak memory of the process tree, interleaved.

usage: python -m benchmarks.uv_sync [--runs 5]

A project that needs 25 wheels, from an index on loopback that answers after 40 ms; a fresh project and cold
caches in each run. The difference is what matters as well: it is the time to start the guard, and does not
grow with the number of wheels.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from uv import find_uv_bin

from benchmarks.guarded import Measured, measure, wheels
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex

_LATENCY = 0.04
_COUNT = 25


def project(folder: Path, index: LabIndex, dependency: str) -> Path:
    """A new project that needs one thing, and all that this needs."""
    folder.mkdir()
    head = '[project]\nname = "measured"\nversion = "1.0"\nrequires-python = ">=3.10"\n'
    source = f'[[tool.uv.index]]\nurl = "{index.url}"\ndefault = true\n'
    text = f"{head}dependencies = {json.dumps([dependency])}\n{source}"
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def main() -> None:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    front = {"plain": [], "guarded": [sys.executable, "-m", "trustguard", "run", "--"]}
    measured: dict[str, list[Measured]] = {name: [] for name in front}
    with tempfile.TemporaryDirectory() as folder, LabIndex(latency=_LATENCY) as index:
        artifacts = wheels(_COUNT)
        index.add_all(*artifacts)
        lab = Guarded(Path(folder) / "home", index)
        if lab.run("update").code:
            raise SystemExit("the advisory data could not be loaded")
        environ = lab.environ(UV_PYTHON=sys.executable, UV_PYTHON_DOWNLOADS="never")
        for run in range(runs):
            for name, words in front.items():
                shutil.rmtree(lab.home / ".cache", ignore_errors=True)
                there = project(Path(folder) / f"{name}-{run}", index, artifacts[0].project)
                sync = [find_uv_bin(), "sync", "--directory", str(there)]
                measured[name].append(measure([*words, *sync], environ))
    print(f"uv sync, {_COUNT} wheels, index that answers after {_LATENCY * 1000:.0f} ms, {runs} runs each")
    for name, rows in measured.items():
        seconds = [row.seconds for row in rows]
        print(
            f"  {name:8} {statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
            f"  peak {statistics.median(row.megabytes for row in rows):6.0f} MB"
        )
    plain, guarded = (statistics.median(row.seconds for row in rows) for rows in measured.values())
    print(f"  guarded - plain = {guarded - plain:+.2f} s, guarded / plain = {guarded / plain:.2f}")


if __name__ == "__main__":
    main()
