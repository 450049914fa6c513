"""A file is opened once, and whatever it is, that becomes a fact: unsound is known, unreadable is not."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.forged import changed, forged, info
from trustguard.frontends.guard_index.inside import Inside, look_inside
from trustguard.model.contents import Contents, Occupied
from trustguard.model.evidence import Absent, Known, NotApplicable, Unavailable
from trustguard.model.project import FileName, sha256
from trustguard.vetting import Bytes

BUILT = NotApplicable("it is built already")
RECEIVED = Bytes(
    sha256=sha256("0" * 64),
    announced_metadata=Absent(),
    metadata=Absent(),
    build_requires=BUILT,
    claims=Absent(),
    contents=Absent(),
    build=BUILT,
)


def looked(artifact: Artifact, body: Any = None) -> Inside:
    """What is learned from it."""
    name = FileName.parse(artifact.filename)
    return look_inside(body or io.BytesIO(artifact.content), name, RECEIVED, Occupied)


def contents(inside: Inside) -> Contents:
    """What is known to be inside."""
    assert isinstance(inside.received.contents, Known), inside
    return inside.received.contents.value


def kinds(inside: Inside) -> list[str]:
    """The kinds of the faults that are known."""
    return [fault.kind for fault in contents(inside).faults]


def test_a_wheel_tells_everything_at_once() -> None:
    inside = looked(build_wheel("demo", "1.0", extra_metadata=["Summary: a thing", "Author: Ann"]))
    assert isinstance(inside.received.metadata, Known)
    assert inside.received.metadata.value.name == "demo"
    assert isinstance(inside.received.claims, Known)
    assert inside.received.claims.value.people == ("ann",)
    assert inside.statement.summary == "a thing"
    assert b"Name: demo" in inside.metadata
    assert contents(inside).top_level == ("demo",)
    assert inside.received.build == BUILT


def test_an_sdist_tells_what_it_is_built_with() -> None:
    pyproject = '[build-system]\nrequires = ["helper"]\nbuild-backend = "helper"\n'
    inside = looked(build_sdist("demo", "1.0", pyproject=pyproject))
    assert inside.received.build_requires == Known(("helper",))
    assert isinstance(inside.received.build, Known)
    assert inside.metadata == b""
    assert contents(inside).files == 3


@pytest.mark.parametrize("artifact", [forged("demo"), build_sdist("demo", "1.0")])
def test_an_unsound_archive_is_known_to_be_unsound_and_the_rest_of_it_unavailable(artifact: Artifact) -> None:
    inside = looked(changed(artifact, artifact.content[:-4]))
    assert kinds(inside) == ["unsound"]
    assert isinstance(inside.received.metadata, Unavailable)
    assert isinstance(inside.received.claims, Unavailable)
    is_sdist = artifact.filename.endswith(".tar.gz")
    assert isinstance(inside.received.build_requires, Unavailable) is is_sdist
    assert isinstance(inside.received.build, Unavailable) is is_sdist


def test_metadata_that_means_two_things_is_a_fault_and_what_else_was_seen_stays() -> None:
    twice = "Metadata-Version: 2.1\nName: demo\nName: other\nVersion: 1.0\n"
    inside = looked(forged("demo", {f"{info('demo')}/METADATA": twice, "a.pth": "import demo\n"}))
    assert kinds(inside) == ["unsound"]
    assert [one.kind for one in contents(inside).start_up] == ["pth"]
    assert isinstance(inside.received.metadata, Unavailable)


def test_content_that_is_not_what_the_archive_states_is_a_fault() -> None:
    wheel = forged("demo", {"big.txt": "a" * 1000})
    at = wheel.content.index(b"big.txt") + len("big.txt") + 2
    damaged = bytearray(wheel.content)
    damaged[at] ^= 0xFF
    assert kinds(looked(changed(wheel, bytes(damaged)))) == ["unsound"]


class Failing(io.BytesIO):
    """A file on a disk that gives up."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Fail."""
        raise OSError(5, f"input/output error after {size} bytes")


def test_a_disk_that_fails_says_nothing_about_the_file() -> None:
    inside = looked(forged("demo"), Failing(forged("demo").content))
    assert isinstance(inside.received.contents, Unavailable)
    assert inside.received.contents.source == "artifact"
