"""Which environments have a ledger is known as long as they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.model.errors import StoreError
from trustguard.store.environments import Environments


def ledger(folder: Path) -> Path:
    """A ledger in a new folder."""
    folder.mkdir(parents=True)
    (folder / "ledger.tsv").write_text("")
    return folder / "ledger.tsv"


def test_each_is_known_once_in_the_order_of_the_paths(tmp_path: Path) -> None:
    there = Environments(tmp_path / "notes")
    two, one = ledger(tmp_path / "b"), ledger(tmp_path / "a\nand more")
    for _ in range(2):
        there.add(two)
        there.add(one)
    assert there.ledgers() == [one, two]
    assert len(list((tmp_path / "notes").iterdir())) == 2


def test_what_is_gone_is_forgotten_and_known_again_when_it_is_noted_again(tmp_path: Path) -> None:
    there, one = Environments(tmp_path / "notes"), ledger(tmp_path / "a")
    there.add(one)
    one.unlink()
    assert there.ledgers() == []
    assert list((tmp_path / "notes").iterdir()) == []
    one.write_text("")
    there.add(one)
    assert there.ledgers() == [one]


def test_where_nothing_was_noted_there_is_none(tmp_path: Path) -> None:
    assert Environments(tmp_path / "notes").ledgers() == []


def test_a_note_that_is_none_and_one_that_is_being_written_do_no_harm(tmp_path: Path) -> None:
    there, one = Environments(tmp_path / "notes"), ledger(tmp_path / "a")
    there.add(one)
    (tmp_path / "notes" / "0bad").write_bytes(b"relative\x00path")
    (tmp_path / "notes" / ".trustguard-x").write_bytes(b"/half")
    assert there.ledgers() == [one]
    assert (tmp_path / "notes" / ".trustguard-x").exists()


def test_what_cannot_be_noted_is_an_error_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        Environments(tmp_path / "notes").add(ledger(tmp_path / "a"))
