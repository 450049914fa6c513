"""A forge's references are read as ``git`` reads them, strictly, in bounds, and from public forges alone."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from tests.lab.faults import Body, Fault, Hang, HugeBody, RedirectLoop, RedirectTo, Reset, Status, Truncate
from tests.lab.forge import REFS_TYPE, LabForge, LabRepository, object_id, pkt_line
from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable
from trustguard.model.refs import Refs, release_tags
from trustguard.model.repository import FORGES, Repository
from trustguard.sources import git_refs
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.forge import Forge
from trustguard.sources.git_refs import read_tags
from trustguard.sources.http import HttpClient, HttpSettings

QUICK = HttpSettings(timeout=5, retries=1, backoff=0.001, use_env_proxies=False)
PATH = "/psf/requests.git/info/refs"
HEAD = object_id("psf/requests")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def forge() -> Iterator[LabForge]:
    """A running forge with one repository."""
    with LabForge() as running:
        running.repository("psf/requests", tags=["v1.0", "v2.0"])
        yield running


def ask(forge: LabForge, path: str = "psf/requests", *, deadline: float = 10.0) -> Refs | None:
    """What the forge says of one of its repositories."""

    async def main() -> Refs | None:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            asking = Forge(client, deadline=deadline, hosts={forge.host})
            return await asking.refs(Repository(forge.host, path))

    return asyncio.run(main())


# A real answer.


@pytest.mark.parametrize("annotated", [False, True])
def test_the_tags_are_read(forge: LabForge, annotated: bool) -> None:
    forge.repository("psf/requests", head=HEAD, tags=["v2.0", "a/b-1", "v1.0"], annotated=annotated)
    found = Repository(forge.host, "psf/requests")
    assert ask(forge) == Refs(frozenset({"v1.0", "v2.0", "a/b-1"}), found)
    (request,) = forge.requests
    assert request.path == f"{PATH}?service=git-upload-pack"


def test_a_repository_without_a_commit_has_nothing(forge: LabForge) -> None:
    forge.repository("psf/empty", head="")
    assert ask(forge, "psf/empty") == Refs(frozenset(), Repository(forge.host, "psf/empty"))


def test_a_long_list_is_read_too(forge: LabForge) -> None:
    tags = [f"v{number}" for number in range(1000)]
    forge.repository("psf/requests", tags=tags)
    found = ask(forge)
    assert found is not None
    assert found.tags == frozenset(tags)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_not_there_or_not_public_is_none(status: int) -> None:
    with LabForge(missing=status) as forge:
        assert ask(forge, "psf/absent") is None
        assert ask(forge, "psf/absent.evil/x") is None


def test_a_renamed_repository_is_followed_and_said(forge: LabForge) -> None:
    forge.rename("psf/requests", "New/Requests")
    new = Repository(forge.host, "new/requests")
    found = ask(forge)
    assert found == Refs(frozenset({"v1.0", "v2.0"}), new)
    assert forge.paths() == [PATH, "/New/Requests.git/info/refs"]
    assert found == ask(forge, "new/requests")
    tags = release_tags(found, Repository(forge.host, "psf/requests"), {new: found}, [Version("1.0")])
    assert (tags.same_as, tags.releases, tags.tagged) == ((new,), 1, 1)


def test_the_first_answer_stays_also_where_many_ask_at_once(forge: LabForge) -> None:
    async def main() -> list[Refs | None]:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            asking = Forge(client, hosts={forge.host})
            there, absent = (Repository(forge.host, path) for path in ("psf/requests", "psf/absent"))
            answers = await asyncio.gather(*(asking.refs(there) for _ in range(5)))
            return [*answers, await asking.refs(absent), await asking.refs(absent)]

    *answers, absent, again = asyncio.run(main())
    assert len(set(answers)) == 1
    assert absent is again is None
    assert forge.paths() == [PATH, "/psf/absent.git/info/refs"]


def test_an_outage_does_not_stay(forge: LabForge) -> None:
    async def main() -> Refs | None:
        async with HttpClient(QUICK) as client:
            asking, there = Forge(client, hosts={forge.host}), Repository(forge.host, "psf/requests")
            with pytest.raises(SourceUnreachable):
                await asking.refs(there)
            return await asking.refs(there)

    forge.fault(PATH, Reset(times=2))
    assert asyncio.run(main()) is not None


# Who is asked.


@pytest.mark.parametrize(
    "host", ["git.corp.example", "169.254.169.254", "localhost:1", "127.0.0.1:1", "", "\n"]
)
def test_a_host_that_is_not_configured_is_not_asked(forge: LabForge, host: str) -> None:
    async def main() -> None:
        async with HttpClient(QUICK) as client:
            for asking in (Forge(client), Forge(client, hosts={forge.host})):
                assert not asking.asks(Repository(host, "a/b"))
                with pytest.raises(SourceRefused, match="is not a forge that is asked") as caught:
                    await asking.refs(Repository(host, "a/b"))
                assert "\n" not in str(caught.value)

    asyncio.run(main())
    assert forge.requests == []


def test_the_public_forges_are_asked_unless_others_are_named(forge: LabForge) -> None:
    async def main() -> None:
        async with HttpClient(QUICK) as client:
            assert all(Forge(client).asks(Repository(host, "a/b")) for host in FORGES)
            assert not Forge(client, hosts={forge.host}).asks(Repository("github.com", "a/b"))

    asyncio.run(main())


def test_any_other_host_than_this_machine_is_asked_with_encryption() -> None:
    async def main() -> None:
        async with HttpClient(replace(QUICK, timeout=1, retries=0)) as client:
            await Forge(client, hosts={"git.invalid"}, deadline=5).refs(Repository("git.invalid", "a/b"))

    with pytest.raises(SourceError, match=r"a list of references at https://git\.invalid/"):
        asyncio.run(main())


def test_a_path_cannot_become_another_address(forge: LabForge) -> None:
    assert ask(forge, "psf/requests?x=/y#z") is None
    assert forge.paths() == ["/psf/requests?x=/y#z.git/info/refs"]


# When the answer is against the rules, or none.


@pytest.mark.parametrize(
    ("fault", "expected", "why"),
    [
        (Reset(), SourceUnreachable, "cannot be fetched"),
        (Status(503), SourceUnreachable, "it was answered with 503"),
        (Status(429), SourceUnreachable, "it was answered with 429"),
        (Truncate(100), SourceUnreachable, "cannot be fetched"),
        (Status(451), SourceRefused, "it was answered with 451"),
        (RedirectLoop(), SourceRefused, "it was redirected more than 10 times"),
        (RedirectTo("http://git.corp.example/x"), SourceRefused, "which is not encrypted"),
        (HugeBody(9 << 20, REFS_TYPE), SourceRefused, "it is larger than 8,388,608 bytes"),
        (HugeBody(9 << 20, REFS_TYPE, announce=False), SourceRefused, "it is larger than 8,388,608 bytes"),
        (Body(b"<!DOCTYPE html>", "text/html"), SourceRefused, "its type is 'text/html'"),
        (Body(b"", "text/plain"), SourceRefused, "its type is 'text/plain'"),
        (Body(b"", REFS_TYPE), SourceRefused, "it does not begin as a list of references does"),
        (Body(b"zzzz", REFS_TYPE), SourceRefused, "'zzzz' is not the length of a pkt-line"),
    ],
)
def test_an_outage_is_unreachable_and_an_answer_against_the_rules_refused(
    forge: LabForge, fault: Fault, expected: type[Exception], why: str
) -> None:
    forge.fault(PATH, fault)
    with pytest.raises(expected, match="a list of references at http://127") as caught:
        ask(forge)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_who_does_not_answer_in_time_is_unreachable(forge: LabForge) -> None:
    forge.fault(PATH, Hang())
    with pytest.raises(SourceUnreachable, match=r"did not come within 0\.2 s"):
        ask(forge, deadline=0.2)


# The form of a list (gitprotocol-http, -pack and -common).

SERVICE = b"001e# service=git-upload-pack\n0000"
A, B, C = (letter * 40 for letter in "abc")


def lines(*payloads: str, service: bytes = SERVICE, end: bytes = b"0000") -> bytes:
    """A list of these lines."""
    return service + b"".join(pkt_line(payload.encode()) for payload in payloads) + end


def test_the_example_of_the_documentation_is_read() -> None:
    """gitprotocol-http, "smart server reply"; the lengths, which are wrong there, are those of its lines."""
    assert read_tags(
        b"001e# service=git-upload-pack\n"
        b"0000"
        b"004895dcfa3633004da0049d3d0fa03f80589cbcaf31 refs/heads/maint\0multi_ack\n"
        b"003fd049f6c27a2244e12041955e262a404c7faba355 refs/heads/master\n"
        b"003c2cb58b79488a98d2721cea644875a8dd0026b115 refs/tags/v1.0\n"
        b"003fa3c2e2402b99163d1d59756e5f207ae21cccba4c refs/tags/v1.0^{}\n"
        b"0000"
    ) == frozenset({"v1.0"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (lines(f"{A} HEAD\0x\n", f"{B} refs/tags/1\n"), frozenset({"1"})),
        (lines(f"{A} HEAD\0x", f"{B} refs/tags/1"), frozenset({"1"})),
        (lines(f"{A} HEAD\0\n"), frozenset()),
        (lines("version 1\n", f"{A} HEAD\0x\n"), frozenset()),
        (lines(f"{A} refs/tags/1\0x\n", f"{B} refs/tags/1^{{}}\n"), frozenset({"1"})),
        (lines(f"{A} HEAD\0x\n", f"shallow {B}\n", f"shallow {C}\n"), frozenset()),
        (lines(f"{'0' * 40} capabilities^{{}}\0x\n"), frozenset()),
        (lines(f"{'0' * 40} capabilities^{{}}\0x\n", f"shallow {B}\n"), frozenset()),
        (lines(f"{'0' * 64} capabilities^{{}}\0object-format=sha256\n"), frozenset()),
        (lines(f"{'d' * 64} HEAD\0object-format=sha256\n"), frozenset()),
        (
            lines(
                f"{A} HEAD\0x\n", f"{A} refs/tags/\u00e4\n", f"{A} refs/pull/1/head\n", f"{A} refs/tagsx/2\n"
            ),
            frozenset({"\u00e4"}),
        ),
        (lines(f"{A} HEAD\0x\n", service=b"001d# service=git-upload-pack0000"), frozenset()),
        (
            SERVICE + pkt_line(f"{A} refs/tags/".encode() + b"\xff\0x\n") + b"0000",
            frozenset({"\\xff"}),
        ),
    ],
)
def test_what_the_protocol_allows_is_read(content: bytes, expected: frozenset[str]) -> None:
    assert read_tags(content) == expected


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it does not begin as a list of references does"),
        (b"0000", "it does not begin as a list of references does"),
        (SERVICE[:-4], "it does not begin as a list of references does"),
        (lines(f"{A} HEAD\0x\n", service=b""), "it does not begin as a list of references does"),
        (
            lines(f"{A} HEAD\0x\n", service=SERVICE.replace(b"upload", b"accept")),
            "it does not begin as a list of references does",
        ),
        (
            lines(f"{A} HEAD\0x\n", service=b"001e# service=git-upload-pack\n0008abcd"),
            "it does not begin as a list of references does",
        ),
        (lines(), "its first reference says nothing of capabilities"),
        (lines("version 1\n"), "its first reference says nothing of capabilities"),
        (lines("version 2\n", "ls-refs\n"), "its first reference says nothing of capabilities"),
        (lines(f"{A} HEAD\n"), "its first reference says nothing of capabilities"),
        (lines(f"{A} HEAD\0x\n", end=b""), "it is not complete"),
        (lines(f"{A} HEAD\0x\n", end=b"00"), "'00' is not the length of a pkt-line"),
        (lines(f"{A} HEAD\0x\n", end=b"0032abc"), "it is not complete"),
        (lines(f"{A} HEAD\0x\n", end=b"00000000"), "something stands behind its end"),
        (lines(f"{A} HEAD\0x\n", end=b"00000006a\n"), "something stands behind its end"),
        (lines(f"{A} HEAD\0x\n", end=b"0001"), "a pkt-line says that it has 1 bytes"),
        (lines(f"{A} HEAD\0x\n", end=b"0004"), "a pkt-line says that it has 4 bytes"),
        (lines(f"{A} HEAD\0x\n", end=b"fff1"), "a pkt-line says that it has 65521 bytes"),
        (lines(f"{A} HEAD\0x\n", end=b"00AB"), "'00AB' is not the length of a pkt-line"),
        (lines(f"{A} HEAD\0x\n", end=b"+0ff"), "'+0ff' is not the length of a pkt-line"),
        (lines("ERR no\x1b access\n"), r"the server says 'no\x1b access'"),
        (pkt_line(b"ERR no access"), "the server says 'no access'"),
        (lines(f"{A} main\0x\n"), f"'{A} main' is not a reference"),
        (lines(f"{'A' * 40} HEAD\0x\n"), f"'{'A' * 40} HEAD' is not a reference"),
        (lines(f"{A[1:]} HEAD\0x\n"), f"'{A[1:]} HEAD' is not a reference"),
        (lines(f"{A} HEAD\0x\n", f"{B} refs/tags/a b\n"), f"'{B} refs/tags/a b' is not a reference"),
        (lines(f"{A} HEAD\0x\n", f"{B} refs/tags/\n"), f"'{B} refs/tags/' is not a reference"),
        (lines(f"{A} HEAD\0x\n", f"{B} refs/tags/1\0y\n"), rf"'{B} refs/tags/1\x00y' is not a reference"),
        (lines(f"{A} HEAD\0x\n", "shallow x\n"), "'shallow x' is not a reference"),
        (
            lines(f"{A} HEAD\0x\n", f"shallow {B}\n", f"{C} refs/tags/1\n"),
            f"'{C} refs/tags/1' is not a reference",
        ),
        (
            lines(f"{'0' * 40} capabilities^{{}}\0x\n", f"shallow {B} \n"),
            f"'shallow {B} ' is not a reference",
        ),
        (
            lines(f"{A} refs/tags/1\0x\n", f"{B} refs/tags/2^{{}}\n"),
            "what 'refs/tags/2' leads to does not stand behind it",
        ),
        (
            lines(f"{A} refs/tags/1\0x\n", f"{B} refs/tags/1^{{}}\n", f"{C} refs/tags/1^{{}}\n"),
            "what 'refs/tags/1' leads to does not stand behind it",
        ),
    ],
)
def test_what_the_protocol_forbids_is_malformed(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        read_tags(content)


def test_a_list_with_too_many_references_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_refs, "MOST", 3)
    most = [f"{A} HEAD\0x\n", f"{A} refs/heads/a\n", f"{A} refs/heads/b\n"]
    assert read_tags(lines(*most)) == frozenset()
    with pytest.raises(ValueError, match="it has more than 3 references"):
        read_tags(lines(*most, f"{A} refs/heads/c\n"))


pieces = st.sampled_from(
    [
        *(b"0000", b"0001", b"0004", SERVICE, pkt_line(b"version 1\n"), pkt_line(b"ERR x"), b"zzzz", b"0100"),
        *(pkt_line(f"{A} HEAD\0x\n".encode()), pkt_line(f"{A} refs/tags/1\n".encode())),
        *(pkt_line(f"{A} refs/tags/1^{{}}\n".encode()), pkt_line(f"shallow {A}".encode())),
    ]
)


@given(st.binary(max_size=80) | st.lists(pieces, max_size=8).map(b"".join))
def test_any_bytes_are_read_or_malformed_and_nothing_else(content: bytes) -> None:
    try:
        read = read_tags(content)
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017 - there is nothing to expect of either outcome
    else:
        assert content.startswith(SERVICE[:29])
        assert all(isinstance(tag, str) for tag in read)


@given(
    st.lists(st.from_regex(r"[a-z0-9.-]{1,8}(/[a-z0-9]{1,4})?", fullmatch=True), unique=True),
    st.booleans(),
)
def test_whatever_the_lab_serves_is_read_back(tags: list[str], annotated: bool) -> None:
    served = LabRepository(HEAD, tuple(tags), annotated).advertisement()
    assert read_tags(served) == frozenset(tags)


# The real one.


def git(*arguments: str, home: Path) -> subprocess.CompletedProcess[bytes]:
    """A git that knows nothing of this machine's settings, and asks nobody."""
    environ = {
        **{key: value for key, value in os.environ.items() if not key.upper().endswith("_PROXY")},
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Lab"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "lab@mail.example"),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    return subprocess.run(["git", *arguments], env=environ, cwd=home, capture_output=True, check=False)


@needs_git
def test_the_real_git_reads_the_lab_as_we_do(forge: LabForge, tmp_path: Path) -> None:
    forge.repository("psf/requests", tags=["v1.0", "v2.0"], annotated=True)
    forge.rename("psf/requests", "new/requests")
    for path in ("psf/requests", "new/requests"):
        done = git("ls-remote", f"{forge.base}/{path}.git", home=tmp_path)
        assert done.returncode == 0, done
        rows = (line.split("\t") for line in done.stdout.decode().splitlines())
        listed = {name: commit for commit, name in rows}
        found = ask(forge, path)
        assert found is not None
        assert listed["HEAD"] == listed["refs/heads/main"]
        tags = {name.removeprefix("refs/tags/") for name in listed if name.startswith("refs/tags/")}
        assert tags == found.tags | {f"{tag}^{{}}" for tag in found.tags}
    assert git("ls-remote", f"{forge.base}/psf/absent.git", home=tmp_path).returncode != 0


@needs_git
def test_what_the_real_git_says_of_a_real_repository_is_read(forge: LabForge, tmp_path: Path) -> None:
    made = [
        git("init", "--quiet", "work", home=tmp_path),
        git("-C", "work", "commit", "--quiet", "--allow-empty", "--message=one", home=tmp_path),
        git("-C", "work", "tag", "v1.0", home=tmp_path),
        git("-C", "work", "commit", "--quiet", "--allow-empty", "--message=two", home=tmp_path),
        git("-C", "work", "tag", "--annotate", "--message=two", "v2.0", home=tmp_path),
    ]
    assert [done.returncode for done in made] == [0] * 5, made
    said = git("upload-pack", "--stateless-rpc", "--advertise-refs", "work", home=tmp_path)
    forge.fault(PATH, Body(SERVICE + said.stdout, REFS_TYPE))
    assert ask(forge) == Refs(frozenset({"v1.0", "v2.0"}), Repository(forge.host, "psf/requests"))
