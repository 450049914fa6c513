"""The history of publishers keeps who was accepted, by index and project; damage is set aside and said."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName

from tests.model import strategies
from trustguard.model.errors import StoreError
from trustguard.model.lineage import KnownPublishers
from trustguard.model.project import IndexId
from trustguard.model.provenance import Publisher
from trustguard.model.repository import Repository
from trustguard.store.publishers import Accepted, PublisherStore

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX, OTHER_INDEX = IndexId("https://index.example/simple/"), IndexId("https://other.example/simple/")
DEMO = NormalizedName("demo")
DEMO_REPOSITORY = Repository("github.com", "acme/demo")
WORKFLOW = "https://github.com/acme/demo/.github/workflows/release.yml"
FIRST = Publisher(
    kind="GitHub",
    issuer="https://token.actions.githubusercontent.com",
    identity=f"{WORKFLOW}@refs/tags/v1.0",
    repository=DEMO_REPOSITORY,
    repository_id="1001",
    owner_id="2002",
    workflow=".github/workflows/release.yml",
    workflow_repository=Repository("github.com", "shared/builders"),
    ref="refs/tags/v1.0",
    commit="a" * 40,
    trigger="release",
    runner="github-hosted",
    visibility="public",
)
SECOND = replace(FIRST, identity=f"{WORKFLOW}@refs/tags/v1.1", ref="refs/tags/v1.1", commit="b" * 40)
"""The same one, a release later."""
MOVED = replace(FIRST, repository_id="7", owner_id="8")


@pytest.fixture
def store(tmp_path: Path) -> PublisherStore:
    """A store in folders that do not exist yet."""
    return made(tmp_path)


def made(folder: Path, **options: Any) -> PublisherStore:
    """A store in a folder."""
    return PublisherStore(folder / "data" / "publishers", folder / "cache" / "locks", **options)


def only_file(folder: Path) -> Path:
    """The one file of the history."""
    (path,) = (folder / "data" / "publishers").iterdir()
    return path


def seen(*publishers: Publisher, project: str = "demo", index: IndexId = INDEX) -> list[Accepted]:
    """What was accepted with one file."""
    return [Accepted(index, NormalizedName(project), publishers)]


def test_who_was_accepted_is_known_the_next_time(store: PublisherStore) -> None:
    assert store.load(INDEX, DEMO) is None
    store.record(seen(FIRST), AT)
    assert store.load(INDEX, DEMO) == KnownPublishers((FIRST,), "seen", AT)


def test_the_file_can_be_read_by_people_and_says_its_version(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    path = only_file(tmp_path)
    assert path.name.startswith("demo-")
    assert json.loads(path.read_text(encoding="ascii")) == {
        "publishers": 1,
        "index": "https://index.example/simple",
        "project": "demo",
        "seen": [
            {
                "first": "2026-01-02T03:04:05+00:00",
                "last": "2026-01-02T03:04:05+00:00",
                "publisher": {
                    "kind": "GitHub",
                    "issuer": "https://token.actions.githubusercontent.com",
                    "identity": f"{WORKFLOW}@refs/tags/v1.0",
                    "repository": "github.com/acme/demo",
                    "repository_id": "1001",
                    "owner_id": "2002",
                    "workflow": ".github/workflows/release.yml",
                    "workflow_repository": "github.com/shared/builders",
                    "ref": "refs/tags/v1.0",
                    "commit": "a" * 40,
                    "trigger": "release",
                    "runner": "github-hosted",
                    "visibility": "public",
                },
            }
        ],
    }


def test_each_project_of_each_index_has_a_history_of_its_own(store: PublisherStore) -> None:
    store.record([*seen(FIRST), *seen(MOVED, project="other"), *seen(SECOND, index=OTHER_INDEX)], AT)
    histories = [store.load(INDEX, DEMO), store.load(INDEX, NormalizedName("other"))]
    histories += [store.load(OTHER_INDEX, DEMO), store.load(OTHER_INDEX, NormalizedName("other"))]
    assert [known and known.publishers for known in histories] == [(FIRST,), (MOVED,), (SECOND,), None]


def test_a_slash_at_the_end_makes_no_other_index(store: PublisherStore) -> None:
    store.record(seen(FIRST), AT)
    assert store.load(IndexId(INDEX.url.rstrip("/")), DEMO) is not None


def test_the_same_publisher_a_release_later_is_the_same_as_last_seen(store: PublisherStore) -> None:
    store.record(seen(FIRST), AT)
    store.record(seen(SECOND), AT + HOUR)
    assert store.load(INDEX, DEMO) == KnownPublishers((SECOND,), "seen", AT)


@pytest.mark.parametrize(
    "part",
    [
        {"repository_id": "7"},
        {"owner_id": "8"},
        {"workflow": "other.yml"},
        {"trigger": "push"},
        {"runner": "self-hosted"},
        {"workflow_repository": None},
        {"identity": "https://github.com/acme/demo/.github/workflows/other.yml@refs/tags/v1.0"},
    ],
)
def test_whoever_differs_in_more_than_the_release_is_another_one_and_comes_first(
    store: PublisherStore, part: dict[str, Any]
) -> None:
    other = replace(FIRST, **part)
    store.record(seen(FIRST), AT)
    store.record(seen(other), AT + DAY)
    assert store.load(INDEX, DEMO) == KnownPublishers((other, FIRST), "seen", AT)
    store.record(seen(FIRST), AT + 3 * DAY)
    assert store.load(INDEX, DEMO) == KnownPublishers((FIRST, other), "seen", AT)


def test_accounts_are_told_apart_by_their_names(store: PublisherStore) -> None:
    accounts = [Publisher("Google", "https://accounts.example", f"{name}@acme.example") for name in "ab"]
    store.record(seen(*accounts), AT)
    known = store.load(INDEX, DEMO)
    assert known is not None
    assert set(known.publishers) == set(accounts)


def test_what_is_known_already_is_written_once_a_day(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    before = only_file(tmp_path).stat().st_ino
    store.record(seen(FIRST), AT + DAY - HOUR)
    assert only_file(tmp_path).stat().st_ino == before
    store.record(seen(FIRST), AT + DAY)
    (one,) = json.loads(only_file(tmp_path).read_bytes())["seen"]
    assert (one["first"], one["last"]) == (AT.isoformat(), (AT + DAY).isoformat())


def test_a_clock_that_goes_back_takes_nothing_away(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    store.record(seen(FIRST), AT - DAY)
    (one,) = json.loads(only_file(tmp_path).read_bytes())["seen"]
    assert (one["first"], one["last"]) == ((AT - DAY).isoformat(), AT.isoformat())


def test_times_are_written_in_utc(store: PublisherStore) -> None:
    store.record(seen(FIRST), AT.astimezone(timezone(5 * HOUR)))
    assert store.load(INDEX, DEMO) == KnownPublishers((FIRST,), "seen", AT)


def test_of_nobody_nothing_is_written(store: PublisherStore, tmp_path: Path) -> None:
    store.record([], AT)
    store.record(seen(), AT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("project", ["con", "nul", "a" * 255])
def test_every_project_s_name_makes_a_file_name(store: PublisherStore, project: str, tmp_path: Path) -> None:
    store.record(seen(FIRST, project=project), AT)
    assert store.load(INDEX, NormalizedName(project)) is not None
    assert only_file(tmp_path).name.endswith(".json")
    assert len(only_file(tmp_path).name) < 120


hosts = st.from_regex(r"[a-z]{1,5}\.example(:8443)?", fullmatch=True)
repositories = st.none() | st.builds(Repository, host=hosts, path=st.text(min_size=1))
publishers = st.builds(
    replace, strategies.publishers, repository=repositories, workflow_repository=repositories
)


@given(publishers, strategies.names)
def test_every_publisher_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, publisher: Publisher, project: NormalizedName
) -> None:
    store = made(tmp_path_factory.mktemp("store"))
    store.record([Accepted(INDEX, project, (publisher,))], AT)
    assert store.load(INDEX, project) == KnownPublishers((publisher,), "seen", AT)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_what_somebody_installs_is_nobody_else_s_business(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    path = only_file(tmp_path)
    assert [oct(one.stat().st_mode & 0o777) for one in (path, path.parent)] == ["0o600", "0o700"]


# Damage.


def entry(**parts: Any) -> bytes:
    """A history of one publisher, with something wrong."""
    publisher = parts.pop("publisher", {"kind": "GitHub", "issuer": "i", "identity": "n"})
    one = {"first": AT.isoformat(), "last": AT.isoformat(), "publisher": publisher}
    form = {"publishers": 1, "index": INDEX.url.rstrip("/"), "project": "demo", "seen": [{**one, **parts}]}
    return json.dumps(form).encode()


DAMAGED = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'{"publishers": "1"}',
    b'{"publishers": 1}',
    b'{"publishers": true, "index": "x"}',
    b"[" * 100_000,
    entry().replace(b'"demo"', b'"other"'),
    entry().replace(b"index.example", b"other.example"),
    entry(first="yesterday"),
    entry(last="2026-01-02T03:04:05"),
    entry(last=7),
    entry(publisher=None),
    entry(publisher="GitHub"),
    entry(publisher={}),
    entry(publisher={"kind": "GitHub"}),
    entry(publisher={"kind": "Nobody", "issuer": "i", "identity": "n"}),
    entry(publisher={"kind": "GitHub", "issuer": "i", "identity": 7}),
    entry(publisher={"kind": "GitHub", "issuer": "i", "identity": "n", "shoe-size": "44"}),
    entry(publisher={"kind": "GitHub", "issuer": "i", "identity": "n", "repository": ["x"]}),
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_history_is_set_aside_said_and_begun_anew(
    store: PublisherStore, tmp_path: Path, content: bytes
) -> None:
    store.record([*seen(FIRST), *seen(SECOND, project="other")], AT)
    (path,) = (tmp_path / "data" / "publishers").glob("demo-*.json")
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.load(INDEX, DEMO)
    message = str(caught.value)
    assert message.startswith(f"the history of publishers {path} was damaged (")
    assert message.endswith(
        f"is now {path.name}.damaged: who has published the project before is not remembered"
    )
    assert "\n" not in message
    assert path.with_name(f"{path.name}.damaged").read_bytes() == content
    assert store.load(INDEX, DEMO) is None
    assert store.load(INDEX, NormalizedName("other")) is not None
    store.record(seen(MOVED), AT)
    assert store.load(INDEX, DEMO) == KnownPublishers((MOVED,), "seen", AT)


def test_damage_that_is_found_when_recording_keeps_nothing_from_being_recorded(
    store: PublisherStore, tmp_path: Path
) -> None:
    store.record(seen(FIRST), AT)
    only_file(tmp_path).write_bytes(b"{")
    with pytest.raises(StoreError, match="was damaged"):
        store.record([*seen(MOVED), *seen(SECOND, project="other")], AT)
    assert store.load(INDEX, DEMO) == KnownPublishers((MOVED,), "seen", AT)
    assert store.load(INDEX, NormalizedName("other")) == KnownPublishers((SECOND,), "seen", AT)


def test_a_history_of_a_later_version_is_left_alone(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    path = only_file(tmp_path)
    later = path.read_bytes().replace(b'"publishers": 1', b'"publishers": 2')
    path.write_bytes(later)
    with pytest.raises(StoreError, match="version 2, which is not known here"):
        store.load(INDEX, DEMO)
    with pytest.raises(StoreError, match="version 2, which is not known here"):
        store.record(seen(MOVED), AT)
    assert only_file(tmp_path).read_bytes() == later


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    """Root may read and write anywhere, so a folder is in the file's place, and a file in the folder's."""
    store = made(tmp_path)
    store.record(seen(FIRST), AT)
    path = only_file(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match=r"^cannot read .*demo-"):
        store.load(INDEX, DEMO)
    with pytest.raises(StoreError, match=r"^cannot read .*demo-"):
        store.record(seen(FIRST), AT)
    (tmp_path / "data2").touch()
    blocked = PublisherStore(tmp_path / "data2", tmp_path / "locks")
    with pytest.raises(StoreError, match=r"^cannot (read|write) .*data2"):
        blocked.record(seen(FIRST), AT)


def test_damage_that_cannot_be_set_aside_is_said(store: PublisherStore, tmp_path: Path) -> None:
    store.record(seen(FIRST), AT)
    path = only_file(tmp_path)
    path.write_bytes(b"{")
    path.with_name(f"{path.name}.damaged").mkdir()
    with pytest.raises(StoreError, match="cannot set aside the damaged history"):
        store.load(INDEX, DEMO)


# Others.


def test_whoever_holds_the_lock_is_waited_for_and_then_said(tmp_path: Path) -> None:
    store = made(tmp_path, lock_seconds=0.05)
    store.record(seen(FIRST), AT)
    with (
        FileLock(tmp_path / "cache" / "locks" / "publishers.lock"),
        pytest.raises(StoreError, match="has been locked for 0 seconds by another trustguard"),
    ):
        store.record(seen(MOVED), AT)
    assert store.load(INDEX, DEMO) == KnownPublishers((FIRST,), "seen", AT)


def test_processes_that_record_at_once_lose_nothing(store: PublisherStore, tmp_path: Path) -> None:
    code = """
        import sys
        from dataclasses import replace
        from pathlib import Path
        from tests.store.test_publishers import AT, FIRST, made, seen
        for number in range(20):
            publisher = replace(FIRST, workflow=f"{sys.argv[2]}-{number}.yml")
            made(Path(sys.argv[1])).record(seen(publisher), AT)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    root = Path(__file__).parents[2]
    running = [subprocess.Popen([*command, name], cwd=root) for name in "ab"]
    assert [one.wait(60) for one in running] == [0, 0]
    known = store.load(INDEX, DEMO)
    assert known is not None
    assert len(known.publishers) == 40
