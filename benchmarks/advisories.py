"""How long the advisory database takes to build, and a look-up in it.

Run as ``python -m benchmarks.advisories [path/to/all.zip]``; without an export, one of 14,000 records is made
up. A look-up is a cold one, where nothing else is said: the project has not been asked for before, and the
file is opened for it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from statistics import median, quantiles

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.lab.osv import malicious, osv_export
from trustguard.model.evidence import Known
from trustguard.sources.osv import AdvisoryRecord, read_export, record_from_json
from trustguard.store.advisories import AdvisoryStore

ABSENT = 1000
"""How many names are asked for that no record speaks of."""
REMEMBERED = 100
"""How many names are asked for a second time, while the store still has them in memory."""
VERSION = Version("1.0")
RECORDS = 14_000
"""How many records a made-up export has."""


def _made(path: Path) -> Path:
    path.write_bytes(osv_export([malicious(f"made-up-{number}") for number in range(RECORDS)]))
    return path


def main(export: Path | None) -> None:
    """Measure, and print one line a figure."""
    with tempfile.TemporaryDirectory() as folder:
        export = export or _made(Path(folder, "all.zip"))
        store = AdvisoryStore(Path(folder, "advisories.sqlite"), record_from_json)
        projects = _load(store, export)
        _report("look-up, listed names", store, projects)
        _report("the same names again", store, projects[-REMEMBERED:])
        _report("look-up, other names", store, [canonicalize_name(f"absent-{n}") for n in range(ABSENT)])


def _load(store: AdvisoryStore[AdvisoryRecord], export: Path) -> list[NormalizedName]:
    skipped: list[str] = []
    start = time.perf_counter()
    records = read_export(export, skipped=skipped.append)
    info = store.replace(records, origin=str(export), fetched_at=datetime.now(timezone.utc))
    seconds = time.perf_counter() - start
    size = store.path.stat().st_size / 1e6
    print(f"load: {seconds:.2f} s, {info.records} records, {len(skipped)} skipped, one file of {size:.1f} MB")
    return sorted({name for r in read_export(export, skipped=skipped.append) for name in r.projects})


def _report(title: str, store: AdvisoryStore[AdvisoryRecord], projects: Sequence[NormalizedName]) -> None:
    times = {project: _ask(store, project) for project in projects}
    slowest = max(times, key=lambda project: times[project])
    print(
        f"{title}: median {median(times.values()):.3f} ms, "
        f"99 % within {quantiles(times.values(), n=100)[-1]:.3f} ms, "
        f"{sum(ms > 1 for ms in times.values())} of {len(times)} over 1 ms, "
        f"slowest {times[slowest]:.3f} ms ({slowest}, {len(store.lookup(slowest))} records)"
    )


def _ask(store: AdvisoryStore[AdvisoryRecord], project: NormalizedName) -> float:
    """The milliseconds that one answer takes."""
    start = time.perf_counter()
    fact = store.applying(project, VERSION)
    seconds = time.perf_counter() - start
    if not isinstance(fact, Known):
        sys.exit(f"no answer for {project}: {fact}")
    return seconds * 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
