"""Who built a file, verified offline: documents of PEP 740, on a trust root that is ours.

:func:`verify` is all that others need, with a :class:`TrustRoot`. The signature, the certificate and the log
entry are the matter of the ``sigstore`` library, unmodified; the duties that ``pypi-attestations`` adds to
it, and what is read from a verified certificate, are done here (docs/adr/0010). The libraries take half a
second to load, so they are imported where there is something to verify, and nowhere else.
"""

from __future__ import annotations

from trustguard.sources.attestations.document import LIMIT
from trustguard.sources.attestations.trust_root import BUNDLED_AT, TrustRoot, bundled_trust_root
from trustguard.sources.attestations.verification import verify

__all__ = ["BUNDLED_AT", "LIMIT", "TrustRoot", "bundled_trust_root", "verify"]
