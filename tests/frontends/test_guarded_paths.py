"""A path is read as pip reads it, however it is written: what pip would take for a file is vetted."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import BLOCKED, Attack, plain_pip
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.markers import Markers

FORMS = {
    "a slash behind it": "./{0}/",
    "a dot behind it": "./{0}/.",
    "a folder that there is not": "not-there/../{0}",
    "a file in the place of a folder": "{0}/../{0}",
    "a link, and a folder behind it": "link/../{0}",
    "an address with a link": "file:link/../{0}",
    "an address with a link, in code": "file:other/%2e%2e/{0}",
}
USAGE = 2


def laid_out(run: Guarded, name: str, content: bytes) -> None:
    """A file, and what leads astray those who read a path in another way than pip.

    Behind ``link`` the system finds a folder of the file's name; behind ``other`` it finds the file, where to
    the letter there is a folder.
    """
    elsewhere = run.work / "elsewhere"
    (elsewhere / "inner").mkdir(parents=True)
    (elsewhere / name).mkdir()
    (elsewhere / name / "setup.py").touch()
    (run.work / "link").symlink_to(elsewhere / "inner")
    (run.work / name).write_bytes(content)


@pytest.mark.parametrize("where", ["typed", "in a list"])
@pytest.mark.parametrize("form", [form for form in FORMS if "code" not in form])
def test_malware_is_refused_however_its_path_is_written(
    form: str, where: str, markers: Markers, guarded: MakeGuarded
) -> None:
    evil = hostile.in_tree_backend_sdist(markers)
    run = guarded(malware=[evil.project])
    laid_out(run, evil.filename, evil.content)
    text = FORMS[form].format(evil.filename)
    (run.work / "list.txt").write_text(text + "\n", encoding="utf-8")
    words = ("install", text) if where == "typed" else ("install", "-r", "list.txt")
    attack = Attack.begins(run, markers)
    attack.is_repelled(run.run(*words), code=BLOCKED, named=evil.project)
    plain_pip(run, *words)
    assert markers.ran() != set()


def test_an_address_in_which_the_way_up_is_in_code_is_refused(markers: Markers, guarded: MakeGuarded) -> None:
    """Pip leaves it to the system, which goes by where a link leads."""
    evil = hostile.in_tree_backend_sdist(markers)
    run = guarded(malware=[evil.project])
    (run.work / "far" / "inner").mkdir(parents=True)
    (run.work / "far" / evil.filename).write_bytes(evil.content)
    (run.work / "other").symlink_to(run.work / "far" / "inner")
    (run.work / evil.filename).mkdir()
    text = FORMS["an address with a link, in code"].format(evil.filename)
    attack = Attack.begins(run, markers)
    ended = run.run("install", text)
    assert ended.code != 0, ended
    assert markers.ran() == set(), ended
    assert run.environment.files() == attack.files, ended


@pytest.mark.parametrize("form", ["./{0}/", "not-there/../{0}", "./{0}[extra]", "{0} ; python_version > '3'"])
def test_honest_files_install_however_their_paths_are_written(form: str, guarded: MakeGuarded) -> None:
    run = guarded()
    wheel = build_wheel("good", "1.0")
    (run.work / wheel.filename).write_bytes(wheel.content)
    assert run.run("install", form.format(wheel.filename)).code == 0
    assert run.installed() == {"good"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
@pytest.mark.parametrize("kind", ["nothing", "a pipe", "a device"])
def test_what_is_no_file_is_not_left_to_pip(kind: str, guarded: MakeGuarded) -> None:
    """Pip would open it by itself, and take what is there by then."""
    run = guarded()
    path = run.work / "good-1.0-py3-none-any.whl"
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    ended = run.run("install", f"./{path.name}")
    assert (ended.code, "there is no such file" in ended.err, run.installed()) == (USAGE, True, set()), ended


LOCK = """lock-version = "1.0"
created-by = "hand"
[[packages]]
name = "{name}"
version = "1.0"
directory = {{path = "{path}"}}
"""


def test_an_archive_that_a_lock_file_calls_a_folder_is_refused(
    markers: Markers, guarded: MakeGuarded
) -> None:
    evil = hostile.in_tree_backend_sdist(markers)
    run = guarded(malware=[evil.project])
    (run.work / evil.filename).write_bytes(evil.content)
    text = LOCK.format(name=evil.project, path=evil.filename)
    (run.work / "pylock.toml").write_text(text, encoding="utf-8")
    attack = Attack.begins(run, markers)
    attack.is_repelled(run.run("install", "-r", "pylock.toml"), code=USAGE, named=evil.filename)


def test_a_folder_in_a_lock_file_brings_in_no_archive_and_installs_where_it_names_none(
    markers: Markers, guarded: MakeGuarded
) -> None:
    helper = build_wheel("helper", "1.0")
    run = guarded(malware=["helper"])
    (run.work / helper.filename).write_bytes(helper.content)
    unpack(run.work / "own", requires=[f"helper @ {(run.work / helper.filename).as_uri()}"])
    (run.work / "pylock.toml").write_text(LOCK.format(name="own", path="own"), encoding="utf-8")
    attack = Attack.begins(run, markers)
    attack.is_repelled(run.run("install", "-r", "pylock.toml"), code=12, named="helper")
    unpack(run.work / "own", requires=[])
    assert run.run("install", "-r", "pylock.toml").code == 0
    assert run.installed() == {"own"}


def unpack(folder: Path, *, requires: list[str]) -> None:
    """A project of the user's own, with a backend in its tree."""
    sdist = build_in_tree_sdist("own", "1.0")
    with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
        for member in archive.getmembers():
            if member.isfile():
                path = folder / member.name.partition("/")[2]
                path.parent.mkdir(parents=True, exist_ok=True)
                source = archive.extractfile(member)
                assert source is not None
                path.write_bytes(source.read())
    pyproject = folder / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8")
    listed = ", ".join(f'"{one}"' for one in requires)
    assert "requires = []" in text
    pyproject.write_text(text.replace("requires = []", f"requires = [{listed}]", 1), encoding="utf-8")
