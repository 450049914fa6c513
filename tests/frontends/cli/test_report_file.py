"""Reports for programs: SARIF on standard output, and the file of ``--report-file``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.reports.sarif_schema import validate

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def index() -> Iterator[LabIndex]:
    """An index with a project that is malicious, and others that lead to it."""
    with LabIndex() as running:
        running.add_all(
            build_wheel("root", "1.0", requires=["mid"]),
            build_wheel("mid", "1.0", requires=["evil-one"]),
            build_wheel("evil-one", "1.0"),
            build_wheel("fine", "1.0"),
        )
        yield running


@pytest.fixture(scope="module")
def guard(index: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user with a project: requirement files, one in a folder."""
    made = Guarded(tmp_path_factory.mktemp("reports") / "home", index, malware=["evil-one"])
    (made.work / "reqs").mkdir()
    (made.work / "requirements.txt").write_text("# ours\nfine\n-r reqs/more.txt\n")
    (made.work / "reqs" / "more.txt").write_text("\n\nroot==1.0  # leads to it\n")
    return made


def sarif(text: str) -> Any:
    """A document that keeps to the standard."""
    document = json.loads(text)
    validate(document)
    return document["runs"][0]


def file(guard: Guarded, name: str) -> str:
    """What was written into a file."""
    return (guard.work / name).read_text(encoding="ascii")


def test_a_refusal_points_at_the_requirement_that_leads_to_it(guard: Guarded) -> None:
    run = guard.run("install", "-r", "requirements.txt", options=("--report-file", "out.sarif"))
    assert run.code == 10, run
    assert "evil-one" in run.err  # the ordinary output is as it always is
    text = file(guard, "out.sarif")
    assert str(guard.home) not in text
    found = sarif(text)
    (result,) = (one for one in found["results"] if one["ruleId"] == "known-malicious")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "reqs/more.txt", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 3},
    }
    assert location["message"] == {"text": "root > mid > evil-one"}
    assert (result["level"], found["invocations"][0]["exitCode"]) == ("error", 10)
    assert found["invocations"][0]["executionSuccessful"]
    assert (guard.work / "out.sarif").stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in guard.work.glob(".trustguard-*")) == []


def test_a_link_stays_one_and_what_it_leads_to_is_written(guard: Guarded) -> None:
    (guard.work / "real.json").write_text("old")
    (guard.work / "link.json").symlink_to("real.json")
    run = guard.run("download", "fine", options=("--report-file", "link.json"))
    assert run.code == 0, run
    assert (guard.work / "link.json").is_symlink()
    document = json.loads(file(guard, "real.json"))
    Draft202012Validator(SCHEMA).validate(document)
    assert (document["command"], [one["project"] for one in document["packages"]]) == ("download", ["fine"])


def test_a_check_prints_sarif_and_nothing_else(guard: Guarded) -> None:
    run = guard.run("check", "root", options=("--format", "sarif"))
    assert run.code == 10, run
    (result,) = (one for one in sarif(run.out)["results"] if one["ruleId"] == "known-malicious")
    (location,) = result["locations"]
    assert location["logicalLocations"] == [
        {"name": "root", "kind": "argument"},
        {"name": "evil-one 1.0", "kind": "package"},
    ]


def test_an_audit_prints_sarif_where_the_option_stands_before_it_and_behind_it(guard: Guarded) -> None:
    before = guard.run("audit", options=("--format", "sarif"))
    behind = guard.run("audit", "--format", "sarif", options=("--report-file", "audit.json"))
    assert sarif(before.out) == sarif(behind.out)
    document = json.loads(file(guard, "audit.json"))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["command"] == "audit"


def test_what_stopped_a_command_is_written_and_printed_so_that_nobody_takes_it_for_clean(
    guard: Guarded,
) -> None:
    options = ("--format", "sarif", "--report-file", "stopped.json")
    run = guard.run("install", "git+https://forge.example/x", options=options)
    assert run.code == 12, run
    found = sarif(run.out)
    assert "results" not in found
    assert not found["invocations"][0]["executionSuccessful"]
    document = json.loads(file(guard, "stopped.json"))
    Draft202012Validator(SCHEMA).validate(document)
    assert document["error"]["reference"] == "source-refused"


def test_where_pip_ends_by_itself_an_old_report_does_not_stay(guard: Guarded) -> None:
    (guard.work / "old.sarif").write_text("old")
    run = guard.run("install", "--no-such-option", options=("--report-file", "old.sarif"))
    assert run.code == 2, run
    (invocation,) = sarif(file(guard, "old.sarif"))["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    listed = guard.run("pip", "list", options=("--report-file", "none.json"))
    assert listed.code == 0, listed
    assert "none.json is not written: nothing was installed or built" in listed.err
    assert not (guard.work / "none.json").exists()


def test_a_report_that_cannot_be_written_is_said_and_turns_success_into_an_error(guard: Guarded) -> None:
    # The name is longer than any file system takes, which only shows when it is written.
    name = f"{'x' * 300}.json"
    run = guard.run("install", "--target", "there", "fine", options=("--report-file", name))
    assert run.code == 1, run
    assert "trustguard: the report is not written: cannot write" in run.err
    assert list((guard.work / "there").glob("fine-1.0.dist-info"))
    refused = guard.run("install", "evil-one", options=("--report-file", name))
    assert refused.code == 10, refused


@pytest.mark.parametrize(
    ("options", "command", "said"),
    [
        (("--report-file", "out.txt"), ("install", "fine"), "the name must end in .json or .sarif"),
        (("--report-file", "reqs"), ("install", "fine"), "the name must end in .json or .sarif"),
        (("--report-file", "no/out.json"), ("install", "fine"), "there is no folder"),
        (("--report-file", "out.json"), ("doctor",), "--report-file is for install, "),
        (("--format", "sarif"), ("names",), "--format sarif is for install, "),
    ],
)
def test_what_cannot_be_written_is_a_usage_error_before_anything_happens(
    guard: Guarded, options: tuple[str, ...], command: tuple[str, ...], said: str
) -> None:
    run = guard.run(*command, options=options)
    assert (run.code, said in run.err, run.out) == (2, True, "")


def test_a_hostile_name_breaks_neither_the_file_nor_the_terminal(guard: Guarded) -> None:
    esc = "\x1b]0;evil\x07"
    run = guard.run("install", f"./{esc}.whl", options=("--report-file", "hostile.sarif"))
    assert run.code != 0, run
    text = file(guard, "hostile.sarif")
    validate(json.loads(text))
    assert all(line.isprintable() for line in text.split("\n"))
