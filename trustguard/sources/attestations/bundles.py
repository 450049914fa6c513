"""An attestation in the form in which the library verifies it, and what stands in its log entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from trustguard.model.record import record
from trustguard.sources.attestations.document import (
    NotUnderstood,
    Rejected,
    Signed,
    known_version,
    one_line,
)

if TYPE_CHECKING:
    from sigstore.models import Bundle

_ENTRIES = frozenset({("dsse", "0.0.1"), ("hashedrekord", "0.0.2")})
"""The kinds of log entries in which Rekor 1 and Rekor 2 keep what is signed here."""
_SHOWN = 200


@record
class Checked:
    """A bundle that is well-formed, and nothing more.

    Args:
        bundle: as the library has it.
        entry: its log entry as the library has understood it, an object of ``tlogEntries``: a JSON object may
            have more than one spelling.
    """

    bundle: Bundle
    entry: Mapping[str, Any]

    def logged_at(self) -> datetime:
        """When it was signed, as the log has promised or a time stamp says.

        Of several time stamps the library does not say which it has believed. The certificate's own time is
        at most as far off as it is valid, and that is minutes.
        """
        if "inclusionPromise" in self.entry and self.entry.get("integratedTime"):
            return datetime.fromtimestamp(int(self.entry["integratedTime"]), timezone.utc)
        stamps = self.bundle.verification_material.timestamp_verification_data
        if stamps is not None and len(stamps.rfc3161_timestamps) == 1:
            return stamps.rfc3161_timestamps[0].tst_info.gen_time.astimezone(timezone.utc)
        return self.bundle.signing_certificate.not_valid_before_utc


def checked(signed: Signed) -> Checked:
    """An attestation in the form in which the library verifies it.

    Raises:
        Rejected: it is malformed.
        NotUnderstood: its version, or its log entry, is a later one.
    """
    from sigstore.errors import Error  # noqa: PLC0415 - half a second
    from sigstore.models import Bundle, IncompatibleEntry  # noqa: PLC0415

    try:
        if signed.form == "attestation":
            bundle = _of_attestation(signed.content)
        else:
            bundle = Bundle.from_json(json.dumps(signed.content))
    except IncompatibleEntry as error:
        raise NotUnderstood(one_line(error)) from error
    except (Error, ValueError) as error:
        raise Rejected(f"it is malformed: {one_line(error)}") from error
    understood = json.loads(bundle.to_json())
    if "dsseEnvelope" not in understood:
        raise Rejected("it is a Sigstore bundle without a statement (a DSSE envelope)")
    (entry,) = understood["verificationMaterial"]["tlogEntries"]
    kind = (entry["kindVersion"]["kind"], entry["kindVersion"]["version"])
    if kind not in _ENTRIES:
        raise _later_log(*kind)
    return Checked(bundle, entry)


def _of_attestation(content: Mapping[str, Any]) -> Bundle:
    """An attestation object. It has no place for time stamps: the log entry needs a promise with its time."""
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
    return NotUnderstood(
        f"its log entry is of a kind that cannot be verified here: {kind} {version}"[:_SHOWN]
    )
