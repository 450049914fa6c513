"""A score adds up before everybody's eyes, and what holds it down is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from trustguard.model.score import Ceiling, Score, Term
from trustguard.reports.adding_up import in_tenths
from trustguard.reports.layout import Layout
from trustguard.reports.score_lines import binding, blocked, derivation, entry_line, headline, summed

POPULAR = Term("adoption", "popular", 2.0, "many would have noticed")
AGE = Term("history", "age", 0.96, "it has stood for long")
LINK = Term("source", "claimed-source", 0.1, "it names a repository", forgeable=True)
COPY = Term("source", "clone", -1.0, "it is a copy")
STAR = Term("source", "starjacking", -2.5, "it claims another's repository")


def score(*terms: Term, value: float | None = 7.0, **parts: Any) -> Score:
    """A score in which no cap binds, unless its groups are given."""
    sums: dict[Any, float] = {}
    for term in terms:
        sums[term.group] = sums.get(term.group, 0.0) + term.points
    nothing: dict[str, Any] = dict.fromkeys(("ceilings", "blockers", "missing", "unknown"), ())
    return Score(
        **{
            "value": value,
            "most": value or 1.0,
            "model": 1,
            "terms": terms,
            "groups": tuple(sums.items()),
            **nothing,
            **parts,
        }
    )


def lines(some: Score) -> list[str]:
    """The derivation in 80 columns."""
    return list(derivation(some, Layout(80, color=False)))


def test_term_by_term_it_comes_to_the_sum_and_a_ceiling_to_the_score() -> None:
    ceilings = (Ceiling(6.0, "provenance", "nobody knows"), Ceiling(9.0, "vulnerability", "a flaw"))
    some = score(POPULAR, AGE, LINK, value=6.0, ceilings=ceilings)
    assert lines(some) == [
        "    to begin with             5.00",
        "    adoption                 +2.00",
        "      +2.00 popular: many would have noticed",
        "    history                  +0.96",
        "      +0.96 age: it has stood for long",
        "    source                   +0.10",
        "      +0.10 claimed-source: it names a repository [anybody can write that]",
        "    sum                       8.06",
        "      at most 6.0, provenance: nobody knows",
        "      at most 9.0, vulnerability: a flaw (it binds nothing)",
        "    score                      6.0",
    ]


def test_a_group_that_is_capped_says_so() -> None:
    some = score(STAR, COPY, LINK, value=2.6, groups=(("source", -2.4),))
    assert lines(some)[1] == "    source                   -2.40  (at least -2.50)"
    much = replace(POPULAR, points=1.5), replace(POPULAR, id="dependents", points=1.0)
    assert lines(score(*much, groups=(("adoption", 2.0),)))[1] == (
        "    adoption                 +2.00  (at most +2.00)"
    )


def test_that_what_anybody_can_write_is_capped_over_all_groups_is_said() -> None:
    written = Term("cosmetics", "described", 0.3, "it says much", forgeable=True)
    some = score(LINK, written, groups=(("source", 0.1), ("cosmetics", 0.2)))
    assert (
        lines(some)[3] == "    cosmetics                +0.20  (what anybody can write counts +0.50 in all)"
    )


def test_a_blocker_makes_an_end_of_it() -> None:
    some = score(POPULAR, value=1.0, blockers=("known-malicious",), ceilings=(Ceiling(1.0, "x", "y"),))
    told = "1.0 because of known-malicious: a blocker makes it the lowest, whatever else there is"
    assert (blocked(some), binding(some), headline(some)) == (told, (), "score 1.0")
    assert lines(some)[-1] == "    score                      1.0"


def test_where_there_is_no_score_it_is_said_why() -> None:
    some = score(value=None, missing=("known-malicious",), unknown=("age",))
    assert (blocked(some), headline(some)) == (
        "none: something that could not be checked might have blocked it",
        "no score",
    )
    assert lines(some)[-3:] == [
        "      none: something that could not be checked might have blocked it",
        "      counting nothing, since nobody could say: age",
        "    score                   no score",
    ]


def test_only_the_lowest_ceilings_below_the_sum_bind() -> None:
    two = (Ceiling(6.0, "a", ""), Ceiling(6.0, "b", ""), Ceiling(6.5, "c", ""))
    some = score(POPULAR, ceilings=two)
    assert [one.id for one in binding(some)] == ["a", "b"]
    assert binding(score(ceilings=two)) == ()
    assert binding(score(POPULAR)) == ()


def test_a_sum_stays_between_the_ends() -> None:
    assert summed(score(replace(POPULAR, points=20.0))) == 10.0
    assert summed(score(replace(COPY, points=-20.0))) == 1.0


def test_five_reasons_are_the_top_and_the_other_side_is_always_heard() -> None:
    good = tuple(replace(POPULAR, id=f"good{n}", points=2.0 - n / 10) for n in range(7))
    doubt = replace(COPY, points=-0.1)
    added = in_tenths(score(*good, doubt))
    assert [one.id for one, _ in added.up] == ["good0", "good1", "good2", "good3"]
    assert [one.id for one, _ in added.down] == ["clone"]
    alone = in_tenths(score(*good))
    assert ([one.terms for one, _ in alone.up], alone.down) == ([(one,) for one in good[:5]], ())
    assert in_tenths(score()).shown == ()


def test_a_reason_is_shortened_and_made_safe() -> None:
    hostile = replace(COPY, reason="\x1b[2J" + "x" * 100)
    ((entry, number),) = in_tenths(score(hostile)).shown
    assert entry_line(entry, number, 20) == "-1.0 clone: \\u{1b}[2Jxxxxxxxxxx…"
    assert entry_line(entry, number, 20, [hostile.reason]) == "-1.0 clone"


def test_what_is_lost_by_rounding_down_is_said() -> None:
    """5.0 and 0.96 is 5.96, and a score has one digit."""
    assert lines(score(AGE, value=5.9))[-1] == "    score                      5.9  (rounded down)"
    assert lines(score(LINK, value=5.1))[-1] == "    score                      5.1"


def test_no_score_is_beyond_the_ends_and_that_is_said() -> None:
    assert lines(score(replace(POPULAR, points=6.0), value=10.0))[-2:] == [
        "      no score is higher than 10.0",
        "    score                     10.0",
    ]
    assert "      no score is lower than 1.0" in lines(score(replace(COPY, points=-6.0), value=1.0))
