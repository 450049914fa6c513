"""``inspect`` shows one file, or what a requirement would install, and exits as an installation would."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.frontends.attack import saved
from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.forged import changed, forged
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.listing import LAST_YEAR
from trustguard.frontends.cli import inspect
from trustguard.model.errors import UsageError

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "trustguard-1.json").read_text(encoding="utf-8"))
EVIL = "import os, base64; exec(base64.b64decode('cGFzcw=='))\n"
ESC, OVERRIDE = "\x1b", "\u202e"


@pytest.fixture(scope="module")
def running() -> Iterator[LabIndex]:
    """One index for all: making an environment takes longer than a run."""
    with LabIndex() as index:
        index.add_all(build_wheel("good", "1.0"), build_wheel("evil", "1.0"))
        index.add(build_sdist("old", "1.0", setup_py="import nothing"), upload_time=LAST_YEAR)
        index.add(build_wheel("leaning", "1.0", requires=["evil @ https://evil.example/evil-1.0.tar.gz"]))
        yield index


@pytest.fixture(scope="module")
def guard(running: LabIndex, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """A user, for whom one project is known to be malicious."""
    return Guarded(tmp_path_factory.mktemp("inspect") / "home", running, malware=["evil"], building=None)


def document(run: Ended, code: int) -> Any:
    """The document of a run, which keeps to the schema and says how the run ended."""
    found = run.json
    Draft202012Validator(SCHEMA).validate(found)
    assert (found["command"], found["exit_code"], run.code) == ("inspect", code, code)
    return found


def of_file(guard: Guarded, artifact: Artifact, *words: str) -> Ended:
    """Inspect a file in the working directory."""
    saved(guard.work, artifact)
    return guard.run("inspect", artifact.filename, *words)


def test_a_wheel_for_another_platform_is_shown_to_people_on_standard_output(guard: Guarded) -> None:
    wheel = build_wheel(
        "demo",
        "1.0",
        files={"demo/__init__.py": "", "demo/fast.pyd": b"\x7fELF"},
        tag="cp27-cp27m-win32",
        extra_metadata=["Summary: a demonstration"],
        entry_points={"console_scripts": {"demo": "demo:main"}},
    )
    run = of_file(guard, wheel)
    assert (run.code, run.err) == (0, "")
    lines = run.out.splitlines()
    assert lines[1] == "  a demonstration"
    assert "  file          a wheel for cp27-cp27m-win32" in lines
    assert "  commands      demo" in lines
    assert "                demo/fast.pyd (ELF, 4 B)" in lines
    assert lines[-1] == "trustguard: 1 file vetted"


def test_advisory_data_that_is_older_than_it_may_be_is_said(guard: Guarded) -> None:
    """Nobody is asked about a file, so that nothing refreshes it."""
    wheel = build_wheel("demo", "1.0")
    assert guard.run("update").code == 0
    saved(guard.work, wheel)
    options = ("--set", "sources.max-age=0.001 s", "--format", "json")
    found = document(guard.run("inspect", wheel.filename, options=options), 0)
    assert found["problems"] == ["the advisory data is 0 hours old: trustguard update"]
    assert document(of_file(guard, wheel, "--format", "json"), 0)["problems"] == []


def test_an_sdist_is_shown_with_how_it_is_built(guard: Guarded) -> None:
    table = '[build-system]\nrequires = ["hatchling>=1"]\nbuild-backend = "hatchling.build"\n'
    found = document(of_file(guard, build_sdist("demo", "1.0", pyproject=table), "--format", "json"), 0)
    (file,) = found["files"]
    assert file["unread"] == ""
    assert file["inside"]["build"] == {
        "backend": "hatchling.build",
        "in_tree": False,
        "setup_py": False,
        "requires": ["hatchling>=1"],
    }
    assert {entry["path"] for entry in file["inside"]["entries"]} == {
        f"demo-1.0/{name}" for name in ("PKG-INFO", "pyproject.toml", "demo.py")
    }
    assert "provenance" not in found["packages"][0]["coverage"]["checked"]


def test_a_hostile_wheel_is_refused_with_its_code_and_without_power_over_the_terminal(
    guard: Guarded,
) -> None:
    wheel = build_wheel(
        "hostile",
        "1.0",
        files={"hostile.pth": EVIL, f"hostile/{OVERRIDE}gnp.py": "", "hostile/a\u0301.py": ""},
        extra_metadata=[f"Summary: {ESC}]0;pwned\x07{OVERRIDE}", f"License: {ESC}[2J"],
        entry_points={"console_scripts": {"pip": "hostile:main"}, f"{ESC}[1m": {f"a{ESC}": "b"}},
    )
    run = of_file(guard, wheel)
    assert run.code == 10
    assert f"        | {EVIL.strip()}" in run.out.splitlines()
    assert "        | pip = hostile:main" in run.out.splitlines()
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not any(unicodedata.category(char) in hidden for line in run.out.split("\n") for char in line)
    found = document(guard.run("inspect", wheel.filename, options=("--format", "json")), 10)
    (file,) = found["files"]
    assert file["inside"]["start_up"][0] == {
        "kind": "pth",
        "name": "hostile.pth",
        "code": EVIL.strip(),
        "whole": True,
    }
    about = {one["about"] for one in file["inside"]["excerpts"]}
    assert about <= {finding["message"] for finding in found["packages"][0]["findings"]}
    assert len(about) == 2


def test_a_path_that_leads_out_of_the_archive_is_the_reason_and_the_tree_is_not_shown(
    guard: Guarded,
) -> None:
    wheel = forged("traversal", {"aaaaaaaaa.py": ""})
    found = document(
        of_file(guard, changed(wheel, wheel.content.replace(b"aaaaaaaaa", b"../aaaaaa")), "--format", "json"),
        10,
    )
    (file,) = found["files"]
    assert file["inside"] is None
    assert "leads out of it" in file["unread"]
    (worst,) = [one for one in found["packages"][0]["findings"] if one["action"] == "block"]
    assert "leads out of it" in worst["message"]


def test_everything_can_be_listed(guard: Guarded) -> None:
    files = {f"demo/{number}.py": "" for number in range(100)}
    lines = of_file(guard, build_wheel("many", "1.0", files=files), "--all").out.splitlines()
    assert [line for line in lines if line.endswith("demo/99.py")] == ["             0  demo/99.py"]


def test_for_a_requirement_it_is_what_would_be_installed(guard: Guarded, running: LabIndex) -> None:
    run = guard.run("inspect", "good<2", "--format", "json")
    found = document(run, 0)
    (package,), (file,) = found["packages"], found["files"]
    assert (package["project"], package["index"]) == ("good", running.url)
    assert {"known-malicious", "release-age"} <= set(package["coverage"]["checked"])
    assert file["inside"]["entries"][0]["path"] == "good.py"
    assert guard.installed() == set()


def test_an_sdist_that_would_be_asked_about_is_shown_and_not_built(guard: Guarded) -> None:
    run = guard.run("inspect", "old")
    assert run.code == 11
    lines = run.out.splitlines()
    assert lines[0] == "ask: old 1.0 (old-1.0.tar.gz)"
    assert "  built by      setuptools, which is assumed where none is named; it has a setup.py" in lines
    assert lines[-1] == "trustguard: 1 file vetted, 1 waiting for approval"


def test_what_is_withheld_was_not_fetched_and_that_is_said(guard: Guarded, running: LabIndex) -> None:
    run = guard.run("inspect", "evil")
    assert run.code == 10
    assert run.out.startswith("No bytes were fetched, so there is nothing to look into.\n")
    assert "withheld: evil 1.0: [known-malicious]" in run.out
    assert not any("evil" in path and path.endswith(".whl") for path in running.paths())


def test_what_is_refused_by_its_metadata_was_not_fetched_and_that_is_said(guard: Guarded) -> None:
    found = document(guard.run("inspect", "leaning", "--format", "json"), 10)
    assert found["files"] == [
        {"file": "leaning-1.0-py3-none-any.whl", "unread": "its bytes were not fetched", "inside": None}
    ]
    assert found["packages"][0]["verdict"] == "block"


MISTAKES = {
    "missing-1.0.tar.gz": ("there is no file missing-1.0.tar.gz", ""),
    "some/where": ("there is no file some/where", ""),
    "https://index.example/a-1.whl": (
        "there is no file https://index.example/a-1.whl",
        "an address stands behind a name: NAME @ ADDRESS",
    ),
    "./": ("./ is a folder", "name one wheel or sdist"),
}


@pytest.mark.parametrize("artifact", MISTAKES)
def test_what_looks_like_a_path_is_a_file_or_a_mistake(artifact: str) -> None:
    message, hint = MISTAKES[artifact]
    with pytest.raises(UsageError) as told:
        inspect._file(artifact)
    assert (told.value.message, told.value.hint) == (message, hint)


@pytest.mark.parametrize("artifact", ["demo", "demo[fast]>=1,<2", "demo @ https://index.example/a-1.whl"])
def test_everything_else_is_a_requirement(
    artifact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of the same name does not change that, as it does not for pip."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    assert inspect._file(artifact) is None
    assert inspect._requirement(artifact).name == "demo"


def test_what_is_neither_is_one_line_and_exit_2(guard: Guarded) -> None:
    run = guard.run("inspect", "not a requirement", "--format", "json")
    assert (run.code, len(run.err.splitlines())) == (2, 1)
    assert run.err.startswith("trustguard: 'not a requirement' is neither a file nor a requirement: ")
    assert run.json["error"]["reference"] == "usage"
