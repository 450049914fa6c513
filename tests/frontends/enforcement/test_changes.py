"""Several files change together or not at all, and nothing of them changes but their content."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from trustguard.frontends.enforcement.changes import Change, apply, missing_folders
from trustguard.model.errors import StoreError


def tree(folder: Path) -> dict[str, tuple[bytes | None, int]]:
    """Everything in a folder: content (of files) and permissions."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes() if path.is_file() else None,
            stat.S_IMODE(path.stat().st_mode),
        )
        for path in folder.rglob("*")
    }


def test_content_changes_and_permissions_stay(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_bytes(b"old")
    file.chmod(0o600)
    apply([Change(file, b"old", b"new")])
    assert tree(tmp_path) == {"pip.conf": (b"new", 0o600)}


def test_what_is_linked_to_is_changed_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "pip.conf").write_bytes(b"old")
    link = tmp_path / "pip.conf"
    link.symlink_to(tmp_path / "dotfiles" / "pip.conf")
    apply([Change(link, b"old", b"new")])
    assert (link.is_symlink(), link.read_bytes()) == (True, b"new")


def test_folders_come_with_a_file_and_go_with_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "uv.toml"
    folders = missing_folders(file)
    apply([Change(file, None, b"new", folders)])
    assert (folders, file.read_bytes()) == (2, b"new")
    apply([Change(file, b"new", None, folders)])
    assert tree(tmp_path) == {}


def test_a_folder_that_has_come_to_hold_something_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "uv.toml"
    apply([Change(file, None, b"new", 2)])
    (tmp_path / "a" / "other").touch()
    apply([Change(file, b"new", None, 2)])
    assert list(tree(tmp_path)) == ["a", "a/other"]


@pytest.mark.parametrize("bad", ["a-folder", "none/of/these"])
def test_where_a_later_file_cannot_be_written_everything_is_as_it_was(tmp_path: Path, bad: str) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "kept").chmod(0o640)
    (tmp_path / "gone").write_bytes(b"gone")
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "none").touch()
    before = tree(tmp_path)
    with pytest.raises(StoreError, match=bad.split("/", maxsplit=1)[0]):
        apply(
            [
                Change(tmp_path / "new" / "file", None, b"new", 1),
                Change(tmp_path / "kept", b"old", b"new"),
                Change(tmp_path / "gone", b"gone", None),
                Change(tmp_path / bad, None, b"new"),
            ]
        )
    assert tree(tmp_path) == before


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_whatever_interrupts_it_everything_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """A full disk, or Ctrl-C, at the moment at which the second file takes its place."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    before, replace = tree(tmp_path), Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target == second:
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises((StoreError, KeyboardInterrupt)):
        apply([Change(first, b"1", b"new"), Change(second, b"2", b"new")])
    monkeypatch.undo()
    assert tree(tmp_path) == before


def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"1")
    second.write_bytes(b"theirs")
    with pytest.raises(StoreError, match="changed by somebody else"):
        apply([Change(first, b"1", b"new"), Change(second, b"2", b"new")])
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"theirs")
