"""Where trustguard keeps what it knows (platformdirs' folders), and the stores that live there."""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from trustguard import __version__
from trustguard.model.record import record

if TYPE_CHECKING:  # 35 ms, which a command that reads no configuration need not pay
    from trustguard.model.policy import Policy


@record
class State:
    """The folders of one user."""

    cache: Path
    data: Path

    @classmethod
    def of_this_user(cls) -> State:
        """The folders that the platform says."""
        from platformdirs import user_cache_path, user_data_path  # noqa: PLC0415 - 10 ms that --version need not pay

        return cls(user_cache_path("trustguard"), user_data_path("trustguard"))

    @property
    def seed(self) -> int:
        """A number that is the same whenever these folders are; it decides the guard's port."""
        return zlib.crc32(os.fsencode(self.cache))

    @property
    def advisories(self) -> Path:
        """The advisory database."""
        return self.data / "advisories.sqlite"

    @property
    def popular(self) -> Path:
        """The refreshed list of popular projects."""
        return self.data / "popular.txt"

    @property
    def verified(self) -> Path:
        """What came of verifying attestations."""
        return self.cache / "verified"

    @property
    def trust_root(self) -> Path:
        """The refreshed trust root of Sigstore."""
        return self.data / "trust-root.json"

    @property
    def tuf(self) -> Path:
        """What is known of the repository that the trust root is refreshed from (TUF's metadata)."""
        return self.data / "tuf"

    @property
    def forges(self) -> Path:
        """What forges have said of repositories."""
        return self.cache / "forges"

    @property
    def artifacts(self) -> Path:
        """Bodies, by their digest."""
        return self.cache / "artifacts"

    @property
    def evidence(self) -> Path:
        """Saved evidence, by its digest."""
        return self.data / "evidence"

    @property
    def publishers(self) -> Path:
        """Who has published what was installed."""
        return self.data / "publishers"

    @property
    def owners(self) -> Path:
        """Who owned what was installed."""
        return self.data / "owners"

    @property
    def dependents(self) -> Path:
        """What a service has said of how many projects depend on one."""
        return self.cache / "dependents"

    @property
    def environments(self) -> Path:
        """Which environments have a ledger that guarded runs of this user have written."""
        return self.data / "environments"

    @property
    def locks(self) -> Path:
        """Lock files."""
        return self.cache / "locks"

    def prepare(self) -> None:
        """Make the folders. A run that could not write down what it did is not to begin.

        Raises:
            StoreError: one of them cannot be made or written to.
        """
        # Where it is needed.
        from trustguard.store.files import OTHER_FOLDERS, private_directory, store_error  # noqa: PLC0415

        for folder in (self.artifacts, self.evidence, self.publishers, self.owners, self.locks):
            try:
                private_directory(folder)
                if not os.access(folder, os.W_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            except OSError as error:
                raise store_error(error, "write to", folder, OTHER_FOLDERS) from error

    def pip_cache(self, policy: Policy, sandbox: str) -> Path:
        """Pip's cache of the wheels that it has built from vetted sdists.

        One for each policy, and each version of the checks: what a laxer policy let be built, a stricter one
        does not take from a cache.

        Args:
            policy: the rules of the run, with what lock files pin.
            sandbox: how builds are contained: what was built in the open is not taken where they must be.
        """
        # What has expired allows nothing any more, a cached build included.
        valid = policy.on(datetime.now(timezone.utc).date())
        digest = hashlib.sha256(f"{__version__} {sandbox} {valid.digest}".encode()).hexdigest()
        return self.cache / "pip" / digest[:16]
