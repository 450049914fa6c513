"""With ``enforce``, a bare pip and a bare uv install nothing and say what to type; trustguard goes on."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pip
import pytest

from tests.conftest import MakeGuarded
from tests.frontends.enforcement.test_changes import tree
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.guard import SECONDS, Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

EVIL = "module-project"
USAGE = 2


@dataclass
class User:
    """Somebody with a configuration of pip and uv, and an environment that has a pip of its own."""

    guard: Guarded

    def __post_init__(self) -> None:
        environment = self.guard.environment
        (environment.purelib / "pip").symlink_to(Path(pip.__file__).parent)
        for path in (self.pip_conf, self.uv_toml):
            path.parent.mkdir(parents=True)
        only = self.guard.home / "only.txt"
        only.write_text("good < 2\n", encoding="utf-8")
        url = self.guard.index.url
        self.pip_conf.write_text(
            f"# mine\n[global]\nindex-url = {url}\nconstraint = {only}", encoding="utf-8"
        )
        self.pip_conf.chmod(0o600)
        self.uv_toml.write_text(f'[[index]]\nurl = "{url}"\ndefault = true\n', encoding="utf-8")

    @property
    def config(self) -> Path:
        """The folder of configurations."""
        return self.guard.home / ".config"

    @property
    def pip_conf(self) -> Path:
        """The file of pip."""
        return self.config / "pip" / "pip.conf"

    @property
    def uv_toml(self) -> Path:
        """The file of uv."""
        return self.config / "uv" / "uv.toml"

    def environ(self) -> dict[str, str]:
        """The variables: nothing of them is pip's or uv's."""
        environ = self.guard.environ(VIRTUAL_ENV=str(self.guard.environment.path))
        return {name: value for name, value in environ.items() if not name.startswith(("PIP_", "UV_"))}

    def ends(self, *words: str, **environ: str) -> Ended:
        """Run something bare."""
        done = subprocess.run(
            words,
            cwd=self.guard.work,
            env={**self.environ(), **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def pip(self, *args: str, **environ: str) -> Ended:
        """Run pip bare."""
        return self.ends(str(self.guard.environment.python), "-m", "pip", *args, **environ)

    def uv(self, *args: str, **environ: str) -> Ended:
        """Run uv bare."""
        return self.ends(uv_bin(), *args, **environ)

    def trustguard(self, *args: str) -> Ended:
        """Run trustguard."""
        return self.ends(*self.guard.command(*args))

    @contextmanager
    def enforced(self, scope: str = "user") -> Iterator[None]:
        """Between, the tools are stopped; afterwards every file is as it was."""
        before = tree(self.config)
        done = self.trustguard("enforce", scope)
        assert done.code == 0, done
        yield
        done = self.trustguard("enforce", scope, "--off")
        assert done.code == 0, done
        assert tree(self.config) == before


def uv_bin() -> str:
    """The program."""
    from uv import find_uv_bin  # noqa: PLC0415 - not for the tests of pip

    return find_uv_bin()


@pytest.fixture
def user(index: LabIndex, markers: Markers, guarded: MakeGuarded) -> User:
    """A user, and an index with what is good and what is not."""
    index.add_all(hostile.module_wheel(markers), build_wheel("good", "1.0"), build_wheel("good", "2.0"))
    return User(guarded(malware=[EVIL]))


def is_stopped(user: User, ended: Ended, typed: str) -> None:
    """Nothing was installed, and a line says what to type."""
    assert ended.code != 0, ended
    assert "Traceback" not in ended.err, ended
    assert [line for line in ended.err.splitlines() if typed in line and "nothing was installed" in line], (
        ended
    )
    assert user.guard.installed() == set(), ended


def test_a_bare_pip_installs_nothing_and_says_what_to_type(user: User, markers: Markers) -> None:
    with user.enforced():
        for command in (
            ("install", EVIL),
            ("download", EVIL),
            ("wheel", EVIL),
            ("install", "--no-index", EVIL),
        ):
            is_stopped(user, user.pip(*command), "trustguard install")
        assert len(user.pip("install", EVIL).err.splitlines()) == 1
        assert user.pip("list").code == 0
    assert markers.ran() == set()
    control = user.pip("install", EVIL)
    assert (control.code, user.guard.installed()) == (0, {EVIL}), control


def test_trustguard_goes_on_with_the_users_own_indexes_and_constraints(user: User) -> None:
    with user.enforced():
        done = user.trustguard("install", "good")
        assert done.code == 0, done
        assert user.guard.environment.distributions() == {("good", "1.0")}


def test_what_says_so_may_be_lost_and_pip_is_still_stopped(user: User) -> None:
    with user.enforced():
        beside = user.pip_conf.with_name("type-trustguard-install.txt")
        content = beside.read_bytes()
        beside.unlink()
        ended = user.pip("install", EVIL)
        assert (ended.code, user.guard.installed()) == (1, set())
        assert "type-trustguard-install" in ended.err
        assert user.trustguard("install", "good").code == 0
        beside.write_bytes(content)


def test_what_somebody_put_into_the_file_is_heeded_and_not_left_out(user: User) -> None:
    """Only a file that is exactly trustguard's is left out."""
    with user.enforced():
        beside = user.pip_conf.with_name("type-trustguard-install.txt")
        content = beside.read_bytes()
        beside.write_bytes(b"good == 3.0\n")
        ended = user.trustguard("install", "good")
        assert (ended.code, user.guard.installed()) == (1, set()), ended
        beside.write_bytes(content)


