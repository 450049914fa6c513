"""Names of commands that somebody else's stand behind, and whose they are."""

from __future__ import annotations

import ast
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from trustguard.model.commands import IMPORTED_HERE, taken

DEMO = NormalizedName("demo")


@pytest.mark.parametrize(
    ("script", "reach"),
    [
        *(
            (name, "python")
            for name in ("python", "Python3", "python3.11", "pythonw.exe", "pypy3", "python3.13t")
        ),
        *((name, "python") for name in ("pip", "pip3", "PIP3.11", "pip.exe", "pip-script.py", "trustguard")),
        *((name, "python") for name in ("activate", "activate.fish", "Activate.ps1", "deactivate.bat")),
        *((name, "python") for name in ("activate_this.py", "python3-config")),
        *((name, "system") for name in ("sh", "bash", "sudo", "ssh", "git", "ls", "curl", "env", "g++")),
        *((name, "tool") for name in ("uv", "keyring", "easy_install-3.8", "cmake", "aws")),
    ],
)
def test_a_command_that_is_somebody_elses_is_taken(script: str, reach: Any) -> None:
    assert taken(script, DEMO) == reach


@pytest.mark.parametrize(
    "script",
    [
        *("demo", "pipenv", "pip-compile", "pipx-like", "python-argcomplete-check", "pythonic", "sudoku"),
        *("activate-global-python-argcomplete", "git-filter-repo", "gitlint", "lsof2", "bashful", "uvicorn"),
        *("trustguard-like", "pip_audit", "sh.rc", "environment"),
    ],
)
def test_a_command_whose_name_only_resembles_one_is_nobody_elses(script: str) -> None:
    assert taken(script, DEMO) is None


@pytest.mark.parametrize(
    ("script", "project"),
    [
        *(("pip3.11", "pip"), ("trustguard", "pip-trustguard"), ("easy_install", "setuptools")),
        *(("uv", "uv"), ("hg", "mercurial"), ("aws", "awscli"), ("cmake", "cmake"), ("keyring", "keyring")),
    ],
)
def test_a_command_is_its_own_projects(script: str, project: str) -> None:
    assert taken(script, NormalizedName(project)) is None


@pytest.mark.parametrize("project", ["pip", "pip-trustguard", "setuptools", "python"])
def test_nobody_owns_python_or_the_system(project: str) -> None:
    assert taken("python", NormalizedName(project)) == "python"
    assert taken("sudo", NormalizedName(project)) == "system"


def test_what_is_imported_here_is_what_trustguard_depends_on() -> None:
    """Every direct dependency is in the table, and what is in it and installed belongs to that project."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    lines = text.partition("\ndependencies = [\n")[2].partition("\n]")[0].splitlines()
    direct = {canonicalize_name(Requirement(ast.literal_eval(line.strip(" ,"))).name) for line in lines}
    assert len(direct) > 10
    assert direct <= set(IMPORTED_HERE.values())
    for module, project in IMPORTED_HERE.items():
        try:
            files = distribution(project).files or ()
        except PackageNotFoundError:  # one for other Pythons
            continue
        tops = {file.parts[0].removesuffix(".py") for file in files}
        assert module in tops or project == "pip-trustguard"  # which is installed editable here
