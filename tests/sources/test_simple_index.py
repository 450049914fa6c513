"""Pages of an index are read by their PEPs; what is against the rules is left out and named, or refused."""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.faults import Body, Fault, HugeBody, RedirectTo, Status, Swap, Truncate, deep_json
from tests.lab.index import LabIndex
from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.model.project import IndexId, Listing, ProjectStatus
from trustguard.sources import simple_page
from trustguard.sources.credentials import CredentialStore
from trustguard.sources.http import HttpClient, HttpSettings
from trustguard.sources.simple_index import (
    FileIndex,
    FindLinks,
    SimpleIndex,
    metadata_url,
    parse_html,
    parse_json,
)

PAGE = "https://idx.example/simple/holygrail/"
INDEX = IndexId("https://idx.example/simple/")
PROJECT = NormalizedName("holygrail")
WHEEL = "holygrail-1.0-py3-none-any.whl"
SDIST = "holygrail-1.0.tar.gz"
A, B = "a" * 64, "b" * 64
QUICK = HttpSettings(timeout=5, retries=1, backoff=0.001, use_env_proxies=False)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def page(*files: object, **keys: object) -> bytes:
    return json.dumps({"meta": {"api-version": "1.4"}, "name": "holygrail", "files": files, **keys}).encode()


def entry(**keys: object) -> dict[str, Any]:
    return {"filename": WHEEL, "url": f"https://files.example/{WHEEL}", "hashes": {"sha256": A}, **keys}


def listed(content: bytes, url: str = PAGE) -> Listing:
    return parse_json(content, url, INDEX, PROJECT)


def links(*anchors: str, head: str = "", url: str = PAGE) -> Listing:
    document = f"<!DOCTYPE html><html><head>{head}</head><body>{''.join(anchors)}</body></html>"
    return parse_html(document.encode(), url, INDEX, PROJECT)


def anchor(href: str = f"https://files.example/{WHEEL}", **attributes: str) -> str:
    written = "".join(
        f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in attributes.items()
    )
    return f'<a href="{html.escape(href)}"{written}>text</a>'


# JSON


def test_every_key_of_a_file_is_read() -> None:
    found = listed(
        page(
            entry(
                size=42,
                provenance="https://idx.example/integrity/1",
                **{
                    "upload-time": "2024-05-06T07:08:09.123456Z",
                    "requires-python": ">=3.9",
                    "yanked": "broken",
                    "core-metadata": {"sha256": B},
                },
            ),
        )
    )
    (file,) = found.files
    assert (file.filename, file.url) == (WHEEL, f"https://files.example/{WHEEL}")
    assert (dict(file.hashes), file.sha256, file.size) == ({"sha256": A}, A, 42)
    assert file.upload_time == datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=timezone.utc)
    assert (file.requires_python, file.yanked) == (">=3.9", "broken")
    assert dict(file.core_metadata or {}) == {"sha256": B}
    assert file.provenance == "https://idx.example/integrity/1"
    assert metadata_url(file) == f"https://files.example/{WHEEL}.metadata"
    assert (found.project, found.index, found.skipped) == (PROJECT, INDEX, ())
    assert found.has_upload_times


def test_the_example_of_pep_691_is_read() -> None:
    found = listed(
        page(
            {
                "filename": "holygrail-1.0.tar.gz",
                "url": "https://example.com/files/holygrail-1.0.tar.gz",
                "hashes": {"sha256": A, "BLAKE2B": "0F"},
                "requires-python": ">=3.7",
                "yanked": "Had a vulnerability",
            },
            {
                "filename": "holygrail-1.0-py3-none-any.whl",
                "url": "https://example.com/files/holygrail-1.0-py3-none-any.whl",
                "hashes": {},
                "requires-python": ">=3.7",
                "dist-info-metadata": True,
                "_unknown": {"key": 1},
            },
        )
    )
    sdist, wheel = found.files
    assert (sdist.yanked, dict(sdist.hashes)) == ("Had a vulnerability", {"sha256": A, "blake2b": "0f"})
    assert (wheel.yanked, dict(wheel.hashes), wheel.sha256) == (None, {}, None)
    assert sdist.core_metadata is None
    assert wheel.core_metadata == {}
    assert not found.has_upload_times
    assert (found.status, found.tracks, found.alternate_locations) == (None, (), ())


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"core-metadata": True}, {}),
        ({"core-metadata": False, "dist-info-metadata": True}, None),
        ({"core-metadata": {"sha256": A}, "dist-info-metadata": {"sha256": B}}, {"sha256": A}),
        ({"dist-info-metadata": {"sha256": B}}, {"sha256": B}),
        ({"core-metadata": {}}, {}),
        ({}, None),
    ],
)
def test_core_metadata_goes_before_its_old_name(
    keys: dict[str, Any], expected: dict[str, str] | None
) -> None:
    # PEP 714: the new key decides where it is there.
    (file,) = listed(page(entry(**keys))).files
    assert file.core_metadata == expected


