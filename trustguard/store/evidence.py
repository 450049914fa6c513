"""Saved evidence, by the SHA-256 of its canonical JSON: ``<root>/sha256/ab/<hex>.json``.

Canonical means sorted keys, no spaces, ASCII: the same evidence always has the same digest, and the digest
that stands in a ledger proves that the evidence is the one that the verdict rested on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from trustguard.model.errors import StoreError
from trustguard.model.evidence import Evidence
from trustguard.model.project import Sha256, sha256
from trustguard.model.serial import evidence_from_json, evidence_to_json
from trustguard.store.files import damaged_name, private_directory, store_error, write_whole


class EvidenceStore:
    """Evidence by its digest. Several processes may use one root at once.

    Args:
        root: the directory; made where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, evidence: Evidence) -> Sha256:
        """Save evidence.

        Returns:
            The digest under which :meth:`load` finds it.

        Raises:
            StoreError: it cannot be written.
            ValueError: a time in it has no zone.
        """
        data = canonical(evidence)
        digest = Sha256(hashlib.sha256(data).hexdigest())
        path = self._path(digest)
        try:
            private_directory(path.parent)
            write_whole(path, data)
        except OSError as error:
            raise store_error(error, "write", path) from error
        return digest

    def load(self, digest: Sha256) -> Evidence:
        """The evidence with this digest.

        Raises:
            StoreError: there is none, it cannot be read, or it is damaged (and then set aside).
        """
        path = self._path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise StoreError(f"no evidence is saved under {digest}") from None
        except OSError as error:
            raise store_error(error, "read", path) from error
        if hashlib.sha256(data).hexdigest() != digest:
            with contextlib.suppress(OSError):
                path.replace(damaged_name(path))
            raise StoreError(f"the evidence in {path} is damaged: not used")
        try:
            return evidence_from_json(json.loads(data))
        except ValueError as error:
            raise StoreError(f"the evidence in {path} cannot be read: {error}") from error

    def _path(self, digest: Sha256) -> Path:
        try:
            name = sha256(digest)
        except ValueError as error:
            raise StoreError(str(error)) from error
        return self._root / "sha256" / name[:2] / f"{name}.json"


def canonical(evidence: Evidence) -> bytes:
    """Evidence in the one form in which it is saved.

    Raises:
        ValueError: a time in it has no zone.
    """
    return json.dumps(evidence_to_json(evidence), sort_keys=True, separators=(",", ":")).encode("ascii")
