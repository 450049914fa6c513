"""How strong the signals are that speak for a release: what is read from the evidence for the trust score."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import log
from typing import TypeVar

from trustguard.model.evidence import Evidence, Fact, Known
from trustguard.model.provenance import Publisher
from trustguard.model.score_weights import DEPENDENTS, PATIENCE, PROVEN, RANKS, RELEASES, SETTLED, TOP, Signal

_T = TypeVar("_T")
_DAY = timedelta(days=1)


def strength(signal: Signal, evidence: Evidence) -> float:
    """How strong a signal is, from 0 to 1."""
    return _within(_STRENGTHS[signal.id](evidence))


def _value_of(fact: Fact[_T]) -> _T | None:
    """What is known; a positive signal that is unavailable counts as little as one that is absent."""
    return fact.value if isinstance(fact, Known) else None


def days_since(evidence: Evidence, since: datetime) -> float:
    """How long ago something was when the file was judged, in days; not less than none."""
    return max((evidence.at - since) / _DAY, 0.0)


def _attested(evidence: Evidence) -> float:
    found = _value_of(evidence.provenance)
    return float(found is not None and found.outcome == "verified")


def _aged(evidence: Evidence) -> float:
    """From one year to three: what is younger may have been prepared by somebody with patience."""
    history = _value_of(evidence.history)
    if history is None:
        return 0.0
    return _within((days_since(evidence, history.first_upload) - PATIENCE) / (SETTLED - PATIENCE))


def _released(evidence: Evidence) -> float:
    """Releases, as far as the project has the age for them: thirty in one day are worth nothing."""
    history = _value_of(evidence.history)
    return 0.0 if history is None else min(history.releases / RELEASES, 1) * _aged(evidence)


def _popular(evidence: Evidence) -> float:
    """By the logarithm of the place."""
    rank = _value_of(evidence.rank)
    return 0.0 if rank is None else _within(1 - log(max(rank / TOP, 1)) / log(RANKS / TOP))


def _depended_on(evidence: Evidence) -> float:
    """By the logarithm of the number; and by age, since anybody can upload what depends on his own."""
    dependents = _value_of(evidence.dependents)
    return 0.0 if dependents is None else log(1 + dependents.direct) / log(1 + DEPENDENTS) * _aged(evidence)


def _within(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _proven(evidence: Evidence) -> float:
    """How far an attestation says more than that somebody has a repository.

    The project must have what cannot be made in a year, popularity or age with releases; and who has signed
    must have done so for a while: whoever has just taken over an old project can sign as well.
    """
    now, before = _value_of(evidence.provenance), _value_of(evidence.publishers)
    if now is None or before is None:
        return 0.0
    known = {_identity(one) for one in before.publishers}
    if not any(_identity(one) in known for one in now.publishers):
        return 0.0
    standing = max(_popular(evidence), min(2 * _released(evidence), _aged(evidence)))
    return standing * min(days_since(evidence, before.since) / PROVEN, 1)


def _identity(publisher: Publisher) -> tuple[str, ...]:
    """Who somebody is from one release to the next."""
    where = publisher.repository_id or str(publisher.repository or publisher.identity)
    return publisher.issuer, where, publisher.owner_id


def _proven_source(evidence: Evidence) -> float:
    now, claims = _value_of(evidence.provenance), _value_of(evidence.claims)
    if now is None or claims is None or not any(one in now.repositories for one in claims.repositories):
        return 0.0
    return _proven(evidence)


def _tagged(evidence: Evidence) -> float:
    """Only of a repository that is proven: anybody can claim one that has many tags, or many stars."""
    now, tags = _value_of(evidence.provenance), _value_of(evidence.tags)
    if now is None or tags is None or tags.repository not in now.repositories or not tags.releases:
        return 0.0
    return tags.tagged / tags.releases * _proven(evidence)


def _claimed_source(evidence: Evidence) -> float:
    claims = _value_of(evidence.claims)
    return float(claims is not None and bool(claims.repositories))


def _of_organisation(evidence: Evidence) -> float:
    owners = _value_of(evidence.owners) or ()
    return float(any(owner.startswith("organization ") for owner in owners))


def _described(evidence: Evidence) -> float:
    metadata, claims = _value_of(evidence.metadata), _value_of(evidence.claims)
    said = [
        metadata is not None and bool(metadata.requires_python),
        claims is not None and bool(claims.people),
    ]
    return sum(said) / len(said)


_STRENGTHS: Mapping[str, Callable[[Evidence], float]] = {
    "attested": _attested,
    "attested-standing": _proven,
    "proven-source": _proven_source,
    "tagged-releases": _tagged,
    "claimed-source": _claimed_source,
    "age": _aged,
    "releases": _released,
    "popular": _popular,
    "depended-on": _depended_on,
    "owned-by-organisation": _of_organisation,
    "described": _described,
}
