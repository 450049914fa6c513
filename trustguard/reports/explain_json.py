"""The JSON of ``trustguard explain``, as ``docs/schema/trustguard-1.json`` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from trustguard.model.alternatives import Beside
from trustguard.model.check_page import CheckPage
from trustguard.model.explanation import Explained, Looked, Ruled, RuledUnanswered
from trustguard.model.report import LedgerEntry
from trustguard.reports.alternatives import to_json as alternatives_to_json
from trustguard.reports.check_page import to_json as page_to_json
from trustguard.reports.json_report import SCHEMA, finding_to_json, package_to_json, unanswered_to_json


def of_files(
    explained: Sequence[Explained], beside: Beside, exit_code: int, problems: Sequence[str]
) -> dict[str, Any]:
    """The derivation of each file."""
    return {
        "schema": SCHEMA,
        "command": "explain",
        "exit_code": exit_code,
        "explained": [of_file(one, beside) for one in explained],
        "alternatives": alternatives_to_json(beside.alternatives),
        "problems": list(problems),
    }


def of_check(page: CheckPage) -> dict[str, Any]:
    """What there is to say of a check."""
    return {"schema": SCHEMA, "command": "explain", "exit_code": 0, "check": page_to_json(page)}


def of_file(explained: Explained, beside: Beside) -> dict[str, Any]:
    """One file: the keys of a package, and all that its verdict rests on."""
    return {
        **package_to_json(replace(explained.package, verdict=explained.verdict), beside),
        "at": explained.package.evidence.at.isoformat(),
        "profile": explained.profile,
        "policy": explained.policy,
        "facts": [
            {"fact": one.name, "state": one.state, "value": one.value, "source": one.source, "why": one.why}
            for one in explained.facts
        ],
        "checks": [_looked(one) for one in explained.checks],
        "by_policy": [_ruled(one) for one in explained.by_policy],
        "exceptions": [
            {
                "project": one.project,
                "version": one.version,
                "checks": None if one.checks is None else list(one.checks),
                "reason": one.reason,
                "by": one.by,
                "expires": one.expires,
                "needs_approval": one.needs_approval,
                "used": one.used,
            }
            for one in explained.exceptions
        ],
        "ledger": None if explained.ledger is None else _ledger(explained.ledger),
    }


def _looked(looked: Looked) -> dict[str, Any]:
    return {
        "check": looked.check,
        "summary": looked.summary,
        "outcome": looked.outcome,
        "facts": list(looked.facts),
        "findings": [_ruled(one) for one in looked.findings],
        "unavailable": [_unanswered(one) for one in looked.unanswered],
    }


def _ruled(ruled: Ruled) -> dict[str, Any]:
    return {**finding_to_json(ruled.judged), "by": ruled.by}


def _unanswered(ruled: RuledUnanswered) -> dict[str, Any]:
    return {**unanswered_to_json(ruled.unanswered), "by": ruled.by}


def _ledger(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "verdict": entry.decision.value,
        "score": entry.score,
        "time": entry.time.isoformat(),
        "policy": entry.policy,
        "evidence": entry.evidence,
    }
