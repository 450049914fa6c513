"""What is let build can be kept from the network, and from the user's files and credentials, while it does.

What a hook got hold of, it puts into the wheel that it makes: so it is found where the wheel is installed.
"""

from __future__ import annotations

import io
import json
import os
import select
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.judge import Attack
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from trustguard.installers.pip import sandbox

PROBE = subprocess.run(
    [sys.executable, "-I", "-S", sandbox.__file__, "--probe"], capture_output=True, text=True, check=False
)
in_a_sandbox = pytest.mark.skipif(PROBE.returncode != 0, reason=f"no sandbox here: {PROBE.stdout.strip()}")
SECRET = "an-invented-secret"  # noqa: S105 - nobody's
LOOT = "loot.json"

_LOOTING = """\
import json, os, socket
def got(attempt):
    try:
        return attempt()
    except Exception:
        return None
loot = dict(
    file=got(lambda: open({key!r}).read()),
    home=got(lambda: open(os.path.expanduser('~/.ssh/id_test')).read()),
    folder=got(lambda: os.listdir({home!r}) and 'listed'),
    variable=os.environ.get('AWS_SECRET_ACCESS_KEY'),
    parent=got(lambda: {secret!r} in open('/proc/%d/environ' % os.getppid()).read() or None),
    network=got(lambda: socket.create_connection(('127.0.0.1', {port})).close() or 'connected'),
    datagram=got(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close() or 'opened'),
    written=got(lambda: open({home!r} + '/left-behind', 'w').close() or 'written'),
)
os.makedirs('src', exist_ok=True)
open('src/' + {name!r}, 'w').write(json.dumps(loot))
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that waits to be told a secret."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def looting(run: Guarded, listener: socket.socket, name: str = LOOT) -> str:
    """One line that takes what it can get; the user's key is where it looks."""
    key = run.home / ".ssh" / "id_test"
    key.parent.mkdir(exist_ok=True)
    key.write_text(SECRET)
    port = listener.getsockname()[1]
    code = _LOOTING.format(key=str(key), home=str(run.home), secret=SECRET, port=port, name=name)
    return f"exec({code!r}, {{}})"


def looter(run: Guarded, listener: socket.socket) -> Artifact:
    """An sdist whose own backend takes what it can get, in the last hook."""
    return build_in_tree_sdist("looter", "1.0", statements={"build_wheel": looting(run, listener)})


def loot(run: Guarded, name: str = LOOT) -> dict[str, Any]:
    """What was got hold of."""
    found = json.loads((run.environment.purelib / name).read_text())
    assert isinstance(found, dict)
    return {what: value for what, value in found.items() if value is not None}


def nobody_called(listener: socket.socket) -> bool:
    """Whether no connection has come."""
    return not select.select([listener], [], [], 0)[0]


@in_a_sandbox
class TestLoot:
    """There is nothing to be got hold of, and nowhere to send it."""

    def test_a_backend_gets_hold_of_nothing(
        self, index: LabIndex, guarded: MakeGuarded, listener: socket.socket
    ) -> None:
        """By default: no file of the user's, no variable, also not those of pip's process, no socket."""
        run = guarded(sandbox=None)
        index.add(looter(run, listener))
        ended = run.run("install", "looter", AWS_SECRET_ACCESS_KEY=SECRET)
        assert ended.code == 0, ended
        assert loot(run) == {}
        assert nobody_called(listener)
        assert not (run.home / "left-behind").exists()
        assert "in a sandbox" in ended.out + ended.err

    def test_without_a_sandbox_it_gets_hold_of_everything(
        self, index: LabIndex, guarded: MakeGuarded, listener: socket.socket
    ) -> None:
        """The control: the same backend, with ``build-sandbox = "off"``, and nothing is said of a sandbox."""
        run = guarded(sandbox="off")
        index.add(looter(run, listener))
        ended = run.run("install", "looter", AWS_SECRET_ACCESS_KEY=SECRET)
        assert ended.code == 0, ended
        everything = {"file", "home", "folder", "variable", "parent", "network", "datagram", "written"}
        assert loot(run).keys() == everything
        assert not nobody_called(listener)
        assert "in a sandbox" not in ended.out + ended.err

    def test_a_setup_py_gets_hold_of_nothing(
        self, index: LabIndex, guarded: MakeGuarded, listener: socket.socket
    ) -> None:
        """Built by what the pip below has installed, which is not the sandbox's to keep from the guard."""
        run = guarded(sandbox="require")
        setup_py = (
            f"from setuptools import setup\n{looting(run, listener, 'looted.py')}\n"
            "import shutil; shutil.copy('src/looted.py', 'looted.py')\n"
            "setup(name='legacy', version='1.0', py_modules=['looted'])\n"
        )
        index.add_all(build_sdist("legacy", "1.0", setup_py=setup_py), hostile.fake_setuptools())
        ended = run.run("install", "legacy", AWS_SECRET_ACCESS_KEY=SECRET)
        assert ended.code == 0, ended
        assert loot(run, "looted.py") == {}
        assert nobody_called(listener)

    @pytest.mark.parametrize(("sandbox", "taken"), [(None, False), ("off", True)])
    def test_a_build_requirement_that_has_to_be_built_gets_hold_of_nothing(
        self,
        index: LabIndex,
        guarded: MakeGuarded,
        listener: socket.socket,
        sandbox: str | None,
        taken: bool,
    ) -> None:
        """A pip that pip starts builds it, and what it got hold of lies in the build environment."""
        run = guarded(sandbox=sandbox)
        hand_on = (
            f"import shutil, sys; [shutil.copy(p + '/{LOOT}', 'src') for p in sys.path"
            f" if __import__('os').path.exists(p + '/{LOOT}')]"
        )
        sdist = build_in_tree_sdist(
            "app", "1.0", build_requires=["looter"], statements={"build_wheel": hand_on}
        )
        index.add_all(looter(run, listener), sdist)
        ended = run.run("install", "app", AWS_SECRET_ACCESS_KEY=SECRET)
        assert ended.code == 0, ended
        assert bool(loot(run)) is taken
        assert nobody_called(listener) is not taken


