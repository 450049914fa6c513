"""What is typed goes through trustguard where it installs, and to the tool itself where it does not."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import click
import pytest

from tests.lab.environment import isolated_environ
from tests.lab.guard import Ended
from tests.lab.shells import bare, needs
from trustguard.frontends.cli import cli
from trustguard.frontends.shell import table
from trustguard.frontends.shell.script import Shell, off, script

pytestmark = pytest.mark.slow

SHELLS = ("bash", "zsh", "fish")
AWKWARD = 'a folder\'s "own" $name'
"""What a path may be called."""
_SAYS = """#!/bin/sh
printf '<%s' "${0##*/}" "$@"
printf '>\\n'
[ -z "${READS-}" ] || cat
exit "${CODE-0}"
"""


def group() -> click.Group:
    """The command line of trustguard."""
    assert isinstance(cli, click.Group)
    return cli


@dataclass
class Desk:
    """A shell, and programs that say who they are and what they were given."""

    shell: Shell
    folder: Path

    def __post_init__(self) -> None:
        self.venv.joinpath("bin").mkdir(parents=True)
        self.bin.mkdir()
        self.program.write_text(_SAYS, encoding="utf-8")
        self.program.chmod(0o755)
        for name in (*table.TOOLS, "pip", "pip3", "python3", "python"):
            shutil.copy(self.program, self.bin / name)
        self.init.write_text(script(self.shell, str(self.program), group()), encoding="utf-8")

    @property
    def venv(self) -> Path:
        """An active environment."""
        return self.folder / AWKWARD / "venv"

    @property
    def bin(self) -> Path:
        """A folder of programs."""
        return self.folder / AWKWARD / "bin"

    @property
    def program(self) -> Path:
        """What stands for trustguard."""
        return self.folder / AWKWARD / "trustguard"

    @property
    def init(self) -> Path:
        """The code for the shell."""
        return self.folder / "init"

    @property
    def load(self) -> str:
        """What evaluates it."""
        return f"source '{self.init}'" if self.shell == "fish" else f"eval \"$(cat '{self.init}')\""

    def run(self, *lines: str, options: tuple[str, ...] = (), stdin: str = "", **environ: str) -> Ended:
        """Have the shell run lines of code."""
        own = {"PATH": f"{self.bin}:/usr/bin:/bin", "VIRTUAL_ENV": str(self.venv), **environ}
        done = subprocess.run(
            [*bare(self.shell), *options, "-c", "\n".join(lines)],
            cwd=self.folder,
            env=isolated_environ(self.folder / "home", **own),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def says(self, *lines: str, **environ: str) -> list[list[str]]:
        """What the programs say that each line runs."""
        ended = self.run(self.load, *lines, options=(), stdin="", **environ)
        assert ended.err == "", ended
        return [line.strip("<>").split("<") for line in ended.out.splitlines()]


@pytest.fixture(params=SHELLS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """One for each shell."""
    bare(request.param)
    return Desk(request.param, tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_code_is_that_shells(tmp_path: Path, shell: Shell) -> None:
    desk = Desk(shell, tmp_path)
    for text in (desk.init.read_text(encoding="utf-8"), off(shell)):
        desk.init.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [*bare(shell), "-n", str(desk.init)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_shellcheck_finds_nothing() -> None:
    """But in the code for completion, which is click's."""
    needs("shellcheck")
    text = script("bash", "/usr/bin/trustguard", group())
    ours = text.partition("\n_trustguard_completion()")[0] + "\n:\nfi\n"
    words = ["shellcheck", "--shell=bash", "--exclude=SC2154", "-"]
    done = subprocess.run(words, input=ours, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", get_args(Shell))
def test_nothing_is_left_to_fill_in(tmp_path: Path, shell: Shell) -> None:
    text = Desk(shell, tmp_path).init.read_text(encoding="utf-8")
    assert not [word for word in text.split() if word.strip("();|").isupper() and word.startswith("@")]


def test_pip_goes_through_with_the_active_environment_and_every_word_as_it_is(desk: Desk) -> None:
    venv = str(desk.venv)
    words = ["install", "a b", "c*", "", "d'e", "-r", "$HOME"]
    typed = "install 'a b' 'c*' '' \"d'e\" -r '$HOME'"
    expected = ["trustguard", "--python", venv, "pip", *words]
    assert desk.says(f"pip {typed}", f"pip3 {typed}") == [expected, expected]
    assert desk.says("pip") == [["trustguard", "--python", venv, "pip"]]


def test_a_pip_of_another_version_than_the_environments_is_its_own(desk: Desk) -> None:
    other, own = desk.bin / "pip3.11", desk.bin / "python3.11"
    for path in (other, own):
        shutil.copy(desk.program, path)
    assert desk.says("pip3.11 list") == [["trustguard", "--python", str(own), "pip", "list"]]
    shutil.copy(desk.program, desk.venv / "bin" / "python3.11")
    assert desk.says("pip3.11 list") == [["trustguard", "--python", str(desk.venv), "pip", "list"]]


@pytest.mark.parametrize(
    ("first", "interpreter"),
    [
        ("#!{python}", "{python}"),
        ("#!{python} -sE", "{python}"),
        ("#!/usr/bin/env python3", "{bin}/python3"),
        ("#!/bin/sh", "{bin}/python"),
        ("#!/gone/python", "{bin}/python"),
    ],
)
def test_without_an_environment_the_interpreter_is_that_of_the_pip(
    desk: Desk, tmp_path: Path, first: str, interpreter: str
) -> None:
    """A script's first line names it; else it lies beside it, as in a virtual environment."""
    python = tmp_path / "python3"
    shutil.copy(desk.program, python)
    places = {"python": python, "bin": desk.bin}
    (desk.bin / "pip").write_text(first.format(**places) + "\n", encoding="utf-8")
    expected = ["trustguard", "--python", interpreter.format(**places), "pip", "list"]
    assert desk.says("pip list", VIRTUAL_ENV="") == [expected]


def test_where_nobody_knows_the_interpreter_nothing_is_run(desk: Desk) -> None:
    for name in ("python", "python3"):
        (desk.bin / name).unlink()
    ended = desk.run(desk.load, "pip install x", VIRTUAL_ENV="")
    assert (ended.code, ended.out) == (1, ""), ended
    assert "type: trustguard --python PATH pip" in ended.err


@pytest.mark.parametrize(
    "options", ["-m pip", "-mpip", "-Im pip", "-u -W error -m pip", "-Xdev -mpip", "-bbWerror -X dev -m pip"]
)
def test_python_m_pip_goes_through_with_that_python(desk: Desk, options: str) -> None:
    expected = ["trustguard", "--python", str(desk.bin / "python3"), "pip", "install", "-m", "x y"]
    assert desk.says(f"python3 {options} install -m 'x y'") == [expected]


def test_everything_else_of_python_goes_straight(desk: Desk) -> None:
    commands = [
        ["python"],
        ["python3", "script.py", "-m", "pip"],
        ["python", "-c", "import sys", "-m", "pip"],
        ["python", "-m", "pipx", "install", "x"],
        ["python", "-", "-m", "pip"],
        ["python", "-W", "-m", "pip"],
        ["python", "--version"],
        ["python", "-V"],
        ["python", "-m"],
    ]
    lines = [" ".join(f"'{word}'" if " " in word else word for word in words) for words in commands]
    assert desk.says(*lines) == commands


THROUGH = (
    *("uv sync", "uv add x", "uv pip install x", "uv run x", "uv tool run x", "uv build", "uv lock"),
    *(
        "uv remove x",
        "uv tree",
        "uv --directory d sync",
        "uv venv --seed",
        "uv new-command",
        "uv pip",
        "uvx x",
    ),
    *("poetry install", "poetry add x", "poetry lock", "poetry build", "poetry self add x"),
    *("poetry publish --build", "poetry -C d install", "poetry update", "poetry sync"),
    *("pdm install", "pdm add x", "pdm sync", "pdm update", "pdm build", "pdm run x", "pdm publish"),
    *("pipx install x", "pipx run x", "pipx inject a x", "pipx upgrade x", "pipx runpip x install y"),
    *("poetry show --latest", "poetry show -lo", "poetry show x", "pdm show x", "pdm show", "pdm outdated"),
    *("pdm list --resolve", "pdm list --tree", "pdm venv create 3.12", "pdm venv"),
    *("pipx interpreter upgrade", "pipx interpreter", "uv export", "uv version"),
)
STRAIGHT = (
    *("uv", "uv --version", "uv --help", "uv help add", "uv python list", "uv cache dir", "uv pip list"),
    *("uv self version", "uv publish x", "uv venv", "uv init x", "uv tool list", "uvx --help"),
    *(
        "poetry --version",
        "poetry env info",
        "poetry publish",
        "poetry config --list",
        "poetry show",
        "pdm -V",
    ),
    *("pdm list", "pdm info", "pdm config", "pipx list", "pipx uninstall x", "pipx environment"),
    *("pdm venv list", "pipx interpreter list", "pipx interpreter prune"),
)


def test_what_a_tool_installs_or_builds_goes_through_run_and_what_it_reads_goes_straight(desk: Desk) -> None:
    through = [["trustguard", "run", "--", *line.split()] for line in THROUGH]
    assert desk.says(*THROUGH, *STRAIGHT) == [*through, *(line.split() for line in STRAIGHT)]


def test_a_variable_that_has_uv_install_makes_it_go_through(desk: Desk) -> None:
    assert desk.says("uv venv x", "uv pip list", UV_VENV_SEED="1") == [
        ["trustguard", "run", "--", "uv", "venv", "x"],
        ["uv", "pip", "list"],
    ]


@pytest.mark.parametrize("typed", ["pip install x", "uv sync", "uv --version", "python x.py"])
def test_exit_codes_and_standard_input_are_those_of_what_was_run(desk: Desk, typed: str) -> None:
    status = "$status" if desk.shell == "fish" else "$?"
    ended = desk.run(desk.load, f"{typed}; echo ended {status}", stdin="typed in\n", READS="1", CODE="10")
    assert ended.out.splitlines()[1:] == ["typed in", "ended 10"]


@pytest.mark.parametrize("code", [1, 127])
def test_a_failure_of_what_was_run_is_not_taken_for_one_of_trustguard(desk: Desk, code: int) -> None:
    desk.program.write_text(f'#!/bin/sh\n[ "$1" = --version ] || exit {code}\n', encoding="utf-8")
    ended = desk.run(desk.load, "pip install x")
    assert (ended.code, ended.err) == (code, "")


@pytest.mark.parametrize("typed", ["pip install x", "python3 -m pip install x", "uv sync"])
@pytest.mark.parametrize("how", ["gone", "broken"])
def test_where_trustguard_does_not_run_nothing_does_and_the_way_back_is_named(
    desk: Desk, typed: str, how: str
) -> None:
    if how == "gone":
        desk.program.unlink()
    else:
        desk.program.write_text("#!/gone/python\n", encoding="utf-8")
    ended = desk.run(desk.load, typed)
    assert ended.code != 0
    assert ended.out == ""
    told = [line for line in ended.err.splitlines() if line.startswith("trustguard: ")]
    assert len(told) == 1
    assert told[0].endswith("for the plain commands type: trustguard_off")
    back = desk.run(desk.load, "trustguard_off", typed)
    assert back.out.strip("<>\n").split("<") == typed.split()


def defined(shell: str) -> str:
    """A line that prints the name of every function, of ours or of what we put a function in place of."""
    return {
        "bash": "declare -F; alias; compgen -v | grep -i trustguard || :",
        "zsh": "print -l ${(ok)functions} ${(ok)parameters[(I)*trustguard*]}; alias",
        "fish": "functions -a; set -n | grep trustguard; or true",
    }[shell]


def test_off_leaves_nothing_behind(desk: Desk) -> None:
    ask, undo = defined(desk.shell), off(desk.shell)
    # What a shell loads to list things is no concern of ours.
    before = desk.run(ask, ask)
    after = desk.run(ask, desk.load, desk.load, undo, undo, ask)
    assert before.err == after.err == "", after
    assert after.out == before.out


def test_aliases_and_functions_are_in_nobodys_way_and_come_back(desk: Desk) -> None:
    before = {
        "bash": [
            "shopt -s expand_aliases",
            "alias pip='echo \"an alias\"'",
            "uv() { echo 'a function' $1; }",
        ],
        "zsh": ["alias pip='echo \"an alias\"'", "uv() { echo 'a function' $1; }"],
        "fish": ["alias pip='echo \"an alias\"'", "function uv; echo 'a function' $argv; end"],
    }[desk.shell]
    # Aliases are expanded while a line is read: each evaluation is one of its own.
    each = (lambda line: line) if desk.shell == "fish" else (lambda line: f"eval {quoted(line)}")
    lines = [*before, desk.load, desk.load, each("pip list; uv sync"), "trustguard_off", each("pip; uv sync")]
    ended = desk.run(*lines)
    assert ended.err == ""
    pip, uv, *rest = ended.out.splitlines()
    assert pip == f"<trustguard<--python<{desk.venv}<pip<list>"
    assert uv == "<trustguard<run<--<uv<sync>"
    assert rest == ["an alias", "a function sync"]


def quoted(line: str) -> str:
    """A line as one word."""
    return f"'{line}'"


@pytest.mark.parametrize("mode", ["-e -u", "-o posix", "-e -u -o pipefail"])
def test_strict_modes_hold_and_are_held(tmp_path: Path, mode: str) -> None:
    desk = Desk("bash", tmp_path)
    lines = ["unset VIRTUAL_ENV", "pip list", "python x.py", "uv", "uv sync", "trustguard_off", "uv sync"]
    ended = desk.run(desk.load, desk.load, *lines, options=tuple(mode.split()))
    assert (ended.code, ended.err) == (0, ""), ended
    assert len(ended.out.splitlines()) == 5
    failed = desk.run(desk.load, "pip list", "echo went on", options=tuple(mode.split()), CODE="3")
    assert ("went on" in failed.out) == ("-e" not in mode)


@pytest.mark.parametrize("options", [("-e", "-u"), ("-o", "shwordsplit", "-o", "ksharrays")])
def test_options_of_zsh_change_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    bare("zsh")
    desk = Desk("zsh", tmp_path)
    lines = ("pip install 'a b'", "python3 -m pip list 'a b'", "uv pip list", "uvx 'a b'")
    ended = desk.run(desk.load, desk.load, *lines, options=options)
    assert (ended.code, ended.err) == (0, ""), ended
    expected = [
        ["trustguard", "--python", str(desk.venv), "pip", "install", "a b"],
        ["trustguard", "--python", str(desk.bin / "python3"), "pip", "list", "a b"],
        ["uv", "pip", "list"],
        ["trustguard", "run", "--", "uvx", "a b"],
    ]
    assert [line.strip("<>").split("<") for line in ended.out.splitlines()] == expected


def test_noglob_of_zsh_stays(tmp_path: Path) -> None:
    bare("zsh")
    desk = Desk("zsh", tmp_path)
    ended = desk.run("alias pip='noglob pip'", desk.load, "eval 'pip install a[b]'")
    assert ended.out == f"<trustguard<--python<{desk.venv}<pip<install<a[b]>\n"


def test_what_is_no_program_is_not_found_as_ever(desk: Desk) -> None:
    ended = desk.run(desk.load, "python3.15 x.py")
    assert (ended.code, ended.out, "python3.15" in ended.err) == (127, "", True)


def test_powershell_gets_the_same_table(tmp_path: Path) -> None:
    """Its code runs in no test where there is no PowerShell."""
    text = Desk("powershell", tmp_path).init.read_text(encoding="utf-8")
    for pattern in table.straight():
        assert f"'{pattern}'" in text
    for pair in ("{}", "()", "[]"):
        assert text.count(pair[0]) == text.count(pair[1])
    assert "'" + str(tmp_path / AWKWARD / "trustguard").replace("'", "''") + "'" in text


def test_powershell_takes_it(tmp_path: Path) -> None:
    bare("powershell")
    desk = Desk("powershell", tmp_path)
    lines = (f"Get-Content -Raw '{desk.init}' | Invoke-Expression", "pip install x", "uv sync", "uv pip list")
    ended = desk.run(*lines)
    expected = [
        ["trustguard", "--python", str(desk.venv), "pip", "install", "x"],
        ["trustguard", "run", "--", "uv", "sync"],
        ["uv", "pip", "list"],
    ]
    assert [line.strip("<>").split("<") for line in ended.out.splitlines()] == expected
