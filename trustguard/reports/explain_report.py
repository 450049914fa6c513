"""The whole derivation of a verdict and a score, for people: facts, checks, policy, exceptions, score.

Everything that a file, an index or an advisory says passes through :func:`text.foreign` on its way here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from trustguard.model.alternatives import Beside
from trustguard.model.evidence import Known
from trustguard.model.explanation import ExceptionLine, Explained, FactLine, Looked, Ruled
from trustguard.model.report import ExceptionRules
from trustguard.model.verdict import Verdict
from trustguard.reports.allowing import how_to_allow
from trustguard.reports.alternatives import told as alternatives_told
from trustguard.reports.check_report import coverage, finding, head
from trustguard.reports.layout import Layout, Tone
from trustguard.reports.refusals import is_refused
from trustguard.reports.score_lines import derivation
from trustguard.reports.text import foreign

_TEXT, _VALUE, _NAME = 500, 300, 200
_STATES = {
    "known": "",
    "absent": "absent: the source has none",
    "not-applicable": "does not apply: ",
    "unavailable": "unavailable",
}
_OUTCOMES = {
    "found": "",
    "clean": "nothing found",
    "not-applicable": "does not apply: none of these facts does",
    "unanswered": "could not be made",
    "exempt": "not made: the policy exempts this project",
}
_TONES = {"unanswered": Tone.DOUBTFUL, "found": Tone.PLAIN}


def render(  # noqa: PLR0913 - by keyword, and the last has a default
    explained: Sequence[Explained],
    beside: Beside,
    problems: Sequence[str] = (),
    *,
    width: int,
    color: bool,
    rules: ExceptionRules | None = None,
) -> str:
    """The derivation of each file.

    Args:
        explained: the files.
        beside: what there is instead of them.
        problems: what went wrong besides, one line each.
        width: of the terminal, in columns.
        color: whether labels may be coloured.
        rules: whether users may add exceptions; None: as where nobody has said anything.

    Returns:
        Lines, each with its end.
    """
    layout = Layout(width, color)
    rules = rules or ExceptionRules()
    pages = [list(_page(one, beside, layout, rules)) for one in explained]
    told = [foreign(one, _TEXT) for one in problems]
    pages += [layout.paragraph(one, 0, "problem:", Tone.BAD) for one in told]
    return "\n".join("".join(f"{line}\n" for line in page) for page in pages)


def _page(explained: Explained, beside: Beside, layout: Layout, rules: ExceptionRules) -> Iterator[str]:
    package = explained.package
    evidence = package.evidence
    yield from head(package, layout)
    yield from _rows(explained, layout)
    yield from layout.row("coverage", coverage(replace(package, verdict=explained.verdict)))
    yield from layout.row("instead", *alternatives_told(beside.instead_of(evidence.project)))
    if is_refused(package):
        yield from how_to_allow(package, layout, rules)
    yield from _section("the facts", (line for one in explained.facts for line in _fact(one, layout)))
    yield from _section(
        "the checks", (line for one in explained.checks for line in _check(one, explained.verdict, layout))
    )
    yield from _section(
        "the policy by itself", (line for r in explained.by_policy for line in _ruled(r, layout))
    )
    exceptions = (line for one in explained.exceptions for line in _exception(one, layout))
    yield from _section("the exceptions", exceptions)
    yield from _section("the score", derivation(package.score, layout))


def _rows(explained: Explained, layout: Layout) -> Iterator[str]:
    evidence, entry = explained.package.evidence, explained.ledger
    yield from layout.row("from", foreign(evidence.index.url, _NAME))
    if isinstance(evidence.sha256, Known):
        yield from layout.row("sha256", evidence.sha256.value)
    yield from layout.row("facts of", evidence.at.isoformat(timespec="seconds"))
    yield from layout.row("judged by", f"profile {explained.profile}, policy {explained.policy[:16]}…")
    if entry is not None:
        score = f", score {foreign(entry.score, _NAME)}" if entry.score else ""
        when = entry.time.isoformat(timespec="seconds")
        yield from layout.row("ledger", f"{entry.decision.value}{score}, installed {when}")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield from ("", f"  {title}:", *found)


def _fact(fact: FactLine, layout: Layout) -> list[str]:
    told = _STATES[fact.state]
    if fact.state == "known":
        told = foreign(_plain(fact.value), _VALUE) or "nothing"
    elif fact.state == "not-applicable":
        told += foreign(fact.why, _TEXT)
    elif fact.state == "unavailable":
        told += f" ({fact.source}): {foreign(fact.why, _TEXT)}"
    tone = Tone.DOUBTFUL if fact.state == "unavailable" else Tone.PLAIN
    return layout.paragraph(told, 4, f"{fact.name}:", tone)


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A JSON value in few marks; what is empty is left out of an object."""
    if isinstance(value, dict):
        parts = ((str(key).replace("_", "-"), part) for key, part in value.items())
        return "; ".join(f"{key} {_plain(part)}" for key, part in parts if part not in (None, "", [], {}))
    if isinstance(value, list):
        opened = [f"({_plain(one)})" if isinstance(one, (dict, list)) else _plain(one) for one in value]
        return ", ".join(opened) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _check(looked: Looked, verdict: Verdict, layout: Layout) -> Iterator[str]:
    read = f" (it read {', '.join(looked.facts)})" if looked.facts else ""
    count = len(looked.findings)
    outcome = _OUTCOMES[looked.outcome] or f"{count} finding{'' if count == 1 else 's'}"
    if looked.check in verdict.not_looked_at:
        outcome = "nobody has looked"
    tone = _TONES.get(looked.outcome, Tone.PLAIN)
    yield from layout.paragraph(f"{outcome}{read}", 4, f"{looked.check}:", tone)
    for ruled in looked.findings:
        yield from _ruled(ruled, layout)
    for one in looked.unanswered:
        fact = one.unanswered.fact
        told = f"unavailable ({fact.source}): {foreign(fact.reason, _TEXT)}"
        yield from layout.paragraph(told, 6)
        action = one.unanswered.action.name.lower()
        yield from layout.paragraph(f"{action}, by {foreign(one.by, _TEXT)}", 8)


def _ruled(ruled: Ruled, layout: Layout) -> Iterator[str]:
    judged = ruled.judged
    yield from finding(judged, layout, 6)
    one = judged.finding
    sure = f"severity {one.severity.name.lower()}, confidence {one.confidence.name.lower()}"
    action = f"{judged.action.name.lower()}, by {foreign(ruled.by, _TEXT)}"
    yield from layout.paragraph(f"{sure}; {action}", 8)
    if one.evidence:
        seen = ", ".join(foreign(item, _NAME) for item in one.evidence[:10])
        yield from layout.paragraph(f"it rests on: {seen}", 8)


def _exception(one: ExceptionLine, layout: Layout) -> Iterator[str]:
    what = foreign(" ".join(part for part in (one.project, one.version) if part), _NAME)
    checks = "all that need not be named" if one.checks is None else ", ".join(one.checks)
    until = f", until {one.expires}" if one.expires else ""
    asks = ", asked about at each use" if one.needs_approval else ""
    used = "used" if one.used else "excuses nothing here"
    told = f"{what}, for {foreign(checks, _TEXT)}{until}{asks}: {foreign(one.reason, _TEXT)}; {used}"
    yield from layout.paragraph(told, 4)
    if one.by:
        yield from layout.paragraph(foreign(one.by, _TEXT), 6)
