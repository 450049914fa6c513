"""How long it takes to load the Sigstore libraries, and then to verify one attestation.

usage: python -m benchmarks.provenance FOLDER [--rounds 20]

FOLDER has ``index.json`` with ``cases``, each with ``file``, ``artifact`` (``filename``, ``sha256``) and
``trust_root``, a file that lies in a folder ``trust`` beside FOLDER. Cases that verify are measured by
themselves: those are what an installation waits for.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from statistics import median, quantiles
from typing import TypeVar

from trustguard.model.evidence import Known
from trustguard.model.project import Sha256
from trustguard.sources.attestations import TrustRoot, bundled_trust_root, verify

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """How long something takes, in milliseconds, and what comes of it."""
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def main(folder: Path, rounds: int) -> None:
    """Measure, and print one line a figure."""
    milliseconds, _ = timed(lambda: bundled_trust_root().verifier())
    print(f"libraries and the first trust root: {milliseconds:.0f} ms")
    roots: dict[str, TrustRoot] = {}
    verified: list[float] = []
    others: list[float] = []
    for case in json.loads((folder / "index.json").read_bytes())["cases"]:
        name = PurePosixPath(case["trust_root"]).name
        root = roots.setdefault(name, TrustRoot((folder.parent / "trust" / name).read_bytes()))
        root.verifier()
        document = (folder / case["file"]).read_bytes()
        filename, digest = case["artifact"]["filename"], Sha256(case["artifact"]["sha256"])
        for _ in range(rounds):
            milliseconds, fact = timed(partial(verify, document, filename, digest, root))
            count = len(fact.value.attestations) if isinstance(fact, Known) else 0
            if count and isinstance(fact, Known) and fact.value.outcome == "verified":
                verified.append(milliseconds / count)
            else:
                others.append(milliseconds)
    _report("an attestation that verifies", verified)
    _report("a document that does not", others)


def _report(what: str, times: list[float]) -> None:
    if len(times) > 1:
        most = quantiles(times, n=20)[-1]
        print(f"{what}: median {median(times):.1f} ms, 95 % below {most:.1f} ms ({len(times)} times)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data"))
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    if (arguments.folder / "index.json").is_file():
        main(arguments.folder, arguments.rounds)
    else:
        hint = "make bench PROVENANCE=FOLDER"
        print(f"provenance: skipped, there is no index.json in {arguments.folder} ({hint})")
