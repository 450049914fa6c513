"""tox is told to hand on the guard's variables, in every section that says what is handed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.tox import handing_on

BASES = {
    "testenv",
    "pkgenv",
    *(f"{before}{name}" for before in ("", "tool.tox.") for name in ("env_run_base", "env_pkg_base")),
}


def sections(folder: Path, *arguments: str, theirs: str = "") -> set[str]:
    """Which sections are added to, apart from those that others inherit from."""
    environ = {"TOX_OVERRIDE": theirs} if theirs else {}
    made = handing_on(["UV_CACHE_DIR", "GIT_ALLOW_PROTOCOL"], folder, environ, arguments)
    assert list(made) == ["TOX_OVERRIDE"]
    parts = made["TOX_OVERRIDE"].split(";")
    assert parts[: bool(theirs)] == [theirs] * bool(theirs)
    added = [part.partition(".pass_env+=") for part in parts[bool(theirs) :]]
    assert {value for _, _, value in added} == {"GIT_ALLOW_PROTOCOL,UV_CACHE_DIR"}
    assert {name for name, _, _ in added} >= BASES
    return {name for name, _, _ in added} - BASES


def test_what_the_user_adds_is_kept(tmp_path: Path) -> None:
    assert sections(tmp_path, theirs="testenv.commands=x") == set()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("tox.ini", "[testenv:lint]\npass_env = X\n", {"testenv:lint"}),
        ("setup.cfg", "[testenv:lint]\npassenv =\n  X\n  Y\n", {"testenv:lint"}),
        ("tox.ini", "[testenv:lint]\ndeps = x\n", set()),
        ("tox.ini", "[common]\npass_env = X\n[testenv:a]\nbase = common\n", {"common"}),
        (
            "tox.ini",
            "[testenv:py{310, 3.11}-{a,}]\npass_env = X\n",
            {"testenv:py310-a", "testenv:py310-", "testenv:py3\\.11-a", "testenv:py3\\.11-"},
        ),
        ("tox.ini", "no section", set()),
        ("tox.toml", '[env.lint]\npass_env = ["X"]\n', {"env.lint"}),
        ("tox.toml", '[env."3.11"]\npass_env = ["X"]\n', {"env.3\\.11"}),
        ("tox.toml", "broken", set()),
        ("pyproject.toml", '[tool.tox.env.lint]\npass_env = ["X"]\n', {"tool.tox.env.lint"}),
        (
            "pyproject.toml",
            '[tool.tox]\nlegacy_tox_ini = """\n[testenv:a]\npass_env = X\n"""\n',
            {"testenv:a"},
        ),
    ],
)
def test_a_section_of_its_own_is_added_to(tmp_path: Path, name: str, text: str, expected: set[str]) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / name).write_text(text)
    assert sections(tmp_path) == expected
    assert sections(tmp_path / "below") == expected
    assert sections(tmp_path / "elsewhere", "-c", str(tmp_path / name)) == expected
    assert sections(tmp_path / "elsewhere", "--root", str(tmp_path)) == expected
