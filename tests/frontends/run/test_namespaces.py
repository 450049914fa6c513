"""``trustguard run`` where the configuration says which index a name comes from, and a lock says another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frontends.run.door import UNVETTED, Door, environment_of
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.index import LabIndex
from tests.lab.tools import Tools
from tests.sources.https import Certificates, certificates

NAME = "acme-tool"
COMMANDS = {"uv": ("lock", "sync --frozen"), "poetry": ("lock", "sync"), "pdm": ("lock", "sync")}
SLOW = [pytest.param(tool, marks=pytest.mark.slow) for tool in ("poetry", "pdm")]


@pytest.fixture
def made(door: Door, tmp_path: Path) -> Certificates:
    made = certificates(tmp_path)
    door.guarded.pip_conf.write_text(f"[global]\ncert = {made.authority}\n")
    return made


@pytest.fixture
def public(door: Door, made: Certificates) -> Iterator[LabIndex]:
    """An index that everybody can write to, with a name that is ours; nothing else is against it."""
    door.index.add(build_wheel(NAME, "1.0"))
    with LabIndex(certificate=made.server) as public:
        public.add(hostile.module_wheel(door.markers, NAME, "9.0"))
        yield public


def _pin(door: Door) -> None:
    door.guarded.configure(f'[[index]]\nurl = {json.dumps(door.index.url)}\nnamespaces = ["acme-*"]\n')


def _locked(
    door: Door, tools: Tools, made: Certificates, tool: str, url: str
) -> tuple[Path, tuple[str, ...]]:
    """A project with a lock that names an index, and the command that installs from it."""
    program = tools.uv if tool == "uv" else tools.path(tool)
    lock, sync = (words.split() for words in COMMANDS[tool])
    project = door.project(tool, NAME, url=url)
    believed = {"SSL_CERT_FILE": str(made.authority), "REQUESTS_CA_BUNDLE": str(made.authority)}
    done = door.plain(program, *lock, cwd=project, environ=believed)
    assert done.code == 0, done
    return project, (program, *sync)


@pytest.mark.parametrize("tool", ["uv", *SLOW])
def test_what_a_lock_has_from_elsewhere_is_refused(
    door: Door, tools: Tools, made: Certificates, public: LabIndex, tool: str
) -> None:
    project, sync = _locked(door, tools, made, tool, public.url)
    _pin(door)
    public.forget()
    ended = door.run(*sync, cwd=project)
    assert list(project.rglob("acme_tool.py")) == []
    # The others ask for the page again, where it is not.
    assert ended.code == (UNVETTED if tool == "uv" else 1), ended
    told = " ".join(ended.err.split())
    assert NAME in told
    assert f"{door.index.url} alone" in told
    assert public.served_files() == set()


@pytest.mark.parametrize("tool", ["uv", *SLOW])
def test_where_nobody_says_where_it_belongs_it_is_installed(
    door: Door, tools: Tools, made: Certificates, public: LabIndex, tool: str
) -> None:
    """The control."""
    project, sync = _locked(door, tools, made, tool, public.url)
    ended = door.run(*sync, cwd=project)
    assert ended.code == 0, ended
    assert list(project.rglob("acme_tool.py"))


@pytest.mark.parametrize("tool", ["uv", *SLOW])
@pytest.mark.usefixtures("public")
def test_what_a_lock_has_from_there_is_installed(
    door: Door, tools: Tools, made: Certificates, tool: str
) -> None:
    project, sync = _locked(door, tools, made, tool, door.index.url)
    _pin(door)
    ended = door.run(*sync, cwd=project)
    assert ended.code == 0, ended
    assert door.ledger(environment_of(project))[NAME][0] == "1.0"


def test_an_address_of_ones_own_is_no_way_round(door: Door, tools: Tools, public: LabIndex) -> None:
    """It names the file of another index."""
    (file,) = public.project(NAME).files
    _pin(door)
    url = f"{public.base}/files/{file.artifact.filename}"
    words = (tools.uv, "pip", "install", "--target", "there", f"{NAME} @ {url}")
    ended = door.run(*words, environ={"UV_HTTP_RETRIES": "0"})
    assert not (door.guarded.work / "there" / "acme_tool.py").exists()
    assert ended.code == UNVETTED, ended
    assert f"{door.index.url} alone" in " ".join(ended.err.split())
