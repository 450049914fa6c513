"""What stops uv stands in its configuration beside what was there, and goes away without a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trustguard.config.lines import loads
from trustguard.frontends.enforcement.uv_toml import STOP_PLACE, is_stopped, started, stopped
from trustguard.model.errors import ConfigError

FILE = Path("/home/a user/uv.toml")
MADE = " (a remark)"

CONFIGURATIONS = {
    "empty": b"",
    "a table first": b"[pip]\nstrict = true\n",
    "an index with a password": b'[[index]]\nurl = "https://me:secret@index.example/simple/"\n',
    "no places": b"find-links = []",
    "places in many lines": b'# mine\n"find-links" = [ # here\n  "/a",\n]\n[[index]]\nurl = "x"\n',
    "ends of lines of Windows": b"index-url = 'a'\r\nfind-links = ['/b', '/c']\r\n",
    "what looks like places in a text": b'x = """\nfind-links = [\n"""\nfind-links = ["/a"]\n',
    "places of uv pip": b'[pip]\nfind-links = ["/a"]\n',
    "letters beyond ASCII": 'find-links = ["/café"]\n'.encode(),
    "a byte order mark": b"\xef\xbb\xbfoffline = true\n",
    "places behind a byte order mark": b'\xef\xbb\xbffind-links = ["/a"]\n',
}


@pytest.mark.parametrize("data", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_what_was_there_stays_and_comes_back_byte_for_byte(data: bytes) -> None:
    new = stopped(data, FILE, MADE)
    before: dict[str, Any] = loads(data.decode("utf-8-sig"))
    after = loads(new.decode("utf-8-sig"))
    assert after == {**before, "find-links": [STOP_PLACE, *before.get("find-links", [])]}
    assert (is_stopped(data, FILE), is_stopped(new, FILE)) == (False, True)
    assert started(new, FILE)[0] == data


def test_to_stop_twice_is_to_stop_once() -> None:
    once = stopped(b"find-links = []\n", FILE, MADE)
    assert stopped(once, FILE, MADE) == once


def test_the_remark_comes_back() -> None:
    assert started(stopped(b"", FILE, MADE), FILE) == (b"", MADE)


def test_what_the_user_has_changed_meanwhile_stays() -> None:
    changed = stopped(b"offline = true\n", FILE, MADE).replace(b"true", b"false") + b"[pip]\n"
    assert started(changed, FILE)[0] == b"offline = false\n[pip]\n"


def test_what_somebody_has_written_in_another_way_is_not_guessed_at() -> None:
    changed = stopped(b"", FILE, MADE).replace(b'"', b"'")
    with pytest.raises(ConfigError, match="was changed since"):
        started(changed, FILE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"offline =", "cannot be read by uv"),
        (b"offline = '\xff'", "cannot be read by uv"),
        (b"find-links = '/a'\n", "find-links is no array"),
        (b"find-links.x = 1\n", "find-links is no array"),
        (b'find-links\n = ["/a"]\n', "cannot be read by uv"),
    ],
)
def test_what_uv_could_not_read_is_left_alone(data: bytes, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        stopped(data, FILE, MADE)
