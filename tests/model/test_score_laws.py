"""The laws of the trust score hold for evidence by chance; benchmarks/score.py tries 200,000 times."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.chance import WORSE, evidence
from tests.model.score_laws import LAWS, Law
from trustguard.judging import vet
from trustguard.model.policy import Policy

seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("law", LAWS.values(), ids=[name.replace(" ", "-") for name in LAWS])
@settings(max_examples=150, deadline=None)
@given(seed=seeds)
def test_the_score_keeps_its_laws(law: Law, seed: int) -> None:
    assert law(random.Random(seed)) == ""  # noqa: S311 - nothing is secret


@pytest.mark.parametrize("name", WORSE)
def test_evidence_by_chance_can_be_made_worse_in_every_respect(name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - nothing is secret
    made = [evidence(chance) for _ in range(300)]
    assert any((changed := WORSE[name](chance, one)) is not None and changed != one for one in made)


def test_evidence_by_chance_comes_to_every_decision() -> None:
    chance = random.Random(5)  # noqa: S311 - nothing is secret
    decisions = {vet(one, Policy()).decision.value for one in (evidence(chance) for _ in range(500))}
    assert decisions == {"allow", "warn", "ask", "withhold", "block"}
