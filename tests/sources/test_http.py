"""The HTTP client keeps its bounds whatever a server does. Every attack stands beside its control."""

from __future__ import annotations

import asyncio
import gzip
import logging
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import pytest

from tests.lab.faults import (
    Body,
    Fault,
    Hang,
    HugeBody,
    RedirectLoop,
    RedirectTo,
    Reset,
    Slow,
    Status,
    Truncate,
)
from tests.lab.index import LabIndex
from tests.lab.reply import Reply
from tests.lab.server import Request
from tests.sources.https import BODY, certificates, http2_server, https_server
from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable, UsageError
from trustguard.model.request import Sources
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.http import HttpClient, HttpSettings, Response
from trustguard.sources.http_body import BoundedBody, retry_after
from trustguard.sources.http_types import Download

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

QUICK = HttpSettings(timeout=5, retries=2, backoff=0.001, use_env_proxies=False)
LIMIT = 100_000
DOCUMENT = b'{"meta": {"api-version": "1.4"}}'
FILE = os.urandom(300_000)


@pytest.fixture
def index() -> Iterator[LabIndex]:
    """A server with a document and a file."""
    with LabIndex() as running:
        running.put("document", DOCUMENT, "Application/JSON; charset=utf-8")
        running.put("file", FILE)
        yield running


def get(
    url: str,
    settings: HttpSettings = QUICK,
    store: CredentialStore | None = None,
    *,
    limit: int = LIMIT,
    deadline: float = 30,
) -> Response:
    """Fetch a document."""

    async def main() -> Response:
        async with HttpClient(settings, store) as client:
            return await client.get_bytes(url, limit=limit, deadline=deadline, what="the thing")

    return asyncio.run(main())


def download(
    url: str, settings: HttpSettings = QUICK, *, limit: int = 1_000_000, deadline: float = 30
) -> tuple[Download, bytes]:
    """Fetch a file."""

    async def main() -> tuple[Download, bytes]:
        async with (
            HttpClient(settings) as client,
            client.stream(url, limit=limit, deadline=deadline) as file,
        ):
            return file, b"".join([chunk async for chunk in file.chunks])

    return asyncio.run(main())


def refusal(url: str, settings: HttpSettings = QUICK, **bounds: float) -> SourceError:
    """The error that a document makes."""
    with pytest.raises(SourceError) as caught:
        get(url, settings, **bounds)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return caught.value


# Documents


def test_a_document_comes_with_its_status_type_and_final_address(index: LabIndex) -> None:
    index.fault("/raw/moved", RedirectTo("/raw/document", 301))
    found = get(f"{index.base}/raw/moved")
    assert (found.status, found.content, found.missing) == (200, DOCUMENT, False)
    assert found.content_type == "application/json"
    assert found.url == f"{index.base}/raw/document"


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_document_is_an_answer_and_no_error(index: LabIndex, status: int) -> None:
    index.fault("/raw/document", Status(status, body=b"gone"))
    found = get(f"{index.base}/raw/document")
    assert (found.status, found.content, found.missing) == (status, b"", True)


@pytest.mark.parametrize("status", [204, 400, 401, 403, 406, 407, 451])
def test_a_status_that_says_no_is_a_refusal_at_once(index: LabIndex, status: int) -> None:
    index.fault("/raw/document", Status(status))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)
    assert len(index.requests) == 1


def test_an_unchanged_document_is_an_answer_only_to_who_asked(index: LabIndex) -> None:
    async def main() -> int:
        async with HttpClient(QUICK) as client:
            first = await client.get_bytes(f"{index.base}/raw/document", limit=LIMIT)
            condition = {"If-None-Match": first.headers["etag"]}
            again = await client.get_bytes(f"{index.base}/raw/document", limit=LIMIT, headers=condition)
            return again.status

    assert asyncio.run(main()) == 304
    index.fault("/raw/document", Status(304))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)


# Bounds


def test_a_document_of_exactly_the_limit_passes_and_one_byte_more_does_not(index: LabIndex) -> None:
    assert get(f"{index.base}/raw/document", limit=len(DOCUMENT)).content == DOCUMENT
    assert isinstance(refusal(f"{index.base}/raw/document", limit=len(DOCUMENT) - 1), SourceRefused)


@pytest.mark.parametrize("announce", [True, False])
def test_a_huge_document_is_given_up_at_the_limit(index: LabIndex, announce: bool) -> None:
    index.fault("/raw/document", HugeBody(10**12, announce=announce))
    assert "larger than 100,000 bytes" in str(refusal(f"{index.base}/raw/document"))


