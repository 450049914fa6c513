"""What came of verifying attestations, so that the same is not verified twice.

The key is the file's name and digest, the document's and the trust root's: with any of them another, it is
verified anew. What verifies can change with the program that verifies, so its version is part of the key.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from trustguard import __version__
from trustguard.model.project import Sha256
from trustguard.model.provenance import Provenance
from trustguard.model.serial import provenance_from_json, provenance_to_json
from trustguard.store.files import discard, private_directory, write_whole

_LIMIT = 1 << 20


class VerifiedStore:
    """Results by what they are about. Several processes may use one root at once.

    It only saves time: what cannot be read or written is verified again, and nothing needs to be said.

    Args:
        root: the directory; made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def load(self, key: Sha256) -> Provenance | None:
        """The result under a key of :func:`key_of`; None where there is none that can be read."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                return provenance_from_json(json.loads(file.read(_LIMIT)))
        except OSError:
            return None
        except (ValueError, RecursionError):
            discard(path)
            return None

    def save(self, key: Sha256, provenance: Provenance) -> None:
        """Keep a result."""
        path = self._path(key)
        data = json.dumps(provenance_to_json(provenance), separators=(",", ":")).encode("ascii")
        with contextlib.suppress(OSError):  # then it is verified again
            private_directory(path.parent)
            write_whole(path, data)

    def _path(self, key: Sha256) -> Path:
        return self._root / key[:2] / f"{key}.json"


def key_of(filename: str, digest: Sha256, document: bytes, trust_root: Sha256) -> Sha256:
    """The key of a result.

    Args:
        filename: the file's name.
        digest: the file's SHA-256.
        document: the provenance document.
        trust_root: the SHA-256 of the trust root.
    """
    parts = (__version__, filename, digest, hashlib.sha256(document).hexdigest(), trust_root)
    return Sha256(hashlib.sha256("\n".join(parts).encode()).hexdigest())
