"""The parts of a SARIF document: results, notifications, the document itself.

Sections are those of SARIF 2.1.0 plus Errata 01 (OASIS Standard, 28 August 2023).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from trustguard.model.finding import Severity
from trustguard.model.policy import Action
from trustguard.model.verdict import Judged
from trustguard.reports.sarif_background import ELSEWHERE, SOURCE_ROOT, Background, Part, Rule, literal

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
Level = Literal["none", "note", "warning", "error"]

SITE_PACKAGES: Final = "SITEPACKAGES"
REACHED: Final = (0, 10, 11)
"""The exit codes of a command that has vetted what there was."""
ACTION_LEVELS: Final[Mapping[Action, Level]] = {
    Action.OFF: "note",
    Action.WARN: "warning",
    Action.ASK: "warning",
    Action.WITHHOLD: "error",
    Action.BLOCK: "error",
}
"""How a check is to be taken that could not be made, by what the policy does about that."""
_BASES: Final[Mapping[str, str]] = {
    SOURCE_ROOT: "the folder in which trustguard was run",
    ELSEWHERE: "a folder that is not below the one in which trustguard was run",
    SITE_PACKAGES: "a site-packages folder of the environment that was looked at",
}
_NOTIFICATIONS: Final[Mapping[str, str]] = {
    "unavailable": "a source did not say what a check needs to know",
    "problem": "something went wrong on the way",
    "stopped": "the command ended before everything was vetted",
}
_ENDED: Final[Mapping[int, str]] = {
    0: "done",
    1: "error",
    2: "usage",
    10: "blocked",
    11: "needs approval",
    12: "could not be vetted",
}
_RELATED = 20
"""So many further places are named; that is enough to find the others."""


def result(  # noqa: PLR0913 - one for each part of it
    background: Background,
    rule: str,
    level: Level,
    text: str,
    identity: Iterable[str],
    locations: Sequence[Part],
    *,
    suppressions: Iterable[Part] = (),
    properties: Part,
) -> Part:
    """A result (section 3.27); one of level ``none`` is told, and is no problem.

    Args:
        background: what it rests on.
        rule: the check's id.
        level: how it is to be taken.
        text: what was found.
        identity: what makes it the same finding in another run.
        locations: where it was asked for; all but the first are related ones.
        suppressions: what it is excused by.
        properties: everything else.
    """
    place = background.places.get(rule)
    return {
        "ruleId": rule,
        **({} if place is None else {"ruleIndex": place}),
        "kind": "informational" if level == "none" else "fail",
        "level": level,
        "message": background.message(text),
        "locations": list(locations[:1]),
        "relatedLocations": _unique(locations[1 : _RELATED + 1]),
        "partialFingerprints": {
            "trustguardFinding/v1": _fingerprint([rule, *map(background.paths.hide, identity)])
        },
        # All of a run's results have it, or none (section 3.27.23).
        "suppressions": _unique(suppressions),
        "properties": properties,
    }


def notification(  # noqa: PLR0913 - one for each part of it
    background: Background,
    kind: str,
    level: Level,
    text: str,
    checks: Sequence[str] = (),
    properties: Part | None = None,
) -> Part:
    """A notification (section 3.58). One of level ``error`` means that the run has failed (3.20.21).

    Args:
        background: what it rests on.
        kind: the id of its description.
        level: how it is to be taken.
        text: what happened.
        checks: those that are concerned.
        properties: everything else.
    """
    return {
        "descriptor": {"id": kind, "index": list(_NOTIFICATIONS).index(kind)},
        "level": level,
        "message": background.message(text),
        **({"associatedRule": background.rule_reference(checks[0])} if len(checks) == 1 else {}),
        **({"properties": properties} if properties else {}),
    }


def document(
    background: Background, command: str, exit_code: int, results: list[Part] | None, told: list[Part]
) -> Part:
    """A whole document with one run.

    Args:
        background: what it rests on.
        command: what was run.
        exit_code: how it ended.
        results: what was found; None where nothing was looked at (section 3.14.23).
        told: the notifications.
    """
    successful = exit_code in REACHED and not any(one["level"] == "error" for one in told)
    invocation = {
        "executionSuccessful": successful,
        "exitCode": exit_code,
        "exitCodeDescription": _ENDED.get(exit_code, "the program that was run ended with it"),
        "toolExecutionNotifications": told,
        "properties": {"command": command},
    }
    run = {
        "tool": {"driver": _driver(background)},
        "invocations": [invocation],
        "originalUriBaseIds": {name: {"description": {"text": text}} for name, text in _BASES.items()},
        "columnKind": "unicodeCodePoints",
        **({} if results is None else {"results": results}),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(background: Background) -> Part:
    return {
        "name": "trustguard",
        "version": background.version,
        "shortDescription": {"text": "An install firewall for Python"},
        "rules": [_rule(rule) for rule in background.rules],
        "notifications": [
            {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
        ],
    }


def _rule(rule: Rule) -> Part:
    told = {"help": {"text": literal(rule.help)}} if rule.help else {}
    page = {"properties": {"page": rule.page}} if rule.page else {}
    return {"id": rule.id, "shortDescription": {"text": literal(rule.summary)}, **told, **page}


def _fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()


def _unique(parts: Iterable[Part]) -> list[Part]:
    return list({json.dumps(part, sort_keys=True): part for part in parts}.values())


def level_of(judged: Judged) -> Level:
    """How a finding is to be taken.

    What is refused is an error; what is asked about, a warning, and so is what is told, unless it is of low
    severity; what the policy does nothing about is no problem. What an exception has taken from the policy is
    told by its severity, because what would have been done about it is not known any more.
    """
    severity, action = judged.finding.severity, judged.action
    if judged.excused:
        return "error" if severity >= Severity.HIGH else "warning" if severity is Severity.MEDIUM else "note"
    if action >= Action.WITHHOLD:
        return "error"
    if action is Action.OFF:
        return "none"
    return "note" if action is Action.WARN and severity <= Severity.LOW else "warning"


def text_of(judged: Judged) -> str:
    """What a finding says: what was seen, and what to do."""
    finding = judged.finding
    return f"{finding.message}. What to do: {finding.remedy}" if finding.remedy else finding.message
