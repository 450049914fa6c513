"""What the import-time guard costs: at the start of an interpreter, and at an import.

usage: python -m benchmarks.import_guard [--distributions 500] [--runs 40]

Two virtual environments with the same distributions in them, all in the ledger; one has the guard. They are
started in turn, and the CPU time of each process is what the system says. With ``--start-up-code`` there is
besides a vetted ``.pth`` file with an executable line in both, so that the guard has to read what is vetted.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from trustguard.import_guard import guard, placing

_IMPORTS = """
import gc, statistics, sys, time
sys.dont_write_bytecode = True
gc.disable()
import p0, p1, p2, p3, p4, p5, p6, p7, p8, p9
def cost(names):
    times = []
    for name in names:
        start = time.perf_counter_ns()
        __import__(name)
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000
print(cost([f"p{n}" for n in range(10, 210)]), cost([f"p0.m{n}" for n in range(200)]), cost(%r))
"""
_LINE = (
    "{name}\t1.0\tallow\t\t{digest}\t{name}-1.0-py3-none-any.whl\thttps://index.example/simple/"
    "\t2999-01-01T00:00:00+00:00\t{digest}\t\t{name}"
)
_STANDARD = ["bisect", "calendar", "colorsys", "fnmatch", "glob", "linecache", "quopri", "sched", "textwrap"]


def main(distributions: int, runs: int, *, start_up_code: bool) -> None:
    """Measure, and print one line a figure."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("bare", "guarded")
        pythons = {name: _environment(Path(folder, name), distributions, start_up_code) for name in names}
        placing.place(placing.Target.of(pythons["guarded"]), "block", everything=False)
        starts = _alternate(pythons, runs, _start)
        print(f"{runs} runs, {distributions} distributions, medians: bare, guarded, difference")
        _tell("start, CPU time", "ms", {name: median(times) for name, (times,) in starts.items()})
        imports = _alternate(pythons, runs, _imports)
        for number, what in enumerate(("a top-level import", "a submodule", "of the standard library")):
            _tell(what, "µs", {name: median(columns[number]) for name, columns in imports.items()})


def _environment(path: Path, distributions: int, start_up_code: bool) -> Path:
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", path], check=True)
    target = placing.Target.of(path / "bin" / "python")
    purelib, lines = target.folders[0], ["trustguard-ledger\t1"]
    for number in range(distributions):
        files = {f"p{number}/__init__.py": b"x = 1\n"}
        if number == 0:
            files |= {f"p0/m{module}.py": b"y = 2\n" for module in range(200)}
            files |= {"p0.pth": b"import sys; sys.p0 = 1\n"} if start_up_code else {}
        _put(purelib, f"p{number}-1.0.dist-info", files)
        lines.append(_LINE.format(name=f"p{number}", digest="ab" * 32))
    (purelib / guard.LEDGER).write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([target.python, "-m", "compileall", "-q", purelib], check=True)
    return target.python


def _put(purelib: Path, info: str, files: Mapping[str, bytes]) -> None:
    rows = [f"{info}/RECORD,,"]
    for name, content in files.items():
        (purelib / name).parent.mkdir(exist_ok=True)
        (purelib / name).write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(content)}")
    (purelib / info).mkdir()
    (purelib / info / "RECORD").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _alternate(
    pythons: Mapping[str, Path], runs: int, measure: Callable[[Path], Sequence[float]]
) -> dict[str, list[tuple[float, ...]]]:
    """The columns of what is measured, by name: run after run with each Python in turn."""
    found: dict[str, list[Sequence[float]]] = {name: [] for name in pythons}
    for _ in range(runs):
        for name, python in pythons.items():
            found[name].append(measure(python))
    return {name: list(zip(*rows, strict=True)) for name, rows in found.items()}


def _start(python: Path) -> Sequence[float]:
    """CPU time of an interpreter that does nothing, in milliseconds."""
    process = subprocess.Popen([python, "-I", "-c", ""])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return ((usage.ru_utime + usage.ru_stime) * 1000,)


def _imports(python: Path) -> Sequence[float]:
    """The median times of imports, in microseconds."""
    command = [str(python), "-I", "-c", _IMPORTS % _STANDARD]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return tuple(map(float, done.stdout.split()))


def _tell(what: str, unit: str, figures: Mapping[str, float]) -> None:
    difference = figures["guarded"] - figures["bare"]
    print(f"{what:<24} {figures['bare']:8.2f} {figures['guarded']:8.2f} {difference:+8.2f} {unit}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--distributions", type=int, default=500)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--start-up-code", action="store_true")
    given = parser.parse_args()
    main(given.distributions, given.runs, start_up_code=given.start_up_code)