def test_a_gzip_bomb_is_given_up_at_the_limit_and_honest_gzip_is_unpacked(index: LabIndex) -> None:
    headers = {"Content-Encoding": "gzip"}
    index.put("bomb", b"")
    index.fault("/raw/bomb", Body(gzip.compress(bytes(50_000_000)), headers=headers))
    assert "larger than 100,000 bytes" in str(refusal(f"{index.base}/raw/bomb"))
    index.fault("/raw/document", Body(gzip.compress(DOCUMENT), headers=headers))
    assert get(f"{index.base}/raw/document").content == DOCUMENT


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(gzip.compress(DOCUMENT))),
        ("gzip", DOCUMENT),
        ("gzip", gzip.compress(DOCUMENT)[:-9]),
        ("gzip", gzip.compress(DOCUMENT) + gzip.compress(DOCUMENT)),
    ],
    ids=["brotli", "nested", "not-gzip", "cut", "two-members"],
)
def test_an_encoding_that_is_not_what_was_asked_for_is_refused(
    index: LabIndex, encoding: str, content: bytes
) -> None:
    index.fault("/raw/document", Body(content, headers={"Content-Encoding": encoding}))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)


def test_a_compressed_body_is_bounded_before_it_is_unpacked_too() -> None:
    body = BoundedBody("gzip", 10)
    with pytest.raises(ValueError, match="larger than 10 bytes"):
        body.feed(bytes(11))


@pytest.mark.parametrize(
    "fault", [Hang(), Hang(after=3), Slow(seconds_per_chunk=0.1, chunk_size=1), Status(503)], ids=repr
)
def test_the_deadline_ends_what_would_go_on(index: LabIndex, fault: Fault) -> None:
    index.fault("/raw/document", fault)
    settings = replace(QUICK, retries=10**6, backoff=0.01)
    error = refusal(f"{index.base}/raw/document", settings, deadline=0.5)
    assert isinstance(error, SourceUnreachable)
    assert "did not come within 0.5 s" in error.message


# Failures that may pass


@pytest.mark.parametrize(
    "fault",
    [
        Reset(times=2),
        Truncate(3, times=2),
        Status(500, times=2),
        Status(502, times=2),
        Status(503, times=2),
        Status(520, times=2),
        Status(527, times=2),
        Status(429, times=2, headers={"Retry-After": "0"}),
    ],
    ids=repr,
)
def test_a_failure_that_passes_is_outlasted_as_often_as_the_settings_say(
    index: LabIndex, fault: Fault
) -> None:
    index.fault("/raw/document", fault)
    assert get(f"{index.base}/raw/document").content == DOCUMENT
    assert len(index.requests) == 3


def test_a_server_that_says_nothing_is_asked_again_after_the_timeout(index: LabIndex) -> None:
    index.fault("/raw/document", Hang(times=1))
    assert get(f"{index.base}/raw/document", replace(QUICK, timeout=1)).content == DOCUMENT
    index.fault("/raw/document", Hang())
    error = refusal(f"{index.base}/raw/document", replace(QUICK, timeout=0.1, retries=0))
    assert isinstance(error, SourceUnreachable)
    assert "did not answer in time" in error.message


def test_a_failure_that_stays_is_reported_with_the_number_of_attempts(index: LabIndex) -> None:
    index.fault("/raw/document", Status(503))
    error = refusal(f"{index.base}/raw/document")
    assert isinstance(error, SourceUnreachable)
    assert error.message == (
        f"the thing at {index.base}/raw/document cannot be fetched: it was answered with 503 (3 attempts)"
    )
    assert len(index.requests) == 3


def test_a_server_that_asks_for_too_long_a_pause_is_not_waited_for(index: LabIndex) -> None:
    index.fault("/raw/document", Status(429, headers={"Retry-After": "31"}))
    assert "asks to come back in 31 s" in str(refusal(f"{index.base}/raw/document"))
    assert len(index.requests) == 1


def test_a_server_that_cannot_is_unreachable_at_once(index: LabIndex) -> None:
    index.fault("/raw/document", Status(501))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceUnreachable)
    assert len(index.requests) == 1


def test_nobody_at_the_address_is_unreachable() -> None:
    with LabIndex() as gone:
        address = f"{gone.base}/raw/document"
    assert isinstance(refusal(address), SourceUnreachable)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("12", 12.0),
        ("Thu, 01 Jan 2026 00:00:20 GMT", 20.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 1, 1, tzinfo=timezone.utc)) == seconds


