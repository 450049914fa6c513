"""``trustguard run`` and what lies beside an index, and is no distribution file by its name."""

from __future__ import annotations

import sys

import pytest

from tests.frontends.guard_proxy.texts import text_tar
from tests.frontends.run.door import UNVETTED, Door
from tests.lab.installed import with_dependencies

SETUP = "from setuptools import setup\nsetup(name='there', version='1', py_modules=[])\n"


@pytest.fixture
def address(door: Door) -> str:
    """Where a tar without a zero byte is."""
    door.index.add_all(*with_dependencies("setuptools"))
    content = text_tar({"setup.py": f"{door.markers.snippet('setup')}\n{SETUP}", "a.text": "a second file\n"})
    return door.index.put("download-there", content)


@pytest.mark.parametrize("requirement", ["{}", "there @ {}"])
def test_a_tar_that_looks_like_a_text_is_not_handed_out(door: Door, address: str, requirement: str) -> None:
    """What it is, pip finds out, and unpacks it."""
    pip = f'"{sys.executable}" -m pip install --target there "$1"'
    ended = door.run("sh", "-c", pip, "sh", requirement.format(address))
    assert door.markers.ran() == set(), ended
    assert not (door.guarded.work / "there").exists()
    assert ended.code == UNVETTED, ended


def test_without_us_it_is_built(door: Door, address: str) -> None:
    """The control."""
    index = {"PIP_INDEX_URL": door.index.url}
    ended = door.plain(*(sys.executable, "-m", "pip", "install", "--target", "there", address), environ=index)
    assert "setup" in door.markers.ran(), ended


@pytest.mark.parametrize("text", ['{"projects": []}\n', "<html>ä</html>\n", "helper==1.0\n"])
def test_a_text_is(door: Door, text: str) -> None:
    url = door.index.put("text", text.encode())
    fetch = f"import urllib.request as r; print(r.urlopen({url!r}).read().decode(), end='')"
    ended = door.run(sys.executable, "-c", fetch, environ={"UV_DEFAULT_INDEX": door.index.url})
    assert (ended.code, ended.out) == (0, text), ended
