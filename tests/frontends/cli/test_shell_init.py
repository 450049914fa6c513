"""``shell-init`` in the real shells, with the real program: what is typed is guarded, and completed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import MakeGuarded
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.shells import bare, needs, terminal

SHELLS = ("bash", "zsh", "fish")
EVIL = "module-project"
PROGRAM = Path(sysconfig.get_path("scripts"), "trustguard")


def load(shell: str) -> str:
    """What a user types, or has in a start-up file."""
    if shell == "fish":
        return f"{PROGRAM} shell-init fish | source"
    return f'eval "$({PROGRAM} shell-init {shell})"'


def activated(guard: Guarded) -> dict[str, str]:
    """The variables of a shell in which the environment is active, and trustguard's is on the path."""
    environment = guard.environment
    path = f"{environment.scripts}:{PROGRAM.parent}:/usr/bin:/bin"
    return guard.environ(VIRTUAL_ENV=str(environment.path), PATH=path, UV_DEFAULT_INDEX=guard.index.url)


@pytest.fixture
def guard(index: LabIndex, markers: Markers, guarded: MakeGuarded) -> Guarded:
    """An index with what is good and what is not."""
    if not PROGRAM.is_file():
        pytest.skip("the trustguard command is not installed beside this interpreter")
    index.add_all(hostile.module_wheel(markers), build_wheel("good", "1.0"))
    return guarded(malware=[EVIL])


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_typed_into_a_terminal_is_guarded(guard: Guarded, markers: Markers, shell: str) -> None:
    """The control, in the same terminal: once it is off, the same words do install."""
    status = "$status" if shell == "fish" else "$?"
    before = guard.environment.files()
    with terminal(shell, activated(guard), guard.work) as typist:
        typist.types(load(shell))
        typist.types(f"pip install {EVIL}; echo ended-{status}-1")
        assert EVIL in typist.shows("ended-10-1").split("ended-", 1)[1]
        assert (guard.environment.files(), markers.ran()) == (before, set())
        typist.types(f"python -m pip install good; echo ended-{status}-2")
        typist.shows("ended-0-2")
        assert guard.installed() == {"good"}
        typist.types("trustguard_off")
        plain = shlex.join([sys.executable, "-m", "pip", "--python", str(guard.environment.python)])
        typist.types(f"{plain} install {EVIL}; echo ended-{status}-3")
        typist.shows("ended-0-3")
    assert guard.installed() == {"good", EVIL}
    guard.environment.run_python("import module_project")
    assert markers.ran() == {hostile.MODULE}


@pytest.mark.parametrize("shell", SHELLS)
def test_words_are_completed_in_a_terminal(guard: Guarded, shell: str) -> None:
    with terminal(shell, activated(guard), guard.work) as typist:
        if shell == "zsh":
            typist.types("autoload -Uz compinit && compinit -u")
        typist.types(load(shell))
        typist.keys("-l", "trustguard enf")
        typist.keys("Tab")
        typist.shows("trustguard enforce")
        typist.keys("-l", "sys")
        typist.keys("Tab")
        typist.shows("trustguard enforce system")


def test_uv_goes_through_run(guard: Guarded, markers: Markers) -> None:
    from uv import find_uv_bin  # noqa: PLC0415 - one test needs it

    environ = activated(guard)
    environ["PATH"] = f"{Path(find_uv_bin()).parent}:{environ['PATH']}"
    lines = [load("bash"), f"uv pip install {EVIL}; echo $?", "uv pip install good; echo $?", "uv pip list"]
    done = subprocess.run(
        [*bare("bash"), "-c", "\n".join(lines)],
        cwd=guard.work,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    evil, good, *listed = done.stdout.splitlines()
    assert (evil, good) == ("10", "0"), done
    assert [line.split()[0] for line in listed if "1.0" in line] == ["good"], done
    assert markers.ran() == set()


@pytest.mark.parametrize("shell", [*SHELLS, "powershell"])
def test_off_prints_the_way_back(shell: str) -> None:
    needs(str(PROGRAM))
    done = subprocess.run(
        [PROGRAM, "shell-init", shell, "--off"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "trustguard_off" in done.stdout
    assert len(done.stdout.splitlines()) == 1
