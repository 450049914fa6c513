"""Each form takes away what two names may differ in, and no more."""

from __future__ import annotations

import pytest

from trustguard.sources.names.forms import core, in_order, squash, to_the_eye, without_digits


def test_without_separators() -> None:
    assert squash("fake-user-agent") == squash("fakeuseragent") == "fakeuseragent"


@pytest.mark.parametrize(
    ("name", "other"), [("modern", "rnodern"), ("wheel", "vvheel"), ("colorama", "c0lorarna"), ("pip", "p1p")]
)
def test_to_the_eye_two_names_are_one(name: str, other: str) -> None:
    assert to_the_eye(name) == to_the_eye(other)


def test_words_in_order() -> None:
    assert in_order("python-nmap") == in_order("nmap-python") == "nmap-python"
    assert in_order("requests") == "requests"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python-dateutil", "dateutil"),
        ("dateutil-py", "dateutil"),
        ("pydateutil", "dateutil"),
        ("html5lib", "html5"),
        ("libhtml5", "html5"),
        ("pyre", "pyre"),
        ("py-re", "pyre"),
        ("requests", "requests"),
        ("fake-agent", "fakeagent"),
    ],
)
def test_the_core_is_without_python_but_never_less_than_three_characters(name: str, expected: str) -> None:
    assert core(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("urllib3", "urllib"), ("requests-2-32", "requests-2"), ("h5", "h5"), ("s3fs", "s3fs"), ("a-1", "a-1")],
)
def test_digits_at_the_end(name: str, expected: str) -> None:
    assert without_digits(name) == expected
