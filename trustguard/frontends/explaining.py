"""Takes a verdict apart: by the one decision path, with a watch on what each check reads."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from trustguard.checks import Check, discover
from trustguard.config.origins import Origins
from trustguard.judging import Judge, Watched, run
from trustguard.model.evidence import Evidence, Known
from trustguard.model.explanation import (
    ExceptionLine,
    Explained,
    Looked,
    Outcome,
    Ruled,
    RuledUnanswered,
    facts,
)
from trustguard.model.policy import INVALID_PROVENANCE, Action, Allow, Policy, matches
from trustguard.model.record import record
from trustguard.model.report import LedgerEntry, Package
from trustguard.model.verdict import Judged, Unanswered, Verdict

_FACTS = frozenset(part.name for part in fields(Evidence)) - {"file", "index", "at"}


@record
class Explaining:
    """Explains verdicts by one policy.

    Args:
        policy: the rules, all layers joined.
        origins: who has said what.
        today: the day on which exceptions hold or not.
    """

    policy: Policy
    origins: Origins
    today: date

    def explain(self, evidence: Evidence, ledger: LedgerEntry | None = None) -> Explained:
        """Judge a file, and tell how the verdict comes about.

        The same evidence and policy always give the same explanation.

        Args:
            evidence: what is known of it.
            ledger: the ledger's line, where it is installed.
        """
        policy = self.policy.on(self.today)
        verdict = Judge(policy).vet(evidence, coverage=True)
        ids = discover().keys()
        exceptions = [allow for allow in policy.allow if _covers(allow, evidence)]
        return Explained(
            package=Package(evidence, verdict, verdict.decision),
            profile=policy.profile,
            policy=policy.digest,
            facts=tuple(facts(evidence)),
            checks=tuple(self._looked(check, evidence, verdict) for check in discover().values()),
            by_policy=tuple(self._ruled(j) for j in verdict.findings if j.finding.check not in ids),
            exceptions=tuple(self._exception(allow, verdict) for allow in exceptions),
            ledger=ledger,
        )

    def _looked(self, check: Check, evidence: Evidence, verdict: Verdict) -> Looked:
        unanswered = [one for one in verdict.unanswered if one.check == check.id]
        return Looked(
            check=check.id,
            summary=check.summary,
            outcome=self._outcome(check.id, evidence, verdict),
            facts=tuple(self._read(check, evidence)),
            findings=tuple(self._ruled(one) for one in verdict.findings if one.finding.check == check.id),
            unanswered=tuple(self._ruled_unanswered(one, evidence) for one in unanswered),
        )

    def _is_exempt(self, check: str, evidence: Evidence) -> bool:
        return any(matches(glob, evidence.project) for glob in self.policy.check(check).exempt)

    def _outcome(self, check: str, evidence: Evidence, verdict: Verdict) -> Outcome:
        if any(one.finding.check == check for one in verdict.findings):
            return "found"
        if self._is_exempt(check, evidence):
            return "exempt"
        if check in verdict.not_applicable:
            return "not-applicable"
        return "clean" if check in verdict.checked else "unanswered"

    def _read(self, check: Check, evidence: Evidence) -> list[str]:
        """The facts that a check reads; what is unavailable does not keep it from reading on."""
        if self._is_exempt(check.id, evidence):
            return []
        settings = check.settings(self.policy.check(check.id).settings)
        watched = Watched(evidence)
        run(check, evidence, settings, watched)
        return [name.replace("_", "-") for name in watched.read if name in _FACTS]

    def _ruled(self, judged: Judged) -> Ruled:
        finding = judged.finding
        return Ruled(judged, self.origins.action(finding.check, finding.severity))

    def _ruled_unanswered(self, one: Unanswered, evidence: Evidence) -> RuledUnanswered:
        if self.policy.check(one.check).action is Action.OFF:
            return RuledUnanswered(one, self.origins.setting(("checks", one.check, "action")))
        if one.check == INVALID_PROVENANCE and self.policy.demands_provenance(evidence.project):
            return RuledUnanswered(one, "a publisher is pinned, or provenance is required")
        return RuledUnanswered(one, self.origins.setting(("on-unavailable", one.fact.source)))

    def _exception(self, allow: Allow, verdict: Verdict) -> ExceptionLine:
        excused = [one for one in verdict.findings if one.excused and allow.excuses(one.finding.check)]
        return ExceptionLine(
            project=allow.selector.project,
            version="" if allow.selector.version is None else str(allow.selector.version),
            checks=allow.checks,
            reason=allow.reason,
            by=", ".join(part for part in (allow.by, self.origins.exception(allow)) if part),
            expires="" if allow.expires is None else allow.expires.isoformat(),
            needs_approval=allow.needs_approval,
            used=any(one.excused == allow.reason for one in excused),
        )


def _covers(allow: Allow, evidence: Evidence) -> bool:
    digest = evidence.sha256.value if isinstance(evidence.sha256, Known) else evidence.file.sha256
    return allow.selector.covers(evidence.project, evidence.version, digest, evidence.index.url)
