"""Which folders of files are the user's own, and what has come from there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from trustguard.installers.tools.own_files import folders, is_from, normal

A = canonicalize_name("a-b")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    return own


@pytest.mark.parametrize(
    ("name", "text", "words", "environ"),
    [
        ("uv.toml", 'find-links = ["own"]', (), {}),
        ("uv.toml", '[pip]\nfind-links = ["own"]', (), {}),
        ("pyproject.toml", '[[tool.uv.index]]\nurl = "own"\nformat = "flat"', (), {}),
        ("pyproject.toml", '[[tool.pdm.source]]\nurl = "{uri}"\ntype = "find_links"', (), {}),
        ("list.txt", "x\n --find-links=own\n", ("-rlist.txt", "-r", "list.txt"), {}),
        ("list.in", "-f {uri}\n", ("list.in",), {}),
        ("x", "", ("-f", "own"), {}),
        ("x", "", ("--index", "name=own"), {}),
        ("x", "", (), {"UV_FIND_LINKS": "https://index.example/,own"}),
        ("x", "", (), {"UV_INDEX": "name={uri}"}),
    ],
)
def test_they_are_found(
    own: Path, name: str, text: str, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    folder = own.parent
    (folder / name).write_text(text.format(uri=own.as_uri()))
    told = {
        "HOME": str(folder),
        **{name: value.format(uri=own.as_uri()) for name, value in environ.items()},
    }
    assert folders(folder, told, words) == (own,)


@pytest.mark.parametrize("word", ["https://index.example/own", "", "missing"])
def test_nothing_else_is_one(tmp_path: Path, own: Path, word: str) -> None:
    (own / "own").mkdir()
    assert folders(tmp_path, {"HOME": str(tmp_path)}, ("--find-links", word)) == ()


@pytest.mark.parametrize(
    ("file", "is_there"),
    [
        ("a_b-1.0-py3-none-any.whl", True),
        ("A.B-1.0.tar.gz", True),
        ("a-b/a_b-1.0-py3-none-any.whl", True),
        ("a_b-1.1-py3-none-any.whl", False),
        ("a_c-1.0-py3-none-any.whl", False),
        ("a_b.txt", False),
    ],
)
def test_what_lies_there_may_be_from_there(tmp_path: Path, own: Path, file: str, *, is_there: bool) -> None:
    (own / file).parent.mkdir(exist_ok=True)
    (own / file).touch()
    assert is_from(tmp_path, A, "1.0", [own], ()) is is_there


@pytest.mark.parametrize(
    ("told", "is_it"),
    [
        ({"url": "{uri}/a_b-1.0-py3-none-any.whl", "archive_info": {}}, True),
        ({"url": "https://index.example/a_b.zip", "archive_info": {"hash": "x"}}, True),
        ({"url": "{uri}/a_b-1.1-py3-none-any.whl", "archive_info": {}}, False),
        ({"url": "{uri}/other-1.0-py3-none-any.whl", "archive_info": {}}, False),
        ({"url": "https://other.example/a_b.zip", "archive_info": {}}, False),
        ({"url": "{uri}/a_b-1.0-py3-none-any.whl", "vcs_info": {"vcs": "git"}}, False),
        ({"archive_info": {}}, False),
        ([], False),
        (None, False),
    ],
)
def test_so_may_what_says_so_and_is_there(tmp_path: Path, own: Path, told: object, *, is_it: bool) -> None:
    for name in ("a_b-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl"):
        (own / name).touch()
    info = tmp_path / "a_b-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a.b\nVersion: 1.0\n")
    if told is not None:
        (info / "direct_url.json").write_text(json.dumps(told).replace("{uri}", own.as_uri()))
    assert is_from(tmp_path, A, "1.0", [], {"https://index.example/a_b.zip"}) is is_it


@pytest.mark.parametrize(
    ("made", "is_it"),
    [("one/.tmp/a_b-1.0.tar.gz", True), ("two/.tmp/a_b-1.0.tar.gz", False), ("one/.tmp/c-1.0.tar.gz", False)],
)
def test_so_may_what_was_made_beside_the_environment(tmp_path: Path, made: str, *, is_it: bool) -> None:
    """There tox builds the project, and takes the file away."""
    place = tmp_path / "one" / "py" / "lib" / "python3.11" / "site-packages"
    info = place / "a_b-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "one" / "py" / "pyvenv.cfg").touch()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a.b\nVersion: 1.0\n")
    told = {"url": (tmp_path / made).as_uri(), "archive_info": {}}
    (info / "direct_url.json").write_text(json.dumps(told))
    assert is_from(place, A, "1.0", [], ()) is is_it


def test_a_version_has_one_normal_form() -> None:
    """PEP 440, "Normalization"."""
    assert (normal("2020.01.02"), normal("1.0-beta1"), normal("no version")) == (
        "2020.1.2",
        "1.0b1",
        "no version",
    )
