"""Tags are the releases' by PEP 440, and two addresses are one repository only where their forges say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from trustguard.model.claims import ReleaseTags
from trustguard.model.refs import Refs, release_tags, tagged
from trustguard.model.repository import Repository

OLD, NEW = Repository("github.com", "kennethreitz/requests"), Repository("github.com", "psf/requests")
FORK = Repository("github.com", "evil/requests")
HEAD = "7217a7c7e582c46cec22a130adf4b9d7d950fba0"


def count(tag: str, *versions: str) -> int:
    """How many of these versions a tag alone accounts for."""
    return tagged([Version(version) for version in versions], [tag])


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2", "1.2"),
        ("1.2.0", "1.2"),
        ("v1.2", "1.2.0"),
        ("V1.2", "1.2"),
        ("v.1.2", "1.2"),
        ("requests-1.2", "1.2"),
        ("requests-v1.2", "1.2"),
        ("some-long-name-1.2", "1.2"),
        ("name_1.2", "1.2"),
        ("name@1.2", "1.2"),
        ("name==1.2", "1.2"),
        ("name/v1.2", "1.2"),
        ("release-1.2", "1.2"),
        ("release/1.2", "1.2"),
        ("release_1.2", "1.2"),
        ("rel_1_2_3", "1.2.3"),
        ("v1_2_3", "1.2.3"),
        ("python3-1.2", "1.2"),
        ("name2-1.2", "1.2"),
        ("1.2rc1", "1.2rc1"),
        ("v1.2-rc.1", "1.2rc1"),
        ("1.2-beta2", "1.2b2"),
        ("1.2.post1", "1.2-1"),
        ("1.2.dev3", "1.2.dev3"),
        ("2024.01.05", "2024.1.5"),
        ("1.2", "1!1.2"),
        ("1!1.2", "1.2"),
        ("1.2", "1.2+local.1"),
        ("1.2+build5", "1.2"),
    ],
)
def test_a_tag_is_that_of_the_version_at_its_end(tag: str, version: str) -> None:
    assert count(tag, version) == 1


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.2.1", "1.2"),
        ("v1.2rc1", "1.2"),
        ("1.2.post1", "1.2"),
        ("release", "1.2"),
        ("latest", "1.2"),
        ("x1.2", "1.2"),
        ("1.2-and-more", "1.2"),
        ("v1.2.x", "1.2"),
        ("name-1-2-3x", "3"),
        ("", "1.2"),
        ("-", "1.2"),
        ("\u0661.2", "1.2"),
        (f"{'x' * 100}-1.2", "1.2"),
        ("1" * 5000, "1.2"),
    ],
)
def test_a_tag_that_names_no_version_or_another_one_is_none(tag: str, version: str) -> None:
    assert count(tag, version) == 0


def test_each_version_counts_once_and_tags_beyond_them_do_not() -> None:
    versions = [Version(text) for text in ("1.0", "1.0.0", "1.1", "2.0rc1", "3.0")]
    assert tagged(versions, ["v1.0", "1.0", "v1.1", "v9.9", "2.0"]) == 2
    assert tagged(versions, []) == 0
    assert tagged([], ["v1.0"]) == 0


def test_two_versions_that_differ_only_in_what_tags_leave_out_are_both_tagged() -> None:
    assert count("1.2", "1.2", "1!1.2", "1.2+local") == 3


@given(
    st.lists(st.text(max_size=20), max_size=5), st.lists(st.sampled_from(["1", "2.0", "3rc1"]), max_size=4)
)
def test_any_tags_can_be_counted(tags: list[str], texts: list[str]) -> None:
    versions = [Version(text) for text in texts]
    assert 0 <= tagged(versions, tags) <= len(set(versions))


@given(st.sampled_from(["", "v", "name-", "release/"]), st.sampled_from(["1", "1.2", "2.0rc1", "1!3.post2"]))
def test_what_stands_before_a_version_changes_nothing(prefix: str, version: str) -> None:
    assert count(prefix + version, version) == 1


# The same by another name.


def test_a_renamed_repository_is_the_same_as_what_it_is_called_now() -> None:
    """Both addresses lead to one repository; that is for the forge alone to say."""
    claimed = Refs(frozenset({"v1.0", "v2.0"}), NEW)
    others = {NEW: Refs(frozenset({"v1.0", "v2.0"}), NEW), FORK: Refs(frozenset(), FORK)}
    versions = [Version("1.0"), Version("2.0"), Version("3.0"), Version("3.0.0")]
    assert release_tags(claimed, OLD, others, versions) == ReleaseTags(OLD, (NEW,), 3, 2)


def test_both_may_have_been_renamed() -> None:
    other = Repository("github.com", "someone/requests")
    refs = Refs(frozenset(), NEW)
    assert release_tags(refs, OLD, {other: refs}, []).same_as == (other,)


def test_a_fork_with_the_same_commits_and_tags_is_not_the_same() -> None:
    """Anybody can make one, and have it build and attest what he likes."""
    tags = frozenset({"v1.0"})
    claimed, other = Refs(tags, NEW), Refs(tags, FORK)
    assert release_tags(claimed, NEW, {FORK: other}, [Version("1.0")]) == ReleaseTags(NEW, (), 1, 1)


def test_where_nobody_knows_what_answered_it_was_what_was_asked() -> None:
    refs = Refs(frozenset())
    assert release_tags(refs, OLD, {OLD: refs, NEW: refs}, []).same_as == (OLD,)
    assert release_tags(refs, OLD, {}, []) == ReleaseTags(OLD)
