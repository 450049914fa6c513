"""``update`` refreshes advisories and popular projects, each for itself, and says what it could not."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import MakeGuarded
from tests.lab.faults import Fault, Status, Truncate
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.popular import ranking

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)
JSON = ("--format", "json")
UNVETTED = 12


def told(run: Ended) -> Any:
    """The JSON of a run, which keeps to the schema."""
    Draft202012Validator(SCHEMA).validate(run.json)
    return run.json


def kept(guard: Guarded) -> Path:
    """Where the refreshed list lies."""
    return guard.home / ".local" / "share" / "trustguard" / "popular.txt"


class TestBoth:
    """Where all goes well."""

    def test_both_are_fetched_and_told_on_standard_output(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        run = guard.run("update")
        assert (run.code, run.err) == (0, ""), run
        assert run.out.splitlines() == [
            f"advisories: 1 records from {index.base}/osv/all.zip",
            f"popular: 1000 names of 2026-10-01 from {index.base}/raw/popular.json",
        ]
        assert sorted(set(index.paths())) == ["/osv/all.zip", "/raw/popular.json"]

    def test_the_json_keeps_to_the_schema(self, index: LabIndex, guarded: MakeGuarded) -> None:
        document = told(guarded().run("update", options=JSON))
        advisories = document.pop("advisories")
        fetched = datetime.fromisoformat(advisories.pop("fetched_at"))
        assert timedelta(0) <= datetime.now(timezone.utc) - fetched < timedelta(minutes=5)
        assert advisories == {
            "records": 1,
            "origin": f"{index.base}/osv/all.zip",
            "newest": "2024-01-01T00:00:00+00:00",
        }
        assert document == {
            "schema": "trustguard/1",
            "command": "update",
            "exit_code": 0,
            "popular": {
                "names": 1000,
                "date": "2026-10-01",
                "origin": f"{index.base}/raw/popular.json",
            },
            "trust_root": None,
            "rewritten": [],
            "problems": [],
        }

    def test_a_file_serves_as_well(self, tmp_path: Path, guarded: MakeGuarded) -> None:
        guard = guarded()
        file = tmp_path / "top.json"
        file.write_bytes(ranking(["boto3"]))
        run = guard.run("update", options=("--set", f"sources.popular={file.as_uri()}"))
        assert run.code == 0, run
        assert run.out.splitlines()[1] == f"popular: 1001 names of 2026-10-01 from {file.as_uri()}"
        assert kept(guard).read_text(encoding="ascii").splitlines()[:4] == [
            f"# origin: {file.as_uri()}",
            "# date: 2026-10-01",
            "# names: 1001",
            "boto3",
        ]


class TestFailures:
    """One that fails does not stand in the way of the other, and what was there stays."""

    @pytest.mark.parametrize(
        ("path", "failed", "other"),
        [("/osv/*", "advisories", "popular"), ("/raw/popular.json", "popular", "advisories")],
    )
    @pytest.mark.parametrize("fault", [Status(404), Truncate(100)], ids=["missing", "cut off"])
    def test_the_other_is_refreshed(  # noqa: PLR0913 - fixtures
        self, index: LabIndex, guarded: MakeGuarded, path: str, failed: str, other: str, fault: Fault
    ) -> None:
        guard = guarded()
        index.fault(path, fault)
        run = guard.run("update", "--deadline", "2")
        assert run.code == UNVETTED, run
        assert re.fullmatch(rf"{other}: .*\n", run.out), run
        line = rf"trustguard: {failed}: not refreshed, what is there stays: .*{index.base}.*\n"
        assert re.fullmatch(line, run.err), run
        document = told(guard.run("update", "--deadline", "2", options=JSON))
        assert (document["exit_code"], document[failed], len(document["problems"])) == (UNVETTED, None, 1)
        assert document[other] is not None

    def test_a_ranking_that_is_refused_leaves_the_old_one(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        assert guard.run("update").code == 0
        before = kept(guard).read_bytes()
        index.put("popular.json", ranking(more=10))
        run = guard.run("update")
        assert run.code == UNVETTED, run
        assert "it has 10 names; fewer than 1,000 are not believed" in run.err
        assert kept(guard).read_bytes() == before

    def test_where_nothing_can_be_reached_both_are_told(self, guarded: MakeGuarded) -> None:
        guard = guarded()
        nowhere = [f"sources.{name}=http://127.0.0.1:9/{name}" for name in ("advisories", "popular")]
        options = [part for setting in nowhere for part in ("--set", setting)]
        run = guard.run("update", "--deadline", "2", options=options)
        assert (run.code, run.out) == (UNVETTED, ""), run
        assert [line.split(": ")[1] for line in run.err.splitlines()] == ["advisories", "popular"]
        document = told(guard.run("update", "--deadline", "2", options=[*JSON, *options]))
        assert (document["advisories"], document["popular"]) == (None, None)

    @pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e15"])
    def test_a_deadline_that_is_no_span_of_time_is_a_matter_of_usage(
        self, seconds: str, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        run = guarded().run("update", "--deadline", seconds, options=JSON)
        assert (run.code, told(run)["error"]["reference"]) == (2, "usage")
        assert "--deadline: " in run.err
        assert index.paths() == []

    def test_a_list_that_cannot_be_kept_is_an_error_of_our_own(self, guarded: MakeGuarded) -> None:
        guard = guarded()
        kept(guard).mkdir(parents=True)
        run = guard.run("update")
        assert run.code == 1, run
        assert run.out.startswith("advisories: 1 records")
        assert f"popular: not refreshed, what is there stays: cannot write {kept(guard)}" in run.err
