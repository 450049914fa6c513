"""OSV exports are read in bounds, and evaluated as https://ossf.github.io/osv-schema/#evaluation says."""

from __future__ import annotations

import io
import itertools
import json
import struct
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.lab.osv import malicious, osv_export, osv_record
from trustguard.model.errors import SourceRefused, SourceUnreachable
from trustguard.sources.osv import AdvisoryRecord, Limits, read_export, record_from_json

DEMO = canonicalize_name("demo")
Events = list[dict[str, str]]


def document(*, kind: str = "ECOSYSTEM", **affected: Any) -> dict[str, Any]:
    """A record about ``demo``; ``events`` is short for one range."""
    if "events" in affected:
        affected["ranges"] = [{"type": kind, "events": affected.pop("events")}]
    record = osv_record("PYSEC-2024-1", "demo")
    record["affected"] = [{"package": {"name": "demo", "ecosystem": "PyPI"}, **affected}]
    return record


def read(raw: object) -> AdvisoryRecord:
    return record_from_json(json.dumps(raw))


def hits(record: AdvisoryRecord, *versions: str) -> list[str]:
    """Those of the versions that the record applies to."""
    return [text for text in versions if record.advisory(DEMO, Version(text)) is not None]


def export_of(*records: dict[str, Any]) -> io.BytesIO:
    return io.BytesIO(osv_export(records))


def entries(**files: bytes) -> io.BytesIO:
    return packed(zipfile.ZIP_DEFLATED, files)


