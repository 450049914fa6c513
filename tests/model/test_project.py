"""Names, digests and file names are taken apart as the specifications say, or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from trustguard.model.project import (
    SDIST_ENDINGS,
    DistributionFile,
    FileKind,
    FileName,
    IndexId,
    project_name,
    sha256,
)

FOO, FOO_BAR = NormalizedName("foo"), NormalizedName("foo-bar")
old_names = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?", fullmatch=True)
old_versions = st.sampled_from(["1.0", "2024.1", "1.0-1", "1.0-post1", "1!2.0", "1.0rc1", "1.0+local.7"])


@pytest.mark.parametrize(
    "text",
    ["friendly-bard", "Friendly-Bard", "FRIENDLY-BARD", "friendly.bard", "friendly_bard", "friendly--bard"],
)
def test_the_examples_of_pep_503_are_one_project(text: str) -> None:
    assert project_name(text) == "friendly-bard"


def test_a_name_of_mixed_separators_is_normalized_as_in_pep_503() -> None:
    assert project_name("FrIeNdLy-._.-bArD") == "friendly-bard"


@pytest.mark.parametrize(
    "text", ["", "-foo", "foo-", ".foo", "foo_", "foo bar", "foo/bar", "fo\u00f6", "foo\n", "f\u212ao"]
)
def test_what_pep_508_does_not_call_a_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a project name: "):
        project_name(text)


def test_a_name_may_have_255_characters_and_no_more() -> None:
    assert project_name("a" * 255) == "a" * 255
    with pytest.raises(ValueError, match=r"^not a project name: ") as caught:
        project_name("a" * 256)
    assert len(str(caught.value)) < 120


def test_a_digest_is_64_hexadecimal_digits_kept_in_lower_case() -> None:
    assert sha256("AB" * 32) == "ab" * 32


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "xy" * 32, " " + "ab" * 32, "ab" * 32 + "\n"])
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a SHA-256 digest: "):
        sha256(text)


def test_a_wheels_name_is_taken_apart() -> None:
    """The example of the binary distribution format: distribution-1.0-1-py27-none-any.whl."""
    name = FileName.parse("distribution-1.0-1-py27-none-any.whl")
    assert (name.project, name.version, name.kind) == ("distribution", Version("1.0"), FileKind.WHEEL)
    assert name.filename == "distribution-1.0-1-py27-none-any.whl"


@pytest.mark.parametrize("ending", SDIST_ENDINGS)
def test_an_sdists_name_is_taken_apart_whatever_the_archive(ending: str) -> None:
    name = FileName.parse(f"foo_bar-1.0{ending}", FOO_BAR)
    assert (name.project, name.version, name.kind) == (FOO_BAR, Version("1.0"), FileKind.SDIST)
    assert FileName.parse(f"foo_bar-1.0{ending}") == name


@pytest.mark.parametrize(
    ("filename", "project", "version"),
    [
        ("foo-bar-1.0.tar.gz", FOO_BAR, "1.0"),
        ("Foo.Bar-1.0.zip", FOO_BAR, "1.0"),
        ("foo--bar-1.0.zip", FOO_BAR, "1.0"),
        ("foo-1.0-1.tar.gz", FOO, "1.0.post1"),
        ("foo-2-3-4.tar.gz", NormalizedName("foo-2"), "3.post4"),
    ],
)
def test_an_old_sdist_is_read_by_the_project_it_is_listed_under(
    filename: str, project: NormalizedName, version: str
) -> None:
    """Before PEP 625 the name kept its hyphens; ``1.0-1`` is PEP 440's implicit post release."""
    assert FileName.parse(filename, project).version == Version(version)


@given(old_names, old_versions, st.sampled_from(SDIST_ENDINGS))
def test_every_old_sdist_name_is_read_back(name: str, version: str, ending: str) -> None:
    parsed = FileName.parse(f"{name}-{version}{ending}", canonicalize_name(name))
    assert (parsed.project, parsed.version) == (canonicalize_name(name), Version(version))


