"""What a program has put into an environment is the user's own only where it is."""

from __future__ import annotations

import json
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from trustguard.frontends import placed


@pytest.mark.parametrize(
    ("url", "own"),
    [("file://{home}/mine", True), ("file:///x", False), ("file://{home}/environment/share", False)],
)
def test_a_wheel_is_not_the_users_own_because_it_says_so(tmp_path: Path, url: str, own: bool) -> None:
    """PEP 610: an installer writes where it has a distribution from, but so can a wheel."""
    place = tmp_path / "environment" / "lib" / "python3.13" / "site-packages"
    info = place / "mine-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "environment" / "pyvenv.cfg").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    told = {"url": url.format(home=tmp_path), "dir_info": {}}
    (info / "direct_url.json").write_text(json.dumps(told))
    for folder in ("mine", "environment/share"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pyproject.toml").write_text('[project]\nname = "mine"\n')
    assert placed._is_own(Distribution.at(info), place) is own
