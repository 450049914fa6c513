"""Names of others that a wheel would take: commands that everybody types, packages that trustguard imports.

Each attack has an honest twin: the project whose name it is, or one whose names only resemble it.
"""

from __future__ import annotations

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, assert_done, assert_refused
from tests.lab.artifacts import Artifact
from tests.lab.forged import data, forged
from tests.lab.index import LabIndex


def with_script(project: str, command: str) -> Artifact:
    """A wheel with a command, as a file of its own."""
    return forged(project, {f"{data(project)}/scripts/{command}": "#!python\nprint()\n"})


def with_module(project: str, module: str) -> Artifact:
    """A wheel with a package."""
    return forged(project, {f"{module}/__init__.py": "VERSION = '6.6'\n"})


@pytest.mark.parametrize(
    ("command", "code"),
    [
        *(("head", NEEDS_APPROVAL), ("date", NEEDS_APPROVAL), ("gcloud", NEEDS_APPROVAL)),
        *(("git.bat", NEEDS_APPROVAL), ("ruff", NEEDS_APPROVAL)),
        *(("pip.bat", BLOCKED), ("pip.ps1", BLOCKED), ("python.cmd", BLOCKED)),
    ],
)
def test_a_command_that_is_somebody_elses_is_not_installed(
    command: str, code: int, index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    before = run.environment.files()
    index.add(with_script("quiet", command))
    assert_refused(run, run.run("install", "quiet"), code, "quiet", before)


@pytest.mark.parametrize(
    ("project", "command"),
    [
        ("ruff", "ruff"),
        ("awscli", "aws.cmd"),
        ("pkgconf", "pkg-config"),
        ("quiet", "heads"),
        ("quiet", "datetime"),
    ],
)
def test_a_command_of_its_own_is_installed(
    project: str, command: str, index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    index.add(with_script(project, command))
    assert_done(run, run.run("install", project), project)


@pytest.mark.parametrize("module", ["rfc8785", "urllib3", "_cffi_backend", "jwt"])
def test_a_package_that_trustguard_imports_is_not_installed_by_others(
    module: str, index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    before = run.environment.files()
    index.add(with_module("quiet", module))
    assert_refused(run, run.run("install", "quiet"), NEEDS_APPROVAL, "quiet", before)


@pytest.mark.parametrize(
    ("project", "module"),
    [("rfc8785", "rfc8785"), ("cffi", "_cffi_backend"), ("pyjwt", "jwt"), ("jwt", "jwt")],
)
def test_a_package_of_its_own_is_installed(
    project: str, module: str, index: LabIndex, guarded: MakeGuarded
) -> None:
    run = guarded()
    index.add(with_module(project, module))
    assert_done(run, run.run("install", project), project)
