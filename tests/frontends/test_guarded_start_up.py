"""Start-up code of a popular project: what it has had for long is told, what is new in a version is asked."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from tests.conftest import MakeGuarded
from tests.frontends.judge import NEEDS_APPROVAL, Attack
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.faults import Status
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

NOW = datetime.now(timezone.utc)
LONG_AGO, LATELY = NOW - timedelta(days=400), NOW - timedelta(days=20)


def wheel(version: str, markers: Markers | None = None) -> Artifact:
    """A release, perhaps with a ``.pth``, whose line says nothing of what the module that it imports does."""
    files = {"famous.py": f"VERSION = {version!r}\n"}
    if markers is not None:
        files |= {"famous.pth": "import famous_start\n", "famous_start.py": markers.snippet("pth")}
    return build_wheel("famous", version, files=files)


def test_a_popular_project_that_gains_start_up_code_is_asked_about_and_nothing_of_it_runs(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The second theft of two in a week is not excused by the first."""
    index.add(wheel("1.0"), upload_time=LONG_AGO)
    index.add(wheel("1.1", markers), upload_time=LATELY)
    index.add(wheel("1.2", markers), upload_time=LATELY + timedelta(days=1))
    run = guarded(popular=["famous"])
    assert run.run("update").code == 0
    attack = Attack.begins(run, markers)
    ended = run.run("install", "famous")
    attack.is_repelled(ended, code=NEEDS_APPROVAL, named="famous 1.2")
    assert "which it did not in 1.0" in " ".join(ended.err.split())


def test_the_same_code_as_ever_is_told_and_installed(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The control. Where nothing runs by itself, no earlier wheel is fetched."""
    index.add(wheel("1.0", markers), upload_time=LONG_AGO)
    index.add(wheel("1.1", markers), upload_time=LATELY)
    index.add(build_wheel("quiet", "0.9"), upload_time=LONG_AGO)
    index.add(build_wheel("quiet", "1.0"), upload_time=LATELY)
    run = guarded(popular=["famous"])
    assert run.run("update").code == 0
    ended = run.run("install", "famous", "quiet")
    assert (ended.code, run.installed()) == (0, {"famous", "quiet"}), ended
    assert "as in 1.0" in " ".join(ended.err.split())
    assert index.served_files() == {
        *("famous-1.0-py3-none-any.whl", "famous-1.1-py3-none-any.whl", "quiet-1.0-py3-none-any.whl")
    }


def test_where_the_earlier_wheel_cannot_be_had_it_counts_as_new(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    index.add(wheel("1.0", markers), upload_time=LONG_AGO)
    index.add(wheel("1.1", markers), upload_time=LATELY)
    index.fault("*/famous-1.0-*.whl", Status(404))
    run = guarded(popular=["famous"])
    assert run.run("update").code == 0
    attack = Attack.begins(run, markers)
    ended = run.run("install", "famous")
    attack.is_repelled(ended, code=NEEDS_APPROVAL, named="famous 1.1")
    assert "could not be learned" in " ".join(ended.err.split())


def test_plug_ins_that_a_popular_project_gains_are_told_and_those_of_ever_are_not(
    index: LabIndex, guarded: MakeGuarded
) -> None:
    old = {"pytest11": {"famous": "famous"}}
    new = {**old, "distutils.commands": {"build_py": "famous:build"}}
    for name, points in (("famous", new), ("steady", old)):
        index.add(build_wheel(name, "1.0", entry_points=old), upload_time=LONG_AGO)
        index.add(build_wheel(name, "1.1", entry_points=points), upload_time=LATELY)
    run = guarded(popular=["famous", "steady"])
    assert run.run("update").code == 0
    ended = run.run("install", "famous", "steady")
    assert (ended.code, run.installed()) == (0, {"famous", "steady"}), ended
    told = " ".join(ended.err.split())
    assert "famous-1.1-py3-none-any.whl: has plug-ins for build tools" in told
    assert "new since 1.0" in told
    assert "steady" not in told