@pytest.mark.parametrize(
    ("value", "reason"), [(True, ""), (False, None), ("bad", "bad"), ("", None), (None, None)]
)
def test_yanked_is_a_flag_or_a_reason(value: object, reason: str | None) -> None:
    (file,) = listed(page(entry(yanked=value))).files
    assert file.yanked == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)),
        ("2024-05-06t07:08:09z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=timezone.utc)),
        ("2024-05-06T07:08:09.5+02:00", datetime(2024, 5, 6, 5, 8, 9, 500000, tzinfo=timezone.utc)),
        ("2024-05-06T07:08:09.123456789-00:30", datetime(2024, 5, 6, 7, 38, 9, 123456, tzinfo=timezone.utc)),
    ],
)
def test_an_upload_time_is_that_of_rfc_3339(text: str, expected: datetime) -> None:
    (file,) = listed(page(entry(**{"upload-time": text}))).files
    assert file.upload_time == expected


@UNHURRIED
@given(
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_every_moment_in_rfc_3339_is_read_back(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    (file,) = listed(page(entry(**{"upload-time": moment.isoformat()}))).files
    assert file.upload_time == moment


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.99"])
def test_any_minor_version_of_the_api_will_do(version: str) -> None:
    assert listed(page(entry(), meta={"api-version": version})).files


@pytest.mark.parametrize("version", ["2.0", "0.9", "1", "one", "", 1.0, None, "1.0.0", "\u0661.0"])
def test_another_major_version_is_refused(version: object) -> None:
    with pytest.raises(SourceRefused):
        listed(page(entry(), meta={"api-version": version}))


def test_relations_and_status_are_read() -> None:
    # PEP 708 puts `tracks` into meta and `alternate-locations` beside it; PEP 792 has `project-status`.
    found = listed(
        page(
            meta={"api-version": "1.4", "tracks": ["https://up.example/simple/holygrail/"]},
            **{
                "alternate-locations": ["https://other.example/simple/holygrail/"],
                "project-status": {"status": "quarantined", "reason": "malware"},
            },
        )
    )
    assert found.tracks == ("https://up.example/simple/holygrail/",)
    assert found.alternate_locations == ("https://other.example/simple/holygrail/",)
    assert found.status == ProjectStatus("quarantined", "malware")


@pytest.mark.parametrize("marker", ["active", "archived", "quarantined", "deprecated"])
def test_every_status_of_pep_792_is_known_in_both_forms(marker: str) -> None:
    status = listed(page(**{"project-status": {"status": marker}})).status
    assert status is not None
    assert (status.marker, status.reason) == (marker, "")
    assert links(head=f'<meta name="pypi:project-status" content="{marker}">').status == status


def test_a_status_that_nobody_knows_is_said() -> None:
    found = listed(page(**{"project-status": {"status": "haunted"}}))
    assert found.status is None
    assert found.skipped == ("the project's status 'haunted' is not one that is known",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"\xff\xfe{",
        b'{"meta": {"api-version": "1.0"}}',
        b'{"files": ' + b"9" * 5000 + b"}",
        b'{"files": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        page(meta=[]),
        page(files={}),
        page(files="no list"),
        page(name="another"),
        page(name=7),
        page(**{"project-status": "archived"}),
        page(**{"project-status": {"status": 1}}),
        page(**{"project-status": {"status": "active", "reason": []}}),
        page(meta={"api-version": "1.2", "tracks": "https://up.example/"}),
        page(**{"alternate-locations": [1]}),
    ],
    ids=range(18),
)
def test_a_page_that_is_none_is_one_clear_refusal(content: bytes) -> None:
    with pytest.raises(SourceRefused) as caught:
        listed(content)
    assert "is not a project's page" in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_page_without_meta_is_one_of_version_1() -> None:
    assert listed(json.dumps({"files": [entry()], "name": "HolyGrail"}).encode()).files


def test_a_page_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simple_page, "FILES_LIMIT", 2)
    assert len(listed(page(entry(), entry())).files) == 1
    with pytest.raises(SourceRefused, match="more than 2 files"):
        listed(page(entry(), entry(), entry()))
    padded = page(entry()) + b" " * (simple_page.PAGE_LIMIT - len(page(entry())))
    assert listed(padded).files
    with pytest.raises(SourceRefused, match="larger than"):
        listed(padded + b" ")
    with pytest.raises(SourceRefused, match="larger than"):
        parse_html(padded + b" ", PAGE, INDEX, PROJECT)


