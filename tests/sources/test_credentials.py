"""Credentials are found where pip finds them, go where they belong, and are shown nowhere."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pip._internal.network import auth

from tests.lab.index import LabIndex
from trustguard.model.errors import SourceRefused
from trustguard.sources.credentials import Credential, CredentialStore, redact, split_userinfo
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.urls import origin, path_of_file_url, printable

URL = "https://idx.example/simple/"
QUICK = HttpSettings(timeout=5, retries=0, use_env_proxies=False)


@pytest.fixture(autouse=True)
def no_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of the machine's own gets into a test."""
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("url", "clean", "credential"),
    [
        (URL, URL, None),
        ("https://u:p@idx.example/simple/?a=b#c", "https://idx.example/simple/?a=b#c", ("u", "p")),
        ("https://u%40x:p%3A%2F%20w@idx.example/", "https://idx.example/", ("u@x", "p:/ w")),
        ("https://u:p:q@idx.example/", "https://idx.example/", ("u", "p:q")),
        ("https://u:p@q@idx.example/", "https://idx.example/", ("u", "p@q")),
        ("https://token@idx.example:8443/", "https://idx.example:8443/", ("token", None)),
        ("https://:p@idx.example/", "https://idx.example/", ("", "p")),
        ("https://u:@idx.example/", "https://idx.example/", ("u", "")),
        ("https://@idx.example/", "https://idx.example/", None),
        ("https://u:\tp@idx.example/", "https://idx.example/", ("u", "p")),
    ],
)
def test_user_and_password_are_taken_out_of_an_address(
    url: str, clean: str, credential: tuple[str, str | None] | None
) -> None:
    expected = Credential(*credential) if credential else None
    assert split_userinfo(url) == (clean, expected)


@pytest.mark.parametrize("url", ["https://u:p@[x/", "https://u:p@host:port/"])
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        split_userinfo(url)
    assert "u:p" not in str(caught.value)


def test_basic_authentication_is_that_of_rfc_7617() -> None:
    # The example of RFC 7617, section 2.
    assert Credential("Aladdin", "open sesame").header() == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert Credential("token").header() == "Basic dG9rZW46"
    # b"\xe9:" in Latin-1, as pip sends it; b"\xe2\x82\xac:" in UTF-8, where Latin-1 has no such character.
    assert Credential("é", "").header() == "Basic 6To="
    assert Credential("€", "").header() == "Basic 4oKsOg=="