# Redirects


def test_ten_redirects_are_followed_and_eleven_are_not(index: LabIndex) -> None:
    for turn in range(11):
        index.fault(f"/raw/{turn}", RedirectTo(f"/raw/{turn + 1}"))
    index.put("11", DOCUMENT)
    assert get(f"{index.base}/raw/1").content == DOCUMENT
    assert "more than 10 times" in str(refusal(f"{index.base}/raw/0"))


def test_a_redirect_loop_ends(index: LabIndex) -> None:
    index.fault("/raw/document", RedirectLoop())
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)
    assert len(index.requests) == 11


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:text/plain,x",
        "http://127.0.0.1:65536/",
        "http://[x",
    ],
)
def test_a_redirect_to_anything_but_http_is_refused(index: LabIndex, target: str) -> None:
    index.fault("/raw/document", RedirectTo(target))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)


@pytest.mark.parametrize("target", [f"https://{'a' * 64}.example/", "https://a..example/"])
def test_a_host_that_cannot_be_is_our_error_too(index: LabIndex, target: str) -> None:
    # RFC 1035, 2.3.4: a label has 1 to 63 characters. That is found out only when the name is looked up.
    index.fault("/raw/document", RedirectTo(target))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceError)


def test_a_redirect_without_an_address_is_refused(index: LabIndex) -> None:
    index.fault("/raw/document", Status(302))
    assert isinstance(refusal(f"{index.base}/raw/document"), SourceRefused)


def test_a_redirect_to_plain_http_is_refused_unless_the_host_is_trusted(index: LabIndex) -> None:
    # The lab stands in for a proxy, so that any host's name leads to it.
    index.fault("/raw/document", RedirectTo("http://cdn.example/raw/file"))
    error = refusal(f"{index.base}/raw/document", replace(QUICK, proxy=index.base))
    assert "not encrypted" in error.message
    assert "--trusted-host cdn.example" in error.hint
    trusting = replace(QUICK, proxy=index.base, trusted_hosts=("cdn.example",))
    assert get(f"{index.base}/raw/document", trusting, limit=10**6).content == FILE


def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(index: LabIndex) -> None:
    error = refusal("http://idx.example/raw/document", replace(QUICK, proxy=index.base))
    assert isinstance(error, SourceRefused)
    assert "--trusted-host idx.example" in error.hint
    assert index.requests == []
    assert get("http://idx.example/raw/document", _through(index, "idx.example")).content == DOCUMENT


def _through(index: LabIndex, *hosts: str) -> HttpSettings:
    return replace(QUICK, proxy=index.base, trusted_hosts=hosts)


# Credentials


def test_credentials_go_to_their_origin_and_to_no_other() -> None:
    with LabIndex(credentials=("user", "pass word")) as own, LabIndex() as other:
        other.put("document", DOCUMENT)
        own.put("document", DOCUMENT)
        own.fault("/raw/same", RedirectTo("/raw/document"))
        own.fault("/raw/cross", RedirectTo(f"{other.base}/raw/document"))
        store = CredentialStore(keyring="disabled")
        store.add(own.url_with_credentials)
        assert get(f"{own.base}/raw/same", store=store).content == DOCUMENT
        assert get(f"{own.base}/raw/cross", store=store).content == DOCUMENT
        assert ["authorization" in request.headers for request in own.requests] == [True, True, True]
        assert ["authorization" in request.headers for request in other.requests] == [False]


def test_a_user_and_password_in_a_redirect_are_not_used() -> None:
    with LabIndex(credentials=("user", "secret")) as index:
        index.put("document", DOCUMENT)
        with LabIndex() as other:
            userinfo = index.base.replace("://", "://user:secret@")
            other.fault("/raw/x", RedirectTo(f"{userinfo}/raw/document"))
            with pytest.raises(SourceRefused, match="401"):
                get(f"{other.base}/raw/x", store=CredentialStore(keyring="disabled"))
        assert all("authorization" not in request.headers for request in index.requests)
        assert get(f"{userinfo}/raw/document").content == DOCUMENT


