"""The advisory database is replaced whole, read cheaply, and never taken for empty when it is not."""

from __future__ import annotations

import io
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.lab.osv import malicious, osv_export, osv_record
from trustguard.model.errors import SourceRefused, StoreError
from trustguard.model.evidence import Advisory, Known, Unavailable
from trustguard.sources.osv import AdvisoryRecord, read_export, record_from_json
from trustguard.store import advisories
from trustguard.store.advisories import AdvisoryInfo, AdvisoryStore

Store = AdvisoryStore[AdvisoryRecord]

DEMO = canonicalize_name("demo")
NOON = datetime(2026, 5, 17, 12, tzinfo=timezone.utc)
FLAW = osv_record(
    "PYSEC-2024-1", "demo", ranges=[[{"introduced": "1.0"}, {"fixed": "1.2"}]], summary="A flaw"
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose database does not exist yet, in a folder that needs to be quoted in a URI."""
    return AdvisoryStore(tmp_path / "a # folder? 100%" / "advisories.sqlite", record_from_json)


def fill(store: Store, *records: dict[str, Any]) -> AdvisoryInfo:
    parsed = (record_from_json(json.dumps(record)) for record in records)
    return store.replace(parsed, origin="https://advisories.example/all.zip", fetched_at=NOON)


def ids(store: Store, version: str, project: str = "demo") -> list[str]:
    fact = store.applying(canonicalize_name(project), Version(version))
    assert isinstance(fact, Known), fact
    return [advisory.id for advisory in fact.value]


def why_unavailable(store: Store) -> str:
    fact = store.applying(DEMO, Version("1.0"))
    assert isinstance(fact, Unavailable), fact
    assert fact.source == "advisories"
    return fact.reason


def beside(store: Store, ending: str) -> Path:
    return store.path.with_name(store.path.name + ending)


def test_what_applies_to_a_release_is_known_and_so_is_that_nothing_does(store: Store) -> None:
    fill(store, FLAW, malicious("evil"))
    expected = Advisory("PYSEC-2024-1", "A flaw", fixed=("1.2",))
    assert store.applying(DEMO, Version("1.1")) == Known((expected,))
    assert store.applying(DEMO, Version("1.2")) == Known(())
    assert store.applying(canonicalize_name("unheard-of"), Version("1")) == Known(())


def test_a_record_is_found_however_its_name_is_spelt(store: Store) -> None:
    spelt = json.loads(json.dumps(FLAW))
    spelt["affected"][0]["package"]["name"] = "De.Mo"
    fill(store, spelt)
    assert ids(store, "1.1", "de_mo") == ids(store, "1.1", "DE--MO") == ["PYSEC-2024-1"]
    assert ids(store, "1.1", "demo") == []


def test_a_record_about_several_projects_is_found_under_each_with_its_own_versions(store: Store) -> None:
    both = json.loads(json.dumps(FLAW))
    both["affected"] += osv_record("x", "other", versions=["7"])["affected"]
    fill(store, both)
    assert ids(store, "1.1") == ids(store, "7", "other") == ["PYSEC-2024-1"]
    assert ids(store, "7") == ids(store, "1.1", "other") == []


def test_a_withdrawn_record_is_kept_but_applies_to_nothing(store: Store) -> None:
    fill(store, FLAW | {"withdrawn": "2024-02-01T00:00:00Z"})
    assert [record.withdrawn for record in store.lookup(DEMO)] == [datetime(2024, 2, 1, tzinfo=timezone.utc)]
    assert ids(store, "1.1") == []


def test_records_come_in_the_order_of_their_ids_and_unchanged(store: Store) -> None:
    records = [FLAW | {"id": name} for name in ("PYSEC-2024-3", "GHSA-1", "PYSEC-2024-1")]
    fill(store, *records)
    parsed = sorted(
        (record_from_json(json.dumps(record)) for record in records), key=lambda record: record.id
    )
    assert list(store.lookup(DEMO)) == parsed


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_records_with_one_id_the_later_counts(store: Store, newest_first: bool) -> None:
    """The schema: of two entries with the same id, the one modified later is authoritative."""
    later = osv_record("PYSEC-2024-1", "demo", versions=["5"], modified=NOON)
    info = fill(store, *([later, FLAW] if newest_first else [FLAW, later]))
    assert info.records == 1
    assert ids(store, "5") == ["PYSEC-2024-1"]
    assert ids(store, "1.1") == []


def test_info_tells_what_the_database_holds(store: Store) -> None:
    """Times are compared as times: with and without a fraction of a second, in whatever zone."""
    whole, fraction = "2026-05-17T11:00:00Z", "2026-05-17T11:00:00.5Z"
    records = [FLAW | {"id": "A-1", "modified": whole}, FLAW | {"id": "A-2", "modified": fraction}, FLAW]
    parsed = [record_from_json(json.dumps(record)) for record in records]
    there = NOON.astimezone(timezone(timedelta(hours=2)))
    told = store.replace(parsed, origin="https://advisories.example/all.zip", fetched_at=there)
    newest = datetime(2026, 5, 17, 11, 0, 0, 500_000, tzinfo=timezone.utc)
    assert told == AdvisoryInfo(3, NOON, "https://advisories.example/all.zip", newest)
    assert store.info() == told


def test_a_database_without_records_is_known_to_have_none(store: Store) -> None:
    fill(store)
    assert store.info() == AdvisoryInfo(0, NOON, "https://advisories.example/all.zip", None)
    assert ids(store, "1.1") == []


def test_no_database_is_unavailable_and_says_what_to_do(store: Store) -> None:
    assert store.info() is None
    assert "there is no advisory database" in why_unavailable(store)
    assert "trustguard update" in why_unavailable(store)
    with pytest.raises(StoreError, match="there is no advisory database"):
        store.lookup(DEMO)
    assert not store.path.parent.exists(), "a look-up makes nothing"


def test_replacing_forgets_what_was_there_and_what_was_remembered_of_it(store: Store) -> None:
    fill(store, FLAW)
    assert ids(store, "1.1") == ["PYSEC-2024-1"]
    fill(store, malicious("evil"))
    assert ids(store, "1.1") == []
    assert len(ids(store, "1.1", "evil")) == 1


def test_a_database_is_one_file(store: Store) -> None:
    fill(store, FLAW)
    fill(store, FLAW)
    ids(store, "1.1")
    assert {path.name for path in store.path.parent.iterdir()} <= {store.path.name, store.path.name + ".lock"}


def test_a_replacement_that_fails_leaves_the_old_database(store: Store) -> None:
    fill(store, FLAW)

    def failing() -> Iterator[AdvisoryRecord]:
        yield record_from_json(json.dumps(malicious("evil")))
        raise SourceRefused("the rest is garbage")

    with pytest.raises(SourceRefused, match="the rest is garbage"):
        store.replace(failing(), origin="https://advisories.example/", fetched_at=NOON)
    assert ids(store, "1.1") == ["PYSEC-2024-1"]
    assert ids(store, "1.1", "evil") == []
    assert not beside(store, ".new").exists()


def test_an_unusable_export_leaves_the_old_database(store: Store) -> None:
    fill(store, FLAW)
    with pytest.raises(SourceRefused):
        store.replace(
            read_export(io.BytesIO(osv_export([])), skipped=print),
            origin="https://x.example/",
            fetched_at=NOON,
        )
    assert ids(store, "1.1") == ["PYSEC-2024-1"]


def test_what_a_crash_has_left_is_not_built_upon(store: Store) -> None:
    store.path.parent.mkdir()
    beside(store, ".new").write_bytes(b"half a database")
    fill(store, FLAW)
    assert ids(store, "1.1") == ["PYSEC-2024-1"]


def test_a_database_that_cannot_be_written_is_an_error_of_the_store(store: Store) -> None:
    store.path.parent.write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        fill(store, FLAW)


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all " * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 + 100])


def overwritten(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


def other_schema(path: Path) -> None:
    execute(path, "PRAGMA user_version = 99")


def other_application(path: Path) -> None:
    execute(path, "PRAGMA application_id = 7")


def broken_record(path: Path) -> None:
    execute(path, "UPDATE record SET json = '{'")


def null_record(path: Path) -> None:
    execute(path, "UPDATE record SET json = x'00ff'")


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


DAMAGES = [
    garbage,
    empty,
    truncated,
    overwritten,
    other_schema,
    other_application,
    broken_record,
    null_record,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_and_never_read_as_empty(store: Store, damage: Any) -> None:
    fill(store, FLAW)
    damage(store.path)
    damaged = store.path.read_bytes()
    reason = why_unavailable(store)
    assert "was set aside as advisories.sqlite.damaged" in reason
    assert "trustguard update" in reason
    assert beside(store, ".damaged").read_bytes() == damaged
    assert "there is no advisory database" in why_unavailable(store)
    fill(store, FLAW)
    assert ids(store, "1.1") == ["PYSEC-2024-1"]


@pytest.mark.parametrize("damage", [garbage, other_schema])
def test_info_and_lookup_raise_on_a_damaged_database(store: Store, damage: Any) -> None:
    for ask in (store.info, lambda: store.lookup(DEMO)):
        fill(store, FLAW)
        damage(store.path)
        with pytest.raises(StoreError, match=r"set aside as advisories\.sqlite\.damaged") as raised:
            ask()
        assert "trustguard update" in raised.value.hint


def test_a_database_without_its_info_is_damaged(store: Store) -> None:
    fill(store, FLAW)
    execute(store.path, "DELETE FROM info")
    with pytest.raises(StoreError, match="set aside"):
        store.info()


def test_a_database_that_cannot_be_read_is_unavailable_and_stays_where_it_is(store: Store) -> None:
    store.path.mkdir(parents=True)
    assert "cannot be read" in why_unavailable(store)
    assert store.path.is_dir()


def test_a_path_that_leads_nowhere_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = AdvisoryStore(tmp_path / "file" / "advisories.sqlite", record_from_json)
    assert "cannot be read" in why_unavailable(store)


def test_a_good_database_that_came_meanwhile_is_not_set_aside(tmp_path: Path) -> None:
    """One process finds damage while another has just updated: the new file is not the damaged one."""
    path = tmp_path / "advisories.sqlite"
    updater = AdvisoryStore(path, record_from_json)

    def updated_while_read(text: str) -> AdvisoryRecord:
        fill(updater, FLAW)
        raise ValueError(text)

    fill(updater, FLAW)
    slow = AdvisoryStore(path, updated_while_read)
    assert "set aside" not in why_unavailable(slow)
    assert ids(updater, "1.1") == ["PYSEC-2024-1"]
    assert not beside(updater, ".damaged").exists()


def test_a_damaged_database_is_unavailable_even_where_it_cannot_be_set_aside(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisories, "_ASIDE_SECONDS", 0)
    fill(store, FLAW)
    garbage(store.path)
    with FileLock(beside(store, ".lock")):
        assert "could not be set aside" in why_unavailable(store)
    assert store.path.exists()


def test_only_one_process_writes_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "_REPLACE_SECONDS", 0)
    fill(store, FLAW)
    with FileLock(beside(store, ".lock")), pytest.raises(StoreError, match="locked by another process"):
        fill(store, malicious("evil"))
    assert ids(store, "1.1") == ["PYSEC-2024-1"]


def test_look_ups_from_many_threads_see_the_old_or_the_new_and_nothing_between(store: Store) -> None:
    names = [canonicalize_name(f"project-{n}") for n in range(30)]
    editions = [
        [osv_record(f"PYSEC-{year}-{n}", name, versions=["1"]) for n, name in enumerate(names)]
        for year in (2023, 2024)
    ]
    fill(store, *editions[0])
    done = threading.Event()

    def look_up(number: int) -> set[tuple[str, ...]]:
        seen = set()
        while not done.is_set():
            seen.add(tuple(ids(store, "1", names[number])))
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(look_up, number) for number in range(4)]
        try:
            for turn in range(1, 21):
                fill(store, *editions[turn % 2])
        finally:
            done.set()
        for number, reader in enumerate(readers):
            assert reader.result() <= {(f"PYSEC-{year}-{number}",) for year in (2023, 2024)}


def test_two_stores_on_one_path_may_replace_at_the_same_time(store: Store) -> None:
    def update(number: int) -> None:
        fill(AdvisoryStore(store.path, record_from_json), FLAW, malicious(f"evil-{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(update, range(8)))
    assert ids(store, "1.1") == ["PYSEC-2024-1"]
    assert sum(len(ids(store, "1", f"evil-{number}")) for number in range(8)) == 1


SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "osv" / "all.zip"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The shared export, loaded."""
    if not SHARED.is_file():
        pytest.skip("the shared data are not here")
    store: Store = AdvisoryStore(tmp_path_factory.mktemp("osv") / "advisories.sqlite", record_from_json)
    records: Iterable[AdvisoryRecord] = read_export(SHARED, skipped=pytest.fail)
    assert store.replace(records, origin="all.zip", fetched_at=NOON).records == 13_808
    return store


@pytest.mark.parametrize(
    ("project", "version", "advisory", "affected"),
    [
        ("django", "1.11.22", "PYSEC-2019-11", True),
        ("Django", "1.11.23", "PYSEC-2019-11", False),
        ("django", "2.0", "PYSEC-2019-11", False),
        ("django", "2.1.10", "PYSEC-2019-11", True),
        ("py", "1.11.0", "PYSEC-2022-42969", True),
        ("py", "1.11.1", "PYSEC-2022-42969", False),
        ("steam", "0.1", "PYSEC-2019-125", True),
        ("loguru", "0.5.3", "PYSEC-2022-15", False),
    ],
)
def test_real_advisories_apply_where_they_say(
    real: Store, project: str, version: str, advisory: str, affected: bool
) -> None:
    """As their records read: ``last_affected`` 1.11.0, ``fixed`` 2019-09-12 (no version), withdrawn."""
    assert (advisory in ids(real, version, project)) is affected


def test_a_real_advisory_names_its_fixed_versions(real: Store) -> None:
    fact = real.applying(canonicalize_name("django"), Version("1.11.22"))
    assert isinstance(fact, Known)
    advisory = next(advisory for advisory in fact.value if advisory.id == "PYSEC-2019-11")
    assert advisory.fixed == ("1.11.23", "2.1.11", "2.2.4")
    assert advisory.aliases == ("CVE-2019-14232", "GHSA-c4qh-4vgv-qc6g")


@pytest.mark.parametrize("version", ["0.0.1.dev1", "1.0", "99"])
def test_every_version_of_real_malware_is_malicious(real: Store, version: str) -> None:
    fact = real.applying(canonicalize_name("py-studyguicontrol"), Version(version))
    assert isinstance(fact, Known)
    assert [advisory.malicious for advisory in fact.value] == [True]
