"""Counts of dependents are kept for a day, by service and project, and read strictly."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from trustguard.model.errors import StoreError
from trustguard.model.evidence import Dependents
from trustguard.store.dependents import DependentsStore

NOW = datetime(2026, 10, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
DEMO, OTHER = NormalizedName("demo"), NormalizedName("other")
COUNT = Dependents(Version("1!2.0"), 3, 40)
SERVICE = "https://deps.example/v3alpha"


@pytest.fixture
def store(tmp_path: Path) -> DependentsStore:
    """A store in a folder that does not exist yet."""
    return DependentsStore(tmp_path / "cache", SERVICE)


def file_of(tmp_path: Path) -> Path:
    """The one file that there is."""
    (file,) = (tmp_path / "cache").rglob("*.json")
    return file


def test_what_was_said_is_kept_for_a_day_by_project_and_service(
    store: DependentsStore, tmp_path: Path
) -> None:
    assert store.load(DEMO, NOW) is None
    store.save(DEMO, COUNT, NOW)
    assert store.load(DEMO, NOW) == COUNT
    assert store.load(OTHER, NOW) is None
    assert store.load(DEMO, NOW + DAY) is None
    assert DependentsStore(tmp_path / "cache", "https://other.example").load(DEMO, NOW) is None
    assert DependentsStore(tmp_path / "cache", f"{SERVICE}/").load(DEMO, NOW) == COUNT


@pytest.mark.parametrize("key", ["of", "direct", "total"])
@pytest.mark.parametrize("value", [None, "x", -1, 7.5, True, [], {}])
def test_a_file_that_says_something_else_is_never_believed(
    store: DependentsStore, tmp_path: Path, key: str, value: object
) -> None:
    store.save(DEMO, COUNT, NOW)
    form = json.loads(file_of(tmp_path).read_bytes())
    file_of(tmp_path).write_text(json.dumps({**form, key: value}))
    what = "what the service for dependents said of demo at https://deps.example/v3alpha in "
    with pytest.raises(StoreError, match=f"^{what}.* is damaged: not used$"):
        store.load(DEMO, NOW)
