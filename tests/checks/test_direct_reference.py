"""How a file was asked for is told by its risk; a dependency that leaves the indexes is always found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.samples import CLEAN, METADATA, lost
from trustguard.checks import NoSettings
from trustguard.checks.direct_reference import check
from trustguard.model.evidence import Absent, DirectReference, Evidence, Inconclusive, Known
from trustguard.model.finding import Confidence, Finding, Severity


def found(evidence: Evidence) -> list[Finding]:
    """What the check finds."""
    return check(evidence, NoSettings())


def asked_for(url: str, *, pinned: bool = False) -> list[Finding]:
    """What the check finds where the file was asked for by this address."""
    return found(replace(CLEAN, direct=Known(DirectReference(url, "argument", pinned))))


def depending(*requirements: str) -> list[Finding]:
    """What the check finds in a wheel with these dependencies."""
    return found(replace(CLEAN, metadata=Known(replace(METADATA, requires_dist=requirements))))


def test_a_file_over_plain_http_is_told_with_its_remedy() -> None:
    assert asked_for("http://files.example/demo-1.0.zip") == [
        Finding(
            "direct-reference",
            Severity.HIGH,
            Confidence.HIGH,
            "asked for by its address, http://files.example/demo-1.0.zip, and not from a configured index",
            "put #sha256=… behind the address",
            ("http://files.example/demo-1.0.zip",),
        )
    ]


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        ("file:///home/user/demo-1.0.zip", Severity.LOW),
        ("https://files.example/demo-1.0.zip", Severity.MEDIUM),
        ("HTTPS://files.example/demo-1.0.zip", Severity.MEDIUM),
        ("http://files.example/demo-1.0.zip", Severity.HIGH),
        ("HTTP://files.example/demo-1.0.zip", Severity.HIGH),
        ("ftp://files.example/demo-1.0.zip", Severity.HIGH),
        ("git+ssh://files.example/demo", Severity.HIGH),
    ],
)
def test_the_easier_a_file_can_be_swapped_on_the_way_the_graver_it_is(url: str, severity: Severity) -> None:
    assert [finding.severity for finding in asked_for(url)] == [severity]


def test_beside_a_digest_no_address_is_grave() -> None:
    (finding,) = asked_for("http://files.example/demo-1.0.zip", pinned=True)
    assert (finding.severity, finding.remedy) == (Severity.LOW, "")


def test_a_dependency_on_an_address_is_found() -> None:
    text = "helper @ https://elsewhere.example/helper-1.0-py3-none-any.whl"
    assert depending("other>=2", text) == [
        Finding(
            "direct-reference",
            Severity.CRITICAL,
            Confidence.HIGH,
            f"demo-1.0-py3-none-any.whl depends on a direct reference, {text}",
            "its maintainers should depend on a name and a version",
            (text,),
        )
    ]


def test_a_build_requirement_on_an_address_is_found() -> None:
    text = "backend @ https://elsewhere.example/backend.zip"
    (finding,) = found(replace(CLEAN, build_requires=Known(("setuptools>=77", text))))
    assert finding.severity is Severity.CRITICAL
    assert finding.message == f"demo-1.0-py3-none-any.whl is built with a direct reference, {text}"


@pytest.mark.parametrize(
    "text",
    [
        "helper[fast] @ git+https://elsewhere.example/helper.git@v1 ; python_version >= '3'",
        "helper@https://elsewhere.example/helper.zip",
        "helper @ file:///tmp/helper.zip",
        "not a requirement @ https://elsewhere.example/x.zip",
        "https://elsewhere.example/x.zip",
        "a b c @ x",
    ],
)
def test_an_address_is_found_however_it_is_written(text: str) -> None:
    assert [finding.evidence for finding in depending(text)] == [(text,)]


@pytest.mark.parametrize(
    "text", ["helper", "helper[fast]>=1 ; python_version >= '3'", "no requirement at all", ""]
)
def test_a_dependency_without_an_address_is_clean(text: str) -> None:
    assert depending(text) == []


def test_a_file_from_an_index_that_depends_on_names_is_clean() -> None:
    assert found(CLEAN) == []
    assert found(replace(CLEAN, metadata=Absent(), build_requires=Absent())) == []


@pytest.mark.parametrize("fact", ["direct", "metadata", "build_requires"])
def test_without_one_of_its_facts_the_check_is_inconclusive(fact: str) -> None:
    with pytest.raises(Inconclusive, match=f"no {fact}"):
        found(lost(CLEAN, fact))


def test_of_very_many_addresses_some_are_shown_and_the_rest_is_counted() -> None:
    texts = [f"a{number} @ https://files.example/a.whl" for number in range(1021)]
    twenty = depending(*texts[:20])
    assert [finding.evidence for finding in twenty] == [(text,) for text in texts[:20]]
    many = depending(*texts)
    assert many[:-1] == twenty[:-1]
    assert many[-1].message == f"{twenty[-1].message}, and 1,001 more like it"
