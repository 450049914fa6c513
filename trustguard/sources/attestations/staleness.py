"""Why something did not verify: forged, or signed by authorities and logs that the trust root does not know.

Sigstore replaces its keys from time to time. What was signed with new ones does not verify on an old trust
root, and whoever reads "forged" then looks in the wrong place. What is found here changes the reason that is
told and never the outcome: whoever forges something can also name an authority that nobody knows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ADVICE = "the trust root may be old (run: trustguard update), or it was signed for another Sigstore"


def unknown_signer(certificate: Certificate, entry: Mapping[str, Any], trust_root: bytes) -> str | None:
    """What the trust root does not know of those who vouch for a signature, in one line; None: it knows all.

    Args:
        certificate: the signing certificate, not verified.
        entry: the log entry, likewise: an object of ``tlogEntries`` in a Sigstore bundle.
        trust_root: the trust root, which has been parsed before.
    """
    root = json.loads(trust_root)
    if _authority(certificate) not in set(_authorities(root)):
        return f"its certificate is from an authority that the trust root does not know: {ADVICE}"
    if entry.get("logId", {}).get("keyId") not in set(_logs(root, "tlogs")):
        return f"it is in a transparency log that the trust root does not know: {ADVICE}"
    if not set(_certificate_logs(certificate)) <= set(_logs(root, "ctlogs")):
        return f"its certificate is in a log that the trust root does not know: {ADVICE}"
    return None


def _authority(certificate: Certificate) -> bytes | None:
    """The identifier of the key that is said to have signed a certificate (RFC 5280, 4.2.1.1)."""
    from cryptography.x509 import AuthorityKeyIdentifier, ExtensionNotFound  # noqa: PLC0415 - loaded by now

    try:
        found = certificate.extensions.get_extension_for_class(AuthorityKeyIdentifier)
    except ExtensionNotFound:
        return None
    return found.value.key_identifier


def _authorities(root: Mapping[str, Any]) -> Iterator[bytes | None]:
    """The identifiers of the keys that sign certificates (RFC 5280, 4.2.1.2)."""
    from cryptography.x509 import (  # noqa: PLC0415 - loaded by now
        SubjectKeyIdentifier,
        load_der_x509_certificate,
    )

    for authority in root["certificateAuthorities"]:
        for held in authority["certChain"]["certificates"]:
            certificate = load_der_x509_certificate(base64.b64decode(held["rawBytes"]))
            yield certificate.extensions.get_extension_for_class(SubjectKeyIdentifier).value.digest


def _logs(root: Mapping[str, Any], name: str) -> Iterator[str]:
    return (log["logId"]["keyId"] for log in root.get(name, ()))


def _certificate_logs(certificate: Certificate) -> Iterator[str]:
    """The logs that have promised to list a certificate (RFC 6962, 3.3)."""
    from cryptography.x509 import (  # noqa: PLC0415 - loaded by now
        ExtensionNotFound,
        PrecertificateSignedCertificateTimestamps,
    )

    try:
        found = certificate.extensions.get_extension_for_class(PrecertificateSignedCertificateTimestamps)
    except ExtensionNotFound:
        return
    for promise in found.value:
        yield base64.b64encode(promise.log_id).decode()
