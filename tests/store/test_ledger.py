"""The ledger keeps what was installed: whole, on one line each, whoever else writes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name

from tests.model import strategies
from trustguard.model.errors import StoreError
from trustguard.model.report import LedgerEntry
from trustguard.model.verdict import Decision
from trustguard.store.ledger import Ledger
from trustguard.store.ledger_lines import by_name, decode, encode, storable

ENTRY = LedgerEntry(
    distribution="Demo.Pkg",
    version="1.0",
    decision=Decision.WARN,
    score="",
    sha256="ab" * 32,
    file="demo_pkg-1.0-py3-none-any.whl",
    index="https://index.example/simple/",
    time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
    policy="cd" * 32,
    evidence="",
    imports=("demo", "demo_extra"),
)
LINE = (
    "Demo.Pkg\t1.0\twarn\t\t" + "ab" * 32 + "\tdemo_pkg-1.0-py3-none-any.whl\thttps://index.example/simple/"
    "\t2026-01-02T03:04:05+00:00\t" + "cd" * 32 + "\t\tdemo demo_extra\n"
)
HEADER = "trustguard-ledger\t1\n"
DEMO = canonicalize_name("Demo.Pkg")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no device without an end")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    """Whoever hands over an environment may have put a link to one there."""
    path = tmp_path / "trustguard-ledger.tsv"
    path.symlink_to("/dev/zero")
    with pytest.raises(StoreError):
        Ledger(path, tmp_path).read()


entries = st.builds(
    LedgerEntry,
    distribution=strategies.names,
    version=strategies.versions.map(str),
    decision=st.sampled_from(Decision),
    score=st.sampled_from(["", "1", "7.5", "10"]),
    sha256=strategies.digests,
    file=st.text(max_size=10),
    index=st.from_regex(r"https://[a-z]{1,5}\.example/[a-z\\ ]{0,4}", fullmatch=True),
    time=strategies.times,
    policy=strategies.digests,
    evidence=st.just("") | strategies.digests,
    imports=st.lists(st.text(min_size=1, max_size=6), max_size=3, unique=True).map(
        lambda names: tuple(sorted(names))
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger lies, in a directory of its own."""
    (tmp_path / "purelib").mkdir()
    return tmp_path / "purelib" / "trustguard-ledger.tsv"


@pytest.fixture
def ledger(path: Path, tmp_path: Path) -> Ledger:
    """A ledger that does not exist yet."""
    return Ledger(path, tmp_path / "state" / "locks")


def other(name: str, **parts: Any) -> LedgerEntry:
    """An entry of another distribution."""
    return replace(ENTRY, distribution=name, **parts)


def test_one_line_a_distribution_in_the_order_of_the_design(ledger: Ledger, path: Path) -> None:
    ledger.record([ENTRY])
    assert path.read_text(encoding="utf-8") == HEADER + LINE


def test_a_missing_ledger_is_empty_and_reading_makes_none(ledger: Ledger, path: Path) -> None:
    assert ledger.read() == {}
    ledger.record([], gone=[DEMO])
    assert list(path.parent.iterdir()) == []


def test_what_was_recorded_is_read_by_normalized_name(ledger: Ledger) -> None:
    ledger.record([ENTRY])
    assert ledger.read() == {"demo-pkg": ENTRY}


@given(st.lists(entries, max_size=4))
def test_every_entry_survives_writing_and_reading(some: list[LedgerEntry]) -> None:
    expected = by_name(some)
    assert decode(encode({name: storable(entry) for name, entry in expected.items()})) == expected


@given(st.lists(entries, max_size=4), st.randoms(use_true_random=False))
def test_the_same_entries_are_the_same_bytes(some: list[LedgerEntry], random: Any) -> None:
    named = list(by_name(map(storable, some)).items())
    shuffled = random.sample(named, len(named))
    data = encode(dict(shuffled))
    assert data == encode(dict(named))
    assert data.count(b"\n") == 1 + len(named)


def test_new_entries_join_the_old_and_replace_their_own(ledger: Ledger) -> None:
    ledger.record([ENTRY, other("b"), other("c")])
    ledger.record([other("demo_pkg", version="2.0"), other("a")], gone=[canonicalize_name("c")])
    assert [(name, entry.version) for name, entry in ledger.read().items()] == [
        ("a", "1.0"),
        ("b", "1.0"),
        ("demo-pkg", "2.0"),
    ]


def test_what_goes_and_comes_again_stays(ledger: Ledger) -> None:
    ledger.record([ENTRY])
    ledger.record([replace(ENTRY, version="3")], gone=[DEMO])
    assert ledger.read()[DEMO].version == "3"


