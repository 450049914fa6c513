"""The private Sigstore keeps its promises: the real libraries accept what is right, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sigstore.errors
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from pydantic import TypeAdapter
from pypi_attestations import (
    Attestation,
    AttestationError,
    AttestationType,
    Distribution,
    Provenance,
    Publisher,
)
from sigstore._internal.tuf import DEFAULT_TUF_URL, _get_dirs
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity as IdentityPolicy
from sigstore.verify.policy import UnsafeNoOp

from tests.lab.artifacts import build_sdist, build_wheel
from tests.lab.attest import attested, provenance
from tests.lab.identity import Identity
from tests.lab.index import LabIndex
from tests.lab.sigstore import Flaw, PrivateSigstore
from tests.lab.transparency import FIRST_INDEX

WIDGET = "widget-1.0-py3-none-any.whl"
DIGEST = hashlib.sha256(b"widget").hexdigest()
NOON = datetime(2025, 5, 5, 12, tzinfo=timezone.utc)
FULCIO = "1.3.6.1.4.1.57264.1"
SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"
IDENTITIES = [Identity.github(), Identity.gitlab(), Identity.google(), Identity.circleci()]


@pytest.fixture(scope="module")
def lab() -> PrivateSigstore:
    """A Sigstore that all tests share, so its log grows as a real one does."""
    return PrivateSigstore()


@pytest.fixture(scope="module")
def verifier(lab: PrivateSigstore, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """The real verifier, which trusts the lab's root."""
    return verifier_of(lab, tmp_path_factory.mktemp("root") / "trusted_root.json")


@pytest.fixture
def trusted(lab: PrivateSigstore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the libraries find the lab's root where they keep the public one, which they take as it is."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    cache = _get_dirs(DEFAULT_TUF_URL)[1]
    assert cache.is_relative_to(tmp_path)
    cache.mkdir(parents=True)
    (cache / "trusted_root.json").write_bytes(lab.trusted_root)


def verifier_of(private: PrivateSigstore, path: Path) -> Verifier:
    path.write_bytes(private.trusted_root)
    return Verifier(trusted_root=TrustedRoot.from_file(str(path)))


def verify(attestation: dict[str, Any], publisher: Any = None) -> tuple[str, dict[str, Any] | None]:
    """Verify as the library does, offline, for the file that all of them are about."""
    policy = UnsafeNoOp() if publisher is None else TypeAdapter(Publisher).validate_python(publisher)
    parsed = Attestation.model_validate_json(json.dumps(attestation))
    return parsed.verify(policy, Distribution(name=WIDGET, digest=DIGEST), offline=True)


def certificate_of(attestation: dict[str, Any]) -> x509.Certificate:
    return x509.load_der_x509_certificate(
        base64.b64decode(attestation["verification_material"]["certificate"])
    )


def entry_of(attestation: dict[str, Any]) -> dict[str, Any]:
    (entry,) = attestation["verification_material"]["transparency_entries"]
    assert isinstance(entry, dict)
    return entry


def utf8_string(value: bytes) -> str:
    """Read one UTF8String in DER (X.690, 8.1.3 and 10.1), strictly."""
    assert value[0] == 0x0C
    if value[1] < 0x80:
        size, start = value[1], 2
    else:
        start = 2 + (value[1] & 0x7F)
        size = int.from_bytes(value[2:start], "big")
        assert size >= 0x80
        assert value[2] != 0
    assert len(value) == start + size
    return value[start:].decode()


def claims_of(certificate: x509.Certificate) -> dict[int, str]:
    """The claims by number: up to 6 raw text, from 8 on DER."""
    claims = {}
    for extension in certificate.extensions:
        arc, _, number = extension.oid.dotted_string.rpartition(".")
        if arc == FULCIO:
            assert isinstance(extension.value, x509.UnrecognizedExtension)
            assert not extension.critical
            raw = extension.value.value
            claims[int(number)] = raw.decode("ascii") if int(number) <= 6 else utf8_string(raw)
    return claims


def claims_for(lab: PrivateSigstore, identity: Identity) -> dict[int, str]:
    return claims_of(certificate_of(lab.attest(WIDGET, DIGEST, identity)))


# Accepted.


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda one: str(one.publisher["kind"]))
def test_sigstore_verifies_a_bundle(lab: PrivateSigstore, verifier: Verifier, identity: Identity) -> None:
    raw = json.dumps(lab.sign(WIDGET, DIGEST, identity, signed_at=NOON).bundle())
    policy = IdentityPolicy(identity=identity.subject, issuer=identity.claims[8])
    kind, payload = verifier.verify_dsse(Bundle.from_json(raw), policy)
    assert kind == "application/vnd.in-toto+json"
    assert json.loads(payload)["subject"] == [{"name": WIDGET, "digest": {"sha256": DIGEST}}]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda one: str(one.publisher["kind"]))
