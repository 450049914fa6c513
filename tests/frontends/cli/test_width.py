"""Reports are as wide as the terminal that they are read in, whichever output that is."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.lab.artifacts import build_wheel
from tests.lab.guard import SECONDS, Guarded
from tests.lab.index import LabIndex

fcntl = pytest.importorskip("fcntl", reason="there are no terminals of that kind")
termios = pytest.importorskip("termios")
NARROW, WIDE, PIPED = 60, 160, 100
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_PIPS_OWN = ("ERROR: ", "Looking in indexes: ")


@pytest.fixture(scope="module")
def guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A user of an index with a good project and a malicious one."""
    with LabIndex() as index:
        index.add_all(build_wheel("good", "1.0"), build_wheel("evil", "1.0"))
        made = Guarded(tmp_path_factory.mktemp("width") / "home", index, malware=["evil"])
        assert made.run("check", "good").code == 0
        yield made


def longest(guard: Guarded, *words: str, columns: int, read: str, **environ: str) -> int:
    """The longest line of ours that reaches a terminal, which is one of the outputs; the other is a pipe."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    out, err = (slave if read == name else subprocess.PIPE for name in ("stdout", "stderr"))
    command = [sys.executable, "-m", "trustguard", "--python", str(guard.environment.python), *words]
    environment = {k: v for k, v in guard.environ(**environ).items() if k != "COLUMNS" or k in environ}
    with subprocess.Popen(
        command, cwd=guard.work, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err
    ) as run:
        os.close(slave)
        told = b""
        while chunk := _read(master):
            told += chunk
        run.communicate(timeout=SECONDS)
    os.close(master)
    lines = _COLOUR.sub("", told.decode()).replace("\r", "").splitlines()
    return max(len(line) for line in lines if not line.startswith(_PIPS_OWN))


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65_536)
    except OSError:  # whoever wrote has ended
        return b""


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (("explain", "typosquatting"), "stdout"),
        (("check", "good"), "stdout"),
        (("explain", "good"), "stdout"),
        (("inspect", "good"), "stdout"),
        (("audit",), "stdout"),
        (("install", "evil"), "stderr"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_a_report_fits_its_terminal(guard: Guarded, words: tuple[str, ...], read: str) -> None:
    at_80, wide = (longest(guard, *words, columns=columns, read=read) for columns in (80, WIDE))
    assert at_80 <= 80
    assert wide > 80


def test_what_is_said_of_the_width_holds_before_the_terminals(guard: Guarded) -> None:
    page = ("explain", "typosquatting")
    assert longest(guard, *page, columns=WIDE, read="stdout", COLUMNS=str(NARROW)) <= NARROW
    piped = guard.run(*page, COLUMNS="").out
    assert 80 < max(map(len, piped.splitlines())) <= PIPED


@pytest.mark.parametrize(
    "words", [("--help",), ("audit", "--help"), ("guard", "enable", "--help")], ids=" ".join
)
def test_help_fits_its_terminal(guard: Guarded, words: tuple[str, ...]) -> None:
    """It is never wider than 80 columns, as text that is read."""
    assert longest(guard, *words, columns=NARROW, read="stdout") <= NARROW
    assert NARROW < longest(guard, *words, columns=WIDE, read="stdout") <= 80


def test_lines_that_are_to_be_typed_stay_lines_in_help(guard: Guarded) -> None:
    help_ = guard.run("shell-init", "--help").out
    lines = [line.strip() for line in help_.splitlines()]
    assert "fish:        trustguard shell-init fish | source" in lines
    assert "\\b" not in help_
