"""The trust root: which authorities, logs and time stamps are believed. It is bytes that somebody has pinned.

Never the file in the user's cache that the library reads when it is offline: nothing verifies that one.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from trustguard.model.errors import SourceRefused, StoreError
from trustguard.model.project import Sha256
from trustguard.sources.attestations.document import one_line

if TYPE_CHECKING:
    from sigstore.verify import Verifier

LIMIT = 1 << 20
"""Bytes of a trust root; Sigstore's own has 7,000."""
_BUNDLED = Path(__file__).parents[2] / "data" / "trusted_root.json"
BUNDLED_AT = datetime(2026, 11, 22, tzinfo=timezone.utc)
"""When the one in the package was taken from sigstore 4.5.1, which embeds it."""


class TrustRoot:
    """A trust root (Sigstore's ``trusted_root.json``), parsed when it is needed first. Threads may share it.

    Args:
        content: the document.
        origin: where it is from, for messages.
    """

    def __init__(self, content: bytes, origin: str = "") -> None:
        self.content = content
        self.origin = origin
        self.digest = Sha256(hashlib.sha256(content).hexdigest())
        """SHA-256 of the document: what was verified on one trust root is not verified on another."""
        self._lock = threading.Lock()
        self._verifier: Verifier | None = None

    def verifier(self) -> Verifier:
        """What verifies on this trust root; made once.

        Raises:
            SourceRefused: it is not a trust root.
        """
        with self._lock:
            if self._verifier is None:
                self._verifier = self._made()
            return self._verifier

    def _made(self) -> Verifier:
        from sigstore.errors import Error  # noqa: PLC0415 - half a second
        from sigstore.models import TrustedRoot  # noqa: PLC0415
        from sigstore.verify import Verifier  # noqa: PLC0415

        logger = logging.getLogger("sigstore")
        if (
            not logger.handlers
        ):  # of a key that it cannot use it warns on standard error, unless told where to
            logger.addHandler(logging.NullHandler())
        if len(self.content) > LIMIT:
            raise self._refused(f"it is larger than {LIMIT:,} bytes")
        try:
            with tempfile.TemporaryDirectory(prefix="trustguard-") as folder:
                file = Path(folder, "trusted_root.json")  # the library's public way in is a file
                file.write_bytes(self.content)
                return Verifier(trusted_root=TrustedRoot.from_file(str(file)))
        except OSError as error:
            raise StoreError(
                f"the trust root cannot be put into a temporary file: {error.strerror}"
            ) from error
        except (Error, ValueError) as error:
            raise self._refused(one_line(error)) from error

    def _refused(self, why: str) -> SourceRefused:
        what = f"the trust root {self.origin}" if self.origin else "the trust root"
        return SourceRefused(
            f"{what} is not usable: {why}", hint="it must be the trusted_root.json of a Sigstore"
        )


@cache
def bundled_trust_root() -> TrustRoot:
    """Sigstore's public one, as it came with this release.

    Raises:
        StoreError: the package is not complete.
    """
    try:
        return TrustRoot(_BUNDLED.read_bytes(), "that came with trustguard")
    except OSError as error:
        raise StoreError(
            f"the trust root that came with trustguard cannot be read: {error.strerror}",
            hint="install trustguard again",
        ) from error