def test_the_publisher_that_is_stated_verifies_its_attestation(
    lab: PrivateSigstore, identity: Identity
) -> None:
    attestation = lab.attest(WIDGET, DIGEST, identity)
    assert verify(attestation, identity.publisher) == (AttestationType.PYPI_PUBLISH_V1, None)


@pytest.mark.usefixtures("trusted")
def test_the_publisher_of_another_repository_does_not_verify_it(lab: PrivateSigstore) -> None:
    attestation = lab.attest(WIDGET, DIGEST, Identity.github())
    with pytest.raises(AttestationError, match="SourceRepositoryURI does not match"):
        verify(attestation, Identity.github("evil/widget").publisher)


@pytest.mark.usefixtures("trusted")
def test_other_predicates_verify_with_what_they_state(lab: PrivateSigstore) -> None:
    slsa = AttestationType.SLSA_PROVENANCE_V1.value
    stated = {"buildDefinition": {"buildType": "https://builds.example/v1"}}
    options = {"predicate_type": slsa, "predicate": stated}
    assert verify(lab.attest(WIDGET, DIGEST, Identity.github(), **options)) == (slsa, stated)


@pytest.mark.usefixtures("trusted")
def test_an_environment_and_a_foreign_workflow_verify_as_their_repository(lab: PrivateSigstore) -> None:
    foreign = "tools/shared/.github/workflows/publish.yml@refs/heads/main"
    identity = Identity.github(environment="release", build_signer=foreign)
    verify(lab.attest(WIDGET, DIGEST, identity), identity.publisher)


def test_every_entry_of_a_growing_log_has_a_proof_that_verifies(
    lab: PrivateSigstore, verifier: Verifier
) -> None:
    sizes = []
    for number in range(30):
        signed = lab.sign(f"widget-{number}.tar.gz", DIGEST, Identity.google())
        verifier.verify_dsse(Bundle.from_json(json.dumps(signed.bundle())), UnsafeNoOp())
        sizes.append(int(signed.entry["inclusionProof"]["treeSize"]))
    assert sizes == list(range(sizes[0], sizes[0] + 30))


def test_a_provenance_object_holds_several_bundles_of_several_attestations(lab: PrivateSigstore) -> None:
    github, google = Identity.github(), Identity.google()
    publish = lab.attest(WIDGET, DIGEST, github)
    slsa = lab.attest(WIDGET, DIGEST, github, predicate_type=AttestationType.SLSA_PROVENANCE_V1.value)
    other = lab.attest(WIDGET, DIGEST, google)
    document = provenance((github.publisher, [publish, slsa]), (google.publisher, [other]))
    bundles = Provenance.model_validate_json(document).attestation_bundles
    assert [(bundle.publisher.kind, len(bundle.attestations)) for bundle in bundles] == [
        ("GitHub", 2),
        ("Google", 1),
    ]


