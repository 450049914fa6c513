"""``explain`` takes a verdict apart, and again, byte for byte, from saved evidence and without a network."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.artifacts import build_wheel
from tests.lab.faults import Status
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.osv import malicious, osv_export
from trustguard.checks import discover

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)
HOSTILE = "\x1b]0;pwned\x07\u202e"
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
NOWHERE = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple/"}
"""An index that nobody serves."""


@pytest.fixture(scope="module")
def index() -> Iterator[LabIndex]:
    """One index for all: making an environment takes longer than a run."""
    with LabIndex() as running:
        running.add_all(
            build_wheel("good", "1.0"),
            build_wheel("good", "2.0"),
            build_wheel("evil", "1.0"),
            build_wheel("pil", "1.0"),
        )
        yield running


@pytest.fixture(scope="module")
def guard(index: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user who has installed something, and for whom one project is known to be malicious."""
    found = Guarded(tmp_path_factory.mktemp("explain") / "home", index, malware=["evil"])
    assert found.run("install", "good==1.0").code == 0
    return found


def document(run: Ended) -> Any:
    """The document of a run, which keeps to the schema and says how the run ended."""
    found = run.json
    Draft202012Validator(SCHEMA).validate(found)
    assert (found["command"], found["exit_code"]) == ("explain", run.code)
    return found


def explained(run: Ended) -> Any:
    """The one file that a run explains."""
    (one,) = document(run)["explained"]
    return one


def test_saved_evidence_is_explained_byte_for_byte_as_what_it_was_saved_from(guard: Guarded) -> None:
    first = guard.run("explain", "pil", "--save", "pil.json")
    assert (first.code, first.err) == (11, "")
    again = guard.run("explain", "--evidence", "pil.json", "--save", "again.json", **NOWHERE)
    assert (again.code, again.out) == (11, first.out)
    assert (guard.work / "again.json").read_bytes() == (guard.work / "pil.json").read_bytes()
    piped = guard.run("explain", "--evidence", "-", stdin=(guard.work / "pil.json").read_text(), **NOWHERE)
    assert piped.out == first.out


def test_another_user_without_the_file_itself_comes_to_the_same_derivation(
    guard: Guarded, index: LabIndex, tmp_path: Path
) -> None:
    first = guard.run("explain", "pil", "--save", "pil.json", "--format", "json")
    other = Guarded(tmp_path / "home", index)
    again = other.run(
        "explain", "--evidence", str(guard.work / "pil.json"), options=("--format", "json"), **NOWHERE
    )
    assert explained(again) == explained(first)


def test_todays_policy_judges_what_was_saved(guard: Guarded) -> None:
    guard.run("explain", "pil", "--save", "pil.json")
    stricter = guard.run(
        "explain", "--evidence", "pil.json", "--format", "json", options=("--profile", "strict")
    )
    found = explained(stricter)
    (ruled,) = next(one for one in found["checks"] if one["check"] == "typosquatting")["findings"]
    assert (stricter.code, found["verdict"], found["profile"]) == (11, "ask", "strict")
    assert ruled["by"] == "medium severity in profile = 'strict', set by command line"
    withheld = guard.run(
        "explain",
        "--evidence",
        "pil.json",
        "--format",
        "json",
        options=("--set", "checks.typosquatting.action=block"),
    )
    (ruled,) = next(one for one in explained(withheld)["checks"] if one["check"] == "typosquatting")[
        "findings"
    ]
    assert (withheld.code, ruled["action"]) == (10, "block")
    assert ruled["by"] == "checks.typosquatting.action = 'block', set by command line"


def test_what_is_installed_is_explained_by_what_was_seen_then_and_nobody_is_asked(guard: Guarded) -> None:
    run = guard.run("explain", "good", "--format", "json", **NOWHERE)
    found = explained(run)
    assert (run.code, found["version"], found["verdict"]) == (0, "1.0", "allow")
    assert found["ledger"]["verdict"] == "allow"
    assert found["ledger"]["policy"] == found["policy"]
    assert [one["check"] for one in found["checks"]] == list(discover())


def test_what_has_become_known_of_it_since_is_told(index: LabIndex, tmp_path: Path) -> None:
    """An exit code of 0 would say that it is fine."""
    guard = Guarded(tmp_path / "home", index)
    assert guard.run("install", "good==1.0").code == 0
    assert guard.run("explain", "good").code == 0
    index.put_osv(osv_export([malicious("good")]))
    assert guard.run("update").code == 0
    ended = guard.run("explain", "good")
    assert ended.code == 10, ended
    assert "known-malicious" in ended.out


