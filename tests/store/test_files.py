"""Our own files are written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from trustguard.store.files import private_directory, store_error, write_whole


def test_what_cannot_be_written_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "place" / "taken").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "place", b"new")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == [
        "place",
        "place/taken",
    ]


def test_a_new_content_replaces_the_old(tmp_path: Path) -> None:
    write_whole(tmp_path / "file", b"a longer old content")
    write_whole(tmp_path / "file", b"new", durable=True)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_directory_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_directory(tmp_path / "a" / "b")
    private_directory(tmp_path / "a" / "b")
    assert [p.stat().st_mode & 0o777 for p in (tmp_path, tmp_path / "a", tmp_path / "a/b")] == [
        0o755,
        0o700,
        0o700,
    ]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_whatever_is_exhausted_reads_as_no_room_left(number: int) -> None:
    error = store_error(OSError(number, "…"), "write", Path("somewhere"))
    assert str(error) == "no room left to write somewhere (free some space on that disk)"