def packed(method: int, files: dict[str, bytes]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer


GOOD = json.dumps(osv_record("PYSEC-2024-7", "good", versions=["1.0"])).encode()


# The first three are the examples of the schema's page; the rest follow its pseudocode by hand.
@pytest.mark.parametrize(
    ("events", "affected", "unaffected"),
    [
        ([{"introduced": "0"}], ["0.dev0", "0a1", "0", "1!9"], []),
        ([{"introduced": "0"}, {"fixed": "1.0.2"}], ["0.1", "1.0.1", "1.0.2rc1"], ["1.0.2", "1.0.2.post1"]),
        (
            [{"introduced": "1.0.0"}, {"fixed": "1.0.2"}, {"introduced": "3.0.0"}, {"fixed": "3.2.5"}],
            ["1.0.0", "1.0.1", "3.0.0", "3.2.4"],
            ["0.9", "1.0.0rc1", "1.0.2", "2.9", "3.2.5", "4"],
        ),
        (
            [{"introduced": "0"}, {"last_affected": "2.1.214"}],
            ["2.1.214", "2.1"],
            ["2.1.214.post1", "2.1.215"],
        ),
        ([{"introduced": "1.0"}], ["1.0", "1", "99"], ["0.9", "1.0.dev1"]),
        ([{"fixed": "2.0"}, {"introduced": "1.0"}], ["1.0", "1.9"], ["0.9", "2.0"]),
        (
            [{"introduced": "1"}, {"fixed": "2"}, {"introduced": "2"}, {"fixed": "3"}],
            ["1", "2", "2.9"],
            ["3"],
        ),
        ([{"introduced": "2"}, {"fixed": "2"}], [], ["1.9", "2", "3"]),
        ([{"last_affected": "2"}, {"introduced": "2"}], ["2"], ["1.9", "2.0.1"]),
        ([{"introduced": "1"}, {"limit": "3"}], ["1", "2.9"], ["0.9", "3", "4"]),
        ([{"introduced": "1"}, {"limit": "3"}, {"limit": "5"}], ["3", "4.9"], ["5"]),
        ([{"introduced": "1"}, {"limit": "*"}], ["1", "99"], ["0.9"]),
        ([{"introduced": "1"}, {"limit": "3"}, {"limit": "*"}], ["4"], ["0.9"]),
        (
            [{"introduced": "1.10"}, {"fixed": "1.9.1"}, {"introduced": "1.9"}],
            ["1.9", "1.10"],
            ["1.8", "1.9.1"],
        ),
    ],
)
def test_a_range_covers_what_the_schemas_pseudocode_says(
    events: Events, affected: list[str], unaffected: list[str]
) -> None:
    assert hits(read(document(events=events)), *affected, *unaffected) == affected


@pytest.mark.parametrize(
    ("events", "affected", "unaffected"),
    [
        ([{"introduced": "0"}, {"fixed": "2019-09-12"}], ["0.1", "99"], []),
        ([{"introduced": "1"}, {"last_affected": "0.2.0-n653"}], ["1", "99"], ["0.9"]),
        (
            [{"introduced": "1"}, {"fixed": "oops"}, {"introduced": "3"}, {"fixed": "4"}],
            ["2", "3"],
            ["0.9", "4"],
        ),
        ([{"introduced": "oops"}, {"fixed": "2"}], ["0.1", "2", "99"], []),
        ([{"introduced": "1"}, {"limit": "oops"}], ["1", "99"], ["0.9"]),
        ([{"fixed": "2"}], ["0.1", "1.9"], ["2"]),
        ([{"introduced": "1", "fixed": "2"}], ["1", "1.9"], ["0.9", "2"]),
        ([{"introduced": "1"}, {"fixed": "9" * 5000}], ["1", "99"], ["0.9"]),
    ],
)
def test_what_cannot_be_ordered_makes_a_record_wider_never_narrower(
    events: Events, affected: list[str], unaffected: list[str]
) -> None:
    assert hits(read(document(events=events)), *affected, *unaffected) == affected


def test_a_version_is_affected_by_any_of_several_ranges() -> None:
    ranges = [
        {"type": "ECOSYSTEM", "events": [{"introduced": "1"}, {"fixed": "2"}]},
        {"type": "SEMVER", "events": [{"introduced": "5"}, {"fixed": "6"}]},
        {"type": "GIT", "repo": "https://forge.example/demo", "events": [{"introduced": "0"}]},
    ]
    assert hits(read(document(ranges=ranges)), "0.5", "1.5", "2", "5.5", "6") == ["1.5", "5.5"]


def test_a_semver_range_is_ordered_by_pep_440() -> None:
    record = read(document(kind="SEMVER", events=[{"introduced": "1.0.0-alpha.1"}, {"fixed": "1.0.0"}]))
    assert hits(record, "1.0.0.dev1", "1.0a1", "1.0rc1", "1.0.0") == ["1.0a1", "1.0rc1"]


def test_listed_versions_compare_by_pep_440_however_they_are_spelt() -> None:
    record = read(document(versions=["1.0", "2.0-rc.1", "1!3", "a-bulbasaur"]))
    asked = ["1", "1.0.0", "1.0.1", "2.0rc1", "2.0", "3", "1!3.0"]
    assert hits(record, *asked) == ["1", "1.0.0", "2.0rc1", "1!3.0"]
    assert "a-bulbasaur" in record.affected[0].versions


def test_a_listed_version_counts_although_the_ranges_leave_it_out() -> None:
    record = read(document(versions=["1.5", "3.0"], events=[{"introduced": "1"}, {"fixed": "2"}]))
    assert hits(record, "1.5", "2.5", "3.0") == ["1.5", "3.0"]
    assert record.affected[0].versions == ("3",), "1.5 says nothing that the range does not"


def test_a_rebuild_with_a_local_label_has_the_flaws_of_its_source() -> None:
    """PEP 440: a local label is ignored where a version is matched against one without."""
    assert hits(read(document(versions=["1.0"])), "1.0+cpu", "1.1+cpu") == ["1.0+cpu"]
    last = read(document(events=[{"introduced": "0"}, {"last_affected": "1.0"}]))
    assert hits(last, "1.0+cpu", "1.0.1+cpu") == ["1.0+cpu"]
    assert hits(read(document(versions=["1.0+cpu"])), "1.0", "1.0+cpu", "1.0+gpu") == ["1.0+cpu"]
    relisted = read(document(versions=["1.0"], events=[{"introduced": "0"}, {"fixed": "1.0+b"}]))
    assert hits(relisted, "1.0", "1.0+a", "1.0+c") == ["1.0", "1.0+a", "1.0+c"]


def test_neither_ranges_nor_versions_affect_nothing() -> None:
    assert hits(read(document()), "0", "1") == []


def test_a_range_without_events_is_malformed_rather_than_harmless() -> None:
    with pytest.raises(ValueError, match="a range without events"):
        read(document(events=[]))
    with pytest.raises(ValueError, match="a range without events"):
        read(document(events=[{"unheard-of": "1"}]))


numbers = st.integers(min_value=0, max_value=3)
suffixes = st.sampled_from(["", "", "", "a1", "rc1", ".post1", ".dev1", "rc1.dev2"])


@st.composite
def versions(draw: st.DrawFn, least: int = 0) -> Version:
    """Small versions, so that ties and near misses are frequent."""
    release = [draw(st.integers(min_value=least, max_value=3)), *draw(st.lists(numbers, max_size=2))]
    return Version(".".join(map(str, release)) + draw(suffixes))


def event_range(**events: Version) -> AdvisoryRecord:
    return read(document(events=[{kind: str(version)} for kind, version in events.items()]))


@given(versions(least=1), versions(least=1), versions())
def test_introduced_a_fixed_b_means_from_a_to_before_b(
    one: Version, other: Version, version: Version
) -> None:
    a, b = sorted((one, other))
    assert bool(hits(event_range(introduced=a, fixed=b), str(version))) == (a <= version < b)


@given(versions(least=1), versions(least=1), versions())
def test_introduced_a_last_affected_b_means_from_a_up_to_b(
    one: Version, other: Version, version: Version
) -> None:
    a, b = sorted((one, other))
    assert bool(hits(event_range(introduced=a, last_affected=b), str(version))) == (a <= version <= b)


@given(st.sets(versions(least=1), min_size=4, max_size=4), versions())
def test_the_order_in_which_events_are_written_does_not_matter(
    places: set[Version], version: Version
) -> None:
    kinds = ["introduced", "fixed", "introduced", "fixed"]
    events = [{kind: str(place)} for kind, place in zip(kinds, sorted(places), strict=True)]
    answers = {
        bool(hits(read(document(events=list(order))), str(version)))
        for order in itertools.permutations(events)
    }
    assert len(answers) == 1


@given(st.lists(versions(), max_size=5), versions(least=1), versions(least=1), versions())
def test_affected_means_listed_or_in_a_range(
    listed: list[Version], one: Version, other: Version, version: Version
) -> None:
    a, b = sorted((one, other))
    record = read(
        document(versions=[f"{v}" for v in listed], events=[{"introduced": str(a)}, {"fixed": str(b)}])
    )
    assert bool(hits(record, str(version))) == (version in listed or a <= version < b)


@given(
    st.lists(versions(), max_size=3),
    st.lists(st.tuples(st.sampled_from(["introduced", "fixed"]), versions())),
)
def test_a_record_comes_back_from_its_json_unchanged(
    listed: list[Version], events: list[tuple[str, Version]]
) -> None:
    ranges = [{"type": "ECOSYSTEM", "events": [{kind: str(v)} for kind, v in events]}] if events else []
    record = read(document(versions=[str(v) for v in listed], ranges=ranges))
    assert record_from_json(record.to_json()) == record


def test_every_field_comes_back_from_its_json() -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=timezone.utc)
    raw = osv_record(
        "GHSA-aaaa-bbbb-cccc",
        "demo",
        versions=["9"],
        ranges=[[{"introduced": "v0"}, {"fixed": "2"}, {"limit": "4"}]],
        summary="Überlauf",
        aliases=["CVE-2024-1"],
        withdrawn=moment,
        modified=moment,
        severity="CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
    )
    raw["affected"][0]["severity"] = [{"type": "CVSS_V2", "score": "AV:L/AC:M/Au:N/C:N/I:P/A:C"}]
    record = read(raw)
    assert record_from_json(record.to_json()) == record
    assert record.summary == "Überlauf"
    assert record.affected[0].severity == "AV:L/AC:M/Au:N/C:N/I:P/A:C"