# One entry


NOT_OF_PROJECT: dict[str, object] = {
    "no name": {"url": "https://files.example/x", "hashes": {}},
    "another project": entry(filename="holy-1.0-py3-none-any.whl"),
    "no distribution": entry(filename="holygrail.txt"),
    "egg": entry(filename="holygrail-1.0-py3.9.egg"),
    "bad version": entry(filename="holygrail-one-py3-none-any.whl"),
    "path in the name": entry(filename="holygrail-1.0-py3-none-../../any.whl"),
    "backslash in the name": entry(filename="holygrail-1.0-py3-none-..\\any.whl"),
    "line break in the name": entry(filename="holygrail-1.0-py3-none-any\n.whl"),
    "name without end": entry(filename="holygrail-1.0-py3-none-" + "a" * 300 + ".whl"),
}

BAD_ENTRIES: dict[str, object] = {
    "no object": "holygrail",
    "null": None,
    "no address": entry(url=None),
    "number as an address": entry(url=7),
    "file:": entry(url=f"file:///tmp/{WHEEL}"),
    "ftp:": entry(url=f"ftp://files.example/{WHEEL}"),
    "javascript:": entry(url=f"javascript:alert(1)//{WHEEL}"),
    "data:": entry(url="data:application/zip,x"),
    "git+https:": entry(url="git+https://files.example/x"),
    "downgrade": entry(url=f"http://files.example/{WHEEL}"),
    "odd host": entry(url=f"https://files.example\\@evil.example/{WHEEL}"),
    "unicode host": entry(url=f"https://files\u2024example/{WHEEL}"),
    "broken host": entry(url=f"https://[x/{WHEEL}"),
    "port": entry(url=f"https://files.example:99999/{WHEEL}"),
    "address without end": entry(url="https://files.example/" + "a" * 9000),
    "surrogate in the address": entry(url="https://files.example/\ud800"),
    "hashes no object": entry(hashes=[A]),
    "hash no hex": entry(hashes={"sha256": "z" * 64}),
    "hash too short": entry(hashes={"sha256": "a" * 63}),
    "hash no text": entry(hashes={"sha256": 1}),
    "hash name": entry(hashes={"sha 256": A}),
    "two hashes": entry(hashes={"sha256": A, "SHA256": B}),
    "two hashes, one in the address": entry(url=f"https://files.example/{WHEEL}#sha256={B}"),
    "negative size": entry(size=-1),
    "text as size": entry(size="42"),
    "flag as size": entry(size=True),
    "fraction as size": entry(size=4.5),
    "time without a zone": entry(**{"upload-time": "2024-05-06T07:08:09"}),
    "time that cannot be": entry(**{"upload-time": "2024-02-30T07:08:09Z"}),
    "time before time": entry(**{"upload-time": "0001-01-01T00:00:00+23:00"}),
    "number as a time": entry(**{"upload-time": 1}),
    "number as yanked": entry(yanked=1),
    "number as requires-python": entry(**{"requires-python": 3.9}),
    "text as core-metadata": entry(**{"core-metadata": "sha256"}),
    "core-metadata no hex": entry(**{"core-metadata": {"sha256": "x"}}),
}


@pytest.mark.parametrize("other", NOT_OF_PROJECT.values(), ids=NOT_OF_PROJECT)
def test_what_is_no_distribution_file_of_the_project_is_passed_by_as_installers_do(other: object) -> None:
    good = entry(filename=SDIST, url=f"https://files.example/{SDIST}")
    found = listed(page(other, good))
    assert [file.filename for file in found.files] == [SDIST]
    assert not found.skipped


