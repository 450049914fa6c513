"""What the tests of ``trustguard run`` share: the real programs, and a door to run them through."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.run.door import Door
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.tools import Tools


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """The real programs, shared between the processes of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "tools"
    folder.mkdir(exist_ok=True)
    return Tools(folder)


@pytest.fixture
def door(index: LabIndex, guarded: MakeGuarded, markers: Markers, tmp_path: Path) -> Door:
    """``trustguard run`` with an index that has good projects and evil ones."""
    del tmp_path
    return Door(guarded(malware=["evil"]), index, markers)
