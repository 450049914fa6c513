"""What an audit makes of what it has found: how it ends, what goes first, which version fixes all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from tests.reports.samples import judged, unanswered
from trustguard.model.audit import Audit, Audited, Comparison, Data, Deviation, Stray, fixing, worst_first
from trustguard.model.evidence import Advisory, Fact, Known, Unavailable
from trustguard.model.policy import Action
from trustguard.model.verdict import Decision, Judged, Unanswered, Verdict

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
DATA = Data(3, NOW, "https://osv.example/all.zip")
DEMO = canonicalize_name("demo")
CHANGED = Comparison((Deviation("changed", "demo.py"),))


def one(*grounds: Judged | Unanswered, **parts: Any) -> Audited:
    """A distribution on which this was found."""
    verdict = Verdict(
        tuple(g for g in grounds if isinstance(g, Judged)),
        tuple(g for g in grounds if isinstance(g, Unanswered)),
    )
    parts = {"name": "demo", "version": "1.0", "place": "demo", "origin": "vetted", **parts}
    return Audited(**{"verdict": verdict, **parts})


def ended(*distributions: Audited, **parts: Any) -> int:
    """The exit code of an audit that has found these."""
    audit = Audit("python", ("site",), NOW, distributions, **{"advisories": DATA, **parts})
    return audit.exit_code


WARNED = one(judged("vulnerability", Action.WARN))
ASKED = one(judged("startup-code", Action.ASK))
REFUSED = one(judged("known-malicious", Action.WITHHOLD))
OUTAGE = one(unanswered("provenance", "provenance", Action.BLOCK))
UNREADABLE = one(origin="unreadable", verdict=None)


@pytest.mark.parametrize(
    ("distributions", "code"),
    [
        ((), 0),
        ((WARNED,), 0),
        ((one(origin="own", verdict=None),), 0),
        ((one(origin="unvetted"),), 0),
        ((ASKED, WARNED), 11),
        ((replace(ASKED, approved=True),), 0),
        ((OUTAGE, ASKED), 12),
        ((UNREADABLE, ASKED), 12),
        ((REFUSED, OUTAGE, ASKED), 10),
        ((replace(WARNED, comparison=CHANGED),), 10),
        ((replace(UNREADABLE, comparison=CHANGED),), 10),
        ((replace(OUTAGE, comparison=CHANGED),), 10),
    ],
)
def test_of_several_reasons_the_first_counts_as_in_an_installation(
    distributions: tuple[Audited, ...], code: int
) -> None:
    assert ended(*distributions) == code


def test_what_could_not_be_looked_at_is_not_clean() -> None:
    assert ended(advisories=None) == 12
    assert ended(ASKED, incomplete=True) == 12
    assert ended(REFUSED, advisories=None, incomplete=True) == 10


def test_start_up_code_of_nobody_is_asked_about_and_a_module_of_nobody_only_where_it_must_be_vetted() -> None:
    assert ended(strays=(Stray("x.pth", start_up=True),)) == 11
    assert ended(strays=(Stray("x.py"),)) == 0
    assert ended(strays=(Stray("x.py"),), require_vetted=True) == 11
    for origin in ("unvetted", "replaced"):
        assert ended(one(origin=origin), require_vetted=True) == 11
    assert ended(one(), one(origin="own", verdict=None), require_vetted=True) == 0


def test_what_was_tampered_with_is_let_in_by_no_verdict() -> None:
    assert one(comparison=CHANGED).decision is Decision.BLOCK
    assert one(origin="own", verdict=None).decision is Decision.ALLOW
    assert replace(ASKED, approved=True).decision is Decision.WARN
    assert replace(REFUSED, approved=True).decision is Decision.WITHHOLD


def test_the_malicious_goes_first_then_the_changed_then_by_verdict_and_name() -> None:
    rows = {
        "a": WARNED,
        "b": one(),
        "c": ASKED,
        "d": UNREADABLE,
        "e": one(judged("denied", Action.BLOCK)),
        "f": replace(one(), comparison=CHANGED),
        "g": REFUSED,
        "h": one(),
    }
    named = [replace(row, name=name) for name, row in rows.items()]
    assert [row.name for row in worst_first(named)] == ["g", "f", "e", "c", "a", "d", "b", "h"]


def flaws(found: Mapping[str, tuple[tuple[str, ...], ...]], malicious: str = "") -> Any:
    """Advisories by version, each as the versions in which it is fixed."""

    def applying(project: NormalizedName, version: Version) -> Fact[tuple[Advisory, ...]]:
        assert project == DEMO
        fixes = found.get(str(version), ())
        advisories = tuple(Advisory(f"X-{n}", "", fixed=fixed) for n, fixed in enumerate(fixes))
        bad = (Advisory("MAL-1", "", malicious=True),) if str(version) == malicious else ()
        return Known(advisories + bad)

    return applying


@pytest.mark.parametrize(
    ("found", "fixed"),
    [
        ({}, ""),
        ({"1.0": ((),)}, ""),
        ({"1.0": (("1.5",),)}, "1.5"),
        ({"1.0": (("0.9.1", "1.5", "2.1"),)}, "1.5"),
        ({"1.0": (("1.10",), ("1.9",))}, "1.10"),
        ({"1.0": (("1.5",), ())}, "1.5"),
        ({"1.0": (("1.5",),), "1.5": (("1.6",),)}, "1.6"),
        ({"1.0": (("1.5",),), "1.5": ((),)}, "1.5"),
        ({"1.0": (("no version",),)}, ""),
        ({f"{n}": ((f"{n + 1}",),) for n in range(100)} | {"1.0": (("2",),)}, ""),
    ],
)
def test_the_fix_is_the_lowest_version_in_which_all_is_fixed_that_can_be(
    found: dict[str, tuple[tuple[str, ...], ...]], fixed: str
) -> None:
    assert fixing(DEMO, Version("1.0"), flaws(found)) == fixed


def test_no_fix_is_offered_that_is_malicious_or_of_which_nobody_knows() -> None:
    assert fixing(DEMO, Version("1.0"), flaws({"1.0": (("1.5",),)}, malicious="1.5")) == ""
    assert fixing(DEMO, Version("1.0"), lambda _, __: Unavailable("advisories", "none")) == ""


def test_the_worst_of_all_distributions_is_the_decision_of_an_audit() -> None:
    assert Audit("python", ("site",), NOW, (WARNED, REFUSED, ASKED)).decision is Decision.WITHHOLD
    assert Audit("python", ("site",), NOW, ()).decision is Decision.ALLOW


def test_checks_that_could_not_be_made_are_told_as_far_as_the_policy_minds() -> None:
    minded = unanswered("provenance", "provenance", Action.WARN)
    ignored = unanswered("clone", "forge", Action.OFF)
    assert one(minded, ignored).unanswered == (minded,)
    assert UNREADABLE.unanswered == ()
