"""Each requirement of a command is found in its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.utils import canonicalize_name

from trustguard.installers.pip.asked import places
from trustguard.installers.pip.plan import Plan
from trustguard.model.origins import Place

Found = list[tuple[str | None, str, int | None, str]]

PROJECT = """\
[build-system]
requires = ["hatchling"]

[project]
name = "own"
keywords = ["pip"]
dependencies = [
    "requests >= 2",
    'Typing_Extensions; python_version < "4"',
]

[project.optional-dependencies]
fast = ["orjson"]

[dependency-groups]
test = [
    "pytest",
    {include-group = "lint"},
]
lint = ["ruff>=0.9"]
"""
LOCK = """\
lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "idna"
version = "3.7"

[[packages.wheels]]
name = "idna-3.7-py3-none-any.whl"

[[packages]]
name = 'Flask'
"""


def plan(**parts: Any) -> Plan:
    """What pip understood of a command with these parts, and nothing else."""
    target = dict.fromkeys(("executable", "python", "prefix", "purelib", "platlib"), "")
    message: dict[str, Any] = {
        "command": "install",
        "values": {},
        "target": {**target, "markers": {}, "tags": []},
    }
    lists = ["occurrences", "arguments", "settings", "requirements", "constraints", "build_constraints"]
    lists += ["groups", "scripts", "files", "destinations"]
    return Plan.from_message({**message, **{name: [] for name in lists}, **parts})


def line(number: int, requirement: str = "", *occurrences: list[str]) -> dict[str, Any]:
    return {"number": number, "requirement": requirement, "occurrences": list(occurrences), "includes": {}}


def file(location: str, *lines: dict[str, Any], constraint: bool = False) -> dict[str, Any]:
    return {"location": location, "constraint": constraint, "lines": list(lines)}


def found(cwd: Path, **parts: Any) -> Found:
    rows = places(plan(**parts), cwd)
    return [(one.project, one.file.removeprefix(f"{cwd}/"), one.line, one.text) for one in rows]


def test_a_line_of_a_requirement_file_is_where_pip_says_and_constraints_bring_nothing_in(
    tmp_path: Path,
) -> None:
    files = [
        file(
            "/src/requirements.txt", line(2, "Flask[async]>=3"), line(5, "demo @ https://h.example/demo.zip")
        ),
        file("/src/more.txt", line(1, "https://h.example/d/other-1.0-py3-none-any.whl#sha256=00")),
        file("/src/limits.txt", line(1, "flask<4"), constraint=True),
    ]
    assert found(tmp_path, files=files) == [
        ("flask", "/src/requirements.txt", 2, ""),
        ("demo", "/src/requirements.txt", 5, ""),
        ("other", "/src/more.txt", 1, ""),
    ]


def test_what_is_for_another_target_brings_nothing_in(tmp_path: Path) -> None:
    old, new = "idna==2.0; python_version < '3'", "idna==3.6; python_version >= '3'"
    rows = file(f"{tmp_path}/requirements.txt", line(1, old), line(2, new))
    told = found(tmp_path, files=[rows], arguments=[old, new])
    assert told == [("idna", "", None, new), ("idna", "requirements.txt", 2, "")]
    rows_of_both = f'[\n"{old}",\n"{new}",\n]\n'
    text = f"[dependency-groups]\ntest = {rows_of_both}[project]\ndependencies = {rows_of_both}"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert found(tmp_path, groups=[["pyproject.toml", "test", [old, new]]]) == [
        ("idna", "pyproject.toml", 4, "")
    ]
    assert found(tmp_path, arguments=["."]) == [("idna", "pyproject.toml", 9, "")]


def test_what_was_typed_is_told_as_it_was_typed_without_passwords_and_paths(tmp_path: Path) -> None:
    arguments = [
        "requests<3",
        "demo[fast] @ https://ana:secret@h.example/demo-1.0.tar.gz?token=x",
        "https://ana:secret@h.example/archive/v1.zip#egg=tool",
        "/home/ana/wheels/other-1.0-py3-none-any.whl",
        "https://h.example/nameless",
    ]
    assert found(tmp_path, arguments=arguments) == [
        ("requests", "", None, "requests<3"),
        ("demo", "", None, "demo[fast] @ demo-1.0.tar.gz"),
        ("tool", "", None, "v1.zip"),
        ("other", "", None, "other-1.0-py3-none-any.whl"),
        (None, "", None, "nameless"),
    ]


def test_a_requirement_file_on_a_server_is_told_without_its_password(tmp_path: Path) -> None:
    files = [file("https://ana:secret@h.example/r.txt?token=x", line(4, "flask"))]
    assert found(tmp_path, files=files) == [("flask", "https://h.example/r.txt", 4, "")]


OWN: Found = [
    ("hatchling", "pyproject.toml", 2, ""),
    ("requests", "pyproject.toml", 8, ""),
    ("typing-extensions", "pyproject.toml", 9, ""),
    ("orjson", "pyproject.toml", 13, ""),
]


@pytest.mark.parametrize(
    "parts",
    [
        {"arguments": ["."]},
        {"arguments": [".[fast]"]},
        {"values": {"editables": ["."]}},
        {"files": [file("/src/r.txt", line(1, "", ["editables", "-e", "."]))]},
        {"files": [file("/src/r.txt", line(1, "./"))]},
    ],
)
def test_a_project_of_the_users_own_is_traced_into_its_pyproject(tmp_path: Path, parts: Any) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    assert found(tmp_path, **parts) == OWN


def test_a_folder_with_the_name_of_a_requirement_is_not_meant(tmp_path: Path) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    assert found(tmp_path, arguments=["requests"]) == [("requests", "", None, "requests")]


def test_a_dependency_group_is_found_in_its_line_and_so_is_what_it_includes(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    groups = [["pyproject.toml", "test", ["pytest", "ruff>=0.9"]]]
    assert found(tmp_path, groups=groups) == [
        ("pytest", "pyproject.toml", 17, ""),
        ("ruff", "pyproject.toml", 20, ""),
    ]


def test_a_script_is_found_in_the_lines_of_its_metadata(tmp_path: Path) -> None:
    text = '#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   "rich",\n# ]\n# ///\nimport rich\n'
    (tmp_path / "tool.py").write_text(text, encoding="utf-8")
    assert found(tmp_path, scripts=[["tool.py", "", ["rich"]]]) == [("rich", "tool.py", 4, "")]


@pytest.mark.parametrize(
    "parts",
    [{"requirements": [["pylock.toml[fast]", None]]}, {"groups": [["pylock.toml", "fast", None]]}],
)
def test_a_package_of_a_lock_file_is_found_where_its_name_stands(tmp_path: Path, parts: Any) -> None:
    (tmp_path / "pylock.toml").write_text(LOCK, encoding="utf-8")
    assert found(tmp_path, **parts) == [("idna", "pylock.toml", 5, ""), ("flask", "pylock.toml", 12, "")]


def test_a_file_that_cannot_be_read_any_more_has_no_lines(tmp_path: Path) -> None:
    groups = [["pyproject.toml", "test", ["pytest"]]]
    assert places(plan(groups=groups), tmp_path) == (
        Place(canonicalize_name("pytest"), str(tmp_path / "pyproject.toml")),
    )