def test_when_all_is_gone_an_empty_ledger_remains(ledger: Ledger, path: Path) -> None:
    ledger.record([ENTRY])
    ledger.record([], gone=[DEMO])
    assert path.read_text(encoding="utf-8") == HEADER


def test_a_ledger_that_does_not_change_is_not_written_again(ledger: Ledger, path: Path) -> None:
    ledger.record([ENTRY])
    before = path.stat().st_ino
    ledger.record([ENTRY])
    assert path.stat().st_ino == before


def test_site_packages_holds_the_ledger_and_nothing_else_of_ours(ledger: Ledger, path: Path) -> None:
    ledger.record([ENTRY])
    ledger.read()
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_everybody_may_read_the_ledger_and_only_its_owner_write_it(ledger: Ledger, path: Path) -> None:
    ledger.record([ENTRY])
    assert path.stat().st_mode & 0o777 == 0o644


def test_times_are_written_in_utc(ledger: Ledger, path: Path) -> None:
    ledger.record([replace(ENTRY, time=ENTRY.time.astimezone(timezone(timedelta(hours=9))))])
    assert path.read_text(encoding="utf-8") == HEADER + LINE


@pytest.mark.parametrize(
    ("given_url", "written"),
    [
        ("https://me:secret@index.example/simple/", "https://index.example/simple/"),
        ("https://secret@index.example:8443/a", "https://index.example:8443/a"),
        ("https://files.example/a.whl?token=secret#sha256=secret", "https://files.example/a.whl"),
        ("file:///packages/a.whl", "file:///packages/a.whl"),
    ],
)
def test_no_secret_of_an_address_is_written(ledger: Ledger, path: Path, given_url: str, written: str) -> None:
    ledger.record([replace(ENTRY, index=given_url)])
    assert ledger.read()[DEMO].index == written
    assert "secret" not in path.read_text(encoding="utf-8")


def test_a_hostile_name_makes_neither_a_line_nor_a_column_nor_an_import(ledger: Ledger, path: Path) -> None:
    forged = "x\nrequests\t1.0\tallow\x1b[2J\u202e\\u{61}"
    hostile = replace(ENTRY, file=forged, imports=("a b", forged))
    ledger.record([hostile])
    lines = path.read_text(encoding="utf-8").split("\n")
    assert len(lines) == 3
    columns = lines[1].split("\t")
    assert len(columns) == 11
    assert columns[5] == r"x\u{a}requests\u{9}1.0\u{9}allow\u{1b}[2J\u{202e}\u{5c}u{61}"
    assert columns[10].split(" ") == [r"a\u{20}b", columns[5]]
    assert ledger.read() == {DEMO: hostile}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("distribution", "a\tb"),
        ("distribution", "../evil"),
        ("version", "1.0\n"),
        ("version", "latest"),
        ("score", "high"),
        ("sha256", ""),
        ("sha256", "AB" * 32),
        ("policy", "0123"),
        ("evidence", "x\t"),
        ("index", "https://[broken/"),
        ("imports", ("",)),
        ("time", datetime(2026, 1, 1)),  # noqa: DTZ001 - that is the point
    ],
)
def test_what_would_not_read_back_is_refused_and_the_rest_recorded(
    ledger: Ledger, field: str, value: Any
) -> None:
    parts: dict[str, Any] = {"distribution": "bad", field: value}
    with pytest.raises(StoreError, match=r"^not recorded in the ledger: '") as caught:
        ledger.record([replace(ENTRY, **parts), other("good")])
    assert "\n" not in str(caught.value)
    assert list(ledger.read()) == ["good"]