def test_advisories_that_cannot_be_looked_up_today_are_not_those_of_then(
    index: LabIndex, tmp_path: Path
) -> None:
    guard = Guarded(tmp_path / "home", index)
    assert guard.run("install", "good==1.0").code == 0
    (database,) = (tmp_path / "home").rglob("advisories.sqlite")
    database.unlink()
    options = ("--set", "on-unavailable.advisories=block")
    ended = guard.run("explain", "good", "--format", "json", options=options, **NOWHERE)
    found = explained(ended)
    outcomes = {one["check"]: one["outcome"] for one in found["checks"]}
    assert (ended.code, outcomes["known-malicious"]) == (12, "unanswered")
    assert (found["facts"][0]["fact"], found["facts"][0]["state"]) == ("advisories", "unavailable")


def test_advisory_data_that_is_older_than_it_may_be_is_said(guard: Guarded) -> None:
    """Nobody is asked, so that nothing refreshes it."""
    options = ("--set", "sources.max-age=0.001 s")
    problems = document(guard.run("explain", "good", "--format", "json", options=options))["problems"]
    assert problems == ["the advisory data is 0 hours old: trustguard update"]
    assert problems[0] in guard.run("explain", "good", options=options, COLUMNS="200").out
    assert document(guard.run("explain", "good", "--format", "json"))["problems"] == []


def test_what_is_not_installed_any_more_is_judged_as_check_does(index: LabIndex, tmp_path: Path) -> None:
    """An uninstallation does not remove a line of the ledger, and neither does another installer."""
    guard = Guarded(tmp_path / "home", index)
    assert guard.run("install", "good==1.0").code == 0
    (info,) = (tmp_path / "home" / "environment").rglob("good-1.0.dist-info")
    info.rename(info.with_name("good-0.9.dist-info"))  # another version is there now
    assert explained(guard.run("explain", "good", "--format", "json"))["version"] == "2.0"
    shutil.rmtree(info.with_name("good-0.9.dist-info"))
    found = explained(guard.run("explain", "good", "--format", "json"))
    assert (found["version"], found["ledger"]) == ("2.0", None)


def test_a_version_that_is_not_installed_is_judged_as_check_does(guard: Guarded) -> None:
    run = guard.run("explain", "good>=2", "--format", "json")
    found = explained(run)
    assert (found["version"], found["ledger"]) == ("2.0", None)
    assert found["derivation"] == document_of_check(guard, "good==2.0")["derivation"]


def document_of_check(guard: Guarded, requirement: str) -> Any:
    """The one package of a check."""
    (package,) = guard.run("check", requirement, options=("--format", "json")).json["packages"]
    return package


def test_a_check_is_found_whatever_its_case_and_one_that_is_misspelt_is_no_project(guard: Guarded) -> None:
    page = guard.run("explain", "typosquatting", **NOWHERE)
    assert (page.code, guard.run("explain", "TypoSquatting", **NOWHERE).out) == (0, page.out)
    run = guard.run("explain", "typo-squatting", **NOWHERE)
    assert run.code == 2
    assert "there is no check typo-squatting: did you mean the check typosquatting?" in run.err
    assert "a project of that name is asked for by 'typo-squatting>=0'" in run.err


def test_what_is_withheld_is_explained_as_well(guard: Guarded) -> None:
    run = guard.run("explain", "evil", COLUMNS="100")
    lines = run.out.splitlines()
    assert (run.code, lines[0]) == (10, "withhold: evil 1.0, score 1.0 (evil-1.0-py3-none-any.whl)")
    assert "    known-malicious: 1 finding (it read advisories)" in lines
    assert (
        "        severity critical, confidence high; withhold, by critical severity in profile = 'balanced',"
        in lines
    )
    assert "    contents: does not apply: the file has not been fetched" in lines
    assert "    score                      1.0" in lines


def test_an_exception_that_is_used_is_named_with_its_place(
    guard: Guarded, index: LabIndex, tmp_path: Path
) -> None:
    guard.run("explain", "pil", "--save", "pil.json")
    other = Guarded(tmp_path / "home", index)
    other.configure("")
    with other.config.open("a", encoding="utf-8") as file:
        file.write('[[allow]]\nproject = "pil"\nchecks = ["typosquatting"]\nreason = "our own"\n')
    line = 1 + other.config.read_text(encoding="utf-8").splitlines().index("[[allow]]")
    saved = str(guard.work / "pil.json")
    found = explained(other.run("explain", "--evidence", saved, "--format", "json"))
    (exception,) = found["exceptions"]
    assert (found["verdict"], exception["used"], exception["reason"]) == ("allow", True, "our own")
    assert exception["by"].endswith(f"trustguard.toml:{line}")


