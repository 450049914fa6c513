"""Attestations, in a real installation: what they prove is believed, and what they should prove is demanded.

The lab's own Sigstore signs; ``widget`` is built by ``acme/widget``, and whoever attacks can change what the
index serves.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import MakeGuarded
from tests.frontends.attack import BLOCKED, NEEDS_APPROVAL, UNVETTED, assert_done, assert_refused, saved
from tests.lab import hostile
from tests.lab.artifacts import Artifact, build_sdist, build_wheel
from tests.lab.attest import attested, provenance, put_provenance
from tests.lab.environment import VirtualEnvironment
from tests.lab.faults import Fault, Hang, HugeBody, RedirectLoop, Reset, Status, deep_json
from tests.lab.guard import Guarded
from tests.lab.identity import Identity
from tests.lab.in_tree import build_in_tree_sdist
from tests.lab.index import LabIndex
from tests.lab.markers import Markers
from tests.lab.sigstore import Flaw, PrivateSigstore

ACME = Identity.github()
WIDGET = build_wheel("widget", "1.0")
QUICK = ("--timeout", "1", "--retries", "0")
"""pip's own options, by which nobody waits long for what does not answer."""
JSON = ("--format", "json")


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


def add(index: LabIndex, artifact: Artifact, document: bytes) -> None:
    """Put a file on the index, with this as its provenance."""
    index.add(artifact, provenance=put_provenance(index, artifact.filename, document))


def document_of(artifact: Artifact) -> str:
    """The path of a file's provenance."""
    return f"/raw/{artifact.filename}.provenance"


def findings(run_json: dict[str, object], check: str = "provenance") -> list[str]:
    """What a check has found, in all packages of a report."""
    packages = run_json["packages"]
    assert isinstance(packages, list)
    return [f["message"] for p in packages for f in p["findings"] if f["check"] == check]


