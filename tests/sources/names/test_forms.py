"""Each form takes away what two names may differ in, and no more."""

from __future__ import annotations

import pytest

from trustguard.sources.names.forms import core, decorated, reordered, squash, to_the_eye, without_digits


def test_without_separators() -> None:
    assert squash("fake-user-agent") == squash("fakeuseragent") == "fakeuseragent"


@pytest.mark.parametrize(
    ("name", "other"), [("modern", "rnodern"), ("wheel", "vvheel"), ("colorama", "c0lorarna"), ("pip", "p1p")]
)
def test_to_the_eye_two_names_are_one(name: str, other: str) -> None:
    assert to_the_eye(name) == to_the_eye(other)


def test_words_in_every_other_order() -> None:
    assert list(reordered("python-nmap")) == ["nmap-python"]
    assert set(reordered("a-b-c")) == {"a-c-b", "b-a-c", "b-c-a", "c-a-b", "c-b-a"}
    assert list(reordered("requests")) == []
    assert list(reordered("a-b-c-d-e")) == []  # 119 other orders, and no popular name would be meant


@pytest.mark.parametrize("name", ["python-dateutil", "dateutil-py", "pydateutil", "lib-dateutil"])
def test_a_name_is_among_those_that_its_core_can_be_decorated_to(name: str) -> None:
    assert squash(name) in set(decorated(core(name)))


def test_a_core_of_two_characters_is_not_decorated() -> None:
    assert list(decorated("re")) == []


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
