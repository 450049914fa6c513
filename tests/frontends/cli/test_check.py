"""``check`` tells the verdict first, and then what it rests on and what would change it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8")
)
HOSTILE = "\x1b]0;pwned\x07\u202e"
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.fixture(scope="module")
def index() -> Iterator[LabIndex]:
    """One index for all: making an environment takes longer than a run."""
    with LabIndex() as running:
        running.add_all(
            build_wheel("app", "1.0", requires=["dep", "pil"]),
            build_wheel("dep", "1.0"),
            build_wheel("evil", "1.0", extra_metadata=["Summary: deprecated, use requests instead"]),
            build_wheel("pil", "1.0", extra_metadata=["Summary: deprecated, use requests instead"]),
            build_wheel("bs4", "0.1", extra_metadata=["Summary: Dummy package for Beautiful Soup"]),
            build_wheel("old", "1.0", extra_metadata=["Summary: old was renamed to requests"]),
            build_wheel("other", "1.0", extra_metadata=["Summary: other was renamed to no-such-project"]),
        )
        yield running


@pytest.fixture(scope="module")
def guard(index: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user, for whom one project is known to be malicious."""
    return Guarded(tmp_path_factory.mktemp("check") / "home", index, malware=["evil"])


def document(run: Ended) -> Any:
    """The document of a run, which keeps to the schema."""
    found = run.json
    Draft202012Validator(SCHEMA).validate(found)
    return found


def instead(run: Ended) -> dict[str, tuple[str, str]]:
    """What there is instead of each project, and how it is related."""
    return {one["project"]: (one["instead"], one["kind"]) for one in document(run)["alternatives"]}


def test_what_is_refused_comes_first_then_the_root_and_a_clean_dependency_is_one_line(guard: Guarded) -> None:
    run = guard.run("check", "app", COLUMNS="80")
    assert run.code == 11
    heads = [line for line in run.out.splitlines() if line and not line.startswith(" ")]
    assert [line.split(",")[0] for line in heads] == [
        "ask: pil 1.0",
        "allow: app 1.0",
        "allow: dep 1.0",
        "trustguard: 3 files vetted",
    ]
    assert "  but it needs  pil, which needs approval" in run.out.splitlines()
    assert heads[2].startswith("allow: dep 1.0, score ")
    assert not heads[2].endswith(")")
    assert "  instead       pillow (the popular project with the import name pil)" in run.out.splitlines()
    assert '    trustguard allow pil==1.0 --check typosquatting --reason "…"' in run.out.splitlines()
    assert max(map(len, run.out.splitlines())) <= 80


def test_what_was_asked_for_and_what_it_depends_on_are_told_apart_in_the_json(guard: Guarded) -> None:
    found = document(guard.run("check", "App", options=("--format", "json")))
    assert {one["project"]: one["requested"] for one in found["packages"]} == {
        "app": True,
        "dep": False,
        "pil": False,
    }


def test_colours_repeat_what_the_words_say(guard: Guarded) -> None:
    plain, painted = guard.run("check", "pil"), guard.run("check", "pil", FORCE_COLOR="1")
    assert "\x1b[33mask:\x1b[0m pil 1.0" in painted.out
    bare = painted.out
    for escape in ("\x1b[33m", "\x1b[1;31m", "\x1b[0m"):
        bare = bare.replace(escape, "")
    assert bare == plain.out


def test_a_root_that_is_withheld_gets_its_block_and_none_of_its_own_words_counts(guard: Guarded) -> None:
    run = guard.run("check", "evil", COLUMNS="160")
    assert run.code == 10
    lines = run.out.splitlines()
    assert lines[0] == "withhold: evil 1.0, score 1.0 (evil-1.0-py3-none-any.whl)"
    assert lines[1].startswith("  withhold known-malicious: evil 1.0 is listed as malicious")
    assert not any("for it" in line or "instead" in line for line in lines)
    assert run.out.count("trustguard allow evil==1.0 --check known-malicious") == 1
    assert instead(guard.run("check", "evil", options=("--format", "json"))) == {}


def test_projects_that_say_so_have_a_successor_if_it_is_known_and_no_squat_has_one(guard: Guarded) -> None:
    run = guard.run("check", "bs4", "old", "other", "pil", options=("--format", "json"))
    assert instead(run) == {
        "bs4": ("beautifulsoup4", "import-name"),
        "old": ("requests", "successor"),
        "pil": ("pillow", "import-name"),
    }


