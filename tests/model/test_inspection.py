"""What is counted of an archive is what is counted elsewhere: files and links, and not folders."""

from __future__ import annotations

from trustguard.model.inspection import Inspection, Item


def test_folders_are_no_files_and_links_have_no_size() -> None:
    items = (
        Item("a", "directory", 0),
        Item("a/b.py", "file", 7),
        Item("a/c.py", "symbolic link", 0, target="b.py"),
        Item("a/d.py", "hard link", 0, target="a/b.py"),
        Item("e", "file", 5),
    )
    inspection = Inspection(packed=100, items=items)
    assert (inspection.files, inspection.size) == (4, 12)
