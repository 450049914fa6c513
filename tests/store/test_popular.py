"""The refreshed list is replaced whole, read strictly, and set aside where it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from packaging.utils import NormalizedName

from trustguard.model.errors import StoreError
from trustguard.model.popular import Popular
from trustguard.store.popular import PopularStore

LIST = Popular(
    tuple(NormalizedName(f"name-{number}") for number in range(1000)), "2026-10-01", "https://a.example/"
)


@pytest.fixture
def store(tmp_path: Path) -> PopularStore:
    """A store in a folder that does not exist yet."""
    return PopularStore(tmp_path / "data" / "popular.txt")


def test_what_was_saved_is_loaded_and_nothing_else_is_left(store: PopularStore) -> None:
    assert store.load() is None
    store.save(Popular((*LIST.names[:-1], NormalizedName("other")), "2026-09-01", "https://a.example/"))
    store.save(LIST)
    assert store.load() == LIST
    assert [path.name for path in store.path.parent.iterdir()] == ["popular.txt"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it does not begin as a list of popular projects does"),
        (b"# origin: a", "its last line is not complete"),
        (b"# origin: \xc3\xa9\n", "not ASCII"),
        (b"SQLite format 3\x00\n", "it does not begin as a list of popular projects does"),
    ],
)
def test_a_damaged_list_is_set_aside_said_and_can_be_replaced(
    store: PopularStore, content: bytes, why: str
) -> None:
    store.save(LIST)
    store.path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.load()
    assert str(caught.value) == (
        f"the list of popular projects {store.path} is damaged, and not used: {why} (run: trustguard update)"
    )
    assert store.path.with_name("popular.txt.damaged").read_bytes() == content
    assert store.load() is None
    store.save(LIST)
    assert store.load() == LIST


def test_a_list_that_was_cut_off_is_damaged(store: PopularStore) -> None:
    store.save(LIST)
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[: whole.rindex(b"name-")])
    with pytest.raises(StoreError, match="it has 999 names, and should have 1000"):
        store.load()


def test_a_folder_in_its_place_is_an_error_and_stays(store: PopularStore) -> None:
    store.path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"^cannot read "):
        store.load()
    with pytest.raises(StoreError, match=r"^cannot write "):
        store.save(LIST)
    assert os.listdir(store.path.parent) == ["popular.txt"]  # noqa: PTH208 - names are all that is asked for