@pytest.mark.parametrize("bad", BAD_ENTRIES.values(), ids=BAD_ENTRIES)
def test_an_entry_against_the_rules_is_left_out_and_named_and_the_others_stay(bad: object) -> None:
    good = entry(filename=SDIST, url=f"https://files.example/{SDIST}")
    found = listed(page(bad, good))
    assert [file.filename for file in found.files] == [SDIST]
    assert len(found.skipped) == 1
    assert found.skipped[0].isprintable()
    assert len(found.skipped[0]) < 700


def test_what_was_left_out_is_named_up_to_a_bound() -> None:
    found = listed(page(*[None] * 250, entry()))
    assert len(found.files) == 1
    assert len(found.skipped) == 101
    assert found.skipped[-1] == "and 150 more"


def test_a_file_listed_twice_counts_once_and_a_difference_is_named() -> None:
    assert listed(page(entry(), entry())).skipped == ()
    found = listed(page(entry(), entry(hashes={"sha256": B})))
    (file,) = found.files
    assert file.sha256 == A
    assert found.skipped == (f"{WHEEL}: it is listed twice, differently; the first one counts",)


def test_half_a_character_does_not_come_through() -> None:
    found = listed(page(entry(yanked="x\ud800"), **{"project-status": {"reason": "y\udfff"}}))
    (file,) = found.files
    assert file.yanked == "x?"
    assert found.status == ProjectStatus("active", "y?")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("../../files/x.whl", "https://idx.example/files/x.whl"),
        ("/files/x.whl", "https://idx.example/files/x.whl"),
        ("//cdn.example/x.whl", "https://cdn.example/x.whl"),
        ("HTTPS://Cdn.Example:8443/x.whl", "https://cdn.example:8443/x.whl"),
        ("https://u:p@cdn.example/x.whl", "https://cdn.example/x.whl"),
        ("https://cdn.example/a b/\u00fc.whl?q=1 2#frag", "https://cdn.example/a%20b/%C3%BC.whl?q=1%202"),
        ("https://cdn.example/a%2Fb%20c.whl", "https://cdn.example/a%2Fb%20c.whl"),
        ("https://cdn.example", "https://cdn.example/"),
        ("http://127.0.0.1:8000/x.whl", "http://127.0.0.1:8000/x.whl"),
        ("https://[2001:db8::1]/x.whl", "https://[2001:db8::1]/x.whl"),
    ],
)
def test_an_address_becomes_absolute_clean_and_quoted(url: str, expected: str) -> None:
    (file,) = listed(page(entry(url=url))).files
    assert file.url == expected
    assert metadata_url(file) == expected + ".metadata"


def test_plain_http_is_for_trusted_hosts() -> None:
    content = page(entry(url=f"http://files.example/{WHEEL}"))
    assert listed(content).files == ()
    settings = HttpSettings(trusted_hosts=("files.example",))
    assert parse_json(content, PAGE, INDEX, PROJECT, permits_plain=settings.permits_plain).files


def test_a_file_on_this_machine_is_for_pages_on_this_machine() -> None:
    local = page(entry(url=f"file:///srv/{WHEEL}"))
    assert listed(local).files == ()
    (file,) = listed(local, "file:///srv/simple/holygrail/index.html").files
    assert file.url == f"file:///srv/{WHEEL}"
    far = page(entry(url=f"file://server/srv/{WHEEL}"))
    assert listed(far, "file:///srv/simple/holygrail/index.html").files == ()


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://idx.example/integrity/x", True),
        ("https://idx.example:443/integrity/x", True),
        ("/integrity/x", True),
        ("https://files.example/x.provenance", True),
        ("https://evil.example/x", False),
        ("https://idx.example:8443/x", False),
        ("https://idx.example@evil.example/x", False),
        ("http://idx.example/x", False),
        ("file:///etc/passwd", False),
        (7, False),
    ],
)
def test_a_provenance_link_leads_to_the_page_s_or_the_file_s_own_host(link: object, kept: bool) -> None:
    found = listed(page(entry(provenance=link)))
    (file,) = found.files
    assert (file.provenance is not None) is kept
    assert len(found.skipped) == (0 if kept else 1)


