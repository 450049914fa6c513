"""What was seen in a source tree is what pip builds, also where headers of its archive contradict each other.

Each trick is an sdist of which one reader sees an honest tree; another one finds a build backend in it that
nobody was shown. Its twin is the same without the contradiction.
"""

from __future__ import annotations

import gzip

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, assert_done, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import Artifact
from tests.lab.forged import changed
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.sources.archive.tars import END, GNU, header, long_name, member, padded, pax, records

TOP = b"tree-1.0/"
PYPROJECT = b'[build-system]\nrequires = []\nbuild-backend = "hidden"\nbackend-path = ["."]\n'
LONG = TOP + b"d" * (99 - len(TOP)) + b"/data.bin"


def hidden(markers: Markers) -> bytes:
    """The members of another tree: to those who see a file of this content, they are not there."""
    backend = markers.snippet("hidden").encode()
    return member(TOP + b"pyproject.toml", PYPROJECT) + member(TOP + b"hidden.py", backend)


def tree(*more: bytes) -> Artifact:
    """An sdist that builds itself, with more members."""
    honest = build_in_tree_sdist("tree", "1.0")
    members = gzip.decompress(honest.content).rstrip(b"\x00")
    return changed(honest, gzip.compress(padded(members) + b"".join(more) + END, mtime=0))


def renamed_by_pax(markers: Markers, kind: bytes) -> Artifact:
    """A file whose short name is a folder's; a kind of NUL leaves it to the name, and ``0`` does not."""
    ahead = pax(records(path=(TOP + b"d" * 110 + b"/data.bin").decode()))
    content = hidden(markers)
    return tree(ahead, header(TOP + b"d" * 80 + b"/", len(content), kind), content)


def renamed_by_a_long_name(markers: Markers, kind: bytes) -> Artifact:
    """The same by GNU's long name: what is cut off after a slash."""
    content = hidden(markers)
    return tree(long_name(LONG), header(LONG[:100], len(content), kind, magic=GNU), content)


def behind_records(markers: Markers, kind: bytes) -> Artifact:
    """A text that becomes pyproject.toml by records behind the end of a pax header; its backend is there."""
    fill = records(path="tree-1.0/pyproject.toml") if kind == b"\x00" else b""
    backend = member(TOP + b"hidden.py", markers.snippet("hidden").encode())
    return tree(backend, pax(records(comment="x"), behind=fill), member(TOP + b"example.txt", PYPROJECT))


TRICKS = {"pax": renamed_by_pax, "long-name": renamed_by_a_long_name, "behind": behind_records}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_backend_that_only_pip_would_find_does_not_run(
    trick: str, index: LabIndex, guarded: MakeGuarded, markers: Markers
) -> None:
    run = guarded()
    before = run.environment.files()
    index.add(TRICKS[trick](markers, b"\x00"))
    assert_refused(run, run.run("install", "tree"), BLOCKED, "tree", before, markers)


def test_pip_alone_runs_it(index: LabIndex, guarded: MakeGuarded, markers: Markers) -> None:
    """The first two it runs with the versions of Python in which only the short name counts."""
    index.add(behind_records(markers, b"\x00"))
    plain_pip(guarded(), "install", "tree")
    assert markers.ran() == {"hidden"}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_file_with_a_long_name_is_installed(
    trick: str, index: LabIndex, guarded: MakeGuarded, markers: Markers
) -> None:
    run = guarded()
    index.add(TRICKS[trick](markers, b"0"))
    assert_done(run, run.run("install", "tree"), "tree")
    assert markers.ran() == set()
