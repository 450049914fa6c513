"""How every attack must end, judged by what is on disk; and small helpers for setting attacks up."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.lab.artifacts import Artifact
from tests.lab.guard import NOBODY, Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export

BLOCKED, NEEDS_APPROVAL, UNVETTED = 10, 11, 12


def assert_refused(  # noqa: PLR0913 - each is one thing that the end of an attack is judged by
    guard: Guarded, run: Ended, code: int, name: str, before: set[str], markers: Markers | None = None
) -> None:
    """Nothing ran, nothing is installed, the exit code says so, and a line without a traceback names it.

    Args:
        guard: the program that was run.
        run: how it ended.
        code: the exit code that there must be.
        name: the package or place that must be named.
        before: the files of the target environment before the run.
        markers: where hostile code would have told that it ran.
    """
    told = run.out + run.err
    assert run.code == code, run
    assert "Traceback" not in told, run
    assert name.lower() in told.lower(), run
    assert guard.environment.files() == before, run
    assert markers is None or markers.ran() == set(), run


def assert_done(guard: Guarded, run: Ended, *projects: str) -> None:
    """The command succeeded, and these projects, and no others, are installed."""
    assert run.code == 0, run
    assert "Traceback" not in run.out + run.err, run
    assert guard.installed() == set(projects), run


def pinned(index: LabIndex, artifact: Artifact) -> str:
    """Serve a file outside of every listing; returns its address, with its digest behind it."""
    return f"{index.put(artifact.filename, artifact.content)}#sha256={artifact.sha256}"


def saved(folder: Path, artifact: Artifact) -> Path:
    """Write a file into a folder, which is made where it does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / artifact.filename
    path.write_bytes(artifact.content)
    return path


def malicious_versions(index: LabIndex, versions: Iterable[str], *projects: str) -> None:
    """Have the advisories call these versions of some projects malicious, and no others."""
    records = [malicious(name, versions=list(versions)) for name in projects]
    index.put_osv(osv_export([*records, malicious(NOBODY)]))
