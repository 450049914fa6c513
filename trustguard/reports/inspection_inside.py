"""What a file says of itself, what it would do, and what is in it, for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from heapq import nlargest

from trustguard.model.contents import PLUG_INS, Contents
from trustguard.model.evidence import Evidence, Known
from trustguard.model.inspection import EntryPoint, Inspection, Item, Summary
from trustguard.model.project import FileKind
from trustguard.reports.columns import LINES, PATH, TEXT, Columns, size
from trustguard.reports.layout import Layout
from trustguard.reports.text import counted, foreign
from trustguard.reports.tree import folded

_TREE = 36
_DEEPEST = 10
"""Folders that are further in are not indented further."""
_LARGEST = 3
_RUNS = {
    "pth": "whenever Python starts",
    "path": "which adds to the import path whenever Python starts",
    "start": "whenever Python starts",
    "sitecustomize": "whenever Python starts",
    "usercustomize": "whenever Python starts",
    "config": "whenever IPython or Jupyter starts",
    "activate": "whenever a shell activates the environment",
    "build": "whenever a build tool starts",
    "pytest": "whenever pytest starts",
}
_OF_EXTRA = re.compile(r"\bextra\s*==")
_SCRIPTS = ("console_scripts", "gui_scripts")


def inside(evidence: Evidence, inspection: Inspection, columns: Columns) -> Iterator[str]:
    """The lines on what is inside a file.

    Args:
        evidence: what is known of it.
        inspection: what is in it.
        columns: makes the lines.
    """
    if inspection.summary is not None:
        yield from columns.section("what it says of itself", _says(inspection.summary, columns))
    yield from columns.section("what it would do", _does(evidence, inspection, columns))
    yield from columns.section("what is in it", _holds(inspection, columns))


def importable(contents: Contents) -> list[str]:
    """The names at the top of site-packages that can be imported."""
    return [name for name in contents.top_level if name.isidentifier()]


def _says(summary: Summary, columns: Columns) -> Iterator[str]:
    name = f"{summary.name} {summary.version}, metadata {summary.metadata_version}"
    yield from columns.row("name", foreign(name, TEXT))
    yield from columns.row("licence", foreign(summary.licence, TEXT))
    yield from columns.row("Python", foreign(summary.requires_python, TEXT))
    always = [one for one in summary.requires_dist if columns.every or not _OF_EXTRA.search(one)]
    more = len(summary.requires_dist) - len(always)
    yield from columns.rows("requires", always or ["nothing"])
    extras = columns.some(summary.provides_extra) or ("not named" if more else "")
    yield from columns.row("extras", f"{extras}, which require {more:,} more" if more else extras)
    yield from columns.rows("URLs", summary.project_urls)


def _does(evidence: Evidence, inspection: Inspection, columns: Columns) -> Iterator[str]:
    if evidence.file.name.kind is FileKind.SDIST:
        yield from _is_built(evidence, columns)
    elif isinstance(evidence.contents, Known):
        contents = evidence.contents.value
        yield from columns.row("imports", columns.some(importable(contents)) or "nothing")
        yield from columns.row("commands", columns.some(contents.scripts, 2 * LINES) or "none")
        yield from columns.rows("entry points", _groups(inspection.entry_points, columns))
        yield from _starts(contents, inspection, columns)
    yield from _compiled(inspection, columns)
    yield from _executable(inspection, columns)
    links = [f"{item.path} -> {item.target}" for item in inspection.items if item.target]
    yield from columns.rows("links", links)


def _is_built(evidence: Evidence, columns: Columns) -> Iterator[str]:
    if isinstance(evidence.build, Known):
        build = evidence.build.value
        backend = build.backend or "setuptools, which is assumed where none is named"
        own = ", a backend of its own" if build.in_tree else ""
        setup = "; it has a setup.py" if build.setup_py else ""
        yield from columns.row("built by", foreign(f"{backend}{own}{setup}", TEXT))
    if isinstance(evidence.build_requires, Known):
        yield from columns.rows("built with", evidence.build_requires.value or ["nothing else"])


def _groups(entry_points: Sequence[EntryPoint], columns: Columns) -> list[str]:
    """What is offered to others, by group; commands have a row of their own."""
    groups: dict[str, list[EntryPoint]] = {}
    for one in entry_points:
        if one.group not in _SCRIPTS:
            groups.setdefault(one.group, []).append(one)
    return [f"[{group}] {_members(members, columns)}" for group, members in groups.items()]


def _members(members: Sequence[EntryPoint], columns: Columns) -> str:
    """What each stands for, where there are few; otherwise their names."""
    few = columns.every or len(members) <= _LARGEST
    return columns.some([f"{one.name} = {one.value}" if few else one.name for one in members])


def _starts(contents: Contents, inspection: Inspection, columns: Columns) -> Iterator[str]:
    """What runs by itself, with its text where no finding has shown that."""
    if not contents.start_up:
        yield from columns.row("start-up", "nothing runs by itself")
    shown = {(one.path, one.text) for one in inspection.excerpts}
    for number, one in enumerate(contents.start_up):
        label = "" if number else "start-up"
        yield from columns.row(label, f"{foreign(one.name, PATH)}, {_RUNS[one.kind]}")
        if one.code and one.kind not in PLUG_INS and (one.name, one.code) not in shown:
            yield from columns.quoted(one.code, whole=one.whole)


def _compiled(inspection: Inspection, columns: Columns) -> Iterator[str]:
    if not inspection.compiled:
        yield from columns.row("compiled", "nothing")
        return
    kinds: dict[str, int] = {}
    for one in inspection.compiled:
        kinds[one.kind] = kinds.get(one.kind, 0) + 1
    told = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    ordered = sorted(inspection.compiled, key=lambda one: -one.size)
    total = f"{counted(len(ordered), 'file')} of {size(sum(one.size for one in ordered))}: {told}"
    names = [f"{one.path} ({one.kind}, {size(one.size)})" for one in ordered]
    yield from columns.rows("compiled", [total, *names], 1 + _LARGEST)


def _executable(inspection: Inspection, columns: Columns) -> Iterator[str]:
    compiled = {one.path for one in inspection.compiled}
    paths = [item.path for item in inspection.items if item.executable and item.kind == "file"]
    others = [path for path in paths if path not in compiled]
    if paths:
        told = f": {columns.some(others)}" if others else ", all compiled"
        yield from columns.row("executable", counted(len(paths), "file") + told)


def _holds(inspection: Inspection, columns: Columns) -> Iterator[str]:
    if columns.every:
        yield from (line for item in inspection.items for line in _entry(item, columns.layout))
        return
    for row in folded(inspection.items, _TREE):
        within = f"  ({counted(row.files, 'file')})" if row.name.endswith("/") else ""
        name = foreign(row.name, PATH) or f"and {counted(row.files, 'more file')}"
        lead = f"{size(row.size):>10}  {'  ' * min(row.depth, _DEEPEST)}"
        yield from columns.layout.hanging(lead, f"{name}{within}")
    if len(inspection.items) > _TREE:
        largest = nlargest(_LARGEST, inspection.items, key=lambda item: item.size)
        names = ", ".join(f"{foreign(one.path, PATH)} ({size(one.size)})" for one in largest)
        yield from columns.layout.paragraph(f"the largest: {names}", 4)


def _entry(item: Item, layout: Layout) -> list[str]:
    slash = "/" if item.kind == "directory" else ""
    target = f" -> {foreign(item.target, PATH)} ({item.kind})" if item.target else ""
    executable = "  executable" if item.executable and item.kind == "file" else ""
    return layout.hanging(f"{item.size:>14,}  ", f"{foreign(item.path, PATH)}{slash}{target}{executable}")
