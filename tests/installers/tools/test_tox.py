"""tox is told the guard's variables, in every section that makes its environment another one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trustguard.installers.tools.tox import handing_on, indexes, refuse
from trustguard.installers.tools.variables import EMPTY, GUARDING
from trustguard.model.errors import UsageError

BASES = {
    "testenv",
    "testenv:.tox",
    "pkgenv",
    *(f"{before}{name}" for before in ("", "tool.tox.") for name in ("env_run_base", "env_pkg_base")),
    *(f"{before}env..tox" for before in ("", "tool.tox.")),
}


def sections(folder: Path, *arguments: str, theirs: str = "", **environ: str) -> set[str]:
    """Which sections are added to, apart from those that others inherit from."""
    made = handing_on(folder, {**environ, **({"TOX_OVERRIDE": theirs} if theirs else {})}, arguments)
    assert list(made) == ["TOX_OVERRIDE"]
    parts = made["TOX_OVERRIDE"].split(";")
    assert parts[: bool(theirs)] == [theirs] * bool(theirs)
    mine = parts[bool(theirs) :]
    required = ["tox.requires+=tox>=4.65", "tox:tox.requires+=tox>=4.65", "requires+=tox>=4.65"]
    assert mine[: len(required)] == required
    added = [part.partition(".set_env+=") for part in mine[len(required) :]]
    (lines,) = {lines for _, _, lines in added}
    told = dict(line.split("=", 1) for line in lines.split("\n"))
    assert told.keys() >= GUARDING | EMPTY
    assert told == {name: "" if name in EMPTY else f"{{env:{name}}}" for name in told}
    assert {name for name, _, _ in added} >= BASES
    return {name for name, _, _ in added} - BASES


def test_what_the_user_adds_is_kept_and_has_not_the_last_word(tmp_path: Path) -> None:
    assert sections(tmp_path, theirs="testenv.commands=x") == set()
    assert sections(tmp_path, theirs="testenv:a.set_env=HTTPS_PROXY=x") == {"testenv:a"}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("tox.ini", "[testenv:lint]\nset_env = X=1\n", {"testenv:lint"}),
        ("tox.ini", "[testenv:lint]\nSet_Env = X=1\n", {"testenv:lint"}),
        ("setup.cfg", "[testenv:lint]\nsetenv =\n  X=1\n  Y=1\n", {"testenv:lint"}),
        ("tox.ini", "[testenv:lint]\ndeps = x\n", set()),
        ("tox.ini", "[common]\nset_env = X=1\n[testenv:a]\nbase = common\n", {"common"}),
        ("tox.ini", "[testenv:common]\nset_env = X=1\n[testenv:a]\nbase = common\n", {"testenv:common"}),
        ("tox.ini", "[testenv:a]\nbase = testenv\n", set()),
        ("tox.ini", "[testenv:a]\nbase = common\n[common]\ndeps = x\n", {"testenv:a"}),
        ("tox.ini", "[testenv:a]\nbase =\n", {"testenv:a"}),
        ("tox.ini", "[tox]\nprovision_tox_env = mine\n", {"testenv:mine"}),
        ("tox.ini", "[DEFAULT]\nset_env = X=1\n[testenv:a]\ndeps = x\n", {"testenv:a"}),
        (
            "tox.ini",
            "[testenv:py{310, 3.11}-{a,}]\nset_env = X=1\n",
            {
                "testenv:py{310, 3.11}-{a,}",
                *("testenv:py310-a", "testenv:py310-", "testenv:py3.11-a", "testenv:py3.11-"),
            },
        ),
        (
            "tox.ini",
            "[testenv:py3{10-12}, a]\nset_env = X=1\n",
            {"testenv:py3{10-12}, a", *(f"testenv:py3{minor}" for minor in (10, 11, 12)), "testenv:a"},
        ),
        ("tox.ini", "no section", set()),
        ("tox.toml", '[env.lint]\nset_env = { X = "1" }\n', {"env.lint"}),
        ("tox.toml", '[env."3.11"]\n"set\\u005fenv" = { X = "1" }\n', {"env.3.11"}),
        ("tox.toml", '[env_base.a]\nset_env.X = "1"\n', {"env_base.a"}),
        ("tox.toml", "[env.a]\nbase = []\n", {"env.a"}),
        ("tox.toml", '[env.a]\nbase = ["env_run_base"]\n', set()),
        ("tox.toml", 'provision_tox_env = "mine"\n', {"env.mine"}),
        ("tox.toml", "broken", set()),
        ("pyproject.toml", '[tool.tox.env.lint]\nset_env.X = "1"\n', {"tool.tox.env.lint"}),
        ("pyproject.toml", '[tool."\\u0074ox".env.lint]\nset_env.X = "1"\n', {"tool.tox.env.lint"}),
        (
            "pyproject.toml",
            '[tool.tox]\nlegacy_tox_ini = """\n[testenv:a]\nset_env = X=1\n"""\n',
            {"testenv:a"},
        ),
    ],
)
def test_a_section_of_its_own_is_added_to(tmp_path: Path, name: str, text: str, expected: set[str]) -> None:
    (tmp_path / "below").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / name).write_text(text)
    assert sections(tmp_path) == expected
    assert sections(tmp_path / "below") == expected
    for words in (("-c", str(tmp_path / name)), (f"-c{tmp_path / name}",), ("--root", str(tmp_path))):
        assert sections(elsewhere, *words) == expected
    assert sections(elsewhere, TOX_CONFIG_FILE=str(tmp_path / name)) == expected


@pytest.mark.parametrize("heading", ["a{0-5000}", "a{0-999999}{0-999999}{0-999999}"])
def test_what_is_too_much_is_refused(tmp_path: Path, heading: str) -> None:
    (tmp_path / "tox.ini").write_text(f"[testenv:{heading}]\nset_env = X=1\n")
    with pytest.raises(UsageError, match="too many"):
        sections(tmp_path)


def test_what_cannot_be_looked_into_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").mkdir()
    with pytest.raises(UsageError, match=r"tox\.ini cannot be looked into"):
        sections(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[testenv]\nset_env = PIP_INDEX_URL=http://127.0.0.1:1/simple\n", "http://127.0.0.1:1/simple"),
        ("[testenv]\nset_env =\n  UV_INDEX = https://a.example/x/\n", "https://a.example/x/"),
        ("[testenv]\nset_env = PIP_INDEX_URL={env:X:https://a.example/}\n", "https://a.example/"),
        ("[testenv]\ndeps =\n  -i https://a.example/\n", "https://a.example/"),
        ("[testenv]\ninstall_command = pip install --index-url=https://a.example/ x\n", "https://a.example/"),
        ("[testenv]\nset_env = HOME_URL=https://a.example/\n", None),
        ("[other]\nPIP_INDEX_URL=https://a.example/\n", None),
    ],
)
def test_indexes_are_found(tmp_path: Path, text: str, expected: str | None) -> None:
    (tmp_path / "setup.cfg").write_text(text)
    assert indexes(tmp_path, ()) == (() if expected is None else (expected,))


def test_those_of_toml_are_too(tmp_path: Path) -> None:
    (tmp_path / "tox.toml").write_text('[env_run_base]\nset_env.PIP_INDEX_URL = "https://a.example/"\n')
    assert indexes(tmp_path, ()) == ("https://a.example/",)


@pytest.mark.parametrize(
    "words",
    [
        ("-x", "testenv.set_env=A=1"),
        ("-xtestenv.set_env+=HTTPS_PROXY=x",),
        ("-vx", "testenv.set_env+=http_proxy=x"),
        ("--override=testenv:a.setenv+=PIP_PROXY=x",),
        ("-x", "testenv.set_env+={env:A}=1"),
        ("-x", "testenv.set_env+=file|a"),
        ("-x", "testenv.set_env+=A=1\nHTTPS_PROXY=x"),
        ("-x", "tox.requires=x"),
        ("-x", "requires="),
        ("-x", "testenv:a.base="),
    ],
)
def test_a_setting_on_the_command_line_that_undoes_it_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="would not hand on"):
        refuse("no-such-tox", ("run", *words))


@pytest.mark.parametrize(
    "words",
    [
        ("-x", "testenv.set_env+=A=1"),
        ("-x", "testenv.deps=x"),
        ("-e", "base"),
        ("-e", "a", "--", "testenv.base=", "requires=x"),
    ],
)
def test_others_are_let_through(words: tuple[str, ...]) -> None:
    refuse("no-such-tox", ("run", *words))


@pytest.mark.parametrize(
    ("entry", "refused"),
    [
        ("lib/python3.11/site-packages/tox-4.4.6.dist-info", True),
        ("lib/python3/dist-packages/tox-3.28.0.egg-info", True),
        ("lib/python3.11/site-packages/tox-4.11.4.dist-info", False),
        ("lib/python3.11/site-packages/tox-4.67.15.dist-info", False),
        ("lib/python3.11/site-packages/tox_uv-1.0.dist-info", False),
    ],
)
@pytest.mark.parametrize(
    "start", ["#!{0}/bin/python\n", "#!/bin/sh\n'''exec' \"{0}/bin/python\" \"$0\"\n"], ids=["plain", "long"]
)
def test_a_tox_that_cannot_be_told_is_refused(
    tmp_path: Path, entry: str, *, refused: bool, start: str
) -> None:
    (tmp_path / "there" / entry).mkdir(parents=True)
    program = tmp_path / "tox"
    program.write_text(start.format(tmp_path / "there"))
    program.chmod(0o755)
    if refused:
        with pytest.raises(UsageError, match="cannot be told to hand on"):
            refuse(str(program), ())
    else:
        refuse(str(program), ())


def test_an_interpreter_that_runs_it_is_looked_at() -> None:
    """This one has no tox."""
    refuse(sys.executable, ())