def test_a_withdrawn_record_applies_to_nothing() -> None:
    raw = document(events=[{"introduced": "0"}])
    assert hits(read(raw), "1") == ["1"]
    assert hits(read(raw | {"withdrawn": None}), "1") == ["1"]
    assert hits(read(raw | {"withdrawn": "2022-02-22T16:15:07Z"}), "1") == []


def test_an_advisory_carries_what_a_finding_needs() -> None:
    raw = osv_record(
        "PYSEC-2024-1",
        "demo",
        ranges=[
            [{"introduced": "2"}, {"fixed": "2.4"}, {"introduced": "1"}, {"fixed": "1.10"}],
            [{"introduced": "0"}, {"fixed": "1.9"}],
            [{"introduced": "7"}, {"fixed": "8"}],
        ],
        summary="Remote code execution",
        aliases=["CVE-2024-1", "GHSA-xxxx-yyyy-zzzz"],
        severity="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
    )
    advisory = read(raw).advisory(DEMO, Version("1.5"))
    assert advisory is not None
    assert (advisory.id, advisory.summary) == ("PYSEC-2024-1", "Remote code execution")
    assert advisory.aliases == ("CVE-2024-1", "GHSA-xxxx-yyyy-zzzz")
    assert advisory.fixed == ("1.9", "1.10", "2.4"), "of the ranges that cover 1.5, in the order of versions"
    assert advisory.severity == "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
    assert not advisory.malicious