def test_table_and_json_say_the_same_of_what_was_refused_before_it_was_fetched(guard: Guarded) -> None:
    """Nobody has seen the bytes of evil: what only they could tell was not looked at."""
    table = guard.run("check", "evil", COLUMNS="300").out
    (told,) = document(guard.run("check", "evil", options=("--format", "json")))["withheld"]
    coverage = told["coverage"]
    of_bytes = {"artifact-integrity", "startup-code", "starjacking", "clone"}
    assert of_bytes <= set(coverage["not_looked_at"])
    assert of_bytes.isdisjoint({*coverage["checked"], *coverage["not_applicable"]})
    (line,) = (one for one in table.splitlines() if one.startswith("  coverage "))
    count = len(coverage["not_looked_at"])
    assert line.startswith(f"  coverage      {len(coverage['checked'])} of 15 checked; ")
    assert f"{count} not looked at: {', '.join(coverage['not_looked_at'])}" in line
    assert (told["file"], told["score"]) == ("evil-1.0-py3-none-any.whl", 1.0)


def test_a_check_that_the_policy_exempts_is_told_as_exempt(guard: Guarded) -> None:
    exempt = ("--set", 'checks.clone.exempt=["dep"]')
    (told,) = document(guard.run("check", "dep", options=(*exempt, "--format", "json")))["packages"]
    assert told["coverage"]["exempt"] == ["clone"]
    assert "; 1 exempt by the policy: clone" in guard.run("check", "dep", options=exempt, COLUMNS="300").out


def test_of_several_the_one_that_is_refused_hides_none(guard: Guarded) -> None:
    run = guard.run("check", "dep", "evil", "no-such-x", options=("--format", "json"))
    found = document(run)
    told = {one["project"] for key in ("packages", "withheld", "missing") for one in found[key]}
    assert (run.code, told | set(found["not_looked_at"])) == (10, {"dep", "evil", "no-such-x"})
    assert "no-such-x" in {*found["not_looked_at"], *(one["project"] for one in found["missing"])}
    table = guard.run("check", "dep", "evil", "no-such-x", COLUMNS="80").out
    assert f"\nnot looked at: {', '.join(found['not_looked_at'])}" in table


def test_what_is_for_another_target_was_not_asked_for(guard: Guarded) -> None:
    other = "for-windows; sys_platform == 'none'"
    found = document(guard.run("check", other, "no-such-x", "dep", options=("--format", "json")))
    assert "for-windows" not in found["not_looked_at"]
    assert "dep" in {*found["not_looked_at"], *(one["project"] for one in found["packages"])}


@pytest.mark.parametrize("asked", [("late==2.0",), ("late", "-c", "late.txt")], ids=["pinned", "constrained"])
def test_what_was_withheld_is_told_of_the_version_that_was_asked_for(
    asked: tuple[str, ...], index: LabIndex, guard: Guarded
) -> None:
    """To allow another one would not help."""
    for version in ("1.0", "2.0", "3.0"):
        wheel = build_wheel("late", version)
        index.add(wheel, upload_time=datetime.now(timezone.utc) - timedelta(hours=2))
    (guard.work / "late.txt").write_text("late<3,>1\n", encoding="utf-8")
    found = document(guard.run("check", *asked, options=("--format", "json")))
    (withheld,) = found["withheld"]
    assert (withheld["file"], withheld["versions"]) == ("late-2.0-py3-none-any.whl", ["2.0", "3.0", "1.0"])
    shown = guard.run("check", *asked, COLUMNS="300").out
    assert 'trustguard allow late==2.0 --check release-age --reason "' in shown
    assert "withheld as well: late 3.0, 1.0" in shown
    installed = guard.run("install", *asked, COLUMNS="300")
    assert (installed.code, "late==3.0" in installed.err) == (10, False)
    assert "withheld: late 2.0 and 2 more versions: [release-age]" in installed.err
    if asked[1:]:
        return
    explained = guard.run("explain", *asked, options=("--format", "json")).json["explained"]
    assert [one["version"] for one in explained] == ["2.0"]


def test_what_is_told_to_be_withheld_is_not_told_to_be_unseen(index: LabIndex, guard: Guarded) -> None:
    """Another version is there, and is not what was asked for."""
    index.add(build_wheel("fresh", "1.0"), upload_time=datetime.now(timezone.utc) - timedelta(days=100))
    index.add(build_wheel("fresh", "2.0"), upload_time=datetime.now(timezone.utc) - timedelta(hours=2))
    run = guard.run("check", "fresh==2.0", COLUMNS="80")
    assert (run.code, "not looked at: fresh" in run.out) == (10, False)
    assert run.out.count("the cooldown is 3 days") == 1
    assert "  to change it  another version: 1.0; without release-age: allow, " in run.out


