"""``trustguard --report-file F run …``: findings are at the requirement that brought the package in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.frontends.run.door import BLOCKED, EVIL, GOOD, LEADS_TO_EVIL, Door
from tests.lab.tools import Tools
from tests.reports.sarif_schema import validate


@pytest.fixture
def uv(tools: Tools) -> str:
    return tools.uv


def found(door: Door, cwd: Path, *words: str) -> Any:
    """The first place of the finding that the evil project is malicious."""
    front = (sys.executable, "-m", "trustguard", "--report-file", str(door.guarded.home / "out.sarif"))
    ended = door.plain(*front, "run", "--", *words, cwd=cwd)
    assert ended.code == BLOCKED, ended
    document = json.loads((door.guarded.home / "out.sarif").read_text())
    validate(document)
    assert str(door.guarded.home) not in json.dumps(document)
    results = [one for one in document["runs"][0]["results"] if one["ruleId"] == "known-malicious"]
    return results[0]["locations"][0]


def at(name: str, line: int) -> Any:
    """A line of a file of the project."""
    return {"artifactLocation": {"uri": name, "uriBaseId": "SRCROOT"}, "region": {"startLine": line}}


def line_of(file: Path, text: str) -> int:
    """The first line that has a text."""
    return next(n for n, line in enumerate(file.read_text().splitlines(), start=1) if text in line)


def test_of_a_project_it_is_the_line_of_the_dependency(door: Door, uv: str) -> None:
    project = door.project("uv", GOOD, EVIL)
    line = line_of(project / "pyproject.toml", EVIL)
    assert found(door, project, uv, "sync")["physicalLocation"] == at("pyproject.toml", line)


def test_of_what_is_locked_it_is_the_line_of_the_lock(door: Door, uv: str) -> None:
    project = door.project("uv", LEADS_TO_EVIL)
    assert door.plain(uv, "lock", cwd=project).code == 0
    line = line_of(project / "uv.lock", f'name = "{EVIL}"')
    place = found(door, project, uv, "sync", "--frozen")
    assert place["physicalLocation"] == at("uv.lock", line)


def test_of_a_list_it_is_its_line_and_a_dependency_is_at_what_leads_to_it(door: Door, uv: str) -> None:
    project = door.project("uv")
    (project / "reqs.txt").write_text(f"# ours\n{GOOD}\n{LEADS_TO_EVIL}==1.0\n")
    assert door.plain(uv, "venv", cwd=project).code == 0
    words = (uv, "pip", "install", "--index-url", door.index.url, "-r", "reqs.txt")
    place = found(door, project, "env", "A=1", *words)
    assert place["physicalLocation"] == at("reqs.txt", 3)
    assert place["message"] == {"text": f"{LEADS_TO_EVIL} > {EVIL}"}


def test_what_was_typed_is_an_argument(door: Door, uv: str) -> None:
    project = door.project("uv")
    place = found(door, project, uv, "add", EVIL)
    assert place["logicalLocations"][0] == {"name": EVIL, "kind": "argument"}
