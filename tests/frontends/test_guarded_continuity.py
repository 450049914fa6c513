"""What a project has always proven is expected of it, in a real installation, and its publishers remembered.

``widget`` is built by ``acme/widget``. Its releases are a day apart, and all of them are years old.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from packaging.tags import sys_tags

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, UNVETTED, assert_done, assert_refused
from tests.frontends.test_guarded_policy import answered
from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.attest import attested
from tests.lab.environment import VirtualEnvironment
from tests.lab.faults import Status
from tests.lab.guard import Ended, Guarded
from tests.lab.identity import Identity
from tests.lab.index import LabIndex
from tests.lab.listing import OLD
from tests.lab.sigstore import Flaw, PrivateSigstore

ACME = Identity.github()
EVIL = Identity.github("evil/widget", repository_id="7", owner_id="8")
OTHER_WORKFLOW = Identity.github(workflow="publish.yml")
FROM_A_BRANCH = Identity.github(ref="refs/heads/side")
RESURRECTED = Identity.github(repository_id="7", owner_id="8")
RENAMED = Identity.github("acme/widget-ng")
SELF_HOSTED = Identity.github(runner="self-hosted")
CHECK = "provenance-continuity"
BEST = str(next(iter(sys_tags())))
"""The tag that an installer on this platform likes best."""
JSON = ("--format", "json")


class Releases:
    """Puts releases of ``widget`` on an index, one a day, in the order in which a test tells of them."""

    def __init__(self, index: LabIndex, sigstore: PrivateSigstore) -> None:
        self.index = index
        self.sigstore = sigstore
        self.days = 0

    def by(self, identity: Identity, *versions: str, **options: Any) -> None:
        """Releases that somebody has signed."""
        for version in versions:
            wheel = build_wheel("widget", version, tag=options.pop("tag", "py3-none-any"))
            attested(self.index, wheel, self.sigstore, identity, upload_time=self.next(), **options)

    def unsigned(self, *versions: str, name: str = "widget", **options: Any) -> None:
        """Releases without provenance."""
        for version in versions:
            self.index.add(build_wheel(name, version, **options), upload_time=self.next())

    def next(self, days: int = 1) -> datetime:
        """The time of the next upload."""
        self.days += days
        return OLD + timedelta(days=self.days)

    def documents(self) -> list[str]:
        """The provenance documents that were asked for since the last time, sorted."""
        paths = [path for path in self.index.paths() if path.endswith(".provenance")]
        self.index.forget()
        return sorted(Path(path).name.removesuffix("-py3-none-any.whl.provenance") for path in paths)


@pytest.fixture(scope="module")
def sigstore() -> PrivateSigstore:
    """What signs."""
    return PrivateSigstore()


@pytest.fixture
def releases(index: LabIndex, sigstore: PrivateSigstore) -> Releases:
    """Nothing is released yet."""
    return Releases(index, sigstore)


@pytest.fixture
def guard(guarded: MakeGuarded, sigstore: PrivateSigstore) -> Guarded:
    """The program, which believes that Sigstore, and has never installed anything."""
    made = guarded()
    made.trust_root.write_bytes(sigstore.trusted_root)
    return made


def assert_version(guard: Guarded, run: Ended, version: str) -> None:
    """The command succeeded, and this version of widget is on the disk."""
    assert_done(guard, run, "widget")
    assert guard.environment.distributions() == {("widget", version)}, run
    module = guard.environment.purelib / "widget.py"
    assert module.read_text(encoding="utf-8") == f"VERSION = {version!r}\n"


def elsewhere(guard: Guarded) -> set[str]:
    """The same user goes on in a new environment; what is there before anything is installed."""
    guard.environment = VirtualEnvironment.create(
        guard.home / f"environment{len(list(guard.home.iterdir()))}"
    )
    return guard.environment.files()


def findings(run: Ended, check: str = CHECK) -> list[tuple[str, str]]:
    """What a check has found in the packages of a JSON report: how severe, and what is done."""
    packages = run.json["packages"]
    return [(f["severity"], f["action"]) for p in packages for f in p["findings"] if f["check"] == check]


def history(guard: Guarded) -> list[Path]:
    """The files of this user's history of publishers."""
    return sorted((guard.home / ".local/share/trustguard/publishers").glob("*.json"))


