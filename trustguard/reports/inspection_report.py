"""What one file is and what it would do, on a page or two: the verdict first, then what is in it.

Everything that the file says passes through :func:`text.foreign` on its way here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trustguard.model.evidence import Evidence, Known
from trustguard.model.finding import Finding
from trustguard.model.inspection import Excerpt, Inspection
from trustguard.model.policy import Action
from trustguard.model.project import FileKind
from trustguard.model.record import record
from trustguard.model.report import ExceptionRules, Package, Report
from trustguard.model.verdict import Judged
from trustguard.reports.allowing import how_to_allow
from trustguard.reports.columns import PATH, TEXT, Columns, size
from trustguard.reports.inspection_inside import inside
from trustguard.reports.layout import Layout, Tone
from trustguard.reports.refusals import is_refused
from trustguard.reports.table import render as render_report
from trustguard.reports.table import verdict_line
from trustguard.reports.text import counted, foreign

_CODE = 20
"""So many characters are enough to find the code that a message ends with."""


@record
class Inspected:
    """One file, with the verdict on it.

    Args:
        package: the file, and what was decided about it.
        inspection: what is in it; None where that is not known.
        unread: why something of it is not known, one line; empty where everything is.
        not_asked: the checks that a file alone says nothing to, and that nobody else was asked for.
    """

    package: Package
    inspection: Inspection | None
    unread: str = ""
    not_asked: tuple[str, ...] = ()

    def excerpt(self, finding: Finding) -> Excerpt | None:
        """The text that a finding is about."""
        excerpts = () if self.inspection is None else self.inspection.excerpts
        return next((one for one in excerpts if one.about == finding.message), None)


def render(
    files: Sequence[Inspected], report: Report, *, width: int, color: bool, every: bool = False
) -> str:
    """What is to be said of files, and of everything that was judged beside them.

    Args:
        files: what was wanted.
        report: all that was judged.
        width: of the terminal, in columns.
        color: whether labels may be coloured.
        every: whether nothing is left out.

    Returns:
        Lines, each with its end.
    """
    columns = Columns(Layout(width, color), every)
    lines = [line for one in files for line in (*_page(one, columns, report.exceptions), "")]
    if not files:
        lines = ["No bytes were fetched, so there is nothing to look into.", ""]
    told = {one.package.evidence.file.filename for one in files}
    rest = render_report(report, width=width, color=color, every=True, told=told)
    return "".join(f"{line}\n" for line in lines) + rest


def _page(file: Inspected, columns: Columns, rules: ExceptionRules) -> Iterator[str]:
    evidence, inspection = file.package.evidence, file.inspection
    yield from verdict_line(file.package, columns.layout)
    if inspection is not None and inspection.summary is not None and inspection.summary.summary:
        yield from columns.layout.paragraph(foreign(inspection.summary.summary, TEXT), 2)
    yield from _file(evidence, inspection, columns)
    yield from _checks(file, columns)
    yield from _findings(file, columns)
    if is_refused(file.package):
        yield from how_to_allow(file.package, columns.layout, rules)
    if inspection is not None:
        yield from inside(evidence, inspection, columns)


def _file(evidence: Evidence, inspection: Inspection | None, columns: Columns) -> Iterator[str]:
    """What it is."""
    name = evidence.file.name
    wheel = name.kind is FileKind.WHEEL
    kind = f"a wheel for {_tags(name.filename)}" if wheel else "an sdist, which has to be built"
    yield from columns.row("file", foreign(kind, TEXT))
    if inspection is not None:
        unpacked = f"{counted(inspection.files, 'file')} of {size(inspection.size)}"
        yield from columns.row("size", f"{size(inspection.packed)}; {unpacked}")
    if isinstance(evidence.sha256, Known):
        yield from columns.row("sha256", evidence.sha256.value)
    yield from columns.row("from", foreign(evidence.index.url, TEXT))


def _checks(file: Inspected, columns: Columns) -> Iterator[str]:
    """What the verdict rests on, and what it does not."""
    verdict = file.package.verdict
    yield from columns.row("checked", ", ".join(verdict.checked))
    if file.not_asked:
        nobody = "it takes an index to tell, and none was asked"
        yield from columns.row("not asked", f"{', '.join(file.not_asked)}: {nobody}")
    unanswered = dict.fromkeys(one.check for one in verdict.unanswered)
    if unanswered:
        yield from columns.row("not checked", f"{', '.join(unanswered)}: see below")
    if not any(file.unread in judged.finding.message for judged in verdict.findings):
        yield from columns.row("not read", foreign(file.unread, TEXT))


def _findings(file: Inspected, columns: Columns) -> Iterator[str]:
    verdict = file.package.verdict
    order = sorted(verdict.findings, key=lambda one: (-one.action, -one.finding.severity))
    lines = [line for one in order for line in _finding(one, file, columns)]
    yield from columns.section("what was found", lines or ["    nothing"])


def _finding(judged: Judged, file: Inspected, columns: Columns) -> Iterator[str]:
    """What was found, the text that it is about, and what to do."""
    finding, excerpt = judged.finding, file.excerpt(judged.finding)
    told = finding.message.removeprefix(f"{file.package.evidence.file.filename}: ")
    if excerpt is not None and finding.evidence:  # the code follows, and in its own lines
        told = _without_code(told, finding.evidence[0])
    excused = f"excused: {judged.excused}; " if judged.excused else ""
    text = f"{finding.check} ({finding.severity.name.lower()}): {excused}{told}"
    label, tone = _label(judged.action)
    yield from columns.layout.paragraph(foreign(text, TEXT), 4, f"{label}:", tone)
    if excerpt is not None:
        line = "" if excerpt.line is None else f", line {excerpt.line}"
        yield from columns.layout.paragraph(f"{foreign(excerpt.path, PATH)}{line}:", 6)
        yield from columns.quoted(excerpt.text, whole=excerpt.whole)
    if finding.remedy and judged.action > Action.OFF:
        yield from columns.layout.paragraph(f"what to do: {foreign(finding.remedy, TEXT)}", 6)


def _label(action: Action) -> tuple[str, Tone]:
    if action is Action.OFF:
        return "note", Tone.PLAIN
    return action.name.lower(), Tone.BAD if action >= Action.WITHHOLD else Tone.DOUBTFUL


def _without_code(message: str, code: str) -> str:
    """A finding's message without the beginning of the code that it ends with, in either kind of quotes."""
    begin = re.split("['\"]", ascii(code)[1:-1])[0][:_CODE].rstrip("\\")
    for quote in ("'", '"'):
        message = message.partition(f": {quote}{begin}")[0]
    return message


def _tags(filename: str) -> str:
    """The tags of a wheel, as they stand in its name."""
    return "-".join(filename.removesuffix(".whl").split("-")[-3:])