def test_no_error_and_no_log_shows_a_password_or_a_signature(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    with LabIndex(credentials=("user", "hunter2")) as index:
        index.put("document", DOCUMENT)
        index.fault("/raw/broken", Status(503))
        with_secrets = f"{index.base.replace('://', '://user:hunter2@')}/raw/{{}}?signature=abc123"
        assert get(with_secrets.format("document")).content == DOCUMENT
        told = str(refusal(with_secrets.format("broken")))
    made = certificates(tmp_path)
    with http2_server(made) as url:
        get(
            f"{url.replace('://', '://user:hunter2@')}/?signature=abc123",
            replace(QUICK, ca_file=made.authority),
        )
    for secret in ("hunter2", "abc123", "dXNlcjpodW50ZXIy"):
        assert secret not in told
        assert secret not in caplog.text


def test_no_cookie_is_kept(index: LabIndex) -> None:
    index.fault("/raw/document", Body(DOCUMENT, headers={"Set-Cookie": "track=me; Path=/"}))

    async def main() -> None:
        async with HttpClient(QUICK) as client:
            for _ in range(2):
                await client.get_bytes(f"{index.base}/raw/document", limit=LIMIT)

    asyncio.run(main())
    assert ["cookie" in request.headers for request in index.requests] == [False, False]


# TLS


def test_a_certificate_counts_only_if_its_authority_is_trusted(tmp_path: Path) -> None:
    made = certificates(tmp_path)
    with https_server(made) as url:
        error = refusal(url)
        assert isinstance(error, SourceRefused)
        assert "certificate is not trusted" in error.message
        assert get(url, replace(QUICK, ca_file=made.authority)).content == BODY
        host = url.removeprefix("https://")
        assert get(url, replace(QUICK, trusted_hosts=(host,))).content == BODY
        other_port = refusal(url, replace(QUICK, trusted_hosts=("127.0.0.1:1",)))
        assert "certificate is not trusted" in other_port.message


def test_a_bundle_named_in_the_environment_counts_where_the_environment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificates(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.authority))
    monkeypatch.setenv("NO_PROXY", "*")
    with https_server(made) as url:
        assert get(url, replace(QUICK, use_env_proxies=True)).content == BODY
        assert isinstance(refusal(url), SourceRefused)


@pytest.mark.parametrize("option", ["ca_file", "client_cert"])
def test_a_certificate_file_that_is_none_is_told_with_its_name(tmp_path: Path, option: str) -> None:
    broken = tmp_path / "broken.pem"
    for content in (None, b"no certificate\n"):
        if content is not None:
            broken.write_bytes(content)
        error = refusal("https://127.0.0.1:9/", replace(QUICK, **{option: broken}))  # type: ignore[arg-type]
        assert str(broken) in error.message


def test_http2_is_spoken_where_the_server_does(tmp_path: Path) -> None:
    made = certificates(tmp_path)
    with http2_server(made) as url:
        assert get(url, replace(QUICK, ca_file=made.authority)).content == BODY


# Settings


