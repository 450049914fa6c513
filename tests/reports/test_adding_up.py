"""What is shown of a score adds up to what is shown as its sum, in the very digits."""

from __future__ import annotations

import random
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.chance import evidence
from tests.reports.test_score_lines import AGE, COPY, LINK, POPULAR, STAR, score
from trustguard.judging import vet
from trustguard.model.alternatives import Beside
from trustguard.model.policy import Policy
from trustguard.model.report import Package
from trustguard.model.score import Score, Term
from trustguard.model.score import score as weighed
from trustguard.model.score_weights import CAPS, START
from trustguard.reports.adding_up import entries, in_tenths, rounded
from trustguard.reports.check_report import block
from trustguard.reports.layout import Layout
from trustguard.reports.score_lines import derivation, entry_line, sum_line

SIGNED = re.compile(r"[+-]\d+\.\d+")


def flaw(number: int, points: float = -0.5) -> Term:
    """A vulnerability."""
    return Term("vulnerabilities", "vulnerability", points, f"flaw {number}")


def shown(some: Score) -> list[str]:
    """The lines on a score."""
    added = in_tenths(some)
    return [*(entry_line(one, number, 160) for one, number in added.shown), sum_line(added)]


def test_a_score_in_words_and_its_sum() -> None:
    """5.0 + 2.0 + 0.1 - 1.0 is 6.1."""
    assert shown(score(POPULAR, LINK, COPY)) == [
        "+2.0 popular: many would have noticed",
        "-1.0 clone: it is a copy",
        "+0.1 claimed-source: it names a repository",
        "5.0 to begin with, +2.1 for it, -1.0 against it = 6.1",
    ]


def test_where_nothing_counts_that_is_said() -> None:
    assert shown(score()) == ["5.0 to begin with, and nothing that counts"]


def test_findings_of_one_check_are_one_line_with_its_cap() -> None:
    """Five times 0.5 are 2.5, and vulnerabilities take 2.0 at most: 5.0 - 2.0 is 3.0."""
    some = score(*(flaw(n) for n in range(5)), groups=(("vulnerabilities", -2.0),))
    assert shown(some) == [
        "-2.0 vulnerability, 5 findings, capped",
        "5.0 to begin with, -2.0 against it = 3.0",
    ]
    assert shown(score(flaw(1), flaw(2)))[0] == "-1.0 vulnerability, 2 findings"


def test_a_cap_over_several_checks_is_a_number_of_its_own() -> None:
    """A copy (-1.0) and a false claim (-2.5) are -3.5; the group takes 2.5, and 1.0 is given back."""
    assert shown(score(STAR, COPY, groups=(("source", -2.5),)))[-1] == (
        "5.0 to begin with, -3.5 against it, +1.0 by caps = 2.5"
    )


def test_of_many_the_rest_is_one_number() -> None:
    """5.0 + 2.96 - 2.5 - 1.0 - 0.5, and two more, 0.2 and 0.1, is 3.66; 0.06 is lost by 0.96."""
    doubts = (
        STAR,
        COPY,
        flaw(1),
        Term("status", "project-status", -0.2, "old"),
        Term("artifact", "x", -0.1, "y"),
    )
    lines = shown(score(POPULAR, AGE, *doubts, groups=tuple(_sums(POPULAR, AGE, *doubts))))
    assert lines[-1] == "5.0 to begin with, +2.9 for it, -4.0 against it, -0.3 by 2 more = 3.6"


def _sums(*terms: Term) -> list[tuple[str, float]]:
    found: dict[str, float] = {}
    for term in terms:
        found[term.group] = found.get(term.group, 0.0) + term.points
    return list(found.items())


def test_what_rounds_to_nothing_has_no_line_and_is_in_the_sum_all_the_same() -> None:
    """Two times 0.04 are 0.08: 5.08, which is shown as 5.0; with 0.03 more it is 5.11."""
    little = Term("history", "age", 0.04, "a"), Term("history", "releases", 0.04, "b")
    assert shown(score(*little)) == ["5.0 to begin with, +0.0 by 2 more = 5.0"]
    assert shown(score(*little, Term("cosmetics", "described", 0.03, "c"))) == [
        "5.0 to begin with, +0.1 by 3 more = 5.1"
    ]
    against = score(Term("history", "youth", -0.04, "it is 86 days old"))
    assert shown(against) == ["5.0 to begin with, -0.1 by 1 more = 4.9"]


def test_below_the_lowest_it_ends() -> None:
    """5.0 - 3.0 - 2.5 - 2.0 is -2.5, and no score is below 1.0: 3.5 are given back."""
    worst = Term("name", "typosquatting", -3.0, "a"), STAR, Term("status", "project-status", -2.0, "b")
    assert shown(score(*worst))[-1] == (
        "5.0 to begin with, -7.5 against it, +3.5 up to the lowest that there is = 1.0"
    )


