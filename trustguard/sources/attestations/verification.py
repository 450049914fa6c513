"""From a document to what is proven about one file: the library verifies, and what PEP 740 adds is done here.

What ``pypi_attestations.Attestation.verify`` does, and this does as well: the payload is an in-toto statement
(v1) about exactly one subject, whose name is that of the file (compared as distribution file names are, not
as texts), whose SHA-256 is the file's, and whose predicate is one that the library knows. Unlike that method,
this one verifies on a given trust root, and goes on to read the identity.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from trustguard.model.evidence import Absent, Known
from trustguard.model.project import Sha256
from trustguard.model.provenance import Attestation, Outcome, Provenance
from trustguard.sources.attestations import agreement, staleness
from trustguard.sources.attestations.certificate import identity_of
from trustguard.sources.attestations.document import NotUnderstood, Rejected, Signed, known_version, parse
from trustguard.sources.attestations.trust_root import TrustRoot

if TYPE_CHECKING:
    from sigstore.models import Bundle

_IN_TOTO = "application/vnd.in-toto+json"
_ENTRIES = frozenset({("dsse", "0.0.1"), ("hashedrekord", "0.0.2")})
"""The kinds of log entries in which Rekor 1 and Rekor 2 keep what is signed here."""
_SHOWN = 200
_FOR_DEVELOPERS = re.compile(r": expected \w+=| \(encountered processing | \[type=")
"""Where a message goes on with the representation of an object."""


def verify(document: bytes, filename: str, digest: Sha256, trust_root: TrustRoot) -> Known[Provenance] | Absent:
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
        return Known(Provenance(_outcome(error), reason=str(error)))
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
            failures[_outcome(error)].append(str(error))
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


@dataclass(frozen=True, slots=True)
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
            if type(error).__name__ != "PanicException":  # how libraries in Rust fail; no Exception, by design
                raise
            raise _unexpected(error) from error

    def _verified(self, signed: Signed) -> Attestation:
        if signed.publisher is not None:
            agreement.known_kind(signed.publisher)
        bundle = _bundle(signed)
        # What the library has understood, in its own words: a JSON object may have more than one spelling.
        entry = json.loads(bundle.to_json())["verificationMaterial"]["tlogEntries"][0]
        kind = (entry["kindVersion"]["kind"], entry["kindVersion"]["version"])
        if kind not in _ENTRIES:
            raise _later_log(*kind)
        predicate = self._predicate(self._payload(bundle, entry))
        identity = identity_of(bundle.signing_certificate)
        if signed.publisher is not None:
            agreement.agree(signed.publisher, identity)
        return Attestation(predicate, identity.publisher, _logged_at(bundle, entry))

    def _payload(self, bundle: Bundle, entry: Mapping[str, Any]) -> bytes:
        """What was signed, once the signature, the certificate and the log entry have been verified."""
        from sigstore.errors import Error  # noqa: PLC0415 - loaded by now
        from sigstore.verify.policy import UnsafeNoOp  # noqa: PLC0415

        try:
            # Whoever it is may sign: who it must be is the policy's matter.
            payload_type, payload = self.trust_root.verifier().verify_dsse(bundle, UnsafeNoOp())
        except Error as error:
            stale = staleness.unknown_signer(bundle.signing_certificate, entry, self.trust_root.content)
            raise Rejected(stale or f"it does not verify: {_line(error)}") from error
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


def _bundle(signed: Signed) -> Bundle:
    """An attestation in the form in which the library verifies it.

    Raises:
        Rejected: it is malformed.
        NotUnderstood: its version, or its log entry, is a later one.
    """
    from sigstore.errors import Error  # noqa: PLC0415 - half a second
    from sigstore.models import Bundle, IncompatibleEntry  # noqa: PLC0415

    try:
        if signed.form == "attestation":
            return _of_attestation(signed.content)
        bundle = Bundle.from_json(json.dumps(signed.content))
    except IncompatibleEntry as error:
        raise NotUnderstood(_line(error)) from error
    except (Error, ValueError) as error:
        raise Rejected(f"it is malformed: {_line(error)}") from error
    if "dsseEnvelope" not in json.loads(bundle.to_json()):
        raise Rejected("it is a Sigstore bundle without a statement (a DSSE envelope)")
    return bundle


def _of_attestation(content: Mapping[str, Any]) -> Bundle:
    """An attestation object, which has no place for time stamps: a log entry needs a promise with its time."""
    from pypi_attestations import Attestation as AttestationObject  # noqa: PLC0415 - loads sigstore
    from sigstore.models import InvalidBundle  # noqa: PLC0415

    known_version(content, "the attestation")
    attestation = AttestationObject.model_validate(content)
    try:
        return attestation.to_bundle()
    except InvalidBundle:
        kind = attestation.verification_material.transparency_entries[0].get("kindVersion", {})
        if kind.get("version", "0.0.1") != "0.0.1":
            raise _later_log(kind.get("kind"), kind.get("version")) from None
        raise


def _later_log(kind: object, version: object) -> NotUnderstood:
    return NotUnderstood(f"its log entry is of a kind that cannot be verified here: {kind} {version}"[:_SHOWN])


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
    """What a distribution file's name says, as pypi-attestations compares it; None where it is no such name."""
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename)
        return parse_sdist_filename(filename)
    except ValueError:
        return None


def _logged_at(bundle: Bundle, entry: Mapping[str, Any]) -> datetime:
    """When it was signed, as the log has promised or a time stamp says.

    Of several time stamps the library does not say which it has believed. The certificate's own time is at
    most as far off as it is valid, and that is minutes.
    """
    if "inclusionPromise" in entry and entry.get("integratedTime"):
        return datetime.fromtimestamp(int(entry["integratedTime"]), timezone.utc)
    stamps = bundle.verification_material.timestamp_verification_data
    if stamps is not None and len(stamps.rfc3161_timestamps) == 1:
        return stamps.rfc3161_timestamps[0].tst_info.gen_time.astimezone(timezone.utc)
    return bundle.signing_certificate.not_valid_before_utc


def _unexpected(error: BaseException) -> Rejected:
    return Rejected(f"it could not be verified: {type(error).__name__}: {_line(error)}")


def _line(error: BaseException) -> str:
    """What an error of a library says, in one line, without what it says for its developers."""
    text = str(error)
    if isinstance(error, ValueError) and hasattr(error, "errors"):  # of pydantic: the first of several
        first = error.errors()[0]
        text = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    text = _FOR_DEVELOPERS.split(" ".join(text.split()))[0]
    return text[:_SHOWN] or type(error).__name__


def _quoted(text: str) -> str:
    return repr(text)[:_SHOWN]