def test_a_credential_never_shows_itself() -> None:
    shown = repr(Credential("token", "secret")) + str(Credential("token", "secret"))
    assert "token" not in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, URL),
        ("https://u:p@idx.example/x", "https://****@idx.example/x"),
        ("https://token@idx.example/x", "https://****@idx.example/x"),
        ("git+https://u:p@idx.example/x@v1", "git+https://****@idx.example/x@v1"),
        ("git+https://idx.example:80/x@v1", "git+https://idx.example:80/x@v1"),
        ("https://[::1]:80/x@v1", "https://[::1]:80/x@v1"),
        ("https://u:p/q@idx.example/x", "https://****@idx.example/x"),
        ("//u:p@idx.example/x", "//****@idx.example/x"),
        ("u:p@idx.example", "****@idx.example"),
        ("https://u:p@[x", "https://****@[x"),
        ("https://idx.example/x?sig=1#y", "https://idx.example/x?..."),
        ("https://idx.example/\x1b[2J\n", "https://idx.example/?[2J?"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(url: str, shown: str) -> None:
    assert redact(url) == shown


def test_a_foreign_text_is_shown_on_one_line_and_not_without_end() -> None:
    assert printable("a\r\nb\u202ec") == "a??b?c"
    assert printable("x" * 301) == "x" * 297 + "..."


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Idx.Example/a", ("https", "idx.example", 443)),
        ("http://idx.example:443/", ("http", "idx.example", 443)),
        ("https://b\u00fccher.example/", ("https", "xn--bcher-kva.example", 443)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, expected: tuple[str, str, int]) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize("url", ["file:///x", "https:///x", "ftp://idx.example", "https://idx.example:99999"])
def test_what_has_no_origin_is_a_value_error(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        origin(url)


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
def test_a_file_address_is_a_path_on_this_machine() -> None:
    assert path_of_file_url("file:///a%20b/c") == Path("/a b/c")
    assert path_of_file_url("file://localhost/a") == Path("/a")
    for url in ("file://server/share", "https://idx.example/", "file:///a%00b"):
        with pytest.raises(SourceRefused):
            path_of_file_url(url)


# Which credential


def known(store: CredentialStore, url: str) -> str | None:
    credential = store.known(url)
    return None if credential is None else f"{credential.username}:{credential.password}"


def test_a_configured_credential_is_for_its_origin_only() -> None:
    store = CredentialStore()
    assert store.add("https://u:p@idx.example/simple/") == URL
    assert known(store, "https://idx.example/files/x.whl") == "u:p"
    assert known(store, "https://IDX.example:443/") == "u:p"
    for url in (
        "http://idx.example/simple/",
        "https://idx.example:8443/simple/",
        "https://files.idx.example/",
        "https://idx.example.evil.example/",
        "https://idx.example@evil.example/",
        "file:///idx.example/",
    ):
        assert known(store, url) is None


def test_of_two_indexes_on_one_host_the_one_with_the_longer_common_path_decides() -> None:
    store = CredentialStore()
    store.add("https://a:1@idx.example/team-a/simple/")
    store.add("https://b:2@idx.example/team-b/simple/")
    store.add("https://idx.example/public/simple/")
    assert known(store, "https://idx.example/team-a/files/x") == "a:1"
    assert known(store, "https://idx.example/team-b/simple/flask/") == "b:2"
    assert known(store, "https://idx.example/public/simple/flask/") is None


def test_netrc_has_what_the_address_has_not(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine idx.example login n password s\ndefault login d password e\n")
    store = CredentialStore(netrc_file=file)
    store.add("https://u:p@full.example/simple/")
    store.add("https://u@idx.example/simple/")
    assert known(store, URL) == "n:s"
    assert known(store, "https://full.example/") == "u:p"
    assert known(store, "https://other.example/") is None, "a default entry would fit any redirect's target"


def test_netrc_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text("machine idx.example login home password 1\n")
    (home / ".netrc").chmod(0o600)
    other = tmp_path / "other"
    other.write_text("machine idx.example login named password 2\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("NETRC", str(other))
    assert known(CredentialStore(), URL) == "named:2"
    monkeypatch.delenv("NETRC")
    assert known(CredentialStore(), URL) == "home:1"


def test_a_broken_netrc_is_said_and_not_quoted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine idx.example login n password s\nhunter2 hunter2\n")
    assert known(CredentialStore(netrc_file=file), URL) is None
    assert str(file) in caplog.text
    assert "hunter2" not in caplog.text


# The keyring, which is asked through pip


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A `keyring` command: it answers with the file `answer`, and keeps what it was asked in `asked`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "keyring"
    command.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "with (here / 'asked').open('a') as file:\n"
        "    print(*sys.argv[1:], file=file)\n"
        "print((here / 'answer').read_text())\n"
    )
    command.chmod(0o755)
    (folder / "answer").write_text(json.dumps({"username": "ring", "password": "pw"}))
    monkeypatch.setenv("PATH", str(folder))
    auth.get_keyring_provider.cache_clear()
    yield folder
    auth.get_keyring_provider.cache_clear()


def status(index: LabIndex, store: CredentialStore) -> int:
    async def main() -> int:
        async with HttpClient(QUICK, store) as client:
            found = [await client.get_bytes(f"{index.base}/raw/document", limit=100) for _ in range(2)]
            return found[-1].status

    return asyncio.run(main())


@pytest.mark.skipif(os.name == "nt", reason="the command is a script of POSIX")
def test_the_keyring_is_asked_once_and_only_after_a_401(keyring: Path) -> None:
    with LabIndex(credentials=("ring", "pw")) as index:
        index.put("document", b"x")
        store = CredentialStore(keyring="subprocess")
        store.add(index.url)
        assert status(index, store) == 200
        assert ["authorization" in request.headers for request in index.requests] == [False, True, True]
        asked = (keyring / "asked").read_text().splitlines()
        assert asked == [f"--mode=creds --output=json get {index.url}"]
    with LabIndex() as public:
        public.put("document", b"x")
        assert status(public, store) == 200
        assert len((keyring / "asked").read_text().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="the command is a script of POSIX")
def test_the_keyring_is_asked_for_the_user_that_the_address_names(keyring: Path) -> None:
    with LabIndex(credentials=("ring", "pw")) as index:
        index.put("document", b"x")
        store = CredentialStore(keyring="subprocess")
        store.add(index.url.replace("://", "://ring@"))
        assert status(index, store) == 200
        assert (keyring / "asked").read_text().splitlines() == [
            f"--mode=creds --output=json get {index.url} ring"
        ]


@pytest.mark.skipif(os.name == "nt", reason="the command is a script of POSIX")
@pytest.mark.parametrize("reason", ["disabled", "complete address", "no answer", "broken answer"])
def test_without_an_answer_of_the_keyring_a_401_stays_one(
    keyring: Path, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    if reason == "broken answer":
        (keyring / "answer").write_text("not JSON: hunter2")
    if reason == "no answer":
        (keyring / "answer").unlink()
    with LabIndex(credentials=("ring", "pw")) as index:
        store = CredentialStore(keyring="disabled" if reason == "disabled" else "subprocess")
        store.add(index.url.replace("://", "://u:wrong@") if reason == "complete address" else index.url)
        with pytest.raises(SourceRefused, match="401"):
            status(index, store)
    assert (keyring / "asked").exists() is (reason in {"no answer", "broken answer"})
    assert ("keyring is skipped" in caplog.text) is (reason == "broken answer")
    assert "hunter2" not in caplog.text