def test_every_check_has_a_page_with_what_holds_here(guard: Guarded) -> None:
    run = guard.run(
        "explain", "release-age", options=("--set", "checks.release-age.cooldown=9 days"), COLUMNS="80"
    )
    assert (run.code, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[0] == "release-age"
    assert any(line.startswith("What to do: ") for line in lines)
    assert "  checks.release-age.cooldown = '9 days', set by command line" in lines
    assert max(map(len, lines)) <= 80
    for options, action in (((), "off"), (("--set", "min-score=2"), "block")):
        ended = guard.run("explain", "min-score", "--format", "json", options=options)
        page = document(ended)["check"]
        assert (page["id"], [one["action"] for one in page["actions"]]) == ("min-score", [action])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name one thing to explain"),
        (("good", "--evidence", "x"), "name one thing to explain"),
        (("no requirement",), "'no requirement' is neither a check nor a requirement"),
        (("--evidence", "not-there.json"), "not-there.json cannot be read: No such file or directory"),
        (("--evidence", "bad.json"), "bad.json is no evidence: evidence: 'x' is not format"),
        (("--evidence", "deep.json"), "deep.json is no evidence"),
        (("clone", "--save", "x"), "clone is a check"),
        (("bad.json",), "bad.json is a file\n  saved evidence is for --evidence"),
    ],
)
def test_what_cannot_be_explained_is_a_matter_of_usage(
    guard: Guarded, words: tuple[str, ...], said: str
) -> None:
    (guard.work / "bad.json").write_text('{"evidence": "x"}', encoding="utf-8")
    (guard.work / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    run = guard.run("explain", *words)
    assert (run.code, run.out) == (2, "")
    assert said in run.err
    assert "Traceback" not in run.err


def test_what_no_source_has_is_told_as_check_tells_it(guard: Guarded) -> None:
    run = guard.run("explain", "dateutil")
    assert run.code == 1
    assert run.out.splitlines()[0] == "no source has dateutil"
    assert document(guard.run("explain", "dateutil", "--format", "json"))["explained"] == []


def test_a_ledger_whose_evidence_is_gone_is_said_and_the_release_judged_anew(
    index: LabIndex, tmp_path: Path
) -> None:
    guard = Guarded(tmp_path / "home", index)
    assert guard.run("install", "good==1.0").code == 0
    for file in (tmp_path / "home").rglob("evidence/sha256/*/*.json"):
        file.unlink()
    found = document(guard.run("explain", "good", "--format", "json"))
    (problem,) = found["problems"]
    assert problem.startswith("no evidence is saved under ")
    assert problem.endswith(": good==1.0 is judged anew")
    assert found["explained"][0]["version"] == "1.0"


@pytest.mark.skipif(os.name == "nt", reason="there is no /dev/stdout")
def test_a_device_is_written_to_and_not_replaced(guard: Guarded) -> None:
    run = guard.run("explain", "good", "--save", "/dev/stdout")
    assert run.out.startswith('{"advisories":')


def test_what_keeps_it_from_being_judged_is_told_where_evidence_was_to_be_saved(
    guard: Guarded, index: LabIndex
) -> None:
    index.fault("/simple/pil/", Status(503, times=1))
    run = guard.run("explain", "pil", "--save", "kept.json", PIP_RETRIES="0")
    index.clear_faults()
    assert (run.code, (guard.work / "kept.json").exists()) == (12, False), run
    assert "kept.json is not written: nothing was judged" in run.out + run.err
    assert "503" in run.out + run.err
    assert guard.run("explain", "nobody-has-this", "--save", "kept.json").code == 1


def test_hostile_evidence_has_no_power_over_the_terminal(guard: Guarded) -> None:
    guard.run("explain", "good>=2", "--save", "good.json")
    form = json.loads((guard.work / "good.json").read_text(encoding="utf-8"))
    form["owners"] = {"state": "known", "value": [f"user {HOSTILE}"]}
    form["status"] = {"state": "known", "value": {"marker": "archived", "reason": f"{HOSTILE}gone"}}
    form["tags"] = {"state": "unavailable", "source": "forge", "reason": HOSTILE}
    (guard.work / "hostile.json").write_text(json.dumps(form), encoding="utf-8")
    run = guard.run("explain", "--evidence", "hostile.json")
    assert "gone" in run.out
    assert not any(unicodedata.category(char) in HIDDEN for line in run.out.split("\n") for char in line)
