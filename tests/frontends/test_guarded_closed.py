"""References that come up only while pip runs lead nowhere: files of this disk, and version control."""

from __future__ import annotations

import os
import pty
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import NEEDS_APPROVAL, UNVETTED, assert_done, assert_refused, saved
from tests.frontends.test_guarded_outcome import own_project
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.listing import LAST_YEAR
from tests.lab.markers import Markers

WAYS = [
    (),
    ("--use-feature=inprocess-build-deps",),
    ("--use-feature=venv-isolation",),
    ("--use-deprecated=legacy-resolver",),
]
SYSTEMS = ["git", "hg", "svn", "bzr"]


@pytest.fixture
def prey(markers: Markers, tmp_path: Path) -> str:
    """The address of a hostile wheel on this disk."""
    return saved(tmp_path / "files", hostile.pth_wheel(markers, "prey")).as_uri()


def assert_kept_out(guard: Guarded, markers: Markers, *args: str, named: str = "prey") -> None:
    """Nothing of it gets in, and it is said."""
    before = guard.environment.files()
    run = guard.run("install", *args)
    guard.environment.run_python("pass")
    assert_refused(guard, run, UNVETTED, named, before, markers)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "".join(way) or "plainly")
def test_a_dependency_on_a_file_that_a_build_comes_up_with(
    way: tuple[str, ...], prey: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    index.add(build_in_tree_sdist("late", "1.0", requires=[f"prey @ {prey}"]))
    assert_kept_out(guarded(), markers, *way, "late")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: "".join(way) or "plainly")
def test_a_folder_that_the_build_of_somebody_elses_project_names(
    way: tuple[str, ...], index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """It has no verdict, whatever it calls itself. A project of one's own may: the control is below."""
    guard = guarded()
    inner = own_project(guard.work / "inner", "", name="inner").as_uri()
    index.add(build_in_tree_sdist("late", "1.0", requires=[f"inner @ {inner}"]))
    assert_kept_out(guard, markers, *way, "late", named=inner)


@pytest.mark.parametrize("sandbox", ["off", "auto"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: "".join(way) or "plainly")
def test_a_build_requirement_on_a_file_that_a_backend_comes_up_with(  # noqa: PLR0913 - fixtures
    way: tuple[str, ...],
    sandbox: str,
    tmp_path: Path,
    index: LabIndex,
    markers: Markers,
    guarded: MakeGuarded,
) -> None:
    helper = build_wheel("helper", "1.0", files={"helper.py": markers.snippet(hostile.BUILD_REQUIREMENT)})
    place = saved(tmp_path / "files", helper).as_uri()
    statements = {"build_wheel": "import helper"}
    sdist = build_in_tree_sdist("sly", "1.0", dynamic_requires=[f"helper @ {place}"], statements=statements)
    index.add(sdist)
    assert_kept_out(guarded(sandbox=sandbox), markers, *way, "sly", named="helper")


@pytest.mark.parametrize("form", ["subdirectory", "lock", "carriage return"])
def test_what_a_project_of_ones_own_is_built_with(
    form: str, prey: str, markers: Markers, guarded: MakeGuarded
) -> None:
    """In places where nobody has looked before pip runs."""
    guard = guarded()
    own = own_project(guard.work / "whole" / "part", "", requires=f"prey @ {prey}")
    args = [f"{(guard.work / 'whole').as_uri()}#subdirectory=part&egg=own"]
    if form == "lock":
        table = '[[packages]]\nname = "own"\n[packages.directory]\npath = "whole/part"\n'
        (guard.work / "pylock.toml").write_text(f'lock-version = "1.0"\ncreated-by = "lab"\n{table}')
        args = ["-r", "pylock.toml"]
    if form == "carriage return":
        path = own / "pyproject.toml"
        path.write_bytes(b"\r" + path.read_bytes())
        args = ["./whole/part"]
    assert_kept_out(guard, markers, *args)


@pytest.mark.parametrize("system", SYSTEMS)
def test_version_control_is_not_asked(
    system: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    guard = guarded()
    programs = guard.home / "bin"
    programs.mkdir()
    (programs / system).write_text(f"#!{guard.environment.python}\n{markers.snippet(system)}\n")
    (programs / system).chmod(0o755)
    index.add(build_in_tree_sdist("late", "1.0", requires=[f"prey @ {system}+file:///repository"]))
    before = guard.environment.files()
    path = guard.environ().get("PATH", "")
    run = guard.run("install", "late", PATH=f"{programs}:{path}")
    assert_refused(guard, run, UNVETTED, f"{system}+file:", before, markers)


@pytest.mark.parametrize("command", ["download", "wheel"])
def test_a_file_that_lies_where_downloads_go_needs_the_verdict_that_the_index_s_needs(
    command: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The very file of the index: it is for a person to decide."""
    guard = guarded(building=None)
    evil = hostile.in_tree_backend_sdist(markers, "evil-demo")
    index.add(evil, upload_time=LAST_YEAR)
    saved(guard.work, evil)
    run = guard.run(command, "evil-demo")
    assert (run.code, markers.ran()) == (NEEDS_APPROVAL, set()), run


def approved(guard: Guarded, *args: str) -> int:
    """Run with a terminal at which somebody says yes to whatever is asked; gives the exit code."""
    master, terminal = pty.openpty()
    with subprocess.Popen(
        guard.command(*args),
        cwd=guard.work,
        env=guard.environ(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        os.write(master, b"y\n")
        with suppress(OSError):  # the other end is closed
            while os.read(master, 65536):
                pass
    os.close(master)
    return process.returncode


def test_what_somebody_has_agreed_to_once_is_asked_about_the_next_time(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """Pip still has the wheel that was built then, and would ask for nothing."""
    guard = guarded(building=None)
    index.add(hostile.in_tree_backend_sdist(markers, "asked"), upload_time=LAST_YEAR)
    assert (approved(guard, "install", "asked"), guard.installed()) == (0, {"asked"})
    assert guard.run("pip", "uninstall", "--yes", "asked").code == 0
    markers.clear()
    run = guard.run("install", "asked")
    assert (run.code, guard.installed(), markers.ran()) == (NEEDS_APPROVAL, set(), set()), run
    assert (approved(guard, "install", "asked"), guard.installed(), markers.ran()) == (0, {"asked"}, set())


def test_what_pip_has_built_before_and_folders_of_ones_own_are_opened(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The control: the second time, the wheel comes out of pip's cache for guarded runs."""
    told = markers.snippet("built")
    index.add(build_in_tree_sdist("good", "1.0", statements={"build_wheel": told}))
    guard = guarded()
    inner = own_project(guard.work / "inner", "", name="inner")
    own_project(guard.work / "own", f"Requires-Dist: inner @ {inner.as_uri()}")
    assert_done(guard, guard.run("install", "good", "./own"), "good", "inner", "own")
    assert markers.ran() == {"built"}
    markers.clear()
    assert_done(guard, guard.run("install", "--force-reinstall", "good"), "good", "inner", "own")
    assert markers.ran() == set()
