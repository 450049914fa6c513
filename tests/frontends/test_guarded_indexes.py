"""Indexes that hold secrets, that contradict each other, that fail, and that lie."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import (
    BLOCKED,
    NEEDS_APPROVAL,
    UNVETTED,
    assert_done,
    assert_refused,
    saved,
)
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.faults import (
    Body,
    Corrupt,
    Fault,
    Hang,
    HugeBody,
    RedirectLoop,
    RedirectTo,
    Reset,
    Slow,
    Status,
    Swap,
    Truncate,
    deep_json,
)
from tests.lab.guard import Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers

SECRET = "s3cret/with:signs"  # noqa: S105 - the lab's own
AT_ONCE = ("--retries=0", "--timeout=1")
GOOD = build_wheel("good", "1.0")


@pytest.fixture
def other() -> Iterator[LabIndex]:
    """A second index."""
    with LabIndex() as running:
        yield running


class TestCredentials:
    """They reach the index that they are for, and nobody else; they are shown nowhere."""

    @pytest.fixture
    def private(self) -> Iterator[LabIndex]:
        """An index that answers only to somebody."""
        with LabIndex(credentials=("somebody", SECRET)) as running:
            running.add(GOOD)
            yield running

    @pytest.mark.parametrize("place", ["option", "variable", "netrc"])
    def test_a_private_index_is_used_and_its_password_stays_with_it(
        self, place: str, private: LabIndex, other: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        other.add(GOOD)
        # netrc knows hosts and no ports, so there the other server must have another name.
        base = other.base.replace("127.0.0.1", "localhost") if place == "netrc" else other.base
        private.fault("/files/*.whl", RedirectTo(f"{base}/files/{GOOD.filename}"))
        netrc = guard.home / ".netrc"
        netrc.touch(mode=0o600)
        if place == "netrc":
            netrc.write_text(f"machine 127.0.0.1 login somebody password {SECRET}\n")
        url = private.url if place == "netrc" else private.url_with_credentials
        words = [f"--index-url={url}"] if place == "option" else []
        run = guard.run("install", "-v", *words, "good", **({} if words else {"PIP_INDEX_URL": url}))
        assert_done(guard, run, "good")
        assert other.served_files() == {GOOD.filename}
        assert not [request for request in other.requests if "authorization" in request.headers]
        written = "".join(path.read_text(errors="replace") for path in _written_files(guard))
        for told in (run.out, run.err, written):
            assert SECRET not in told
            assert "s3cret%2Fwith" not in told

    def test_one_in_the_address_of_a_file_stays_with_it(
        self, private: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Neither the saved evidence nor a lock file, which others get to see, has it."""
        guard = guarded()
        url = private.put(GOOD.filename, GOOD.content).replace("://", f"://somebody:{quote(SECRET, '')}@")
        for words in (["install"], ["lock"]):
            run = guard.run(*words, f"{url}#sha256={GOOD.sha256}")
            assert_done(guard, run, "good")
        written = [path.read_text(errors="replace") for path in _written_files(guard)]
        written.append((guard.work / "pylock.toml").read_text())
        assert any(GOOD.filename in text for text in written)
        for told in (run.out, run.err, *written):
            assert SECRET not in told
            assert quote(SECRET, "") not in told

    def test_a_wrong_password_gets_nothing(self, private: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        url = private.url.replace("://", "://somebody:wrong-one@")
        before = guard.environment.files()
        run = guard.run("install", "-i", url, "good")
        assert_refused(guard, run, UNVETTED, "good", before)
        assert "wrong-one" not in run.out + run.err


class TestForbidden:
    """An index that answers 403 for what it does not have, as storage does whose keys nobody may list."""

    @pytest.fixture
    def storage(self, other: LabIndex) -> LabIndex:
        """One that has ``good`` alone."""
        other.add(GOOD)
        for path in ("/simple/needs-good/", "/simple/missing/"):
            other.fault(path, Status(403))
        return other

    @pytest.mark.parametrize("first", [True, False], ids=["first", "second"])
    def test_it_is_used_like_any_other_where_the_user_says_that_it_does_so(
        self, first: bool, index: LabIndex, storage: LabIndex, guarded: MakeGuarded
    ) -> None:
        index.add(build_wheel("needs-good", "1.0", requires=["good"]))
        guard = guarded()
        urls = (storage.url, index.url) if first else (index.url, storage.url)
        words = ["install", "-i", urls[0], "--extra-index-url", urls[1], "needs-good"]
        before = guard.environment.files()
        run = guard.run(*words)
        assert_refused(guard, run, UNVETTED, "403", before)
        assert "forbids-missing" in run.err
        guard.configure(f'[[index]]\nurl = "{storage.url}"\nforbids-missing = true\n')
        assert_done(guard, guard.run(*words), "needs-good", "good")

    def test_what_it_has_is_still_asked_for_and_what_nobody_has_is_missing(
        self, index: LabIndex, storage: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure(f'[[index]]\nurl = "{storage.url}"\nforbids-missing = true\n')
        run = guard.run("install", "-i", index.url, "--extra-index-url", storage.url, "missing")
        assert (run.code, guard.installed()) == (1, set()), run

    def test_a_projects_file_does_not_say_so(
        self, index: LabIndex, storage: LabIndex, guarded: MakeGuarded
    ) -> None:
        """Or whoever wrote a repository could have a private index passed by that refuses its user."""
        guard = guarded()
        index.add(build_wheel("needs-good", "1.0", requires=["good"]))
        text = f'schema = 1\n[[index]]\nurl = "{storage.url}"\nforbids-missing = true\n'
        (guard.work / "trustguard.toml").write_text(text)
        run = guard.run("install", "-i", storage.url, "--extra-index-url", index.url, "needs-good")
        assert (run.code, guard.installed()) == (2, set()), run
        assert "forbids-missing" in run.err


def _written_files(guard: Guarded) -> list[Path]:
    """What the run left behind, in the environment and in the user's folders."""
    folders = [guard.environment.purelib, guard.home / ".cache", guard.home / ".local"]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


class TestTwoIndexes:
    """One name on two indexes."""

    def test_an_unrelated_namesake_needs_approval_and_nobody_is_there(
        self, index: LabIndex, other: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(build_wheel("acme-tool", "1.0"))
        other.add(hostile.pth_wheel(markers, "acme-tool", "99.0"))
        before = guard.environment.files()
        run = guard.run("install", "acme-tool", PIP_EXTRA_INDEX_URL=other.url)
        assert_refused(guard, run, NEEDS_APPROVAL, "acme-tool", before, markers)
        assert other.served_files() == set()

    def test_one_that_claims_kinship_by_itself_alone_is_unrelated(
        self, index: LabIndex, other: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """PEP 708: alternate locations count only where both name each other."""
        guard = guarded()
        index.add(build_wheel("acme-tool", "1.0"))
        other.add(hostile.pth_wheel(markers, "acme-tool", "99.0"))
        other.project("acme-tool").alternate_locations = [f"{index.url}acme-tool/", f"{other.url}acme-tool/"]
        before = guard.environment.files()
        run = guard.run("install", "acme-tool", PIP_EXTRA_INDEX_URL=other.url)
        assert_refused(guard, run, NEEDS_APPROVAL, "acme-tool", before, markers)

    def test_kin_and_mirrors_install_and_the_first_index_supplies(
        self, index: LabIndex, other: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        for name in ("mirrored", "tracked", "alternate"):
            index.add(build_wheel(name, "1.0"))
            other.add(build_wheel(name, "2.0"))
        other.add(build_wheel("mirrored", "1.0"))
        index.project("tracked").tracks = [f"{other.url}tracked/"]
        for one, two in ((index, other), (other, index)):
            one.project("alternate").alternate_locations = [f"{two.url}alternate/"]
        run = guard.run("install", "mirrored", "tracked", "alternate", PIP_EXTRA_INDEX_URL=other.url)
        assert run.code == 0, run
        assert guard.environment.distributions() == {
            ("mirrored", "1.0"),
            ("tracked", "1.0"),
            ("alternate", "1.0"),
        }
        assert other.served_files() == set()

    def test_a_pinned_name_is_never_asked_of_another_index(
        self, index: LabIndex, other: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure(f'[[index]]\nurl = "{other.url}"\nnamespaces = ["acme-*"]\ntrust = "private"\n')
        index.add(hostile.pth_wheel(markers, "acme-tool", "99.0"))
        other.add(build_wheel("Acme.Tool", "1.0", requires=["good"]), upload_time=None)
        index.add(GOOD)
        (guard.work / "wheels").mkdir()
        saved(guard.work / "wheels", hostile.pth_wheel(markers, "acme-tool", "98.0"))
        run = guard.run("install", "-f", "wheels", "ACME_tool", PIP_EXTRA_INDEX_URL=other.url)
        assert_done(guard, run, "acme-tool", "good")
        assert guard.environment.distributions() == {("acme-tool", "1.0"), ("good", "1.0")}
        assert "/simple/acme-tool/" not in index.paths()

    def test_a_pinned_name_is_not_taken_elsewhere_when_its_index_is_not_configured(
        self, index: LabIndex, other: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure(f'[[index]]\nurl = "{other.url}"\nnamespaces = ["acme-*"]\n')
        index.add(hostile.pth_wheel(markers, "acme-tool", "99.0"))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "acme-tool"), UNVETTED, "acme-tool", before, markers)
        assert "/simple/acme-tool/" not in index.paths()

    def test_an_index_that_is_down_leaves_confusion_open(
        self, index: LabIndex, other: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD)
        other.fault("/simple/*", Status(503))
        before = guard.environment.files()
        args = ("install", *AT_ONCE, "good")
        assert_refused(guard, guard.run(*args, PIP_EXTRA_INDEX_URL=other.url), UNVETTED, other.url, before)
        guard.configure('on-unavailable = { index = "warn" }\n')
        assert_done(guard, guard.run(*args, PIP_EXTRA_INDEX_URL=other.url), "good")

    def test_an_index_that_is_down_is_passed_by_only_where_it_comes_later_and_confusion_does_not_matter(
        self, index: LabIndex, other: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure('[checks.dependency-confusion]\naction = "off"\n')
        index.add(GOOD)
        other.fault("/simple/*", Status(503))
        before = guard.environment.files()
        args = ("install", *AT_ONCE, "good")
        first = {"PIP_INDEX_URL": other.url, "PIP_EXTRA_INDEX_URL": index.url}
        assert_refused(guard, guard.run(*args, **first), UNVETTED, other.url, before)
        assert_done(guard, guard.run(*args, PIP_EXTRA_INDEX_URL=other.url), "good")


LISTING, BODY, METADATA = "/simple/good/", f"/files/{GOOD.filename}", f"/files/{GOOD.filename}.metadata"
FAULTS: dict[str, tuple[str, Fault, int]] = {
    "listing hangs": (LISTING, Hang(), UNVETTED),
    "listing stops": (LISTING, Hang(after=40), UNVETTED),
    "listing is cut off": (LISTING, Truncate(40), UNVETTED),
    "listing fails": (LISTING, Status(500), UNVETTED),
    "listing is forbidden": (LISTING, Status(403), UNVETTED),
    "listing asks for patience": (LISTING, Status(429, {"Retry-After": "86400"}), UNVETTED),
    "listing is reset": (LISTING, Reset(), UNVETTED),
    "listing turns in circles": (LISTING, RedirectLoop(), UNVETTED),
    "listing leads to a file": (LISTING, RedirectTo("file:///etc/passwd"), UNVETTED),
    "listing leads to ftp": (LISTING, RedirectTo("ftp://files.example/"), UNVETTED),
    "listing is no JSON": (LISTING, Body(b'{"files": ['), UNVETTED),
    "listing is another JSON": (LISTING, Body(b'{"meta": {"api-version": "1.1"}, "files": 7}'), UNVETTED),
    "listing is deep": (LISTING, deep_json(200_000), UNVETTED),
    "listing is huge": (LISTING, HugeBody(400_000_000, announce=False), UNVETTED),
    "listing is of another API": (LISTING, Body(b'{"meta": {"api-version": "2.0"}, "files": []}'), UNVETTED),
    "metadata is huge": (METADATA, HugeBody(400_000_000, content_type="text/plain"), UNVETTED),
    "metadata is another": (METADATA, Corrupt(), UNVETTED),
    "body is another": (BODY, Corrupt(), BLOCKED),
    "body hangs": (BODY, Hang(after=100), UNVETTED),
    "body is cut off": (BODY, Truncate(100), UNVETTED),
    "body fails": (BODY, Status(502), UNVETTED),
    "body is gone": (BODY, Status(404), UNVETTED),
    "body leads to a file": (BODY, RedirectTo("file:///etc/passwd"), UNVETTED),
}


class TestFaults:
    """What an index cannot or will not answer properly is not installed; what passes is waited for."""

    @pytest.mark.parametrize("fault", FAULTS)
    def test_nothing_is_installed_when_the(self, fault: str, index: LabIndex, guarded: MakeGuarded) -> None:
        path, spoiler, code = FAULTS[fault]
        guard = guarded()
        index.add(GOOD)
        index.fault(path, spoiler)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", *AT_ONCE, "good"), code, "good", before)

    def test_what_passes_is_waited_for(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add_all(GOOD, build_wheel("patient", "1.0"), build_wheel("steady", "1.0"))
        index.fault(LISTING, Status(500, times=1))
        index.fault(METADATA, Status(429, {"Retry-After": "1"}, times=1))
        index.fault(BODY, Truncate(100, times=1))
        index.fault("/simple/patient/", Reset(times=1))
        index.fault("/files/patient*.whl", Slow(total=2.0, chunk_size=100))
        index.fault("/files/steady*.whl", Hang(after=100, times=1))
        run = guard.run("install", "--timeout=1", "good", "patient", "steady")
        assert_done(guard, run, "good", "patient", "steady")

    def test_a_project_that_is_nowhere_is_pips_to_report(self, guarded: MakeGuarded) -> None:
        guard = guarded()
        before = guard.environment.files()
        run = guard.run("install", "not-there")
        assert_refused(guard, run, 1, "not-there", before)
        assert "No matching distribution" in run.err


class TestLies:
    """What an index says is compared with what it sends."""

    def test_what_changes_between_two_requests_is_taken_once(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        """The second answer would be hostile; nobody asks for it, so that what was vetted is what comes."""
        guard = guarded()
        evil = hostile.pth_wheel(markers, "good", "1.0")
        index.add(GOOD)
        honest = index.project("good").as_json()
        index.fault(LISTING, Swap(honest, honest.replace(GOOD.sha256.encode(), evil.sha256.encode())))
        index.fault(BODY, Swap(GOOD.content, evil.content))
        assert_done(guard, guard.run("install", "good"), "good")
        guard.environment.run_python("pass")
        assert markers.ran() == set()
        assert [index.paths().count(path) for path in (LISTING, BODY)] == [1, 1]

    def test_bytes_that_were_swapped_before_they_came_are_refused(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD)
        index.fault(BODY, Swap(hostile.pth_wheel(markers, "good", "1.0").content, GOOD.content))
        before = guard.environment.files()
        run = guard.run("install", "good")
        guard.environment.run_python("pass")
        assert_refused(guard, run, UNVETTED, "good", before, markers)

    def test_a_file_behind_another_scheme_is_not_offered(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        for version, scheme in (("2.0", "file"), ("3.0", "ftp"), ("4.0", "javascript")):
            evil = hostile.pth_wheel(markers, "good", version)
            place = saved(guard.home / "files", evil).as_uri()
            index.add(evil, url=place.replace("file:", f"{scheme}:"))
        before = guard.environment.files()
        run = guard.run("install", "good")
        guard.environment.run_python("pass")
        assert_refused(guard, run, 1, "left out", before, markers)
        index.add(GOOD)
        assert_done(guard, guard.run("install", "good"), "good")
        assert guard.environment.distributions() == {("good", "1.0")}

    def test_an_announced_size_that_is_wrong_is_refused(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add(GOOD)
        page = json.loads(index.project("good").as_json())
        page["files"][0]["size"] += 1
        index.fault(LISTING, Body(json.dumps(page).encode()))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "good"), UNVETTED, "good", before)

    def test_a_rule_for_an_index_holds_in_whatever_spelling_it_is_named(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD)
        index.add(build_wheel("other", "1.0"))
        spelled = index.url.replace("http://", "HTTP://").rstrip("/")
        guard.configure(f'[[deny]]\nproject = "good"\nindex = "{spelled}"\nreason = "incident 42"\n')
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "good"), BLOCKED, "good", before)
        assert_done(guard, guard.run("install", "other"), "other")

    def test_files_without_a_digest_are_hashed_first(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        evil = hostile.in_tree_backend_sdist(markers, "evil-demo")
        guard.configure(f'[[deny]]\nproject = "*"\nsha256 = ["{evil.sha256}"]\nreason = "incident 42"\n')
        index.add(evil, hashes={})
        index.add(GOOD, hashes={}, core_metadata=False)
        honest = hostile.in_tree_backend_sdist(None, "honest")
        index.add(honest, hashes={"md5": hashlib.md5(honest.content, usedforsecurity=False).hexdigest()})
        before = guard.environment.files()
        run = guard.run("install", "evil-demo")
        assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)
        assert_done(guard, guard.run("install", "good", "honest"), "good", "honest")

    def test_a_page_in_html_may_have_a_base(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add(GOOD)
        page = (
            f'<!DOCTYPE html><html><head><base href="{index.base}/files/"></head><body>'
            f'<a href="{GOOD.filename}#sha256={GOOD.sha256}">{GOOD.filename}</a></body></html>'
        )
        index.fault(LISTING, Body(page.encode(), content_type="text/html"))
        assert_done(guard, guard.run("install", "good"), "good")
