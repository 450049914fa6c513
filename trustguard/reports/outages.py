"""What could not be checked, with nothing left out."""

from __future__ import annotations

from trustguard.model.evidence import SourceName
from trustguard.model.report import Outage, Report
from trustguard.model.verdict import Unanswered


def outages(report: Report) -> tuple[Outage, ...]:
    """The report's outages, and those of its verdicts whose source it does not mention.

    Whoever made the report should have mentioned them all; but what is missing here would read as checked.
    """
    told = {outage.source for outage in report.outages}
    untold: dict[SourceName, list[list[Unanswered]]] = {}
    for package in report.packages:
        mine: dict[SourceName, list[Unanswered]] = {}
        for unanswered in package.verdict.unanswered:
            if unanswered.fact.source not in told:
                mine.setdefault(unanswered.fact.source, []).append(unanswered)
        for source, of_file in mine.items():
            untold.setdefault(source, []).append(of_file)
    return (*report.outages, *(_outage(source, files) for source, files in untold.items()))


def _outage(source: SourceName, files: list[list[Unanswered]]) -> Outage:
    checks = sorted({unanswered.check for of_file in files for unanswered in of_file})
    return Outage(source, files[0][0].fact.reason, tuple(checks), len(files))