DAMAGED = {
    "empty": "",
    "no first line": LINE,
    "another file": "PK\x03\x04\n",
    "cut short": (HEADER + LINE)[:-9],
    "a column too few": HEADER + LINE.replace("\twarn", ""),
    "a column too many": HEADER + LINE.replace("\twarn", "\twarn\twarn"),
    "no such verdict": HEADER + LINE.replace("\twarn", "\tfine"),
    "no digest": HEADER + LINE.replace("ab" * 32, "ab"),
    "no time": HEADER + LINE.replace("2026-01-02T03:04:05+00:00", "yesterday"),
    "no zone": HEADER + LINE.replace("+00:00", ""),
    "no project name": HEADER + LINE.replace("Demo.Pkg", "-"),
    "no version": HEADER + LINE.replace("\t1.0\t", "\tnew\t"),
    "a control character": HEADER + LINE.replace("demo_extra", "demo\x1b"),
    "no such character": HEADER + LINE.replace("demo_extra", r"\u{ffffff}"),
    "twice the same": HEADER + LINE + LINE.replace("Demo.Pkg", "demo-pkg"),
    "an empty line": HEADER + "\n" + LINE,
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_ledger_is_set_aside_and_said(ledger: Ledger, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match="what it recorded counts as never vetted") as caught:
        ledger.read()
    assert str(caught.value).isprintable()
    assert path.with_name("trustguard-ledger.tsv.damaged").read_text(encoding="utf-8") == text
    assert ledger.read() == {}


def test_bytes_that_are_no_text_are_damage(ledger: Ledger, path: Path) -> None:
    path.write_bytes(HEADER.encode() + b"\xff\xfe")
    with pytest.raises(StoreError, match="was damaged"):
        ledger.read()


def test_recording_over_a_damaged_ledger_keeps_what_is_new_and_says_what_is_lost(
    ledger: Ledger, path: Path
) -> None:
    path.write_text("garbage", encoding="utf-8")
    with pytest.raises(StoreError, match="was damaged"):
        ledger.record([ENTRY])
    assert ledger.read() == {DEMO: ENTRY}
    assert path.with_name("trustguard-ledger.tsv.damaged").exists()


def test_a_damaged_ledger_that_cannot_be_set_aside_is_one_clear_error(ledger: Ledger, path: Path) -> None:
    path.write_text("garbage", encoding="utf-8")
    path.with_name("trustguard-ledger.tsv.damaged").mkdir()
    with pytest.raises(StoreError, match=r"^cannot set aside the damaged ledger "):
        ledger.record([ENTRY])
    assert path.read_text(encoding="utf-8") == "garbage"


def test_a_lock_that_somebody_holds_is_waited_for(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    key = hashlib.sha256(bytes(path)).hexdigest()[:32]
    (tmp_path / "state" / "locks").mkdir(parents=True)
    with FileLock(tmp_path / "state" / "locks" / f"ledger-{key}.lock"):
        writer = threading.Thread(target=ledger.record, args=([ENTRY],))
        writer.start()
        assert not path.exists()
    writer.join()
    assert ledger.read() == {DEMO: ENTRY}


def test_a_lock_that_is_never_released_is_one_clear_error(path: Path, tmp_path: Path) -> None:
    key = hashlib.sha256(bytes(path)).hexdigest()[:32]
    impatient = Ledger(path, tmp_path, lock_seconds=0)
    with (
        FileLock(tmp_path / f"ledger-{key}.lock"),
        pytest.raises(StoreError, match=r"has been locked for 0 seconds by another trustguard"),
    ):
        impatient.record([ENTRY])


def test_the_ledger_of_a_newer_version_is_left_alone(ledger: Ledger, path: Path) -> None:
    path.write_text("trustguard-ledger\t2\nsomething else\n", encoding="utf-8")
    for attempt in (ledger.read, lambda: ledger.record([ENTRY])):
        with pytest.raises(StoreError, match="a ledger of version 2, which is not known here"):
            attempt()
    assert path.read_text(encoding="utf-8") == "trustguard-ledger\t2\nsomething else\n"


def test_a_directory_in_the_ledgers_place_is_one_clear_error(ledger: Ledger, path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match=r"^cannot read .*: Is a directory$"):
        ledger.read()


def test_an_environment_that_does_not_exist_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^cannot write .*: No such file or directory$"):
        Ledger(tmp_path / "none" / "ledger.tsv", tmp_path / "locks").record([ENTRY])


def test_a_lock_directory_that_cannot_be_made_is_one_clear_error(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"^cannot lock "):
        Ledger(path, tmp_path / "file" / "locks").record([ENTRY])


def test_no_entry_is_lost_when_several_processes_write(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    program = f"""
        import sys
        from dataclasses import replace
        from pathlib import Path
        from tests.store.test_ledger import other
        from trustguard.store.ledger import Ledger
        ledger = Ledger(Path({str(path)!r}), Path({str(tmp_path / "state" / "locks")!r}))
        for number in range(10):
            ledger.record([other(f"p{{sys.argv[1]}}-{{number}}")])
    """
    children = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(number)],
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for child in children:
        _, said = child.communicate()
        assert (child.returncode, said) == (0, "")
    expected: set[NormalizedName] = {
        canonicalize_name(f"p{child}-{number}") for child in range(3) for number in range(10)
    }
    assert ledger.read().keys() == expected
