"""What no source has is said, with the popular name that may have been meant; and only where it is true."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from packaging.utils import NormalizedName

from tests.conftest import MakeGuarded
from tests.lab.artifacts import build_wheel
from tests.lab.faults import Status
from tests.lab.index import LabIndex
from tests.lab.popular import ranking
from trustguard.frontends.popular import ComparedNames, in_use, not_found
from trustguard.frontends.state import State
from trustguard.model.evidence import Known
from trustguard.model.policy import IndexPolicy, Policy
from trustguard.model.report import Missing
from trustguard.sources.names import look
from trustguard.sources.names.index import Index
from trustguard.sources.popular import bundled

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)
LINE = "no source has reqeusts: did you mean requests?"
NAME = NormalizedName("reqeusts")
LATE = """
import sys
from pathlib import Path
from trustguard.frontends import outcome
from trustguard.frontends.state import State
from trustguard.model.policy import Policy

state, policy, before = State(Path(sys.argv[1]), Path(sys.argv[1])), Policy(), set(sys.modules)
(missing,) = outcome.not_found(["reqeusts"], policy, state, print)
print(missing.suggestion, set(sys.modules) - before)
"""


class TestRuns:
    """Real runs, against an index that does not have what is asked for."""

    def test_a_name_with_a_slip_is_answered_with_the_one_that_was_meant(self, guarded: MakeGuarded) -> None:
        guard = guarded()
        run = guard.run("install", "reqeusts")
        assert run.code == 1, run
        assert LINE in run.err.splitlines()
        run = guard.run("install", "Reqeusts", options=("--format", "json"))
        Draft202012Validator(SCHEMA).validate(run.json)
        assert run.json["missing"] == [{"project": "reqeusts", "suggestion": "requests"}]
        run = guard.run("check", "reqeusts")
        assert LINE in run.out.splitlines()

    def test_a_dependency_that_no_source_has_is_named_too(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        index.add(build_wheel("carrier", "1.0", requires=["nothing-like-anything"]))
        run = guarded().run("install", "carrier")
        assert run.code == 1, run
        assert "no source has nothing-like-anything" in run.err.splitlines()

    def test_a_run_that_succeeds_says_nothing_of_it(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """The installer turns to an older version whose dependencies are there."""
        index.add_all(build_wheel("carrier", "1.0"), build_wheel("carrier", "2.0", requires=["reqeusts"]))
        guard = guarded()
        run = guard.run("install", "carrier")
        assert (run.code, guard.installed()) == (0, {"carrier"}), run
        assert "/simple/reqeusts/" in index.paths()
        assert "no source has" not in run.err + run.out

    def test_nobody_says_that_no_source_has_it_where_one_did_not_answer(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure('on-unavailable = { index = "warn" }\n')
        index.fault("/simple/reqeusts/", Status(403))
        run = guard.run("install", "--retries=0", "reqeusts")
        assert run.code != 0, run
        assert "no source has" not in run.err

    def test_a_refreshed_list_takes_the_place_of_the_one_in_the_package(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.put("popular.json", ranking(["frobnicator"]))
        assert guard.run("update").code == 0
        run = guard.run("install", "frobincator", "reqeusts")
        assert "no source has frobincator: did you mean frobnicator?" in run.err.splitlines()
        assert LINE not in run.err

    def test_a_damaged_list_is_said_and_the_one_in_the_package_is_used(self, guarded: MakeGuarded) -> None:
        guard = guarded()
        kept = guard.home / ".local" / "share" / "trustguard" / "popular.txt"
        kept.parent.mkdir(parents=True)
        kept.write_text("reqeusts\n", encoding="ascii")
        run = guard.run("install", "reqeusts")
        assert run.code == 1, run
        assert LINE in run.err.splitlines()
        said = "".join(run.err.split())  # the path may be longer than a line
        assert f"problem:thelistofpopularprojects{kept}isdamaged,andnotused:" in said
        assert kept.with_name("popular.txt.damaged").exists()


def test_without_a_missing_project_no_list_is_read(tmp_path: Path) -> None:
    state = State(tmp_path, tmp_path)
    state.popular.write_text("damaged", encoding="ascii")
    assert not_found((), Policy(), state, pytest.fail) == ()
    assert state.popular.exists()


def test_a_name_that_comes_from_one_index_alone_has_no_public_stand_in(tmp_path: Path) -> None:
    policy = Policy(indexes=(IndexPolicy("https://packages.acme.example/simple/", ("reqe*",)),))
    state = State(tmp_path, tmp_path)
    other = NormalizedName("nupmy")
    assert not_found((NAME, other), policy, state, pytest.fail) == (
        Missing("reqeusts"),
        Missing("nupmy", "numpy"),
    )


def test_where_no_list_can_be_read_the_name_is_told_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that is not complete."""
    monkeypatch.setattr("trustguard.sources.popular._BUNDLED", tmp_path / "nothing.txt")
    problems: list[str] = []
    assert not_found((NAME,), Policy(), State(tmp_path, tmp_path), problems.append) == (Missing("reqeusts"),)
    assert len(problems) == 1
    assert problems[0].startswith("the list of popular projects that came with trustguard cannot be read: ")


def test_nothing_is_imported_to_find_out_what_was_meant(tmp_path: Path) -> None:
    """The environment that has just been changed may be trustguard's own."""
    done = subprocess.run(
        [sys.executable, "-c", LATE, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "requests set()\n"


def test_the_list_in_the_package_is_in_use_until_another_is_kept(tmp_path: Path) -> None:
    assert in_use(State(tmp_path, tmp_path), pytest.fail) == bundled()


class TestPrepared:
    """What compares names is built ahead of time, where names will be compared."""

    @pytest.mark.parametrize(
        ("projects", "built"),
        [(("requests", "flask"), 0), (("requests", "a-name-of-mine"), 1), ((), 1)],
        ids=["popular ones alone", "another one among them", "nobody knows which"],
    )
    def test_unless_all_are_popular(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, projects: tuple[str, ...], built: int
    ) -> None:
        made = []

        class Counted(Index):
            def __init__(self, ranks: Mapping[str, int], containable: Collection[str]) -> None:
                made.append(self)
                super().__init__(ranks, containable)

        monkeypatch.setattr(look, "Index", Counted)
        names = ComparedNames(State(tmp_path, tmp_path))
        names.prepare([NormalizedName(one) for one in projects])
        assert len(made) == built
        assert isinstance(names.lookalike(NormalizedName("reqeusts")), Known)
        assert len(made) == 1
