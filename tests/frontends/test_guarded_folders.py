"""What lies already in the folder that files are put into was vetted by nobody: pip gets each file anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, Attack, plain_pip
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_wheel
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

INTO = ("download", "wheel")
"""The commands that put files into a folder, by default the working directory."""


def put(run: Guarded, artifact: Artifact) -> Path:
    """Put a file into the working directory."""
    path = run.work / artifact.filename
    path.write_bytes(artifact.content)
    return path


@pytest.mark.parametrize("command", INTO)
@pytest.mark.parametrize("what", ["./{file}", "{project} @ {url}", "--requirement=list.txt"])
def test_malware_in_the_folder_is_not_built(
    command: str, what: str, markers: Markers, guarded: MakeGuarded
) -> None:
    evil = hostile.in_tree_backend_sdist(markers)
    run = guarded(malware=[evil.project])
    path = put(run, evil)
    (run.work / "list.txt").write_text(f"./{path.name}\n", encoding="utf-8")
    attack = Attack.begins(run, markers)
    word = what.format(file=path.name, project=evil.project, url=path.as_uri())
    attack.is_repelled(run.run(command, word), code=BLOCKED, named=evil.project)
    assert path.read_bytes() == evil.content
    plain_pip(run, command, word)
    assert markers.ran() != set()


@pytest.mark.parametrize("command", INTO)
def test_a_file_of_the_name_of_one_on_the_index_is_not_taken_for_it(
    command: str, index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The index announces no digests, by which pip could tell them apart."""
    sdist, wheel = build_in_tree_sdist("demo", "1.0"), build_wheel("other", "1.0")
    for artifact in (sdist, wheel):
        index.add(artifact, hashes={})
    run = guarded()
    planted = (
        hostile.in_tree_backend_sdist(markers, "demo"),
        build_wheel("other", "1.0", files={"o.py": b"?"}),
    )
    paths = [put(run, artifact) for artifact in planted]
    attack = Attack.begins(run, markers)
    ended = run.run(command, "demo", "other")
    assert ended.code == 0, ended
    assert markers.ran() == set()
    assert paths[1].read_bytes() == wheel.content
    assert paths[0].read_bytes() == (sdist if command == "download" else planted[0]).content
    assert run.environment.files() == attack.files
    put(run, planted[0])
    plain_pip(run, command, "demo")
    assert markers.ran() != set()


@pytest.mark.parametrize("command", INTO)
def test_what_is_refused_by_now_is_no_success_because_it_is_there(
    command: str, index: LabIndex, guarded: MakeGuarded
) -> None:
    index.add(build_wheel("good", "1.0"))
    run = guarded()
    assert run.run(command, "good").code == 0
    again = run.run(command, "good")
    assert (again.code, "1 file vetted" in again.err) == (0, True)
    run.configure('[[deny]]\nproject = "good"\nreason = "incident 42"\n')
    assert run.run(command, "good").code == BLOCKED
    assert (run.work / "good-1.0-py3-none-any.whl").exists()


@pytest.mark.parametrize("command", INTO)
def test_a_good_file_is_taken_from_its_own_folder_and_stays_as_it_is(
    command: str, guarded: MakeGuarded
) -> None:
    run = guarded()
    sdist, wheel = put(run, build_in_tree_sdist("demo", "1.0")), put(run, build_wheel("other", "1.0"))
    before = [(path.stat().st_mtime_ns, path.stat().st_ino) for path in (sdist, wheel)]
    ended = run.run(command, f"./{sdist.name}", f"./{wheel.name}")
    assert ended.code == 0, ended
    assert [(path.stat().st_mtime_ns, path.stat().st_ino) for path in (sdist, wheel)] == before
    assert (run.work / "demo-1.0-py3-none-any.whl").exists() is (command == "wheel")


def test_a_link_that_leads_nowhere_is_not_written_through(index: LabIndex, guarded: MakeGuarded) -> None:
    wheel = build_wheel("good", "1.0")
    index.add(wheel)
    run = guarded()
    elsewhere, link = run.home / "elsewhere", run.work / wheel.filename
    link.symlink_to(elsewhere)
    assert run.run("download", "good").code == 0
    assert not elsewhere.exists()
    assert link.read_bytes() == wheel.content
