"""Evidence on a project and the popular one that it may pass itself off as, for the checks that compare."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from packaging.utils import NormalizedName

from tests.model.samples import AT, CLEAN
from trustguard.model.claims import Claims, Counterpart
from trustguard.model.evidence import Evidence, History, Known
from trustguard.model.provenance import Attestation, Provenance, Publisher
from trustguard.model.repository import Repository

DAY = timedelta(days=1)
THEIRS = Repository("github.com", "acme/demos")
BESIDE_THEIRS = Repository("github.com", "acme/demo")
OWN = Repository("github.com", "eve/demo")
FAMOUS = Counterpart(NormalizedName("demos"), (THEIRS,), ("user ann",))


def facing(counterpart: Counterpart | None = None, **facts: Any) -> Evidence:
    """Clean evidence on demo, with a counterpart and further facts."""
    if counterpart is not None:
        facts["counterpart"] = counterpart
    known: dict[str, Any] = {name: Known(value) for name, value in facts.items()}
    return replace(CLEAN, **known)


def claiming(*repositories: Repository) -> Claims:
    """What a project says that claims these repositories."""
    return Claims(repositories)


def built_in(*repositories: Repository) -> Provenance:
    """Provenance that has verified, from these repositories."""
    return Provenance(
        "verified",
        tuple(
            Attestation("publish", Publisher("GitHub", "https://issuer.example", str(one), one), AT)
            for one in repositories
        ),
    )


def since(days: int, releases: int) -> History:
    """A past."""
    return History(AT - days * DAY, releases)