# HTML


def test_every_attribute_of_an_anchor_is_read() -> None:
    found = links(
        anchor(
            f"https://files.example/{WHEEL}#sha256={A.upper()}",
            data_requires_python=">=3.9",
            data_yanked="broken",
            data_core_metadata=f"sha256={B}",
            data_provenance="https://idx.example/integrity/1",
        )
    )
    (file,) = found.files
    assert (file.filename, file.url, file.sha256) == (WHEEL, f"https://files.example/{WHEEL}", A)
    assert (file.requires_python, file.yanked) == (">=3.9", "broken")
    assert dict(file.core_metadata or {}) == {"sha256": B}
    assert file.provenance == "https://idx.example/integrity/1"
    assert (file.size, file.upload_time, found.has_upload_times) == (None, None, False)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("data-core-metadata=true", {}),
        ("data-dist-info-metadata=true", {}),
        (f"data-dist-info-metadata=sha256={B}", {"sha256": B}),
        (f"data-dist-info-metadata=true data-core-metadata=sha256={B}", {"sha256": B}),
        ("data-core-metadata=false", None),
        ("", None),
    ],
)
def test_core_metadata_has_an_old_name_in_html_too(attributes: str, expected: dict[str, str] | None) -> None:
    (file,) = links(f'<a href="{WHEEL}" {attributes}>x</a>').files
    assert file.core_metadata == expected


def test_core_metadata_that_says_nothing_known_is_named() -> None:
    found = links(f'<a href="{WHEEL}" data-core-metadata=maybe>x</a>')
    assert (found.files, len(found.skipped)) == ((), 1)


@pytest.mark.parametrize(
    ("attribute", "reason"), [("data-yanked", ""), ('data-yanked=""', ""), ('data-yanked="&lt;x"', "<x")]
)
def test_the_presence_of_data_yanked_is_enough(attribute: str, reason: str) -> None:
    # PEP 592: the attribute "may have no value", and its presence decides.
    (file,) = links(f'<a href="{WHEEL}" {attribute}>x</a>').files
    assert file.yanked == reason


def test_a_base_moves_relative_links_and_no_rule() -> None:
    head = '<base href="https://cdn.example/a/"><base href="https://ignored.example/">'
    (file,) = links(anchor(WHEEL), head=head).files
    assert file.url == f"https://cdn.example/a/{WHEEL}"
    for base in ("file:///srv/", "http://cdn.example/", "javascript:x"):
        found = links(anchor(WHEEL), head=f'<base href="{base}">')
        assert (found.files, len(found.skipped)) == ((), 1)


def test_a_base_that_is_no_address_is_refused() -> None:
    with pytest.raises(SourceRefused):
        links(anchor(WHEEL), head='<base href="http://[x">')


def test_the_metas_of_an_index_are_read() -> None:
    found = links(
        head='<meta name="pypi:repository-version" content="1.9">'
        '<meta name="pypi:tracks" content="https://up.example/simple/holygrail/">'
        '<meta name="pypi:alternate-locations" content="https://a.example/">'
        '<meta name="pypi:alternate-locations" content="https://b.example/">'
        '<meta name="pypi:project-status" content="archived">'
        '<meta name="pypi:project-status-reason" content="no time">'
    )
    assert found.tracks == ("https://up.example/simple/holygrail/",)
    assert found.alternate_locations == ("https://a.example/", "https://b.example/")
    assert found.status == ProjectStatus("archived", "no time")


@pytest.mark.parametrize("version", ["2.0", "x"])
def test_a_page_of_another_major_version_is_refused(version: str) -> None:
    with pytest.raises(SourceRefused):
        links(anchor(WHEEL), head=f'<meta name="pypi:repository-version" content="{version}">')


def test_links_to_anything_else_are_no_entries() -> None:
    found = links(
        anchor("../"), anchor("https://idx.example/about"), anchor("#top"), "<a>x</a>", anchor("?C=N;O=D")
    )
    assert (found.files, found.skipped) == ((), ())


def test_the_name_of_a_file_is_the_last_part_of_its_address_whatever_the_text_says() -> None:
    # PEP 503: the text must match the final path component; pip goes by the address, and so do we.
    found = links(
        f'<a href="/x/holygrail-2.0%2Bcpu-py3-none-any.whl#sha256={A}">{WHEEL}</a>', anchor("%2e%2e%2fx.whl")
    )
    (file,) = found.files
    assert file.filename == "holygrail-2.0+cpu-py3-none-any.whl"
    assert not found.skipped


