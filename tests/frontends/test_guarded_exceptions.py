"""The command that a refusal ends in lets in what was refused, and nothing else."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from tests.lab.artifacts import build_wheel
from tests.lab.forged import changed
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex

NAME = "tool-1.0-py3-none-any.whl"


def pasted(guard: Guarded, run: Ended) -> Ended:
    """What comes of the command that a report ends in, typed as it stands there."""
    (line,) = (one for one in run.err.splitlines() if one.startswith("    trustguard allow "))
    return guard.run(*shlex.split(line.replace("…", "ours"))[1:])


def test_the_command_for_an_address_opens_no_other_file(tmp_path: Path) -> None:
    """Same name, same version, other bytes: under another address, and later under the same one."""
    with LabIndex() as index:
        seen = build_wheel("tool", "1.0")
        other = build_wheel("tool", "1.0", files={"tool.py": "import os"})
        address = index.put(f"a/{NAME}", seen.content)
        elsewhere = index.put(f"b/{NAME}", other.content)
        guard = Guarded(tmp_path / "home", index)
        refused = guard.run("install", address, COLUMNS="80")
        assert (refused.code, pasted(guard, refused).code) == (11, 0)
        assert guard.run("install", elsewhere).code == 11
        assert guard.run("install", address).code == 0
        index.put(f"a/{NAME}", other.content)
        again = guard.run("install", "--force-reinstall", "--no-cache-dir", address)
        assert (again.code, "excused" in again.err) == (11, False)


def test_the_command_for_an_archive_that_is_not_sound_opens_it_and_no_other(tmp_path: Path) -> None:
    """What could not be looked at in it is excused with it: nobody will ever be able to look."""
    with LabIndex() as index:
        sound = build_wheel("tool", "1.0")
        index.add(changed(sound, b"#!/bin/sh\n" + sound.content))
        guard = Guarded(tmp_path / "home", index)
        refused = guard.run("install", "tool")
        assert (refused.code, pasted(guard, refused).code, guard.installed() & {"tool"}) == (10, 0, set())
        done = guard.run("install", "tool")
        assert (done.code, guard.installed() & {"tool"}) == (0, {"tool"}), done
        name = "tool-1.0-1-py3-none-any.whl"  # a build number comes before none
        index.add(replace(changed(sound, b"#!/bin/false\n" + sound.content), filename=name))
        again = guard.run("install", "--force-reinstall", "--no-cache-dir", "tool")
        assert again.code == 10, again
