"""A ledger's verdicts can be brought up to date, and nothing else of it changes by that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.store.test_ledger import DEMO, ENTRY, HEADER
from trustguard.model.errors import StoreError
from trustguard.model.verdict import Decision
from trustguard.store.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with two distributions."""
    made = Ledger(tmp_path / "ledger.tsv", tmp_path / "locks")
    made.record([ENTRY, replace(ENTRY, distribution="other")])
    return made


def test_only_the_decision_of_a_line_changes(ledger: Ledger) -> None:
    before = ledger.read()
    changed = ledger.revise([(before[DEMO], Decision.BLOCK)])
    assert changed == [replace(before[DEMO], decision=Decision.BLOCK)]
    assert ledger.read() == {**before, DEMO: changed[0]}


def test_what_somebody_has_written_anew_meanwhile_stays(ledger: Ledger) -> None:
    old = ledger.read()[DEMO]
    ledger.record([replace(ENTRY, version="2.0")])
    assert ledger.revise([(old, Decision.BLOCK)]) == []
    assert (ledger.read()[DEMO].version, ledger.read()[DEMO].decision) == ("2.0", Decision.WARN)


def test_where_nothing_changes_nothing_is_written(ledger: Ledger, tmp_path: Path) -> None:
    before = (tmp_path / "ledger.tsv").stat()
    assert ledger.revise([(ledger.read()[DEMO], Decision.WARN)]) == []
    assert (tmp_path / "ledger.tsv").stat() == before


def test_a_damaged_one_is_set_aside_and_told(tmp_path: Path) -> None:
    (tmp_path / "ledger.tsv").write_text(HEADER + "garbage\n")
    with pytest.raises(StoreError, match="was damaged"):
        Ledger(tmp_path / "ledger.tsv", tmp_path / "locks").revise([(ENTRY, Decision.BLOCK)])
