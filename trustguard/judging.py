"""The decision path: evidence and a policy in, a verdict out. Checks find; the policy says what that means.

The same evidence and policy always give the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from trustguard.checks import Check, discover
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable, Unavailable, read
from trustguard.model.finding import Confidence, Finding, Severity
from trustguard.model.pin import violations
from trustguard.model.policy import (
    DENIED,
    INVALID_PROVENANCE,
    LOW_SCORE,
    NOT_LISTED,
    Action,
    Allow,
    Deny,
    Policy,
    Selector,
    matches,
)
from trustguard.model.project import Sha256
from trustguard.model.score import score
from trustguard.model.verdict import Judged, Unanswered, Verdict


def vet(evidence: Evidence, policy: Policy) -> Verdict:
    """Judge one file: :class:`Judge` for a single one."""
    return Judge(policy).vet(evidence)


class Judge:
    """The decision path: checks find, the policy says what that means.

    Args:
        policy: the rules, without expired exceptions (:meth:`Policy.on`).
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        # What does not depend on the evidence is worked out once: a project may have thousands of files.
        self._checks = [
            (check, check.settings(policy.check(check.id).settings), policy.check(check.id).exempt)
            for check in discover().values()
        ]
        self._worse_with = {
            check.id: getattr(settings, "worse_with", ()) for check, settings, _ in self._checks
        }

    def vet(self, evidence: Evidence, *, coverage: bool = False) -> Verdict:
        """Judge one file. The same evidence and policy always give the same verdict.

        Args:
            evidence: what is known of it.
            coverage: whether the verdict is to say which checks did not apply.
        """
        policy = self.policy
        evidence = _as_pinned(evidence, policy)
        allowed = [a for a in policy.allow if _covers(a, evidence)]
        findings = [_judge(f, policy, allowed) for f in _by_policy(evidence, policy)]
        unanswered: list[Unanswered] = []
        checked: list[str] = []
        idle: list[str] = []
        for check, settings, exempt in self._checks:
            if exempt and any(matches(glob, evidence.project) for glob in exempt):
                continue
            watched = Watched(evidence) if coverage else None
            found, missing = run(check, evidence, settings, watched)
            if found:
                findings += [_judge(f, policy, allowed) for f in found]
            if missing:
                unanswered += [
                    Unanswered(check.id, fact, _when_unavailable(check.id, fact, evidence, policy, allowed))
                    for fact in missing
                ]
            else:
                nothing_to_see = watched is not None and not found and watched.saw_nothing
                (idle if nothing_to_see else checked).append(check.id)
        # Once for all: a thousand bad lines must not become a million comparisons.
        weighty = dict.fromkeys(
            one.finding.check
            for one in findings
            if one.finding.severity >= Severity.MEDIUM and not one.excused
        )
        together = [_together(one, weighty, self._worse_with, policy, allowed) for one in findings]
        verdict = Verdict(tuple(together), tuple(unanswered), tuple(checked), tuple(idle))
        low = _low_score(evidence, verdict, policy)
        return verdict if low is None else verdict.with_finding(_judge(low, policy, allowed))


def _low_score(evidence: Evidence, verdict: Verdict, policy: Policy) -> Finding | None:
    """The finding that a file's score is too low; not before its bytes are known.

    Where there is no score, what it would be at most counts: an outage lets nothing by that would not get in
    without it. What else could not be checked is for ``on-unavailable`` to decide.
    """
    if not policy.min_score or not isinstance(evidence.sha256, Known):
        return None
    found = score(evidence, verdict)
    if found.most >= policy.min_score:
        return None
    worst = min(found.terms, key=lambda term: term.points, default=None)
    why = f"; most of all: {worst.reason}" if worst is not None and worst.points < 0 else ""
    release = f"{evidence.project} {evidence.version}"
    most = "" if found.value is not None else " at most"
    message = f"{release} has a trust score of {found.most:.1f}{most}, below {policy.min_score:g}{why}"
    return _of_policy(LOW_SCORE, message, "look at its derivation: trustguard explain")


def _as_pinned(evidence: Evidence, policy: Policy) -> Evidence:
    """The evidence without the publishers before that are not the pinned one: the project has moved since.

    What a pin leaves open is still compared with those that it fits. A project's own file may come from
    whoever is attacking, so a pin of its takes nothing away.
    """
    known = evidence.publishers
    if not isinstance(known, Known):
        return evidence
    groups = [group for group in policy.pins(evidence.project) if group[0].by in _TRUSTED]
    fitting = tuple(
        one
        for one in known.value.publishers
        if all(any(not pin.differences(one) for pin in group) for group in groups)
    )
    return replace(evidence, publishers=Known(replace(known.value, publishers=fitting)))


_TRUSTED = frozenset({"org", "user", "environment", "command line"})
"""The layers whose pins go before what was seen."""


def _together(
    one: Judged,
    weighty: Iterable[str],
    worse_with: Mapping[str, tuple[str, ...]],
    policy: Policy,
    allowed: Iterable[Allow],
) -> Judged:
    """A finding judged once more where others make it worse; what is excused makes nothing worse."""
    finding = one.finding
    beside = [check for check in weighty if check in worse_with.get(finding.check, ())]
    if not beside or finding.severity < Severity.MEDIUM:
        return one
    worse = replace(
        finding,
        severity=Severity(min(finding.severity + 1, Severity.CRITICAL)),
        message=f"{finding.message}; and there is {' and '.join(beside)}",
    )
    return _judge(worse, policy, allowed)