def test_a_proxy_is_used_and_an_empty_one_turns_off_that_of_the_environment(
    index: LabIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LabIndex() as proxy:
        proxy.put("document", b"by proxy")
        monkeypatch.setenv("HTTP_PROXY", proxy.base)
        monkeypatch.setenv("http_proxy", proxy.base)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        address = f"{index.base}/raw/document"
        assert get(address, replace(QUICK, use_env_proxies=True)).content == b"by proxy"
        assert get(address, replace(QUICK, use_env_proxies=True, proxy="")).content == DOCUMENT
        assert get(address, replace(QUICK, proxy=proxy.base.removeprefix("http://"))).content == b"by proxy"


@pytest.mark.parametrize("proxy", ["nonsense://secret", "http://secret:port"])
def test_a_proxy_that_cannot_be_used_is_told_without_its_address(index: LabIndex, proxy: str) -> None:
    error = refusal(f"{index.base}/raw/document", replace(QUICK, proxy=proxy))
    assert "proxy" in error.message
    assert proxy not in str(error)


@pytest.mark.parametrize(
    ("trusted", "url", "verdict"),
    [
        ("idx.example", "https://idx.example:8443/", True),
        ("idx.example", "https://IDX.example/", True),
        ("idx.example:8443", "https://idx.example:8443/", True),
        ("idx.example:8443", "https://idx.example/", False),
        ("idx.example:443", "https://idx.example/", True),
        ("idx.example", "https://evil.idx.example/", False),
        ("idx.example", "https://idx.example.evil.example/", False),
        ("idx.example", "https://idx.example@evil.example/", False),
        ("[::1]:8000", "http://[::1]:8000/", True),
        ("2001:db8::1", "http://[2001:db8::1]/", True),
    ],
)
def test_a_trusted_host_is_exactly_that_host(trusted: str, url: str, verdict: bool) -> None:
    assert replace(QUICK, trusted_hosts=(trusted,)).trusts(url) is verdict


@pytest.mark.parametrize("text", ["", "https://idx.example", "idx.example/simple", "idx.example:port", "[x"])
def test_a_trusted_host_that_is_none_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        HttpSettings(trusted_hosts=(text,))


@pytest.mark.parametrize(
    ("url", "permitted"),
    [
        ("http://localhost:1/", True),
        ("http://127.9.9.9/", True),
        ("http://[::1]/", True),
        ("http://127.0.0.1.example/", False),
        ("http://localhost.example/", False),
        ("http://2130706433/", False),
        ("http://0.0.0.0/", False),
        ("http://127.0.0.1@idx.example/", False),
    ],
)
def test_plain_http_is_for_this_machine(url: str, permitted: bool) -> None:
    assert QUICK.permits_plain(url) is permitted


def test_the_settings_of_an_installer_are_taken_over_one_by_one(tmp_path: Path) -> None:
    sources = Sources(
        trusted_hosts=("idx.example",),
        proxy="http://user:pw@proxy.example",
        use_env_proxies=False,
        ca_file=tmp_path / "ca.pem",
        client_cert=tmp_path / "me.pem",
        timeout=3.0,
        retries=7,
    )
    settings = HttpSettings.of(sources)
    for name in (
        "trusted_hosts",
        "proxy",
        "use_env_proxies",
        "ca_file",
        "client_cert",
        "timeout",
        "retries",
    ):
        assert getattr(settings, name) == getattr(sources, name)
    assert "pw" not in repr(settings)


# Files


def test_a_file_comes_as_it_lies_on_the_server(index: LabIndex) -> None:
    packed = gzip.compress(FILE)
    index.put("packed", b"")
    index.fault("/raw/packed", Body(packed, headers={"Content-Encoding": "gzip"}))
    file, content = download(f"{index.base}/raw/packed")
    assert (file.status, file.length, content) == (200, len(packed), packed)


def test_a_file_that_breaks_off_goes_on_where_it_was(index: LabIndex) -> None:
    index.fault("/raw/file", Truncate(after=200_000, times=1))
    index.fault("/raw/file", Reset(times=1))
    file, content = download(f"{index.base}/raw/file")
    assert (file.length, content) == (len(FILE), FILE)
    assert len(index.requests) == 3


def test_a_file_that_breaks_off_earlier_the_second_time_goes_on_where_it_was(index: LabIndex) -> None:
    index.fault("/raw/file", Truncate(after=200_000, times=1))
    index.fault("/raw/file", Truncate(after=100_000, times=1))
    assert download(f"{index.base}/raw/file")[1] == FILE


def test_a_file_that_is_another_one_after_a_break_is_refused(index: LabIndex) -> None:
    index.fault("/raw/file", Truncate(after=200_000, times=1))
    index.fault("/raw/file", Body(bytes(len(FILE))))
    with pytest.raises(SourceRefused, match="it changed while it was being fetched"):
        download(f"{index.base}/raw/file")


class _Ranged(LabIndex):
    """An index that can continue (RFC 9110, 14): honestly, or from another place."""

    shift = 0

    def answer(self, request: Request) -> Reply:
        """Answer a range request with 206."""
        reply = super().answer(request)
        wanted = request.headers.get("range", "")
        if not wanted or reply.status != 200 or request.headers["if-range"] != reply.headers["ETag"]:
            return reply
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) + self.shift
        content = reply.content
        extent = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        return Reply(206, {**reply.headers, **extent}, content[start:])


@pytest.mark.parametrize("shift", [0, 1])
def test_a_server_that_can_continue_is_asked_to_and_must_do_so_at_the_right_place(shift: int) -> None:
    with _Ranged() as index:
        index.shift = shift
        index.put("file", FILE)
        # The first request alone is cut; a range request is not, whatever it is answered with.
        index.fault("/raw/file", Truncate(after=200_000, times=1))
        if shift:
            with pytest.raises(SourceRefused, match="another place"):
                download(f"{index.base}/raw/file")
            return
        assert download(f"{index.base}/raw/file")[1] == FILE
        assert "range" not in index.requests[0].headers
        assert index.requests[1].headers["range"].startswith("bytes=")


def test_a_file_that_never_comes_to_its_end_is_unreachable(index: LabIndex) -> None:
    index.fault("/raw/file", Truncate(after=200_000))
    with pytest.raises(SourceUnreachable, match=r"\(3 attempts\)"):
        download(f"{index.base}/raw/file")


