"""What ``--format json`` prints has a form that the schema describes; what is no Python is no success."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.lab.artifacts import build_wheel
from tests.lab.environment import VirtualEnvironment
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex

SCHEMA = json.loads((Path(__file__).parents[3] / "docs/schema/trustguard-1.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A user of an index with a good project, which is installed."""
    with LabIndex() as index:
        index.add(build_wheel("good", "1.0"))
        made = Guarded(tmp_path_factory.mktemp("forms") / "home", index)
        assert made.run("install", "good").code == 0
        yield made


@pytest.mark.parametrize(
    "words",
    [
        ("guard", "status"),
        ("guard", "enable"),
        ("guard", "disable"),
        ("enforce", "venv", "--status"),
        ("enforce", "venv"),
        ("enforce", "venv", "--off"),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_a_list_of_findings_is_as_the_schema_says(guard: Guarded, words: tuple[str, ...]) -> None:
    document = guard.run(*words, options=("--format", "json")).json
    jsonschema.validate(document, SCHEMA)
    assert (document["command"], document["findings"] != []) == (words[0], True)


@pytest.mark.parametrize(
    "words",
    [("install", "good"), ("check", "good"), ("lock", "good"), ("pip", "list"), ("run", "pip", "list")],
)
@pytest.mark.parametrize("code", [0, 1])
def test_what_is_no_python_is_no_success_though_it_says_nothing(
    guard: Guarded, words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    quiet = tmp_path / "quiet"
    quiet.write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
    quiet.chmod(0o755)
    ended = guard.run(*words, options=("--python", str(quiet)))
    assert ended.code == 2, ended
    assert f"{quiet} is no Python" in ended.err
    ended = guard.run(*words, "--help")
    assert (ended.code, "Usage:" in ended.out) == (0, True)


def test_an_interpreter_that_is_named_behind_the_command_is_the_one_that_is_installed_into(
    guard: Guarded, tmp_path: Path
) -> None:
    """Pip refuses it there. It must not be passed over, or packages come into another environment."""
    guard.index.add(build_wheel("behind", "1.0"))
    before, other = guard.environment.files(), VirtualEnvironment.create(tmp_path / "other")
    ended = guard.run("install", "--python", str(other.python), "behind")
    assert (ended.code, other.distributions()) == (0, {("behind", "1.0")}), ended
    assert guard.environment.files() == before
    ended = guard.run("check", "good", "--python", str(tmp_path / "nothing"))
    assert (ended.code, "there is no Python" in ended.err) == (2, True), ended


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--python", ""), ("install", "good")),
        ((), ("install", "--python", "", "good")),
        ((), ("audit", "--python=")),
    ],
)
def test_an_empty_name_of_an_interpreter_means_no_other_environment(
    guard: Guarded, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """As ``--python "$VENV"`` where nobody has set it."""
    guard.index.add(build_wheel("good", "1.0"))
    before = guard.environment.files()
    ended = guard.run(*words, options=options, VIRTUAL_ENV=str(guard.environment.path))
    assert (ended.code, "Traceback" in ended.err) == (2, False), ended
    assert guard.environment.files() == before


def test_a_requirement_file_that_is_no_text_is_told_in_a_line(guard: Guarded) -> None:
    for content in (b"# caf\xe9\ngood\n", b"# coding: nosuch\ngood\n"):
        (guard.work / "list.txt").write_bytes(content)
        ended = guard.run("check", "-r", "list.txt")
        assert ended.code == 2, ended
        assert "list.txt cannot be read as text" in ended.err
        assert "Traceback" not in ended.err