@pytest.mark.parametrize(
    ("name", "aliases", "expected"),
    [
        ("MAL-2024-1", [], True),
        ("GHSA-aaaa-bbbb-cccc", ["MAL-2024-1"], True),
        ("PYSEC-2024-1", ["CVE-2024-1", "MAL-2024-1"], True),
        ("PYSEC-2024-1", ["CVE-2024-1"], False),
        ("MALWARE-1", ["NOTMAL-1"], False),
    ],
)
def test_malware_is_told_by_the_schemas_prefix_in_id_or_aliases(
    name: str, aliases: list[str], expected: bool
) -> None:
    assert read(osv_record(name, "demo", aliases=aliases)).malicious is expected


@pytest.mark.parametrize("spelling", ["Demo.Package", "demo_package", "DEMO--package", "demo-package"])
def test_a_record_is_about_a_project_however_its_name_is_spelt(spelling: str) -> None:
    raw = document(versions=["1"])
    raw["affected"][0]["package"]["name"] = spelling
    assert read(raw).projects == {canonicalize_name("demo-package")}


def test_only_projects_of_pypi_with_a_possible_name_are_kept() -> None:
    raw = document(versions=["1"])
    template = raw["affected"][0]
    others = [("npm", "demo"), ("Root:PyPI", "demo"), ("PyPI", "../demo"), ("PyPI", "@scope/demo")]
    for ecosystem, name in others:
        raw["affected"].append(template | {"package": {"ecosystem": ecosystem, "name": name}})
    assert [entry.project for entry in read(raw).affected] == ["demo"]


def test_severity_is_the_vector_that_can_be_scored_by_a_formula() -> None:
    v3, v4 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N"
    raw = document(versions=["1"])
    both = [{"type": "CVSS_V4", "score": v4}, {"type": "CVSS_V3", "score": v3}]
    assert read(raw | {"severity": both}).severity == v3
    assert read(raw | {"severity": both[:1]}).severity == v4
    assert read(raw | {"severity": [{"type": "Ubuntu", "score": "high"}]}).severity == ""
    assert read(raw | {"severity": [{"type": "CVSS_V3", "score": "CVSS:\x1b[31m"}]}).severity == ""


def test_a_summary_that_is_cut_ends_at_a_word_and_says_that_there_is_more() -> None:
    """40 words of four letters take 199 characters, 33 of five 197; 200 are kept, of which one says more."""
    for word, count in (("word", 40), ("words", 33)):
        summary = read(document(versions=["1"]) | {"summary": f"{word} " * 80}).summary
        assert summary == " ".join([word] * count) + "…"
    whole = "word " * 39 + "words"
    assert read(document(versions=["1"]) | {"summary": whole}).summary == whole


