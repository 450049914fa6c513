"""``trustguard run uv …``: a proxy in uv's settings leads nowhere, however they are written or found."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.frontends.run.door import EVIL, GOOD, HELPER, Door
from tests.lab import hostile
from tests.lab.guard import SECONDS, Ended
from tests.lab.index import LabIndex
from tests.lab.tools import Tools

NOWHERE = "http://index.example/simple/"
"""An index that only their proxy can answer for."""
LARGE = 5 * 1024 * 1024


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


@pytest.fixture
def theirs(door: Door) -> Iterator[LabIndex]:
    """A proxy that answers for every index, with a trap."""
    with LabIndex() as theirs:
        theirs.add(hostile.pth_wheel(door.markers, EVIL))
        yield theirs


@dataclass
class Case:
    """A folder, a line of settings, an index, and what is asked for."""

    folder: Path
    line: str
    index: str
    name: str

    @property
    def head(self) -> str:
        """Settings that name the index."""
        return f'[[index]]\nname = "lab"\nurl = {json.dumps(self.index)}\ndefault = true\n'

    def project(self, folder: Path, more: str = "", first: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        text = f'{first}[project]\nname = "mine"\nversion = "0.1"\nrequires-python = ">=3.10"\n'
        text += f"dependencies = [{json.dumps(self.name)}]\n{more}"
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")

    def uv_toml(self, folder: Path, first: str = "", more: str = "") -> None:
        self.project(folder)
        (folder / "uv.toml").write_text(first + self.line + more + self.head, encoding="utf-8")

    def script(self, end: str = "\n") -> str:
        said = f'dependencies = [{json.dumps(self.name)}]\n[tool.uv]\n{self.line}index-url = "{self.index}"'
        lines = "".join(f"# {one}{end}" for one in said.splitlines())
        return f"# /// script{end}{lines}# ///{end}import sys{end}"


def _plain(case: Case) -> list[str]:
    case.uv_toml(case.folder)
    return ["sync"]


def _mark(case: Case) -> list[str]:
    case.uv_toml(case.folder, first="\ufeff")
    return ["sync"]


def _mark_in_project(case: Case) -> list[str]:
    more = f"[tool.uv]\n{case.line}{case.head.replace('[[index', '[[tool.uv.index')}"
    case.project(case.folder, more, first="\ufeff")
    return ["sync"]


def _newer_toml(case: Case) -> list[str]:
    case.uv_toml(case.folder, more='cache-keys = [{ file = "\\e" }]\n')
    return ["sync"]


def _newer_toml_in_project(case: Case) -> list[str]:
    line = case.line + "cache-keys = [{\n  file = 'x',\n}]\n"
    case.project(case.folder, f"[tool.uv]\n{line}{case.head.replace('[[index', '[[tool.uv.index')}")
    return ["sync"]


def _large(case: Case) -> list[str]:
    case.uv_toml(case.folder, first="#" + "x" * LARGE + "\n")
    return ["sync"]


def _config_file(case: Case) -> list[str]:
    case.project(case.folder)
    (case.folder / "x.conf").write_text(case.line + case.head)
    return ["--config-file", "x.conf", "sync"]


def _folder_of_folder(case: Case) -> list[str]:
    case.uv_toml(case.folder / "a" / "b")
    return ["--directory", "a", "sync", "--project", "b"]


def _script_text(case: Case) -> list[str]:
    (case.folder / "s.txt").write_text(case.script())
    return ["run", "--script", "s.txt"]


def _script_of_other_ends(case: Case) -> list[str]:
    (case.folder / "s.py").write_bytes(case.script("\r\n").encode())
    return ["run", "s.py"]


def _script_late(case: Case) -> list[str]:
    (case.folder / "s.py").write_text("#" + "x" * LARGE + "\n" + case.script())
    return ["run", "s.py"]


def _script_below(case: Case) -> list[str]:
    (case.folder / "a").mkdir()
    (case.folder / "a" / "s.txt").write_text(case.script())
    return ["--directory=a", "run", "--no-sync", "--script", "s.txt"]


WAYS: dict[str, Callable[[Case], list[str]]] = {
    "plain": _plain,
    "byte order mark": _mark,
    "byte order mark, project": _mark_in_project,
    "TOML 1.1": _newer_toml,
    "TOML 1.1, project": _newer_toml_in_project,
    "more than 4 MiB": _large,
    "--config-file": _config_file,
    "--directory --project": _folder_of_folder,
    "script, .txt": _script_text,
    "script, CRLF": _script_of_other_ends,
    "script, late": _script_late,
    "script, --directory": _script_below,
}


def started(folder: Path) -> None:
    """Start every interpreter below a folder: a trap waits for that."""
    for python in folder.rglob("bin/python"):
        subprocess.run([str(python), "-c", ""], check=False, timeout=SECONDS)


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_there_is_refused(door: Door, theirs: LabIndex, uv: str, way: str) -> None:
    folder = door.project("uv")
    (folder / "pyproject.toml").unlink()
    words = WAYS[way](Case(folder, f"http-proxy = {json.dumps(theirs.base)}\n", NOWHERE, EVIL))
    ended = door.run(uv, *words, cwd=folder)
    started(folder)
    assert door.markers.ran() == set(), ended
    assert theirs.requests == []
    assert (ended.code, "proxy" in ended.err) == (2, True), ended


@pytest.mark.parametrize("way", ["plain", "byte order mark", "TOML 1.1", "script, CRLF"])
def test_without_us_it_leads_there(door: Door, theirs: LabIndex, uv: str, way: str) -> None:
    """The control: the same settings."""
    folder = door.project("uv")
    (folder / "pyproject.toml").unlink()
    words = WAYS[way](Case(folder, f"http-proxy = {json.dumps(theirs.base)}\n", NOWHERE, EVIL))
    ended = door.plain(uv, *words, cwd=folder)
    started(folder)
    assert door.markers.ran() == {hostile.PTH}, ended


@pytest.mark.parametrize("way", WAYS)
def test_without_a_proxy_the_same_settings_are_heeded(door: Door, uv: str, way: str) -> None:
    folder = door.project("uv")
    (folder / "pyproject.toml").unlink()
    words = WAYS[way](Case(folder, "", door.index.url, GOOD))
    ended = door.run(uv, *words, cwd=folder)
    assert ended.code == 0, ended
    assert door.index.served_files() >= {f"{name}-1.{n}-py3-none-any.whl" for name, n in NAMES}


NAMES = ((GOOD.replace("-", "_"), 0), (HELPER, 1))


def _with_input(door: Door, said: str, *words: str, cwd: Path) -> Ended:
    front = (sys.executable, "-m", "trustguard", "run", "--", *words)
    done = subprocess.run(
        front,
        cwd=cwd,
        env=door.environ(),
        input=said,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


class TestWhatIsRunUnseen:
    """Scripts that nobody can look into before uv does."""

    @pytest.mark.parametrize(
        "words", [["run", "-"], ["--directory", ".", "run", "--no-sync", "-w", "x", "-"]]
    )
    def test_a_script_on_standard_input_is_refused(
        self, door: Door, theirs: LabIndex, uv: str, words: list[str]
    ) -> None:
        case = Case(door.guarded.work, f"http-proxy = {json.dumps(theirs.base)}\n", NOWHERE, EVIL)
        ended = _with_input(door, case.script(), uv, *words, cwd=case.folder)
        assert (door.markers.ran(), theirs.requests) == (set(), [])
        assert (ended.code, "standard input" in ended.err) == (2, True), ended

    def test_what_a_program_reads_there_is_its_own(self, door: Door, uv: str) -> None:
        words = ("run", "--no-project", "python", "-")
        ended = _with_input(door, "print('said')", uv, *words, cwd=door.guarded.work)
        assert (ended.code, ended.out) == (0, "said\n"), ended

    def test_a_script_at_an_address_is_refused(self, door: Door, uv: str) -> None:
        url = door.index.put("script.py", f"{door.markers.snippet('script')}\n".encode())
        environ = {"UV_DEFAULT_INDEX": door.index.url}
        ended = door.run(uv, "run", "--no-project", url, environ=environ)
        assert (ended.code, url in ended.err.replace("\n  ", "")) == (2, True), ended
        assert door.markers.ran() == set()
        assert door.plain(uv, "run", "--no-project", url, environ=environ).code == 0
        assert door.markers.ran() == {"script"}

    def test_an_address_that_a_program_is_given_is_its_own(self, door: Door, uv: str) -> None:
        (door.guarded.work / "s.py").write_text("import sys\nprint(sys.argv[1:])\n")
        words = ("run", "--no-project", "--index", door.index.url, "s.py", "-", NOWHERE)
        ended = door.run(uv, *words)
        assert (ended.code, ended.out) == (0, f"['-', '{NOWHERE}']\n"), ended


def test_a_pipe_is_not_taken_for_settings(door: Door, theirs: LabIndex, uv: str) -> None:
    """It can be read once."""
    case = Case(door.project("uv", EVIL), f"http-proxy = {json.dumps(theirs.base)}\n", NOWHERE, EVIL)
    words = (uv, "--config-file", "/dev/stdin", "sync")
    ended = _with_input(door, case.line + case.head, *words, cwd=case.folder)
    started(case.folder)
    assert (door.markers.ran(), theirs.requests) == (set(), [])
    assert (ended.code, "/dev/stdin" in ended.err) == (2, True), ended
