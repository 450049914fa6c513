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


@pytest.mark.parametrize("key", [r'"http\u002dproxy"', r'"\U00000068ttp-proxy"', "'http-proxy'"])
def test_however_its_name_is_written(tmp_path: Path, key: str) -> None:
    (tmp_path / "uv.toml").write_text(f'{key} = "http://theirs.example"\n')
    with pytest.raises(UsageError, match="http-proxy"):
        refuse(("uv", "sync"), tmp_path, {})


@pytest.mark.parametrize(
    "content",
    [
        b'http-proxy = "x"\ncache-keys = [{ file = "\\e" }]\n',
        b'"http\\x2dproxy" = "x"\n',
        b'http-proxy = "\xff"\n',
        b'http-proxy = "' + b"x" * 5 * 1024**2 + b'"\n',
        b"http-proxy = " + b"[" * 100_000,
    ],
    ids=["TOML 1.1", "TOML 1.1 in the key", "no UTF-8", "large", "deep"],
)
@pytest.mark.parametrize("program", ["uv", "make"])
def test_what_cannot_be_read_and_may_name_one_is_refused(
    tmp_path: Path, content: bytes, program: str
) -> None:
    (tmp_path / "uv.toml").write_bytes(content)
    with pytest.raises(UsageError, match=r"uv\.toml(?: cannot be looked into|: with http-proxy)") as caught:
        refuse((program, "sync"), tmp_path, {})
    assert caught.value.hint


@pytest.mark.parametrize("content", ["{{ cookiecutter.text }}", 'a = [{ b = "\\e",\n }]', "#" * 5 * 1024**2])
def test_what_cannot_name_one_may_be_as_it_likes(tmp_path: Path, content: str) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    refuse(("uv", "sync"), tmp_path, {})


@pytest.mark.parametrize(
    ("name", "words", "environ"),
    [
        ("x.conf", ("uv", "--config-file=x.conf", "sync"), {}),
        ("x.conf", ("uv", "sync"), {"UV_CONFIG_FILE": "x.conf"}),
        ("a/x.conf", ("uv", "--config-file", "x.conf", "sync", "--directory", "a"), {}),
        ("a/b/uv.toml", ("uv", "sync", "--project", "b"), {"UV_WORKING_DIR": "a"}),
        ("a/b/uv.toml", ("uv", "sync"), {"UV_WORKING_DIRECTORY": "a", "UV_PROJECT": "b"}),
        ("a/uv.toml", ("uv", "sync", "--project", "a/pyproject.toml"), {}),
        ("a/uv.toml", ("uv", "--preview", "run", "a/b/s.py"), {}),
        ("a/uv.toml", ("uv", "sync", "--project", "link/../b"), {}),
    ],
)
def test_wherever_uv_looks_is_looked(
    tmp_path: Path, name: str, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a" / "b")
    (tmp_path / "a" / "pyproject.toml").touch()
    (tmp_path / "a" / "b" / "s.py").touch()
    (tmp_path / name).write_text('http-proxy = "x"\n')
    with pytest.raises(UsageError, match="http-proxy"):
        refuse(words, tmp_path, environ)


def test_a_device_is_no_file_of_settings_but_the_null_device_says_nothing(tmp_path: Path) -> None:
    refuse(("uv", "sync"), tmp_path, {"UV_CONFIG_FILE": "/dev/null"})
    with pytest.raises(UsageError, match="it is no file"):
        refuse(("uv", "sync"), tmp_path, {"UV_CONFIG_FILE": "/dev/zero"})


@pytest.mark.parametrize(
    "words",
    [
        ("run", "-"),
        ("--project", "run", "run", "-q", "--with", "x", "-"),
        ("run", "--", "-"),
        ("run", "-s", "https://index.example/script.py"),
        ("run", "http:/index.example/script.py"),
    ],
)
def test_a_script_that_is_not_here_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="uv run"):
        refuse(("uv", *words), tmp_path, {})


