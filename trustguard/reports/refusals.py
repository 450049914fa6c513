"""What was refused, or needs approval: which check, what was seen, what to do instead, how to allow it."""

from __future__ import annotations

from collections.abc import Sequence

from trustguard.model.policy import Action
from trustguard.model.report import ExceptionRules, Outage, Package, Withheld
from trustguard.model.verdict import Decision, Verdict
from trustguard.reports.allowing import decisive, how_to_allow
from trustguard.reports.layout import Layout, Tone, some
from trustguard.reports.text import counted, foreign

_REFUSED = frozenset({Decision.BLOCK, Decision.WITHHOLD, Decision.ASK})
_FINDINGS = 8
_TEXT = 400
_NAME = 120
_USERS_MAY = ExceptionRules()


def is_refused(package: Package) -> bool:
    """Whether the file was kept from the installer, or waits for somebody's approval."""
    return package.decision in _REFUSED


def is_unvetted(package: Package) -> bool:
    """Whether that is only because something could not be checked."""
    unanswered = any(u.action >= Action.ASK for u in package.verdict.unanswered)
    return is_refused(package) and unanswered and not decisive(package.verdict)


def refusal(
    package: Package, layout: Layout, instead: Sequence[str] = (), rules: ExceptionRules = _USERS_MAY
) -> list[str]:
    """The block of lines on one refused file, with those on what there is instead of it."""
    return [*why(package, layout, instead), *how_to_allow(package, layout, rules)]


def why(package: Package, layout: Layout, instead: Sequence[str] = (), scored: str = "") -> list[str]:
    """Which file it is, what was found, and what there is instead.

    Args:
        package: the file.
        layout: of the lines.
        instead: the lines on what there is instead of it.
        scored: its score in words, where that is to be told.
    """
    evidence, verdict = package.evidence, package.verdict
    file, index = foreign(evidence.file.filename, 2 * _NAME), foreign(evidence.index.url, 2 * _NAME)
    label, tone = _label(package)
    name = f"{foreign(evidence.project, _NAME)} {foreign(str(evidence.version), _NAME)}"
    head = f"{name}{scored and ', '}{scored} ({file} from {index})"
    return [
        *layout.paragraph(head, label=label, tone=tone),
        *_findings(verdict, layout),
        *_unanswered(verdict, layout),
        *instead,
    ]


def unvetted(outage: Outage, packages: Sequence[Package], layout: Layout) -> list[str]:
    """The block of lines on an outage that keeps files from being installed."""
    names = some([f"{p.evidence.project} {p.evidence.version}" for p in packages])
    return [
        *layout.paragraph(names, label="NOT VETTED", tone=Tone.BAD),
        *layout.paragraph(_outage(outage), 2),
        *layout.paragraph(f"what to do: {again(outage.source)}", 2),
        *layout.paragraph("to install without, in the trustguard.toml of the user or the organisation:", 2),
        f'    on-unavailable = {{ {outage.source} = "warn" }}',
        *layout.paragraph(_BESIDES.get(outage.source, ""), 2),
    ]


_BESIDES = {
    "provenance": "but where [[publisher]] or checks.provenance.required demands provenance, "
    "only that can be taken back"
}
"""What else there is to say of going on without a source."""


def unchecked(outage: Outage, layout: Layout) -> list[str]:
    """The lines on an outage that keeps nothing from being installed."""
    return layout.paragraph(
        f"{counted(outage.files, 'file')}: {_outage(outage)}", label="not checked:", tone=Tone.DOUBTFUL
    )


def unsaid(files: int, layout: Layout) -> list[str]:
    """The line on files of which the index does not say who built them; nothing is wrong with that."""
    if not files:
        return []
    told = f"the index does not say who built {'it' if files == 1 else 'them'} (PEP 740)"
    return layout.paragraph(f"{counted(files, 'file')}: {told}", label="not checked:", tone=Tone.DOUBTFUL)


def again(source: str) -> str:
    """What to do about a source that did not answer."""
    return f"try again when the source ({source}) answers"


def withheld_line(withheld: Withheld, layout: Layout) -> list[str]:
    """What is said of files of one project that were left out of the listing."""
    first = withheld.versions[0] if withheld.versions else ""
    count = len(withheld.versions)
    subject = f"{withheld.project} {first}"
    if count > 1:
        subject += f" and {counted(count - 1, 'more version')}"
    reason, remedy = (foreign(text, _TEXT) for text in _why(withheld.verdict))
    told = f"{foreign(subject, 2 * _NAME)}: {reason}{f' ({remedy})' if remedy else ''}"
    return layout.paragraph(told, 0, "withheld:", Tone.DOUBTFUL)


def withheld_too(withheld: Withheld, layout: Layout) -> list[str]:
    """The other versions of a project that were left out, where the first one has been told of."""
    told = f"{foreign(withheld.project, _NAME)} {some(withheld.versions[1:])}"
    return layout.paragraph(told, 0, "withheld as well:", Tone.DOUBTFUL)


def _why(verdict: Verdict) -> tuple[str, str]:
    if verdict.reasons:
        finding = verdict.reasons[0].finding
        return f"[{finding.check}] {finding.message}", finding.remedy
    unanswered = max(verdict.unanswered, key=lambda u: u.action, default=None)
    if unanswered is None:
        return "no reason was given", ""
    return f"[{unanswered.check}] could not be checked: {unanswered.fact.reason}", ""


def _label(package: Package) -> tuple[str, Tone]:
    if package.decision is Decision.ASK:
        return "NEEDS APPROVAL", Tone.DOUBTFUL
    declined = package.verdict.decision is Decision.ASK
    return ("DECLINED", Tone.DOUBTFUL) if declined else ("BLOCKED", Tone.BAD)


def _findings(verdict: Verdict, layout: Layout) -> list[str]:
    lines: list[str] = []
    for judged in verdict.reasons[:_FINDINGS]:
        finding = judged.finding
        also = "" if judged.action >= Action.ASK else "also "
        lines += layout.paragraph(f"{also}{finding.check}: {foreign(finding.message, _TEXT)}", 2)
        if finding.remedy:
            lines += layout.paragraph(f"what to do: {foreign(finding.remedy, _TEXT)}", 4)
    more = len(verdict.reasons) - _FINDINGS
    return [*lines, f"  and {counted(more, 'more finding')}"] if more > 0 else lines


def _unanswered(verdict: Verdict, layout: Layout) -> list[str]:
    lines: list[str] = []
    for unanswered in verdict.unanswered:
        if unanswered.action >= Action.ASK:
            told = f"{unanswered.check}: could not be checked: {foreign(unanswered.fact.reason, _TEXT)}"
            lines += layout.paragraph(told, 2)
    return lines


def _outage(outage: Outage) -> str:
    reason = foreign(outage.reason, _TEXT)
    return f"{', '.join(outage.checks)} could not be checked ({outage.source}): {reason}"
