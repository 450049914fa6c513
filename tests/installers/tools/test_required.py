"""Each requirement of a program that installs is found in its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.required import places

Found = set[tuple[str | None, str, int | None]]

PROJECT = """\
[build-system]
requires = ["hatchling"]

[project]
name = "mine"
description = "no requests"
dependencies = [
    "requests>=2",
    'Rich; python_version > "3"',
]

[project.optional-dependencies]
fast = ["orjson"]

[dependency-groups]
dev = [
    "pytest",
    { include-group = "lint" },
]
lint = ["ruff"]

[tool.uv]
dev-dependencies = ["mypy"]

[tool.pdm.dev-dependencies]
test = ["tox"]

[tool.poetry.dependencies]
python = "^3.10"
httpx = "^1"
"Zope.Interface" = { version = "1" }
attrs.version = "1"

[tool.poetry.group.docs.dependencies.sphinx]
version = "1"
httpx = "1"

[tool.poetry.group.docs.dependencies]
furo = "1"

[tool.other]
not-one = "1"
"""
OF_PROJECT = {
    ("hatchling", "pyproject.toml", 2),
    ("requests", "pyproject.toml", 8),
    ("rich", "pyproject.toml", 9),
    ("orjson", "pyproject.toml", 13),
    ("pytest", "pyproject.toml", 17),
    ("ruff", "pyproject.toml", 20),
    ("mypy", "pyproject.toml", 23),
    ("tox", "pyproject.toml", 26),
    ("httpx", "pyproject.toml", 30),
    ("zope-interface", "pyproject.toml", 31),
    ("attrs", "pyproject.toml", 32),
    ("sphinx", "pyproject.toml", 34),
    ("furo", "pyproject.toml", 39),
}


def found(folder: Path, *words: str, cwd: str = "", **environ: str) -> Found:
    """What is found, with the paths below a folder."""
    told = places(words, folder / cwd, environ)
    return {
        (one.project, Path(one.file).relative_to(folder).as_posix() if one.file else one.text, one.line)
        for one in told
    }


@pytest.mark.parametrize(
    "words", [("uv", "sync"), ("poetry", "install"), ("make", "install"), ("uv", "run", "x")]
)
def test_a_project_is_found_in_its_lines(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "below").mkdir()
    assert found(tmp_path, *words) == OF_PROJECT
    assert found(tmp_path, *words, cwd="below") == OF_PROJECT


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (("uv", "--project", "there", "sync"), {}),
        (("uv", "sync", "--directory=there"), {}),
        (("uv", "sync"), {"UV_PROJECT": "there"}),
        (("python", "-m", "build", "there"), {}),
        (("uv", "pip", "install", "-e", "there"), {}),
        (("pipx", "install", "./there"), {}),
    ],
)
def test_the_project_that_is_named_is_meant(
    tmp_path: Path, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "pyproject.toml").write_text('[project]\ndependencies = ["a"]\n')
    assert found(tmp_path, *words, **environ) == {("a", "there/pyproject.toml", 2)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("uv", "add", "--group", "dev", "httpx>=1", "-q"), {("httpx", "httpx>=1", None)}),
        (
            ("uv", "pip", "install", "--target", "x", "A_b[c]", "d"),
            {("a-b", "A_b[c]", None), ("d", "d", None)},
        ),
        (("uv", "run", "--with", "a,b", "--with=c", "x"), {(name, name, None) for name in "abc"}),
        (("uv", "tool", "install", "ruff", "more"), {("ruff", "ruff", None)}),
        (("uvx", "--from", "ruff==1", "ruff", "check"), {("ruff", "ruff==1", None), ("ruff", "ruff", None)}),
        (("uvx", "ruff", "check"), {("ruff", "ruff", None)}),
        (("poetry", "add", "httpx@^1"), {("httpx", "httpx@^1", None)}),
        (("pdm", "add", "-G", "test", "httpx"), {("httpx", "httpx", None)}),
        (("pipx", "run", "--spec", "b==1", "black", "x"), {("b", "b==1", None), ("black", "black", None)}),
        (("/x/pip3.11", "install", "a"), {("a", "a", None)}),
        (("uv", "add", "https://u:p@a.example/a-1-py3-none-any.whl"), {("a", "a-1-py3-none-any.whl", None)}),
        (("uv", "sync"), set()),
        (("make", "add", "x"), set()),
        (("uv", "run", "--", "add", "x"), set()),
        (("pipx", "list"), set()),
    ],
)
def test_what_is_typed_is_an_argument(tmp_path: Path, words: tuple[str, ...], expected: Found) -> None:
    assert found(tmp_path, *words) == expected


@pytest.mark.parametrize(
    "words",
    [
        ("uv", "pip", "install", "-r", "reqs/a.txt"),
        ("uv", "pip", "install", "--requirement=reqs/a.txt"),
        ("uv", "pip", "sync", "reqs/a.txt"),
        ("uv", "add", "-r", "reqs/a.txt"),
        ("uv", "run", "--with-requirements", "reqs/a.txt", "x"),
        ("make", "-r", "reqs/a.txt"),
    ],
)
def test_lists_are_read_with_what_they_include(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "reqs").mkdir()
    (tmp_path / "reqs" / "a.txt").write_text(
        "# one\n-r b.txt\n--index-url https://a.example/\nrequests[socks]>=2 \\\n  --hash=sha256:0 # why\n"
        "rich ; python_version > '3'\n-c c.txt\n\nx @ https://a.example/x-1.zip#egg=x\n# rest \\\nlast"
    )
    (tmp_path / "reqs" / "b.txt").write_text("-r a.txt\nattrs --hash=sha256:0\n")
    (tmp_path / "reqs" / "c.txt").write_text("never\n")
    assert found(tmp_path, *words) == {
        ("attrs", "reqs/b.txt", 2),
        ("requests", "reqs/a.txt", 4),
        ("rich", "reqs/a.txt", 6),
        ("x", "reqs/a.txt", 9),
        ("last", "reqs/a.txt", 11),
    }


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("uv.lock", "package"),
        ("poetry.lock", "package"),
        ("pdm.lock", "package"),
        ("pylock.toml", "packages"),
    ],
)
def test_locks_are_found_beside_the_project_and_above(tmp_path: Path, name: str, table: str) -> None:
    member = tmp_path / "member"
    member.mkdir()
    (member / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (tmp_path / name).write_text(
        f'version = 1\n\n[[{table}]]\nname = "a"\nversion = "1"\ndependencies = [\n    {{ name = "b" }},\n]\n'
        f'\n[[{table}]]\nname = "B_c"\n\n[other]\nname = "d"\n'
    )
    assert found(tmp_path, "uv", "sync", cwd="member") == {("a", name, 4), ("b-c", name, 11)}
    assert found(tmp_path, "uv", "pip", "install", "z", cwd="member") == {("z", "z", None)}


def test_a_script_is_found_in_the_lines_of_its_metadata(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        '#!/usr/bin/env python\nX = "rich"\n# /// script\n# dependencies = [\n#   "rich",\n# ]\n# ///\n'
    )
    assert found(tmp_path, "uv", "run", "a.py") == {("rich", "a.py", 5)}


def test_what_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    (tmp_path / "uv.lock").write_bytes(b'[[package]]\nname = "\xff"\n')
    assert found(tmp_path, "uv", "pip", "install", "-r", "none.txt", "-r", ".", "x" * 5000) == {
        ("x" * 5000, "x" * 5000, None)
    }
    assert found(tmp_path, "uv", "sync") == set()
