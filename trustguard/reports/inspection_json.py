"""The JSON of ``trustguard inspect``: that of a report, with what is inside the files that were wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trustguard.model.contents import Contents
from trustguard.model.evidence import Evidence, Known
from trustguard.model.inspection import Inspection, Summary
from trustguard.model.report import Report
from trustguard.reports.inspection_inside import importable
from trustguard.reports.inspection_report import Inspected
from trustguard.reports.json_report import to_json as report_to_json

_LISTED = 10_000
"""So many entries and compiled parts are listed; how many more there are is said."""
_NOTHING = Contents()


def to_json(files: Sequence[Inspected], report: Report) -> dict[str, Any]:
    """As a JSON object.

    Args:
        files: what was wanted.
        report: all that was judged.
    """
    return {**report_to_json(report), "files": [_file(one) for one in files]}


def _file(one: Inspected) -> dict[str, Any]:
    evidence = one.package.evidence
    return {
        "file": evidence.file.filename,
        "unread": one.unread,
        "inside": None if one.inspection is None else _inside(evidence, one.inspection),
    }


def _inside(evidence: Evidence, inspection: Inspection) -> dict[str, Any]:
    contents = evidence.contents.value if isinstance(evidence.contents, Known) else _NOTHING
    return {
        "packed": inspection.packed,
        "size": inspection.size,
        "files": inspection.files,
        "metadata": None if inspection.summary is None else _metadata(inspection.summary),
        "build": _build(evidence),
        "imports": importable(contents),
        "commands": list(contents.scripts),
        "entry_points": [
            {"group": one.group, "name": one.name, "value": one.value} for one in inspection.entry_points
        ],
        "start_up": [
            {"kind": one.kind, "name": one.name, "code": one.code, "whole": one.whole}
            for one in contents.start_up
        ],
        "compiled": [
            {"path": one.path, "size": one.size, "kind": one.kind} for one in inspection.compiled[:_LISTED]
        ],
        "compiled_not_listed": max(len(inspection.compiled) - _LISTED, 0),
        "excerpts": [
            {"about": one.about, "path": one.path, "line": one.line, "text": one.text, "whole": one.whole}
            for one in inspection.excerpts
        ],
        "entries": [
            {
                "path": one.path,
                "kind": one.kind,
                "size": one.size,
                "executable": one.executable,
                "target": one.target,
            }
            for one in inspection.items[:_LISTED]
        ],
        "entries_not_listed": max(len(inspection.items) - _LISTED, 0),
    }


def _metadata(summary: Summary) -> dict[str, Any]:
    return {
        "metadata_version": summary.metadata_version,
        "name": summary.name,
        "version": summary.version,
        "summary": summary.summary,
        "licence": summary.licence,
        "requires_python": summary.requires_python,
        "requires_dist": list(summary.requires_dist),
        "provides_extra": list(summary.provides_extra),
        "project_urls": list(summary.project_urls),
    }


def _build(evidence: Evidence) -> dict[str, Any] | None:
    """How an sdist is built; null for a wheel."""
    if not isinstance(evidence.build, Known):
        return None
    build, requires = evidence.build.value, evidence.build_requires
    return {
        "backend": build.backend,
        "in_tree": build.in_tree,
        "setup_py": build.setup_py,
        "requires": list(requires.value) if isinstance(requires, Known) else None,
    }
