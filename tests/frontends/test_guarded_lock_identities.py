"""Lock files say who has published (PEP 751): ``lock`` writes what is proven, and an installation demands it.

The lab's own Sigstore signs; ``widget`` is built by ``Acme/Widget``.
"""

# ruff: noqa: D102 - the name of a test is the promise it keeps

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pip._internal.utils.compat import tomllib

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, UNVETTED, assert_done, assert_refused
from tests.frontends.judge import plain_pip
from tests.lab.artifacts import build_wheel
from tests.lab.attest import attested, provenance, put_provenance
from tests.lab.faults import Status
from tests.lab.guard import Ended, Guarded
from tests.lab.identity import Identity
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.sigstore import Flaw, PrivateSigstore

ACME = Identity.github("Acme/Widget")
WIDGET = build_wheel("widget", "1.0")
STATED = {"kind": "GitHub", "repository": "Acme/Widget", "workflow": "release.yml"}
OLD_LOCK = "# written before\n"


@pytest.fixture(scope="module")
def sigstore() -> PrivateSigstore:
    """What signs."""
    return PrivateSigstore()


@pytest.fixture
def guard(guarded: MakeGuarded, sigstore: PrivateSigstore) -> Guarded:
    """The program, which believes that Sigstore."""
    made = guarded()
    made.trust_root.write_bytes(sigstore.trusted_root)
    return made


def locked(guard: Guarded, *names: str) -> Path:
    """Have the program write a lock file."""
    run = guard.run("lock", *names)
    assert run.code == 0, run
    assert "Traceback" not in run.err
    return guard.work / "pylock.toml"


def identities(lock: Path) -> dict[str, Any]:
    """What a lock file says of each project's publishers; None where it says nothing."""
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {package["name"]: package.get("attestation-identities") for package in packages}


def plain_lock(guard: Guarded, *names: str) -> bytes:
    """What pip writes without the guard."""
    done = plain_pip(guard, "lock", "--quiet", "-o", "pylock.plain.toml", *names)
    assert done.code == 0, done
    return (guard.work / "pylock.plain.toml").read_bytes()


def assert_not_locked(guard: Guarded, run: Ended, code: int, *told: str) -> None:
    """The lock file that was there is there still, and nothing else."""
    assert run.code == code, run
    assert "Traceback" not in run.out + run.err
    for text in told:
        assert text in " ".join(run.err.split()), run
    assert {path.name: path.read_text() for path in guard.work.iterdir()} == {"pylock.toml": OLD_LOCK}


