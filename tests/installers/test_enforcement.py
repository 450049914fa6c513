"""What stops pip stands in its configuration beside what was there, and goes away without a trace."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from trustguard.installers.pip.child import GUARDED
from trustguard.installers.pip.enforcement import STOP_NAME, config_file, is_stopped, started, stopped
from trustguard.model.errors import ConfigError

FILE = Path("/home/a user/pip.conf")
URL = "file:///home/a%20user/type-trustguard-install.txt"
"""RFC 8089 and RFC 3986: a space in a path is ``%20`` in an address."""
MADE = " (a remark)"

CONFIGURATIONS = {
    "empty": b"",
    "indexes and a password": b"[global]\nindex-url = https://me:secret@index.example/simple/\n",
    "no last end of line": b"# mine\n\n[install]\nuser = no\n[global]\n timeout=3",
    "a header last": b"[install]",
    "two headers, one last": b"[lock]\n[install]",
    "every section": b"[install]\n[download]\n[wheel]\n[lock]\n",
    "what looks like a header in a value": b"[global]\nfind-links =\n  /a\n  [install]\n",
    "ends of lines of Windows": b"[global]\r\ntimeout = 1\r\n[install]\r\n\r\nuser = no\r\n[wheel]",
    "an encoding that is none": b"[global]\n; caf\xe9 \xff\nlog = /tmp/\xe9\n",
}


@pytest.mark.parametrize("data", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_what_was_there_stays_and_comes_back_byte_for_byte(data: bytes) -> None:
    new = stopped(data, FILE, MADE)
    before, after = parsed(data), parsed(new)
    for section in GUARDED:
        assert after[section].pop("requirement") == URL
    assert {name: values for name, values in after.items() if values or name in before} == before
    assert not is_stopped(data, FILE)
    assert is_stopped(new, FILE)
    assert started(new, FILE)[0] == data


def parsed(data: bytes) -> dict[str, dict[str, str]]:
    """What pip's own kind of parser reads."""
    parser = configparser.RawConfigParser()
    parser.read_string(data.decode("latin-1"))
    return {section: dict(parser.items(section)) for section in parser.sections()}


def test_to_stop_twice_is_to_stop_once() -> None:
    once = stopped(b"[global]\ntimeout = 3\n", FILE, MADE)
    assert stopped(once, FILE, MADE) == once


def test_the_remark_comes_back() -> None:
    assert started(stopped(b"", FILE, MADE), FILE) == (b"", MADE)


def test_what_the_user_has_changed_meanwhile_stays() -> None:
    new = stopped(b"[install]\nuser = no\n", FILE, MADE)
    changed = b"# before\n" + new.replace(b"user = no", b"user = yes") + b"[list]\nformat = json\n"
    assert started(changed, FILE)[0] == b"# before\n[install]\nuser = yes\n[list]\nformat = json\n"


def test_what_pip_has_written_anew_without_comments_is_taken_back_too() -> None:
    """``pip config set`` writes the file as configparser does: no comment is left."""
    parser = configparser.RawConfigParser()
    parser.read_string(stopped(b"[global]\ntimeout = 3\n", FILE, MADE).decode())
    with_marks_lost = "".join(
        f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in parser.items(section)) + "\n"
        for section in parser.sections()
    ).encode()
    assert is_stopped(with_marks_lost, FILE)
    rest = started(with_marks_lost, FILE)[0]
    assert not is_stopped(rest, FILE)
    assert parsed(rest)["global"] == {"timeout": "3"}
    assert b"requirement" not in rest


@pytest.mark.parametrize("section", ["global", "install", ":env:"])
@pytest.mark.parametrize("key", ["requirement", "Requirement", "--requirement", "--REQUIREMENT"])
def test_a_requirement_file_of_the_users_own_is_not_hidden(section: str, key: str) -> None:
    with pytest.raises(ConfigError, match=rf"sets requirement in \[{section}\] already"):
        stopped(f"[{section}]\n{key} = mine.txt\n".encode(), FILE, MADE)


@pytest.mark.parametrize(
    ("place", "more"),
    [("[download]\n", "--requirement = x\n"), ("[install]\n", "[:env:]\nrequirement = x\n")],
)
def test_what_pip_heeds_after_it_is_seen(place: str, more: str) -> None:
    """Somebody has added it since."""
    data = stopped(b"", FILE, MADE).decode()
    assert is_stopped(data.encode(), FILE)
    assert not is_stopped(data.replace(place, f"{more}{place}", 1).encode(), FILE)


def test_what_pip_cannot_read_is_left_alone() -> None:
    with pytest.raises(ConfigError, match="cannot be read by pip"):
        stopped(b"no section = yes\n", FILE, MADE)


def test_a_form_that_is_not_known_is_left_alone() -> None:
    """An indented header is one for pip, where nothing stands before it."""
    with pytest.raises(ConfigError, match="in a way that trustguard does not know"):
        stopped(b"  [install]\n", FILE, MADE)


def test_an_environments_file_is_in_its_prefix() -> None:
    """The site configuration of pip: ``pip.conf`` in ``sys.prefix``."""
    assert config_file("venv", Path("/prefix")) in {Path("/prefix/pip.conf"), Path("/prefix/pip.ini")}
    assert config_file("user").name == config_file("system").name


def test_the_requirement_file_says_what_to_type_by_its_name_alone() -> None:
    assert STOP_NAME == "type-trustguard-install.txt"
