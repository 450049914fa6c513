"""Which of the files that were handed out an installed distribution is from: what it consists of says that.

Its name and its version do not. A program may install another file of the same release: from a folder, or
from a cache, and nobody has vetted that one.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution
from pathlib import Path

from packaging.utils import NormalizedName

from trustguard.installers.site_packages.files import LARGE, is_of
from trustguard.installers.tools import own_files
from trustguard.model.project import FileKind, Sha256
from trustguard.model.report import Package
from trustguard.store.artifacts import ArtifactStore


class HandedOut:
    """What was handed out during a run.

    Args:
        packages: what was let in.
        artifacts: where the bytes are.

    Attributes:
        urls: the addresses of the files.
    """

    def __init__(self, packages: Iterable[Package], artifacts: ArtifactStore) -> None:
        self._artifacts = artifacts
        self._releases: dict[tuple[NormalizedName, str], list[Package]] = {}
        for package in packages:
            release = package.evidence.project, str(package.evidence.version)
            self._releases.setdefault(release, []).append(package)
        self.urls = {one.evidence.file.url for release in self._releases.values() for one in release}

    def file_of(self, info: Path, found: Distribution, name: NormalizedName) -> str | None:
        """The file that a distribution is from; None where it is from none of them.

        It is compared with wheels. With what was built it cannot be, nor with what is very large: there only
        what the installer says of another origin (PEP 610) speaks against it.

        Args:
            info: the distribution's ``.dist-info`` folder.
            found: the distribution.
            name: what it is called.
        """
        packages = self._releases.get((name, own_files.normal(found.metadata["Version"] or "")), [])
        compared = [(self._is_same(info, package), package.evidence.file.filename) for package in packages]
        if same := [filename for is_same, filename in compared if is_same]:
            return same[-1]
        address = own_files.address(found)
        unknown = [filename for is_same, filename in compared if is_same is None]
        return unknown[-1] if unknown and (not address or address in self.urls) else None

    def _is_same(self, info: Path, package: Package) -> bool | None:
        """Whether a distribution is what is in a wheel; None where that cannot be told."""
        file = package.evidence.file
        digest = getattr(package.evidence.sha256, "value", None) or file.sha256
        if file.name.kind is not FileKind.WHEEL or digest is None:
            return None
        if (self._artifacts.size(Sha256(digest)) or 0) > LARGE:
            return None
        body = self._artifacts.open_verified(Sha256(digest))
        return None if body is None else is_of(info, body)
