"""The history of owners keeps who was accepted last and since when; old files vouch for nobody new."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from trustguard.model.errors import StoreError
from trustguard.model.ownership import KnownOwner, KnownOwners
from trustguard.model.project import IndexId
from trustguard.store.owners import Owned, OwnerStore

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX, OTHER_INDEX = IndexId("https://index.example/simple/"), IndexId("https://other.example/simple/")
DEMO, OTHER = NormalizedName("demo"), NormalizedName("other")
ANN, EVE = "user ann", "user eve"


@pytest.fixture
def store(tmp_path: Path) -> OwnerStore:
    """A store in folders that do not exist yet."""
    return OwnerStore(tmp_path / "data" / "owners", tmp_path / "cache" / "locks")


def only_file(folder: Path) -> Path:
    """The one file of the history."""
    (path,) = (folder / "data" / "owners").iterdir()
    return path


def owned(*owners: str, uploaded: datetime | None = None, **where: Any) -> list[Owned]:
    """Who owned the project of one file that was let in."""
    return [Owned(where.get("index", INDEX), where.get("project", DEMO), owners, uploaded)]


def known(seen: datetime, **since: datetime) -> KnownOwners:
    """Owners, each known since a time."""
    return KnownOwners(tuple(KnownOwner(f"user {name}", time) for name, time in since.items()), seen)


def test_who_owned_it_is_known_the_next_time(store: OwnerStore) -> None:
    assert store.load(INDEX, DEMO) is None
    store.record(owned(EVE, ANN, ANN), AT)
    assert store.load(INDEX, DEMO) == known(AT, ann=AT, eve=AT)


def test_the_file_can_be_read_by_people_and_says_its_version(store: OwnerStore, tmp_path: Path) -> None:
    store.record(owned("organization acme"), AT.astimezone(timezone(5 * HOUR)))
    path = only_file(tmp_path)
    assert path.name.startswith("demo-")
    assert json.loads(path.read_text(encoding="ascii")) == {
        "owners": 1,
        "index": "https://index.example/simple",
        "project": "demo",
        "seen": [
            {
                "first": "2026-01-02T03:04:05+00:00",
                "last": "2026-01-02T03:04:05+00:00",
                "owner": "organization acme",
            }
        ],
    }


def test_each_project_of_each_index_has_a_history_of_its_own(store: OwnerStore) -> None:
    store.record([*owned(ANN), *owned(EVE, project=OTHER), *owned(EVE, index=OTHER_INDEX)], AT)
    found = [store.load(index, project) for index in (INDEX, OTHER_INDEX) for project in (DEMO, OTHER)]
    assert [None if one is None else set(one.names) for one in found] == [{ANN}, {EVE}, {EVE}, None]


def test_a_newcomer_is_known_from_then_on_and_the_others_for_as_long_as_before(store: OwnerStore) -> None:
    store.record(owned(ANN), AT)
    store.record(owned(ANN, EVE, uploaded=AT + HOUR), AT + 40 * DAY)
    assert store.load(INDEX, DEMO) == known(AT + 40 * DAY, ann=AT, eve=AT + 40 * DAY)


def test_who_is_gone_is_forgotten_and_is_a_newcomer_when_he_comes_back(store: OwnerStore) -> None:
    store.record(owned(ANN, EVE), AT)
    store.record(owned(EVE, uploaded=AT + HOUR), AT + DAY)
    assert store.load(INDEX, DEMO) == known(AT + DAY, eve=AT)
    store.record(owned(ANN, EVE, uploaded=AT + 2 * DAY), AT + 3 * DAY)
    assert store.load(INDEX, DEMO) == known(AT + 3 * DAY, ann=AT + 3 * DAY, eve=AT)


@pytest.mark.parametrize(
    ("uploaded", "accepted"),
    [(AT - DAY, False), (AT, False), (AT + timedelta(seconds=1), True), (None, True)],
)
def test_a_file_that_was_there_before_a_change_vouches_for_nobody(
    store: OwnerStore, uploaded: datetime | None, accepted: bool
) -> None:
    """Otherwise the next release of whoever took the project over would be compared with himself."""
    store.record(owned(ANN), AT)
    store.record(owned(EVE, uploaded=uploaded), AT + 9 * DAY)
    expected = known(AT + 9 * DAY, eve=AT + 9 * DAY) if accepted else known(AT, ann=AT)
    assert store.load(INDEX, DEMO) == expected


def test_the_same_owners_are_seen_again_by_whatever_file_and_that_is_written_once_a_day(
    store: OwnerStore, tmp_path: Path
) -> None:
    store.record(owned(ANN), AT)
    before = only_file(tmp_path).stat().st_ino
    store.record(owned(ANN, uploaded=AT - DAY), AT + DAY - HOUR)
    assert only_file(tmp_path).stat().st_ino == before
    store.record(owned(ANN, uploaded=AT - DAY), AT + DAY)
    assert store.load(INDEX, DEMO) == known(AT + DAY, ann=AT)


def test_a_clock_that_goes_back_takes_nothing_away(store: OwnerStore) -> None:
    store.record(owned(ANN), AT)
    store.record(owned(ANN, EVE), AT - DAY)
    assert store.load(INDEX, DEMO) == known(AT, ann=AT - DAY, eve=AT - DAY)


def test_of_nobody_nothing_is_written(store: OwnerStore, tmp_path: Path) -> None:
    store.record([], AT)
    store.record(owned(), AT)
    assert list(tmp_path.iterdir()) == []


@given(st.sets(st.text(min_size=1).map(lambda name: f"user {name}"), min_size=1))
def test_every_owner_is_read_back_as_he_was(
    tmp_path_factory: pytest.TempPathFactory, owners: set[str]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = OwnerStore(folder / "owners", folder / "locks")
    store.record(owned(*owners), AT)
    found = store.load(INDEX, DEMO)
    assert found is not None
    assert found.names == owners


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_what_somebody_installs_is_nobody_else_s_business(store: OwnerStore, tmp_path: Path) -> None:
    store.record(owned(ANN), AT)
    path = only_file(tmp_path)
    assert [oct(one.stat().st_mode & 0o777) for one in (path, path.parent)] == ["0o600", "0o700"]


@pytest.mark.parametrize("owner", [None, "", 7, ["user ann"], ...])
def test_a_damaged_history_is_set_aside_said_and_begun_anew(
    store: OwnerStore, tmp_path: Path, owner: object
) -> None:
    store.record(owned(ANN), AT)
    path = only_file(tmp_path)
    form = json.loads(path.read_bytes())
    form["seen"] = [{"first": AT.isoformat(), "last": AT.isoformat(), "owner": owner}]
    if owner is ...:
        del form["seen"][0]["owner"]
    path.write_text(json.dumps(form))
    with pytest.raises(StoreError) as caught:
        store.load(INDEX, DEMO)
    message = str(caught.value)
    assert message.startswith(f"the history of owners {path} was damaged (")
    assert message.endswith("who owned the project before is not remembered")
    assert store.load(INDEX, DEMO) is None
    store.record(owned(EVE), AT)
    assert store.load(INDEX, DEMO) == known(AT, eve=AT)
