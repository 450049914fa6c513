"""``doctor`` says of every kind of data how old it is and where it is from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.conftest import MakeGuarded
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.popular import ranking

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)
BUNDLED = {"about": "popular", "found": "14985 names of 2026-11, from public download ranking", "ok": True}


def rows(guard: Guarded, about: str) -> list[Any]:
    """What is found about something, in JSON that keeps to the schema."""
    run = guard.run("doctor", options=("--format", "json"))
    assert run.code == 0, run
    Draft202012Validator(SCHEMA).validate(run.json)
    return [row for row in run.json["findings"] if row["about"] == about]


def test_the_json_keeps_to_the_schema_whatever_there_is(guarded: MakeGuarded) -> None:
    guard = guarded()
    assert [row["ok"] for row in rows(guard, "advisories")] == [False]
    assert guard.run("update").code == 0
    assert [row["ok"] for row in rows(guard, "advisories")] == [True]


def test_the_list_in_the_package_is_shown_until_there_is_a_newer_one(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    guard = guarded()
    assert rows(guard, "popular") == [BUNDLED]
    index.put("popular.json", ranking(["boto3"], updated="2026-12-01 01:02:03"))
    assert guard.run("update").code == 0
    found = f"1001 names of 2026-12-01, from {index.base}/raw/popular.json"
    assert rows(guard, "popular") == [{"about": "popular", "found": found, "ok": True}]


def test_a_damaged_list_is_said_once_and_the_one_in_the_package_is_in_use(guarded: MakeGuarded) -> None:
    guard = guarded()
    kept = guard.home / ".local" / "share" / "trustguard" / "popular.txt"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"# origin: somewhere\n")
    damaged, used = rows(guard, "popular")
    assert (damaged["ok"], used) == (False, BUNDLED)
    assert damaged["found"].startswith(f"the list of popular projects {kept} is damaged, and not used: ")
    assert rows(guard, "popular") == [BUNDLED]


def test_the_table_says_the_same(guarded: MakeGuarded) -> None:
    run = guarded().run("doctor")
    assert run.code == 0, run
    (line,) = (line for line in run.out.splitlines() if line.split()[:1] == ["popular"])
    assert line.split(maxsplit=1)[1] == BUNDLED["found"]


def test_the_trust_root_is_shown_and_one_that_cannot_be_read_is_said(guarded: MakeGuarded) -> None:
    guard = guarded()
    digest = hashlib.sha256(guard.trust_root.read_bytes()).hexdigest()
    found = f"{guard.trust_root}, sha256 {digest[:16]}"
    assert rows(guard, "trust root") == [{"about": "trust root", "found": found, "ok": True}]
    guard.trust_root.unlink()
    (row,) = rows(guard, "trust root")
    assert not row["ok"]
    assert str(guard.trust_root) in row["found"]
