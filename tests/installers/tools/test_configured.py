"""Which indexes a program is configured with, as far as its files and its command line tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.configured import indexes

URL = "https://index.example/simple/"


def found(folder: Path, *arguments: str, **environ: str) -> tuple[str, ...]:
    return indexes(folder, {"HOME": str(folder / "home"), **environ}, arguments)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.toml", f'index-url = "{URL}"'),
        ("uv.toml", f'extra-index-url = ["{URL}"]'),
        ("uv.toml", f'[[index]]\nname = "a"\nurl = "{URL}"'),
        ("uv.toml", f'[pip]\nindex-url = "{URL}"'),
        ("pyproject.toml", f'[[tool.uv.index]]\nurl = "{URL}"'),
        ("pyproject.toml", f'[[tool.poetry.source]]\nname = "a"\nurl = "{URL}"'),
        ("pyproject.toml", f'[[tool.pdm.source]]\nname = "a"\nurl = "{URL}"'),
        ("uv.lock", f'[[package]]\nname = "a"\nsource = {{ registry = "{URL}" }}'),
        ("poetry.lock", f'[[package]]\nname = "a"\n[package.source]\nurl = "{URL}"'),
        ("home/.config/uv/uv.toml", f'index-url = "{URL}"'),
    ],
)
def test_a_file_of_the_project_above_it_or_of_the_user_names_it(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (tmp_path / "below").mkdir()
    assert found(tmp_path) == (URL,)
    assert indexes(tmp_path / "below", {"HOME": str(tmp_path / "home")}, ()) == (URL,)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--index-url", URL),
        (f"--default-index={URL}",),
        ("--index", f"name={URL}"),
        ("-i", URL),
        ("--directory", "sub", "sync"),
        ("--config-file", "other.toml"),
        ("run", "script.py"),
    ],
)
def test_an_argument_names_it_or_where_it_stands(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "uv.toml").write_text(f'index-url = "{URL}"')
    (tmp_path / "other.toml").write_text(f'index-url = "{URL}"')
    script = f'# /// script\n# dependencies = []\n# [tool.uv]\n# index-url = "{URL}"\n# ///\nimport sys\n'
    (tmp_path / "script.py").write_text(script)
    assert found(tmp_path, "uv", *arguments) == (URL,)


@pytest.mark.parametrize(
    "environ",
    [
        {"UV_INDEX": f"a=https://one.example/ {URL}"},
        {"UV_DEFAULT_INDEX": "https://one.example/", "UV_EXTRA_INDEX_URL": URL},
    ],
)
def test_variables_name_it(tmp_path: Path, environ: dict[str, str]) -> None:
    assert found(tmp_path, **environ) == ("https://one.example/", URL)


def test_a_variable_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(f'index-url = "{URL}"')
    assert found(tmp_path, UV_CONFIG_FILE="other.toml") == (URL,)


@pytest.mark.parametrize(
    "arguments",
    [
        (URL,),
        ("-c", f"print('{URL}')"),
        ("foo @ https://files.example/foo.whl",),
        ("--index-url", "file:///a"),
        ("--index-url", "https://{host}/simple"),
        ("--index-url", "https://"),
        ("--index-url",),
        ("x" * 5000,),
    ],
)
def test_an_address_is_no_index_for_being_there(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert found(tmp_path, *arguments) == ()


@pytest.mark.parametrize("content", [b"\xff", b"= =", b"a = [" * 5000, b'tool = 1\nindex = 2\npackage = "x"'])
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, content: bytes) -> None:
    for name in ("uv.toml", "pyproject.toml", "uv.lock", "poetry.lock"):
        (tmp_path / name).write_bytes(content)
    assert found(tmp_path) == ()


def test_each_is_named_once_in_order(tmp_path: Path) -> None:
    (tmp_path / "uv.toml").write_text(f'index-url = "{URL}"\nextra-index-url = ["https://one.example/"]')
    assert found(tmp_path, "--index", "https://one.example/") == ("https://one.example/", URL)
