"""What a run comes to: the exit code that tells why, and a ledger that tells what is there."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import build_wheel
from tests.lab.index import LabIndex

BACKEND = """
import os, zipfile
METADATA = "Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n{metadata}\\n"
def get_requires_for_build_wheel(settings=None): return []
def build_wheel(folder, settings=None, metadata=None):
    name = "{name}-1.0-py3-none-any.whl"
    wheel = "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, text in (("METADATA", METADATA), ("WHEEL", wheel), ("RECORD", "")):
            archive.writestr("{name}-1.0.dist-info/" + path, text)
    return name
"""


def own_project(folder: Path, metadata: str, *, requires: str = "", name: str = "own") -> Path:
    """Make a project whose backend alone says what it depends on; returns its folder.

    Args:
        folder: where; it does not exist.
        metadata: lines of the metadata that the build will write.
        requires: what it is built with, if anything.
        name: what it is called.
    """
    folder.mkdir(parents=True)
    backend = BACKEND.replace("{name}", name).replace("{metadata}", metadata)
    (folder / "own_backend.py").write_text(backend, encoding="utf-8")
    needs = f'"{requires}"' if requires else ""
    table = f'[build-system]\nrequires = [{needs}]\nbuild-backend = "own_backend"\nbackend-path = ["."]\n'
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    return folder


def test_what_a_build_would_have_pip_open_by_itself_is_named_and_not_installed(
    guarded: MakeGuarded, tmp_path: Path
) -> None:
    """A build makes up a dependency on a file."""
    guard = guarded()
    stray = build_wheel("stray-demo", "1.0")
    path = tmp_path / stray.filename
    path.write_bytes(stray.content)
    own_project(guard.work / "own", f"Requires-Dist: stray-demo @ {path.as_uri()}")
    before = guard.environment.files()
    ended = guard.run("install", "./own")
    assert ended.code == 12
    assert path.name in "".join(ended.err.split())
    assert guard.environment.files() == before


def test_the_ledger_forgets_what_was_removed(guarded: MakeGuarded, index: LabIndex) -> None:
    index.add_all(build_wheel("good", "1.0"), build_wheel("other", "1.0"))
    guard = guarded()
    assert guard.run("install", "good").code == 0
    assert guard.run("pip", "uninstall", "--yes", "good").code == 0
    assert guard.run("install", "other").code == 0
    ledger = (guard.environment.purelib / "trustguard-ledger.tsv").read_text(encoding="utf-8")
    assert [line.split("\t")[0] for line in ledger.splitlines()[1:]] == ["other"]


def test_a_failure_of_something_else_is_not_laid_to_what_was_withheld(
    guarded: MakeGuarded, index: LabIndex
) -> None:
    """One version is withheld, another is fine; what fails is that a second project is missing."""
    index.add(build_wheel("good", "1.0"))
    index.add(build_wheel("good", "2.0"), upload_time=datetime.now(timezone.utc))
    guard = guarded()
    assert guard.run("install", "good", "a-name-that-nobody-has").code == 1
    assert guard.run("install", "good==2.0").code == 10
    assert guard.run("install", "good").code == 0


def test_what_lies_in_a_target_already_does_not_pass_for_what_was_vetted(
    guarded: MakeGuarded, index: LabIndex
) -> None:
    """Pip puts nothing over it unless it is told to, and calls that a success."""
    index.add_all(build_wheel("good", "1.0"), build_wheel("good", "2.0"), build_wheel("other", "1.0"))
    guard = guarded()
    place = guard.work / "place"
    place.mkdir()
    (place / "good.py").write_text("somebody else's\n", encoding="utf-8")
    ended = guard.run("install", "--target", "place", "good", "other")
    assert ended.code == 12, ended
    assert "good.py was there already" in " ".join(ended.err.split())
    ledger = place / "trustguard-ledger.tsv"
    assert [line.split("\t")[0] for line in ledger.read_text(encoding="utf-8").splitlines()[1:]] == ["other"]
    assert guard.run("install", "--target", "place", "--upgrade", "good").code == 0
    assert (place / "good.py").read_text(encoding="utf-8") == "VERSION = '2.0'\n"
    assert guard.run("install", "--target", "place", "good").code == 0  # the same once more
    names = [line.split("\t")[:2] for line in ledger.read_text(encoding="utf-8").splitlines()[1:]]
    assert ["good", "2.0"] in names


def test_what_pip_has_installed_before_it_failed_is_in_the_books(
    guarded: MakeGuarded, index: LabIndex
) -> None:
    """It was vetted, it is there, and somebody may import it."""
    index.add_all(build_wheel("first", "1.0"), build_wheel("last", "1.0", requires=["first"]))
    guard = guarded()
    (guard.environment.purelib / "last.py").mkdir()  # in the way of a file
    ended = guard.run("install", "last", options=["--format", "json"])
    assert (ended.code, guard.installed()) == (1, {"first"}), ended
    ledger = guard.environment.purelib / "trustguard-ledger.tsv"
    assert [line.split("\t")[0] for line in ledger.read_text(encoding="utf-8").splitlines()[1:]] == ["first"]
    assert {one["project"] for one in ended.json["packages"] if one["installed"]} == {"first"}
    assert "pip failed, and had installed first 1.0 by then" in ended.json["problems"]
    assert guard.run("install", "first").err == "trustguard: nothing new to vet\n"


def test_what_was_there_before_pip_failed_is_not_taken_for_what_it_was_to_install(
    guarded: MakeGuarded, index: LabIndex
) -> None:
    index.add_all(build_wheel("first", "1.0"), build_wheel("there", "1.0"))
    guard = guarded()
    assert plain_pip(guard, "install", "there").code == 0
    (guard.environment.purelib / "first.py").mkdir()
    index.remove("there")
    index.add(build_wheel("there", "1.0", requires=["first"]))
    ended = guard.run("install", "--force-reinstall", "there")
    assert (ended.code, guard.installed()) == (1, {"there"}), ended
    assert not (guard.environment.purelib / "trustguard-ledger.tsv").exists()


@pytest.mark.parametrize("by", ["name", "dependency"])
def test_a_marker_that_nobody_can_evaluate_is_pips_to_tell(
    by: str, guarded: MakeGuarded, index: LabIndex
) -> None:
    """PEP 508: ``~=`` compares versions alone. Who looks ahead does not end for it."""
    asked = "good ; os_name ~= 'x'"
    index.add_all(build_wheel("good", "1.0"), build_wheel("needy", "1.0", requires=[asked]))
    guard = guarded()
    ended = guard.run("install", asked if by == "name" else "needy")
    assert (ended.code, guard.installed()) == (2, set()), ended
    assert "problem:" not in ended.err


def test_metadata_in_an_old_encoding_beside_it_keeps_nothing_out_of_the_ledger(
    guarded: MakeGuarded, index: LabIndex
) -> None:
    """Tools from before 2012 wrote what they were given."""
    guard = guarded()
    index.add(build_wheel("good", "1.0"))
    info = guard.environment.purelib / "old-1.0.dist-info"
    info.mkdir()
    text = "Metadata-Version: 1.0\nName: old\nVersion: 1.0\nAuthor: José\n"
    (info / "METADATA").write_text(text, encoding="latin-1")
    (info / "RECORD").write_text("old-1.0.dist-info/METADATA,,\n", encoding="utf-8")
    ended = guard.run("install", "good")
    assert ended.code == 0, ended
    assert "good" in (guard.environment.purelib / "trustguard-ledger.tsv").read_text(encoding="utf-8")
