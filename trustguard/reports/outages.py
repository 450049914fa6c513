"""What could not be checked, with nothing left out."""

from __future__ import annotations

from trustguard.model.evidence import NotApplicable, SourceName, Unavailable
from trustguard.model.policy import Action
from trustguard.model.report import Outage, Package, Report
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


def is_silent(package: Package) -> bool:
    """Whether the index says nothing of attestations (PEP 740), and nobody insists on them.

    Then it is no outage: nobody is asked, and no answer will come.
    """
    evidence = package.evidence
    if evidence.file.provenance is not None or not isinstance(evidence.lineage, NotApplicable):
        return False
    concerned = [one for one in package.verdict.unanswered if one.fact == evidence.provenance]
    return bool(concerned) and all(one.action < Action.ASK for one in concerned)


def silent(report: Report, outage: Outage) -> tuple[Package, ...]:
    """The files that an outage is about, where it is one of those; none where it is about others too."""
    withheld = [Package(w.evidence, w.verdict, w.verdict.decision) for w in report.withheld if w.evidence]
    fact = Unavailable(outage.source, outage.reason)
    concerned = [
        one
        for one in (*report.packages, *withheld)
        if any(unanswered.fact == fact for unanswered in one.verdict.unanswered)
    ]
    all_silent = all(one.evidence.provenance == fact and is_silent(one) for one in concerned)
    return tuple(concerned) if all_silent else ()


def _outage(source: SourceName, files: list[list[Unanswered]]) -> Outage:
    checks = sorted({unanswered.check for of_file in files for unanswered in of_file})
    return Outage(source, files[0][0].fact.reason, tuple(checks), len(files))