class TestAttested:
    """What verifies is installed without a word, and is verified once."""

    def test_is_installed_without_a_finding_and_not_verified_twice(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """Where nothing is left to verify, the libraries that verify are not even loaded."""
        attested(index, WIDGET, sigstore, ACME)
        command = ("install", "--force-reinstall", "widget")
        runs = [guard.run(*command, options=JSON, PYTHONPROFILEIMPORTTIME="1") for _ in range(2)]
        for run in runs:
            assert_done(guard, run, "widget")
            (package,) = run.json["packages"]
            assert package["findings"] == []
            assert {"provenance", "starjacking"} <= set(package["coverage"]["checked"])
            assert run.json["unavailable"] == []
            assert "trustguard.sources" in run.err
        assert ["sigstore.verify" in run.err for run in runs] == [True, False]

    def test_nothing_is_loaded_or_said_where_nobody_attests_anything(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """An index that speaks PEP 740, a file without an attestation, and an object that holds none."""
        index.add(WIDGET)
        add(index, build_wheel("gadget", "1.0"), provenance())
        run = guard.run("install", "widget", "gadget", PYTHONPROFILEIMPORTTIME="1")
        assert_done(guard, run, "widget", "gadget")
        told = [line for line in run.err.splitlines() if not line.startswith("import time:")]
        assert not [line for line in told if "provenance" in line or "attest" in line]
        assert "sigstore.verify" not in run.err

    def test_of_a_private_index_nothing_is_expected(self, index: LabIndex, guard: Guarded) -> None:
        """Nothing is said of what it does not have, and nothing is asked of it."""
        index.add(WIDGET)
        index.project("widget").attesting = False
        guard.configure(f'[[index]]\nurl = "{index.url}"\ntrust = "private"\n')
        index.forget()
        run = guard.run("install", "widget")
        assert_done(guard, run, "widget")
        assert "provenance" not in run.err
        assert not [path for path in index.paths() if "provenance" in path or "integrity" in path]


class TestIntegrityApi:
    """An index may have provenance where PEP 740 puts it, and say nothing of it on its pages."""

    @pytest.fixture
    def mute(self, index: LabIndex, guard: Guarded) -> Guarded:
        """The program, told of such an index, with two projects on it."""
        index.add_all(WIDGET, build_wheel("gadget", "1.0"))
        for name in ("widget", "gadget"):
            index.project(name).attesting = False
        guard.configure(f'[[index]]\nurl = "{index.url}"\nintegrity = true\n')
        return guard

    def test_what_verifies_there_counts_and_what_is_not_there_is_absent(
        self, index: LabIndex, mute: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """Neither is a word said of the project that has none, nor is it clean where one is required."""
        document = provenance((ACME.publisher, [sigstore.attest(WIDGET.filename, WIDGET.sha256, ACME)]))
        index.put_integrity(WIDGET, document)
        mute.configure('[checks.provenance]\nrequired = ["widget"]\n')
        run = mute.run("install", "widget", "gadget", options=JSON)
        assert_done(mute, run, "widget", "gadget")
        assert run.json["unavailable"] == []
        mute.configure('[[publisher]]\nproject = "gadget"\nkind = "GitHub"\nrepository = "acme/gadget"\n')
        before = mute.environment.files()
        again = mute.run("install", "--force-reinstall", "gadget")
        assert_refused(mute, again, BLOCKED, "gadget", before)

    def test_what_does_not_verify_there_is_refused_and_an_outage_is_said(
        self, index: LabIndex, mute: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """As with documents that pages link to."""
        index.put_integrity(WIDGET, replayed(build_wheel("gadget", "1.0"))(sigstore))
        before = mute.environment.files()
        assert_refused(mute, mute.run("install", "widget"), BLOCKED, "widget", before)
        index.fault("/integrity/gadget/*", Status(403))
        run = mute.run("install", "gadget")
        assert_done(mute, run, "gadget")
        assert "provenance of gadget-1.0-py3-none-any.whl" in run.err


def replayed(of: Artifact) -> Callable[[PrivateSigstore], bytes]:
    """A document whose attestation is a valid one, of another file."""
    return lambda sigstore: provenance((ACME.publisher, [sigstore.attest(of.filename, of.sha256, ACME)]))


def signed(flaw: Flaw | None = None, **signing: object) -> Callable[[PrivateSigstore], bytes]:
    """A document with an attestation of the file that is not as it should be."""
    name, digest = WIDGET.filename, WIDGET.sha256
    return lambda sigstore: provenance(
        (ACME.publisher, [sigstore.attest(name, digest, ACME, flaw=flaw, **signing)])
    )


def said_to_be(**publisher: str) -> Callable[[PrivateSigstore], bytes]:
    """A valid attestation beside a publisher object that states something else."""
    name, digest = WIDGET.filename, WIDGET.sha256
    return lambda s: provenance(({**ACME.publisher, **publisher}, [s.attest(name, digest, ACME)]))


def one_good_one_bad(sigstore: PrivateSigstore) -> bytes:
    """A valid attestation does not speak for another one beside it."""
    good = sigstore.attest(WIDGET.filename, WIDGET.sha256, ACME)
    bad = sigstore.attest(WIDGET.filename, "0" * 64, ACME)
    return provenance((ACME.publisher, [good]), (ACME.publisher, [bad]))


FORGED: dict[str, Callable[[PrivateSigstore], bytes]] = {
    "flipped signature": signed(Flaw.FLIPPED_SIGNATURE),
    "another authority": signed(Flaw.OTHER_AUTHORITY),
    "no timestamp of the certificate log": signed(Flaw.NO_SCT),
    "another file of the release": replayed(build_sdist("widget", "1.0")),
    "another project": replayed(build_wheel("gadget", "1.0")),
    "another version": replayed(build_wheel("widget", "2.0")),
    "two subjects": signed(
        subjects=[(WIDGET.filename, WIDGET.sha256), ("gadget-1.0-py3-none-any.whl", "1" * 64)]
    ),
    "other digest": signed(subjects=[(WIDGET.filename, "0" * 64)]),
    "other repository stated": said_to_be(repository="acme/gadget"),
    "one good, one bad": one_good_one_bad,
    "garbage": lambda _: b"<html>please log in</html>",
    "deep JSON": lambda _: deep_json(100_000).content,
}
"""Documents that prove nothing of the file beside which they are served."""


class TestForged:
    """What is stated and does not verify is refused, whatever the policy says of provenance in general."""

    @pytest.mark.parametrize("document", FORGED.values(), ids=FORGED)
    def test_is_refused(
        self,
        index: LabIndex,
        guard: Guarded,
        sigstore: PrivateSigstore,
        document: Callable[[PrivateSigstore], bytes],
    ) -> None:
        """Whatever else the file is: its bytes are those of the honest one."""
        add(index, WIDGET, document(sigstore))
        before = guard.environment.files()
        run = guard.run("install", "widget")
        assert_refused(guard, run, BLOCKED, WIDGET.filename, before)
        assert "provenance" in run.err

    def test_by_a_sigstore_that_is_not_the_configured_one_is_refused_and_called_so(
        self, index: LabIndex, guard: Guarded
    ) -> None:
        """A trust root that is too old looks the same, so it is named."""
        attested(index, WIDGET, PrivateSigstore(), ACME)
        before = guard.environment.files()
        run = guard.run("install", "widget")
        assert_refused(guard, run, BLOCKED, WIDGET.filename, before)
        assert "trust root" in run.err

    @pytest.mark.parametrize("announced", ["that of what is served", "none", "that of what was attested"])
    def test_body_is_refused(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, markers: Markers, announced: str
    ) -> None:
        """Whoever changes the bytes on the index can change the digest beside them, or keep metadata back."""
        honest, evil = (hostile.pth_wheel(m, "widget") for m in (None, markers))
        digests = {
            "that of what is served": {"sha256": evil.sha256},
            "none": {},
            "that of what was attested": {"sha256": honest.sha256},
        }
        document = put_provenance(index, honest.filename, replayed(honest)(sigstore))
        before = guard.environment.files()
        for metadata in (True, False):
            index.add(evil, hashes=digests[announced], provenance=document, core_metadata=metadata)
            run = guard.run("install", "widget")
            assert_refused(guard, run, BLOCKED, honest.filename, before, markers)


class TestDemanded:
    """A pin, and ``required``, are met by what has verified, and by nothing else."""

    PIN = '[[publisher]]\nproject = "widget"\nkind = "GitHub"\nrepository = "acme/widget"\nowner-id = "2"\n'
    REQUIRED = '[checks.provenance]\nrequired = ["wid*"]\n'

    def test_is_given(self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore) -> None:
        """The control: a pin that is met, and projects of which nobody demands anything."""
        attested(index, WIDGET, sigstore, ACME)
        index.add(build_wheel("gadget", "1.0"))
        guard.configure(self.PIN + self.REQUIRED)
        assert_done(guard, guard.run("install", "widget", "gadget"), "widget", "gadget")

    @pytest.mark.parametrize(
        "other",
        [Identity.github("eve/widget", owner_id="2"), Identity.github(owner_id="666", repository_id="667")],
        ids=["other repository", "resurrected owner"],
    )
    def test_by_a_pin_and_by_somebody_else(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, other: Identity
    ) -> None:
        """The same slug under other numbers is somebody else too."""
        attested(index, WIDGET, sigstore, other)
        guard.configure(self.PIN)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, WIDGET.filename, before)

    def test_and_absent(self, index: LabIndex, guard: Guarded) -> None:
        """A document that holds nothing, and a link that leads away from the index."""
        add(index, WIDGET, provenance())
        guard.configure(self.REQUIRED)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, "widget", before)
        index.project("widget").files.clear()
        index.add(WIDGET, provenance="https://elsewhere.example/provenance")
        guard.configure(self.PIN)
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, "widget", before)

    def test_and_supplied_by_a_folder_or_an_address(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """What lies there has no attestation, and goes before the attested file of the index."""
        attested(index, WIDGET, sigstore, ACME)
        file = saved(guard.home / "folder", build_wheel("widget", "2.0"))
        guard.configure(self.PIN)
        before = guard.environment.files()
        run = guard.run("install", "--find-links", str(file.parent), "widget")
        assert_refused(guard, run, UNVETTED, "widget 2.0", before)
        assert_refused(guard, guard.run("install", str(file)), BLOCKED, file.name, before)

    @pytest.mark.parametrize("rule", [PIN, REQUIRED], ids=["pin", "required"])
    def test_and_kept_away(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, rule: str
    ) -> None:
        """An endpoint that is down, or an index that says nothing of attestations, is no way round."""
        guard.configure(rule + '[on-unavailable]\nprovenance = "ignore"\n')
        if rule == self.PIN:
            attested(index, WIDGET, sigstore, Identity.github("eve/widget"))
            index.fault(document_of(WIDGET), Status(503))
        else:
            index.add(WIDGET)
            index.project("widget").attesting = False
        before = guard.environment.files()
        run = guard.run("install", *QUICK, "widget")
        assert_refused(guard, run, UNVETTED, "widget", before)


UNUSUAL = {
    "pull_request_target": Identity.github(trigger="pull_request_target"),
    "self-hosted": Identity.github(runner="self-hosted"),
    "eve/tools": Identity.github(build_signer="eve/tools/.github/workflows/build.yml@refs/heads/main"),
}
"""Builds in which somebody else than the project may have had a hand, by what is said of them."""


class TestUnusual:
    """A build that others may have had a hand in is asked about, unless that is known."""

    @pytest.mark.parametrize(("named", "identity"), UNUSUAL.items(), ids=UNUSUAL)
    def test_is_asked_about(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, named: str, identity: Identity
    ) -> None:
        """The attestation is valid, and says how it was built."""
        attested(index, WIDGET, sigstore, identity)
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), NEEDS_APPROVAL, named, before)

    def test_is_installed_where_it_is_usual(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """The control; and a builder whom everybody trusts needs no leave."""
        names = [f"widget-{number}" for number in range(len(UNUSUAL))]
        for name, identity in zip(names, UNUSUAL.values(), strict=True):
            attested(index, build_wheel(name, "1.0"), sigstore, identity)
        generator = "slsa-framework/slsa-github-generator/.github/workflows/generator.yml@refs/tags/v2.1.0"
        attested(index, WIDGET, sigstore, Identity.github(build_signer=generator))
        guard.configure('[checks.provenance]\nusual = ["widget-*"]\n')
        run = guard.run("install", "widget", *names, options=JSON)
        assert_done(guard, run, "widget", *names)
        assert len(findings(run.json)) == len(names)


SILENT: dict[str, Fault] = {
    "forbidden": Status(403),
    "gone": Status(404),
    "down": Status(503),
    "hanging": Hang(),
    "reset": Reset(),
    "huge": HugeBody(5 << 20),
    "unannounced": HugeBody(5 << 20, announce=False),
    "loop": RedirectLoop(),
}
"""What an endpoint may do instead of saying who built a file."""


class TestCannotSay:
    """Where nobody can say who built a file, nothing is verified; that is said, and hurts nothing else."""

    def test_is_told_of_each_file_and_installed(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """The default: one line for each, beside a file that verifies and an index that never says."""
        attested(index, WIDGET, sigstore, ACME)
        for name, fault in SILENT.items():
            artifact = build_wheel(name, "1.0")
            attested(index, artifact, sigstore, ACME)
            index.fault(document_of(artifact), fault)
        index.add(build_wheel("mute", "1.0"))
        index.project("mute").attesting = False
        run = guard.run("install", *QUICK, "widget", "mute", *SILENT, options=JSON)
        assert_done(guard, run, "widget", "mute", *SILENT)
        silent = {p["project"] for p in run.json["packages"] if "provenance" not in p["coverage"]["checked"]}
        assert silent == {"mute", *SILENT}
        reasons = [one["reason"] for one in run.json["unavailable"] if one["source"] == "provenance"]
        assert len(reasons) == len(silent)
        assert all("\n" not in reason for reason in reasons)
        for name in SILENT:
            assert any(f"{name}-1.0-py3-none-any.whl" in reason for reason in reasons), name
        assert findings(run.json) == []

    def test_is_refused_where_the_policy_says_so(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """And what verifies is installed under the same policy."""
        for name in ("widget", "gadget"):
            attested(index, build_wheel(name, "1.0"), sigstore, ACME)
        index.add(build_wheel("mute", "1.0"))
        index.project("mute").attesting = False
        index.fault("/raw/gadget-*", Status(403))
        guard.configure('[on-unavailable]\nprovenance = "block"\n')
        before = guard.environment.files()
        for name in ("gadget", "mute"):
            assert_refused(guard, guard.run("install", name), UNVETTED, name, before)
        assert_done(guard, guard.run("install", "widget"), "widget")


class TestBuilds:
    """An attestation that does not verify is found before anything of the file runs."""

    def test_neither_an_sdist_nor_what_a_build_asks_for_runs(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, markers: Markers
    ) -> None:
        """The sdist's own backend, and a helper that the build of an honest sdist imports."""
        evil, static = (
            hostile.in_tree_backend_sdist(markers, "widget"),
            hostile.build_requirement_sdist(markers),
        )
        attested(index, evil, sigstore, ACME, flaw=Flaw.FLIPPED_SIGNATURE)
        index.add(static.sdist)
        attested(index, static.helper, sigstore, ACME, signing={"subjects": [(evil.filename, evil.sha256)]})
        before = guard.environment.files()
        run = guard.run("install", "widget")
        assert_refused(guard, run, BLOCKED, evil.filename, before, markers)
        run = guard.run("install", static.sdist.project)
        assert_refused(guard, run, BLOCKED, static.helper.filename, before, markers)

    def test_what_verifies_is_built(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, markers: Markers
    ) -> None:
        """The control."""
        static = hostile.build_requirement_sdist(markers)
        attested(index, static.sdist, sigstore, ACME)
        attested(index, static.helper, sigstore, ACME)
        assert_done(guard, guard.run("install", static.sdist.project), static.sdist.project)
        assert markers.ran() == {hostile.BUILD_REQUIREMENT}

    def test_what_was_built_while_nobody_could_say_is_verified_once_somebody_can(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore
    ) -> None:
        """A wheel in pip's cache is no way round an attestation that shows its sdist to be forged."""
        sdist = build_in_tree_sdist("widget", "1.0")
        attested(index, sdist, sigstore, ACME, flaw=Flaw.OTHER_AUTHORITY)
        index.fault(document_of(sdist), Status(403))
        assert_done(guard, guard.run("install", "widget"), "widget")
        index.clear_faults()
        guard.environment = VirtualEnvironment.create(guard.home / "second")
        before = guard.environment.files()
        assert_refused(guard, guard.run("install", "widget"), BLOCKED, sdist.filename, before)


class TestTrustRoot:
    """A trust root that is of no use verifies nothing, and lets nothing through that should be verified."""

    @pytest.mark.parametrize("content", [None, b"garbage"], ids=["missing", "garbage"])
    def test_that_is_unusable_ends_what_it_is_needed_for_in_one_line(
        self, index: LabIndex, guard: Guarded, sigstore: PrivateSigstore, content: bytes | None
    ) -> None:
        """It would be no more than an unanswered question, were it any other source."""
        attested(index, WIDGET, sigstore, ACME)
        guard.trust_root.unlink()
        if content is not None:
            guard.trust_root.write_bytes(content)
        before = guard.environment.files()
        run = guard.run("install", "widget", options=JSON)
        assert run.code in {1, UNVETTED}
        assert_refused(guard, run, run.code, guard.trust_root.name, before)
        (line,) = run.json["problems"]
        assert str(guard.trust_root) in line
        assert "\n" not in line

    def test_is_not_needed_where_nothing_is_to_be_verified(self, index: LabIndex, guard: Guarded) -> None:
        """The control."""
        index.add(WIDGET)
        guard.trust_root.unlink()
        assert_done(guard, guard.run("install", "widget"), "widget")
