"""What the rules say is what happens: ages, states, exceptions, curation, questions, each command's end."""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped,unused-ignore] # its types are a package of their own
import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import (
    BLOCKED,
    NEEDS_APPROVAL,
    UNVETTED,
    assert_done,
    assert_refused,
)
from tests.lab import hostile
from tests.lab.artifacts import build_wheel
from tests.lab.faults import Hang, Status, Truncate
from tests.lab.guard import Ended, Guarded
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.osv import osv_export, osv_record

SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "trustguard-1.json"
JSON = ("--format", "json")
CLOSED = "http://127.0.0.1:9/all.zip"
"""A port (discard) on which nobody listens."""
GOOD = build_wheel("good", "1.0")


def young() -> datetime:
    """An upload time well within the cooldown of three days."""
    return datetime.now(timezone.utc) - timedelta(hours=2)


def report(run: Ended) -> Any:
    """Standard output: one JSON document, of the form that is promised, and nothing besides."""
    document = json.loads(run.out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert document["exit_code"] == run.code
    return document


class TestReleaseAge:
    """The cooldown withholds what is too young, so that pip takes the release before."""

    def test_the_release_before_is_installed_and_it_is_said(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD)
        index.add(build_wheel("good", "2.0"), upload_time=young())
        run = guard.run("install", "good", options=JSON)
        assert_done(guard, run, "good")
        assert guard.environment.distributions() == {("good", "1.0")}
        told = report(run)
        assert [(w["project"], w["versions"]) for w in told["withheld"]] == [("good", ["2.0"])]
        assert [(p["project"], p["version"], p["installed"]) for p in told["packages"]] == [
            ("good", "1.0", True)
        ]
        assert "good-2.0-py3-none-any.whl" not in index.served_files()

    def test_with_nothing_older_it_is_blocked_and_exemptions_let_it_in(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        for name in ("acme-tool", "waived"):
            index.add(build_wheel(name, "1.0"), upload_time=young())
        before = guard.environment.files()
        run = guard.run("install", "acme-tool", options=JSON)
        assert_refused(guard, run, BLOCKED, "acme-tool", before)
        assert report(run)["verdict"] == "block"
        guard.configure(
            '[checks.release-age]\nexempt = ["acme-*"]\n'
            '[[allow]]\nproject = "waived"\nversion = "==1.0"\nchecks = ["release-age"]\nreason = "needed"\n'
        )
        assert_done(guard, guard.run("install", "acme-tool", "waived"), "acme-tool", "waived")

    def test_an_unknown_age_is_said_and_not_taken_for_old(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD, upload_time=None)
        before = guard.environment.files()
        strict = (*JSON, "--set", "on-unavailable.upload-times=block")
        run = guard.run("install", "good", options=strict)
        assert_refused(guard, run, UNVETTED, "good", before)
        run = guard.run("install", "good", options=JSON)
        assert_done(guard, run, "good")
        assert [outage["source"] for outage in report(run)["unavailable"]] == ["upload-times"]


class TestStatesAndAdvisories:
    """What the index and the advisories say of a release."""

    def test_a_quarantined_project_is_not_offered(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(hostile.legacy_sdist(markers, "evil-demo"))
        index.project("evil-demo").status = "quarantined"
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "evil-demo"), BLOCKED, "evil-demo", before, markers)

    def test_a_yanked_release_that_is_pinned_is_named_and_under_strict_asked_about(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD, yanked="it broke")
        before = guard.environment.files()
        run = guard.run("install", "good==1.0", options=("--profile", "strict"))
        assert_refused(guard, run, NEEDS_APPROVAL, "it broke", before)
        run = guard.run("install", "good==1.0")
        assert_done(guard, run, "good")
        assert "it broke" in run.err

    def test_a_vulnerable_release_is_named_with_its_fix_and_installed(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        events = [{"introduced": "0"}, {"fixed": "1.2"}]
        index.put_osv(osv_export([osv_record("PYSEC-2024-7", "good", ranges=[events])]))
        index.add(GOOD)
        run = guard.run("install", "good")
        assert_done(guard, run, "good")
        assert "PYSEC-2024-7" in run.err
        assert "1.2" in run.err

    def test_advisories_that_cannot_be_had_are_said_once(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add_all(GOOD, build_wheel("other", "1.0"))
        away = ("--set", f"sources.advisories={CLOSED}")
        before = guard.environment.files()
        blocked = (*away, "--set", "on-unavailable.advisories=block")
        assert_refused(guard, guard.run("install", "good", options=blocked), UNVETTED, "good", before)
        run = guard.run("install", "good", "other", options=away)
        assert_done(guard, run, "good", "other")
        assert run.err.count("known-malicious") == 1


class TestExceptionsAndDenials:
    """[[allow]], [[deny]] and curation."""

    def test_an_exception_holds_for_what_it_names_and_for_nothing_else(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add(hostile.pth_wheel(markers, "evil-demo"))
        before = guard.environment.files()
        today = datetime.now(timezone.utc).date()
        entries = [
            f'checks = ["known-malicious"]\nexpires = {today - timedelta(days=2)}',
            'checks = ["vulnerability"]',
            'checks = ["known-malicious"]\nversion = ">=2"',
            f'checks = ["known-malicious"]\nsha256 = ["{"0" * 64}"]',
            "",
        ]
        guard.configure(
            "".join(f'[[allow]]\nproject = "evil-demo"\nreason = "why"\n{entry}\n' for entry in entries)
        )
        run = guard.run("install", "evil-demo")
        guard.environment.run_python("pass")
        assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)

    def test_an_exception_by_version_digest_and_check_lets_it_in(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        wheel = build_wheel("evil-demo", "1.0")
        index.add(wheel)
        today = datetime.now(timezone.utc).date()
        guard.configure(
            f'[[allow]]\nproject = "evil-*"\nversion = "==1.0"\nsha256 = ["{wheel.sha256}"]\n'
            f'checks = ["known-malicious"]\nreason = "false report"\nexpires = {today + timedelta(days=2)}\n'
        )
        assert_done(guard, guard.run("install", "evil-demo"), "evil-demo")

    def test_no_exception_excuses_a_denial_and_its_reason_is_told(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(hostile.legacy_sdist(markers, "evil-demo"))
        guard.configure(
            'message = "Exceptions: #supply-chain"\n'
            '[[deny]]\nproject = "evil-*"\nreason = "incident 42"\n'
            '[[allow]]\nproject = "evil-demo"\nversion = "==1.0"\nreason = "please"\n'
        )
        before = guard.environment.files()
        run = guard.run("install", "evil-demo")
        assert_refused(guard, run, BLOCKED, "incident 42", before, markers)
        assert "#supply-chain" in run.err

    def test_curated_only_what_is_listed_gets_in_whatever_else_is_reachable(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        guard.configure(
            'unknown = "block"\n[[allow]]\nproject = "good"\nversion = "==1.0"\nreason = "reviewed"\n'
        )
        index.add_all(
            GOOD,
            build_wheel("good", "2.0", requires=["pth"]),
            build_wheel("carrier", "1.0", requires=["good"]),
            hostile.legacy_sdist(markers, "legacy"),
            hostile.in_tree_backend_sdist(markers, "in-tree"),
            hostile.pth_wheel(markers, "pth"),
            hostile.module_wheel(markers, "module"),
            hostile.fake_setuptools(markers),
        )
        away = ("--set", f"sources.advisories={CLOSED}")
        before = guard.environment.files()
        for name in ("legacy", "in-tree", "carrier", "good==2.0"):
            run = guard.run("install", name, options=away)
            assert_refused(guard, run, BLOCKED, name.partition("=")[0], before, markers)
        assert index.served_files() == set()
        assert_done(guard, guard.run("install", "good", options=away), "good")
        assert guard.environment.distributions() == {("good", "1.0")}


class TestConfiguration:
    """A configuration that is wrong, or says what it may not, stops everything."""

    def test_a_projects_file_cannot_loosen(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add(hostile.pth_wheel(markers, "evil-demo"))
        text = 'schema = 1\n\n[checks.known-malicious]\naction = "off"\n'
        (guard.work / "trustguard.toml").write_text(text)
        before = guard.environment.files()
        run = guard.run("install", "evil-demo")
        assert_refused(guard, run, 2, "trustguard.toml:4", before, markers)
        assert "checks.known-malicious.action" in run.err
        assert index.requests == []

    def test_a_file_that_is_named_and_not_there_stops_everything(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(GOOD)
        before = guard.environment.files()
        gone = str(guard.home / "gone.toml")
        run = guard.run("install", "good", TRUSTGUARD_CONFIG=gone)
        assert_refused(guard, run, 2, gone, before)

    def test_a_setting_on_the_command_line_that_nobody_knows_stops_everything(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        before = guard.environment.files()
        run = guard.run("install", "good", options=("--set", "checks.release-age.cooldwn=1 day"))
        assert_refused(guard, run, 2, "cooldwn", before)
        assert index.requests == []


def answered(guard: Guarded, answer: str, *args: str) -> tuple[int, str]:
    """Run the program on a pseudo-terminal and type an answer once it asks; returns exit code and screen."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        guard.command(*args), cwd=guard.work, env=guard.environ(), stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    screen, typed, ends = b"", False, time.monotonic() + 60
    while time.monotonic() < ends:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(master, 4096)
        except OSError:  # how Linux tells that nobody has the terminal open any more
            break
        screen += chunk
        if not chunk:
            break
        if not typed and b"[y/N]" in screen:
            os.write(master, answer.encode())
            typed = True
    code = process.wait(timeout=30)
    os.close(master)
    return code, screen.decode()


class TestQuestions:
    """Where there is a terminal, a person decides."""

    @pytest.fixture
    def asking(self, index: LabIndex, guarded: MakeGuarded) -> Guarded:
        """A curated installation that asks about what is not listed."""
        guard = guarded()
        guard.configure('unknown = "ask"\n')
        index.add(GOOD)
        return guard

    def test_yes_installs_and_the_ledger_knows_it(self, asking: Guarded) -> None:
        code, screen = answered(asking, "y\n", "install", "good")
        assert (code, asking.installed()) == (0, {"good"}), screen
        assert "good-1.0-py3-none-any.whl" in screen
        ledger = (asking.environment.purelib / "trustguard-ledger.tsv").read_text().splitlines()
        assert [line.split("\t")[:2] for line in ledger[1:]] == [["good", "1.0"]]

    def test_who_is_asked_is_told_what_there_is_instead_and_how_it_scores(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(build_wheel("pil", "1.0"))
        before = guard.environment.files()
        code, screen = answered(guard, "n\n", "install", "pil")
        asked = screen.partition("Install it? [y/N]")[0]
        assert " pil 1.0, score " in asked
        assert "instead: pillow (the popular project with the import name pil)" in asked
        assert (code, guard.environment.files()) == (NEEDS_APPROVAL, before), screen

    @pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"], ids=["no", "nothing", "end"])
    def test_anything_else_refuses(self, answer: str, asking: Guarded) -> None:
        before = asking.environment.files()
        code, screen = answered(asking, answer, "install", "good")
        assert code == NEEDS_APPROVAL, screen
        assert asking.environment.files() == before
        assert "Traceback" not in screen


class TestCheck:
    """``check`` tells the verdict and installs nothing."""

    def test_each_verdict_has_its_exit_code_and_nothing_is_installed(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add_all(build_wheel("carrier", "1.0", requires=["good"]), GOOD)
        index.add(hostile.legacy_sdist(markers, "evil-demo"))
        index.add(build_wheel("yanked", "1.0"), yanked="it broke")
        before = guard.environment.files()
        run = guard.run("check", "carrier", options=JSON)
        assert run.code == 0, run
        told = {(p["project"], p["verdict"], p["installed"]) for p in report(run)["packages"]}
        assert told == {("carrier", "allow", False), ("good", "allow", False)}
        run = guard.run("check", "evil-demo", options=JSON)
        assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)
        assert report(run)["verdict"] == "block"
        run = guard.run("check", "yanked==1.0", options=(*JSON, "--profile", "strict"))
        assert_refused(guard, run, NEEDS_APPROVAL, "yanked", before)
        assert report(run)["verdict"] == "ask"
        assert guard.environment.files() == before

    def test_a_table_names_every_package(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        index.add_all(build_wheel("carrier", "1.0", requires=["good"]), GOOD)
        run = guard.run("check", "carrier")
        assert run.code == 0, run
        assert "carrier" in run.out
        assert "good" in run.out
        assert guard.installed() == set()


class TestUpdate:
    """``update`` replaces the advisory data, or leaves it as it was and says why."""

    def test_a_broken_export_leaves_the_data_as_they_were(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add(hostile.legacy_sdist(markers, "evil-demo"))
        run = guard.run("update", options=JSON)
        assert (run.code, run.json["advisories"]["records"]) == (0, 2), run
        before = guard.environment.files()
        index.fault("/osv/*", Truncate(100, times=1))
        index.put_osv(b"PK\x03\x04 and nothing more")
        for spoil in (None, Status(404)):
            if spoil is not None:
                index.fault("/osv/*", spoil)
            run = guard.run("update", "--deadline", "10")
            assert run.code == UNVETTED, run
            assert "Traceback" not in run.err
            assert "/osv/all.zip" in run.err
        assert_refused(guard, guard.run("install", "evil-demo"), BLOCKED, "evil-demo", before, markers)

    def test_data_that_never_comes_while_pip_works_is_said_to_be_old(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        """A mirror that does not answer leaves no failure behind where a run is over before the deadline."""
        guard = guarded()
        index.add(build_wheel("good", "1.0"))
        assert guard.run("update").code == 0
        assert "advisory data" not in guard.run("check", "good").out
        index.fault("/osv/*", Hang())
        run = guard.run("check", "good", options=("--set", "sources.max-age=0.001 s"), COLUMNS="200")
        assert run.code == 0, run
        told = "the advisory data is 0 hours old, and had not come when this run ended: trustguard update"
        assert f"problem: {told}" in run.out


class TestOtherCommands:
    """What installs nothing is passed on to pip; what is wrong is said in a line."""

    def test_pip_commands_that_install_nothing_run_as_they_are(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add(GOOD)
        assert_done(guard, guard.run("pip", "install", "good"), "good")
        run = guard.run("pip", "list", "--format=freeze")
        assert (run.code, run.out.strip()) == (0, "good==1.0"), run
        run = guard.run("pip", "--version")
        assert (run.code, run.out.split()[0]) == (0, "pip"), run
        run = guard.run("pip", "config", "list")
        assert (run.code, index.url in run.out) == (0, True), run
        run = guard.run("pip", "uninstall", "-y", "good")
        assert run.code == 0, run
        assert guard.installed() == set()

    def test_pip_install_by_the_other_name_is_guarded(
        self, index: LabIndex, markers: Markers, guarded: MakeGuarded
    ) -> None:
        guard = guarded(malware=["evil-demo"])
        index.add(hostile.legacy_sdist(markers, "evil-demo"))
        before = guard.environment.files()
        run = guard.run("pip", "--disable-pip-version-check", "install", "evil-demo")
        assert_refused(guard, run, BLOCKED, "evil-demo", before, markers)

    @pytest.mark.parametrize(
        ("words", "code", "told"),
        [
            (["instal", "good"], 2, "instal"),
            (["pip", "instal"], 2, "instal"),
            (["install"], 1, "requirement"),
            (["install", "--no-such-option"], 2, "no-such-option"),
            (["install", "-r", "not-there.txt"], 2, "not-there.txt"),
            (["install", "--help"], 0, "--requirement"),
            (["--help"], 0, "install"),
            (["check"], 2, "requirement"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, list) else "",
    )
    def test_what_is_wrong_is_said(
        self, words: list[str], code: int, told: str, guarded: MakeGuarded
    ) -> None:
        run = guarded().run(*words)
        assert run.code == code, run
        assert told in run.out + run.err
        assert "Traceback" not in run.err

    def test_doctor_says_what_it_sees_and_no_secret(self, index: LabIndex, guarded: MakeGuarded) -> None:
        guard = guarded()
        secret = index.url.replace("://", "://somebody:s3cret@")
        run = guard.run("doctor", PIP_INDEX_URL=secret)
        assert run.code == 0, run
        assert "s3cret" not in run.out + run.err
        for seen in (str(guard.environment.python), "/simple/", str(guard.config), "balanced"):
            assert seen in run.out
        run = guard.run("doctor", options=JSON)
        assert (run.code, run.json["command"]) == (0, "doctor")

    def test_where_pip_fails_standard_output_is_still_json(
        self, index: LabIndex, guarded: MakeGuarded
    ) -> None:
        guard = guarded()
        index.add(build_wheel("carrier", "1.0", requires=["not-there"]))
        run = guard.run("install", "carrier", options=JSON)
        assert report(run)["exit_code"] == 1
        assert guard.installed() == set()
