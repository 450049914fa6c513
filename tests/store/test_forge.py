"""What forges said is kept for a day, read strictly, and set aside where it is damaged."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from trustguard.model.errors import StoreError
from trustguard.model.refs import Refs
from trustguard.model.repository import Repository
from trustguard.store.forge import RefsStore

NOW = datetime(2026, 10, 1, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
REQUESTS, FLASK = Repository("github.com", "psf/requests"), Repository("github.com", "pallets/flask")
REFS = Refs(frozenset({"v1.0", "v\u00e4", "\\xff"}), Repository("github.com", "new/requests"))


@pytest.fixture
def store(tmp_path: Path) -> RefsStore:
    """A store in a folder that does not exist yet."""
    return RefsStore(tmp_path / "cache" / "refs")


def file_of(tmp_path: Path) -> Path:
    """The one file that there is."""
    (file,) = (tmp_path / "cache").rglob("*.json")
    return file


@pytest.mark.parametrize("refs", [REFS, Refs(frozenset())])
def test_what_was_saved_is_loaded_and_of_another_repository_nothing(store: RefsStore, refs: Refs) -> None:
    assert store.load(REQUESTS, NOW) is None
    store.save(REQUESTS, refs, NOW)
    assert store.load(REQUESTS, NOW) == refs
    assert store.load(FLASK, NOW) is None


def test_what_is_saved_later_takes_the_place_of_what_was_there(store: RefsStore, tmp_path: Path) -> None:
    store.save(REQUESTS, Refs(frozenset()), NOW - DAY)
    store.save(REQUESTS, REFS, NOW)
    assert store.load(REQUESTS, NOW) == REFS
    assert [path.name for path in file_of(tmp_path).parent.iterdir()] == [file_of(tmp_path).name]


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (timedelta(), True),
        (DAY - timedelta(microseconds=1), True),
        (DAY, False),
        (timedelta(days=400), False),
        (-timedelta(microseconds=1), False),
    ],
)
def test_it_is_kept_for_a_day_and_nothing_from_the_future(
    store: RefsStore, age: timedelta, kept: bool
) -> None:
    store.save(REQUESTS, REFS, NOW - age)
    assert (store.load(REQUESTS, NOW) == REFS) == kept
    assert (store.load(REQUESTS, NOW) is None) != kept


@pytest.mark.parametrize("key", ["format", "repository", "asked_at", "tags", "at"])
@pytest.mark.parametrize("value", ["", "x", "ab", 7, -1, [], {}, ["x", 1], [1], False, "2026-10-01T12:00:00"])
def test_a_file_that_says_something_else_is_never_believed(
    store: RefsStore, tmp_path: Path, key: str, value: object
) -> None:
    store.save(REQUESTS, REFS, NOW)
    form = json.loads(file_of(tmp_path).read_bytes())
    file_of(tmp_path).write_text(json.dumps({**form, key: value}))
    if key == "tags" and value == []:
        assert store.load(REQUESTS, NOW) is not None
        return
    with pytest.raises(StoreError, match="is damaged: not used"):
        store.load(REQUESTS, NOW)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000, b"9" * 5000, b'{"format": 1}'],
)
def test_a_damaged_file_is_set_aside_said_and_can_be_replaced(
    store: RefsStore, tmp_path: Path, content: bytes
) -> None:
    store.save(REQUESTS, REFS, NOW)
    file = file_of(tmp_path)
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.load(REQUESTS, NOW)
    assert str(caught.value) == (
        f"what the forge said of github.com/psf/requests in {file} is damaged: not used"
    )
    assert file.with_name(f"{file.name}.damaged").read_bytes() == content
    assert store.load(REQUESTS, NOW) is None
    store.save(REQUESTS, REFS, NOW)
    assert store.load(REQUESTS, NOW) == REFS


def test_a_folder_in_its_place_is_an_error(store: RefsStore, tmp_path: Path) -> None:
    store.save(REQUESTS, REFS, NOW)
    file = file_of(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(StoreError, match=r"^cannot read "):
        store.load(REQUESTS, NOW)
    with pytest.raises(StoreError, match=r"^cannot write "):
        store.save(REQUESTS, REFS, NOW)