def test_a_provenance_object_may_hold_nothing() -> None:
    assert Provenance.model_validate_json(provenance()).attestation_bundles == []
    nothing = provenance((Identity.github().publisher, []))
    assert Provenance.model_validate_json(nothing).attestation_bundles[0].attestations == []


# What a certificate says.


def test_a_github_certificate_says_what_fulcio_would_write() -> None:
    identity = Identity.github(
        "acme/widget",
        "release.yml",
        "refs/tags/v1.0",
        repository_id="1001",
        owner_id="2002",
        environment="shop",
        commit="c" * 40,
    )
    workflow = "https://github.com/acme/widget/.github/workflows/release.yml@refs/tags/v1.0"
    assert claims_for(PrivateSigstore(), identity) == {
        1: "https://token.actions.githubusercontent.com",
        2: "release",
        3: "c" * 40,
        4: "Release",
        5: "acme/widget",
        6: "refs/tags/v1.0",
        8: "https://token.actions.githubusercontent.com",
        9: workflow,
        10: "c" * 40,
        11: "github-hosted",
        12: "https://github.com/acme/widget",
        13: "c" * 40,
        14: "refs/tags/v1.0",
        15: "1001",
        16: "https://github.com/acme",
        17: "2002",
        18: workflow,
        19: "c" * 40,
        20: "release",
        21: "https://github.com/acme/widget/actions/runs/1/attempts/1",
        22: "public",
        23: "shop",
        24: "repo:acme/widget:environment:shop",
    }


def test_a_gitlab_certificate_has_no_legacy_claims_but_the_issuer(lab: PrivateSigstore) -> None:
    claims = claims_for(lab, Identity.gitlab("group/sub/widget", ref="refs/heads/main"))
    pipeline = "https://gitlab.com/group/sub/widget//.gitlab-ci.yml@refs/heads/main"
    assert claims[1] == claims[8] == "https://gitlab.com"
    assert not set(claims) & {2, 3, 4, 5, 6}
    assert claims[9] == claims[18] == pipeline
    assert claims[12] == "https://gitlab.com/group/sub/widget"
    assert claims[16] == "https://gitlab.com/group/sub"
    assert claims[24] == "project_path:group/sub/widget:ref_type:branch:ref:main"


def test_a_google_certificate_says_the_issuer_and_an_address(lab: PrivateSigstore) -> None:
    certificate = certificate_of(lab.attest(WIDGET, DIGEST, Identity.google("robot@acme.example")))
    assert claims_of(certificate) == dict.fromkeys((1, 8), "https://accounts.google.com")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == ["robot@acme.example"]


def test_a_circleci_certificate_has_a_text_of_more_than_127_bytes_and_no_numbers(
    lab: PrivateSigstore,
) -> None:
    claims = claims_for(lab, Identity.circleci())
    assert len(claims[9]) > 127
    assert claims[12] == "github.com/acme/widget"
    assert not set(claims) & {13, 15, 16, 17, 20, 22}


def test_a_foreign_workflow_is_the_subject_and_the_build_signer(lab: PrivateSigstore) -> None:
    foreign = "tools/shared/.github/workflows/publish.yml@refs/heads/main"
    certificate = certificate_of(lab.attest(WIDGET, DIGEST, Identity.github(build_signer=foreign)))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"https://github.com/{foreign}"]
    claims = claims_of(certificate)
    assert claims[9] == f"https://github.com/{foreign}"
    assert claims[18].startswith("https://github.com/acme/widget/.github/workflows/release.yml@")
    assert claims[10] != claims[13] == claims[19]


@pytest.mark.parametrize(
    ("identity", "subject"),
    [
        (Identity.github(ref="refs/heads/main", trigger="push"), "repo:acme/widget:ref:refs/heads/main"),
        (Identity.github(trigger="pull_request"), "repo:acme/widget:pull_request"),
        (
            Identity.github(trigger="pull_request", environment="release"),
            "repo:acme/widget:environment:release",
        ),
        (Identity.github(trigger="pull_request_target"), "repo:acme/widget:ref:refs/tags/v1.0"),
        (Identity.gitlab(ref="refs/tags/v2"), "project_path:acme/widget:ref_type:tag:ref:v2"),
    ],
)
def test_the_tokens_subject_is_as_the_host_writes_it(
    lab: PrivateSigstore, identity: Identity, subject: str
) -> None:
    assert claims_for(lab, identity)[24] == subject


