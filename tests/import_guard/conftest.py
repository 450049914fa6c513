"""An environment for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.import_guard.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An environment with nothing in it."""
    return House(tmp_path / "house")
