"""A path means one place, within the tree, on every system: in wheels, and in source trees of both kinds."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.archive.tars import END, member
from tests.sources.archive.zips import UTF_8, Part, named, zipped
from trustguard.model.errors import SourceRefused
from trustguard.sources.archive import open_archive
from trustguard.sources.archive.tree import folded

WHEEL, ZIP, TAR = "demo-1.0-py3-none-any.whl", "demo-1.0.zip", "demo-1.0.tar.gz"


def zip_of(*names: str) -> bytes:
    return zipped(*named(*names))


def tar_of(*names: str) -> bytes:
    kinds = {name: b"5" if name.endswith("/") else b"0" for name in names}
    return gzip.compress(b"".join(member(name.encode(), kind=kinds[name]) for name in names) + END)


def paths(content: bytes, filename: str) -> list[str]:
    with open_archive(io.BytesIO(content), filename) as archive:
        return [entry.path for entry in archive.entries]


def refusal(content: bytes, filename: str) -> str:
    with pytest.raises(SourceRefused) as caught:
        paths(content, filename)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "demo/__init__.py",
        "demo-1.0.dist-info/RECORD",
        "demo/.hidden",
        "demo/..hidden/...x",
        "demo/a b (c) [d] {e} & f'g, h!.txt",
        "demo/ä/中文/\N{GRINNING FACE}",
        "demo/aux.py",
        "-",
        "~",
    ],
)
def test_an_ordinary_path_is_left_as_it_is(name: str) -> None:
    assert paths(zip_of(name), WHEEL) == [name]
    assert paths(zip_of(name), ZIP) == [name]
    assert paths(tar_of(name), TAR) == [name]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../demo.py", "leads out of it"),
        ("demo/../../demo.py", "leads out of it"),
        ("demo/..", "leads out of it"),
        ("demo/../other/", "leads out of it"),
        ("../site-packages-other/demo.py", "leads out of it"),
        ("/etc/passwd", "is absolute"),
        ("//server/share/demo.py", "is absolute"),
        ("C:/demo.py", "drive letter"),
        ("c:demo.py", "drive letter"),
        ("demo/C:/demo.py", "drive letter"),
        ("demo\\..\\demo.py", "a backslash"),
        ("\\\\server\\share", "a backslash"),
        ("demo/a.py\x01", "a control character"),
        ("demo/\x1b[2J", "a control character"),
        ("demo/\x7f", "a control character"),
        ("demo/\x9b", "a control character"),
        ("demo//a.py", "empty or a dot"),
        ("demo/./a.py", "empty or a dot"),
        ("demo/.", "empty or a dot"),
        ("demo/a.py.", "ends in '.', which Windows drops"),
        ("demo /a.py", "ends in ' ', which Windows drops"),
        ("demo/a.py ", "ends in ' ', which Windows drops"),
        ("demo/.../a.py", "ends in '.', which Windows drops"),
        ("demo/a.py::$DATA", "a colon"),
    ],
)
def test_a_path_that_leaves_the_tree_or_means_two_places_is_refused(name: str, reason: str) -> None:
    for content, filename in ((zip_of(name), WHEEL), (zip_of(name), ZIP), (tar_of(name), TAR)):
        assert reason in refusal(content, filename)


def test_a_nul_in_a_name_is_refused() -> None:
    assert "has a NUL in it" in refusal(zipped(Part(b"a.py\x00.txt")), WHEEL)


def test_a_colon_may_stand_in_a_source_tree_and_not_in_a_wheel() -> None:
    name = "demo/man/Foo::Bar.3"
    assert paths(zip_of(name), ZIP) == paths(tar_of(name), TAR) == [name]
    assert "a colon" in refusal(zip_of(name), WHEEL)


def test_what_windows_drops_may_stand_deep_in_a_source_tree_where_it_makes_no_other_name() -> None:
    """As ``core/logging.`` in the sdist of uwsgi; ``pyproject.toml.`` would become what the build goes by."""
    name = "demo/core/logging."
    assert paths(zip_of(name), ZIP) == paths(tar_of(name), TAR) == [name]
    assert "which Windows drops" in refusal(zip_of(name), WHEEL)
    for top in ("demo/pyproject.toml.", "demo./a/b.py", "demo/src /b.py", "demo/a/..."):
        assert "which Windows drops" in refusal(tar_of(top), TAR)
    for other in ("demo/core/logging", "demo/core/Logging. .", "demo/core/logging /a.py"):
        assert refusal(tar_of(name, other), TAR)


def test_an_entry_without_a_name_is_refused() -> None:
    for name in ("", "/"):
        assert "has no name" in refusal(zip_of(name), WHEEL)
    assert "has no name" in refusal(tar_of(""), TAR)


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    assert "is not UTF-8" in refusal(zipped(Part(b"caf\xe9", flags=UTF_8)), WHEEL)
    assert "is not marked as UTF-8" in refusal(zipped(Part("café".encode())), WHEEL)
    assert "is not UTF-8" in refusal(gzip.compress(member(b"caf\xe9") + END), TAR)


def test_a_source_tree_may_begin_each_path_with_a_dot() -> None:
    assert paths(tar_of("./", "./demo/", "./demo/a.py"), TAR) == ["demo", "demo/a.py"]
    assert "two entries" in refusal(tar_of("./demo/a.py", "demo/a.py"), TAR)
    assert "empty or a dot" in refusal(zip_of("./demo/a.py"), ZIP)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a.py", "a.py"], "two entries 'a.py'"),
        (["a/", "a/"], "two entries 'a'"),
        (["a", "a/"], "two entries 'a'"),
        (["a/b.py", "a/B.py"], "'a/b.py' and 'a/B.py' are one path"),
        (["a/b.py", "A/b.py"], "are one path"),
        (["stra\u00dfe", "strasse"], "are one path"),
        (["caf\u00e9", "cafe\u0301"], "are one path"),
        (["\u212bngstr\u00f6m", "\u00e5ngstr\u00f6m"], "are one path"),
        (["\u017f", "s"], "are one path"),
        (["a", "a/b.py"], "'a' is a file, and other entries are in it"),
        (["a/b.py", "A"], "'A' is a file, and other entries are in it"),
        (["a/b/c/d.py", "a/b"], "'a/b' is a file"),
    ],
)
def test_two_entries_for_one_place_are_refused(names: list[str], reason: str) -> None:
    for content, filename in ((zip_of(*names), WHEEL), (zip_of(*names), ZIP), (tar_of(*names), TAR)):
        assert reason in refusal(content, filename)


def test_paths_that_only_look_alike_are_two() -> None:
    names = ["a", "ab", "a.b/c", "a b", "b/", "b/c", "B/d", "b.c", "i", "\u0131", "e", "\u00e9"]
    assert len(paths(zip_of(*names), WHEEL)) == len(names)
    assert len(paths(tar_of(*names), TAR)) == len(names)


@given(st.text())
def test_what_differs_in_case_or_unicode_form_is_folded_to_the_same(text: str) -> None:
    """Unicode 3.13, D146: canonical caseless matching."""
    assert folded(text.upper().lower()) == folded(folded(text.upper().lower()))
    assert folded(folded(text)) == folded(text)
