"""Whose the files of a target are, is what the RECORDs there say."""

from __future__ import annotations

import os
from pathlib import Path

from trustguard.installers.pip.installed import occupied


def distribution(folder: Path, name: str, record: str | bytes) -> None:
    """Lay down a ``.dist-info`` with a RECORD."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_bytes(record if isinstance(record, bytes) else record.encode())


def test_files_are_their_distributions_with_their_digests(tmp_path: Path) -> None:
    lines = 'demo_tool/a.py,sha256=x,1\n"b, c.py",,\ndemo_tool-1.0.dist-info/METADATA,sha256=y,2\n'
    elsewhere = "../../../bin/demo,sha256=z,1\ndemo_tool/__pycache__/a.pyc,,\n"
    distribution(tmp_path, "Demo_Tool", lines + elsewhere)
    found = occupied([str(tmp_path)])
    assert found.files == {
        "demo_tool/a.py": ("demo-tool", "sha256=x"),
        "b, c.py": ("demo-tool", ""),
        "../bin/demo": ("demo-tool", "sha256=z"),
    }
    assert found.modules == {"demo_tool/a": ("demo-tool", "sha256=x"), "b, c": ("demo-tool", "")}


def test_every_folder_counts_and_one_that_is_not_there_is_empty(tmp_path: Path) -> None:
    distribution(tmp_path / "one", "a", "a.py,,\n")
    distribution(tmp_path / "two", "b", "b.py,,\n")
    folders = [str(tmp_path / name) for name in ("one", "two", "three")]
    assert {path: owner for path, (owner, _) in occupied(folders).files.items()} == {"a.py": "a", "b.py": "b"}


def test_what_cannot_be_read_says_nothing_and_hides_nothing(tmp_path: Path) -> None:
    distribution(tmp_path, "a", b"\xff")
    distribution(tmp_path, "b", "b.py,,\nodd\n")
    (tmp_path / "c-1.0.dist-info").mkdir()
    (tmp_path / "d-1.0.dist-info").mkdir()
    (tmp_path / "d-1.0.dist-info" / "RECORD").mkdir()
    assert set(occupied([str(tmp_path)]).files) == {"b.py"}


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    distribution(tmp_path, "a", "a.py,,\n")
    (tmp_path / "b-1.0.dist-info").mkdir()
    os.mkfifo(tmp_path / "b-1.0.dist-info" / "RECORD")
    assert set(occupied([str(tmp_path)]).files) == {"a.py"}
