"""Where a program may have installed, and what of it is new."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.lab.environment import VirtualEnvironment
from trustguard.installers.tools.environments import fresh, is_one, kept, site_packages


def distribution(environment: VirtualEnvironment, name: str) -> Path:
    """Write one that is as good as installed."""
    folder = environment.purelib / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    return folder


@pytest.mark.parametrize(
    ("place", "words", "environ"),
    [
        (".venv", ("uv", "sync"), {}),
        ("../.venv", ("uv", "sync"), {}),
        (".nox/tests", ("nox",), {}),
        ("sub/.venv", ("uv", "sync", "--project", "sub"), {}),
        ("sub/.venv", ("uv", "--directory=sub", "sync"), {}),
        ("sub/.venv", ("uv", "sync"), {"UV_PROJECT": "sub"}),
        ("sub/.venv", ("uv", "sync"), {"UV_WORKING_DIR": "sub/below"}),
        ("sub/other", ("uv", "sync"), {"UV_PROJECT": "sub", "UV_PROJECT_ENVIRONMENT": "other"}),
        ("sub/.venv", ("pdm", "install"), {"PDM_PROJECT": "sub"}),
        ("other", ("uv", "pip", "install", "--python", "other"), {}),
        ("other", ("uv", "pip", "install", "-p", f"other/bin/{Path(sys.executable).name}"), {}),
        ("other", ("uv", "pip", "install"), {"VIRTUAL_ENV": "{}"}),
        ("other", ("uv", "sync"), {"UV_PROJECT_ENVIRONMENT": "other"}),
        ("any", ("make", "install"), {}),
        ("other/tests", ("nox", "--envdir", "other"), {}),
        ("../other/tests", ("nox", "--envdir=../other"), {}),
        ("sub/.nox/tests", ("nox", "-f", "sub/noxfile.py"), {}),
        ("other/py311", ("tox", "--workdir", "other"), {}),
        ("other/py311", ("tox",), {"TOX_WORK_DIR": "other"}),
        ("sub/.tox/py311", ("tox", "-c", "sub/noxfile.py"), {}),
        ("sub/.tox/py311", ("tox",), {"TOX_CONFIG_FILE": "sub/noxfile.py"}),
    ],
)
def test_an_environment_that_a_program_works_on_is_found(
    tmp_path: Path, place: str, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    cwd = tmp_path / "project"
    (cwd / "sub").mkdir(parents=True)
    (cwd / "sub" / "noxfile.py").touch()
    environment = VirtualEnvironment.create((cwd / place).resolve())
    distribution(environment, "a")
    given = {name: value.format(environment.path) for name, value in environ.items()}
    assert site_packages(words, cwd, given, 0.0) == [environment.purelib]


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (("uv", "pip", "install"), {"CONDA_PREFIX": "{}"}),
        (("uv", "pip", "install", "--python", "{}/bin/python"), {}),
    ],
)
def test_so_is_one_of_conda(tmp_path: Path, words: tuple[str, ...], environ: dict[str, str]) -> None:
    """It has a folder of conda's own, and no ``pyvenv.cfg``."""
    environment = VirtualEnvironment.create(tmp_path / "miniforge" / "envs" / "mine")
    (environment.path / "pyvenv.cfg").unlink()
    (environment.path / "conda-meta").mkdir()
    given = {name: value.format(environment.path) for name, value in environ.items()}
    typed = [word.format(environment.path) for word in words]
    assert site_packages(typed, tmp_path, given, 0.0) == [environment.purelib]


def test_what_has_not_changed_is_left_alone(tmp_path: Path) -> None:
    environment = VirtualEnvironment.create(tmp_path / ".venv")
    old = environment.purelib.stat().st_mtime - 100
    os.utime(environment.purelib, (old, old))
    assert site_packages(("uv",), tmp_path, {}, old + 50) == []
    assert site_packages(("uv",), tmp_path, {}, old) == [environment.purelib]


def test_a_folder_that_is_no_environment_is_none(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    assert site_packages(("uv", "x" * 5000), tmp_path, {}, 0.0) == []


def test_what_was_copied_with_its_times_is_new_all_the_same(tmp_path: Path) -> None:
    environment = VirtualEnvironment.create(tmp_path / ".venv")
    folder = distribution(environment, "copied")
    begun = folder.stat().st_mtime
    os.utime(folder, (0, 0))
    assert [one.metadata["Name"] for _, one in fresh(environment.purelib, begun)] == ["copied"]
    assert list(fresh(environment.purelib, begun + 3600)) == []


def test_what_has_no_metadata_is_no_distribution(tmp_path: Path) -> None:
    (tmp_path / "half-1.0.dist-info").mkdir()
    assert list(fresh(tmp_path, 0.0)) == []


def test_a_link_that_leads_nowhere_is_no_distribution(tmp_path: Path) -> None:
    environment = VirtualEnvironment.create(tmp_path / "here")
    (environment.purelib / "gone-1.0.dist-info").symlink_to(tmp_path / "nowhere")
    good = distribution(environment, "good")
    assert [folder for folder, _ in fresh(environment.purelib, 0.0)] == [good]


def test_what_is_new_is_known_whatever_its_encoding(tmp_path: Path) -> None:
    info = tmp_path / "old-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: old\nVersion: 1.0\nAuthor: José\n", encoding="latin-1")
    ((place, found),) = fresh(tmp_path, 0.0)
    assert (place, found.metadata["Name"], found.version) == (info, "old", "1.0")


def test_poetry_is_asked_where_its_environments_are_and_others_are_not(tmp_path: Path) -> None:
    program = tmp_path / "poetry"
    program.write_text(f"#!/bin/sh\ntest \"$*\" = 'config virtualenvs.path' && echo {tmp_path}/there\n")
    program.chmod(0o755)
    assert kept((str(program), "install"), tmp_path, {}) == {"POETRY_VIRTUALENVS_PATH": f"{tmp_path}/there"}
    assert kept((str(program),), tmp_path, {"POETRY_VIRTUALENVS_PATH": "/a"}) == {}
    assert kept(("uv", "sync"), tmp_path, {}) == {}


@pytest.mark.parametrize("script", ["exit 1", "echo relative", "kill -9 $$", "echo"])
def test_a_program_that_does_not_say_is_believed_nothing(tmp_path: Path, script: str) -> None:
    program = tmp_path / "poetry"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    assert kept((str(program),), tmp_path, {}) == {}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("uv", "sync", "--frozen"), True),
        (("/x/uv", "--project", "y", "-q", "add", "z"), True),
        (("uv", "pip", "install", "x"), True),
        (("uv", "tool", "install", "x"), True),
        (("poetry", "install"), True),
        (("pdm", "add", "x"), True),
        (("pip3.11", "install", "x"), True),
        (("uv", "run", "sync"), False),
        (("uv", "tool", "upgrade", "--all"), False),
        (("uvx", "tox"), False),
        (("pipx", "install", "a", "b"), False),
        (("tox",), False),
        (("make", "install"), False),
        (("python", "-m", "build"), False),
    ],
)
def test_whether_it_is_one_environment_is_known_of_commands_that_say_so(
    words: tuple[str, ...], *, expected: bool
) -> None:
    assert is_one(words) is expected