def test_too_many_links_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trustguard.sources.simple_html.FILES_LIMIT", 2)
    assert links(anchor(WHEEL), anchor(SDIST)).files
    with pytest.raises(SourceRefused, match="more than 2 files"):
        links(anchor(WHEEL), anchor(SDIST), anchor(WHEEL))


@UNHURRIED
@given(st.binary(max_size=400))
def test_no_bytes_make_anything_but_a_listing_or_a_refusal(content: bytes) -> None:
    for parse in (parse_json, parse_html):
        try:
            parse(content, PAGE, INDEX, PROJECT)
        except SourceRefused:
            continue


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@UNHURRIED
@given(st.dictionaries(st.sampled_from([*entry(), "size", "yanked", "upload-time", "core-metadata"]), _JSON))
def test_no_value_of_any_key_breaks_a_page(spoiled: dict[str, object]) -> None:
    found = listed(page({**entry(), **spoiled}, entry(filename=SDIST)))
    assert SDIST in {file.filename for file in found.files}


# Over HTTP


def run(index: LabIndex, ask: Callable[[SimpleIndex], Any], settings: HttpSettings = QUICK) -> Any:
    async def main() -> Any:
        async with HttpClient(settings, CredentialStore(keyring="disabled")) as client:
            return await ask(SimpleIndex(client, IndexId(index.url), index.url_with_credentials))

    return asyncio.run(main())


@pytest.mark.parametrize("form", ["json", "html"])
def test_an_index_is_read_in_both_forms(form: Any) -> None:
    wheel, sdist = build_wheel("Holy.Grail", "1.0", requires_python=">=3.9"), build_sdist("Holy.Grail", "1.0")
    with LabIndex(representation=form) as index:
        index.add(wheel)
        index.add(sdist, yanked="oops")
        index.project("holy-grail").status = "deprecated"
        found = run(index, lambda source: source.listing(NormalizedName("holy-grail")))
    assert [file.filename for file in found.files] == [wheel.filename, sdist.filename]
    assert [file.sha256 for file in found.files] == [wheel.sha256, sdist.sha256]
    assert [file.yanked for file in found.files] == [None, "oops"]
    assert found.files[0].requires_python == ">=3.9"
    assert found.status == ProjectStatus("deprecated")
    assert found.index == IndexId(index.url)
    assert found.skipped == ()
    assert index.requests[0].headers["accept"].startswith("application/vnd.pypi.simple.v1+json")


@pytest.mark.parametrize("status", [404, 410])
def test_an_index_without_the_project_says_none(status: int) -> None:
    with LabIndex() as index:
        index.fault("/simple/*", Status(status))
        assert run(index, lambda source: source.listing(PROJECT)) is None


def test_credentials_of_the_address_are_sent_and_not_kept_in_the_listing() -> None:
    with LabIndex(credentials=("user", "hunter2")) as index:
        index.add(build_wheel("holygrail", "1.0"))
        found = run(index, lambda source: source.listing(PROJECT))
    assert len(found.files) == 1
    assert "hunter2" not in repr(found)


def test_callers_at_the_same_time_share_one_request_and_the_first_answer_stays() -> None:
    evil = page(entry(hashes={"sha256": B}, url=f"/files/{WHEEL}"))
    with LabIndex() as index:
        index.add(build_wheel("holygrail", "1.0"))
        honest = index.project("holygrail").as_json()
        index.fault("/simple/holygrail/", Swap(honest, evil))

        async def ask(source: SimpleIndex) -> list[Listing | None]:
            at_once = await asyncio.gather(*(source.listing(PROJECT) for _ in range(5)))
            return [*at_once, await source.listing(PROJECT)]

        found = run(index, ask)
        assert len({id(listing) for listing in found}) == 1
        assert index.paths() == ["/simple/holygrail/"]


def test_one_caller_that_gives_up_does_not_end_it_for_the_others() -> None:
    with LabIndex(latency=0.2) as index:
        index.add(build_wheel("holygrail", "1.0"))

        async def ask(source: SimpleIndex) -> Listing | None:
            impatient = asyncio.create_task(source.listing(PROJECT))
            await asyncio.sleep(0.05)
            patient = asyncio.create_task(source.listing(PROJECT))
            await asyncio.sleep(0)
            impatient.cancel()
            return await patient

        assert run(index, ask) is not None
        assert len(index.requests) == 1