def test_text_for_the_terminal_is_one_short_printable_line() -> None:
    raw = document(versions=["1"]) | {"summary": "a\x1b[31mb\r\nc\u202ed\u200be\ud800" + "x" * 500}
    summary = read(raw).summary
    assert summary.startswith("a [31mb c d e x")
    assert len(summary) == 200
    assert summary.isprintable()
    assert (
        read(document(versions=["1"]) | {"summary": "", "details": "Line one.\n\nTwo."}).summary
        == "Line one. Two."
    )


def test_aliases_that_are_no_ids_are_left_out() -> None:
    raw = document(versions=["1"]) | {"aliases": ["CVE-2024-1", "GHSA-x,", "\x1b[31m", 7, ""]}
    assert read(raw).aliases == ("CVE-2024-1",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-10-01T21:22:35Z", datetime(2024, 10, 1, 21, 22, 35, tzinfo=timezone.utc)),
        ("2024-10-01T21:22:35.5Z", datetime(2024, 10, 1, 21, 22, 35, 500_000, tzinfo=timezone.utc)),
        ("2024-10-01T21:22:35.777428999Z", datetime(2024, 10, 1, 21, 22, 35, 777_428, tzinfo=timezone.utc)),
    ],
)
def test_times_are_read_as_rfc_3339_writes_them(text: str, expected: datetime) -> None:
    assert read(document() | {"modified": text}).modified == expected


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"id": "PYSEC 1"},
        {"modified": None},
        {"modified": "yesterday"},
        {"modified": "2024-13-01T00:00:00Z"},
        {"schema_version": "2.0.0"},
        {"withdrawn": "yes"},
        {"withdrawn": True},
        {"affected": {}},
        {"affected": ["demo"]},
        {"affected": [{"package": {"ecosystem": "PyPI", "name": 7}}]},
        {"affected": [{"package": {"ecosystem": "PyPI", "name": "demo"}, "versions": [1.0]}]},
        {"severity": [{"type": [], "score": "x"}]},
    ],
)
def test_a_record_against_the_schema_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"schema|without a well-formed id|not a time|month must be"):
        read(document(versions=["1"]) | broken)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff\xfe{}x", b"[" * 200_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        record_from_json(data)


def test_an_export_is_read_from_a_path_and_from_a_file_that_stays_open(tmp_path: Path) -> None:
    export = osv_export([osv_record("PYSEC-2024-1", "demo", versions=["1"]), malicious("evil")])
    path = tmp_path / "all.zip"
    path.write_bytes(export)
    file = io.BytesIO(export)
    skipped: list[str] = []
    records = list(read_export(path, skipped=skipped.append))
    assert list(read_export(file, skipped=skipped.append)) == records
    assert [record.projects for record in records] == [{"demo"}, {"evil"}]
    assert not skipped
    assert not file.closed


def test_bad_entries_cost_themselves_and_are_reported() -> None:
    files = {f"PYSEC-2024-{n}.json": GOOD for n in range(6)} | {
        "deep.json": b"[" * 200_000,
        "broken.json": b"{",
        "read\x1b[31mme.txt": b"hello",
        "list.json": b"[]",
    }
    skipped: list[str] = []
    assert len(list(read_export(entries(**files), skipped=skipped.append))) == 6
    assert [line.partition(": ")[0] for line in skipped] == [
        "deep.json",
        "broken.json",
        "read [31mme.txt",
        "list.json",
    ]
    assert skipped[0] == "deep.json: nested too deeply"


def test_an_export_of_which_most_is_unusable_is_refused() -> None:
    skipped: list[str] = []
    half = entries(a=GOOD, b=b"?")
    assert len(list(read_export(half, skipped=skipped.append))) == 1
    with pytest.raises(SourceRefused, match="2 of its 3 entries cannot be read as OSV records") as refusal:
        list(read_export(entries(a=GOOD, b=b"?", c=b"?"), skipped=skipped.append))
    assert refusal.value.hint


def test_an_export_without_a_record_about_pypi_is_refused() -> None:
    foreign = document(versions=["1"])
    foreign["affected"][0]["package"]["ecosystem"] = "npm"
    for export in (export_of(), export_of(foreign)):
        with pytest.raises(SourceRefused, match="has no record about PyPI"):
            list(read_export(export, skipped=print))


def test_a_record_that_unpacks_too_large_is_skipped() -> None:
    skipped: list[str] = []
    bomb = entries(a=GOOD, b=b" " * 1_000_001)
    assert len(list(read_export(bomb, skipped=skipped.append, limits=Limits(record=1_000_000)))) == 1
    assert skipped == ["b: larger than 1000000 bytes"]


def test_a_record_larger_than_the_zip_declares_is_skipped() -> None:
    """The declared size is what is read at most, and then the checksum does not fit."""
    lying = bytearray(entries(a=GOOD, b=b" " * 1_000_000).getvalue())
    central = lying.rindex(b"PK\x01\x02")
    struct.pack_into("<L", lying, central + 24, 100)
    skipped: list[str] = []
    assert len(list(read_export(io.BytesIO(lying), skipped=skipped.append))) == 1
    assert skipped[0].startswith("b: Bad CRC-32")


def test_methods_that_unpack_without_bounds_and_encryption_are_skipped() -> None:
    skipped: list[str] = []
    mixed = packed(zipfile.ZIP_DEFLATED, {"a": GOOD})
    with zipfile.ZipFile(mixed, "a") as archive:
        archive.writestr("b", GOOD, zipfile.ZIP_BZIP2)
    assert len(list(read_export(mixed, skipped=skipped.append))) == 1
    encrypted = bytearray(entries(a=GOOD, b=GOOD).getvalue())
    struct.pack_into("<H", encrypted, encrypted.rindex(b"PK\x01\x02") + 8, 1)
    assert len(list(read_export(io.BytesIO(encrypted), skipped=skipped.append))) == 1
    assert skipped == ["b: encrypted, or neither stored nor deflated"] * 2


def test_a_flipped_bit_in_a_record_is_noticed() -> None:
    stored = bytearray(packed(zipfile.ZIP_STORED, {"a": GOOD, "b": GOOD}).getvalue())
    stored[stored.index(b"1.0")] ^= 1
    skipped: list[str] = []
    assert len(list(read_export(io.BytesIO(stored), skipped=skipped.append))) == 1
    assert skipped[0].startswith("a: Bad CRC-32")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(entries=1), "has more than 1 entries"),
        (Limits(total=100), "unpacks to more than 100 bytes"),
        (Limits(archive=100), "is larger than 100 bytes"),
    ],
)
def test_an_export_over_a_limit_is_refused(limits: Limits, message: str) -> None:
    with pytest.raises(SourceRefused, match=message):
        list(read_export(entries(a=GOOD, b=GOOD), skipped=print, limits=limits))