class TestLost:
    """A file without the provenance that the project used to have is left out."""

    def test_the_attested_release_before_is_taken(self, releases: Releases, guard: Guarded) -> None:
        """A stolen token suffices to upload, and not to sign."""
        releases.by(ACME, "1.0", "1.1")
        releases.unsigned("1.2")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.1")
        (withheld,) = run.json["withheld"]
        assert withheld["versions"] == ["1.2"]
        assert [f["check"] for f in withheld["findings"]] == [CHECK]

    def test_and_asked_for_by_its_version_is_refused(self, releases: Releases, guard: Guarded) -> None:
        """There is nothing else to take; its body is not even fetched."""
        releases.by(ACME, "1.0", "1.1")
        releases.unsigned("1.2")
        before = guard.environment.files()
        run = guard.run("install", "widget==1.2")
        assert_refused(guard, run, BLOCKED, "widget", before)
        assert "has no provenance, and the releases before it have" in " ".join(run.err.split())
        assert releases.index.served_files() == set()

    def test_and_excepted_is_installed(self, releases: Releases, guard: Guarded) -> None:
        """One version, and no other: the first of two is no excuse for the second either."""
        releases.by(ACME, "1.0", "1.1")
        releases.unsigned("1.2", "1.3")
        guard.configure(
            f'[[allow]]\nproject = "widget"\nversion = "==1.2"\nchecks = ["{CHECK}"]\nreason = "known"\n'
        )
        assert_version(guard, guard.run("install", "widget"), "1.2")

    def test_and_nobody_complained_for_as_long_as_is_set_is_installed(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """It was uploaded years ago."""
        releases.by(ACME, "1.0", "1.1")
        releases.unsigned("1.2")
        guard.configure(f'[checks.{CHECK}]\nignore-after = "90 days"\n')
        assert_version(guard, guard.run("install", "widget"), "1.2")

    def test_nothing_is_where_nothing_was_attested(self, releases: Releases, guard: Guarded) -> None:
        """The control: most projects never sign, and nobody is asked anything about them."""
        releases.unsigned("1.0", "1.1", "1.2")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.2")
        assert run.json["withheld"] == []
        assert findings(run) == []
        assert releases.documents() == []
        assert history(guard) == []

    def test_nothing_is_where_the_project_has_only_tried_it(self, releases: Releases, guard: Guarded) -> None:
        """Two attested releases, and not in a row."""
        releases.by(ACME, "1.0")
        releases.unsigned("1.1")
        releases.by(ACME, "1.2")
        releases.unsigned("1.3")
        assert_version(guard, guard.run("install", "widget"), "1.3")

    def test_pre_releases_are_apart(self, releases: Releases, guard: Guarded) -> None:
        """Final releases arm nothing for them, and two of their own do."""
        releases.by(ACME, "1.0", "1.1")
        releases.unsigned("2.0a1")
        assert_version(guard, guard.run("install", "--pre", "widget"), "2.0a1")
        releases.by(ACME, "2.0b1", "2.0b2")
        releases.unsigned("2.0b3")
        assert_version(guard, guard.run("install", "--pre", "--upgrade", "widget"), "2.0b2")

    def test_an_index_that_says_nothing_of_attestations_is_no_loss_and_is_told(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """It cannot say what is lost, either."""
        releases.unsigned("1.0", "1.1", "1.2")
        releases.index.project("widget").attesting = False
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.2")
        (outage,) = run.json["unavailable"]
        assert (outage["source"], CHECK in outage["checks"]) == ("provenance", True)


class TestPartly:
    """Of a release the attested files are preferred."""

    def test_an_unsigned_wheel_beside_a_signed_one_for_everybody_is_left_out(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """An installer would like it better."""
        releases.by(ACME, "1.0")
        releases.unsigned("1.0", tag=BEST, files={"widget.py": "raise SystemExit\n"})
        assert_version(guard, guard.run("install", "widget"), "1.0")

    def test_an_unsigned_sdist_is_left_out_too(self, releases: Releases, guard: Guarded) -> None:
        """Who wants no wheel has nothing left, and is told why."""
        releases.by(ACME, "1.0")
        releases.index.add(build_sdist("widget", "1.0"), upload_time=releases.next())
        before = guard.environment.files()
        run = guard.run("install", "--no-binary", "widget", "widget")
        assert_refused(guard, run, 1, "widget-1.0.tar.gz has no provenance", before)

    def test_an_unsigned_file_that_others_cannot_stand_in_for_is_asked_about(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """The signed one is for another platform."""
        releases.by(ACME, "1.0", tag="cp27-cp27m-win32")
        releases.unsigned("1.0")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), NEEDS_APPROVAL, "widget", before)

    def test_a_late_file_is_held_against_what_was_released_by_then(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """Version 1.0 was never signed. Since 2.0 the project signs, and then somebody adds a file to 1.0."""
        releases.unsigned("1.0")
        releases.by(ACME, "2.0", "2.1")
        releases.next(365)
        releases.unsigned("1.0", tag=BEST, files={"widget.py": "raise SystemExit\n"})
        assert_version(guard, guard.run("install", "widget<2"), "1.0")

    def test_a_late_file_that_is_signed_is_told(self, releases: Releases, guard: Guarded) -> None:
        """It is no more than remarkable."""
        releases.by(ACME, "1.0", tag="cp27-cp27m-win32")
        releases.next(365)
        releases.by(ACME, "1.0")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.0")
        assert findings(run) == [("low", "warn")]


class TestOtherPublisher:
    """Whoever has a valid signature and is not the project does not get in."""

    @pytest.mark.parametrize("known_from", ["the index", "the machine"])
    @pytest.mark.parametrize(
        ("identity", "code", "told"),
        [
            (EVIL, BLOCKED, "github.com/evil/widget"),
            (RESURRECTED, BLOCKED, "another owner's than before"),
            (Identity.github(repository_id="7"), BLOCKED, "another repository than before"),
            (OTHER_WORKFLOW, NEEDS_APPROVAL, ".github/workflows/publish.yml"),
            (FROM_A_BRANCH, NEEDS_APPROVAL, "from the branch side, and the project's files before from tags"),
        ],
        ids=["other repository", "resurrected owner", "resurrected repository", "other workflow", "branch"],
    )
    def test_is_refused_or_asked_about(  # noqa: PLR0913 - fixtures, and what differs
        self, releases: Releases, guard: Guarded, known_from: str, identity: Identity, code: int, told: str
    ) -> None:
        """On the index there is the release before; or it is gone, and was installed here once."""
        releases.by(ACME, "1.0")
        if known_from == "the machine":
            assert_version(guard, guard.run("install", "widget"), "1.0")
            releases.index.project("widget").files.clear()
        before = elsewhere(guard)
        releases.by(identity, "1.1")
        run = guard.run("install", "widget")
        assert_refused(guard, run, code, "widget", before)
        assert told in " ".join(run.err.split())
        kept = b"".join(path.read_bytes() for path in history(guard))
        assert (b"evil" in kept, b"publish.yml" in kept, b'"7"' in kept) == (False, False, False)

    @pytest.mark.parametrize("identity", [ACME, RENAMED], ids=["the same", "renamed"])
    def test_the_project_itself_gets_in(self, releases: Releases, guard: Guarded, identity: Identity) -> None:
        """The control; a renamed repository has kept its numbers, which is noted."""
        releases.by(ACME, "1.0")
        releases.by(identity, "1.1")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.1")
        assert findings(run) == ([("info", "off")] if identity is RENAMED else [])
        (package,) = run.json["packages"]
        assert CHECK in package["coverage"]["checked"]

    def test_a_dependency_by_somebody_else_keeps_all_from_being_installed(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """What asks for it is as good as ever."""
        releases.by(ACME, "1.0")
        releases.by(EVIL, "1.1")
        releases.index.add(build_wheel("app", "1.0", requires=["widget"]))
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "app"), BLOCKED, "widget", before)

    def test_a_project_that_has_moved_gets_in_where_that_is_pinned(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """In the user's file: a project's may not say so. Then the new one is known, pinned or not."""
        releases.by(ACME, "1.0")
        releases.by(EVIL, "1.1")
        pin = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "evil/widget"\n'
        (guard.work / "trustguard.toml").write_text(pin)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, "widget", before)
        guard.configure(pin)
        assert_version(guard, guard.run("install", "widget"), "1.1")
        releases.by(EVIL, "1.2")
        (guard.work / "trustguard.toml").unlink()
        guard.config.write_text(guard.config.read_text(encoding="utf-8").replace(pin, ""), encoding="utf-8")
        assert_version(guard, guard.run("install", "--upgrade", "widget"), "1.2")


class TestFirstInstallation:
    """A machine that has seen nothing yet asks the index who has published a project so far."""

    def test_asks_for_the_release_before_and_no_other(self, releases: Releases, guard: Guarded) -> None:
        """One request more than for the file itself."""
        releases.by(ACME, "1.0", "1.1", "1.2", "1.3")
        assert_version(guard, guard.run("install", "widget"), "1.3")
        assert releases.documents() == ["widget-1.2", "widget-1.3"]

    def test_asks_for_two_at_most(self, releases: Releases, guard: Guarded) -> None:
        """What is forged, yanked or gone sets no example, and an old forgery says nothing of a new file."""
        releases.by(ACME, "1.0", "1.1", "1.2")
        releases.by(EVIL, "1.3", yanked=True)
        releases.by(ACME, "1.4", flaw=Flaw.FLIPPED_SIGNATURE)
        releases.by(EVIL, "1.5")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, "acme/widget", before)
        assert releases.documents() == ["widget-1.2", "widget-1.4", "widget-1.5"]
        releases.by(ACME, "1.6", flaw=Flaw.FLIPPED_SIGNATURE)
        releases.by(ACME, "1.7", flaw=Flaw.FLIPPED_SIGNATURE)
        releases.by(ACME, "1.8")
        assert_version(guard, guard.run("install", "widget"), "1.8")
        assert releases.documents() == ["widget-1.6", "widget-1.7", "widget-1.8"]

    def test_of_a_first_release_asks_nothing_more(self, releases: Releases, guard: Guarded) -> None:
        """There is nobody to compare it with, and nothing is missing."""
        releases.unsigned("1.0")
        releases.by(ACME, "1.1")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.1")
        assert releases.documents() == ["widget-1.1"]
        assert findings(run) == []
        assert run.json["unavailable"] == []

    @pytest.mark.parametrize(("says", "code"), [("warn", 0), ("block", UNVETTED)])
    def test_says_what_it_could_not_learn(
        self, releases: Releases, guard: Guarded, says: str, code: int
    ) -> None:
        """An outage is not an answer."""
        releases.by(ACME, "1.0", "1.1")
        releases.index.fault("/raw/widget-1.0-*", Status(403))
        guard.configure(f'[on-unavailable]\nprovenance = "{says}"\n')
        before = guard.environment.files()
        run = guard.run("install", "widget", options=JSON)
        assert run.code == code, run
        assert code == 0 or guard.environment.files() == before
        (outage,) = run.json["unavailable"]
        assert outage["checks"] == [CHECK]
        assert "widget-1.0-py3-none-any.whl" in outage["reason"]


class TestRemembered:
    """Trust on first use: who was let in once is known the next time, in every environment of the user."""

    def test_what_was_seen_here_is_not_asked_for_again(self, releases: Releases, guard: Guarded) -> None:
        """One request less; and the same publisher is one entry."""
        releases.by(ACME, "1.0", "1.1")
        assert_version(guard, guard.run("install", "widget"), "1.1")
        (path,) = history(guard)
        (seen,) = json.loads(path.read_bytes())["seen"]
        assert seen["publisher"]["repository"] == "github.com/acme/widget"
        releases.documents()
        releases.by(ACME, "1.2")
        elsewhere(guard)
        assert_version(guard, guard.run("install", "widget"), "1.2")
        assert releases.documents() == ["widget-1.2"]
        assert len(json.loads(path.read_bytes())["seen"]) == 1

    def test_what_was_seen_here_is_missed_where_every_trace_of_it_is_gone(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """A thief with the rights of an owner deletes the attested releases; the index has no past then."""
        releases.by(ACME, "1.0")
        assert_version(guard, guard.run("install", "widget"), "1.0")
        releases.index.remove("widget")
        releases.unsigned("1.1")
        before = elsewhere(guard)
        ended = guard.run("install", "widget")
        assert_refused(guard, ended, BLOCKED, "widget", before)
        assert "what was installed here before had" in " ".join(ended.err.split())

    def test_a_project_that_has_stopped_to_sign_long_ago_gets_in(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """The control."""
        releases.by(ACME, "1.0")
        assert_version(guard, guard.run("install", "widget"), "1.0")
        releases.unsigned("1.1")
        releases.next(40)
        releases.unsigned("1.2")
        elsewhere(guard)
        assert_version(guard, guard.run("install", "widget"), "1.2")

    def test_a_check_and_a_dry_run_remember_nobody(self, releases: Releases, guard: Guarded) -> None:
        """Nothing was let in."""
        releases.by(ACME, "1.0")
        assert guard.run("check", "widget").code == 0
        assert guard.run("install", "--dry-run", "widget").code == 0
        assert history(guard) == []

    def test_who_was_let_in_once_by_an_exception_is_known_from_then_on(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """The next release needs none."""
        releases.by(ACME, "1.0")
        releases.by(OTHER_WORKFLOW, "1.1")
        allow = f'[[allow]]\nproject = "widget"\nversion = "==1.1"\nchecks = ["{CHECK}"]\nreason = "told"\n'
        guard.configure(allow)
        assert_version(guard, guard.run("install", "widget"), "1.1")
        releases.by(OTHER_WORKFLOW, "1.2")
        assert_version(guard, guard.run("install", "--upgrade", "widget"), "1.2")

    def test_who_was_let_in_by_a_person_is_known_from_then_on(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """And who was turned away is not."""
        releases.by(ACME, "1.0")
        releases.by(OTHER_WORKFLOW, "1.1")
        for answer, code in (("n\n", NEEDS_APPROVAL), ("y\n", 0)):
            ended, screen = answered(guard, answer, "install", "widget")
            assert ended == code, screen
            assert ".github/workflows/publish.yml" in screen
        releases.by(OTHER_WORKFLOW, "1.2")
        assert_version(guard, guard.run("install", "--upgrade", "widget"), "1.2")

    def test_an_unusual_build_is_told_and_no_more_where_it_was_always_so(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """The first of its kind is asked about."""
        releases.by(SELF_HOSTED, "1.0")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), NEEDS_APPROVAL, "self-hosted", before)
        releases.by(SELF_HOSTED, "1.1")
        run = guard.run("install", "widget", options=JSON)
        assert_version(guard, run, "1.1")
        assert findings(run, "provenance") == [("low", "warn")]

    def test_a_damaged_history_is_told_and_begun_anew_and_the_index_speaks_for_it(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """Nobody gets in by the damage."""
        releases.by(ACME, "1.0")
        assert_version(guard, guard.run("install", "widget"), "1.0")
        (path,) = history(guard)
        path.write_bytes(b"{")
        releases.by(EVIL, "1.1")
        before = elsewhere(guard)
        run = guard.run("install", "widget")
        assert_refused(guard, run, BLOCKED, "evil/widget", before)
        told = "".join(run.err.split())  # the path is longer than a line
        assert str(path) in told
        assert "damaged" in told
        assert path.with_name(f"{path.name}.damaged").read_bytes() == b"{"
        assert history(guard) == []
        assert_version(guard, guard.run("install", "widget<1.1"), "1.0")
        assert history(guard) == [path]

    def test_a_history_that_is_lost_where_the_index_knows_nothing_either_is_not_clean(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """The question is open, and says so."""
        releases.by(ACME, "1.0")
        assert_version(guard, guard.run("install", "widget"), "1.0")
        (path,) = history(guard)
        path.write_bytes(b"{")
        guard.configure('[on-unavailable]\nprovenance = "block"\n')
        before = elsewhere(guard)
        assert_refused(guard, guard.run("install", "widget"), UNVETTED, "damaged", before)

    def test_a_history_that_cannot_be_kept_lets_no_run_begin(
        self, releases: Releases, guard: Guarded
    ) -> None:
        """Root may write anywhere, so a file stands in the folder's place."""
        releases.by(ACME, "1.0")
        place = guard.home / ".local/share/trustguard/publishers"
        place.parent.mkdir(parents=True)
        place.touch()
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), 1, str(place), before)
