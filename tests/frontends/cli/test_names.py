"""``names`` answers for every line, whatever stands in it, offline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.environment import isolated_environ

KEYS = {"name", "tier", "target", "kind", "confidence", "reason"}


def names(
    home: Path, stdin: bytes, *args: str, options: tuple[str, ...] = (), code: int = 0
) -> tuple[str, str]:
    """Run the command, which ends with this exit code; returns what it said, on both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "trustguard", *options, "names", *args],
        input=stdin,
        env=isolated_environ(home, PYTHONUTF8="0", LC_ALL="C"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done
    return done.stdout.decode(), done.stderr.decode()


def answers(home: Path, stdin: bytes, *args: str, told: str = "", **parts: Any) -> list[dict[str, Any]]:
    """What it says in JSON, one object a line."""
    out, err = names(home, stdin, *args, **parts)
    assert err == told
    return [json.loads(line) for line in out.splitlines()]


def test_each_name_is_answered_as_it_was_given_in_its_order(tmp_path: Path) -> None:
    one, two, three = answers(tmp_path, b"Reqeusts\nrequests\n\nyaml\n", "-", "--format", "jsonl")
    assert one == {
        "name": "Reqeusts",
        "tier": "likely",
        "target": "requests",
        "kind": "edit1",
        "confidence": one["confidence"],
        "reason": "one slip of the hand leads from requests to it",
    }
    assert two == {
        "name": "requests",
        "tier": None,
        "target": None,
        "kind": None,
        "confidence": 0.0,
        "reason": "",
    }
    assert (three["tier"], three["target"], three["kind"]) == ("suspicious", "pyyaml", "import-name")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    """Editors on Windows begin a file with one."""
    file = tmp_path / "names.txt"
    file.write_bytes(b"\xef\xbb\xbfreqeusts\r\nrequests\r\n")
    assert [one["tier"] for one in answers(tmp_path, b"", str(file), "--format", "jsonl")] == ["likely", None]
    assert answers(tmp_path, file.read_bytes(), "--format", "jsonl")[0]["tier"] == "likely"


def test_for_people_it_is_a_table(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("reqeusts\nrequests", encoding="utf-8")
    out, _ = names(tmp_path, b"", str(file))
    squat, honest = out.splitlines()
    assert squat.split()[:3] == ["reqeusts", "likely", "requests"]
    assert honest.split() == ["requests", "-"]


def test_the_format_of_every_command_is_understood(tmp_path: Path) -> None:
    (answer,) = answers(tmp_path, b"requests\n", options=("--format", "json"))
    assert answer.keys() == KEYS


@pytest.mark.parametrize(
    "line",
    [
        "r\N{CYRILLIC SMALL LETTER IE}quests".encode(),
        "\N{FULLWIDTH LATIN SMALL LETTER R}equests".encode(),
        b"\x1b[31mrequests",
        b"req\x00uests",
        b"requests\xff",
        b"a" * 10_000,
        b"x" * 1_000_000,
        b"../requests",
        b"-requests",
        b"requests -r x",
    ],
)
def test_what_no_project_can_be_called_is_said_in_one_line(tmp_path: Path, line: bytes) -> None:
    told = "trustguard: 1 of the lines held no project's name\n"
    bad, good = answers(tmp_path, line + b"\nreqeusts\n", "--format", "jsonl", code=1, told=told)
    assert bad.keys() == KEYS
    assert (bad["tier"], bad["target"]) == (None, None)
    assert bad["reason"].startswith("no project can have this name")
    assert len(bad["reason"]) < 300
    assert good["tier"] == "likely"
    shown, heard = names(tmp_path, line + b"\n", code=1)
    assert heard == told
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 1
    assert len(shown) < 500