class TestWritten:
    """What ``lock`` says of publishers is what their certificates say."""

    @pytest.mark.parametrize(
        ("identity", "expected"),
        [
            (ACME, STATED),
            (
                Identity.gitlab("group/Part/widget"),
                {"kind": "GitLab", "repository": "group/Part/widget", "workflow_filepath": ".gitlab-ci.yml"},
            ),
            (Identity.google(), {"kind": "Google", "email": "release@widget.example"}),
            (
                Identity.circleci(),
                {
                    "kind": "CircleCI",
                    "project_id": "11111111-1111-4111-8111-111111111111",
                    "pipeline_definition_id": "22222222-2222-4222-8222-222222222222",
                },
            ),
        ],
        ids=lambda value: value.publisher["kind"] if isinstance(value, Identity) else "",
    )
    def test_each_kind_is_stated_with_its_keys_and_installs(
        self,
        identity: Identity,
        expected: dict[str, str],
        index: LabIndex,
        guard: Guarded,
        sigstore: PrivateSigstore,
    ) -> None:
        attested(index, WIDGET, sigstore, identity)
        assert identities(locked(guard, "widget")) == {"widget": [expected]}
        assert_done(guard, guard.run("install", "-r", "pylock.toml"), "widget")

    def test_the_rest_is_what_pip_writes_to_the_byte(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """Without anything attested, to files and to standard output; and with it, but for that."""
        index.add(build_wheel("plain", "1.0", requires=["leaf"]))
        index.add(build_in_tree_sdist("leaf", "1.0"))
        plain = plain_lock(guard, "plain")
        index.forget()
        assert locked(guard, "plain").read_bytes() == plain
        assert not [path for path in index.paths() if "provenance" in path]
        assert guard.run("lock", "--quiet", "--output=-", "plain").out.encode() == plain
        odd = guard.run("lock", "--quiet", "--output=odd.toml", "plain")
        assert "odd.toml is not a valid lock file name" in odd.err
        assert "trustguard-" not in odd.err
        assert (guard.work / "odd.toml").read_bytes() == plain
        attested(index, WIDGET, sigstore, ACME)
        plain = plain_lock(guard, "plain", "widget")
        written = locked(guard, "plain", "widget").read_bytes()
        start = written.index(b"attestation-identities")
        end = written.index(b"]\n", start) + 2
        assert written[:start] + written[end:] == plain
        assert {path.name for path in guard.work.iterdir()} == {
            "pylock.toml",
            "pylock.plain.toml",
            "odd.toml",
        }

    def test_the_repository_is_the_certificates_and_not_what_the_index_makes_of_it(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        document = provenance(
            (
                {**ACME.publisher, "repository": "ACME/WIDGET", "environment": "release"},
                [sigstore.attest(WIDGET.filename, WIDGET.sha256, ACME)],
            )
        )
        index.add(WIDGET, provenance=put_provenance(index, WIDGET.filename, document))
        assert identities(locked(guard, "widget")) == {"widget": [STATED]}

    def test_a_file_that_is_not_proven_to_be_anybodys_is_locked_without_a_publisher(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """No attestation, an object that holds none, one that cannot be judged, and one that is not there."""
        index.add(build_wheel("none", "1.0"))
        later = {"publisher": {"kind": "Later"}, "attestations": []}
        attestation = sigstore.attest("later-1.0-py3-none-any.whl", "0" * 64, ACME)
        for name, document in (
            ("empty", provenance()),
            ("later", provenance((later["publisher"], [attestation]))),  # type: ignore[arg-type]
            ("away", provenance()),
        ):
            artifact = build_wheel(name, "1.0")
            index.add(artifact, provenance=put_provenance(index, artifact.filename, document))
        index.fault("/raw/away-*", Status(503))
        run = guard.run("lock", "--retries", "0", "none", "empty", "later", "away")
        assert run.code == 0, run
        assert set(identities(guard.work / "pylock.toml").values()) == {None}
        told = " ".join(run.err.split())
        for name in ("empty", "later", "away"):
            assert f"{name}-1.0-py3-none-any.whl: no publisher of it is locked: " in told
        assert "none-1.0-py3-none-any.whl" not in told

    def test_what_was_fetched_to_be_built_is_stated_as_well(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        attested(index, build_in_tree_sdist("widget", "1.0"), sigstore, ACME)
        assert identities(locked(guard, "widget")) == {"widget": [STATED]}

    @pytest.mark.parametrize("metadata", [True, False])
    @pytest.mark.parametrize("flaw", [Flaw.FLIPPED_SIGNATURE, Flaw.OTHER_AUTHORITY])
    def test_what_does_not_verify_is_refused_and_nothing_is_written(
        self, flaw: Flaw, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, *, metadata: bool
    ) -> None:
        attested(index, WIDGET, sigstore, ACME, flaw=flaw, core_metadata=metadata)
        (guard.work / "pylock.toml").write_text(OLD_LOCK)
        told = "widget-1.0-py3-none-any.whl: its provenance is not valid"
        assert_not_locked(guard, guard.run("lock", "widget"), BLOCKED, told)
        assert_not_locked(guard, guard.run("lock", "--output=-", "widget"), BLOCKED, told)

    def test_who_is_not_the_pinned_publisher_is_not_locked(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        attested(index, WIDGET, sigstore, ACME)
        pin = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "{}"\n'
        config = guard.config.read_text(encoding="utf-8")
        guard.config.write_text(config + pin.format("evil/widget"), encoding="utf-8")
        (guard.work / "pylock.toml").write_text(OLD_LOCK)
        assert_not_locked(guard, guard.run("lock", "widget"), BLOCKED, "is not by the pinned publisher")
        guard.config.write_text(config + pin.format("acme/widget"), encoding="utf-8")
        assert identities(locked(guard, "widget")) == {"widget": [STATED]}

    def test_of_a_pinned_project_what_cannot_be_verified_is_not_locked(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        attested(index, WIDGET, sigstore, ACME)
        index.fault("/raw/widget-*", Status(503))
        pin = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "acme/widget"\n'
        guard.config.write_text(guard.config.read_text(encoding="utf-8") + pin, encoding="utf-8")
        (guard.work / "pylock.toml").write_text(OLD_LOCK)
        assert_not_locked(guard, guard.run("lock", "--retries", "0", "widget"), UNVETTED, "503")


def rewritten(guard: Guarded, change: Callable[[str], str]) -> None:
    """Change the lock file."""
    lock = guard.work / "pylock.toml"
    before = lock.read_text(encoding="utf-8")
    lock.write_text(change(before), encoding="utf-8")
    assert lock.read_text(encoding="utf-8") != before


class TestRead:
    """What a lock file says of publishers is demanded of what it names, beside the configuration's pins."""

    @pytest.fixture(autouse=True)
    def _locked(self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore) -> None:
        attested(index, WIDGET, sigstore, ACME)
        index.add(build_wheel("plain", "1.0"))
        locked(guard, "widget", "plain")

    @pytest.mark.parametrize("command", [("install",), ("download", "-d", "files")])
    def test_another_repository_than_the_locked_one_is_refused(
        self, command: tuple[str, ...], guard: Guarded
    ) -> None:
        rewritten(guard, lambda text: text.replace("Acme/Widget", "evil/widget"))
        before = guard.environment.files()
        run = guard.run(*command, "-r", "pylock.toml")
        assert_refused(guard, run, BLOCKED, "widget-1.0-py3-none-any.whl is not by the pinned", before)
        assert not list(guard.work.glob("files/*"))

    def test_another_workflow_is_refused_and_an_alternative_that_fits_is_enough(self, guard: Guarded) -> None:
        before = guard.environment.files()
        rewritten(guard, lambda text: text.replace("release.yml", "other.yml"))
        assert_refused(guard, guard.run("install", "-r", "pylock.toml"), BLOCKED, "other.yml", before)
        fitting = '{ kind = "GitHub", repository = "acme/widget", environment = "release-pypi" },\n'
        rewritten(guard, lambda text: text.replace("    { kind", f"    {fitting}    {{ kind"))
        assert_done(guard, guard.run("install", "-r", "pylock.toml"), "widget", "plain")

    @pytest.mark.parametrize("listed", [True, False])
    def test_an_attestation_that_is_gone_is_missed(
        self, listed: bool, index: LabIndex, guard: Guarded
    ) -> None:
        """Gone from the index's page, or gone with the page, while the file is where the lock says."""
        rewritten(guard, lambda text: text.replace("/files/", "/raw/"))
        for artifact in (WIDGET, build_wheel("plain", "1.0")):
            index.put(artifact.filename, artifact.content)
        index.project("widget").files.clear()
        if listed:
            index.add(WIDGET)
        before = guard.environment.files()
        run = guard.run("install", "-r", "pylock.toml")
        assert_refused(guard, run, BLOCKED, "widget-1.0-py3-none-any.whl has no attestation", before)

    def test_an_answer_that_is_kept_away_gets_nobody_past(self, index: LabIndex, guard: Guarded) -> None:
        index.fault("/raw/widget-*", Status(503))
        before = guard.environment.files()
        run = guard.run("install", "--retries", "0", "-r", "pylock.toml")
        assert_refused(guard, run, UNVETTED, "widget", before)

    def test_a_lock_without_identities_installs_without_and_with_an_attestation(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        (guard.work / "pylock.toml").write_bytes(plain_lock(guard, "widget", "plain"))
        index.project("widget").files.clear()
        index.add(WIDGET)
        assert_done(guard, guard.run("install", "-r", "pylock.toml"), "widget", "plain")
        index.project("widget").files.clear()
        attested(index, WIDGET, sigstore, ACME)
        run = guard.run("install", "--force-reinstall", "-r", "pylock.toml")
        assert_done(guard, run, "widget", "plain")

    def test_neither_the_lock_nor_the_configuration_stands_in_for_the_other(self, guard: Guarded) -> None:
        pin = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "evil/widget"\n'
        config = guard.config.read_text(encoding="utf-8")
        guard.config.write_text(config + pin, encoding="utf-8")
        before = guard.environment.files()
        run = guard.run("install", "-r", "pylock.toml")
        assert_refused(guard, run, BLOCKED, "github.com/evil/widget", before)
        guard.config.write_text(config + pin.replace("evil", "acme"), encoding="utf-8")
        assert_done(guard, guard.run("install", "-r", "pylock.toml"), "widget", "plain")

    def test_a_kind_that_is_not_known_is_told_and_not_compared(self, guard: Guarded) -> None:
        rewritten(guard, lambda text: text.replace('kind = "GitHub"', 'kind = "X"'))
        run = guard.run("install", "-r", "pylock.toml")
        assert_done(guard, run, "widget", "plain")
        line = "pylock.toml: packages[1].attestation-identities[0]: kind 'X' is not known, and not compared"
        assert line in " ".join(run.err.split())

    @pytest.mark.parametrize(
        ("identity", "told"), [('"GitHub"', "not a table"), ('{ repository = "a/b" }', "has no kind")]
    )
    def test_what_nobody_can_read_is_a_mistake_in_the_file(
        self, identity: str, told: str, guard: Guarded
    ) -> None:
        text = f"attestation-identities = [{identity}]\nversion"
        rewritten(guard, lambda lock: lock.split("attestation", 1)[0].replace("version", text))
        rewritten(guard, lambda lock: lock.replace(text, "lock-version", 1).replace("lock-lock-", "lock-"))
        before = guard.environment.files()
        run = guard.run("install", "-r", "pylock.toml")
        assert_refused(guard, run, 2, told, before)
        assert "pylock.toml: packages[0].attestation-identities[0]" in " ".join(run.err.split())
