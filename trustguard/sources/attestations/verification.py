"""From a document to what is proven about one file: the library verifies, and what PEP 740 adds is done here.

What ``pypi_attestations.Attestation.verify`` does, and this does as well: the payload is an in-toto statement
(v1) about exactly one subject, whose name is that of the file (compared as distribution file names are, not
as texts), whose SHA-256 is the file's, and whose predicate is one that the library knows. Unlike that method,
this one verifies on a given trust root, and goes on to read the identity.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from trustguard.model.evidence import Absent, Known
from trustguard.model.project import Sha256
from trustguard.model.provenance import Attestation, Outcome, Provenance
from trustguard.model.record import record
from trustguard.sources.attestations import agreement, staleness
from trustguard.sources.attestations.bundles import Checked, checked
from trustguard.sources.attestations.certificate import identity_of
from trustguard.sources.attestations.document import NotUnderstood, Rejected, Signed, one_line, parse
from trustguard.sources.attestations.trust_root import TrustRoot
from trustguard.sources.urls import printable

_IN_TOTO = "application/vnd.in-toto+json"
_SHOWN = 200


def verify(
    document: bytes, filename: str, digest: Sha256, trust_root: TrustRoot
) -> Known[Provenance] | Absent:
    """Verify what a document says about one file, without the network. May be called from any thread.

    Args:
        document: a provenance object, an attestation object (both PEP 740) or a Sigstore bundle.
        filename: the file's name.
        digest: the SHA-256 of its bytes.
        trust_root: who is believed.

    Returns:
        Absent where the document holds no attestation. Whatever goes wrong with one is ``invalid``, an
        exception that nobody expected included.

    Raises:
        SourceRefused: the trust root is none.
        StoreError: the trust root cannot be loaded.
    """
    try:
        found = parse(document)
    except (Rejected, NotUnderstood) as error:
        return Known(Provenance(_outcome(error), reason=printable(str(error))))
    if not found:
        return Absent()
    trust_root.verifier()  # what is wrong with it is said of it, and not of the file
    file = _File(filename, digest, trust_root)
    verified: list[Attestation] = []
    failures: dict[Outcome, list[str]] = {"invalid": [], "unsupported": []}
    for signed in found:
        try:
            verified.append(file.verified(signed))
        except (Rejected, NotUnderstood) as error:
            failures[_outcome(error)].append(printable(str(error)))
    return Known(_summed_up(tuple(verified), failures["invalid"], failures["unsupported"]))


def _outcome(error: Rejected | NotUnderstood) -> Outcome:
    return "invalid" if isinstance(error, Rejected) else "unsupported"


def _summed_up(verified: tuple[Attestation, ...], invalid: list[str], unsupported: list[str]) -> Provenance:
    """The worst counts, but what is not understood takes nothing away from what is."""
    if invalid:
        return Provenance("invalid", verified, invalid[0])
    if not verified:
        return Provenance("unsupported", verified, unsupported[0])
    count = len(verified)
    said = "1 attestation has" if count == 1 else f"{count} attestations have"
    beside = f"; beside it, {unsupported[0]}" if unsupported else ""
    return Provenance("verified", verified, f"{said} verified{beside}")


@record
class _File:
    """The file that attestations must be about."""

    filename: str
    digest: Sha256
    trust_root: TrustRoot

    def verified(self, signed: Signed) -> Attestation:
        """One attestation, verified.

        Raises:
            Rejected: it does not verify, or is about something else.
            NotUnderstood: it is of a kind that nobody here can judge.
        """
        try:
            return self._verified(signed)
        except (Rejected, NotUnderstood):
            raise
        except Exception as error:  # whatever it is, it is not verified
            raise _unexpected(error) from error
        except BaseException as error:
            if (
                type(error).__name__ != "PanicException"
            ):  # how libraries in Rust fail; no Exception, by design
                raise
            raise _unexpected(error) from error

    def _verified(self, signed: Signed) -> Attestation:
        if signed.publisher is not None:
            agreement.known_kind(signed.publisher)
        found = checked(signed)
        predicate = self._predicate(self._payload(found))
        identity = identity_of(found.bundle.signing_certificate)
        if signed.publisher is not None:
            agreement.agree(signed.publisher, identity)
        return Attestation(predicate, identity.publisher, found.logged_at())

    def _payload(self, found: Checked) -> bytes:
        """What was signed, once the signature, the certificate and the log entry have been verified."""
        from sigstore.errors import Error  # noqa: PLC0415 - loaded by now
        from sigstore.verify.policy import UnsafeNoOp  # noqa: PLC0415

        try:
            # Whoever it is may sign: who it must be is the policy's matter.
            payload_type, payload = self.trust_root.verifier().verify_dsse(found.bundle, UnsafeNoOp())
        except Error as error:
            stale = staleness.unknown_signer(
                found.bundle.signing_certificate, found.entry, self.trust_root.content
            )
            raise Rejected(stale or f"it does not verify: {one_line(error)}") from error
        if payload_type != _IN_TOTO:
            raise Rejected(f"what is signed is of type {payload_type[:_SHOWN]}, and not an in-toto statement")
        return payload

    def _predicate(self, payload: bytes) -> str:
        """The type of what is stated about the file."""
        from pypi_attestations import AttestationType  # noqa: PLC0415 - loaded by now

        statement = _statement(payload)
        subjects, predicate = statement["subject"], str(statement["predicateType"])
        if len(subjects) != 1:
            raise Rejected("its statement is not about exactly one file")
        self._about_this_file(subjects[0])
        if predicate not in {known.value for known in AttestationType}:
            raise NotUnderstood(f"what it states is of a type that is not known here: {predicate[:_SHOWN]}")
        return predicate

    def _about_this_file(self, subject: Mapping[str, Any]) -> None:
        name = subject.get("name") or ""
        if _parts(name) is None:
            raise Rejected(f"it is about {_quoted(name)}, which is not the name of a distribution file")
        if _parts(name) != _parts(self.filename):
            raise Rejected(f"it is about another file: {_quoted(name)}")
        if subject["digest"].get("sha256") != self.digest:
            raise Rejected("it is about other bytes: the SHA-256 is not that of this file")


def _statement(payload: bytes) -> Mapping[str, Any]:
    """What was signed, as an in-toto statement of version 1."""
    from sigstore.dsse import Statement  # noqa: PLC0415 - loaded by now
    from sigstore.errors import Error  # noqa: PLC0415

    try:
        Statement(payload)
        statement: dict[str, Any] = json.loads(payload)
    except (Error, ValueError, RecursionError):
        raise Rejected("what is signed is not an in-toto statement of version 1") from None
    return statement


def _parts(filename: str) -> tuple[object, ...] | None:
    """What a distribution file's name says, as pypi-attestations compares it; None where it is none."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)
        return parse_sdist_filename(filename)
    except ValueError:
        return None


def _unexpected(error: BaseException) -> Rejected:
    return Rejected(f"it could not be verified: {type(error).__name__}: {one_line(error)}")


def _quoted(text: str) -> str:
    return repr(text)[:_SHOWN]
