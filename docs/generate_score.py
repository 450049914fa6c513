"""Writes docs/score.md from the weights of the trust score: ``python docs/generate_score.py``.

The tables are those of trustguard/model/score_weights.py, and so are the numbers in the text.
tests/test_score_page.py compares the page with what this makes of them.
"""

# ruff: noqa: INP001, E501 - a script, not a part of a package; placeholders are longer than what they hold

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from trustguard.model.finding import Severity
from trustguard.model.score_weights import (
    CAPS,
    DEPENDENTS,
    DOUBTS,
    FORGEABLE,
    GROWN,
    HIGHEST,
    LOWEST,
    PATIENCE,
    PROVEN,
    RANKS,
    RELEASES,
    SETTLED,
    SIGNALS,
    START,
    TOP,
    UNKNOWN_PROVENANCE,
    VERSION,
    YOUNG,
    Weight,
)

PAGE = Path(__file__).with_name("score.md")
_SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)

INTRODUCTION = f"""\
# The trust score

This page is made from `trustguard/model/score_weights.py` by `python docs/generate_score.py`. It is about
version {VERSION} of the model; scores of different versions are not to be compared.

One number from {LOWEST:g} to {HIGHEST:g} for one file of one release. It explains and ranks; it decides nothing,
unless [`min-score`](configuration.md) makes it a rule, beside all others and never instead of them. The
verdict comes from the [checks](checks.md): the worst finding decides, whatever the score.

## How it comes about

1. It starts from {START:.1f}, where nothing is known.
2. Each signal that is there adds its points, as far as it is strong.
3. Each finding of a check takes its points away, by its severity. Those that are excused do not count.
4. Both are summed by group, and each side of a group is capped.
5. What anybody could simply write adds {FORGEABLE} in all at most.
6. Findings have ceilings: with one of them the score is at most so much, whatever else there is.
7. A critical finding is a blocker: the score is {LOWEST:.1f}.
8. A check that could not be made counts as the worst that it could have found. Could that have been critical,
   or have made another finding so, there is no score: `null` in JSON, and not 0. (That nobody could count
   what depends on a project is told and costs nothing: no number of them speaks against it.)
9. Where an index says nothing of attestations, nobody can know of them: at most {UNKNOWN_PROVENANCE:.1f}.
10. It is shown with one decimal, rounded down. `check` and `explain` round what it is made of so that the digits
    that they print add up: [output.md](output.md#output-of-trustguard-check).

For example, a release of a project that is ten years old, among the first {TOP:,}, names its repository and its
author and has no attestation: {START:.1f} + 0.1 + 1.5 + 2.0 + 0.3 = 8.9. Had its last two releases been attested, this
one would have lost what the project used to prove: 8.9 - 3.0 = 5.9, under a ceiling of 2.5, and so 2.5.
"""

SIGNALS_TEXT = f"""\
- **age** and **releases** count from a project's {PATIENCE}th day on, and in full after {SETTLED} days;
  {RELEASES} releases are enough. Before day {GROWN} a project is young: up to {YOUNG:.1f} point less on its first day, and
  as much where nobody can tell its age. On a private index youth says nothing.
- **popular** counts in full up to place {TOP:,} of the most downloaded projects, and by the logarithm of the
  place down to nothing at {RANKS:,}. **depended-on** counts by the logarithm as well, in full from {DEPENDENTS:,}
  projects on, and as far as *age* does: anybody can upload projects that depend on his own.
- **attested-standing**, **proven-source** and **tagged-releases** count as far as the project stands (it is
  popular, or has *age* and five releases), and as far as its publisher is known: who signs must have signed
  for it before, and counts in full after {PROVEN} days. An attestation of a project of yesterday, or the first one
  of an old project, proves where it is from and little more.
"""

