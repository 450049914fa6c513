"""A command that there is none of: what may have been meant is told, and it works when it is typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pip._internal.commands import commands_dict

from trustguard.frontends.cli import COMMANDS
from trustguard.frontends.cli.unknown import PIP


def typed(*words: str) -> subprocess.CompletedProcess[str]:
    """Run trustguard with these words."""
    command = [sys.executable, "-m", "trustguard", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        ("instal", "install"),
        ("Install", "install"),
        ("chekc", "check"),
        ("uninstall", "pip uninstall"),
        ("list", "pip list"),
        ("uv", "run uv"),
        ("upgrade", "install --upgrade"),
        ("help", "--help"),
    ],
)
def test_what_may_have_been_meant_is_told(word: str, instead: str) -> None:
    done = typed(word, "flask")
    assert done.returncode == 2
    assert f"No such command {word!r}. Did you mean: trustguard {instead}\n" in done.stderr


@pytest.mark.parametrize("word", ["frobnicate", "install\x1b[2J"])
def test_where_nobody_can_tell_nothing_is_suggested_and_nothing_is_shown_that_acts_on_a_terminal(
    word: str,
) -> None:
    done = typed(word)
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "trustguard frobnicate" not in done.stderr


def test_an_option_that_there_is_none_of_is_told_as_an_option() -> None:
    done = typed("--frobnicate", "install")
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_every_command_of_pip_is_ours_or_known() -> None:
    assert set(commands_dict) - set(COMMANDS) - {"help"} == PIP


@pytest.mark.parametrize("words", [("pip", "list"), ("--help",), ("--version",)])
def test_what_is_suggested_works(words: tuple[str, ...]) -> None:
    assert typed(*words).returncode == 0
