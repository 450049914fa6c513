"""The artifact store gives out exactly the bytes that were asked for, or nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import time
import tracemalloc
from pathlib import Path

import pytest

from trustguard.model.errors import StoreError
from trustguard.model.project import Sha256
from trustguard.store.artifacts import ArtifactStore

ABC = Sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
"""The digest of ``abc`` (FIPS 180-2, appendix B.1)."""
posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    """A store whose root does not exist yet."""
    return ArtifactStore(tmp_path / "cache" / "artifacts", None)


def put(store: ArtifactStore, data: bytes, digest: str | None = None) -> Path:
    """Add a file, by default under its true digest."""
    with store.temporary() as file:
        file.write(data)
        return store.add(Path(file.name), Sha256(digest or hashlib.sha256(data).hexdigest()))


def content(store: ArtifactStore, digest: str) -> bytes | None:
    """What the store gives out under a digest."""
    file = store.open_verified(Sha256(digest))
    if file is None:
        return None
    with file:
        return file.read()


def test_what_was_added_is_found_by_its_digest(store: ArtifactStore, tmp_path: Path) -> None:
    path = put(store, b"abc")
    assert path == tmp_path / "cache" / "artifacts" / "sha256" / "ba" / ABC
    assert content(store, ABC) == b"abc"
    assert store.problems == []


def test_another_store_on_the_same_root_finds_it(store: ArtifactStore, tmp_path: Path) -> None:
    put(store, b"abc")
    assert content(ArtifactStore(tmp_path / "cache" / "artifacts", None), ABC) == b"abc"


def test_what_was_never_added_is_absent(store: ArtifactStore) -> None:
    assert store.open_verified(ABC) is None
    assert store.problems == []


def test_a_name_that_is_no_digest_reaches_no_file(store: ArtifactStore) -> None:
    with pytest.raises(ValueError, match="not a SHA-256 digest"):
        store.open_verified(Sha256("../../etc/passwd"))


def test_a_temporary_file_that_is_not_added_leaves_nothing(store: ArtifactStore) -> None:
    with store.temporary() as file:
        file.write(b"abc")
    assert not Path(file.name).exists()
    assert store.open_verified(ABC) is None


def test_a_failure_while_writing_passes_through_and_leaves_nothing(store: ArtifactStore) -> None:
    with pytest.raises(ConnectionResetError), store.temporary() as file:
        raise ConnectionResetError
    assert not Path(file.name).exists()


def test_an_added_file_takes_no_more_bytes(store: ArtifactStore) -> None:
    with store.temporary() as file:
        file.write(b"abc")
        store.add(Path(file.name), ABC)
        with pytest.raises(ValueError, match="closed"):
            file.write(b"d")
    assert content(store, ABC) == b"abc"


@posix
def test_nobody_else_can_read_the_store(store: ArtifactStore, tmp_path: Path) -> None:
    path = put(store, b"abc")
    assert path.stat().st_mode & 0o777 == 0o600
    for directory in (*list(path.parents)[:3], tmp_path / "cache", tmp_path / "cache/artifacts/unfinished"):
        assert directory.stat().st_mode & 0o777 == 0o700


def test_other_bytes_are_set_aside_and_reported(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.write_bytes(b"abd")
    assert store.open_verified(ABC) is None
    assert path.with_name(f"{ABC}.damaged").read_bytes() == b"abd"
    assert store.problems == [f"{path} was damaged: set aside as {ABC}.damaged"]
    put(store, b"abc")
    assert content(store, ABC) == b"abc"


def test_a_file_that_was_cut_short_is_not_given_out(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.write_bytes(b"")
    assert store.open_verified(ABC) is None


def test_a_damaged_file_that_cannot_be_set_aside_is_not_given_out_either(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.write_bytes(b"abd")
    path.with_name(f"{ABC}.damaged").mkdir()
    assert store.open_verified(ABC) is None
    assert len(store.problems) == 1
    assert store.problems[0].startswith(f"{path} is damaged and not used; cannot set aside {path}: ")


def test_a_directory_in_a_files_place_is_reported(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.unlink()
    path.mkdir()
    assert store.open_verified(ABC) is None
    assert store.problems == [f"cannot read {path}: Is a directory: not used"]


def test_a_file_from_elsewhere_can_be_taken_over(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(b"abc")
    store.add(tmp_path / "made", ABC)
    assert content(store, ABC) == b"abc"
    with pytest.raises(StoreError, match=r"^cannot write "):
        store.add(tmp_path / "made", ABC)


def test_what_was_verified_is_what_is_read_though_the_path_changes(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    file = store.open_verified(ABC)
    assert file is not None
    other = path.with_name("other")
    other.write_bytes(b"evil")
    other.replace(path)
    with file:
        assert file.read() == b"abc"


@posix
def test_a_link_is_not_followed(store: ArtifactStore, tmp_path: Path) -> None:
    path = put(store, b"abc")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert store.open_verified(ABC) is None
    assert len(store.problems) == 1


@posix
def test_a_pipe_is_neither_read_nor_waited_for(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.unlink()
    os.mkfifo(path)
    assert store.open_verified(ABC) is None
    assert store.problems == [f"{path} is not a file: not used"]


@posix
def test_a_file_that_others_can_write_to_is_not_used(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    path.chmod(0o666)
    assert store.open_verified(ABC) is None
    assert store.open_verified(ABC) is None
    assert store.problems == [f"{path.parents[2]} holds files that other users can write to: not used"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs to give a file away")
def test_a_file_of_another_user_is_not_used(store: ArtifactStore) -> None:
    path = put(store, b"abc")
    os.chown(path, 12345, -1)
    assert store.open_verified(ABC) is None
    put(store, b"abc")
    assert content(store, ABC) == b"abc"


def test_verifying_takes_the_same_memory_whatever_the_size(store: ArtifactStore) -> None:
    data = bytes(32 << 20)
    digest = hashlib.sha256(data).hexdigest()
    put(store, data)
    del data
    tracemalloc.start()
    try:
        file = store.open_verified(Sha256(digest))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert file is not None
    file.close()
    assert peak < 2 << 20


def aged(store: ArtifactStore, data: bytes, seconds: float) -> Path:
    """Add a file that was last used so long ago."""
    path = put(store, data)
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_the_least_recently_used_files_go_first(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, 250)
    oldest, middle, newest = (
        aged(store, bytes([n]) * 100, seconds) for n, seconds in enumerate((300, 200, 100))
    )
    assert content(store, oldest.name) == bytes([0]) * 100
    store.prune()
    assert [path.exists() for path in (oldest, middle, newest)] == [True, False, True]


def test_what_is_needed_stays_though_the_limit_is_not_met(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, 0)
    kept, other = aged(store, b"kept", 300), aged(store, b"other", 100)
    store.prune({Sha256(kept.name)})
    assert (kept.exists(), other.exists()) == (True, False)


def test_without_a_limit_nothing_goes(store: ArtifactStore) -> None:
    path = aged(store, b"abc", 10**8)
    store.prune()
    assert path.exists()


def test_damaged_files_go_before_good_ones(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, 3)
    bad, good = put(store, b"abc"), aged(store, b"abx", 1000)
    bad.write_bytes(b"123")
    assert store.open_verified(ABC) is None
    store.prune()
    assert good.exists()
    assert not bad.with_name(f"{ABC}.damaged").exists()


def test_what_a_dead_process_left_behind_goes_after_a_day(store: ArtifactStore) -> None:
    put(store, b"abc")
    with store.temporary() as fresh:
        left = Path(fresh.name).with_name("left")
        left.write_bytes(b"half")
        then = time.time() - 25 * 60 * 60
        os.utime(left, (then, then))
        store.prune()
        assert not left.exists()
        assert Path(fresh.name).exists()


def test_pruning_a_store_that_does_not_exist_does_nothing(store: ArtifactStore) -> None:
    store.prune()
    assert store.problems == []


def test_what_cannot_be_removed_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path, 0)
    (tmp_path / "sha256" / "aa" / ("a" * 64) / "inside").mkdir(parents=True)
    store.prune()
    assert len(store.problems) == 1
    assert store.problems[0].startswith(f"cannot tidy {tmp_path}: ")


def test_a_root_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = ArtifactStore(tmp_path / "file" / "root", None)
    with pytest.raises(StoreError, match=r"^cannot write to .*: Not a directory$"), store.temporary():
        pass


@posix
@pytest.mark.parametrize("size", [100, 1 << 20], ids=["found while closing", "found while writing"])
def test_no_room_left_is_one_clear_error_and_leaves_nothing(tmp_path: Path, size: int) -> None:
    # A child whose files may have 10 bytes: the system refuses more as it does on a full disk.
    program = f"""
        import resource
        from pathlib import Path
        from trustguard.model.errors import StoreError
        from trustguard.store.artifacts import ArtifactStore
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
        store = ArtifactStore(Path({str(tmp_path)!r}), None)
        try:
            with store.temporary() as file:
                file.write(bytes({size}))
                store.add(Path(file.name), {ABC!r})
        except StoreError as error:
            print(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert done.stdout.startswith("no room left to write")
    assert done.stdout.endswith(" (free some space on that disk)\n")
    assert done.stdout.count("\n") == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_several_processes_can_add_read_and_prune_the_same_files(tmp_path: Path) -> None:
    program = f"""
        import hashlib
        from pathlib import Path
        from trustguard.model.project import Sha256
        from trustguard.store.artifacts import ArtifactStore
        store = ArtifactStore(Path({str(tmp_path)!r}), 200_000)
        for round in range(30):
            for number in range(4):
                data = bytes([number]) * 100_000
                digest = Sha256(hashlib.sha256(data).hexdigest())
                with store.temporary() as file:
                    file.write(data)
                    store.add(Path(file.name), digest)
                found = store.open_verified(digest)
                if found is not None:
                    with found:
                        assert found.read() == data
            store.prune()
        assert store.problems == [], store.problems
    """
    children = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for child in children:
        _, said = child.communicate()
        assert (child.returncode, said) == (0, "")


def test_pruning_is_due_once_a_day(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "store", 1000)
    assert store.is_due()
    store.prune()
    assert not store.is_due()
    yesterday = time.time() - 25 * 60 * 60
    os.utime(tmp_path / "store" / "pruned", (yesterday, yesterday))
    assert store.is_due()


def test_what_is_there_is_found_by_its_name_alone(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path / "store", None)
    digest = Sha256(hashlib.sha256(b"content").hexdigest())
    assert not store.contains(digest)
    with store.temporary() as file:
        file.write(b"content")
        store.add(Path(file.name), digest)
    assert store.contains(digest)
