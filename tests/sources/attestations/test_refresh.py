"""The trust root is refreshed from a repository of the update framework (TUF), within a deadline."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]
from tuf.api.metadata import (  # type: ignore[attr-defined]
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from tests.lab.faults import Hang, Status
from tests.lab.index import LabIndex
from tests.lab.sigstore import PrivateSigstore
from trustguard.model.errors import SourceError, SourceRefused, SourceUnreachable, StoreError
from trustguard.sources.attestations import TrustRoot
from trustguard.sources.attestations.refresh import fetch
from trustguard.sources.http import HttpClient, HttpSettings

SOON = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=1)
CONTENT = PrivateSigstore().trusted_root
NEWER = PrivateSigstore().trusted_root


@dataclass
class Repository:
    """A repository with one key for all roles, on an index of the lab under ``/raw``."""

    index: LabIndex
    signer: CryptoSigner = field(default_factory=CryptoSigner.generate_ecdsa)
    first_root: bytes = b""

    def __post_init__(self) -> None:
        root = Root(expires=SOON, consistent_snapshot=True)
        for role in ("root", "timestamp", "snapshot", "targets"):
            root.add_key(self.signer.public_key, role)
        self.first_root = self.sign(root)
        self.publish(CONTENT)

    def sign(self, signed: Any) -> bytes:
        """A role's metadata, signed."""
        metadata = Metadata(signed)
        metadata.sign(self.signer)
        return metadata.to_bytes()

    def publish(
        self, content: bytes, version: int = 1, name: str = "trusted_root.json", expires: datetime = SOON
    ) -> str:
        """Publish a target in the place of the one before; returns the path below which everything lies."""
        file = TargetFile.from_data(name, content, ["sha256"])
        roles = {
            f"{version}.targets.json": Targets(version=version, expires=SOON, targets={name: file}),
            f"{version}.snapshot.json": Snapshot(
                version=version, expires=SOON, meta={"targets.json": MetaFile(version)}
            ),
            "timestamp.json": Timestamp(version=version, expires=expires, snapshot_meta=MetaFile(version)),
        }
        for path, role in roles.items():
            self.index.put(path, self.sign(role))
        return self.index.put(f"targets/{file.hashes['sha256']}.{name}", content)

    def fetch(self, folder: Path, seconds: float = 10, first_root: bytes | None = None) -> TrustRoot:
        """Fetch from it."""

        async def run() -> TrustRoot:
            async with HttpClient(HttpSettings(retries=0)) as client:
                return await fetch(
                    client,
                    folder,
                    timedelta(seconds=seconds),
                    url=f"{self.index.base}/raw",
                    first_root=first_root or self.first_root,
                )

        return asyncio.run(run())


@pytest.fixture
def repository(index: LabIndex) -> Repository:
    """A repository with a trust root."""
    return Repository(index)


def test_what_the_repository_has_is_fetched_and_verified(repository: Repository, tmp_path: Path) -> None:
    found = repository.fetch(tmp_path / "data" / "tuf")
    assert found.content == CONTENT
    assert found.origin == f"{repository.index.base}/raw"


def test_a_newer_one_takes_the_place_of_the_one_before(repository: Repository, tmp_path: Path) -> None:
    repository.fetch(tmp_path)
    repository.publish(NEWER, version=2)
    assert repository.fetch(tmp_path).content == NEWER


def test_there_is_no_way_back_to_an_older_state(repository: Repository, tmp_path: Path) -> None:
    repository.publish(NEWER, version=2)
    repository.fetch(tmp_path)
    repository.publish(CONTENT, version=1)
    with pytest.raises(SourceRefused):
        repository.fetch(tmp_path)


def test_what_somebody_else_has_signed_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.signer = CryptoSigner.generate_ecdsa()
    repository.publish(NEWER)
    with pytest.raises(SourceRefused, match=r"^the trust root at http://127\.0\.0\.1:\d+/raw: "):
        repository.fetch(tmp_path)


def test_another_repository_than_sigstores_own_is_refused_from_the_beginning(
    repository: Repository, tmp_path: Path
) -> None:
    root = Path(__file__).parents[3] / "trustguard" / "data" / "sigstore_root.json"
    with pytest.raises(SourceRefused):
        repository.fetch(tmp_path, first_root=root.read_bytes())


def test_what_has_expired_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.publish(CONTENT, version=2, expires=SOON - timedelta(days=2))
    with pytest.raises(SourceRefused, match="expired"):
        repository.fetch(tmp_path)


def test_a_target_with_other_bytes_is_refused(repository: Repository, tmp_path: Path) -> None:
    place = repository.publish(CONTENT)
    repository.index.put(place.partition("/raw/")[2], CONTENT[:-1] + b" ")
    with pytest.raises(SourceRefused):
        repository.fetch(tmp_path)


def test_what_is_properly_signed_and_no_trust_root_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.publish(b"{}", version=2)
    with pytest.raises(SourceRefused, match="not usable"):
        repository.fetch(tmp_path)


def test_a_repository_without_a_trust_root_is_told_so(repository: Repository, tmp_path: Path) -> None:
    repository.publish(CONTENT, version=2, name="other.json")
    with pytest.raises(SourceRefused, match=r"the repository has no trusted_root\.json"):
        repository.fetch(tmp_path)


@pytest.mark.parametrize("fault", [Status(403), Status(404)])
def test_a_repository_that_refuses_is_an_error_of_the_source(
    repository: Repository, tmp_path: Path, fault: Status
) -> None:
    repository.index.fault("/raw/timestamp.json", fault)
    with pytest.raises(SourceError) as caught:
        repository.fetch(tmp_path)
    assert caught.value.message.isprintable()


def test_a_repository_that_does_not_answer_ends_with_the_deadline(
    repository: Repository, tmp_path: Path
) -> None:
    repository.index.fault("/raw/timestamp.json", Hang())
    with pytest.raises(SourceUnreachable, match="did not come within"):
        repository.fetch(tmp_path, seconds=0.5)
    with pytest.raises(SourceUnreachable, match="did not come within 0 s"):
        repository.fetch(tmp_path, seconds=0)


def test_a_folder_that_cannot_be_used_is_an_error_of_our_own(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "tuf").write_text("a file")
    with pytest.raises(StoreError, match="cannot use"):
        repository.fetch(tmp_path / "tuf")
