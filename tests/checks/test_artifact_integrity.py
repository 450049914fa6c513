"""What was received is what was announced: the bytes, the project, and what is installed with it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any, get_args

import pytest
from packaging.utils import NormalizedName

from tests.model.samples import CLEAN, DIGEST, METADATA, OTHER_DIGEST, lost, named
from trustguard.checks import NoSettings
from trustguard.checks.artifact_integrity import check
from trustguard.model.contents import Contents, Fault, FaultKind, Overlap
from trustguard.model.evidence import Absent, Evidence, Inconclusive, Known, NotApplicable, Unavailable
from trustguard.model.finding import Confidence, Finding, Severity

FILE = "demo-1.0-py3-none-any.whl"


def found(evidence: Evidence) -> list[Finding]:
    """What the check finds."""
    return check(evidence, NoSettings())


def problems(evidence: Evidence) -> list[str]:
    """What the check says, without the file's name."""
    return [finding.message.removeprefix(f"{FILE}: ") for finding in found(evidence)]


def inside(**parts: Any) -> Evidence:
    """A file, served with its own metadata, in which this is otherwise than it should be."""
    metadata = Known(replace(METADATA, **parts))
    return replace(CLEAN, metadata=metadata, announced_metadata=metadata)


def announced(**parts: Any) -> Evidence:
    """A file beside which the index served this instead of what stands in it."""
    return replace(CLEAN, announced_metadata=Known(replace(METADATA, **parts)))


def test_bytes_that_are_not_the_announced_ones_are_found() -> None:
    assert found(replace(CLEAN, sha256=Known(OTHER_DIGEST))) == [
        Finding(
            "artifact-integrity",
            Severity.CRITICAL,
            Confidence.HIGH,
            f"{FILE}: the index announced sha256 {DIGEST}, and what came has {OTHER_DIGEST}",
            "try again once; if it stays, tell the index's operators",
        )
    ]


def test_an_announced_digest_may_be_in_upper_case() -> None:
    file = replace(CLEAN.file, hashes=MappingProxyType({"sha256": DIGEST.upper()}))
    assert found(replace(CLEAN, file=file)) == []


def test_where_no_digest_was_announced_or_nothing_was_fetched_there_is_nothing_to_compare() -> None:
    assert found(replace(CLEAN, file=replace(CLEAN.file, hashes={}))) == []
    assert found(replace(CLEAN, sha256=NotApplicable("not fetched"))) == []


def test_a_file_of_another_project_or_version_than_its_name_says_is_found() -> None:
    assert problems(inside(name="evil")) == ["its metadata says that it is 'evil'"]
    assert problems(inside(version="1.0.1")) == ["its metadata says that it is version '1.0.1'"]
    assert problems(inside(version="latest")) == ["its metadata says that it is version 'latest'"]
    assert len(problems(inside(name="evil", version="2"))) == 2


@pytest.mark.parametrize("parts", [{"name": "DEMO"}, {"version": "1.0.0"}, {"version": "v1"}])
def test_another_spelling_of_the_same_name_or_version_is_clean(parts: dict[str, str]) -> None:
    """PEP 503 for names, PEP 440 for versions: 1.0, 1.0.0 and v1 are equal."""
    assert problems(inside(**parts)) == []


def test_a_local_version_is_another_version() -> None:
    """PEP 440: 1.0+local.7 is not equal to 1.0."""
    assert problems(inside(version="1.0+local.7")) == ["its metadata says that it is version '1.0+local.7'"]
    assert found(named("demo-1.0+local.7-py3-none-any.whl")) == []


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        ({"name": "evil"}, "name"),
        ({"version": "1.1"}, "version"),
        ({"requires_dist": ("other>=2", "more")}, "dependencies"),
        ({"requires_dist": ()}, "dependencies"),
        ({"requires_dist": ("other>=2 ; python_version > '3'",)}, "dependencies"),
        ({"requires_python": ""}, "supported Pythons"),
        ({"provides_extra": ("fast", "slow")}, "extras"),
    ],
)
def test_metadata_that_decides_otherwise_than_the_files_own_is_found(parts: Any, label: str) -> None:
    told = f"the {label} that the index served beside it are not the file's own"
    assert problems(announced(**parts)) == [told]