@pytest.mark.parametrize("cut", [0, 10, -1, -30])
def test_what_is_no_whole_zip_is_refused(cut: int) -> None:
    with pytest.raises(SourceRefused, match="is not a readable zip"):
        list(read_export(io.BytesIO(entries(a=GOOD).getvalue()[:cut]), skipped=print))


def test_an_export_that_cannot_be_opened_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be read: No such file"):
        list(read_export(tmp_path / "absent.zip", skipped=print))


SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "osv" / "all.zip"


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data are not here")
def test_every_listed_version_of_the_real_export_is_affected() -> None:
    """What a record lists is affected, whether or not the list was dropped in favour of the ranges."""
    skipped: list[str] = []
    records = {record.id: record for record in read_export(SHARED, skipped=skipped.append)}
    assert (len(records), skipped) == (13_808, [])
    with zipfile.ZipFile(SHARED) as archive:
        for name in archive.namelist()[::7]:
            raw = json.loads(archive.read(name))
            for entry in raw["affected"]:
                project = canonicalize_name(entry["package"]["name"])
                for version in filter(None, map(_parsed, entry["versions"])):
                    applies = records[raw["id"]].advisory(project, version) is not None
                    assert applies == ("withdrawn" not in raw), (raw["id"], version)


def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except ValueError:
        return None
