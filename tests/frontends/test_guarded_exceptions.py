"""The command that a refusal ends in lets in what was refused, and nothing else."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.lab.artifacts import build_wheel
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
