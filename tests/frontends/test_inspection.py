"""A file is judged as one that is asked for by its address, and what nobody was asked is not checked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.frontends.attack import saved
from tests.lab.artifacts import Artifact, build_sdist, build_wheel, pack_tar_gz
from tests.lab.forged import changed, forged
from tests.reports.samples import evidence
from trustguard.frontends.inspection import exit_code, of_file, of_packages
from trustguard.frontends.state import State
from trustguard.model.errors import UsageError
from trustguard.model.evidence import Known, NotApplicable
from trustguard.model.policy import Allow, Deny, Policy, Selector
from trustguard.model.project import sha256
from trustguard.model.report import Package
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.inspection_report import Inspected
from trustguard.store.artifacts import ArtifactStore

TOGETHER = {"artifact-integrity", "direct-reference", "startup-code"}
OFFLINE = {"known-malicious", "vulnerability"}


def state(tmp_path: Path) -> State:
    """Folders in which nothing is."""
    return State(tmp_path / "cache", tmp_path / "data")


def inspected(tmp_path: Path, artifact: Artifact, policy: Policy | None = None) -> Inspected:
    """A file on the disk, inspected without any advisory data."""
    path = saved(tmp_path / "files", artifact)
    return of_file(path, policy or Policy(), state(tmp_path))


def test_a_file_alone_is_checked_for_what_it_tells_and_for_nothing_else(tmp_path: Path) -> None:
    file = inspected(tmp_path, build_wheel("demo", "1.0"))
    verdict = file.package.verdict
    assert set(verdict.checked) == {*TOGETHER, "starjacking"}
    assert {one.check for one in verdict.unanswered} == OFFLINE
    assert {"clone", "provenance", "release-age", "typosquatting"} <= set(file.not_asked)
    assert not set(file.not_asked) & {*verdict.checked, *OFFLINE}
    assert not (tmp_path / "data").exists()


def test_a_claimed_repository_is_nothing_that_a_file_alone_can_prove(tmp_path: Path) -> None:
    lines = ["Project-URL: Source, https://github.com/acme/demo"]
    file = inspected(tmp_path, build_wheel("demo", "1.0", extra_metadata=lines))
    assert "starjacking" in file.not_asked


def test_the_address_and_the_digest_are_the_files_own(tmp_path: Path) -> None:
    wheel = build_wheel("demo", "1.0")
    known = inspected(tmp_path, wheel).package.evidence
    assert known.sha256 == Known(hashlib.sha256(wheel.content).hexdigest())
    assert known.index.url == (tmp_path / "files" / wheel.filename).as_uri()


def test_what_is_not_sound_is_refused_and_nothing_in_it_counts_as_checked(tmp_path: Path) -> None:
    wheel = build_wheel("demo", "1.0")
    file = inspected(tmp_path, changed(wheel, wheel.content[:-9]))
    verdict = file.package.verdict
    assert (file.inspection, exit_code(verdict)) == (None, 10)
    assert "is not a sound wheel" in file.unread
    assert "startup-code" not in {*verdict.checked, *file.not_asked}


def test_the_policy_is_that_of_an_installation(tmp_path: Path) -> None:
    wheel = forged("demo", record=lambda _: None)
    assert exit_code(inspected(tmp_path, wheel).package.verdict) == 11
    selector = Selector("demo")
    excused = Policy(allow=(Allow(selector, "ours", ("artifact-integrity",)),))
    assert exit_code(inspected(tmp_path, wheel, excused).package.verdict) == 0
    denied = Policy(deny=(Deny(selector, "incident 42"),))
    assert exit_code(inspected(tmp_path, wheel, denied).package.verdict) == 10


def test_what_cannot_be_checked_and_must_be_is_unvetted(tmp_path: Path) -> None:
    closed = Policy(on_unavailable={"advisories": "block"})
    assert exit_code(inspected(tmp_path, build_wheel("demo", "1.0"), closed).package.verdict) == 12


def test_a_forges_archive_is_what_stands_in_it(tmp_path: Path) -> None:
    archive = pack_tar_gz({"x-1/PKG-INFO": b"Metadata-Version: 2.1\nName: Real.Name\nVersion: 2.0\n"})
    known = inspected(tmp_path, Artifact("main.tar.gz", archive, "x", "1")).package.evidence
    assert (known.project, str(known.version)) == ("real-name", "2.0")


@pytest.mark.parametrize(
    "content",
    [b"garbage", pack_tar_gz({"x-1/a.py": b""}), pack_tar_gz({"x-1/PKG-INFO": b"Name: x\n"})],
    ids=["unsound", "without", "malformed"],
)
def test_an_archive_that_does_not_say_what_it_is_goes_by_its_name(tmp_path: Path, content: bytes) -> None:
    known = inspected(tmp_path, Artifact("Some_Tree.tar.gz", content, "x", "1")).package.evidence
    assert (known.project, str(known.version)) == ("some-tree", "0+unknown")


@pytest.mark.parametrize("filename", ["demo.whl", "demo.txt", "demo-1.0-py3-none.whl"])
def test_the_name_of_no_distribution_file_is_a_mistake(tmp_path: Path, filename: str) -> None:
    with pytest.raises(UsageError, match=filename) as told:
        inspected(tmp_path, Artifact(filename, b"", "demo", "1.0"))
    assert told.value.hint == "give it the name that it has on an index"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"demo-1.0.tar.gz cannot be read: No such file"):
        of_file(tmp_path / "demo-1.0.tar.gz", Policy(), state(tmp_path))


def test_a_judged_file_is_looked_into_in_the_store(tmp_path: Path) -> None:
    sdist, folders = build_sdist("demo", "1.0"), state(tmp_path)
    store = ArtifactStore(folders.artifacts, None)
    with store.temporary() as file:
        file.write(sdist.content)
        file.flush()
        store.add(Path(file.name), sha256(sdist.sha256))
    (found,) = of_packages([_package(sdist.filename, sdist.sha256)], folders)
    assert found.inspection is not None
    assert (found.inspection.packed, found.unread) == (len(sdist.content), "")


def test_a_file_that_was_not_fetched_or_is_gone_says_so(tmp_path: Path) -> None:
    gone, refused = _package("demo-1.0.tar.gz", "0" * 64), _package("demo-2.0.tar.gz", "")
    found = of_packages([gone, refused], state(tmp_path))
    assert [one.inspection for one in found] == [None, None]
    assert [one.unread for one in found] == [
        "its bytes are not in the store any more",
        "its bytes were not fetched",
    ]


def _package(filename: str, digest: str) -> Package:
    fact = Known(sha256(digest)) if digest else NotApplicable("it was not fetched")
    return Package(replace(evidence(filename), sha256=fact), Verdict(), Decision.ALLOW)
