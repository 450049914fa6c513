"""What a run did, for people. A clean run is one line; everything else says what, why and what now.

What packages, indexes and advisories say passes through :func:`text.foreign` on its way here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from trustguard.model.alternatives import Beside
from trustguard.model.finding import Finding
from trustguard.model.policy import Action
from trustguard.model.report import Missing, Outage, Package, Report, Withheld
from trustguard.model.verdict import Decision, Judged
from trustguard.reports.allowing import how_to_allow_release
from trustguard.reports.alternatives import in_place, instead
from trustguard.reports.layout import Layout, Tone, some
from trustguard.reports.outages import outages, silent
from trustguard.reports.refusals import (
    is_refused,
    is_unvetted,
    refusal,
    unchecked,
    unsaid,
    unvetted,
    withheld_line,
    withheld_too,
)
from trustguard.reports.text import counted, foreign

_TEXT = 500
_NAME = 120
_OUTCOMES = {10: "blocked", 11: "needs approval", 12: "could not be vetted"}
"""What our own exit codes say."""
_WITHHELD = 5
"""For how many withheld projects a failed run says how to allow them."""


def render(  # noqa: PLR0913 - by keyword, and each has a default but those of the terminal
    report: Report,
    *,
    width: int,
    color: bool,
    every: bool = False,
    told: Collection[str] = (),
    covered: Collection[str] = (),
    beside: Beside | None = None,
) -> str:
    """A report in words.

    Args:
        report: the report.
        width: of the terminal, in columns.
        color: whether labels may be coloured; that is decided by who knows the terminal, NO_COLOR and
            FORCE_COLOR.
        every: whether each file gets a line, also where there is nothing to say about it.
        told: names of files about which all has been said already; they are only counted.
        covered: those among them of which it was said what their index does not say.
        beside: what there is instead of what was refused.

    Returns:
        Lines, each with its end.
    """
    layout, beside = Layout(width, color), beside or Beside()
    packages = [p for p in report.packages if p.evidence.file.filename not in told]
    lines = [line for one in packages for line in verdict_line(one, layout)] if every else []
    for block in _blocks(report, packages, beside, layout):
        lines += [*block, ""]
    lines += _notes(report, packages, beside, layout, told)
    lines += _not_checked(report, layout, covered)
    lines += _rest(report, beside, layout)
    if report.message and (any(map(is_refused, report.packages)) or _failed_by_withholding(report)):
        lines += layout.paragraph(foreign(report.message, _TEXT))
    return "\n".join([*lines, *layout.paragraph(_summary(report)), ""])


def verdict_line(package: Package, layout: Layout) -> list[str]:
    """One file in a list of all."""
    tone = Tone.BAD if is_refused(package) else Tone.DOUBTFUL if package.verdict.reasons else Tone.PLAIN
    told = f"{package.evidence.project} {package.evidence.version} ({package.evidence.file.filename})"
    return layout.short(f"{package.decision.value}:", told, "", tone)


def _blocks(report: Report, packages: Iterable[Package], beside: Beside, layout: Layout) -> list[list[str]]:
    """A block for each refusal, for each file that needs approval, and for what could not be vetted."""
    judged = [p for p in packages if is_refused(p) and not is_unvetted(p)]
    judged.sort(key=lambda p: p.decision is Decision.ASK)
    blocks = [
        refusal(
            package, layout, instead(beside.instead_of(package.evidence.project), layout), report.exceptions
        )
        for package in judged
    ]
    for outage in outages(report):
        held = _held(report, outage)
        if held:
            blocks.append(unvetted(outage, held, layout))
    return blocks


def _held(report: Report, outage: Outage) -> list[Package]:
    """The files that are refused because this source did not answer."""
    return [
        package
        for package in report.packages
        if is_unvetted(package)
        and any(u.fact.source == outage.source and u.action >= Action.ASK for u in package.verdict.unanswered)
    ]


def _notes(
    report: Report, packages: Sequence[Package], beside: Beside, layout: Layout, told: Collection[str]
) -> list[str]:
    let_in = [one for one in packages if not is_refused(one)]
    places = [line for project in _projects(let_in) for line in in_place(beside.instead_of(project), layout)]
    return [*_warnings(let_in, layout), *places, *_withheld(report, beside, layout, told)]


def _projects(packages: Iterable[Package]) -> Iterable[str]:
    return dict.fromkeys(str(one.evidence.project) for one in packages)


def _not_checked(report: Report, layout: Layout, covered: Collection[str]) -> list[str]:
    lines: list[str] = []
    for outage in outages(report):
        if concerned := silent(report, outage):
            lines += unsaid(sum(one.evidence.file.filename not in covered for one in concerned), layout)
        elif not _held(report, outage):
            lines += unchecked(outage, layout)
    return lines


def _rest(report: Report, beside: Beside, layout: Layout) -> list[str]:
    lines: list[str] = []
    if report.unvetted:
        told = f"{some(report.unvetted)} (installed already, and not by trustguard)"
        lines += layout.paragraph(told, label="never vetted:", tone=Tone.DOUBTFUL)
    for missing in report.missing:
        lines += _missing(missing, beside, layout)
    if report.unreached:
        told = f"{some(report.unreached)} (the run ended before there was a verdict)"
        lines += layout.paragraph(told, label="not looked at:", tone=Tone.DOUBTFUL)
    for problem in report.problems:
        lines += layout.paragraph(foreign(problem, _TEXT), label="problem:", tone=Tone.BAD)
    return lines


def _missing(missing: Missing, beside: Beside, layout: Layout) -> list[str]:
    told = foreign(missing.project, _NAME)
    others = [one for one in beside.instead_of(missing.project) if one.kind == "import-name"]
    if missing.suggestion is not None and not others:
        told += f": did you mean {foreign(missing.suggestion, _NAME)}?"
    return [*layout.paragraph(told, label="no source has", tone=Tone.BAD), *instead(others, layout)]


def _warnings(packages: Iterable[Package], layout: Layout) -> list[str]:
    """Of what is let in: one for each check and release, however many findings and files of it there are."""
    groups: dict[tuple[str, str, str, bool], dict[Finding, None]] = {}
    for package in packages:
        name, version = package.evidence.project, str(package.evidence.version)
        for judged in package.verdict.reasons:
            key = (name, version, judged.finding.check, package.approved)
            groups.setdefault(key, {})[judged.finding] = None
    return [
        line
        for (name, version, _, approved), findings in groups.items()
        for line in _warning(
            f"{name} {version}", list(findings), layout, "approved:" if approved else "warning:"
        )
    ]


def _warning(release: str, findings: list[Finding], layout: Layout, label: str) -> list[str]:
    first, *others = findings
    if first.check == "vulnerability" and others:
        ids = ", ".join(finding.evidence[0] for finding in findings if finding.evidence)
        told = f"{release} has {len(findings)} vulnerabilities: {ids}"
    else:
        told = first.message if first.message.startswith(f"{release} ") else f"{release}: {first.message}"
    remedies = "; ".join(dict.fromkeys(finding.remedy for finding in findings if finding.remedy))
    more = f"and {counted(len(others), 'more finding')}" if others and first.check != "vulnerability" else ""
    tail = "; ".join(part for part in (more, remedies) if part)
    return layout.short(label, f"[{first.check}] {told}", tail, Tone.DOUBTFUL)


def _withheld(report: Report, beside: Beside, layout: Layout, told: Collection[str]) -> list[str]:
    """What was left out; of that about which all has been said already, only the older versions."""
    lines: list[str] = []
    untold: list[Withheld] = []
    for one in report.withheld:
        if one.evidence is None or one.evidence.file.filename not in told:
            untold.append(one)
            lines += withheld_line(one, layout)
        elif one.versions[1:]:
            lines += withheld_too(one, layout)
    if _failed_by_withholding(report):
        for withheld in untold[:_WITHHELD]:
            lines += instead(beside.instead_of(withheld.project), layout)
            newest = "".join(withheld.versions[:1])
            lines += how_to_allow_release(
                withheld.project, newest, withheld.verdict, layout, report.exceptions
            )
    return lines


def _failed_by_withholding(report: Report) -> bool:
    """Whether nothing was refused by itself, and yet the run failed, so that what was withheld may be why."""
    return bool(report.exit_code and report.withheld) and not any(map(is_refused, report.packages))


def _summary(report: Report) -> str:
    refused = [p for p in report.packages if is_refused(p)]
    not_vetted = sum(map(is_unvetted, refused))
    waiting = sum(p.decision is Decision.ASK and not is_unvetted(p) for p in refused)
    excused = sum(is_excused(judged, p) for p in report.packages for judged in p.verdict.findings)
    counts = {
        "not vetted": not_vetted,
        "refused": len(refused) - not_vetted - waiting,
        "waiting for approval": waiting,
        "installed": sum(package.installed for package in report.packages),
    }
    vetted = len(report.packages) - not_vetted
    parts = [_OUTCOMES[report.exit_code]] if report.exit_code in _OUTCOMES and not refused else []
    if report.packages:
        parts.append(f"{counted(vetted, 'file')} vetted")
    elif not report.exit_code:
        parts.append("nothing new to vet")
    parts += [f"{count} {what}" for what, count in counts.items() if count]
    new = report.packages or report.exit_code
    if new and not counts["installed"] and "install" in report.command.split():
        parts.append("nothing installed")
    if excused:
        parts.append(f"{counted(excused, 'finding')} excused")
    return f"trustguard: {', '.join(parts or ['it ended without a result'])}"


def is_excused(judged: Judged, package: Package) -> bool:
    """Whether a finding does not count any more: by an exception, to which somebody has agreed if need be."""
    return bool(judged.excused) and (judged.action is Action.OFF or package.approved)