def test_a_claim_can_be_otherwise_or_left_out(lab: PrivateSigstore) -> None:
    claims = claims_for(lab, Identity.github().claiming({11: "self-hosted", 15: "", 17: ""}))
    assert claims[11] == "self-hosted"
    assert 15 not in claims
    assert 17 not in claims


def test_a_certificate_is_like_one_of_fulcios(lab: PrivateSigstore) -> None:
    certificate = certificate_of(lab.attest(WIDGET, DIGEST, Identity.github(), signed_at=NOON))
    assert list(certificate.subject) == []
    names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names.critical
    assert list(usage) == [ExtendedKeyUsageOID.CODE_SIGNING]
    assert list(certificate.extensions)[-1].oid.dotted_string == SCT_LIST
    assert certificate.not_valid_before_utc == NOON
    assert certificate.not_valid_after_utc == NOON + timedelta(minutes=10)


def test_a_log_entry_is_like_one_of_rekor_1(lab: PrivateSigstore) -> None:
    entry = entry_of(lab.attest(WIDGET, DIGEST, Identity.github(), signed_at=NOON))
    proof = entry["inclusionProof"]
    assert entry["kindVersion"] == {"kind": "dsse", "version": "0.0.1"}
    assert int(entry["logIndex"]) - int(proof["logIndex"]) == FIRST_INDEX
    assert entry["integratedTime"] == str(int(NOON.timestamp()))
    assert proof["hashes"]
    root = json.loads(lab.trusted_root)
    key = base64.b64decode(root["tlogs"][0]["publicKey"]["rawBytes"])
    assert base64.b64decode(entry["logId"]["keyId"]) == hashlib.sha256(key).digest()


# Refused.


REFUSALS = {
    Flaw.NO_SCT: "does not contain a signed certificate timestamp",
    Flaw.WRONG_CT_KEY: "SCT verify failed: keyring: invalid signature",
    Flaw.OTHER_AUTHORITY: "failed to build timestamp certificate chain",
    Flaw.NO_CODE_SIGNING: "does not contain `code signing`",
    Flaw.FLIPPED_SIGNATURE: "DSSE: invalid signature",
    Flaw.OTHER_ENTRY: "log entry payload hash does not match bundle",
    Flaw.LOGGED_LATE: "failed to build timestamp certificate chain",
    Flaw.NO_PROMISE: "must contain an inclusion promise",
    Flaw.LATER_LOG: "must contain an inclusion promise",
}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("flaw", Flaw)
def test_a_flaw_is_refused_for_what_it_is(lab: PrivateSigstore, flaw: Flaw) -> None:
    attestation = lab.attest(WIDGET, DIGEST, Identity.github(), flaw=flaw)
    with pytest.raises((AttestationError, sigstore.errors.Error), match=REFUSALS[flaw]):
        verify(attestation)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"subjects": [(WIDGET, DIGEST), ("other-1.0.tar.gz", DIGEST)]}, "too many subjects"),
        ({"subjects": []}, "invalid statement"),
        ({"subjects": [(WIDGET, "0" * 64)]}, "does not match distribution digest"),
        ({"subjects": [("widget-2.0-py3-none-any.whl", DIGEST)]}, "does not match distribution name"),
        ({"subjects": [("README.md", DIGEST)]}, "unknown distribution format"),
        ({"predicate_type": "https://predicates.example/v1"}, "unknown attestation type"),
    ],
)
def test_a_true_signature_of_something_else_is_refused(
    lab: PrivateSigstore, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AttestationError, match=reason):
        verify(lab.attest(WIDGET, DIGEST, Identity.github(), **options))