def test_no_answer_is_asked_for_again_and_a_refusal_is_an_answer() -> None:
    with LabIndex() as index:
        index.add(build_wheel("holygrail", "1.0"))
        index.fault("/simple/holygrail/", Status(503, times=2))

        async def ask(source: SimpleIndex) -> Listing | None:
            with pytest.raises(SourceUnreachable):
                await source.listing(PROJECT)
            return await source.listing(PROJECT)

        assert run(index, ask) is not None

        index.clear_faults()
        index.fault("/simple/holygrail/", Body(b"[]", times=1))

        async def ask_twice(source: SimpleIndex) -> None:
            for _ in range(2):
                with pytest.raises(SourceRefused):
                    await source.listing(PROJECT)

        run(index, ask_twice)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (deep_json(100_000), SourceRefused),
        (HugeBody(10**12), SourceRefused),
        (HugeBody(10**8, announce=False), SourceRefused),
        (Truncate(after=40), SourceUnreachable),
        (Body(b"<html>log in first</html>", "text/plain"), SourceRefused),
        (Body(b"{}", "application/vnd.pypi.simple.v2+json"), SourceRefused),
        (Body(b"{}", "application/json"), SourceRefused),
        (RedirectTo("file:///etc/passwd"), SourceRefused),
        (RedirectTo("/simple/another/"), SourceRefused),
    ],
    ids=repr,
)
def test_an_index_that_misbehaves_is_an_error_and_never_an_empty_listing(
    fault: Fault, error: type[Exception]
) -> None:
    with LabIndex() as index:
        index.add(build_wheel("holygrail", "1.0"))
        index.add(build_wheel("another", "1.0"))
        index.fault("/simple/holygrail/", fault)
        with pytest.raises(error):
            run(index, lambda source: source.listing(PROJECT))
        index.clear_faults()
        assert run(index, lambda source: source.listing(PROJECT)).files


def test_addresses_are_relative_to_where_the_page_came_from() -> None:
    with LabIndex() as index, LabIndex() as mirror:
        mirror.add(build_wheel("holygrail", "1.0"), url=f"../../files/{WHEEL}")
        index.fault("/simple/holygrail/", RedirectTo(f"{mirror.url}holygrail/"))
        found = run(index, lambda source: source.listing(PROJECT))
    assert [file.url for file in found.files] == [f"{mirror.base}/files/{WHEEL}"]


def test_a_large_page_is_read_like_a_small_one() -> None:
    with LabIndex() as index:
        for number in range(150):
            index.add(build_wheel("holygrail", f"1.{number}"))
        found = run(index, lambda source: source.listing(PROJECT))
    assert len(found.files) == 150


# On this machine


def read(ask: Callable[[HttpClient], Any]) -> Any:
    async def main() -> Any:
        async with HttpClient(QUICK, CredentialStore(keyring="disabled")) as client:
            return await ask(client)

    return asyncio.run(main())


def test_a_folder_can_be_an_index(tmp_path: Path) -> None:
    folder = tmp_path / "simple dir" / "holygrail"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(anchor(f"../../files/{WHEEL}#sha256={A}"))
    source = FileIndex(INDEX, (tmp_path / "simple dir").as_uri())
    found = asyncio.run(source.listing(PROJECT))
    assert found is not None
    assert [file.url for file in found.files] == [(tmp_path / "files" / WHEEL).as_uri()]
    assert found.files[0].sha256 == A
    assert asyncio.run(source.listing(NormalizedName("another"))) is None


def test_a_folder_s_page_that_cannot_be_read_is_no_missing_project(tmp_path: Path) -> None:
    (tmp_path / "holygrail").mkdir()
    (tmp_path / "holygrail" / "index.html").symlink_to("index.html")
    with pytest.raises(SourceUnreachable):
        asyncio.run(FileIndex(INDEX, tmp_path.as_uri()).listing(PROJECT))


@pytest.mark.parametrize("url", ["https://idx.example/", "file://server/srv"])
def test_an_index_in_a_folder_is_on_this_machine(url: str) -> None:
    with pytest.raises(SourceRefused):
        FileIndex(INDEX, url)