class Watched:
    """Evidence as a check sees it, which remembers what was looked at.

    Args:
        evidence: what is known.

    Attributes:
        missing: what is unavailable and was needed; it passes for not applicable from then on.
        read: what was looked at, by its name.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.missing: list[Unavailable] = []
        self.read: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the evidence has by that name
        value = self.read[name] = getattr(self._evidence, name)
        return _LOST if value in self.missing else value

    @property
    def saw_nothing(self) -> bool:
        """Whether there were facts among it, and none of them applies."""
        read = self.read.values()
        facts = [one for one in read if isinstance(one, Known | Absent | NotApplicable | Unavailable)]
        return bool(facts) and all(isinstance(one, NotApplicable) for one in facts)


def run(
    check: Check, evidence: Evidence, settings: object, watched: Watched | None = None
) -> tuple[list[Finding], list[Unavailable]]:
    """What a check finds, and the facts that it needed and nobody could give.

    What is unavailable must not hide what the other facts show, such as an archive that cannot be read that
    its digest is wrong: the check is made again without it.

    Args:
        check: the check.
        evidence: what is known.
        settings: the check's own.
        watched: the same evidence, where somebody wants to know what the check looks at.
    """
    seen: Any = watched or evidence  # a check reads attributes, and both have the same ones
    while True:
        try:
            return check.run(seen, settings), [] if watched is None else watched.missing
        except Inconclusive as inconclusive:
            fact = inconclusive.fact
        seen = watched = watched or Watched(evidence)
        if fact in watched.missing:  # it is none of the evidence's: there is no making the check without it
            return [], watched.missing
        watched.missing.append(fact)


_LOST = NotApplicable("it is unavailable, which is said already")


def _covers(allow: Allow, evidence: Evidence) -> bool:
    return _fits(allow.selector, evidence, _digest(evidence))


def _denies(deny: Deny, evidence: Evidence) -> bool:
    # An exception is for the bytes that came; a denial is also for those that were announced.
    return any(_fits(deny.selector, evidence, d) for d in {_digest(evidence), evidence.file.sha256})


def _digest(evidence: Evidence) -> Sha256 | None:
    """The digest of the bytes; before they are fetched, the announced one."""
    if isinstance(evidence.sha256, Unavailable):
        return None
    return read(evidence.sha256) or evidence.file.sha256


def _fits(selector: Selector, evidence: Evidence, digest: Sha256 | None) -> bool:
    return selector.covers(evidence.project, evidence.version, digest, evidence.index.url)


def _by_policy(evidence: Evidence, policy: Policy) -> list[Finding]:
    """What the policy says by itself: denials, in a curated installation what nothing lists, and pins."""
    findings = [
        _of_policy(DENIED, f"{evidence.project} {evidence.version} is denied: {deny.reason}", "")
        for deny in policy.deny
        if _denies(deny, evidence)
    ]
    listed = (a for a in policy.allow if a.excuses(NOT_LISTED) and not a.needs_approval)
    if policy.unknown != "allow" and not any(_covers(a, evidence) for a in listed):
        findings.append(
            _of_policy(
                NOT_LISTED,
                f"{evidence.project} {evidence.version} is not on the list of what may be installed",
                "ask for an [[allow]] entry that names it",
            )
        )
    findings += (
        Finding(
            INVALID_PROVENANCE,
            Severity.CRITICAL,
            Confidence.HIGH,
            f"{evidence.file.filename} {violation}",
            "if the project has really moved, change its pin ([[publisher]], lock file); otherwise report it",
        )
        for violation in violations(policy.pins(evidence.project), evidence.provenance)
    )
    return findings


def _of_policy(check_id: str, message: str, remedy: str) -> Finding:
    return Finding(check_id, Severity.HIGH, Confidence.HIGH, message, remedy)


def _judge(finding: Finding, policy: Policy, allowed: Iterable[Allow]) -> Judged:
    action = policy.action(finding.check, finding.severity)
    excuses = [a for a in allowed if a.excuses(finding.check)]
    if not excuses or action is Action.OFF:
        return Judged(finding, action)
    # One that holds by itself counts, wherever it stands among those that need approval.
    excuse = min(excuses, key=lambda a: a.needs_approval)
    return Judged(finding, _excused(action, excuse), excuse.reason)


def _excused(action: Action, excuse: Allow) -> Action:
    return min(action, Action.ASK) if excuse.needs_approval else Action.OFF


def _when_unavailable(
    check_id: str, fact: Unavailable, evidence: Evidence, policy: Policy, allowed: Iterable[Allow]
) -> Action:
    if policy.check(check_id).action is Action.OFF:
        return Action.OFF
    action = policy.when_unavailable(fact.source)
    if check_id == INVALID_PROVENANCE and policy.demands_provenance(evidence.project):
        action = Action.BLOCK  # whoever can keep an answer away must not get past a pin by that
    # Whoever names the check has said that its findings do not count, so neither does their absence. An
    # exception that names none was made for what had been seen, and not for what nobody could see.
    named = (a for a in allowed if a.checks is not None and a.excuses(check_id))
    return min((_excused(action, a) for a in named), default=action)