@pytest.mark.parametrize("wanted", [("no-such-x",), ("dep", "no-such-x"), ("dep==9",), ("dep", "dep==2")])
def test_what_cannot_be_resolved_has_no_verdict(guard: Guarded, wanted: tuple[str, ...]) -> None:
    found = document(guard.run("check", *wanted, options=("--format", "json")))
    assert (found["exit_code"], found["verdict"]) == (1, None)


def test_the_claim_of_a_successor_is_marked_as_one(guard: Guarded) -> None:
    told = "  instead       requests (old itself says so; nobody has checked that)"
    assert told in guard.run("check", "old").out.splitlines()


def test_what_no_source_has_is_told_with_the_project_that_is_imported_so(guard: Guarded) -> None:
    run = guard.run("check", "dateutil")
    assert run.code == 1
    assert run.out.splitlines()[:2] == [
        "no source has dateutil",
        "  instead: python-dateutil (the popular project with the import name dateutil)",
    ]


def test_a_refused_installation_says_what_to_take_instead(guard: Guarded) -> None:
    run = guard.run("install", "pil")
    lines = run.err.splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("NEEDS APPROVAL pil 1.0"))
    assert "  instead: pillow (the popular project with the import name pil)" in lines[begin:]


def test_an_installation_says_what_to_take_in_place_of_what_was_asked_for_and_is_given_up(
    guard: Guarded,
) -> None:
    run = guard.run("install", "--no-deps", "--target", "there", "bs4", "old", "dep")
    assert run.code == 0
    told = [line for line in run.err.splitlines() if line.startswith("in place of ")]
    assert sorted(line.split(" (")[0] for line in told) == [
        "in place of bs4: beautifulsoup4",
        "in place of old: requests",
    ]
    assert {"bs4", "old", "dep"} <= {path.name.partition("-")[0] for path in (guard.work / "there").iterdir()}


def test_hostile_text_has_no_power_over_the_terminal(guard: Guarded, index: LabIndex) -> None:
    index.add(build_wheel("hostile", "1.0"), yanked=f"{HOSTILE}gone", upload_time=None)
    run = guard.run("check", "hostile==1.0")
    assert "gone" in run.out
    assert not any(unicodedata.category(char) in HIDDEN for line in run.out.split("\n") for char in line)


@pytest.mark.parametrize(("command", "option"), [("check", "--profile"), ("install", "--format")])
def test_an_option_of_ours_that_stands_behind_the_command_is_told_to_stand_before_it(
    command: str, option: str, guard: Guarded
) -> None:
    """Pip knows no such option, and says only that; of what it does know nothing is said."""
    for words in ((option, "x"), (f"{option}=x",)):
        ended = guard.run(command, "reqests", *words)
        assert (ended.code, guard.installed() - {"pip"}) == (2, set()), ended
        assert f"trustguard {option} … {command} …" in ended.err
    assert "trustguard's" not in guard.run(command, "--nothing-like-it", "reqests").err
    assert "trustguard's" not in guard.run("pip", "list", "--format=none").err


def test_the_format_may_stand_behind_the_requirements_and_what_is_pips_stays_pips(guard: Guarded) -> None:
    guard.work.mkdir(exist_ok=True)
    (guard.work / "here.txt").write_text("app\n", encoding="utf-8")
    before = document(guard.run("check", "app", "--no-deps", options=("--format", "json")))
    for words in (
        ("app", "--no-deps", "--format", "json"),
        ("--format=json", "--no-deps", "app"),
        ("-rhere.txt", "--no-deps", "--format=json"),  # a letter of it is not our `-h`
    ):
        behind = document(guard.run("check", *words))
        assert [one["project"] for one in behind["packages"]] == ["app"]
        assert (behind["verdict"], behind["exit_code"]) == (before["verdict"], before["exit_code"])
    stopped = guard.run("check", "app", "--format", "xml")
    assert (stopped.code, stopped.out) == (2, "")


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_the_help_of_a_check_is_ours(word: str, guard: Guarded) -> None:
    shown = guard.run("check", word)
    assert shown.code == 0
    assert "Usage: trustguard check" in shown.out