def find(location: str, project: NormalizedName = PROJECT) -> Listing | None:
    found: Listing | None = read(lambda client: FindLinks(client, INDEX, location).listing(project))
    return found


@pytest.mark.parametrize("as_url", [False, True])
def test_find_links_takes_a_folder_of_archives_and_pages(tmp_path: Path, as_url: bool) -> None:
    for name in (WHEEL, SDIST, "other-1.0.tar.gz", "notes.txt", "holygrail.whl"):
        (tmp_path / name).write_bytes(b"12345")
    (tmp_path / "more.html").write_text(anchor("holygrail-2.0.tar.gz") + anchor("https://x.example/y.whl"))
    (tmp_path / "dangling-1.0.tar.gz").symlink_to("nowhere")
    found = find(tmp_path.as_uri() if as_url else str(tmp_path))
    assert found is not None
    assert sorted(file.filename for file in found.files) == [WHEEL, SDIST, "holygrail-2.0.tar.gz"]
    sizes = {file.filename: file.size for file in found.files}
    assert sizes == {WHEEL: 5, SDIST: 5, "holygrail-2.0.tar.gz": None}
    assert {file.url for file in found.files} == {(tmp_path / name).as_uri() for name in sizes}
    assert found.skipped == ()
    assert find(str(tmp_path), NormalizedName("absent")) is None


def test_find_links_takes_one_page_or_one_archive(tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"12345")
    (tmp_path / "links.html").write_text(anchor(WHEEL) + anchor(f"http://x.example/{SDIST}"))
    by_page, by_file = find(str(tmp_path / "links.html")), find(str(tmp_path / WHEEL))
    assert by_page is not None
    assert by_file is not None
    assert [file.url for file in by_page.files] == [(tmp_path / WHEEL).as_uri()]
    assert len(by_page.skipped) == 1, "plain http to another host is named here too"
    assert [file.url for file in by_file.files] == [(tmp_path / WHEEL).as_uri()]


def test_find_links_takes_an_http_page_or_archive_and_asks_once() -> None:
    with LabIndex() as index:
        text = anchor(f"{WHEEL}#sha256={A}") + anchor("other-1.0.tar.gz") + anchor(f"file:///srv/{SDIST}")
        url = index.put("links", text.encode(), "text/html")

        async def ask(client: HttpClient) -> list[Listing | None]:
            source = FindLinks(client, INDEX, url)
            return [await source.listing(NormalizedName(name)) for name in ("holygrail", "other", "absent")]

        first, second, third = read(ask)
        assert [file.url for file in first.files] == [f"{index.base}/raw/{WHEEL}"]
        assert first.files[0].sha256 == A
        assert len(first.skipped) == 1
        assert [file.filename for file in second.files] == ["other-1.0.tar.gz"]
        assert third is None
        assert len(index.requests) == 1
        archive = find(f"{index.base}/raw/{WHEEL}")
        assert archive is not None
        assert [file.url for file in archive.files] == [f"{index.base}/raw/{WHEEL}"]
        assert len(index.requests) == 1


def test_find_links_that_lead_nowhere_are_an_error(tmp_path: Path) -> None:
    with LabIndex() as index:
        for location in (
            str(tmp_path / "nowhere"),
            (tmp_path / "nowhere").as_uri(),
            f"{index.base}/raw/nowhere",
            "ftp://idx.example/",
        ):
            with pytest.raises(SourceUnreachable):
                find(location)
        index.put("picture", b"x", "image/png")
        with pytest.raises(SourceRefused):
            find(f"{index.base}/raw/picture")


def test_settings_of_the_client_decide_about_plain_links() -> None:
    with LabIndex() as index:
        index.put("links", anchor(f"http://files.example/{WHEEL}").encode(), "text/html")
        trusting = replace(QUICK, trusted_hosts=("files.example",))

        async def main(settings: HttpSettings) -> Listing | None:
            async with HttpClient(settings) as client:
                return await FindLinks(client, INDEX, f"{index.base}/raw/links").listing(PROJECT)

        refused, taken = asyncio.run(main(QUICK)), asyncio.run(main(trusting))
    assert refused is not None
    assert taken is not None
    assert (len(refused.files), len(taken.files)) == (0, 1)
