"""``trustguard guard``: what is typed, what is told, and how it goes together with an installation."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.import_guard.house import BLOCK, House, refusal
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from trustguard.import_guard import guard as import_guard


@pytest.fixture
def guard(guarded: MakeGuarded) -> Guarded:
    """trustguard, with an environment."""
    return guarded()


@pytest.fixture
def house(guard: Guarded) -> House:
    """The same environment, to put something into by another door."""
    house = object.__new__(House)
    house.home, house.environment, house.ledger = guard.home, guard.environment, {}
    return house


def rows(ended: Ended) -> dict[str, str]:
    """What is told, by what it is about."""
    assert ended.code == 0, ended
    pairs = (line[2:].split("  ", 1) for line in ended.out.splitlines())
    return {about.strip(): found.strip() for about, found in pairs}


def test_what_trustguard_installs_is_imported_and_what_pip_installs_is_not(
    guard: Guarded, house: House, index: LabIndex, markers: Markers
) -> None:
    index.add(build_wheel("nice", "1.0", files={"nice/__init__.py": ""}))
    index.add(build_wheel("later", "1.0", files={"later.py": ""}))
    assert guard.run("install", "nice").code == 0
    told = rows(guard.run("guard", "enable"))
    assert (told["guard"], told["vetted"]) == (f"mode block, in {house.purelib}", "1")
    house.pip_install(build_wheel("evil", "1.0", files={"evil.py": markers.snippet("ran")}))
    assert "nobody has vetted it" in refusal(house.imports("evil"))
    assert guard.run("install", "later").code == 0
    for name in ("nice", "later"):
        done = house.imports(name)
        assert (done.returncode, done.stderr) == (0, ""), done
    told = rows(guard.run("guard", "status"))
    assert (told["vetted"], told["unvetted"]) == ("2", "1, nobody has vetted it: evil 1.0")
    assert markers.ran() == set()
    assert rows(guard.run("guard", "disable"))["guard"] == f"removed from {house.purelib}"
    assert house.imports("evil").returncode == 0
    assert markers.ran() == {"ran"}


def test_enable_status_and_disable_take_the_environment_as_their_own_option_too(guard: Guarded) -> None:
    for words in (("enable", "--mode", "warn"), ("status",), ("enable",), ("disable",), ("disable",)):
        ended = guard.run("guard", *words, "--python", str(guard.environment.path))
        assert ended.code == 0, ended
    assert guard.environment.distributions() == set()
    assert not list(guard.environment.purelib.glob("*trustguard*"))


def test_without_a_mode_the_mode_stays_as_it_is(guard: Guarded) -> None:
    for words, mode in (
        ((), "block"),
        (("--mode", "warn"), "warn"),
        ((), "warn"),
        (("--mode", "block"), "block"),
    ):
        assert rows(guard.run("guard", "enable", *words))["guard"].startswith(f"mode {mode}, ")


def test_what_is_there_and_nobody_vetted_is_named_and_can_be_accepted(guard: Guarded, house: House) -> None:
    house.put("old", {"old.py": ""}, decision=None)
    house.put("pip", {"pip.py": ""}, decision=None)
    (house.purelib / "stray.py").write_text("")
    told = rows(guard.run("guard", "enable"))
    assert told["unvetted"] == "1, nobody has vetted it: old 1.0"
    assert told["accepted"] == "1, accepted as they were: pip 1.0"
    assert house.imports("old").returncode == house.imports("stray").returncode == 1
    told = rows(guard.run("guard", "enable", "--accept-installed"))
    assert told["accepted"] == "3, accepted as they were: old 1.0, pip 1.0, stray.py"
    assert house.imports("old, stray, pip").returncode == 0


def test_the_status_tells_what_is_wrong(guard: Guarded, house: House) -> None:
    house.put("nice", {"nice/__init__.py": ""})
    house.put("bad", {"bad.py": ""})
    house.put("anew", {"anew.py": ""})
    house.backdate("anew-1.0.dist-info/RECORD", -60)
    house.put("evil", {"nice/evil.py": "", " evil.pth": "import sys\n"}, decision=None)
    house.judge_anew("bad", BLOCK)
    guard.run("guard", "enable")
    (house.purelib / import_guard.NAME / "survey.py").write_text("")
    ended = guard.run("guard", "status", options=("--format", "json"))
    assert (ended.code, ended.json["schema"], ended.json["command"]) == (12, "trustguard/1", "guard")
    bad = {(row["about"], row["found"]) for row in ended.json["findings"] if not row["ok"]}
    assert bad == {
        ("fault", "it is another version's, or was changed: trustguard guard enable brings it up to date"),
        ("start-up", "runs before the guard:  evil.pth"),
        ("unvetted", "1, nobody has vetted it: evil 1.0"),
        ("refused", "1, trustguard refuses it by now: bad 1.0"),
        ("changed", "1, installed anew since it was vetted: anew 1.0"),
        ("intruder", "evil 1.0 has put something into nice/__init__.py of nice 1.0"),
    }


@pytest.mark.parametrize("gone", [import_guard.NAME, import_guard.PTH])
def test_a_guard_that_is_not_whole_is_an_exit_code_of_its_own(
    guard: Guarded, house: House, gone: str
) -> None:
    assert guard.run("guard", "enable").code == 0
    place = house.purelib / gone
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    ended = guard.run("guard", "status")
    assert (ended.code, "it is not whole, and does not start" in ended.out) == (12, True), ended
    assert guard.run("guard", "enable").code == guard.run("guard", "status").code == 0


def test_a_distribution_that_brings_a_ledger_of_its_own_is_an_exit_code_of_its_own(
    guard: Guarded, house: House
) -> None:
    house.put("nice", {"nice.py": ""})
    assert guard.run("guard", "enable").code == 0
    house.put("evil", {import_guard.LEDGER: "trustguard-ledger\t1\n"}, decision=None)
    for words in ("status", "enable", "status"):
        ended = guard.run("guard", words)
        assert ended.code == 12, ended
        assert "evil 1.0 has put something in the place of the guard's own files" in ended.out
        assert "2, nobody has vetted it: evil 1.0, nice 1.0" in ended.out


def test_without_a_guard_and_a_ledger_the_status_says_so(guard: Guarded, house: House) -> None:
    told = guard.run("guard", "status")
    assert told.out.splitlines()[:2] == [
        f"! guard   not in {house.purelib}: trustguard guard enable",
        f"! ledger  {house.purelib / import_guard.LEDGER} (none: nothing was installed guarded)",
    ]


def test_no_environment_is_guarded_in_which_trustguard_would_not_start_any_more(guard: Guarded) -> None:
    ended = guard.run("guard", "enable", "--python", guard.command()[0])
    assert ended.code == 2, ended
    assert ended.err.startswith("trustguard: trustguard itself runs in ")
    assert "--accept-installed" in ended.err.splitlines()[1]
    assert len(ended.err.splitlines()) == 2


@pytest.mark.parametrize("command", ["enable", "disable", "status"])
def test_what_is_no_interpreter_is_said_in_one_line(guard: Guarded, command: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho no\n")
    script.chmod(0o755)
    for path, said in ((script, "is no Python that can be asked"), (tmp_path, "there is no Python")):
        ended = guard.run("guard", command, "--python", str(path))
        assert (ended.code, len(ended.err.splitlines())) == (2, 1), ended
        assert said in ended.err


def test_a_folder_that_cannot_be_written_is_said_in_one_line_and_nothing_is_left(
    guard: Guarded, house: House
) -> None:
    (house.purelib / import_guard.NAME).write_text("in the way")
    ended = guard.run("guard", "enable")
    assert (ended.code, ended.err) == (
        1,
        f"trustguard: cannot enable the guard {house.purelib / import_guard.NAME}: File exists\n",
    )
    assert not (house.purelib / import_guard.PTH).exists()
    assert house.imports("sys").stderr == ""


def test_names_from_packages_are_made_safe_for_the_terminal(guard: Guarded, house: House) -> None:
    house.put("e\x1b[31mvil", {"evil.py": ""}, decision=None)
    ended = guard.run("guard", "status")
    assert "\x1b" not in ended.out
    assert "1, by names that no distribution has: e" in ended.out
    assert "vil-1.0.dist-info" in ended.out