@pytest.mark.usefixtures("trusted")
def test_a_payload_of_another_type_verifies_in_a_bundle_only(
    lab: PrivateSigstore, verifier: Verifier
) -> None:
    """The verifier leaves the type to its caller; an attestation does not hold it, and says in-toto."""
    signed = lab.sign(WIDGET, DIGEST, Identity.github(), payload_type="text/plain")
    kind, _ = verifier.verify_dsse(Bundle.from_json(json.dumps(signed.bundle())), UnsafeNoOp())
    assert kind == "text/plain"
    with pytest.raises(AttestationError, match="DSSE: invalid signature"):
        verify(signed.attestation())


def test_two_of_them_do_not_accept_each_other(
    lab: PrivateSigstore, verifier: Verifier, tmp_path: Path
) -> None:
    other = PrivateSigstore()
    others = verifier_of(other, tmp_path / "trusted_root.json")
    foreign = other.sign(WIDGET, DIGEST, Identity.github()).bundle()
    own = lab.sign(WIDGET, DIGEST, Identity.github()).bundle()
    for who, what in ((verifier, foreign), (others, own)):
        with pytest.raises(sigstore.errors.VerificationError, match="certificate chain"):
            who.verify_dsse(Bundle.from_json(json.dumps(what)), UnsafeNoOp())
    others.verify_dsse(Bundle.from_json(json.dumps(foreign)), UnsafeNoOp())


# On an index.


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def linked(index: LabIndex, project: str, filename: str) -> Any:
    """What the provenance link of a file leads to: the content type and the document."""
    request = urllib.request.Request(  # noqa: S310 - the lab's own URL
        f"{index.url}{project}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with OPENER.open(request) as page:
        files = json.load(page)["files"]
    (link,) = [file["provenance"] for file in files if file["filename"] == filename]
    with OPENER.open(link) as answer:
        return answer.headers["Content-Type"], Provenance.model_validate_json(answer.read())


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("artifact", [build_wheel("widget", "1.0"), build_sdist("widget", "1.0")])
def test_an_attested_file_has_its_provenance_on_the_index(
    lab: PrivateSigstore, index: LabIndex, artifact: Any
) -> None:
    attested(index, artifact, lab, Identity.github(), upload_time=NOON, yanked="on second thoughts")
    content_type, document = linked(index, "widget", artifact.filename)
    assert content_type == "application/vnd.pypi.integrity.v1+json"
    (bundle,) = document.attestation_bundles
    (attestation,) = bundle.attestations
    file = Distribution(name=artifact.filename, digest=artifact.sha256)
    attestation.verify(bundle.publisher, file, offline=True)
    (entry,) = attestation.verification_material.transparency_entries
    assert int(entry["integratedTime"]) == NOON.timestamp()


@pytest.mark.usefixtures("trusted")
def test_an_attested_file_can_have_a_flaw_and_a_signature_of_another_time(
    lab: PrivateSigstore, index: LabIndex
) -> None:
    artifact = build_wheel("widget", "1.0")
    attested(index, artifact, lab, Identity.google(), flaw=Flaw.NO_SCT, signing={"signed_at": NOON})
    _, document = linked(index, "widget", artifact.filename)
    attestation = document.attestation_bundles[0].attestations[0]
    file = Distribution(name=artifact.filename, digest=artifact.sha256)
    assert (
        int(attestation.verification_material.transparency_entries[0]["integratedTime"]) == NOON.timestamp()
    )
    with pytest.raises(AttestationError, match="signed certificate timestamp"):
        attestation.verify(UnsafeNoOp(), file, offline=True)


def test_the_lab_loads_no_library_of_sigstores_when_it_is_imported() -> None:
    code = "import sys, tests.lab.sigstore, tests.lab.attest; print('sigstore' in sys.modules)"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
