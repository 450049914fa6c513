"""What the end-to-end tests share: an index, markers, and the program with a target of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

MakeGuarded = Callable[..., Guarded]

# How fast the machine is must not decide whether a test passes.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def index() -> Iterator[LabIndex]:
    """A running index with nothing on it."""
    with LabIndex() as running:
        yield running


@pytest.fixture
def markers(tmp_path: Path) -> Markers:
    """Where hostile code tells that it ran."""
    return Markers(tmp_path / "markers")


@pytest.fixture
def guarded(tmp_path: Path, index: LabIndex) -> MakeGuarded:
    """Make the program with a home and a target environment of its own, against the index."""
    made: list[Guarded] = []

    def make(*, malware: Iterable[str] = (), **parts: Any) -> Guarded:
        made.append(Guarded(tmp_path / f"home{len(made)}", index, malware=malware, **parts))
        return made[-1]

    return make
