"""What would lead a program past the guard is found wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.detours import refuse
from trustguard.model.errors import UsageError


@pytest.mark.parametrize("key", ["http-proxy", "https-proxy", "no-proxy"])
@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        ("uv.toml", "", ("uv", "sync")),
        ("pyproject.toml", "[tool.uv]", ("uv", "sync")),
        ("pyproject.toml", "[tool.uv]", ("make", "install")),
        ("sub/pyproject.toml", "[tool.uv]", ("uv", "--directory=sub", "sync")),
        ("sub/uv.toml", "", ("uv", "sync", "--project", "sub/below")),
        ("other.toml", "", ("uv", "--config-file", "other.toml", "sync")),
        ("config/uv/uv.toml", "", ("uv", "sync")),
        ("system/uv/uv.toml", "", ("uv", "sync")),
    ],
)
def test_a_proxy_in_uvs_settings_is_refused(
    tmp_path: Path, key: str, name: str, table: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "sub" / "below").mkdir(parents=True)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'{table}\n{key} = "http://theirs.example"\n')
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CONFIG_DIRS": str(tmp_path / "system")}
    with pytest.raises(UsageError, match=f"{key}, uv would not come to trustguard") as caught:
        refuse(words, tmp_path, environ)
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_so_is_one_that_a_script_brings(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(
        '#!/usr/bin/env python\n# /// script\n# [tool.uv]\n# http-proxy = "x"\n# ///\n'
    )
    with pytest.raises(UsageError):
        refuse(("uv", "run", "script"), tmp_path, {})


@pytest.mark.parametrize("program", ["uv", "uvx", "/usr/bin/uv", "uv.exe"])
@pytest.mark.parametrize("words", [("--cache-dir", "x"), ("sync", "--cache-dir=x")])
def test_a_cache_of_ones_own_is_refused_to_uv(tmp_path: Path, program: str, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="--cache-dir"):
        refuse((program, *words), tmp_path, {})


def test_what_is_usual_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "http-proxy"\n[tool.uv]\nindex-url = "x"\n')
    refuse(("uv", "sync", "--no-cache"), tmp_path, {})
    refuse(("poetry", "install", "--cache-dir"), tmp_path, {})
