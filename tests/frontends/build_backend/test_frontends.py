"""Real frontends build with real backends through trustguard's, and install nothing that is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.build_backend.projects import HELPER, PROJECTS, Project, built, command, run
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.installed import OURSELVES, with_dependencies
from tests.lab.markers import Markers
from tests.lab.osv import malicious, osv_export
from trustguard.installers.pip import sandbox

pytestmark = pytest.mark.slow

PROBE = subprocess.run(
    [sys.executable, "-I", "-S", sandbox.__file__, "--probe"], capture_output=True, text=True, check=False
)
START = "start"
COMBINATIONS = [
    ("pip", "hatchling"),
    ("build", "setuptools"),
    ("uv", "meson"),
    ("uv", "flit"),
    ("uv", "pdm"),
]
ASKING = [pair for pair in COMBINATIONS if PROJECTS[pair[1]].asks]


def hostile(markers: Markers, name: str, version: str = "1.0") -> Artifact:
    """What runs as soon as an interpreter starts in the environment that it is installed in."""
    files = {f"{name}.py": "", f"{name}_start.pth": markers.pth_line(START)}
    return build_wheel(name, version, files=files)


def supply(index: LabIndex, project: Project) -> None:
    """Put on an index what a build of a project needs, trustguard included."""
    index.add_all(*with_dependencies(OURSELVES, project.brings, "ninja"))


def build(guarded: Guarded, frontend: str, project: Project, *, wrapped: bool = True) -> tuple[Ended, Path]:
    """Have a frontend build a project's wheel; how that ended, and the folder it should lie in."""
    wheels = guarded.home / "wheels"
    source = project.write(guarded.work / "source", wrapped=wrapped)
    bare = project is PROJECTS["meson"]
    return run(guarded, command(frontend, source, wheels), bare_path=bare), wheels


@pytest.mark.parametrize(("frontend", "backend"), COMBINATIONS)
def test_a_wheel_has_the_same_contents_with_us_and_without(
    index: LabIndex, guarded: MakeGuarded, frontend: str, backend: str
) -> None:
    """And what the backend asks for, where it does, is vetted and then installed."""
    project = PROJECTS[backend]
    supply(index, project)
    if project.asks:
        index.add(build_wheel(project.asks, "1.0"))
    there = guarded()
    ended, wheels = build(there, frontend, project)
    assert ended.code == 0, ended
    if project.asks:
        assert f"{project.asks}-1.0-py3-none-any.whl" in index.served_files()

    plain = there.home / "plain"
    source = project.write(there.work / "plain", wrapped=False)
    options = ("--no-isolation", "--skip-dependency-check", "--wheel", "--outdir", str(plain))
    ended = run(there, [sys.executable, "-m", "build", *options, str(source)])
    assert ended.code == 0, ended
    assert built(wheels) == built(plain)
    assert "demo.py" in built(wheels)


@pytest.mark.parametrize(("frontend", "backend"), ASKING)
def test_what_a_backend_asks_for_and_is_malicious_is_not_installed(
    index: LabIndex, markers: Markers, guarded: MakeGuarded, frontend: str, backend: str
) -> None:
    project = PROJECTS[backend]
    assert project.asks
    supply(index, project)
    evil = hostile(markers, project.asks)
    index.add(evil)
    ended, wheels = build(guarded(malware=[project.asks]), frontend, project)
    assert ended.code != 0
    assert list(wheels.glob("*.whl")) == []
    assert markers.ran() == set()
    assert evil.filename not in index.served_files()
    (line,) = [line for line in (ended.out + ended.err).splitlines() if "SourceRefused: " in line]
    assert f"get_requires_for_build_wheel of {project.backend} asks for " in line
    assert f"which is refused: {project.asks} 1.0: known-malicious: " in line


@pytest.mark.parametrize(("frontend", "backend"), ASKING)
def test_without_us_it_is_installed_and_runs(
    index: LabIndex, markers: Markers, guarded: MakeGuarded, frontend: str, backend: str
) -> None:
    """The control: the same projects, their real backends bare."""
    project = PROJECTS[backend]
    assert project.asks
    supply(index, project)
    index.add(hostile(markers, project.asks))
    ended, _ = build(guarded(malware=[project.asks]), frontend, project, wrapped=False)
    assert ended.code == 0, ended
    assert markers.ran() == {START}


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_newer_version_that_would_be_withheld_is_not_what_the_frontend_installs(
    index: LabIndex, markers: Markers, guarded: MakeGuarded, *, wrapped: bool
) -> None:
    """What is vetted is the version before; a frontend by itself takes the newest, as the control shows."""
    project = PROJECTS["hatchling"]
    supply(index, project)
    index.add_all(build_wheel(HELPER, "1.0"), hostile(markers, HELPER, "2.0"))
    there = guarded()
    index.put_osv(osv_export([malicious(HELPER, versions=["2.0"])]))
    ended, wheels = build(there, "uv", project, wrapped=wrapped)
    assert ended.code == 0, ended
    assert markers.ran() == (set() if wrapped else {START})
    assert "demo.py" in built(wheels)


def test_an_editable_installation_goes_through_us_too(index: LabIndex, guarded: MakeGuarded) -> None:
    project = PROJECTS["setuptools"]
    supply(index, project)
    index.add(build_wheel(HELPER, "1.0"))
    there = guarded()
    source = project.write(there.work / "source", wrapped=True)
    uv = command("uv", source, source)[0]
    python = str(there.environment.python)
    ended = run(there, [uv, "pip", "install", "--python", python, "--editable", str(source)])
    assert ended.code == 0, ended
    assert f"{HELPER}-1.0-py3-none-any.whl" in index.served_files()
    assert there.installed() == {"demo"}
    done = there.environment.run_python("import demo; print(demo.__file__)")
    assert done.stdout.strip() == str(source / "demo.py")


@pytest.mark.skipif(PROBE.returncode != 0, reason=f"no sandbox here: {PROBE.stdout.strip()}")
def test_a_guarded_run_which_vets_all_of_it_builds_through_us_in_its_sandbox(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    """Nothing could be asked from inside the sandbox; that the run is guarded is known there."""
    project = PROJECTS["setuptools"]
    supply(index, project)
    index.add(build_wheel(HELPER, "1.0"))
    there = guarded(sandbox="require")
    source = project.write(there.work / "source", wrapped=True)
    ended = there.run("install", str(source), options=("--format", "json"))
    assert ended.code == 0, ended
    assert {"helper", OURSELVES} <= {package["project"] for package in ended.json["packages"]}
    assert there.installed() == {"demo"}


def test_a_real_backend_that_cannot_be_found_stops_the_build_with_one_line(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    project = Project("no_such_backend.api", "hatchling")
    supply(index, project)
    ended, _ = build(guarded(), "uv", project)
    assert ended.code != 0
    (line,) = [line for line in ended.err.splitlines() if "ConfigError: " in line]
    assert "ConfigError: pyproject.toml:5: tool.trustguard.build-backend.build-backend: " in line
    assert "there is no module no_such_backend.api in the build environment" in line
