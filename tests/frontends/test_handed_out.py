"""What is installed is told apart from what was handed out, however little it says of itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from trustguard.frontends.handed_out import HandedOut
from trustguard.installers.site_packages.readable import Readable
from trustguard.store.artifacts import ArtifactStore


@pytest.mark.parametrize("metadata", ["Name: demo\n", "Name: demo\nVersion: of today\n", ""])
def test_what_says_no_version_is_from_no_file(metadata: str, tmp_path: Path) -> None:
    info = tmp_path / "demo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    handed_out = HandedOut((), ArtifactStore(tmp_path / "store", None))
    assert handed_out.file_of(info, Readable(info), canonicalize_name("demo")) is None
