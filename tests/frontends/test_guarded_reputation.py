"""Owners, silence and dependents, in real installations: what has changed is asked about or told, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import NEEDS_APPROVAL, assert_done, assert_refused
from tests.lab.artifacts import build_wheel
from tests.lab.attest import attested
from tests.lab.deps_dev import LabDepsDev
from tests.lab.faults import Hang, Slow, Status, Until
from tests.lab.forge import LabForge
from tests.lab.guard import Ended, Guarded
from tests.lab.identity import Identity
from tests.lab.index import LabIndex
from tests.lab.legacy_json import ownership
from tests.lab.sigstore import PrivateSigstore

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)
JSON = ("--format", "json")
CHECK = "reputation"
API = "/pypi/widget/json"


@pytest.fixture
def guard(guarded: MakeGuarded) -> Guarded:
    """The program, without a cooldown: what is new is newer than what was seen before."""
    made = guarded()
    made.configure('[checks.release-age]\ncooldown = "0 s"\n')
    return made


def release(index: LabIndex, version: str, *owners: str, requires: tuple[str, ...] = ()) -> None:
    """Upload a release of ``widget`` now, which these people own."""
    artifact = build_wheel("widget", version, requires=requires)
    index.add(artifact, upload_time=datetime.now(timezone.utc))
    index.project("widget").ownership = ownership(*owners)


def found(run: Ended) -> list[tuple[str, str]]:
    """The severities and actions of what the check has found, in all packages of a report."""
    findings = [f for p in run.json["packages"] for f in p["findings"] if f["check"] == CHECK]
    return [(finding["severity"], finding["action"]) for finding in findings]


def history(guard: Guarded) -> list[Path]:
    """The files that hold who owned what."""
    folder = guard.home / ".local/share/trustguard/owners"
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


class TestOwners:
    """Whoever may upload a project is remembered from one installation to the next."""

    def test_unchanged_are_quiet_and_replaced_are_asked_about(self, index: LabIndex, guard: Guarded) -> None:
        """The first installation has nothing to compare."""
        release(index, "1.0", "ann")
        first = guard.run("install", "widget", options=JSON)
        assert_done(guard, first, "widget")
        release(index, "1.1", "ann")
        again = guard.run("install", "--upgrade", "widget", options=JSON)
        assert_done(guard, again, "widget")
        assert (found(first), found(again)) == ([], [])
        (package,) = again.json["packages"]
        assert CHECK in package["coverage"]["checked"]
        release(index, "1.2", "eve")
        before = guard.environment.files()
        run = guard.run("install", "--upgrade", "widget")
        assert_refused(guard, run, NEEDS_APPROVAL, "widget", before)
        assert "user eve" in run.err
        (path,) = history(guard)
        assert b"eve" not in path.read_bytes()

    def test_a_new_one_beside_the_old_is_told_once(self, index: LabIndex, guard: Guarded) -> None:
        """Then he is known."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        for version, expected in (("1.1", [("low", "warn")]), ("1.2", [])):
            release(index, version, "ann", "bob")
            run = guard.run("install", "--upgrade", "widget", options=JSON)
            assert_done(guard, run, "widget")
            assert found(run) == expected

    def test_a_takeover_in_two_steps_is_asked_about(self, index: LabIndex, guard: Guarded) -> None:
        """Somebody new comes, and soon he is alone."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        release(index, "1.1", "ann", "eve")
        assert guard.run("install", "--upgrade", "widget").code == 0
        release(index, "1.2", "eve")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "-U", "widget"), NEEDS_APPROVAL, "user eve", before)

    def test_an_old_file_is_installed_whoever_owns_its_project_and_makes_nobody_known(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """He had nothing to do with it; what he uploads is asked about all the same."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        index.project("widget").ownership = ownership("eve")
        old = guard.run("install", "--force-reinstall", "widget", options=JSON)
        assert_done(guard, old, "widget")
        assert found(old) == [("info", "off")]
        release(index, "1.1", "eve")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "-U", "widget"), NEEDS_APPROVAL, "user eve", before)

    def test_who_was_let_in_by_an_exception_is_known_from_then_on(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """The next release needs none."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        release(index, "1.1", "eve")
        guard.configure(
            f'[[allow]]\nproject = "widget"\nversion = "==1.1"\nchecks = ["{CHECK}"]\nreason = "told"\n'
        )
        assert_done(guard, guard.run("install", "-U", "widget"), "widget")
        release(index, "1.2", "eve")
        run = guard.run("install", "-U", "widget", options=JSON)
        assert_done(guard, run, "widget")
        assert found(run) == []

    def test_an_api_that_is_down_is_told_where_something_is_known_and_is_never_clean(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """In the first installation there is nothing that its answer would change."""
        release(index, "1.0", "ann")
        index.fault(API, Status(403, times=1))
        first = guard.run("install", "widget", options=JSON)
        assert_done(guard, first, "widget")
        assert first.json["unavailable"] == []
        assert history(guard) == []
        assert guard.run("install", "--force-reinstall", "widget").code == 0
        release(index, "1.1", "eve")
        index.fault(API, Status(403))
        run = guard.run("check", "widget", options=JSON)
        (outage,) = run.json["unavailable"]
        assert (outage["source"], outage["checks"]) == ("project-api", [CHECK])
        guard.configure('[on-unavailable]\nproject-api = "ask"\n')
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "-U", "widget"), NEEDS_APPROVAL, CHECK, before)

    def test_an_installation_waits_for_nobody_and_says_so(self, index: LabIndex, guard: Guarded) -> None:
        """An API that never answers would hold it up for ten seconds otherwise."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        release(index, "1.1", "ann")
        index.fault(API, Hang())
        run = guard.run("install", "-U", "widget", options=JSON)
        assert_done(guard, run, "widget")
        (outage,) = run.json["unavailable"]
        assert "had not said in time who owns widget" in outage["reason"]

    def test_an_installation_waits_where_the_policy_would_not_let_it_pass_otherwise(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """What comes late is as good as what comes at once."""
        guard.configure('[on-unavailable]\nproject-api = "block"\n')
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        release(index, "1.1", "ann", "bob")
        index.fault(API, Slow(total=1.0))
        run = guard.run("install", "widget==1.1", options=JSON)
        assert_done(guard, run, "widget")
        assert run.json["unavailable"] == []
        assert found(run) == [("low", "warn")]

    def test_an_installation_looks_up_what_was_named_and_a_check_everything(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """One request for each."""
        release(index, "1.0", "ann", requires=("gadget",))
        index.add(build_wheel("gadget", "1.0"))
        index.forget()
        assert_done(guard, guard.run("install", "Widget"), "widget", "gadget")
        assert [path for path in index.paths() if path.startswith("/pypi/")] == [API]
        index.forget()
        assert guard.run("check", "widget").code == 0
        asked = [path for path in index.paths() if path.startswith("/pypi/")]
        assert sorted(asked) == ["/pypi/gadget/json", API]

    def test_a_resolution_goes_on_while_it_is_asked_who_owns_what(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """Who owns a project is said once its dependency is looked for, though the index has no metadata."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        newer = build_wheel("widget", "1.1", requires=["gadget"])
        index.add(newer, upload_time=datetime.now(timezone.utc), core_metadata=False)
        index.add(build_wheel("gadget", "1.0"))
        index.fault(API, Until(lambda: "/simple/gadget/" in index.paths()))
        run = guard.run("check", "widget", options=JSON)
        assert run.code == 0, run
        assert run.json["unavailable"] == []

    def test_a_private_index_is_asked_nothing_and_a_check_remembers_nobody(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """Nor does a dry run: nothing was let in."""
        release(index, "1.0", "ann")
        assert guard.run("check", "widget").code == 0
        assert guard.run("install", "--dry-run", "widget").code == 0
        assert history(guard) == []
        guard.configure(f'[[index]]\nurl = "{index.url}"\ntrust = "private"\n')
        index.forget()
        assert_done(guard, guard.run("install", "widget"), "widget")
        assert API not in index.paths()

    def test_a_damaged_history_is_told_and_is_no_clean_bill(self, index: LabIndex, guard: Guarded) -> None:
        """It is set aside, and the next installation begins a new one."""
        release(index, "1.0", "ann")
        assert guard.run("install", "widget").code == 0
        (path,) = history(guard)
        path.write_bytes(b"{")
        release(index, "1.1", "eve")
        guard.configure('[on-unavailable]\nproject-api = "ask"\n')
        before = guard.environment.files()
        run = guard.run("install", "-U", "widget")
        assert_refused(guard, run, NEEDS_APPROVAL, "who owned the project before is not remembered", before)


class TestRhythm:
    """A long silence, then a release."""

    def test_is_told_by_the_listing_alone_and_a_second_upload_does_not_hide_it(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """Three years without a file, then two in two days."""
        for version, age in (("1.0", 3 * 365 + 6), ("2.0", 6), ("2.1", 5)):
            index.add(build_wheel("widget", version), upload_time=NOW - age * DAY)
        run = guard.run("install", "widget", options=JSON)
        assert_done(guard, run, "widget")
        assert found(run) == [("medium", "warn")]
        (package,) = run.json["packages"]
        assert package["version"] == "2.1"
        assert "had been silent for 3 years" in json.dumps(package)

    def test_is_a_remark_where_the_publisher_is_proven_to_be_the_one_before(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """The release before the silence is attested, and so is this one."""
        sigstore = PrivateSigstore()
        guard.trust_root.write_bytes(sigstore.trusted_root)
        for version, age in (("1.0", 1000), ("2.0", 5)):
            at = NOW - age * DAY
            attested(index, build_wheel("widget", version), sigstore, Identity.github(), upload_time=at)
        run = guard.run("install", "widget", options=JSON)
        assert_done(guard, run, "widget")
        assert found(run) == [("info", "off")]


def test_a_project_that_calls_itself_inactive_is_told(index: LabIndex, guard: Guarded) -> None:
    lines = ["Classifier: Programming Language :: Python", "Classifier: Development Status :: 7 - Inactive"]
    index.add(build_wheel("widget", "1.0", extra_metadata=lines))
    run = guard.run("install", "widget")
    assert_done(guard, run, "widget")
    assert "widget calls itself inactive" in " ".join(run.err.split())


class TestDependents:
    """Who counts dependents is asked for checks, where he is named, and a day's answer is kept."""

    @pytest.fixture
    def service(self, index: LabIndex) -> Iterator[LabDepsDev]:
        """A service that has counted ``widget``, which is on the index."""
        index.add(build_wheel("widget", "1.0"))
        with LabDepsDev() as running:
            running.count("widget", direct=3, indirect=40)
            yield running

    @staticmethod
    def asking(service: LabDepsDev) -> list[str]:
        """The options by which it is asked."""
        return [*JSON, "--set", f'sources.dependents="{service.url}"']

    def test_are_asked_for_by_a_check_once_a_day_and_by_an_installation_never(
        self, guard: Guarded, service: LabDepsDev
    ) -> None:
        """Nor are they where nobody is named."""
        assert guard.run("check", "widget").code == 0
        assert guard.run("install", "widget", options=self.asking(service)).code == 0
        assert service.paths() == []
        for _ in range(2):
            run = guard.run("check", "widget", options=self.asking(service))
            assert run.code == 0, run
        assert len(service.paths()) == 2

    @pytest.mark.parametrize("broken", [True, False])
    def test_that_cannot_be_had_or_are_those_of_another_are_told(
        self, guard: Guarded, service: LabDepsDev, broken: bool
    ) -> None:
        """An outage is no count; nor is the record of a project of the same name elsewhere."""
        if broken:
            service.fault("*", Status(403))
        else:
            service.count("widget", direct=100_000, said={"system": "NPM"})
        run = guard.run("check", "widget", options=self.asking(service))
        assert run.code == 0, run
        (outage,) = run.json["unavailable"]
        assert (outage["source"], outage["checks"]) == ("dependents", [CHECK])


def test_the_tags_of_a_proven_repository_are_asked_for_by_a_check_and_by_an_installation_not(
    index: LabIndex, guard: Guarded
) -> None:
    """Of one that is only claimed nothing is asked: it could be anybody's."""
    sigstore = PrivateSigstore()
    guard.trust_root.write_bytes(sigstore.trusted_root)
    with LabForge() as forge:
        builder = Identity.circleci(vcs_origin=f"{forge.host}/acme/widget")
        url = forge.repository("acme/widget", tags=["v1.0"])
        claim = [f"Project-URL: Source, {url}"]
        attested(index, build_wheel("widget", "1.0", extra_metadata=claim), sigstore, builder)
        index.add(build_wheel("gadget", "1.0", extra_metadata=claim))
        options: Any = ["--set", f'sources.forges=["{forge.host}"]']
        assert_done(guard, guard.run("install", "widget", options=options), "widget")
        assert guard.run("check", "gadget", options=options).code == 0
        assert forge.paths() == []
        assert guard.run("check", "widget", options=options).code == 0
        assert forge.paths() == ["/acme/widget.git/info/refs"]
