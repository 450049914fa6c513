"""What ``trustguard check`` tells people: the verdict on each file, and what it rests on.

What was asked for, and what something was found against, gets a block; everything else is one line, with what
could not be checked. Why a source did not answer is told in full once, below all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustguard.model.alternatives import Beside
from trustguard.model.policy import Action
from trustguard.model.report import ExceptionRules, Package, Report
from trustguard.model.score import Score
from trustguard.model.verdict import Decision, Judged, Unanswered
from trustguard.reports.adding_up import TENTHS, downwards, in_tenths
from trustguard.reports.allowing import how_to_allow, how_to_allow_release
from trustguard.reports.alternatives import told as alternatives_told
from trustguard.reports.changing import changes
from trustguard.reports.layout import Layout, Tone
from trustguard.reports.needs import needs
from trustguard.reports.outages import is_silent
from trustguard.reports.refusals import is_refused
from trustguard.reports.score_lines import binding, blocked, entry_line, headline, sum_line
from trustguard.reports.table import render as render_report
from trustguard.reports.text import counted, foreign

_TEXT, _NAME, _TERM, _REASON = 400, 120, 160, 60
_FINDINGS = 5
_USERS_MAY = ExceptionRules()
_WORST = (Decision.BLOCK, Decision.WITHHOLD, Decision.ASK, Decision.WARN, Decision.ALLOW)


def render(report: Report, beside: Beside, *, width: int, color: bool) -> str:
    """A report on what would be installed.

    Args:
        report: the report.
        beside: what was asked for, and what there is instead.
        width: of the terminal, in columns.
        color: whether labels may be coloured.

    Returns:
        Lines, each with its end.
    """
    layout = Layout(width, color)
    in_order = sorted(
        (*beside.held_back, *report.packages),
        key=lambda one: (
            not is_refused(one),
            not beside.asked_for(one.evidence),
            _WORST.index(one.decision),
        ),
    )
    lines: list[str] = []
    blocks: set[str] = set()
    for package in in_order:
        if beside.asked_for(package.evidence) or _is_eventful(package):
            blocks.add(package.evidence.file.filename)
            lacking = [] if is_refused(package) else needs(package, report)
            lines += [*block(package, beside, layout, report.exceptions, lacking), ""]
        else:
            lines += _line(package, layout)
    if lines and lines[-1]:
        lines.append("")
    told = {one.evidence.file.filename for one in in_order}
    rest = render_report(report, width=width, color=color, told=told, covered=blocks, beside=beside)
    return "".join(f"{line}\n" for line in lines) + rest


def block(
    package: Package,
    beside: Beside,
    layout: Layout,
    rules: ExceptionRules = _USERS_MAY,
    lacking: Sequence[str] = (),
) -> Iterator[str]:
    """Everything that is said at once of one file: the verdict first, and last what would change it.

    Args:
        package: the file.
        beside: what there is instead.
        layout: makes the lines.
        rules: whether users may add exceptions.
        lacking: what it needs and does not get; made safe.
    """
    evidence = package.evidence
    yield from head(package, layout)
    yield from layout.row("but it needs", *lacking)
    yield from _findings(package, layout)
    yield from _score(package, layout)
    yield from layout.row("coverage", coverage(package))
    ways = list(_how_to_allow(package, beside, layout, rules))
    excepted = any("trustguard allow " in line for line in ways)
    version = beside.version_of(evidence.project)
    yield from layout.row("to change it", changes(package, version, excepted=excepted))
    yield from layout.row("instead", *alternatives_told(beside.instead_of(evidence.project)))
    yield from ways


def _how_to_allow(package: Package, beside: Beside, layout: Layout, rules: ExceptionRules) -> Iterator[str]:
    evidence = package.evidence
    if package in beside.held_back:
        name, version = evidence.project, str(evidence.version)
        yield from how_to_allow_release(name, version, package.verdict, layout, rules)
    elif is_refused(package):
        yield from how_to_allow(package, layout, rules)


def head(package: Package, layout: Layout) -> list[str]:
    """The verdict, the release, its score and the file."""
    evidence = package.evidence
    told = f"{_release(package)}, {headline(package.score)} ({foreign(evidence.file.filename, 2 * _NAME)})"
    return layout.paragraph(told, 0, f"{package.decision.value}:", _tone(package))


def _is_eventful(package: Package) -> bool:
    """Whether there is more to tell of a file than what could not be checked."""
    return bool(package.verdict.reasons) or package.decision not in {Decision.ALLOW, Decision.WARN}


def _line(package: Package, layout: Layout) -> list[str]:
    told = f"{_release(package)}, {headline(package.score)}"
    if unreachable := dict.fromkeys(one.check for one in _unanswered(package)[1]):
        told += f"; not checked: {', '.join(unreachable)}"
    return layout.paragraph(told, 0, f"{package.decision.value}:", _tone(package))


def _release(package: Package) -> str:
    evidence = package.evidence
    return f"{foreign(evidence.project, _NAME)} {foreign(str(evidence.version), _NAME)}"


def _tone(package: Package) -> Tone:
    if package.verdict.refused:
        return Tone.BAD
    return Tone.PLAIN if package.decision is Decision.ALLOW else Tone.DOUBTFUL


def _findings(package: Package, layout: Layout) -> Iterator[str]:
    verdict = package.verdict
    for judged in verdict.reasons[:_FINDINGS]:
        yield from finding(judged, layout)
    more = len(verdict.reasons) - _FINDINGS
    if more > 0:
        command = f"trustguard explain {package.evidence.project}=={package.evidence.version}"
        yield from layout.paragraph(f"and {counted(more, 'more finding')}: {foreign(command, _TEXT)}", 2)
    for judged in verdict.findings:
        if judged.excused and not judged.action:
            yield from finding(judged, layout)


def finding(judged: Judged, layout: Layout, indent: int = 2) -> Iterator[str]:
    """What was found, what is done about it, and what to do."""
    one = judged.finding
    label = judged.action.name.lower() if judged.action else "excused" if judged.excused else "note"
    tone = Tone.BAD if judged.action >= Action.WITHHOLD else Tone.DOUBTFUL if judged.action else Tone.PLAIN
    yield from layout.paragraph(f"{one.check}: {foreign(one.message, _TEXT)}", indent, label, tone)
    if judged.excused:
        asked = ", somebody is asked" if judged.action else ""
        yield from layout.paragraph(f"by an exception{asked}: {foreign(judged.excused, _TEXT)}", indent + 2)
    elif one.remedy and judged.action > Action.OFF:
        yield from layout.paragraph(f"what to do: {foreign(one.remedy, _TEXT)}", indent + 2)


def _score(package: Package, layout: Layout) -> Iterator[str]:
    """The weightiest reasons and their sum; what speaks for the verdict comes first."""
    score = package.score
    if not score.blockers:  # where there is one, nothing else counts
        added = in_tenths(score)
        sides = [("for it", added.up), ("against it", added.down)]
        if package.decision is not Decision.ALLOW:
            sides.reverse()
        told = {one.finding.message for one in package.verdict.reasons[:_FINDINGS]}
        for label, side in sides:
            yield from layout.row(label, *(entry_line(one, number, _TERM, told) for one, number in side))
        yield from layout.row("in sum", sum_line(added))
        yield from layout.row("held down", *_held_down(score, added.total))
    yield from layout.row("score", blocked(score))


def _held_down(score: Score, total: int) -> list[str]:
    if blocked(score):
        return []
    return [
        f"from {total / TENTHS:.1f} to {one.most:.1f}, {one.id}: {foreign(one.reason, _TERM)}"
        for one in binding(score)
        if total > downwards(one.most, TENTHS)
    ]


def coverage(package: Package) -> str:
    """How many checks reached a result; and which did not, by the reason for that."""
    verdict = package.verdict
    by_index, missing = _unanswered(package)
    names = list(dict.fromkeys(one.check for one in missing))
    silent = [check for check in dict.fromkeys(one.check for one in by_index) if check not in names]
    idle = (
        (verdict.not_applicable, "does not apply", "do not apply"),
        (verdict.not_looked_at, "not looked at", "not looked at"),
        (verdict.exempt, "exempt by the policy", "exempt by the policy"),
        (tuple(silent), _SILENT, _SILENT),
    )
    checks = len(verdict.checked) + sum(len(one) for one, _, _ in idle) + len(names)
    parts = [f"{len(verdict.checked)} of {checks} checked"]
    parts += [
        f"{len(one)} {single if len(one) == 1 else many}: {', '.join(one)}"
        for one, single, many in idle
        if one
    ]
    if names:
        parts.append(f"{len(names)} unreachable: {', '.join(_unreachable(missing))}")
    return "; ".join(parts)


_SILENT = "not, as the index does not say who built it"


def _unanswered(package: Package) -> tuple[list[Unanswered], list[Unanswered]]:
    """What could not be made since the index says nothing of attestations, and what for other reasons."""
    every = package.verdict.unanswered
    if not is_silent(package):
        return [], list(every)
    fact = package.evidence.provenance
    return [one for one in every if one.fact == fact], [one for one in every if one.fact != fact]


def _unreachable(missing: Sequence[Unanswered]) -> Iterator[str]:
    for source, checks in by_source(missing).items():
        reason = next(one.fact.reason for one in missing if one.fact.source == source)
        yield f"{', '.join(checks)} ({source}: {foreign(reason, _REASON)})"


def by_source(missing: Iterable[Unanswered]) -> dict[str, list[str]]:
    """The checks that could not be made, by the source that did not answer."""
    found: dict[str, list[str]] = {}
    for one in missing:
        checks = found.setdefault(one.fact.source, [])
        if one.check not in checks:
            checks.append(one.check)
    return found