@given(st.lists(st.floats(-9, 9), max_size=12), st.sampled_from([10, 100]))
def test_rounded_parts_make_their_total_and_none_is_far_off(parts: list[float], per: int) -> None:
    numbers = rounded(parts, per)
    assert all(abs(number - part * per) < 1.001 for number, part in zip(numbers, parts, strict=True))
    assert abs(sum(numbers) - sum(parts) * per) < 1.001


@given(st.lists(st.integers(-90, 90), max_size=12), st.floats(-9, 9))
def test_what_needs_no_rounding_stays_as_it_is(exact: list[int], other: float) -> None:
    *numbers, _ = rounded([*(number / 10 for number in exact), other], 10)
    assert numbers == exact


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """Terms of any weight in any group, under the caps of the model."""
    groups = st.sampled_from(sorted(CAPS))
    kinds = st.tuples(groups, st.sampled_from(["one", "two"]), st.floats(-4, 4).filter(bool))
    terms = tuple(
        Term(group, name, points, f"{name} speaks") for group, name, points in draw(st.lists(kinds))
    )
    sums = tuple(
        (
            group,
            min(sum(t.points for t in terms if t.group == group and t.points > 0), caps.up)
            + max(sum(t.points for t in terms if t.group == group and t.points < 0), -caps.down),
        )
        for group, caps in CAPS.items()
        if any(t.group == group for t in terms)
    )
    in_order = tuple(sorted(terms, key=lambda term: -abs(term.points)))
    return score(*in_order, groups=sums)


def numbers(text: str) -> Decimal:
    """The sum of all signed numbers in a text."""
    return sum(map(Decimal, SIGNED.findall(text)), Decimal(0))


@given(scores())
def test_of_any_score_the_digits_add_up(some: Score) -> None:
    *reasons, line = shown(some)
    parts, _, total = line.partition(" = ")
    if not total:
        assert (reasons, in_tenths(some).total) == ([], 50)
        return
    assert Decimal("5.0") + numbers(parts) == Decimal(total)
    up = sum(Decimal(one.split()[0]) for one in reasons if one.startswith("+"))
    down = sum(Decimal(one.split()[0]) for one in reasons if one.startswith("-"))
    assert (f"{up:+.1f} for it" in parts) is bool(up)
    assert (f"{down:+.1f} against it" in parts) is bool(down)
    assert not any(one.startswith(("+0.0", "-0.0")) for one in reasons)
    assert len(reasons) <= 5


@given(scores())
def test_of_any_derivation_the_digits_add_up(some: Score) -> None:
    lines = list(derivation(some, Layout(200, color=False)))
    total = next(Decimal(line.split()[1]) for line in lines if line.startswith("    sum "))
    heads = [line for line in lines if re.match(r"    (?!sum )[a-z]+ +[+-]", line)]
    first = [Decimal(SIGNED.findall(line)[0]) for line in heads]
    assert Decimal("5.00") + sum(first) == total
    terms = [line for line in lines if re.match(r"      [+-]\d", line)]
    assert Decimal("5.00") + sum(Decimal(line.split()[0]) for line in terms) == total


@pytest.mark.parametrize("seed", range(300))
def test_of_evidence_by_chance_the_block_adds_up_to_the_score(seed: int) -> None:
    found = evidence(random.Random(seed))  # noqa: S311 - chance, and no secret
    verdict = vet(found, Policy())
    some = weighed(found, verdict)
    text = "\n".join(block(Package(found, verdict, verdict.decision), Beside(), Layout(300, color=False)))
    if some.blockers:
        assert "in sum" not in text
        return
    (line,) = re.findall(r"^  in sum        (.*)$", text, re.MULTILINE)
    parts, _, total = line.partition(" = ")
    assert Decimal(str(START)) + numbers(parts) == Decimal(total or "5.0")
    held = re.search(r"^  held down     from ([\d.]+) to ([\d.]+),", text, re.MULTILINE)
    if some.value is not None:
        assert (held[2] if held else total or "5.0") == f"{some.value:.1f}"
    if held:
        assert held[1] == total
        assert Decimal(held[2]) < Decimal(held[1])


def test_terms_of_one_id_are_together_and_sides_apart() -> None:
    some = entries(score(flaw(1), flaw(2, 0.2), flaw(3), groups=(("vulnerabilities", -0.8),)))
    assert [(len(one.terms), one.points) for one in some] == [(2, -1.0), (1, 0.0)]