@in_a_sandbox
class TestHonestBuilds:
    """What an honest build needs, it has."""

    @pytest.mark.parametrize("option", ["--no-cache-dir", "--no-build-isolation"])
    def test_what_builds_without_a_sandbox_builds_in_it(
        self, index: LabIndex, guarded: MakeGuarded, option: str
    ) -> None:
        """A helper that is installed, temporary files, subprocesses, locks; with and without isolation."""
        static = hostile.build_requirement_sdist(None)
        work = (
            "import multiprocessing, subprocess, sys, tempfile, build_helper;"
            "multiprocessing.Lock(); tempfile.NamedTemporaryFile().close();"
            "subprocess.run([sys.executable, '-c', 'import build_helper'], check=True)"
        )
        sdist = build_in_tree_sdist(
            "worker", "1.0", build_requires=["build-helper"], statements={"build_wheel": work}
        )
        index.add_all(static.helper, sdist)
        run = guarded(sandbox="require")
        assert run.run("install", "build-helper").code == 0
        ended = run.run("install", option, "worker")
        assert ended.code == 0, ended
        assert run.installed() == {"build-helper", "worker"}

    def test_a_project_of_the_users_own_sees_its_repository(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Its version may come from the history, which lies above it; what lies beside that is not seen."""
        del index
        run = guarded(sandbox="require")
        (run.work / "repository" / ".git").mkdir(parents=True)
        (run.work / "repository" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (run.work / "beside").write_text(SECRET)
        code = (
            "open('../.git/HEAD').read()\n"
            "try:\n    open('../../beside')\nexcept PermissionError:\n    pass\n"
            "else:\n    raise SystemExit(3)\n"
        )
        seen = f"exec({code!r})"
        sdist = build_in_tree_sdist("own", "1.0", statements={"build_wheel": seen})
        unpack(sdist, run.work / "repository")
        ended = run.run("install", str(run.work / "repository" / "own-1.0"))
        assert ended.code == 0, ended
        assert run.installed() == {"own"}

    def test_where_nothing_is_built_nothing_is_said(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """A wheel needs no sandbox."""
        index.add(build_wheel("good", "1.0"))
        run = guarded(sandbox="require")
        ended = run.run("install", "good")
        assert ended.code == 0, ended
        assert "in a sandbox" not in ended.out + ended.err


def unpack(sdist: Artifact, folder: Path) -> None:
    """Unpack an sdist of the lab's."""
    with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
        archive.extractall(folder, filter="data")


_WITHOUT_LANDLOCK = """\
import os, platform, sys
from trustguard.installers.pip import sandbox
sandbox.deny_calls(sandbox.MACHINES[platform.machine()][0], [sandbox.CREATE_RULESET])
os.execv(sys.argv[1], sys.argv[1:])
"""


def run_without_landlock(run: Guarded, *args: str, **environ: str) -> Ended:
    """Run trustguard as on a kernel that denies Landlock, as that of an old container does."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_LANDLOCK, *run.command(*args)],
        cwd=run.work,
        env=run.environ(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@in_a_sandbox
class TestWithoutOne:
    """A platform that has no sandbox."""

    def test_where_one_is_required_nothing_is_built(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """Neither a package nor what its build requires; it is said why."""
        sdist = build_in_tree_sdist("app", "1.0", build_requires=["in-tree-project"])
        index.add_all(hostile.in_tree_backend_sdist(markers), sdist)
        run = guarded(sandbox="require")
        attack = Attack.begins(run, markers)
        for project in ("in-tree-project", "app"):
            ended = run_without_landlock(run, "install", project)
            attack.is_repelled(ended, code=1, named="the build sandbox is required")

    def test_what_needs_no_build_is_installed_even_so(self, index: LabIndex, guarded: MakeGuarded) -> None:
        """The control."""
        index.add(build_wheel("good", "1.0"))
        run = guarded(sandbox="require")
        assert run_without_landlock(run, "install", "good").code == 0

    def test_where_none_is_required_it_is_said_that_builds_are_not_isolated(
        self, index: LabIndex, guarded: MakeGuarded, listener: socket.socket
    ) -> None:
        """What looks like a credential is kept from them even so, and they have another home."""
        run = guarded(sandbox="auto")
        index.add(looter(run, listener))
        ended = run_without_landlock(run, "install", "looter", AWS_SECRET_ACCESS_KEY=SECRET)
        assert ended.code == 0, ended
        assert "builds are not isolated" in ended.out + ended.err
        assert not loot(run).keys() & {"variable", "home"}
        assert "file" in loot(run)


def test_no_settings_of_the_environment_say_how_packages_are_built(
    index: LabIndex, markers: Markers, guarded: MakeGuarded
) -> None:
    """The variable that pip's processes hand on is not one for whoever sets the user's variables."""
    index.add(hostile.in_tree_backend_sdist(markers))
    run = guarded(sandbox="off")
    files = dict.fromkeys(("told", "refused"), os.devnull)
    planted = json.dumps({"mode": "auto", "python": "/bin/false", "sandbox": "x", **files})
    assert run.run("install", "in-tree-project", TRUSTGUARD_BUILDS=planted).code == 0
    assert run.installed() == {"in-tree-project"}
