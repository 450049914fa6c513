"""The real shells: run with a line of code, and typed into through tmux."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS = 60.0
BARE = {
    "bash": ("bash", "--norc", "--noprofile"),
    "zsh": ("zsh", "-f"),
    "fish": ("fish", "--no-config"),
    "powershell": ("pwsh", "-NoProfile"),
}
"""Each shell without what a user, or a machine, has set up for it."""


def needs(*programs: str) -> None:
    """Skip the test where a program is not there."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed here")


def bare(shell: str) -> list[str]:
    """How a shell is started; the test is skipped where it is not there."""
    needs(BARE[shell][0])
    return list(BARE[shell])


@dataclass(frozen=True)
class Terminal:
    """A terminal that somebody types into."""

    tmux: tuple[str, ...]

    def types(self, line: str) -> None:
        """Type a line, and Return."""
        self.keys("-l", line)
        self.keys("Enter")

    def keys(self, *keys: str) -> None:
        """Press keys, by their names in tmux."""
        subprocess.run([*self.tmux, "send-keys", *keys], check=True)

    def screen(self) -> str:
        """All that has been shown; lines that were too long for the terminal are whole again."""
        words = [*self.tmux, "capture-pane", "-p", "-J", "-S", "-"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def shows(self, text: str) -> str:
        """Wait until a text is shown; returns everything that is.

        Raises:
            AssertionError: it does not come.
        """
        end = time.monotonic() + SECONDS
        while text not in (screen := self.screen()):
            assert time.monotonic() < end, screen
            time.sleep(0.05)
        return screen


@contextmanager
def terminal(shell: str, environ: Mapping[str, str], cwd: Path) -> Iterator[Terminal]:
    """Start an interactive shell in a terminal of its own; it is ended afterwards.

    Args:
        shell: which one.
        environ: its variables, and no others.
        cwd: the folder that it starts in.
    """
    needs("tmux")
    variables = [f"{name}={value}" for name, value in environ.items()]
    command = shlex.join(["env", "-i", *variables, "TERM=screen", "PS1=$ ", *bare(shell), "-i"])
    # The name of a socket may not be long.
    with tempfile.TemporaryDirectory(prefix="tg") as folder:
        tmux = ("tmux", "-S", f"{folder}/tmux", "-f", "/dev/null")
        subprocess.run(
            [*tmux, "new-session", "-d", "-x", "150", "-y", "50", "-c", str(cwd), command], check=True
        )
        try:
            yield Terminal(tmux)
        finally:
            subprocess.run([*tmux, "kill-server"], check=True)
