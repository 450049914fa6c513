"""Paths that the locale has no characters for: Python keeps their bytes (PEP 383), and so do we."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.lab.artifacts import build_wheel
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex

ASCII_ALONE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths are no bytes there")


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A user whose folders, environment included, have names that ASCII cannot spell; one is installed."""
    with LabIndex() as index:
        index.add(build_wheel("good", "1.0"))
        made = Guarded(tmp_path_factory.mktemp("locale") / "Müllers Häuschen", index)
        assert in_ascii(made, "install", "good").code == 0
        yield made


def in_ascii(guard: Guarded, *words: str) -> Ended:
    """Run trustguard where Python takes every file's name for ASCII."""
    return guard.run(*words, **ASCII_ALONE)


def test_an_environment_is_audited(guard: Guarded) -> None:
    ended = in_ascii(guard, "audit", "--format", "json")
    assert (ended.code, [d["project"] for d in ended.json["distributions"]]) == (0, ["good"])


def test_an_environment_is_guarded(guard: Guarded) -> None:
    before = guard.environment.files()
    for words, new in (("enable", True), ("status", True), ("disable", False)):
        ended = in_ascii(guard, "guard", words)
        assert ended.code == 0, ended
        assert (guard.environment.files() > before) is new
    assert guard.environment.files() == before


def test_an_environment_is_enforced(guard: Guarded) -> None:
    file = guard.environment.path / "pip.conf"
    assert in_ascii(guard, "enforce", "venv").code == 0
    assert "trustguard" in file.read_text(encoding="utf-8")
    assert in_ascii(guard, "enforce", "venv", "--off").code == 0
    assert not file.exists()


def test_a_self_test_that_cannot_be_made_there_says_so(guard: Guarded) -> None:
    """Python's own ``venv`` makes no environment in such a folder."""
    ended = in_ascii(guard, "doctor", "--self-test")
    assert ended.code == 1
    assert "FAIL  a throw-away environment is made\n      no environment can be made" in ended.out
    assert ended.err == ""