REST = """\
## What holds

Laws, tried 200,000 times on evidence by chance (`python -m benchmarks.score`):

- A signal that gets better never lowers the score, nor makes the verdict stricter; a doubt that gets worse
  never raises the one, nor makes the other milder.
- Losing evidence never raises it: it falls, stays, or there is none. An outage is always told, among the
  checks that could not be made (`missing`) or the signals that nobody could tell (`unknown`).
- A blocker decides, whatever speaks for the file.
- What is absent is not good, and nothing is bad but what was seen. Most good projects have no attestation,
  and lose nothing by that.
- The order of findings does not matter. The same evidence, policy and model give the same score, also from
  saved evidence.
- Nothing lifts a project above 6.0 that is neither popular nor older than a year.

Evidence that cannot be had is not tried, such as verified provenance of a file for which the index names no
document. The laws are those of the checks' own settings: where `worse-with` of
[typosquatting](checks.md#typosquatting) names further checks, an outage of `release-age`,
`dependency-confusion`, `source-only` or `reputation` might hide that its finding would be critical.

## What an attacker can buy

The best that was reached by writing and uploading, for a project that nobody has found out:

| What is done | Score |
| --- | --- |
| everything that can be written: repository, author, Pythons, tags, dependents of one's own; three days | 4.4 |
| and thirty releases in one day | 4.4 |
| and an attestation from an own repository | 4.7 |
| and a month of waiting | 5.0 |
| and three months, or a year | 5.7 |
| and an organisation that the index has approved | 6.0 |
| and another half year | 6.9 |
| and three years in all | 9.7 |
| an old project's account, by a stolen token; after the cooldown | what it had: 6.9, or 8.9 of a popular one |
| the same, and an attestation from an own repository, where the project never had any | 0.3 more |
| downloads by machines, up to place 5,000 of the popular list, attested; one month | 6.2 |
| the same, three months | 7.4 |

The score sees what a project has, and not who holds the keys today. A theft is seen by
`provenance-continuity` where the project signs, by `reputation` where its owners or its rhythm change, and by
nobody where it does not and they do not.

## What it is not for

- It is **no probability**, and no statement on the code: nobody has looked at what it does. 10.0 is a
  project that many use, that has stood for years and proves where it is from; it may be bad all the same.
- It is **no measure of quality**. A good project of last week has 4 to 5, and deserves no more trust yet.
- It is **not for comparing** two good projects: above 6 or so it says how well known they are.
- It is **about one file**: of another file, version or index there is another score.
- A low score is **no finding**. What to do is said by the findings that it is made of.
"""


def page() -> str:
    """The whole page."""
    spoken = f"## What speaks for it\n\n{_signals()}\n\n{SIGNALS_TEXT}"
    return f"{INTRODUCTION}\n{spoken}\n{_doubts()}\n\n{_caps()}\n\n{REST}"


def _signals() -> str:
    rows = (
        [f"`{one.id}`", one.group, f"{one.points:.1f}", "yes" if one.forgeable else "", one.reason]
        for one in SIGNALS
    )
    return _table(["Signal", "Group", "Points", "Forgeable", "Because"], rows)


def _doubts() -> str:
    rows = (
        [
            f"[`{one.check}`](checks.md#{one.check})",
            one.group,
            *(_weight(one.weights.get(severity)) for severity in _SEVERITIES),
            "no score" if one.blocks else _weight(one.worst),
            one.reason,
        ]
        for one in DOUBTS
    )
    head = ["Check", "Group", "Low", "Medium", "High", "Not made", "Because"]
    text = "Points that a finding takes away, and its ceiling behind the sign. An info counts nothing."
    return f"## What speaks against it\n\n{text}\n\n{_table(head, rows)}"


def _weight(weight: Weight | None) -> str:
    if weight is None:
        return ""
    return f"{weight.points:.1f}" + (f" ≤ {weight.most:.1f}" if weight.most < HIGHEST else "")


def _caps() -> str:
    rows = ([group, f"{caps.up:.1f}", f"{caps.down:.1f}"] for group, caps in CAPS.items())
    return f"## Caps\n\n{_table(['Group', 'Adds at most', 'Takes away at most'], rows)}"


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