@pytest.mark.parametrize(
    "filename",
    [
        "foo-1.0-py3-none-any.egg",
        "foo-1.0.exe",
        "foo-1.0.TAR.GZ",
        "foo.whl",
        "foo-one-py3-none-any.whl",
        "foo.tar.gz",
        "foo-one.tar.gz",
        "-1.0.tar.gz",
        ".tar.gz",
        "",
    ],
)
@pytest.mark.parametrize("project", [None, FOO])
def test_what_is_no_distribution_file_is_refused(filename: str, project: NormalizedName | None) -> None:
    with pytest.raises(ValueError, match=r"[Ii]nvalid|neither a wheel nor an sdist|is a file of"):
        FileName.parse(filename, project)


@pytest.mark.parametrize(
    "filename", ["../foo-1.0.tar.gz", "fo\u00f6-1.0.zip", "fo\u00f6-1.0-py3-none-any.whl", "foo bar-1.0.zip"]
)
def test_a_file_of_what_cannot_be_a_project_is_refused(filename: str) -> None:
    with pytest.raises(ValueError, match=r"^not a project name: "):
        FileName.parse(filename)


@pytest.mark.parametrize(
    "filename", ["foo_bar-1.0-py3-none-any.whl", "foo_bar-1.0.tar.gz", "foo-bar-1.0.tar.gz", "foobar-1.0.zip"]
)
def test_a_file_of_another_project_is_refused(filename: str) -> None:
    with pytest.raises(ValueError, match=r"is a file of foo-?bar, not of foo$|Invalid version: 'bar-1.0'"):
        FileName.parse(filename, FOO)


def file(**hashes: str) -> DistributionFile:
    """A file with these announced digests."""
    return DistributionFile(FileName.parse("foo-1.0.zip"), "https://files.example/foo-1.0.zip", hashes)


@pytest.mark.parametrize("text", ["", "ab", "xy" * 32])
def test_a_malformed_announced_digest_is_none(text: str) -> None:
    assert file(sha256=text).sha256 is None


def test_an_announced_digest_is_compared_in_lower_case() -> None:
    assert file(sha256="AB" * 32).sha256 == "ab" * 32


def test_no_other_algorithm_is_taken_for_sha256() -> None:
    assert file(sha512="ab" * 64, blake2s="ab" * 32).sha256 is None


def test_the_digests_of_a_file_cannot_be_changed() -> None:
    hashes: Any = DistributionFile(FileName.parse("foo-1.0.zip"), "https://files.example/foo-1.0.zip").hashes
    with pytest.raises(TypeError):
        hashes["sha256"] = "ab" * 32


def test_a_file_goes_by_its_name() -> None:
    assert file().filename == "foo-1.0.zip"


def test_an_index_is_shown_as_its_address_and_is_public_unless_it_is_said() -> None:
    index = IndexId("https://index.example/simple/")
    assert (str(index), index.trust) == ("https://index.example/simple/", "public")


def test_a_wheels_name_that_stands_for_tags_without_end_is_refused_before_they_are_made() -> None:
    """Each of the three parts may have several values, and they are multiplied."""
    with pytest.raises(ValueError, match="stands for more than 1,000 tags"):
        FileName.parse(f"demo-1.0-{'.'.join(['py3'] * 40)}-{'.'.join(['none'] * 40)}-any.whl")
    many = ".".join(f"manylinux_2_{minor}_x86_64" for minor in range(5, 40))
    assert FileName.parse(f"demo-1.0-cp311.cp312-abi3-{many}.whl").version == Version("1.0")


_SOME = st.sampled_from(["demo", "Demo_x", "a", "1.0", "2!1.0rc1", "1", "1_ubuntu", "x", "", "é"])
_TARGETS = st.sampled_from(
    ["py3", "py2.py3", "cp311.", "none", "any", "manylinux_2_17_x86_64", "1.0", "", "a b"]
)


@given(st.lists(_SOME, min_size=1, max_size=4), st.lists(_TARGETS, min_size=1, max_size=4))
def test_a_wheels_name_in_halves_is_what_it_is_as_a_whole(release: list[str], targets: list[str]) -> None:
    """Both halves of a name are remembered; what comes of them is what packaging reads in the whole name."""
    name = "-".join((*release, *targets)) + ".whl"
    try:
        project, version, _, _ = parse_wheel_filename(name)
        project_name(project)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - one or the other reason
            FileName.parse(name)
    else:
        parsed = FileName.parse(name)
        assert (parsed.project, parsed.version, parsed.filename) == (project, version, name)