@pytest.mark.parametrize("announce", [True, False])
def test_a_file_larger_than_the_limit_is_refused(index: LabIndex, announce: bool) -> None:
    index.fault("/raw/huge", HugeBody(10**12, announce=announce))
    with pytest.raises(SourceRefused, match="larger than 300,000 bytes"):
        download(f"{index.base}/raw/huge", limit=len(FILE))
    assert download(f"{index.base}/raw/file", limit=len(FILE))[1] == FILE


def test_a_file_that_drips_ends_with_the_deadline(index: LabIndex) -> None:
    index.fault("/raw/file", Slow(seconds_per_chunk=0.05, chunk_size=1))
    with pytest.raises(SourceUnreachable, match="did not come within"):
        download(f"{index.base}/raw/file", deadline=0.4)


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_file_that_is_not_there_is_an_error_and_never_its_error_page(index: LabIndex, status: int) -> None:
    index.fault("/raw/file", Status(status, body=b"not a wheel"))
    with pytest.raises(SourceRefused, match=str(status)):
        download(f"{index.base}/raw/file")


def test_who_stops_reading_leaves_nothing_behind(index: LabIndex) -> None:
    async def main() -> bytes:
        async with HttpClient(QUICK) as client:
            async with _first_chunk(client, f"{index.base}/raw/file") as chunk:
                first = chunk
            again = await client.get_bytes(f"{index.base}/raw/document", limit=LIMIT)
            assert again.content == DOCUMENT
            return first

    assert FILE.startswith(asyncio.run(main()))


@asynccontextmanager
async def _first_chunk(client: HttpClient, url: str) -> AsyncIterator[bytes]:
    async with client.stream(url, limit=10**6, deadline=10) as file:
        async for chunk in file.chunks:
            yield chunk
            return


def test_an_unchanged_file_has_no_chunks(index: LabIndex) -> None:
    async def main() -> tuple[int, int | None, list[bytes]]:
        async with HttpClient(QUICK) as client:
            async with client.stream(f"{index.base}/raw/file", limit=10**6, deadline=10) as file:
                etag = file.headers["etag"]
            condition = {"If-None-Match": etag}
            async with client.stream(
                f"{index.base}/raw/file", limit=10**6, deadline=10, headers=condition
            ) as again:
                return again.status, again.length, [chunk async for chunk in again.chunks]

    assert asyncio.run(main()) == (304, None, [])


def test_many_requests_at_once_all_come_back(index: LabIndex) -> None:
    async def main() -> list[Response]:
        async with HttpClient(QUICK) as client:
            urls = [f"{index.base}/raw/document?{number}" for number in range(60)]
            return await asyncio.gather(*(client.get_bytes(url, limit=LIMIT) for url in urls))

    assert {found.content for found in asyncio.run(main())} == {DOCUMENT}


@pytest.mark.parametrize("url", ["http://[bad/simple/", "ftp://x.example/", "http://x.example/simple/"])
def test_what_may_not_be_asked_is_not_prepared_for(url: str) -> None:
    async def prepared(address: str) -> None:
        async with HttpClient(QUICK) as client:
            client.prepare(address)

    with pytest.raises(SourceRefused):
        asyncio.run(prepared(url))
    asyncio.run(prepared("https://x.example/simple/"))  # nobody is asked yet


def test_what_was_prepared_for_is_fetched(index: LabIndex) -> None:
    async def fetched() -> Response:
        async with HttpClient(QUICK) as client:
            client.prepare(index.base)
            assert not index.requests
            return await client.get_bytes(f"{index.base}/raw/document", limit=LIMIT)

    assert asyncio.run(fetched()).content == DOCUMENT


_GIVEN_UP = """
import asyncio, sys
from trustguard.sources.http import HttpClient, HttpSettings

async def given_up(turns):
    client = HttpClient(HttpSettings())
    await client.__aenter__()
    asyncio.ensure_future(client.get_bytes(sys.argv[1], limit=100))
    for _ in range(turns):
        await asyncio.sleep(0)
    return len(asyncio.all_tasks())

print(max(asyncio.run(given_up(turns)) for turns in range(30)))
"""
"""A run that ends while somebody is being connected to, at each of the moments there are."""


def test_a_run_that_ends_while_it_connects_says_nothing_of_how(index: LabIndex) -> None:
    asked = [sys.executable, "-c", _GIVEN_UP, f"{index.base}/raw/document"]
    child = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert child.stderr == ""
    assert int(child.stdout) > 2  # one of them was waiting for a connection
