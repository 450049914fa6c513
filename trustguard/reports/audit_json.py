"""The JSON of ``trustguard audit``."""

from __future__ import annotations

from typing import Any

from trustguard.model.audit import Audit, Audited
from trustguard.model.verdict import Verdict
from trustguard.reports.audit_commands import Proposal, proposals
from trustguard.reports.json_report import SCHEMA, grounds

_LISTED = 1000
"""So many deviations of a distribution are listed; how many more there are is said."""
_NOTHING = Verdict()


def to_json(audit: Audit) -> dict[str, Any]:
    """An audit as a JSON object."""
    data = audit.advisories
    return {
        "schema": SCHEMA,
        "command": "audit",
        "verdict": audit.decision.value,
        "exit_code": audit.exit_code,
        "interpreter": audit.interpreter,
        "folders": list(audit.folders),
        "advisories": None
        if data is None
        else {"records": data.records, "fetched_at": data.fetched_at.isoformat(), "origin": data.origin},
        "distributions": [_distribution(one) for one in audit.distributions],
        "strays": [{"path": one.path, "start_up": one.start_up, "code": one.code} for one in audit.strays],
        "fix": [_proposal(one) for one in proposals(audit)],
        "rewritten": list(audit.rewritten),
        "problems": list(audit.problems),
        "message": audit.message,
    }


def _distribution(one: Audited) -> dict[str, Any]:
    comparison = one.comparison
    return {
        "project": one.name,
        "version": one.version,
        "place": one.place,
        "origin": one.origin,
        "editable": one.editable,
        "remark": one.remark,
        "verdict": one.decision.value,
        "by_evidence": one.by_evidence,
        "approved": one.approved,
        "fixed": one.fixed,
        "files": {
            "compared": comparison.files,
            "by_size": comparison.by_size,
            "with_wheel": comparison.with_wheel,
            "why_not": comparison.why_not,
            "deviations": [{"kind": d.kind, "path": d.path} for d in comparison.deviations[:_LISTED]],
            "deviations_not_listed": max(len(comparison.deviations) - _LISTED, 0),
        },
        **grounds(one.verdict or _NOTHING),
    }


def _proposal(one: Proposal) -> dict[str, Any]:
    return {"command": list(one.words), "distributions": list(one.about), "why": one.why}