@pytest.mark.parametrize(("section", "key"), [("install", "--requirement"), (":env:", "requirement")])
def test_where_pip_would_heed_something_else_it_is_not_said_to_be_stopped(
    user: User, section: str, key: str
) -> None:
    """Both are ways to write it that pip has, and that are stronger than what would be added."""
    listed = user.guard.work / "list.txt"
    listed.write_text("good\n")
    with user.pip_conf.open("a") as file:
        file.write(f"\n[{section}]\n{key} = {listed}\n")
    done = user.trustguard("enforce", "user")
    assert done.code != 0, done
    assert "sets requirement" in done.err
    assert user.pip("install").code == 0
    assert user.guard.installed() == {"good"}


def test_a_bare_uv_installs_nothing_and_says_what_to_type(user: User, markers: Markers) -> None:
    project = (
        f'[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["{EVIL}"]\n'
    )
    (user.guard.work / "pyproject.toml").write_text(project, encoding="utf-8")
    control = user.uv("sync", "--active")
    assert (control.code, user.guard.installed()) == (0, {EVIL}), control
    assert user.uv("pip", "uninstall", EVIL).code == 0
    installs = [
        ("pip", "install", EVIL),
        ("pip", "install", "--no-cache", "--offline", EVIL),
        ("pip", "install", "--find-links", str(user.guard.work), EVIL),
        ("sync", "--active"),
        ("sync", "--active", "--frozen"),
        ("add", "--active", "good"),
        ("run", "--active", "python", "-c", "import module_project"),
        ("tool", "run", EVIL),
        ("lock", "--upgrade"),
    ]
    with user.enforced():
        for command in installs:
            is_stopped(user, user.uv(*command), "trustguard run uv")
        for command in (("pip", "list"), ("cache", "dir"), ("tree", "--frozen")):
            assert user.uv(*command).code == 0, command
    assert markers.ran() == set()


def test_a_uv_that_is_guarded_goes_on_with_the_users_own_indexes(user: User) -> None:
    from uv import find_uv_bin  # noqa: PLC0415 - as above

    with user.enforced():
        done = user.trustguard("run", "--", find_uv_bin(), "pip", "install", "good")
        assert (done.code, user.guard.environment.distributions()) == (0, {("good", "2.0")}), done
        assert user.trustguard("run", "--", find_uv_bin(), "pip", "install", EVIL).code == 10
    assert user.guard.installed() == {"good"}


def test_an_environment_alone_is_stopped(user: User) -> None:
    environment = user.guard.environment
    files = environment.files()
    with user.enforced("venv"):
        is_stopped(user, user.pip("install", EVIL), "trustguard install")
        assert f"pip, venv  stopped by {environment.path}" in user.trustguard("enforce", "venv").out
    assert {file for file in environment.files() - files if "__pycache__" not in file} == set()


def test_the_status_is_found_out_by_trying(user: User) -> None:
    status = ("enforce", "user", "--status", "--python", str(user.guard.environment.python))
    before = user.trustguard(*status)
    assert before.code == 1, before
    assert f"! pip of {user.guard.environment.python}" in before.out
    with user.enforced():
        during = user.trustguard(*status)
        assert (during.code, "!" in during.out) == (0, False), during
        assert "--isolated" in during.err
        past = user.ends(*user.guard.command(*status), PIP_CONFIG_FILE=os.devnull)
        assert past.code == 1, past
        assert f"not stopped (PIP_CONFIG_FILE={os.devnull})" in past.out


def test_twice_is_once_and_off_without_on_is_nothing(user: User) -> None:
    before = tree(user.config)
    assert user.trustguard("enforce", "user", "--off").code == 0
    assert tree(user.config) == before
    with user.enforced():
        once = tree(user.config)
        assert user.trustguard("enforce", "user").code == 0
        assert tree(user.config) == once


def test_where_one_file_cannot_be_written_none_is(user: User) -> None:
    user.uv_toml.unlink()
    user.uv_toml.mkdir()
    before = tree(user.config)
    ended = user.trustguard("enforce", "user")
    assert (ended.code, tree(user.config)) == (1, before), ended
    assert str(user.uv_toml) in ended.err


def test_an_interpreter_outside_of_every_environment_has_none(user: User) -> None:
    base = user.guard.environment.python.resolve()
    ended = user.trustguard("enforce", "venv", "--python", str(base))
    assert (ended.code, "is in no virtual environment" in ended.err) == (USAGE, True), ended


class TestStatusOfAll:
    """``--status`` by itself tells of every scope; what counts is what happens."""

    def test_nothing_is_stopped(self, user: User) -> None:
        before = tree(user.config)
        done = user.trustguard("enforce", "--status")
        assert done.code == 1, done
        for scope in ("pip, user", "pip, venv", "pip, system", "uv, user", "uv, system"):
            assert scope in done.out
        assert tree(user.config) == before

    def test_one_scope_is_enough(self, user: User) -> None:
        with user.enforced():
            path = f"{Path(uv_bin()).parent}{os.pathsep}{os.environ['PATH']}"
            done = user.ends(*user.guard.command("enforce", "--status"), PATH=path)
            assert done.code == 0, done
            assert "! pip, system" in done.out

    def test_without_an_environment_the_others_are_told_of(self, user: User) -> None:
        python = Path(sys.executable).resolve()  # outside of the environment that links to it
        done = user.trustguard("--python", str(python), "enforce", "--status")
        assert "pip, venv" not in done.out, done
        assert "pip, user" in done.out

    @pytest.mark.parametrize("words", [(), ("--off",)])
    def test_to_change_something_a_scope_is_needed(self, user: User, words: tuple[str, ...]) -> None:
        before = tree(user.config)
        done = user.trustguard("enforce", *words)
        assert (done.code, "user" in done.err) == (USAGE, True), done
        assert tree(user.config) == before
