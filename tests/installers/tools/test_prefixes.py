"""What stands before a program hides nothing of it, and takes nothing of the guard's from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustguard.installers.tools.prefixes import behind
from trustguard.model.errors import UsageError

HERE = Path("/here")


@pytest.mark.parametrize(
    "before",
    [
        "env",
        "/usr/bin/env",
        "env A=1 B=",
        "env -u A --unset=B --unset C -uD -vu E A=1",
        "env -- A=1",
        "env --debug",
        "nice",
        "nice -n 5",
        "nice -5",
        "nice --adjustment=5",
        "nice --adj 5",
        "nohup",
        "ionice -c2 -n 7",
        "setsid -w",
        "stdbuf -oL -e 0 --input=L",
        "taskset 1",
        "taskset -c 0,1",
        "time -p",
        "/usr/bin/time -f %e --output x",
        "timeout 60",
        "timeout -k 5 --signal TERM --foreground 60s",
        "nice -n 5 env A=1 timeout 60 nohup",
        "env -S nice",
    ],
)
def test_what_is_started_in_the_end_is_found(before: str) -> None:
    call = behind((*before.split(), "uv", "run", "-u", "-"), HERE, {})
    assert (call.words, call.cwd) == (("uv", "run", "-u", "-"), HERE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("env", "-S", "A=1 uv run", "x"), ("uv", "run", "x")),
        (("env", "--split-string=-u A uv", "x"), ("uv", "x")),
        (("env", "-vS", "uv 'a b'"), ("uv", "a b")),
        (("/there/python3", "-m", "uv", "run"), ("/there/uv", "run")),
        (("/there/python3.11", "-I", "-X", "dev", "-W", "error", "-Sm", "tox"), ("/there/tox",)),
        (("/there/pypy3", "-mtox", "-m", "x"), ("/there/tox", "-m", "x")),
        (("nice", "/there/python", "-m", "build"), ("/there/build",)),
    ],
)
def test_words_in_other_forms_are_found(words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert behind(words, HERE, {}).words == expected


@pytest.mark.parametrize(
    "words",
    [
        ("uv", "sync"),
        ("env",),
        ("env", "A=1"),
        ("timeout", "60"),
        ("sh", "-c", "uv run -"),
        ("make", "env", "uv"),
        ("python", "-c", "x", "-m", "uv"),
        ("python", "a.py", "-m", "uv"),
        ("python", "-", "-m", "uv"),
        ("python",),
        ("python", "-m"),
    ],
)
def test_others_are_as_they_are(words: tuple[str, ...]) -> None:
    assert behind(words, HERE, {}).words == words


def test_env_says_where_and_under_which_variables() -> None:
    call = behind(("env", "-C", "sub", "-uA", "B=2", "nice", "uv"), HERE, {"A": "1", "C": "3"})
    assert (call.cwd, call.environ) == (HERE / "sub", {"B": "2", "C": "3"})
    assert behind(("env", "--chdir=/x", "uv"), HERE, {}).cwd == Path("/x")


@pytest.mark.parametrize(
    "before",
    [
        "env -i",
        "env -",
        "env -vi",
        "env -iu A",
        "env --ignore-environment",
        "env --ignore-env A=1",
        "env HTTPS_PROXY=",
        "env A=1 https_proxy=http://x",
        "env Https_Proxy=x",
        "env -u HTTPS_PROXY",
        "env -uNO_PROXY",
        "env --unset=SSL_CERT_FILE",
        "env --uns ALL_PROXY",
        "env UV_CACHE_DIR=x",
        "env TOX_OVERRIDE=x",
        "env UV_LINK_MODE=symlink",
        "env PIP_PROXY=x",
        "env PIP_NO_PROXY_ENV=1",
        "env -S HTTPS_PROXY=x",
        "env -S -i",
        "nice timeout 5 env -i",
    ],
)
def test_what_takes_the_guards_variables_away_is_refused(before: str) -> None:
    with pytest.raises(UsageError, match="env ") as caught:
        behind((*before.split(), "uv", "sync"), HERE, {})
    assert caught.value.hint


@pytest.mark.parametrize(
    "before", ["sudo", "sudo -E", "/usr/bin/sudo -u x", "doas", "nice su", "env A=1 sudo"]
)
def test_what_runs_it_as_somebody_else_is_refused(before: str) -> None:
    with pytest.raises(UsageError, match="would not be guarded") as caught:
        behind((*before.split(), "uv", "sync"), HERE, {})
    assert "trustguard run" in (caught.value.hint or "")


def test_what_env_cannot_split_is_refused() -> None:
    with pytest.raises(UsageError, match="env -S"):
        behind(("env", "-S", "'uv"), HERE, {})