@pytest.mark.parametrize(
    "words",
    [
        ("run", "app.py", "-", "https://index.example/"),
        ("run", "--index", "https://index.example/", "python", "-"),
        ("tool", "run", "--from", "https://index.example/a.whl", "a", "-"),
        ("pip", "install", "-r", "-"),
    ],
)
def test_what_is_not_run_may_be_anywhere(tmp_path: Path, words: tuple[str, ...]) -> None:
    refuse(("uv", *words), tmp_path, {})


def test_what_is_usual_is_let_through(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "http-proxy"\n[tool.uv]\nindex-url = "x"\n')
    refuse(("uv", "sync", "--no-cache"), tmp_path, {})
    refuse(("poetry", "install", "--cache-dir"), tmp_path, {})


def test_what_tox_is_told_is_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="would not hand on"):
        refuse(("tox", "run", "-x", "testenv.set_env=HTTPS_PROXY=x"), tmp_path, {})
    refuse(("tox", "run", "-x", "testenv.set_env+=A=x"), tmp_path, {})


@pytest.mark.parametrize("program", ["pip", "pip3.11", "/there/pip3"])
@pytest.mark.parametrize(
    "option",
    [
        *("--proxy", "--proxy=", "--prox", "--no-proxy-env", "--no-pr"),
        *("--cache-dir=x", "--ca", "--isolated", "--is"),
    ],
)
def test_what_leads_pip_past_us_behind_other_words_is_refused(
    tmp_path: Path, program: str, option: str
) -> None:
    with pytest.raises(UsageError, match="pip would not come to trustguard"):
        refuse((program, "install", option, "x"), tmp_path, {})
    refuse((program, "install", "--progress-bar=off", "--pre", "--cert=x", "--prefix=x", "y"), tmp_path, {})


@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        (".pip-tools.toml", "[tool.pip-tools]", ("pip-compile", "list.in")),
        ("pyproject.toml", "[tool.pip-tools]", ("pip-compile",)),
        ("pyproject.toml", "[tool.pip-tools.compile]", ("piptools", "compile")),
        ("pyproject.toml", "[tool.pip-tools.sync]", ("pip-sync",)),
        ("sub/.pip-tools.toml", "[tool.pip-tools]", ("pip-compile", "sub/list.in")),
        ("other.toml", "[tool.pip-tools]", ("pip-compile", "--config=other.toml")),
    ],
)
@pytest.mark.parametrize("key", ["pip-args", "pip_args", r'"pip\u002dargs"', "pip_args_str"])
def test_what_pip_tools_hands_to_pip_is_looked_into(
    tmp_path: Path, name: str, table: str, words: tuple[str, ...], key: str
) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / name
    file.write_text(f'{table}\n{key} = "--trusted-host x --proxy http://theirs.example"\n')
    with pytest.raises(UsageError, match="--proxy: pip would not come to trustguard") as caught:
        refuse(words, tmp_path, {})
    assert str(file) in caught.value.message
    file.write_text(f'{table}\n{key} = "--no-deps --progress-bar off"\n')
    refuse(words, tmp_path, {})


def test_settings_that_pip_tools_is_told_to_leave_alone_are(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pip-tools]\npip-args = "--proxy x"\n')
    refuse(("pip-compile", "--no-config"), tmp_path, {})
    refuse(("make", "list"), tmp_path, {})


def test_settings_of_pip_tools_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b'[tool.pip-tools]\npip-args = "\xff"\n')
    with pytest.raises(UsageError, match="cannot be looked into"):
        refuse(("pip-compile",), tmp_path, {})


@pytest.mark.parametrize(
    "words",
    [
        ("pip-compile", "--pip-args", "--proxy=http://theirs.example"),
        ("pip-compile", "--pip-args=-q --proxy 'http://theirs.example"),
        ("pipx", "install", "x", "--pip-args=--isolated"),
        ("pipenv", "install", "--extra-pip-args", "--cache-dir x"),
    ],
)
def test_so_is_what_the_command_line_hands_on(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="pip-args --"):
        refuse(words, tmp_path, {})
    refuse((words[0], "--pip-args=--no-deps", "x" * 5000, "\0"), tmp_path, {})
