"""``trustguard run`` before programs that call pip: pipx, build, nox, tox, hatch, and a pip in a script."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import pytest

from tests.frontends.run.door import EVIL, GOOD, HELPER, LEADS_TO_EVIL, LYING, Door
from tests.lab import hostile
from tests.lab.environment import VirtualEnvironment
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.installed import with_dependencies
from tests.lab.tools import Tools

pytestmark = pytest.mark.slow

BUILD = (sys.executable, "-m", "build", "--wheel")
NOXFILE = """
import nox
@nox.session
def tests(session):
    session.install({name!r})
    session.run("python", "-c", "")
"""
TOXFILE = """
[tox]
no_package = true
[testenv]
deps = {name}
commands = python -c ""
"""
HATCHFILE = """
[env]
requires = []
[envs.default]
skip-install = true
dependencies = [{name!r}]
"""


def source(door: Door, requirement: str) -> Path:
    """The source tree of a project that is built with something."""
    sdist = build_in_tree_sdist("mine", "1.0", build_requires=[requirement])
    folder = door.guarded.work / f"source-{requirement}"
    with tarfile.open(fileobj=io.BytesIO(sdist.content)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "mine-1.0"


class TestPipx:
    """Programs, each in an environment of its own; pipx wants a new pip for them."""

    @pytest.fixture(autouse=True)
    def pip(self, door: Door) -> None:
        door.index.add_all(*with_dependencies("pip"))

    @pytest.mark.parametrize("name", [EVIL, LEADS_TO_EVIL])
    def test_what_is_malicious_is_not_installed(self, door: Door, tools: Tools, name: str) -> None:
        door.refused(door.run(tools.path("pipx"), "install", name), EVIL)

    def test_a_program_is_installed_and_runs(self, door: Door, tools: Tools) -> None:
        ended = door.run(tools.path("pipx"), "install", GOOD)
        assert ended.code == 0, ended
        environment = door.guarded.home / ".local" / "share" / "pipx" / "venvs" / GOOD
        door.vetted(environment, GOOD, HELPER)
        assert door.plain(str(door.guarded.home / ".local" / "bin" / GOOD)).out == "it runs\n"


class TestBuild:
    """``python -m build``: what a project is built with."""

    def test_what_is_malicious_is_not_built_with(self, door: Door) -> None:
        project = source(door, EVIL)
        door.refused(door.run(*BUILD, cwd=project), EVIL)
        assert not (project / "dist").exists() or not list((project / "dist").iterdir())

    def test_without_us_it_is_and_runs(self, door: Door) -> None:
        """The control."""
        ended = door.plain(*BUILD, cwd=source(door, EVIL))
        assert ended.code == 0, ended
        assert door.markers.ran() == {hostile.PTH}

    def test_an_honest_project_is_built(self, door: Door) -> None:
        project = source(door, HELPER)
        ended = door.run(*BUILD, cwd=project)
        assert ended.code == 0, ended
        assert [file.name for file in (project / "dist").iterdir()] == ["mine-1.0-py3-none-any.whl"]


class TestNox:
    """Sessions, each in an environment of its own."""

    def test_what_is_malicious_is_not_installed(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "noxfile.py").write_text(NOXFILE.format(name=LEADS_TO_EVIL))
        door.refused(door.run(tools.path("nox")), EVIL)

    def test_a_session_has_what_it_needs(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "noxfile.py").write_text(NOXFILE.format(name=GOOD))
        ended = door.run(tools.path("nox"))
        assert ended.code == 0, ended
        door.vetted(door.guarded.work / ".nox" / "tests", GOOD, HELPER)


class TestTox:
    """Environments that it makes, which see few of the variables that it sees itself."""

    def test_what_is_malicious_is_not_installed(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "tox.ini").write_text(TOXFILE.format(name=LEADS_TO_EVIL))
        door.refused(door.run(tools.path("tox"), "run"), EVIL)

    def test_without_us_it_is_and_runs(self, door: Door, tools: Tools) -> None:
        """The control."""
        (door.guarded.work / "tox.ini").write_text(TOXFILE.format(name=LEADS_TO_EVIL))
        ended = door.plain(tools.path("tox"), "run")
        assert ended.code == 0, ended
        assert door.markers.ran() == {hostile.PTH}

    def test_an_environment_has_what_it_needs(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "tox.ini").write_text(TOXFILE.format(name=GOOD))
        ended = door.run(tools.path("tox"), "run")
        assert ended.code == 0, ended
        door.vetted(door.guarded.work / ".tox" / "py", GOOD, HELPER)


class TestHatch:
    """Environments in a folder of its own."""

    def test_what_is_malicious_is_not_installed(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "hatch.toml").write_text(HATCHFILE.format(name=LEADS_TO_EVIL))
        door.refused(door.run(tools.path("hatch"), "run", "python", "-c", ""), EVIL)

    def test_an_environment_has_what_it_needs(self, door: Door, tools: Tools) -> None:
        (door.guarded.work / "hatch.toml").write_text(HATCHFILE.format(name=GOOD))
        (door.guarded.work / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.0"\n')
        ended = door.run(tools.path("hatch"), "run", GOOD)
        assert ended.code == 0, ended
        assert "it runs" in ended.out
        (environment,) = (door.guarded.home / ".local" / "share" / "hatch" / "env" / "virtual").glob("*/*/*")
        door.vetted(environment, GOOD, HELPER)

    def hatch(self, door: Door, tools: Tools) -> Path:
        """One that a test may have other plugins put into."""
        own = VirtualEnvironment.create(door.guarded.home / "own")
        shared = VirtualEnvironment(Path(tools.path("hatch")).parent.parent)
        (own.purelib / "shared.pth").write_text(str(shared.purelib))
        program = own.scripts / "hatch"
        program.write_text(f"#!{own.python}\nfrom hatch.cli import main\nmain()\n")
        program.chmod(0o755)
        return program

    @pytest.mark.parametrize(("name", "code"), [(EVIL, 10), (GOOD, 0)])
    def test_to_ask_where_its_environments_are_installs_nothing(
        self, door: Door, tools: Tools, name: str, code: int
    ) -> None:
        """Hatch installs the plugins that a project names first, whichever command it is given."""
        (door.guarded.work / "hatch.toml").write_text(f"[env]\nrequires = [{name!r}]\n{self.BARE}")
        (door.guarded.work / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.0"\n')
        hatch = self.hatch(door, tools)
        ended = door.run(str(hatch), "env", "create", environ={"UV_DEFAULT_INDEX": door.index.url})
        assert ended.code == code, ended
        there = {one for one, _ in VirtualEnvironment(hatch.parent.parent).distributions()}
        assert there == ({GOOD, HELPER} if code == 0 else set()), ended
        assert door.markers.ran() == set()

    BARE = "[envs.default]\nskip-install = true\n"
    PAST_US = (
        '[envs.default]\nskip-install = true\ndependencies = ["{name}"]\n[envs.default.env-vars]\n{more}\n'
        'PIP_INDEX_URL = "{url}"\nUV_DEFAULT_INDEX = "{url}"\n'
    )
    PROXIES = "".join(f'{name} = ""\n' for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"))

    def project(self, door: Door, name: str, more: str) -> None:
        """Settings that set variables."""
        text = self.PAST_US.format(name=name, more=more, url=door.index.url)
        (door.guarded.work / "hatch.toml").write_text(text)
        (door.guarded.work / "pyproject.toml").write_text('[project]\nname = "mine"\nversion = "1.0"\n')

    def test_variables_of_the_settings_do_not_lead_past_us(self, door: Door, tools: Tools) -> None:
        """Nothing is installed; without us it is."""
        self.project(door, EVIL, self.PROXIES)
        ended = door.run(tools.path("hatch"), "env", "create")
        assert ended.code == 2, ended
        assert door.index.served_files() == set()
        assert not [*door.guarded.home.rglob(f"site-packages/{EVIL}*")]
        assert door.plain(tools.path("hatch"), "env", "create").code == 0
        assert [*door.guarded.home.rglob(f"site-packages/{EVIL}*")]

    def test_others_are_set(self, door: Door, tools: Tools) -> None:
        self.project(door, GOOD, 'KEPT = "1"')
        script = "import os; assert os.environ['KEPT']"
        ended = door.run(tools.path("hatch"), "run", "python", "-c", script)
        assert ended.code == 0, ended
        (environment,) = (door.guarded.home / ".local" / "share" / "hatch" / "env" / "virtual").glob("*/*/*")
        door.vetted(environment, GOOD, HELPER)


class TestPip:
    """pip that a script calls, and nobody lifts."""

    def pip(self, door: Door, *words: str) -> tuple[str, ...]:
        """The words of a pip that installs into a folder."""
        pip = f'"{sys.executable}" -m pip install --target {door.guarded.work / "there"} "$@"'
        return ("sh", "-c", pip, "sh", *words)

    def test_what_lies_is_refused(self, door: Door) -> None:
        door.refused(door.run(*self.pip(door, LYING)), LYING)

    def test_another_index_is_vetted_like_the_configured_one(self, door: Door) -> None:
        """It is asked through the proxy."""
        door.refused(door.run(*self.pip(door, "--index-url", door.index.url, EVIL)), EVIL)
        ended = door.run(*self.pip(door, "--index-url", door.index.url, HELPER))
        assert ended.code == 0, ended
        assert (door.guarded.work / "there" / "helper.py").exists()

    def test_as_the_command_itself_it_goes_through_the_front_door(self, door: Door) -> None:
        """``trustguard run pip install`` is ``trustguard install``."""
        python = str(door.guarded.environment.python)
        ended = door.run("pip", "--python", python, "install", GOOD)
        assert ended.code == 0, ended
        door.vetted(door.guarded.environment.path, GOOD, HELPER)

    @pytest.mark.parametrize("name", ["temporary", "for a while, é"])
    def test_constraints_hold_wherever_files_are_put_for_a_while(self, door: Door, name: str) -> None:
        """The configured ones, which are written anew without what names a source."""
        folder, constraints = door.guarded.home / name, door.guarded.home / "constraints.txt"
        folder.mkdir()
        constraints.write_text(f"{HELPER}<1.1\n")
        environ = {"TMPDIR": str(folder), "PIP_CONSTRAINT": str(constraints)}
        ended = door.run(*self.pip(door, HELPER), environ=environ)
        assert ended.code == 0, ended
        assert [path.name for path in (door.guarded.work / "there").glob("*.dist-info")] == [
            f"{HELPER}-1.0.dist-info"
        ]
