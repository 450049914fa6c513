"""An audit for people: the worst first, one block a distribution, and little of what is as it should be.

Everything that comes from the environment passes through :func:`text.foreign` on its way here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from trustguard.model.audit import Audit, Audited, Deviation
from trustguard.model.policy import Action
from trustguard.model.record import record
from trustguard.model.verdict import Decision
from trustguard.reports.audit_commands import proposals
from trustguard.reports.layout import Layout, Tone, some
from trustguard.reports.text import counted, foreign

_TEXT, _NAME, _COMMAND = 400, 120, 100_000
_SHOWN = 5
"""So many files, and so many advisories, of a distribution are shown."""
_KINDS = {
    "changed": "changed",
    "missing": "missing",
    "added": "added by nobody",
    "record": "not what the wheel's RECORD says",
}


def render(audit: Audit, *, width: int, color: bool, fix: bool = False, every: bool = False) -> str:
    """An audit in words.

    Args:
        audit: what was found.
        width: of the terminal, in columns.
        color: whether labels may be coloured.
        fix: whether to say what to type.
        every: whether nothing is left out.

    Returns:
        Lines, each with its end.
    """
    page = _Page(audit, Layout(width, color), every)
    summary = page.layout.paragraph(page.summary())
    return "".join(f"{line}\n" for line in (*page.lines(), *(page.commands() if fix else ()), *summary))


@record
class _Page:
    audit: Audit
    layout: Layout
    every: bool

    def lines(self) -> Iterator[str]:
        there = self.audit.distributions
        blocks = [self._block(one) for one in there if _is_bad(one)]
        yield from (line for block in blocks for line in (*block, ""))
        yield from self._strays()
        for one in there:
            if not _is_bad(one):
                yield from self._warnings(one)
        yield from self._unanswered()
        yield from self._origins()
        yield from self._ledger()
        for problem in self.audit.problems:
            yield from self.layout.paragraph(foreign(problem, _TEXT), label="problem:", tone=Tone.BAD)
        if self.audit.message and any(map(_is_bad, there)):
            yield from self.layout.paragraph(foreign(self.audit.message, _TEXT))
        folders = ", ".join(foreign(folder, 300) for folder in self.audit.folders)
        yield from self.layout.paragraph(folders, label="looked at:")
        yield self._age()

    def _block(self, one: Audited) -> Iterator[str]:
        label, tone = _label(one)
        yield from self.layout.paragraph(_named(one), label=label, tone=tone)
        if one.origin == "unreadable":
            yield from self.layout.paragraph(f"{foreign(one.remark, _TEXT)} ({foreign(one.place, 300)})", 2)
        yield from self._deviations(one.comparison.deviations)
        for judged in () if one.verdict is None else one.verdict.reasons:
            if judged.finding.check != "vulnerability":
                remedy = f" ({foreign(judged.finding.remedy, _TEXT)})" if judged.finding.remedy else ""
                told = f"{judged.finding.check}: {foreign(judged.finding.message, _TEXT)}{remedy}"
                yield from self.layout.paragraph(told, 2)
        for unanswered in one.unanswered:
            if unanswered.action >= Action.ASK:
                told = f"{unanswered.check}: could not be checked: {foreign(unanswered.fact.reason, _TEXT)}"
                yield from self.layout.paragraph(told, 2)
        if one.flaws:
            yield from self.layout.paragraph(f"vulnerability: {foreign(self._flaws(one), _TEXT)}", 2)

    def _deviations(self, deviations: Sequence[Deviation]) -> Iterator[str]:
        for kind, what in _KINDS.items():
            paths = [one.path for one in deviations if one.kind == kind]
            if paths:
                yield from self.layout.paragraph(f"{what}: {self._some(paths)}", 2)

    def _some(self, texts: Sequence[str]) -> str:
        cut = len(texts) if self.every else _SHOWN
        more = f" and {len(texts) - cut} more" if len(texts) > cut else ""
        return ", ".join(foreign(text, _NAME) for text in texts[:cut]) + more

    def _flaws(self, one: Audited) -> str:
        ids = [_id(judged.finding.evidence) for judged in one.flaws]
        fixed = f"fixed in {one.fixed}" if one.fixed else "no fixed version is known"
        if len(ids) > 1:
            return f"{len(ids)} known, {fixed}: {self._some(ids)}"
        return f"{ids[0]}, {fixed}: {one.flaws[0].finding.message.partition(': ')[2]}".removesuffix(": ")

    def _warnings(self, one: Audited) -> Iterator[str]:
        """One paragraph for the vulnerabilities, and one for each other check that warns."""
        name = _named(one)
        if one.flaws:
            yield from self.layout.short("vulnerable:", f"{name}: {self._flaws(one)}", tone=Tone.DOUBTFUL)
        for judged in () if one.verdict is None else one.verdict.reasons:
            if judged.finding.check != "vulnerability":
                told = judged.finding.message
                told = told if told.startswith(f"{one.name} ") else f"{one.name} {one.version}: {told}"
                label = "approved:" if judged.action is Action.ASK else "warning:"
                yield from self.layout.short(label, f"[{judged.finding.check}] {told}", tone=Tone.DOUBTFUL)

    def _short(self, label: str, text: str) -> Iterator[str]:
        yield from self.layout.paragraph(text, label=label, tone=Tone.DOUBTFUL)

    def _strays(self) -> Iterator[str]:
        for one in self.audit.strays:
            if one.start_up:
                code = f": {foreign(one.code, _NAME)}" if one.code else ""
                told = (
                    f"{foreign(one.path, _NAME)} is of no distribution, and runs whenever Python starts{code}"
                )
                yield from self._short("START-UP CODE", told)
        others = [one.path for one in self.audit.strays if not one.start_up]
        if others:
            yield from self._short("of no distribution:", self._some(others))

    def _unanswered(self) -> Iterator[str]:
        """What could not be checked, once for all that it concerns; what is decisive has been said."""
        found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        for one in self.audit.distributions:
            for unanswered in one.unanswered if not _is_bad(one) else ():
                checks, names = found.setdefault(unanswered.fact.reason, ({}, {}))
                checks[unanswered.check], names[one.name] = None, None
        for reason, (checks, names) in found.items():
            whom = next(iter(names)) if len(names) == 1 else counted(len(names), "distribution")
            told = f"{', '.join(checks)} of {foreign(whom, _NAME)}: {foreign(reason, _TEXT)}"
            yield from self._short("not checked:", told)

    def _origins(self) -> Iterator[str]:
        there = self.audit.distributions
        own = [f"{_named(one)} ({_where(one)})" for one in there if one.origin == "own"]
        if own:
            yield from self.layout.paragraph(self._some(own), label="your own:")
        for one in there:
            if one.origin == "replaced":
                told = f"{_named(one)}: {foreign(one.remark, _TEXT)}"
                yield from self._short("never vetted:", told)
        unvetted = [_named(one) for one in there if one.origin == "unvetted"]
        if unvetted:
            all_of_it = "none of them is in the ledger" if self._ledger_is_empty() else "not in the ledger"
            names = f": {', '.join(unvetted)}" if self.every else f": {some(unvetted)}"
            names = "" if self._ledger_is_empty() and not self.every else names
            told = f"{counted(len(unvetted), 'distribution')} ({all_of_it}){names}"
            yield from self._short("never vetted:", told)
        silent = [
            one.name for one in there if one.comparison.why_not and one.origin not in {"own", "unreadable"}
        ]
        if silent:
            yield from self._short("files not compared:", f"{self._some(silent)} (there is no RECORD)")

    def _ledger_is_empty(self) -> bool:
        return not any(one.origin in {"vetted", "replaced"} for one in self.audit.distributions)

    def _ledger(self) -> Iterator[str]:
        for line in self.audit.rewritten:
            yield from self.layout.paragraph(foreign(line, _TEXT), label="ledger:")

    def _age(self) -> str:
        data = self.audit.advisories
        if data is None:
            return self.layout.painted("advisories: none, so nobody can tell what is malicious", Tone.BAD)
        hours = max(self.audit.at - data.fetched_at, timedelta()) // timedelta(hours=1)
        return f"advisories: {data.records:,} records, {counted(hours, 'hour')} old"

    def commands(self) -> Iterator[str]:
        """What to type, each on a line of its own, whatever its length: it is to be copied."""
        found = proposals(self.audit)
        if found:
            yield ""
            yield "what to type (nothing of it was run):"
            for one in found:
                about = (
                    foreign(one.about[0], _NAME) if len(one.about) == 1 else f"all {len(one.about)} of them"
                )
                yield f"  # {about}: {one.why}"
                yield f"  {foreign(one.line, _COMMAND)}"

    def summary(self) -> str:
        """One line on all of it."""
        there = self.audit.distributions
        counts = Counter(_label(one)[0].lower() for one in there if _is_bad(one))
        parts = [counted(len(there), "distribution")]
        parts += [f"{count} {what}" for what, count in counts.items()]
        vulnerable = sum(bool(one.flaws) for one in there)
        start_up = sum(one.start_up for one in self.audit.strays)
        unvetted = sum(one.never_vetted for one in there)
        parts += [f"{vulnerable} vulnerable"] if vulnerable else []
        parts += [f"{counted(start_up, 'file')} of start-up code"] if start_up else []
        parts += [f"{unvetted} never vetted"] if unvetted else []
        if not counts and not vulnerable and not start_up and not unvetted and not self.audit.exit_code:
            parts.append("all of it as it should be")
        return f"trustguard: {', '.join(parts)}"


def _is_bad(one: Audited) -> bool:
    """Whether it gets a block of its own."""
    return one.origin == "unreadable" or one.decision in {Decision.ASK, Decision.WITHHOLD, Decision.BLOCK}


def _label(one: Audited) -> tuple[str, Tone]:
    if one.malicious:
        return "MALICIOUS", Tone.BAD
    if one.comparison.deviations:
        return "CHANGED", Tone.BAD
    if one.unchecked:
        return "NOT CHECKED", Tone.BAD
    return ("NEEDS APPROVAL", Tone.DOUBTFUL) if one.decision is Decision.ASK else ("REFUSED", Tone.BAD)


def _named(one: Audited) -> str:
    return f"{foreign(one.name, _NAME)} {foreign(one.version, _NAME)}".strip()


def _where(one: Audited) -> str:
    return f"{'editable, ' if one.editable else ''}{foreign(one.remark, 300)}"


def _id(evidence: Sequence[str]) -> str:
    """The name under which an advisory is best known."""
    return next(
        (one for one in evidence if one.startswith("CVE-")), evidence[0] if evidence else "an advisory"
    )
