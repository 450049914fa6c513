"""pip is offered what its target can take, and chooses, reports and fails as it does by itself."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex

FOREIGN = ("cp27-cp27m-win32", "pp39-pypy39_pp73-win_amd64", "cp311-cp311-win_amd64")
NEW, OLD = "2.0", "1.0"


def module(text: str) -> dict[str, str]:
    return {"many.py": f"WHICH = {text!r}\n"}


def many() -> list[Artifact]:
    """A project whose newest release is for others alone."""
    return [
        *(build_wheel("many", NEW, tag=tag, files=module(tag)) for tag in FOREIGN),
        *(build_wheel("many", OLD, tag=tag, files=module(tag)) for tag in FOREIGN),
        build_wheel("many", OLD, tag="Py2.Py3-None-Any", files=module("any")),
    ]


@pytest.fixture
def lab(guarded: MakeGuarded, index: LabIndex) -> Guarded:
    index.add_all(*many())
    return guarded(malware=[])


def test_what_fits_the_target_is_installed(lab: Guarded) -> None:
    assert lab.run("install", "many").code == 0
    assert lab.environment.distributions() >= {("many", OLD)}
    assert "any" in (lab.environment.purelib / "many.py").read_text(encoding="utf-8")


def test_another_target_is_offered_what_fits_that(lab: Guarded) -> None:
    words = ("download", "--no-deps", "--only-binary=:all:", "-d", "got")
    for options in (
        ("--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"),
        (
            "--platform",
            "win_amd64",
            "--python-version",
            "3.9",
            "--implementation",
            "pp",
            "--abi",
            "pypy39_pp73",
        ),
    ):
        assert lab.run(*words, *options, "many").code == 0, options
    assert {file.name for file in (lab.work / "got").iterdir()} == {
        f"many-{NEW}-cp311-cp311-win_amd64.whl",
        f"many-{NEW}-pp39-pypy39_pp73-win_amd64.whl",
    }


def test_where_nothing_fits_it_fails_as_pip_does(lab: Guarded) -> None:
    ended = lab.run("install", "many==2.0")
    plain = plain_pip(lab, "install", "many==2.0")
    assert ended.code == plain.code == 1
    errors = [[line for line in one.err.splitlines() if line.startswith("ERROR:")] for one in (ended, plain)]
    assert errors[0] == errors[1] != []


def test_what_could_not_be_taken_is_not_reported_as_withheld(guarded: MakeGuarded, index: LabIndex) -> None:
    for tag in (*FOREIGN, "py3-none-any"):
        index.add(build_wheel("many", NEW, tag=tag), upload_time=datetime.now(timezone.utc))
    index.add(build_wheel("many", OLD))
    ended = guarded(malware=[]).run("install", "many", options=("--format", "json"))
    assert ended.code == 0, ended
    assert [row["file"] for row in json.loads(ended.out)["withheld"]] == [f"many-{NEW}-py3-none-any.whl"]


SDIST = "both-1.0.tar.gz"
YOUNG = datetime(2026, 6, 1, tzinfo=timezone.utc)


@pytest.fixture
def run(guarded: MakeGuarded) -> Guarded:
    """A run on an index that is empty."""
    return guarded(malware=[])


def got(run: Guarded, *words: str, **environ: str) -> set[str]:
    """The files that ``download`` leaves."""
    ended = run.run("download", "--no-deps", "-d", "got", *words, **environ)
    assert ended.code == 0, ended
    return {path.name for path in (run.work / "got").iterdir()}


def test_the_wheel_is_taken_and_the_sdist_not_even_judged(run: Guarded, index: LabIndex) -> None:
    index.add(build_wheel("both", "1.0"))
    index.add(build_in_tree_sdist("both", "1.0"), upload_time=datetime.now(timezone.utc))
    ended = run.run("install", "both", options=("--format", "json"))
    assert (ended.code, json.loads(ended.out)["withheld"]) == (0, [])
    assert run.installed() == {"both"}


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ({}, ("--no-binary=both", "both")),
        ({}, ("-r", "no-binary.txt")),
        ({}, ("-r", "hashed.txt")),
        ({}, ("both", "-c", "hashed.txt")),
        ({"yanked": "broken"}, ("both",)),
        ({"requires_python": ">=3.99"}, ("both",)),
        ({"upload_time": YOUNG}, ("--uploaded-prior-to=2025-01-01", "both")),
    ],
    ids=["no-binary", "no-binary in a file", "hash", "hash in constraints", "yanked", "Python", "time"],
)
def test_the_sdist_is_taken_where_pip_takes_it(
    run: Guarded, index: LabIndex, listed: dict[str, Any], words: tuple[str, ...]
) -> None:
    sdist = build_in_tree_sdist("both", "1.0")
    index.add(build_wheel("both", "1.0"), **listed)
    index.add(sdist)
    (run.work / "no-binary.txt").write_text("--no-binary both\nboth\n")
    (run.work / "hashed.txt").write_text(f"both==1.0 --hash=sha256:{sdist.sha256}\n")
    assert got(run, *words) == {SDIST}


def test_the_sdist_is_taken_where_the_wheel_is_withheld(run: Guarded, index: LabIndex) -> None:
    index.add(build_wheel("both", "1.0"), upload_time=datetime.now(timezone.utc))
    index.add(build_in_tree_sdist("both", "1.0"))
    assert got(run, "both") == {SDIST}


def test_the_sdist_is_taken_where_only_it_is_written_so(run: Guarded, index: LabIndex) -> None:
    """``===`` compares text (PEP 440, arbitrary equality)."""
    index.add_all(build_wheel("both", "1.0"), build_in_tree_sdist("both", "1.0.0"))
    assert got(run, "both===1.0.0") == {"both-1.0.0.tar.gz"}


def test_what_is_wanted_of_one_project_is_not_lost_by_what_is_wanted_of_another(
    run: Guarded, index: LabIndex
) -> None:
    """Both options are kept in one place by pip, in variables and in pip.conf."""
    index.add_all(build_wheel("both", "1.0"), build_in_tree_sdist("both", "1.0"))
    assert got(run, "both", PIP_NO_BINARY="both", PIP_ONLY_BINARY="other") == {SDIST}
    run.pip_conf.write_text("[global]\nno-binary = both\nonly-binary = other\n")
    assert plain_pip(run, "download", "--no-deps", "-d", "plain", "both").code == 0
    assert {path.name for path in (run.work / "plain").iterdir()} == {SDIST}
    assert got(run, "both") == {SDIST}
