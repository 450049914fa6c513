"""What a file says of its project's successor is read out of its metadata, whatever kind of file it is."""

from __future__ import annotations

import io

import pytest

from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from trustguard.model.own_words import OwnWords
from trustguard.model.project import FileName
from trustguard.sources.own_words import own_words

LINES = ["Summary: use other instead", "Classifier: Development Status :: 7 - Inactive"]


def read(artifact: Artifact) -> OwnWords | None:
    """What a file says."""
    return own_words(io.BytesIO(artifact.content), FileName.parse(artifact.filename))


@pytest.mark.parametrize("build", [build_wheel, build_sdist])
def test_summary_and_classifiers_are_read(build: object) -> None:
    artifact = build_wheel("demo", "1.0", extra_metadata=LINES)
    if build is build_sdist:
        artifact = build_sdist("demo", "1.0", extra_metadata=LINES)
    assert read(artifact) == OwnWords("use other instead", "", ("Development Status :: 7 - Inactive",))


def test_the_description_is_what_stands_behind_the_fields() -> None:
    words = read(build_wheel("demo", "1.0", extra_metadata=["", "It was renamed to other."]))
    assert words is not None
    assert words.description.strip() == "It was renamed to other."


def test_a_file_that_cannot_be_read_says_nothing() -> None:
    wheel = build_wheel("demo", "1.0")
    assert own_words(io.BytesIO(wheel.content[:-30]), FileName.parse(wheel.filename)) is None
    assert own_words(io.BytesIO(b"no archive"), FileName.parse("demo-1.0.tar.gz")) is None