@pytest.mark.parametrize(
    "parts",
    [
        {"name": "DEMO"},
        {"requires_dist": ("other >= 2",)},
        {"requires_dist": ("other>=2", "other>=2")},
        {"provides_extra": ("fast", "fast")},
    ],
)
def test_metadata_that_says_the_same_in_other_words_is_clean(parts: Any) -> None:
    assert problems(announced(**parts)) == []


def test_requirements_that_cannot_be_read_are_compared_as_they_are_written() -> None:
    odd = Known(replace(METADATA, requires_dist=("other (>=2",)))
    assert problems(replace(CLEAN, metadata=odd, announced_metadata=odd)) == []
    assert len(problems(replace(CLEAN, metadata=odd))) == 1


def test_every_disagreement_is_told() -> None:
    evidence = replace(inside(name="evil"), sha256=Known(OTHER_DIGEST), announced_metadata=Known(METADATA))
    assert len(problems(evidence)) == 3


def test_a_file_that_is_what_it_was_announced_to_be_is_clean() -> None:
    assert found(CLEAN) == []
    assert found(replace(CLEAN, announced_metadata=Absent())) == []
    assert found(replace(CLEAN, metadata=Absent())) == []


@pytest.mark.parametrize("fact", ["sha256", "metadata", "announced_metadata"])
def test_without_one_of_its_facts_the_check_is_inconclusive(fact: str) -> None:
    with pytest.raises(Inconclusive, match=f"no {fact}"):
        found(lost(CLEAN, fact))


# What is inside.


def holding(**parts: Any) -> Evidence:
    """A file with this inside."""
    return replace(CLEAN, contents=Known(Contents(**parts)))


def seen(evidence: Evidence) -> list[tuple[Severity, str]]:
    """What the check says, and how bad it is."""
    return [(one.severity, one.message.removeprefix(f"{FILE}: ")) for one in found(evidence)]


WORST: tuple[FaultKind, ...] = (
    *("unsound", "dist-info", "escape", "two-for-one", "no-command"),
    *("record-digest", "record-unlisted", "record-outside"),
)
BAD: tuple[FaultKind, ...] = (
    *("record", "record-weak", "record-missing", "wheel-file", "foreign-metadata", "data-scheme", "crowded"),
)
MINOR: tuple[FaultKind, ...] = ("tags", "entry-points", "bytecode")
HOW_BAD = {
    **dict.fromkeys(WORST, Severity.CRITICAL),
    **dict.fromkeys(BAD, Severity.HIGH),
    **dict.fromkeys(MINOR, Severity.MEDIUM),
    "record-quirk": Severity.LOW,
}


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_every_fault_is_told_as_bad_as_it_is(kind: FaultKind) -> None:
    assert seen(holding(faults=(Fault(kind, "it is odd"),))) == [(HOW_BAD[kind], "it is odd")]


def test_only_what_is_critical_may_be_a_passing_fault() -> None:
    remedies = {
        one.severity: one.remedy
        for one in found(holding(faults=(Fault("unsound", "a"), Fault("record", "b"))))
    }
    assert remedies[Severity.CRITICAL] == "try again once; if it stays, tell the index's operators"
    assert remedies[Severity.HIGH] == ""


def test_where_nobody_looked_inside_there_is_nothing_to_say_and_where_nobody_could_nothing_is_certain() -> (
    None
):
    assert found(replace(CLEAN, contents=NotApplicable("not fetched"))) == []
    with pytest.raises(Inconclusive):
        found(lost(CLEAN, "contents"))


def test_commands_that_belong_to_others_are_found() -> None:
    assert seen(holding(scripts=("demo", "keyring", "pip", "sudo"))) == [
        (Severity.HIGH, "it has a command 'keyring', which belongs to another project"),
        (Severity.CRITICAL, "it has a command 'pip', which Python's own tools have"),
        (Severity.HIGH, "it has a command 'sudo', which the system has"),
    ]


