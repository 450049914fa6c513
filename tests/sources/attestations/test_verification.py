"""What verifies is what the libraries accept, about this very file, and nothing else (PEP 740)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.lab.attest import provenance
from tests.lab.identity import Identity
from tests.lab.listing import OLD
from tests.lab.sigstore import Flaw, PrivateSigstore
from tests.sources.attestations.conftest import DIGEST, GITHUB, WHEEL, Lab
from trustguard.model.evidence import Known
from trustguard.model.project import Sha256
from trustguard.sources.attestations import TrustRoot, bundled_trust_root, verification, verify

OTHER = Sha256("cd" * 32)
SLSA = "https://slsa.dev/provenance/v1"
OLD_ROOT = "the trust root may be old (run: trustguard update), or it was signed for another Sigstore"


def test_an_attestation_of_the_file_is_verified_in_each_of_its_forms(lab: Lab) -> None:
    signed = lab.sigstore.sign(WHEEL, DIGEST, GITHUB)
    forms = [
        provenance((GITHUB.publisher, [signed.attestation()])),
        json.dumps(signed.attestation()).encode(),
        json.dumps(signed.bundle()).encode(),
    ]
    one, *others = [lab.found(form) for form in forms]
    assert (one.outcome, one.reason) == ("verified", "1 attestation has verified")
    assert [other.attestations for other in others] == [one.attestations, one.attestations]


def test_what_was_stated_and_when_it_was_logged_are_told(lab: Lab) -> None:
    (attestation,) = lab.found(lab.document()).attestations
    assert attestation.predicate.endswith("/attestations/publish/v1")
    assert attestation.logged_at == OLD.replace(microsecond=0)


@pytest.mark.parametrize(
    ("subject", "filename"),
    [
        ("Demo-1.0-py3-none-any.whl", WHEEL),
        ("demo-1-py3-none-any.whl", WHEEL),
        ("demo-1.0-py2.py3-none-any.whl", "demo-1.0-py3.py2-none-any.whl"),
        ("foo_bar-1.0.tar.gz", "foo-bar-1.0.tar.gz"),
    ],
)
def test_file_names_are_compared_by_what_they_say(lab: Lab, subject: str, filename: str) -> None:
    document = lab.document(subjects=[(subject, DIGEST)])
    assert lab.told(document, filename=filename) == ("verified", "1 attestation has verified")


@pytest.mark.parametrize(
    "subject",
    [
        "other-1.0-py3-none-any.whl",
        "demo-1.1-py3-none-any.whl",
        "demo-1.0.tar.gz",
        "demo-1.0-py2-none-any.whl",
    ],
)
def test_an_attestation_of_another_file_project_or_version_is_invalid(lab: Lab, subject: str) -> None:
    document = lab.document(subjects=[(subject, DIGEST)])
    assert lab.told(document) == ("invalid", f"it is about another file: '{subject}'")


def test_an_attestation_of_other_bytes_is_invalid(lab: Lab) -> None:
    reason = "it is about other bytes: the SHA-256 is not that of this file"
    assert lab.told(lab.document(), digest=OTHER) == ("invalid", reason)
    assert lab.told(lab.document(subjects=[(WHEEL, DIGEST.upper())])) == ("invalid", reason)


def test_what_is_not_about_a_distribution_file_proves_nothing_of_one(lab: Lab) -> None:
    reason = "it is about 'README.md', which is not the name of a distribution file"
    assert lab.told(lab.document(subjects=[("README.md", DIGEST)])) == ("invalid", reason)
    assert lab.told(lab.document(subjects=[("README.md", DIGEST)]), filename="README.md") == (
        "invalid",
        reason,
    )


@pytest.mark.parametrize(
    "subjects", [[], [(WHEEL, DIGEST), (WHEEL, DIGEST)], [(WHEEL, DIGEST), ("x", OTHER)]]
)
def test_a_statement_is_about_exactly_one_file(lab: Lab, subjects: list[tuple[str, str]]) -> None:
    assert lab.told(lab.document(subjects=subjects))[0] == "invalid"


def test_provenance_of_slsa_is_understood_too_and_all_that_verify_are_told(lab: Lab) -> None:
    built = lab.attestation(predicate_type=SLSA, predicate={"buildDefinition": {}})
    found = lab.found(provenance((GITHUB.publisher, [lab.attestation(), built])))
    assert (found.outcome, found.reason) == ("verified", "2 attestations have verified")
    assert found.attestations[1].predicate == SLSA
    assert len(found.publishers) == 1


def test_a_statement_of_a_type_that_nobody_knows_proves_nothing_and_is_no_forgery(lab: Lab) -> None:
    unknown = "what it states is of a type that is not known here: https://example.com/p/v1"
    statement = lab.attestation(predicate_type="https://example.com/p/v1")
    assert lab.told(statement) == ("unsupported", unknown)
    beside = provenance((GITHUB.publisher, [statement, lab.attestation()]))
    assert lab.told(beside) == ("verified", f"1 attestation has verified; beside it, {unknown}")


def test_one_that_does_not_verify_spoils_those_that_do(lab: Lab) -> None:
    forged = lab.attestation(flaw=Flaw.FLIPPED_SIGNATURE)
    found = lab.found(provenance((GITHUB.publisher, [lab.attestation(), forged])))
    assert (found.outcome, found.publishers) == ("invalid", ())


FLAWS = {
    Flaw.NO_SCT: "Certificate does not contain a signed certificate timestamp extension",
    Flaw.WRONG_CT_KEY: "SCT verify failed",
    Flaw.NO_CODE_SIGNING: "it ",
    Flaw.FLIPPED_SIGNATURE: "invalid signature",
    Flaw.OTHER_ENTRY: "it does not verify: ",
    Flaw.LOGGED_LATE: "cert is not valid at validation time",
    Flaw.NO_PROMISE: "bundle must contain an inclusion promise or signed timestamp(s)",
    Flaw.OTHER_AUTHORITY: "its certificate is from an authority that the trust root does not know",
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_is_wrong_with_a_signature_is_said_and_it_is_invalid(lab: Lab, flaw: Flaw) -> None:
    outcome, reason = lab.told(lab.document(flaw=flaw))
    assert (outcome, FLAWS[flaw] in reason) == ("invalid", True), reason


def test_an_entry_of_a_later_log_is_unsupported_and_not_forged(lab: Lab) -> None:
    reason = "its log entry is of a kind that cannot be verified here: hashedrekord 0.0.2"
    assert lab.told(lab.document(flaw=Flaw.LATER_LOG)) == ("unsupported", reason)


@pytest.mark.parametrize(
    ("kind", "version"), [("dsse", "0.0.9"), ("intoto", "0.0.2"), ("hashedrekord", "0.0.1"), ("x", "0.0.1")]
)
def test_an_entry_of_any_other_kind_is_unsupported_too(lab: Lab, kind: str, version: str) -> None:
    bundle = lab.sigstore.sign(WHEEL, DIGEST, GITHUB).bundle()
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    entry["kindVersion"] = {"kind": kind, "version": version}
    assert lab.told(bundle)[0] == "unsupported"


def test_a_payload_that_is_no_statement_proves_nothing(lab: Lab) -> None:
    bundle = lab.sigstore.sign(WHEEL, DIGEST, GITHUB, payload_type="text/plain").bundle()
    assert lab.told(bundle) == (
        "invalid",
        "what is signed is of type text/plain, and not an in-toto statement",
    )


def test_a_bundle_of_a_bare_signature_proves_nothing(lab: Lab) -> None:
    bundle = lab.sigstore.sign(WHEEL, DIGEST, GITHUB).bundle()
    envelope = bundle.pop("dsseEnvelope")
    message = {"signature": envelope["signatures"][0]["sig"]}
    told = lab.told({**bundle, "messageSignature": message})
    assert told == ("invalid", "it is a Sigstore bundle without a statement (a DSSE envelope)")


def test_what_another_sigstore_signed_says_that_the_trust_root_may_be_old(lab: Lab) -> None:
    stranger = PrivateSigstore().attest(WHEEL, DIGEST, GITHUB)
    reason = f"its certificate is from an authority that the trust root does not know: {OLD_ROOT}"
    assert lab.told(stranger) == ("invalid", reason)
    found = verify(lab.document(), WHEEL, DIGEST, bundled_trust_root())
    assert isinstance(found, Known)
    assert (found.value.outcome, found.value.reason) == ("invalid", reason)


@pytest.mark.parametrize(
    ("logs", "what"),
    [("tlogs", "it is in a transparency log"), ("ctlogs", "its certificate is in a log")],
)
def test_a_log_with_new_keys_says_that_the_trust_root_may_be_old(lab: Lab, logs: str, what: str) -> None:
    mixed = json.loads(lab.sigstore.trusted_root)
    mixed[logs] = json.loads(PrivateSigstore().trusted_root)[logs]
    found = verify(lab.document(), WHEEL, DIGEST, TrustRoot(json.dumps(mixed).encode()))
    assert isinstance(found, Known)
    assert found.value.outcome == "invalid"
    assert found.value.reason == f"{what} that the trust root does not know: {OLD_ROOT}"


def test_the_time_is_what_the_library_has_read_however_it_is_spelt(lab: Lab) -> None:
    """It takes ``integrated_time`` for ``integratedTime``, and not both beside each other."""
    bundle = lab.sigstore.sign(WHEEL, DIGEST, GITHUB).bundle()
    (entry,) = bundle["verificationMaterial"]["tlogEntries"]
    entry["integrated_time"] = "1"
    assert lab.told(bundle)[0] == "invalid"
    entry["integrated_time"] = entry.pop("integratedTime")
    (attestation,) = lab.found(json.dumps(bundle).encode()).attestations
    assert attestation.logged_at == OLD.replace(microsecond=0)


def altered(document: Mapping[str, Any], **change: Any) -> dict[str, Any]:
    """An attestation with another part in its verification material."""
    return {**document, "verification_material": {**document["verification_material"], **change}}


@pytest.mark.parametrize("certificate", [b"", b"no certificate", b"\x30\x82\xff\xff", bytes(3000)])
def test_a_certificate_that_is_none_is_one_line_and_no_exception(lab: Lab, certificate: bytes) -> None:
    broken = altered(lab.attestation(), certificate=base64.b64encode(certificate).decode())
    assert lab.told(broken) == ("invalid", "it is malformed: invalid X.509 certificate")


@pytest.mark.parametrize("entries", [[], [{}], [{"logIndex": "x"}], [None], ["x"]])
def test_a_log_entry_that_is_none_is_one_line_and_no_exception(lab: Lab, entries: list[Any]) -> None:
    assert lab.told(altered(lab.attestation(), transparency_entries=entries))[0] == "invalid"


def test_whatever_a_library_raises_is_not_verified(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """What code in Rust raises where it gives up."""

    for error in (ZeroDivisionError("really"), PanicException("called `unwrap`\non nothing")):

        def fail(*_: object, error: BaseException = error) -> None:
            raise error

        monkeypatch.setattr(verification, "identity_of", fail)
        outcome, reason = lab.told(lab.document())
        assert (outcome, reason) == (
            "invalid",
            f"it could not be verified: {type(error).__name__}: {' '.join(str(error).split())}",
        )


def test_who_interrupts_is_obeyed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verification, "identity_of", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.found(lab.document())


def test_several_threads_share_one_trust_root(lab: Lab) -> None:
    root = TrustRoot(lab.sigstore.trusted_root)
    good, bad = lab.document(), lab.document(flaw=Flaw.FLIPPED_SIGNATURE)
    with ThreadPoolExecutor(4) as pool:
        facts = list(pool.map(lambda document: verify(document, WHEEL, DIGEST, root), [good, bad] * 8))
    outcomes = [fact.value.outcome for fact in facts if isinstance(fact, Known)]
    assert outcomes == ["verified", "invalid"] * 8


def test_an_identity_may_be_anybody_for_whom_the_trust_root_vouches(lab: Lab) -> None:
    person = Identity("kim@example.com", {8: "https://login.example"}, {})
    (publisher,) = lab.found(json.dumps(lab.attestation(person)).encode()).publishers
    assert (publisher.kind, publisher.identity) == ("other", "kim@example.com")
