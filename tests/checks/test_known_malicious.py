"""What is listed as malicious is found; what is only flawed is not this check's business."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.samples import CLEAN, FLAW, MALICIOUS, lost
from trustguard.checks import NoSettings
from trustguard.checks.known_malicious import check
from trustguard.model.evidence import Absent, Advisory, Inconclusive, Known
from trustguard.model.finding import Confidence, Finding, Severity


def found(*advisories: Advisory) -> list[Finding]:
    """What the check finds in a release with these advisories."""
    return check(replace(CLEAN, advisories=Known(advisories)), NoSettings())


def test_a_release_that_is_listed_as_malicious_is_found_beyond_doubt() -> None:
    assert found(FLAW, MALICIOUS) == [
        Finding(
            "known-malicious",
            Severity.CRITICAL,
            Confidence.HIGH,
            "demo 1.0 is listed as malicious (MAL-2026-1)",
            "do not install it; if it is installed, treat this machine's credentials as stolen",
            ("MAL-2026-1", "GHSA-1"),
        )
    ]


def test_every_record_is_named() -> None:
    other = replace(MALICIOUS, id="MAL-2026-2", aliases=())
    assert [finding.evidence for finding in found(MALICIOUS, other)] == [
        ("MAL-2026-1", "GHSA-1"),
        ("MAL-2026-2",),
    ]


def test_a_release_with_a_mere_vulnerability_is_clean() -> None:
    assert found(FLAW) == []


def test_a_release_without_advisories_is_clean() -> None:
    assert found() == []
    assert check(replace(CLEAN, advisories=Absent()), NoSettings()) == []


def test_without_advisories_to_look_at_the_check_is_inconclusive() -> None:
    with pytest.raises(Inconclusive, match="no advisories"):
        check(lost(CLEAN, "advisories"), NoSettings())