def test_files_of_what_guards_are_found() -> None:
    assert seen(holding(top_level=("demo", "httpx", "trustguard"))) == [
        (Severity.HIGH, "it has files of httpx, which is httpx's"),
        (Severity.CRITICAL, "it has files of trustguard, which is pip-trustguard's"),
    ]


@pytest.mark.parametrize(("project", "module"), [("httpx", "httpx"), ("PyJWT", "jwt"), ("jwt", "jwt")])
def test_a_project_may_have_its_own_files(project: str, module: str) -> None:
    """Two projects have a package ``jwt``; only one may be installed, and neither has taken it."""
    own = replace(named(f"{project}-1.0-py3-none-any.whl"), contents=Known(Contents(top_level=(module,))))
    assert found(own) == []


def test_what_two_projects_have_is_not_a_third_ones() -> None:
    assert seen(holding(top_level=("demo", "jwt"))) == [
        (Severity.HIGH, "it has files of jwt, which is pyjwt's")
    ]


@pytest.mark.parametrize(
    ("project", "module", "severity"),
    [
        ("demo", "ssl", Severity.HIGH),
        ("dataclasses", "dataclasses", Severity.LOW),
        ("enum34", "enum", Severity.LOW),
        ("enum34", "ssl", Severity.HIGH),
        ("futures", "concurrent", Severity.LOW),
        ("standard_imghdr", "imghdr", Severity.LOW),
        ("legacy_cgi", "cgi", Severity.LOW),
        ("graphlib_backport", "graphlib", Severity.LOW),
        ("graphlib_backport", "cgi", Severity.HIGH),
    ],
)
def test_the_standard_librarys_names_are_for_its_backports(
    project: str, module: str, severity: Severity
) -> None:
    evidence = replace(
        named(f"{project}-1.0-py3-none-any.whl"), contents=Known(Contents(standard_library=(module,)))
    )
    assert [one.severity for one in found(evidence)] == [severity]


def test_of_a_popular_project_they_are_only_told_and_of_an_unknown_one_asked_about() -> None:
    """Python looks into the standard library first: such a module is found where that has none."""
    popular = replace(holding(standard_library=("readline",)), rank=Known(900))
    assert seen(popular) == [(Severity.LOW, "it has the standard library's readline in it")]
    unknown = replace(popular, rank=Unavailable("index", "no ranking"))
    assert [severity for severity, _ in seen(unknown)] == [Severity.HIGH]


OTHER = NormalizedName("other")


@pytest.mark.parametrize(
    ("overlap", "severity", "does"),
    [
        (Overlap("other/a.py", OTHER, same=False), Severity.HIGH, "would replace"),
        (Overlap("other/a.py", OTHER, same=True), Severity.LOW, "is also"),
        (Overlap("tests/__init__.py", OTHER, same=False), Severity.LOW, "would replace"),
        (Overlap("tests.py", OTHER, same=False), Severity.HIGH, "would replace"),
        (Overlap("LICENSE", OTHER, same=False), Severity.LOW, "would replace"),
        (Overlap("README.md", OTHER, same=False), Severity.LOW, "would replace"),
        (Overlap("../CHANGELOG.rst", OTHER, same=False), Severity.LOW, "would replace"),
        (Overlap("../docs/index.html", OTHER, same=False), Severity.LOW, "would replace"),
        (Overlap("license.py", OTHER, same=False), Severity.HIGH, "would replace"),
        (Overlap("other/LICENSE", OTHER, same=False), Severity.HIGH, "would replace"),
        (Overlap("../bin/readme", OTHER, same=False), Severity.HIGH, "would replace"),
    ],
)
def test_files_of_other_installed_projects_are_found(overlap: Overlap, severity: Severity, does: str) -> None:
    told = f"its {overlap.path!r} {does} a file of other, in the same environment"
    assert seen(holding(overlaps=(overlap,))) == [(severity, told)]
