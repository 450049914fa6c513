"""The bytes are not what was announced, or would do more than a distribution file should.

The digest of what was received must be the announced one; the project and version inside the file (a wheel,
or an sdist with metadata 2.2 or later, PEP 643) must be those of its name; and the metadata that the index
served beside a wheel (PEP 658), which decides what else is installed, must say the same as the wheel's own.
Every file is opened, and every byte of a wheel is held against its RECORD; installers do that in part or not
at all.

- **critical**: what is installed would be something else than what is stated or shown. The digest, project,
  version or announced metadata differ; the archive could be read in more than one way, or is damaged
  (docs/archives.md says what counts), or its `.data` folder has parts that no installer knows; there is not
  exactly one `.dist-info` folder, of this project and of nobody else's for pip; a file is not listed in
  RECORD, or has another digest there; RECORD has lines that lead out of site-packages, or lists folders in
  which nothing of the wheel is, or is read in two ways, so that an uninstallation would remove what is
  others'; two files end up in one place; a file would be a part of Python itself (the standard library, the
  zip file that it searches before that, its shared library), of trustguard's own ledger or import-time guard,
  or one from which Python or pip learns where to look (`pyvenv.cfg`, `pip.conf`); a command has a path for a
  name, or is for no function, where pip stops halfway; or it would take the name of Python, pip, trustguard
  or a virtual environment's `activate`.
- **high**: RECORD is missing or malformed, lacks a digest, has one of a weak kind, or lists files that are
  not there, which an uninstallation could remove from another project; WHEEL is missing or malformed; there
  is metadata of another project or version, also where a `.pth` leads, or a `direct_url.json`; the `.data`
  folder is another project's;
  a command would take the name of a system's or a well-known tool's that is not this project's; a file,
  module or command would replace one of another project that is installed in the target, or that the same
  installation brings, or a package that trustguard imports; a module has the name of one of the standard
  library's, and the project is neither known as its backport nor among the most downloaded; or there are
  more than a thousand commands or top-level names.
- **medium**: the tags in WHEEL are not those of the file's name, which may be more exact on the platform; an
  entry point is malformed; or there is bytecode that Python runs without comparing it with the source beside
  it.
- **low**: what honest tools have done: a line of RECORD twice, one for a folder or for the bytecode of a
  module that is there, one without a file in the folder that is called as the project is, backslashes in it,
  a wrong size beside a right digest; the same file in two projects, an `__init__.py` of both that only makes
  a namespace package, in both a folder such as `tests` and `docs`, or a text such as `LICENSE` and
  `README.md` at the top; a backport with the standard library's name, which Python looks for in the standard
  library first.

**What to do:** try again once, in case a transfer was cut short. If it stays, tell the index's operators and
the project: somebody changes files, or the project's build is broken. For a project that you know,
`[[allow]]` the version with `checks = ["artifact-integrity"]` and its `sha256`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from trustguard.checks import NoSettings
from trustguard.model.commands import IMPORTED_HERE, Reach, taken
from trustguard.model.contents import Contents, FaultKind, Overlap
from trustguard.model.evidence import CoreMetadata, Evidence, Known, read
from trustguard.model.finding import Confidence, Finding, Severity


def check(evidence: Evidence, settings: NoSettings) -> list[Finding]:  # noqa: ARG001 - the form of every check
    """A finding for each disagreement between what was announced, what is stated, and what is there."""
    problems = [(Severity.CRITICAL, problem) for problem in _digest(evidence)]
    contents = read(evidence.contents)
    if contents is not None:
        problems += _inside(evidence, contents)
    inside = read(evidence.metadata)
    if inside is not None:
        problems += [(Severity.CRITICAL, problem) for problem in _identity(evidence, inside)]
        announced = read(evidence.announced_metadata)
        if announced is not None:
            problems += [(Severity.CRITICAL, problem) for problem in _dependencies(announced, inside)]
    return [
        Finding(
            check="artifact-integrity",
            severity=severity,
            confidence=Confidence.HIGH,
            message=f"{evidence.file.filename}: {problem}",
            remedy="try again once; if it stays, tell the index's operators"
            if severity is Severity.CRITICAL
            else "",
        )
        for severity, problem in problems
    ]


Seen = tuple[Severity, str]

_FAULTS: dict[FaultKind, Severity] = {
    **dict.fromkeys(("unsound", "dist-info", "escape", "two-for-one", "no-command"), Severity.CRITICAL),
    **dict.fromkeys(("record-digest", "record-unlisted", "record-outside"), Severity.CRITICAL),
    **dict.fromkeys(("record", "record-weak", "record-missing", "wheel-file"), Severity.HIGH),
    **dict.fromkeys(("foreign-metadata", "data-scheme", "crowded"), Severity.HIGH),
    **dict.fromkeys(("tags", "entry-points", "bytecode"), Severity.MEDIUM),
    "record-quirk": Severity.LOW,
}
_REACHES: dict[Reach, Seen] = {
    "python": (Severity.CRITICAL, "which Python's own tools have"),
    "system": (Severity.HIGH, "which the system has"),
    "tool": (Severity.HIGH, "which belongs to another project"),
}
_BACKPORTS = {
    "concurrent": "futures",
    "enum": "enum34",
    "unittest": "unittest2",
    "distutils": "setuptools",
}
_SHARED = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "samples", "benchmarks", "scripts"}
)
_DOCUMENT = re.compile(
    r"(?:licen[cs]es?|copying|notice|readme|changelog|changes|history|authors|contributing|todo)"
    r"(?:\.(?:md|rst|txt))?",
    re.IGNORECASE,
)
"""What nobody runs, and many builds lay beside the modules by mistake."""


def _inside(evidence: Evidence, contents: Contents) -> Iterator[Seen]:
    for fault in contents.faults:
        yield _FAULTS[fault.kind], fault.detail
    for script in contents.scripts:
        reach = taken(script, evidence.project)
        if reach is not None:
            severity, whose = _REACHES[reach]
            yield severity, f"it has a command {script[:80]!a}, {whose}"
    for name in contents.top_level:
        owners = IMPORTED_HERE.get(name, ())
        if owners and evidence.project not in owners:
            worst = name in {"trustguard", "pip"}
            yield (
                (Severity.CRITICAL if worst else Severity.HIGH),
                f"it has files of {name}, which is {owners[0]}'s",
            )
    for name in contents.standard_library:
        known = canonicalize_name(name) == evidence.project or _is_backport(name, evidence.project)
        # Not read(): whoever cannot tell how popular it is tells nothing in its favour.
        known = known or isinstance(evidence.rank, Known)
        yield (Severity.LOW if known else Severity.HIGH), f"it has the standard library's {name} in it"
    yield from map(_overlap, contents.overlaps)


def _is_backport(name: str, project: str) -> bool:
    name = name.strip("_").replace("_", "-")
    forms = ("standard-{}", "backports-{}", "backport-{}", "{}-backport", "legacy-{}")
    return project in {_BACKPORTS.get(name), *(form.format(name) for form in forms)}


def _overlap(one: Overlap) -> Seen:
    does = "is also" if one.same else "would replace"
    top, _, below = one.path.removeprefix("../").partition("/")
    harmless = one.same or top in _SHARED or (not below and _DOCUMENT.fullmatch(top))
    return (
        Severity.LOW if harmless else Severity.HIGH,
        f"its {one.path[:80]!a} {does} a file of {one.project}, in the same environment",
    )


def _digest(evidence: Evidence) -> list[str]:
    announced, received = evidence.file.sha256, read(evidence.sha256)
    if received is None or announced is None or received == announced:
        return []
    return [f"the index announced sha256 {announced}, and what came has {received}"]


def _identity(evidence: Evidence, inside: CoreMetadata) -> list[str]:
    problems = []
    if canonicalize_name(inside.name) != evidence.project:
        problems.append(f"its metadata says that it is {inside.name!r}")
    if not _same_version(inside.version, evidence.version):
        problems.append(f"its metadata says that it is version {inside.version!r}")
    return problems


def _same_version(text: str, version: Version) -> bool:
    try:
        return Version(text) == version
    except InvalidVersion:
        return False


def _dependencies(announced: CoreMetadata, inside: CoreMetadata) -> list[str]:
    differing = [
        label
        for label, one, other in (
            ("name", canonicalize_name(announced.name), canonicalize_name(inside.name)),
            ("version", announced.version, inside.version),
            ("dependencies", _requirements(announced), _requirements(inside)),
            ("supported Pythons", announced.requires_python, inside.requires_python),
            ("extras", frozenset(announced.provides_extra), frozenset(inside.provides_extra)),
        )
        if one != other
    ]
    return [f"the {label} that the index served beside it are not the file's own" for label in differing]


def _requirements(metadata: CoreMetadata) -> frozenset[str]:
    return frozenset(_requirement(text) for text in metadata.requires_dist)


def _requirement(text: str) -> str:
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        return text
